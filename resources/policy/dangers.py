"""What is dangerous in what a role may do: everything, gaining more access, destroying data.

    dangers_of(permissions, catalogue)                            in a role as it stands
    newly_dangerous(before, after, difference, catalogue)         in what a change gives

A danger is what the policies let happen; whether there is a role to pass or a function to change is
not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from .access import AccessDifference, AccessItem, Permissions
from .access_actions import Actions
from .allowed import EVERY_ACTION, Allowed
from .condition_text import conditions_text
from .context import Context
from .document import Condition
from .escalations import Destruction, Escalation, Reach, destructions, escalations
from .evaluate_conditions import compile_condition
from .operators import parse_operator
from .truth import negate

_MOST_RESOURCES = 3
_PASSED_TO = "iam:PassedToService"
_EVERY_ROLE = re.compile(r"\*|arn:\*|arn:[^:]*:(?:iam|\*):[^:]*:[^:]*:(?:\*|role\*|role/\*)")

Conditions: TypeAlias = tuple[Mapping[str, Any], ...]
"""Conditions that must all hold, in the shape of those of an `AccessItem`."""

Items: TypeAlias = Callable[[str], Sequence[AccessItem]]
"""What is allowed of an action."""


class DangerKind(StrEnum):
    """What sort of danger it is, the worst first."""

    ADMINISTRATOR = "administrator"
    PRIVILEGE_ESCALATION = "privilege escalation"
    DATA_DESTRUCTION = "data destruction"


@dataclass(frozen=True, slots=True)
class Danger:
    """Something dangerous that a role may do.

    `actions`: all that are needed for an escalation; of a destruction those that are allowed.
    `resource`: patterns as in an `AccessItem`, of an escalation those of the action that matters.
    `by`: the names of policies, `boundary` for the boundary. `certain`: that they allow it without
    a condition; else `conditions` are those of one way to it, and without any the patterns can't
    be compared exactly.
    """

    kind: DangerKind
    id: str
    title: str
    actions: tuple[str, ...]
    resource: str
    by: tuple[str, ...]
    certain: bool
    conditions: Conditions = ()

    @property
    def words(self) -> str:
        """`Put an inline policy on a role (iam:PutRolePolicy) on *`, with an `if` where not certain."""
        actions = f" ({', '.join(self.actions)})" if self.actions != ("*",) else ""
        doubt = conditions_text(self.conditions)
        if not self.certain and not doubt:
            doubt = " (perhaps)"
        return f"{self.title}{actions} on {self.resource}{doubt}"


def dangers_of(
    permissions: Permissions, catalogue: Actions, *, role_arn: str | None = None
) -> tuple[Danger, ...]:
    """The dangers in what a role may do, worst first. Raises nothing.

    An administrator is one danger alone. A set of actions that holds a smaller one which is
    reported is left out. With `role_arn`, that the role may pass or assume itself is none.
    """
    allowed = Allowed(permissions, catalogue)
    if (administrator := _administrator(allowed)) is not None:
        return (administrator,)
    found = [_escalation(row, allowed.items, role_arn) for row in escalations()]
    return (
        *_smallest(danger for danger in found if danger is not None),
        *_destroying(allowed.items, destructions()),
    )


def newly_dangerous(
    before: Permissions,
    after: Permissions,
    difference: AccessDifference,
    catalogue: Actions,
    *,
    role_arn: str | None = None,
) -> tuple[Danger, ...]:
    """The dangers that a change brings, worst first. Raises nothing.

    `difference` is the access difference of the two. An escalation is new if the change completes
    its set of actions, makes it certain, or widens the resources of the action that matters; a
    destruction if an action of it is gained.
    """
    gained = _by_action(difference)
    if not gained:
        return ()
    now, then = Allowed(after, catalogue), Allowed(before, catalogue)
    if (administrator := _administrator(now)) is not None:
        former = _administrator(then)
        is_new = former is None or (administrator.certain and not former.certain)
        return (administrator,) if is_new else ()
    touched = [row for row in escalations() if not gained.keys().isdisjoint(row.actions)]
    found = [_new_escalation(row, now, then, gained, role_arn) for row in touched]
    return (
        *_smallest(danger for danger in found if danger is not None),
        *_destroying(lambda action: gained.get(action, ()), destructions()),
    )


def _by_action(difference: AccessDifference) -> dict[str, list[AccessItem]]:
    """The items of what is gained for each action that is watched."""
    rows = (*escalations(), *destructions())
    watched = {EVERY_ACTION, *(action for row in rows for action in row.actions)}
    found: dict[str, list[AccessItem]] = {}
    for item in difference.gained:
        if item.effective:
            for action in watched.intersection(item.actions):
                found.setdefault(action, []).append(item)
    return found


def _administrator(allowed: Allowed) -> Danger | None:
    """Whether a role may do all on all resources, or all but what is denied of it."""
    ways = [item for item in allowed.items(EVERY_ACTION) if _is_broad(item)]
    if not ways:
        return None
    own = [row for row in escalations() if row.reach is Reach.TARGET and _is_of_iam(row)]
    needed = {action for row in own for action in row.actions} | {"iam:PassRole"}
    if not all(any(map(_is_broad, allowed.items(action))) for action in needed):
        return None
    best = _best(ways)
    title = "Do everything" if allowed.is_unlimited else "Do everything but what is denied"
    return Danger(
        kind=DangerKind.ADMINISTRATOR,
        id="administrator",
        title=title,
        actions=("*",),
        resource="*",
        by=best.by,
        certain=best.exact and not best.conditions,
        conditions=best.conditions,
    )


def _is_of_iam(row: Escalation) -> bool:
    return all(action.startswith("iam:") for action in row.actions)


def _is_broad(item: AccessItem) -> bool:
    return item.resource == "*" or item.resource.startswith("* except ")


def _new_escalation(
    row: Escalation,
    now: Allowed,
    then: Allowed,
    gained: Mapping[str, Sequence[AccessItem]],
    role_arn: str | None,
) -> Danger | None:
    danger = _escalation(row, now.items, role_arn)
    if danger is None:
        return None
    former = _escalation(row, then.items, role_arn)
    if former is None or (danger.certain and not former.certain):
        return danger

    def items(action: str) -> Sequence[AccessItem]:
        return gained.get(action, ()) if action == row.scope else now.items(action)

    return _escalation(row, items, role_arn)


def _escalation(row: Escalation, items: Items, role_arn: str | None) -> Danger | None:
    """The danger of a set whose actions may all be allowed."""
    ways: dict[str, list[AccessItem]] = {}
    for action in row.actions:
        found = [item for item in items(action) if item.effective]
        if action == row.scope:
            found = [item for each in found for item in _in_scope(row, each, role_arn)]
        if not found:
            return None
        ways[action] = found
    best = {action: _best(found) for action, found in ways.items()}
    scope = [item for item in ways[row.scope] if item.conditions == best[row.scope].conditions]
    conditions = [condition for item in best.values() for condition in item.conditions]
    return Danger(
        kind=DangerKind.PRIVILEGE_ESCALATION,
        id=row.id,
        title=row.title,
        actions=row.actions,
        resource=_resources(scope),
        by=_names((*scope, *best.values())),
        certain=not conditions and all(item.exact for item in best.values()),
        conditions=_distinct(conditions),
    )


def _in_scope(row: Escalation, item: AccessItem, role_arn: str | None) -> Iterator[AccessItem]:
    """The item, if its resources make the set a danger, without conditions that are met anyway."""
    if row.reach is Reach.ANY and not _EVERY_ROLE.fullmatch(item.resource.partition(" except ")[0]):
        return
    if row.reach is Reach.PASS and role_arn is not None and item.resource == role_arn:
        return
    if not row.services:
        yield item
        return
    found = [_left(item.conditions, service) for service in row.services]
    possible = [conditions for conditions in found if conditions is not None]
    if possible:
        yield _under(item, min(possible, key=len))


def _left(conditions: Conditions, service: str) -> Conditions | None:
    """The conditions that remain when a role is passed to a service; None if one can't be met."""
    context = Context({_PASSED_TO: service}, open=True)
    left: list[Mapping[str, Any]] = []
    for each in conditions:
        operator = parse_operator(each["operator"])
        if operator is None or each["key"].lower() != _PASSED_TO.lower():
            left.append(each)
            continue
        condition = Condition(operator, each["key"], tuple(each["values"]))
        truth = compile_condition(condition, variables=True).holds(context)
        truth = negate(truth) if each.get("negated") else truth
        if truth is False:
            return None
        if truth is not True:
            left.append(each)
    return tuple(left)


def _under(item: AccessItem, conditions: Conditions) -> AccessItem:
    return item if conditions == item.conditions else replace(item, conditions=conditions)


def _best(items: Iterable[AccessItem]) -> AccessItem:
    """The item that is most certain."""
    return min(items, key=lambda item: (not item.exact, len(item.conditions)))


def _smallest(found: Iterable[Danger]) -> Iterator[Danger]:
    """Without sets that hold a smaller one which is as certain."""
    dangers = list(found)
    for danger in dangers:
        actions = frozenset(danger.actions)
        if not any(
            frozenset(other.actions) < actions and other.certain >= danger.certain
            for other in dangers
        ):
            yield danger


def _destroying(items: Items, rows: Iterable[Destruction]) -> Iterator[Danger]:
    for row in rows:
        ways = {
            action: [item for item in items(action) if item.effective] for action in row.actions
        }
        found = [item for each in ways.values() for item in each]
        if not found:
            continue
        best = _best(found)
        yield Danger(
            kind=DangerKind.DATA_DESTRUCTION,
            id=row.id,
            title=row.title,
            actions=tuple(action for action, each in ways.items() if each),
            resource=_resources(found),
            by=_names(found),
            certain=best.exact and not best.conditions,
            conditions=best.conditions,
        )


def _resources(items: Iterable[AccessItem]) -> str:
    """Patterns in one text: the first few, and how many more there are."""
    texts = sorted({item.resource for item in items})
    if "*" in texts:
        return "*"
    more = len(texts) - _MOST_RESOURCES
    shown = ", ".join(texts[:_MOST_RESOURCES])
    return f"{shown} and {more} more" if more > 0 else shown


def _names(items: Iterable[AccessItem]) -> tuple[str, ...]:
    return tuple(sorted({name for item in items for name in item.by}))


def _distinct(conditions: Iterable[Mapping[str, Any]]) -> Conditions:
    return tuple({conditions_text([each]): each for each in conditions}.values())
