"""What access a change of a role's policies gives and takes.

Access is what identity policies allow and do not deny, as far as the boundary allows it too. A
change of only a Deny, a boundary or a condition shows as well, and what is written in another way
but means the same does not.
Sources: IAM user guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .access_actions import Actions, ActionSpace, classes
from .access_cells import Finding, Question, grants
from .access_classes import compare
from .access_effect import Works
from .access_statements import Body, Rule, Selector, rules
from .atoms import entry
from .document import Document
from .evaluator import NamedPolicy
from .shape import Effect


@dataclass(frozen=True, slots=True)
class Permissions:
    """The policies of a role that grant and limit; without a boundary there is no such limit."""

    identity: tuple[NamedPolicy, ...]
    boundary: Document | None = None


@dataclass(frozen=True, slots=True)
class AccessItem:
    """Actions on resources under conditions, which must all hold.

    `actions`: the names of the catalogue, those it does not know as they are written, and
    `SERVICE:<future>` for what the service does not have yet; sorted. `resource`: a pattern, also
    `p except q, r`. `conditions`: objects with `operator`, `key`, `values` and, where AWS has no
    operator for it, `negated`; ready for JSON. `exact`: that there is such access is certain, not
    just possible. `by`: the names of the policies whose statements give or took it, `boundary` for
    the boundary. `witness`: a resource of these. `effective`: False where the actions work on no
    such resource, so that AWS grants nothing.
    """

    actions: tuple[str, ...]
    resource: str
    conditions: tuple[Mapping[str, Any], ...]
    exact: bool
    by: tuple[str, ...]
    witness: str
    effective: bool = True


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """All that is gained and all that is lost; `exact` if every item is."""

    gained: tuple[AccessItem, ...] = ()
    lost: tuple[AccessItem, ...] = ()

    @property
    def exact(self) -> bool:
        return all(item.exact for item in (*self.gained, *self.lost))

    @property
    def changed(self) -> tuple[tuple[AccessItem, AccessItem], ...]:
        """What stands on both sides under other conditions: what is lost, with what is gained."""
        return tuple(
            (lost, gained)
            for lost in self.lost
            for gained in self.gained
            if (lost.actions, lost.resource) == (gained.actions, gained.resource)
        )

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


def access_difference(
    before: Permissions, after: Permissions, catalogue: Actions
) -> AccessDifference:
    """What `after` allows and `before` does not, and the other way round. Raises nothing."""
    if _documents(before) == _documents(after):
        return AccessDifference()
    limited = before.boundary is not None or after.boundary is not None
    old, new = (rules(side.identity, side.boundary, limited=limited) for side in (before, after))
    if {(rule.body, rule.selector) for rule in old} == {(rule.body, rule.selector) for rule in new}:
        return AccessDifference()
    return _Comparison(old, new, catalogue, layers=2 if limited else 1).difference()


def _documents(side: Permissions) -> tuple[frozenset[Document], Document | None]:
    return frozenset(policy.document for policy in side.identity), side.boundary


class _Side:
    """The rules of one side, by their bodies."""

    def __init__(self, found: Sequence[Rule], space: ActionSpace) -> None:
        self.bits: dict[Body, int] = {}
        self._sources: dict[Body, list[tuple[int, str]]] = {}
        for rule in found:
            bits = space.bits(rule.selector)
            self.bits[rule.body] = self.bits.get(rule.body, 0) | bits
            self._sources.setdefault(rule.body, []).append((bits, rule.source))

    def allowed(self) -> int:
        """The actions that an identity policy allows somewhere."""
        found = 0
        for body, bits in self.bits.items():
            if grants(body):
                found |= bits
        return found

    def about(self, actions: int) -> frozenset[Body]:
        return frozenset(body for body, bits in self.bits.items() if bits & actions)

    def sources(self, body: Body, actions: int) -> set[str]:
        return {name for bits, name in self._sources.get(body, ()) if bits & actions}


class _Comparison:
    def __init__(
        self, old: Sequence[Rule], new: Sequence[Rule], catalogue: Actions, *, layers: int
    ) -> None:
        found = (*old, *new)
        self._catalogue, self._layers = catalogue, layers
        self._space = ActionSpace(
            catalogue,
            _selectors(rule for rule in found if grants(rule.body)),
            _selectors(rule for rule in found if not grants(rule.body)),
            (text for rule in found for text in rule.written),
        )
        self._old, self._new = _Side(old, self._space), _Side(new, self._space)

    def difference(self) -> AccessDifference:
        gained, lost = _Items(self._space), _Items(self._space)
        for actions in self._classes():
            old, new = self._old.about(actions), self._new.about(actions)
            for items, one, other in ((gained, self._new, self._old), (lost, self._old, self._new)):
                after, before = (new, old) if items is gained else (old, new)
                for finding in compare(Question(after, before, self._layers)):
                    items.add(finding, actions, _names(finding, one, other, actions))
        return AccessDifference(gained.items(self._catalogue), lost.items(self._catalogue))

    def _classes(self) -> list[int]:
        """The actions about which the two sides differ, split by the statements about them."""
        old, new = self._old.bits, self._new.bits
        wanted = 0
        for body in {**old, **new}:
            wanted |= old.get(body, 0) ^ new.get(body, 0)
        wanted &= self._old.allowed() | self._new.allowed()
        return classes(wanted, dict.fromkeys((*old.values(), *new.values())))


def _selectors(found: Iterable[Rule]) -> tuple[Selector, ...]:
    return tuple(dict.fromkeys(rule.selector for rule in found))


def _names(finding: Finding, one: _Side, other: _Side, actions: int) -> set[str]:
    """The policies by which a finding comes about: Allows of the one side, Denies of the other."""
    found: set[str] = set()
    for body in finding.bodies:
        side = one if body.effect is Effect.ALLOW else other
        found |= side.sources(body, actions)
    return found


class _Items:
    """The findings of one direction, joined where only their actions differ."""

    def __init__(self, space: ActionSpace) -> None:
        self._space = space
        self._found: dict[str, tuple[Finding, list[dict[str, Any]]]] = {}
        self._actions: dict[str, int] = {}
        self._names: dict[str, set[str]] = {}

    def add(self, finding: Finding, actions: int, names: set[str]) -> None:
        conditions = sorted((entry(literal) for literal in finding.conditions), key=_text)
        key = _text([finding.resource, conditions, finding.exact, finding.without_resource])
        self._found.setdefault(key, (finding, conditions))
        self._actions[key] = self._actions.get(key, 0) | actions
        self._names.setdefault(key, set()).update(names)

    def items(self, catalogue: Actions) -> tuple[AccessItem, ...]:
        found: list[AccessItem] = []
        for key, (finding, conditions) in self._found.items():
            works = Works(finding, catalogue)
            names: dict[bool, list[str]] = {}
            for name in self._space.members(self._actions[key]):
                names.setdefault(works(name), []).append(name)
            found += (
                AccessItem(
                    actions=tuple(actions),
                    resource=finding.resource,
                    conditions=tuple(conditions),
                    exact=finding.exact,
                    by=tuple(sorted(self._names[key])),
                    witness=works.witness(actions),
                    effective=effective,
                )
                for effective, actions in names.items()
            )
        return tuple(sorted(found, key=_order))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _order(item: AccessItem) -> tuple[bool, str, str, tuple[str, ...]]:
    return not item.effective, item.resource, _text(item.conditions), item.actions
