"""Composed YAML or JSON as plain values, with the places of its nodes. Reads no file.

Scalars are read as YAML 1.2 and JSON read them: `on` is a text, and so is `2012-10-17`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from yaml import MappingNode, Mark, Node, ScalarNode, SequenceNode

from ...resources.diagnostics import Diagnostic, Source
from .origin import Located, Origin, Path

MAX_DEPTH = 100
MAX_VALUES = 1_000_000

_TAG = "tag:yaml.org,2002:"
MAP, SEQ, STR, MERGE = _TAG + "map", _TAG + "seq", _TAG + "str", _TAG + "merge"
_INT, _FLOAT, _BOOL, _NULL = _TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"

# A number with leading zeros is an account id that somebody forgot to quote, so it stays a text.
_PLAIN = re.compile(
    r"(?:(?P<null>|~|null|Null|NULL)"
    r"|(?P<bool>true|True|TRUE|false|False|FALSE)"
    r"|(?P<int>[-+]?(?:0|[1-9][0-9]{0,17}))"
    r"|(?P<float>[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]{1,3})?"
    r"|(?:0|[1-9][0-9]*)[eE][-+]?[0-9]{1,3}))"
    r"|(?P<merge><<))\Z"
)

_Pair: TypeAlias = tuple[Node, Node]


def plain_tag(text: str) -> str:
    """The tag of an unquoted scalar."""
    match = _PLAIN.match(text)
    return STR if match is None else _TAG + str(match.lastgroup)


@dataclass(frozen=True, slots=True)
class NodeOrigin:
    """The place of a node: a scalar's own, and of a map or list the key that it stands under."""

    file: str
    node: Node
    under: Node | None = None

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        node, under = self.node, self.under
        for step in path:
            found = _step(node, step)
            if found is None:
                key = False
                break
            under, node = found
        written = isinstance(node, ScalarNode) and node.tag != _NULL
        return place(self.file, node if under is None or (written and not key) else under)

    def entries(self) -> Mapping[str, Origin]:
        if not isinstance(self.node, MappingNode):
            return {}
        found: dict[str, Origin] = {}
        for under, node in _pairs(self.node):
            if isinstance(under, ScalarNode):
                found.setdefault(under.value, NodeOrigin(self.file, node, under))
        return found


def place(file: str, node: Node) -> Source:
    """Where a node begins."""
    return Source(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _step(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, MappingNode):
        return next((pair for pair in _pairs(node) if pair[0].value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _pairs(node: MappingNode, depth: int = 0) -> Iterator[_Pair]:
    """The entries of a map, its own before those that it merges."""
    merged: list[Node] = []
    for key, value in node.value:
        if key.tag == MERGE:
            merged += value.value if isinstance(value, SequenceNode) else [value]
        else:
            yield key, value
    for other in merged:
        if isinstance(other, MappingNode) and depth < MAX_DEPTH:
            yield from _pairs(other, depth + 1)


def build(node: Node | None, file: str) -> tuple[Located, list[Diagnostic]]:
    """The plain value of a composed file, and what is wrong in it beyond its syntax.

    An empty file makes None.
    """
    if node is None:
        node = ScalarNode(_NULL, "", Mark(file, 0, 0, 0, None, 0))
    builder = _Builder(file)
    try:
        value = builder.value(node, 0)
    except _TooLargeError as error:
        builder.fault(error.node, "too-large", str(error), "aliases count each time they are used")
        value = None
    return Located(value, NodeOrigin(file, node)), builder.faults


class TooDeepError(Exception):
    """A file is nested more than `MAX_DEPTH` levels deep."""


class _TooLargeError(Exception):
    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Diagnostic] = []
        self._count = 0

    def fault(self, node: Node, code: str, summary: str, hint: str = "", detail: str = "") -> None:
        self.faults.append(Diagnostic(code, summary, detail, hint, place(self.file, node)))

    def value(self, node: Node, depth: int) -> Any:
        self._count += 1
        if depth > MAX_DEPTH:
            raise _TooLargeError(node, f"nested more than {MAX_DEPTH} levels deep")
        if self._count > MAX_VALUES:
            raise _TooLargeError(node, f"more than {MAX_VALUES:,} values")
        if node.tag == STR and isinstance(node, ScalarNode):
            return node.value
        if node.tag == MAP and isinstance(node, MappingNode):
            return self._map(node, depth + 1)
        if node.tag == SEQ and isinstance(node, SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self._scalar(node)

    def _map(self, node: MappingNode, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if key.tag == MERGE:
                merged.append(value)
            elif not isinstance(key, ScalarNode):
                self.fault(key, "bad-key", "a key must be a plain text")
            elif key.value in found:
                self._duplicate(node, key)
            else:
                found[key.value] = self.value(value, depth)
        for other in merged:
            self._merge(found, other, depth)
        return found

    def _duplicate(self, node: MappingNode, key: ScalarNode) -> None:
        first = next(other for other, _ in node.value if other.value == key.value)
        self.fault(
            key,
            "duplicate-key",
            f'"{key.value}" is defined twice',
            f"keep one of the two; the first is at {place(self.file, first)}",
        )

    def _merge(self, found: dict[str, Any], node: Node, depth: int) -> None:
        for other in node.value if isinstance(node, SequenceNode) else [node]:
            if not isinstance(other, MappingNode):
                self.fault(other, "bad-merge", "<< takes a map, or a list of maps")
                continue
            for key, value in self.value(other, depth).items():
                found.setdefault(key, value)

    def _scalar(self, node: Node) -> Any:
        read = _SCALARS.get(node.tag)
        if read is None or not isinstance(node, ScalarNode):
            self.fault(node, "bad-tag", f'the tag "{node.tag}" is not accepted here', "remove it")
            return node.value if isinstance(node, ScalarNode) else None
        try:
            return read(node.value)
        except ValueError:
            tag = node.tag.rpartition(":")[2]
            self.fault(node, "bad-value", f'"{node.value}" is not of the type {tag}')
            return node.value


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _number(text: str) -> float | str:
    # What JSON can't hold no later step could save.
    return value if math.isfinite(value := float(text)) else text


_SCALARS: dict[str, Callable[[str], Any]] = {
    MERGE: str,
    _NULL: lambda _: None,
    _BOOL: _boolean,
    _INT: int,
    _FLOAT: _number,
}
