"""One change as a block of lines, and alike blocks of a `for_each` merged into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.registry import kind_class
from ..plan import Action, Change, FieldDelta, Plan
from .attributes_text import FOREIGN, attribute_lines, foreign_texts, labelled
from .calls_text import call_lines
from .deltas_text import by_attribute, delta_lines, drifted_lines
from .lines import Line, line
from .symbols import ADDED, DIM, MAGENTA, symbol
from .values import text_of

INDENT = 6
EACH = "${each.key}"
"""What stands for the key where instances of a `for_each` say the same but for it."""
TRUST_POLICY = "trust_policy"
_TOLD = (Action.DELETE, Action.FORGET, Action.IMPORT)
"""Actions whose reason is worth reading; the others show it by what differs."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is printed of one change, or of several alike."""

    change: Change
    heading: Line
    body: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a block is written for: the operation, the width, and the changes shown with it."""

    operation: str
    width: int
    shown: Mapping[Address, Change]

    @classmethod
    def of(cls, plan: Plan, width: int) -> Page:
        """The page that shows a plan."""
        return cls(plan.operation, width, {change.address: change for change in plan.actions})


def block_of(change: Change, page: Page, *, calls: bool) -> Block:
    """One change: a heading, what differs, and on request its calls."""
    body = [*_body(change, page)]
    if calls and change.calls:
        body += [line(("AWS calls:", DIM)), *(each.deeper(2) for each in call_lines(change))]
    return Block(change, _heading(change, page), tuple(each.deeper(INDENT) for each in body))


def merged(blocks: Sequence[Block]) -> list[Block]:
    """Neighbouring blocks of one `for_each` that say the same, but for their key, as one."""
    found: list[list[Block]] = []
    for block in blocks:
        if found and _alike(found[-1], block):
            found[-1].append(block)
        else:
            found.append([block])
    return [group[0] if len(group) == 1 else _merged(group) for group in found]


def _heading(change: Change, page: Page) -> Line:
    mark, style = symbol(change)
    notes = [change.reason] if change.action in _TOLD and page.operation != "destroy" else []
    if change.moved_from is not None:
        notes.append(f"was {change.moved_from}")
    if change.action is Action.UPDATE and not change.calls:
        notes.append("no AWS call")
    told = "; ".join(note for note in notes if note)
    reason = f" ({told})" if told else ""
    return line(
        (f"{mark:>3} {change.action.value} {change.address}", style), (reason, DIM), hang=INDENT
    )


def _body(change: Change, page: Page) -> Iterable[Line]:
    match change.action:
        case Action.CREATE:
            yield from attribute_lines(
                change.address,
                change.after or {},
                page.width - INDENT,
                symbol=ADDED,
                trust_named=_named_trust(change, page),
            )
            yield from _remembered(change)
        case Action.DELETE:
            yield from _taken_along(change.before or {})
        case _:
            yield from _differing(change, page)


def _differing(change: Change, page: Page) -> Iterable[Line]:
    forced = _forced(change)
    drifted = by_attribute(change.drift)
    for name, deltas in by_attribute(change.diff).items():
        if name == "arn" and (change.after or {}).get("type") == "customer":
            continue
        shared = _followed(change, name, [delta for _, delta in deltas], page)
        if shared:
            yield labelled(name, f"follows {shared}")
            continue
        if name in FOREIGN and name in drifted:
            yield from drifted_lines(name, deltas)
            continue
        found = delta_lines(name, deltas, change.after, page.width - INDENT)
        first, *rest = found or [labelled(name, "differs")]
        yield (
            first.plus((f"  # forces replacement: {forced[name]}", MAGENTA))
            if name in forced
            else first
        )
        yield from rest


def _forced(change: Change) -> Mapping[str, str]:
    """Why each attribute that forces a replacement does so."""
    reasons: Mapping[str, str] = {}
    with suppress(KeyError):
        reasons = kind_class(change.kind, change.after or {}).shape.replace
    return {name: reasons.get(name, change.reason) for name in change.forced_by}


def _followed(change: Change, name: str, deltas: Sequence[FieldDelta], page: Page) -> str:
    """The trust policy whose own difference, shown already, is this role's."""
    if name != "trust_policy":
        return ""
    own = _without_attribute(deltas)
    trusts = _trusts(change, page)
    return next((str(one.address) for one in trusts if _without_attribute(one.diff) == own), "")


def _without_attribute(deltas: Iterable[FieldDelta]) -> list[tuple[str, Any, Any]]:
    return [(delta.path.partition(".")[2], delta.before, delta.after) for delta in deltas]


def _named_trust(change: Change, page: Page) -> str:
    """The trust policy that is shown too and that a new role carries."""
    document = (change.after or {}).get("trust_policy")
    trusts = _trusts(change, page)
    same = (one for one in trusts if (one.after or {}).get("document") == document)
    return next((str(one.address) for one in same), "")


def _trusts(change: Change, page: Page) -> Iterable[Change]:
    """The trust policies that a role names and that are shown with it."""
    shown = (page.shown.get(address) for address in change.needs)
    return (one for one in shown if one is not None and one.kind == TRUST_POLICY)


def _remembered(change: Change) -> Iterable[Line]:
    prior = None if change.record is None else change.record.prior
    told = {name: value for name, value in (prior or {}).items() if value}
    if told:
        yield labelled("put back when this is deleted", text_of(told))


def _taken_along(before: Attrs) -> Iterable[Line]:
    for name, (what, done) in FOREIGN.items():
        for item in foreign_texts(before.get(name)):
            yield line(f"{what}: {item} — will be {done}")


def _alike(group: Sequence[Block], block: Block) -> bool:
    """Whether a block says the same as those of a group, literally or with the key in its place."""
    first, second = group[0].change, block.change
    if None in (first.address.key, second.address.key) or first.address.base != second.address.base:
        return False
    if (
        first.action is not second.action
        or group[0].heading.segments[1:] != block.heading.segments[1:]
    ):
        return False
    literally = block.body == group[0].body
    if len(group) > 1 and literally != (group[1].body == group[0].body):
        return False
    return literally or _templated(block) == _templated(group[0])


def _templated(block: Block) -> tuple[Line, ...]:
    """The body with the instance's key as the stack file writes it."""
    key = block.change.address.key
    if not key:
        return block.body
    return tuple(
        replace(
            each, segments=tuple((text.replace(key, EACH), style) for text, style in each.segments)
        )
        for each in block.body
    )


def _merged(group: Sequence[Block]) -> Block:
    first = group[0]
    mark, style = symbol(first.change)
    addresses = ", ".join(str(block.change.address) for block in group)
    head = (f"{mark:>3} {first.change.action.value} {addresses}", style)
    heading = line(head, *first.heading.segments[1:], hang=INDENT)
    same = group[1].body == first.body
    if not first.body:
        return Block(first.change, heading, ())
    told = (f"each of the {len(group)}:" if same else f"each of the {len(group)}, by its key:", DIM)
    body = first.body if same else _templated(first)
    return Block(first.change, heading, (line(told, indent=INDENT), *body))
