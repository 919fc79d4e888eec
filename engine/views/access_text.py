"""The access that a plan gives and takes, as lines; what is given comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...resources.address import Address
from ..access_summary import EXCEPT, POLICY, AccessItem, access_of, unweighed
from ..plan import Plan
from .attributes_text import policy_name
from .change_text import EACH
from .lines import BLANK, GLUE, Line, line
from .policy_words import conditions
from .symbols import ADDED, BOLD, COLOURS, DIM, REMOVED
from .values import joined, many

LONGEST = 20
"""Lines of what is gained, and of what is lost, that are shown; JSON has them all."""

_Grant: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], str]
"""Actions, resources and conditions."""


def access_section(plan: Plan) -> list[Line]:
    """What roles may do after the plan and may not now, and the reverse."""
    access = access_of(plan)
    found = [
        *_lines(access.gained, ADDED, "gets", "get"),
        *_lines(access.lost, REMOVED, "loses", "lose"),
    ]
    if unweighed(plan):
        note = "Deny statements and permissions boundaries change too, and are not weighed here."
        found.append(line((note, DIM), indent=2))
    heading = line(("Access", BOLD), (", as policies are written:", DIM))
    return [heading, *found, BLANK] if found else []


@dataclass(frozen=True, slots=True)
class _Gain:
    """One line of the section: who gets or loses what, by which policies."""

    holders: str
    plural: bool
    grant: str
    by: tuple[str, ...]

    def templated(self) -> tuple[Address | None, str, str]:
        """The line with the key of the `for_each` that its policy comes from in the key's place."""
        address = Address.parse(self.by[0]) if len(self.by) == 1 else None
        if address is None or not address.key:
            return None, self.holders, self.grant
        key = address.key
        return address.base, self.holders.replace(key, EACH), self.grant.replace(key, EACH)


def _lines(items: Sequence[AccessItem], symbol: str, one: str, more: str) -> Iterable[Line]:
    gains = _merged(_gains(items))
    for gain in gains[:LONGEST]:
        who = f"{symbol}{GLUE}{gain.holders} {more if gain.plural else one} "
        by = f"  ({', '.join(gain.by)})"
        yield line((who, COLOURS[symbol]), gain.grant, (by, DIM), indent=2)
    if len(gains) > LONGEST:
        rest = many(len(gains) - LONGEST, "more line")
        yield line((f"{symbol}{GLUE}… and {rest}; --format json has all", DIM), indent=2)


def _gains(items: Iterable[AccessItem]) -> Iterable[_Gain]:
    for grant, pairs in _grouped(items).items():
        roles = sorted({role for role, _ in pairs})
        by = tuple(sorted({address for _, address in pairs}))
        yield _Gain(joined(roles, "and"), len(roles) > 1, _grant_text(grant), by)


def _merged(gains: Iterable[_Gain]) -> list[_Gain]:
    """The lines of one `for_each` that say the same but for the key as one."""
    groups: dict[tuple[Address | None, str, str], list[_Gain]] = {}
    for gain in gains:
        groups.setdefault(gain.templated(), []).append(gain)
    found: list[_Gain] = []
    for (base, holders, grant), group in groups.items():
        if base is None or len(group) == 1:
            found += group
        else:
            found.append(_Gain(holders, group[0].plural, grant, (f"{base}, each of {len(group)}",)))
    return found


def _grouped(items: Iterable[AccessItem]) -> Mapping[_Grant, list[tuple[str, str]]]:
    """The roles and policies by what they have in common."""
    resources: dict[tuple[str, str, str, str], list[str]] = {}
    for item in items:
        key = (item.role, item.by, _conditions(item.conditions), item.action)
        resources.setdefault(key, []).append(item.resource)
    actions: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for (role, by, condition, action), found in resources.items():
        actions.setdefault((role, by, condition, tuple(found)), []).append(action)
    groups: dict[_Grant, list[tuple[str, str]]] = {}
    for (role, by, condition, on), names in actions.items():
        groups.setdefault((tuple(names), on, condition), []).append((role, by))
    return groups


def _conditions(block: Any) -> str:
    return " and ".join(conditions(block))


def _grant_text(grant: _Grant) -> str:
    actions, resources, condition = grant
    if actions[0].startswith(POLICY):
        return f"all that AWS managed policy {policy_name(actions[0].removeprefix(POLICY))} allows"
    what = ", ".join(_worded(action, "action") for action in actions)
    where = f" on {', '.join(_worded(resource, 'resource') for resource in resources)}"
    return f"{what}{where}{f' if {condition}' if condition else ''}"


def _worded(text: str, what: str) -> str:
    if text.startswith(EXCEPT):
        return f"every {what} but {text.removeprefix(EXCEPT)}"
    return f"every {what}" if text == "*" else text
