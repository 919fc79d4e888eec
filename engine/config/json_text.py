"""JSON as composed nodes with marks, like those that YAML's parser makes.

YAML's parser reads most of JSON, but neither pairs of surrogates nor a file that begins with a tab.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from json import JSONDecodeError
from json import decoder as _decoder
from typing import Any, TypeVar, cast

from yaml import MappingNode, Mark, Node, ScalarNode, SequenceNode

from .tree import MAP, MAX_DEPTH, SEQ, STR, TooDeepError, plain_tag

T = TypeVar("T")

_read_text = cast("Callable[[str, int, bool], tuple[str, int]]", vars(_decoder)["scanstring"])
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


class JsonText:
    """The text of a JSON file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def compose(self) -> Node | None:
        """The nodes of the file; None for an empty one.

        Raises:
            JSONDecodeError: the text is not JSON.
            TooDeepError: the text is nested too deeply.
        """
        index = self._skip(0)
        if index == len(self._text):
            return None
        node, index = self._value(index, 0)
        index = self._skip(index)
        if index != len(self._text):
            raise JSONDecodeError("expected the end of the file", self._text, index)
        return node

    def _skip(self, index: int) -> int:
        match = _SPACE.match(self._text, index)
        return index if match is None else match.end()

    def _node(self, kind: type[Node], tag: str, value: Any, index: int) -> Node:
        line = bisect_right(self._lines, index) - 1
        mark = Mark("", index, line, index - self._lines[line], None, 0)
        return kind(tag, value, mark, mark)

    def _value(self, index: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise TooDeepError
        first = self._text[index : index + 1]
        if first == '"':
            text, end = _read_text(self._text, index + 1, True)
            return self._node(ScalarNode, STR, text, index), end
        if first == "{":
            pairs, end = self._several("}", index, depth, self._pair)
            return self._node(MappingNode, MAP, pairs, index), end
        if first == "[":
            items, end = self._several("]", index, depth, self._value)
            return self._node(SequenceNode, SEQ, items, index), end
        word = _WORD.match(self._text, index)
        if word is None:
            raise JSONDecodeError("expected a value", self._text, index)
        return self._node(ScalarNode, plain_tag(word[0]), word[0], index), word.end()

    def _several(
        self, closing: str, start: int, depth: int, read: Callable[[int, int], tuple[T, int]]
    ) -> tuple[list[T], int]:
        found: list[T] = []
        index = self._skip(start + 1)
        if self._text[index : index + 1] == closing:
            return found, index + 1
        while True:
            one, index = read(index, depth + 1)
            found.append(one)
            index = self._skip(index)
            if self._text[index : index + 1] == closing:
                return found, index + 1
            index = self._skip(self._expect(",", index, f"expected , or {closing}"))

    def _pair(self, index: int, depth: int) -> tuple[tuple[Node, Node], int]:
        if self._text[index : index + 1] != '"':
            raise JSONDecodeError("expected a key in double quotes", self._text, index)
        key, index = self._value(index, depth)
        index = self._skip(self._expect(":", self._skip(index), "expected : after the key"))
        value, index = self._value(index, depth)
        return (key, value), index

    def _expect(self, what: str, index: int, message: str) -> int:
        if self._text[index : index + 1] != what:
            raise JSONDecodeError(message, self._text, index)
        return index + 1
