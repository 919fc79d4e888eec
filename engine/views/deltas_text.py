"""Differences of attributes as lines: one for each attribute, one for each statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ...resources.calls import Attrs
from ..plan import FieldDelta
from .attributes_text import FOREIGN, foreign_texts, rank
from .lines import GLUE, Line, Piece, Segment, line
from .statements_text import document_delta_lines, is_statement_path, spaced
from .symbols import ADDED, CHANGED, COLOURS, DIM, REMOVED, YELLOW
from .values import are_lists, as_items, label, text_of

Deltas: TypeAlias = Mapping[str, Sequence[tuple[str, FieldDelta]]]
"""The deltas of each attribute, with the rest of their path."""


def by_attribute(deltas: Iterable[FieldDelta]) -> Deltas:
    """Deltas grouped by the attribute that they are of, in the order of attributes."""
    found: dict[str, list[tuple[str, FieldDelta]]] = {}
    for delta in deltas:
        # Only the first dot parts: a tag's key may have dots of its own.
        name, _, rest = delta.path.partition(".")
        found.setdefault(name, []).append((rest, delta))
    return {name: found[name] for name in sorted(found, key=rank)}


def delta_lines(
    name: str, deltas: Sequence[tuple[str, FieldDelta]], after: Attrs | None, width: int
) -> list[Line]:
    """What differs in one attribute."""
    if name in FOREIGN:
        return [_foreign(name, item) for item in foreign_items(deltas, before=True)]
    if all(is_statement_path(rest) for rest, _ in deltas):
        return _document(name, deltas, (after or {}).get(name), width)
    if all(rest for rest, _ in deltas):
        edits = [_edit(rest, delta) for rest, delta in deltas]
        return [line((f"{label(name)}: ", DIM), *spaced(edits))]
    return [line((f"{label(name)}: ", DIM), *_plain(delta)) for _, delta in deltas]


def drifted_lines(name: str, deltas: Sequence[tuple[str, FieldDelta]]) -> list[Line]:
    """What is taken off a role that the section on drift has told about."""
    items = [_mark(REMOVED, text) for text in foreign_items(deltas, before=True)]
    return [line((f"{label(name.removeprefix('foreign_'))}: ", DIM), *spaced(items))]


def foreign_items(deltas: Iterable[tuple[str, FieldDelta]], *, before: bool) -> list[str]:
    """What nobody declared, before or after the difference."""
    found: list[str] = []
    for rest, delta in deltas:
        value = delta.before if before else delta.after
        if value is not None:
            found += foreign_texts({rest: value} if rest else value)
    return found


def _foreign(name: str, item: str) -> Line:
    what, done = FOREIGN[name]
    return line(f"{what}: ", item, (f" — will be {done}", YELLOW))


def _document(
    name: str, deltas: Sequence[tuple[str, FieldDelta]], after: Any, width: int
) -> list[Line]:
    if name == "document":
        return document_delta_lines(deltas, after, width)
    inner = [found.deeper(2) for found in document_delta_lines(deltas, after, width - 2)]
    return [line((f"{label(name)}:", DIM)), *inner]


def _plain(delta: FieldDelta) -> Iterable[Piece]:
    if are_lists(delta.before, delta.after):
        edits = _set_edits(as_items(delta.before), as_items(delta.after))
        if edits:
            return spaced(edits)
    return (text_of(delta.before), f"{GLUE}→ ", text_of(delta.after))


def _set_edits(before: Sequence[Any], after: Sequence[Any]) -> list[Segment]:
    old, new = [text_of(item) for item in before], [text_of(item) for item in after]
    return [
        *(_mark(ADDED, text) for text in new if text not in old),
        *(_mark(REMOVED, text) for text in old if text not in new),
    ]


def _edit(key: str, delta: FieldDelta) -> Segment:
    name = text_of(key)
    if delta.before is None:
        return _mark(ADDED, f"{name}{GLUE}={GLUE}{text_of(delta.after)}")
    if delta.after is None:
        return _mark(REMOVED, name)
    values = f"{text_of(delta.before)}{GLUE}→{GLUE}{text_of(delta.after)}"
    return _mark(CHANGED, f"{name}{GLUE}={GLUE}{values}")


def _mark(symbol: str, text: str) -> Segment:
    return f"{symbol}{GLUE}{text}", COLOURS[symbol]
