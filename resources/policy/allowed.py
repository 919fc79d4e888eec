"""What policies allow of single actions: on which resources, under which conditions.

Asks about a few actions without a look at all others, so that it is fast for policies of any size.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property

from .access import AccessItem, Permissions
from .access_actions import Actions
from .access_cells import Finding, Question
from .access_classes import compare
from .access_effect import Works
from .access_statements import EVERYTHING, Body, Rule, rules
from .atoms import entry
from .catalogue_index import FUTURE, OTHER_SERVICES
from .condition_text import conditions_text
from .matching import Actions as ActionMatcher
from .shape import Effect

EVERY_ACTION = f"{OTHER_SERVICES}:{FUTURE}"
"""An action that nobody knows yet: only what allows everything allows it."""


class Allowed:
    """What the policies of a role allow, action by action. Denies and the boundary are honoured."""

    def __init__(self, permissions: Permissions, catalogue: Actions) -> None:
        limited = permissions.boundary is not None
        self._layers = 2 if limited else 1
        self._catalogue = catalogue
        self._rules = [
            (_Selected(rule), rule)
            for rule in rules(permissions.identity, permissions.boundary, limited=limited)
        ]
        self._findings = cache(self._compare)
        self.items = cache(self._items)

    @cached_property
    def is_unlimited(self) -> bool:
        """Whether every action on every resource is allowed and nothing denied."""
        whole = {
            rule.body.limit
            for selected, rule in self._rules
            if selected.everything and _is_unconditional(rule.body)
        }
        denies = any(rule.body.effect is Effect.DENY for _, rule in self._rules)
        return len(whole) == self._layers and not denies

    def _items(self, action: str) -> tuple[AccessItem, ...]:
        about = [rule for selected, rule in self._rules if selected.takes(action)]
        found = self._findings(frozenset(rule.body for rule in about))
        return tuple(self._item(action, finding, about) for finding in found)

    def _compare(self, bodies: frozenset[Body]) -> list[Finding]:
        return compare(Question(bodies, frozenset(), self._layers))

    def _item(self, action: str, finding: Finding, about: Iterable[Rule]) -> AccessItem:
        works = Works(finding, self._catalogue)
        return AccessItem(
            actions=(action,),
            resource=finding.resource,
            conditions=tuple(sorted(map(entry, finding.conditions), key=_said)),
            exact=finding.exact,
            by=tuple(sorted({rule.source for rule in about if rule.body in finding.bodies})),
            witness=works.witness((action,)),
            effective=works(action),
        )


class _Selected:
    """The actions of a rule."""

    def __init__(self, rule: Rule) -> None:
        self._negated = rule.selector.negated
        self._matcher = ActionMatcher(rule.selector.patterns)
        self.everything = not self._negated and "*" in rule.selector.patterns

    def takes(self, action: str) -> bool:
        if action == EVERY_ACTION:
            return self.everything or self._negated
        return self._matcher.matches(action) is not self._negated


def _is_unconditional(body: Body) -> bool:
    whole = not body.negated and EVERYTHING in body.patterns
    return body.effect is Effect.ALLOW and whole and not body.literals


def _said(condition: dict[str, object]) -> str:
    return conditions_text([condition])
