"""Policy documents as lines: whole statements, and differences statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..plan import FieldDelta
from .lines import GLUE, Line, Piece, Segment, glued, line
from .policy_words import (
    as_texts,
    condition,
    principals,
    statement_parts,
    statement_text,
    statements,
)
from .symbols import ADDED, CHANGED, COLOURS, REMOVED
from .values import as_mapping

_PATH = re.compile(r"Statement\[(?P<name>.*?)\](?:\.(?P<element>.+))?", re.DOTALL)
_LABELS = {
    "Principal": "principals",
    "NotPrincipal": "all principals but",
    "Action": "actions",
    "NotAction": "all actions but",
    "Resource": "resources",
    "NotResource": "all resources but",
    "Condition": "conditions",
}


def document_lines(document: Any, width: int, symbol: str = "") -> list[Line]:
    """All statements of a document; `width` is what is there for a line."""
    return [
        found
        for statement in statements(document)
        for found in statement_lines(statement, width, symbol)
    ]


def statement_lines(statement: Mapping[str, Any], width: int, symbol: str = "") -> list[Line]:
    """A statement on one line where it fits, else with its resources and conditions below."""
    style = COLOURS.get(symbol, "")
    prefix = f"{symbol}{GLUE}" if symbol else ""
    whole = statement_text(statement)
    if len(prefix) + len(whole) <= width:
        return [line((prefix + whole, style))]
    head, *rest = (part for part in statement_parts(statement) if part)
    return [line((prefix + head, style)), *(line((part, style), indent=4, hang=3) for part in rest)]


def is_statement_path(path: str) -> bool:
    """Whether a delta's path, after the attribute's name, leads into a document."""
    return _PATH.fullmatch(path) is not None


def document_delta_lines(
    deltas: Sequence[tuple[str, FieldDelta]], after: Any, width: int
) -> list[Line]:
    """What differs between two documents, from deltas with their path after the attribute.

    `after` is the document afterwards, to tell which statement an edit without a Sid is about.
    """
    found: list[Line] = []
    edits: dict[str, dict[str, FieldDelta]] = {}
    for rest, delta in deltas:
        match = _PATH.fullmatch(rest)
        if match is None or match["element"] is None:
            found += _whole(delta, width)
        else:
            edits.setdefault(match["name"], {})[match["element"]] = delta
    for name, elements in edits.items():
        found += _edited(_statement_name(name, elements, after), elements)
    return found


def _whole(delta: FieldDelta, width: int) -> list[Line]:
    found: list[Line] = []
    for symbol, statement in ((REMOVED, delta.before), (ADDED, delta.after)):
        if isinstance(statement, Mapping):
            found += statement_lines(as_mapping(statement), width, symbol)
    return found


def _edited(name: str, elements: Mapping[str, FieldDelta]) -> list[Line]:
    head = (f"{CHANGED}{GLUE}{glued(name)}", COLOURS[CHANGED])
    edits: dict[str, list[Segment]] = {}
    for path, delta in sorted(elements.items(), key=lambda item: _place(item[0])):
        element = path.partition(".")[0]
        edits.setdefault(_LABELS.get(element, element.lower()), []).extend(_edits(path, delta))
    for found in edits.values():
        found.sort(key=lambda segment: segment[0][0] != ADDED)
    if len(edits) > 1:
        below = (line(f"{label}: ", *spaced(found), indent=4) for label, found in edits.items())
        return [line(head), *below]
    return [
        line(head, ": " if label == "actions" else f": {label} ", *spaced(found))
        for label, found in edits.items()
    ]


def _place(path: str) -> int:
    """Where an element stands in a statement; what is none comes first."""
    element = path.partition(".")[0]
    return list(_LABELS).index(element) if element in _LABELS else -1


def _edits(path: str, delta: FieldDelta) -> Iterable[Segment]:
    for symbol, value in ((ADDED, delta.after), (REMOVED, delta.before)):
        for text in _items(path, value):
            yield f"{symbol}{GLUE}{text}", COLOURS[symbol]


def _items(path: str, value: Any) -> Sequence[str]:
    """What is said of the values at a path: `Action`, `Principal.AWS`, `Condition.Bool.KEY`."""
    element, _, rest = path.partition(".")
    if element in ("Principal", "NotPrincipal"):
        return principals({rest: value} if rest else value)
    if element == "Condition" and value:
        operator, _, key = rest.partition(".")
        return (condition(operator, key, value),)
    return as_texts(value)


def spaced(segments: Sequence[Segment]) -> list[Piece]:
    """Segments with two spaces between them."""
    return [piece for segment in segments for piece in ("  ", segment)][1:]


def _statement_name(name: str, elements: Mapping[str, FieldDelta], after: Any) -> str:
    """`statement Read`, or `statement 2` for one without a Sid that can be found."""
    if not name.isdigit() or any(s.get("Sid") == name for s in statements(after)):
        return f"statement {name}"
    places = [
        index
        for index, statement in enumerate(statements(after), start=1)
        if "Sid" not in statement and all(_holds(statement, p, d) for p, d in elements.items())
    ]
    return f"statement {places[0]}" if len(places) == 1 else "statement"


def _holds(statement: Mapping[str, Any], path: str, delta: FieldDelta) -> bool:
    """Whether a statement has the values that an element gained."""
    value: Any = statement
    for name in path.split(".", 2):
        value = as_mapping(value).get(name)
    return not delta.after or set(as_texts(delta.after)) <= set(as_texts(value))
