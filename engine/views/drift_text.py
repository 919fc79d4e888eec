"""What changed outside rolewright, and what the plan does about it, as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..plan import Action, Change, FieldDelta, Plan
from .attributes_text import FOREIGN
from .deltas_text import by_attribute, foreign_items
from .lines import BLANK, Line, line
from .statements_text import document_delta_lines, is_statement_path
from .symbols import BOLD, COLOURS, DIM, YELLOW
from .values import are_lists, as_items, as_mapping, label, text_of

_INDENT = 6
_BACK = "will be set to what the stack file says"
_GONE = {
    Action.CREATE: "will be made again",
    Action.DELETE: "nothing is left to delete",
    Action.REPLACE: "will be made again",
}


def drift_section(plan: Plan, width: int) -> list[Line]:
    """All drift of a plan; nothing where there is none."""
    changes = [change for change in plan.changes if change.drift]
    if not changes:
        return []
    found = [line(("Changed outside rolewright since the last apply:", BOLD)), BLANK]
    for change in changes:
        found.append(line((f"  ~ {change.address}", YELLOW)))
        found += [each.deeper(_INDENT) for each in _drift_lines(change, width - _INDENT)]
    return [*found, BLANK]


def _drift_lines(change: Change, width: int) -> Iterable[Line]:
    for name, deltas in by_attribute(change.drift).items():
        if name == "exists":
            answer = _GONE.get(change.action, "left as it is")
            yield line("is gone from AWS", (f" — {answer}", YELLOW))
        elif name in FOREIGN:
            what, done = FOREIGN[name]
            answer = f"will be {done}" if _mended(change, name) else "left as it is"
            for item in foreign_items(deltas, before=False):
                yield line(f"{what}: ", item, (f" — {answer}", YELLOW))
        elif all(is_statement_path(rest) for rest, _ in deltas):
            what = "statements" if name == "document" else label(name)
            yield line((what, DIM), " changed", (f" — {_answer(change, name, _BACK)}:", YELLOW))
            live = None if change.before is None else change.before.get(name)
            for each in document_delta_lines(deltas, live, width - 2):
                yield each.deeper(2)
        else:
            yield from (_plain(change, name, rest, delta) for rest, delta in deltas)


def _plain(change: Change, name: str, rest: str, delta: FieldDelta) -> Line:
    what = f"{_singular(name)} {text_of(rest)}" if rest else label(name)
    if are_lists(delta.before, delta.after):
        return line(
            (f"{what}: ", DIM), *_members(delta), (f" — {_answer(change, name, _BACK)}", YELLOW)
        )
    is_now = "was removed" if delta.after is None and rest else f"is now {text_of(delta.after)}"
    wanted = _wanted(change, name, rest)
    back = f"will be set {'back ' if wanted == delta.before else ''}to {text_of(wanted)}"
    if wanted is None and rest:
        back = "will be removed"
    return line((what, DIM), f" {is_now}", (f" — {_answer(change, name, back)}", YELLOW))


def _members(delta: FieldDelta) -> list[tuple[str, str]]:
    before, after = as_items(delta.before), as_items(delta.after)
    came = [text_of(item) for item in after if item not in before]
    went = [text_of(item) for item in before if item not in after]
    found = [(f"{text} is new", COLOURS["+"]) for text in came]
    found += [(f"{text} is missing", COLOURS["-"]) for text in went]
    return [piece for each in found for piece in ((", ", ""), each)][1:]


def _singular(name: str) -> str:
    return label(name.removesuffix("s"))


def _answer(change: Change, name: str, back: str) -> str:
    if change.action is Action.DELETE:
        return "will be deleted"
    if _mended(change, name):
        return back
    return (
        "as the stack file wants it" if change.after and name in change.after else "left as it is"
    )


def _mended(change: Change, name: str) -> bool:
    """Whether the plan brings an attribute to what is wanted."""
    if change.action in (Action.DELETE, Action.REPLACE):
        return True
    return bool(change.calls) and name in by_attribute(change.diff)


def _wanted(change: Change, name: str, rest: str) -> Any:
    value = (change.after or {}).get(name)
    return as_mapping(value).get(rest) if rest else value
