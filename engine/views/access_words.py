"""Access in words: `s3: write on arn:aws:s3:::photos/* (14 actions)`. Pure text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.policy.access_folding import ALL_ACTIONS
from ...resources.policy.catalogue import RISKIEST_FIRST
from ...resources.policy.catalogue_index import FUTURE, OTHER_SERVICES
from ..access_changes import BOUNDARY, POLICY, AccessEntry, Condition, DangerEntry, Levels
from .attributes_text import policy_name
from .policy_words import condition
from .values import joined

EVERYTHING = "ALL actions on ALL resources, including future ones"
"""What is said of access without any limit."""

_NAMED = 3
"""Patterns of one service that are named; of more only the levels and their number are said."""
_SERVICES = 4
"""Services of one grant that get a line each; more are told together."""

_RANKS = {level.value: rank for rank, level in enumerate(RISKIEST_FIRST)}


@dataclass(frozen=True, slots=True)
class Grant:
    """Entries that differ in their resources only."""

    entry: AccessEntry
    resources: tuple[str, ...]

    @property
    def risk(self) -> int:
        """The place of its riskiest level, the riskiest of all first."""
        ranks = [_RANKS.get(level, 0) for level in self.entry.actions.values()]
        return min(ranks, default=0)


def grants(entries: Iterable[AccessEntry]) -> list[Grant]:
    """Entries with those joined that say the same of several resources; the riskiest first."""
    found: dict[tuple[object, ...], tuple[AccessEntry, list[str]]] = {}
    for entry in entries:
        key = (
            tuple(entry.actions),
            conditions_text(entry.conditions),
            entry.by,
            entry.exact,
            entry.effective,
        )
        found.setdefault(key, (entry, []))[1].append(entry.resource)
    joint = [Grant(entry, tuple(resources)) for entry, resources in found.values()]
    return sorted(joint, key=lambda grant: grant.risk)


def grant_lines(grant: Grant, *, conditions: str | None = None) -> Iterator[str]:
    """A grant as lines: one a service, or one for many; `conditions` replaces its own in words."""
    entry = grant.entry
    if entry.opaque:
        yield opaque_text(entry.opaque)
        return
    limits = conditions_text(entry.conditions) if conditions is None else conditions
    where = f" on {_resources(grant.resources)}{limits and f' {limits}'}"
    nothing = (
        "" if entry.effective else ": grants nothing, for these actions work on no such resource"
    )
    perhaps = "" if entry.exact else "perhaps "
    for who, what, count in _parts(entry):
        number = f" ({counted(count)})" if count else ""
        comma = "," if what == ALL_ACTIONS else ""
        if (who, what, grant.resources) == ("", ALL_ACTIONS, ("*",)):
            yield f"{perhaps}{EVERYTHING}{limits and f' {limits}'}"
        else:
            yield f"{who and f'{who}: '}{perhaps}{what}{comma}{where}{number}{nothing}"


def opaque_text(what: str) -> str:
    """What stands for a policy or boundary that could not be read."""
    if what.startswith(BOUNDARY):
        arn = what.removeprefix(BOUNDARY)
        return f"all that the boundary {policy_name(arn)} kept back (it could not be read)"
    arn = what.removeprefix(POLICY)
    return f"all that the policy {policy_name(arn)} allows (it could not be read)"


def counted(count: int, levels: Levels | None = None) -> str:
    """`1 action`, `2 write, 11,485 read actions`."""
    what = f"{count:,}" if levels is None else levels_text(levels)
    return f"{what} {'action' if count == 1 else 'actions'}"


def danger_text(danger: DangerEntry) -> str:
    """`Put an inline policy on a role (iam:PutRolePolicy) on every resource`."""
    shown, more = danger.actions[:_NAMED], len(danger.actions) - _NAMED
    what = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    limits = conditions_text(danger.conditions) or ("" if danger.certain else "perhaps")
    named = "" if danger.actions in ((), ("*",)) else f" ({what})"
    return f"{danger.title}{named} on {_resource(danger.resource)}{limits and f' {limits}'}"


def levels_text(levels: Levels) -> str:
    """`2 write, 11,485 read`."""
    return ", ".join(f"{count:,} {level.lower()}" for level, count in levels.items())


def conditions_text(conditions: Sequence[Condition]) -> str:
    """`if aws:SecureTransport is true`; empty without conditions."""
    said = [_condition(each) for each in conditions]
    return f"if {' and '.join(said)}" if said else ""


def _condition(each: Mapping[str, Any]) -> str:
    said = condition(each["operator"], each["key"], each["values"])
    return f"not ({said})" if each.get("negated") else said


def _resources(resources: Sequence[str]) -> str:
    return joined([_resource(each) for each in resources], "and")


def _resource(text: str) -> str:
    if text == "*":
        return "every resource"
    return text.replace("* except ", "every resource but ", 1) if text[:9] == "* except " else text


def _parts(entry: AccessEntry) -> Iterator[tuple[str, str, int]]:
    """Who, what and how many actions of them are not named."""
    if "*" in entry.actions:
        yield "", ALL_ACTIONS, 0
        return
    own: dict[str, list[str]] = {}
    for pattern in entry.actions:
        service, _, name = pattern.partition(":")
        own.setdefault(service, []).append(name)
    whole = [service for service, names in own.items() if names == ["*"]]
    rest = [service for service in own if service not in whole and service != OTHER_SERVICES]
    if OTHER_SERVICES in own:
        yield "", "all actions of services that AWS does not have yet", 0
    if len(whole) > _SERVICES:
        yield f"{len(whole)} services", ALL_ACTIONS, _count(_together(entry, whole))
    else:
        for service in whole:
            yield service, ALL_ACTIONS, _count(entry.services.get(service, {}))
    if len(rest) > _SERVICES:
        yield f"{len(rest)} services", levels_text(_together(entry, rest)) or "future actions", 0
        return
    for service in rest:
        yield service, *_service(own[service], entry.services.get(service, {}))


def _service(names: Sequence[str], levels: Levels) -> tuple[str, int]:
    if len(names) <= _NAMED or not levels:
        return ", ".join("future actions" if name == FUTURE else name for name in names), 0
    return ", ".join(level.lower() for level in levels), _count(levels)


def _together(entry: AccessEntry, services: Iterable[str]) -> dict[str, int]:
    """The levels of several services."""
    found = dict.fromkeys(_RANKS, 0)
    for service in services:
        for level, count in entry.services.get(service, {}).items():
            found[level] += count
    return {level: count for level, count in found.items() if count}


def _count(levels: Levels) -> int:
    return sum(levels.values())
