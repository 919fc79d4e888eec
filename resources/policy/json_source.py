"""JSON text read with the place of every value, and with keys that stand twice in an object."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from .faults import Fault
from .values import JsonPath, quoted

T = TypeVar("T")

MAX_DEPTH = 40
"""No policy nests deeper than seven levels; what goes far beyond would exhaust the stack."""

_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<rest>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_LONGEST_INTEGER = 300


@dataclass(frozen=True, slots=True)
class JsonSource:
    """A JSON text that has been read.

    `places` holds line and column, from 1, of each value; an object's member stands where its key
    does. `faults` holds what makes the text no JSON, and keys that stand twice; of those the last
    one counts.
    """

    value: Any
    places: Mapping[JsonPath, tuple[int, int]]
    faults: tuple[Fault, ...]

    def place(self, path: JsonPath) -> tuple[int, int] | None:
        """Where a value stands, or the nearest object around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return None

    def placed(self, fault: Fault) -> Fault:
        """A fault with the line and column of what it is about."""
        place = self.place(fault.path)
        return fault if place is None else replace(fault, line=place[0], column=place[1])


class _SyntaxError(Exception):
    def __init__(self, summary: str, index: int) -> None:
        super().__init__(summary)
        self.index = index


def read_json(text: str) -> JsonSource:
    """Read a JSON text; one that is no JSON has the value None and a fault `bad-json`."""
    reader = _Reader(text)
    try:
        value = reader.document()
    except _SyntaxError as error:
        line, column = reader.place(error.index)
        summary = f"this is not JSON: line {line}, column {column}: {error}"
        return JsonSource(None, {}, (Fault((), "bad-json", summary, "", line, column),))
    return JsonSource(value, reader.places, tuple(reader.faults))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._lines = [0, *(match.end() for match in re.finditer("\n", self._text))]
        self.places: dict[JsonPath, tuple[int, int]] = {}
        self.faults: list[Fault] = []

    def document(self) -> Any:
        start = self._skip(0)
        value, index = self._value(start, ())
        self.places[()] = self.place(start)
        index = self._skip(index)
        if index != len(self._text):
            raise _SyntaxError("expected the end of the text", index)
        return value

    def place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1

    def _skip(self, index: int) -> int:
        match = _SPACE.match(self._text, index)
        return index if match is None else match.end()

    def _value(self, index: int, path: JsonPath) -> tuple[Any, int]:
        if len(path) > MAX_DEPTH:
            raise _SyntaxError("nested too deeply", index)
        match self._text[index : index + 1]:
            case "{":
                return self._object(index, path)
            case "[":
                return self._array(index, path)
            case '"':
                return self._string(index)
            case _:
                return self._scalar(index)

    def _string(self, index: int) -> tuple[str, int]:
        match = _TEXT.match(self._text, index)
        if match is None:
            raise _SyntaxError("expected a text in double quotes, on one line", index)
        return json.loads(match[0]), match.end()

    def _scalar(self, index: int) -> tuple[Any, int]:
        if (match := _NUMBER.match(self._text, index)) is not None:
            return self._number(match[0], index, whole=not match["rest"]), match.end()
        if (match := _WORD.match(self._text, index)) is not None and match[0] in _WORDS:
            return _WORDS[match[0]], match.end()
        raise _SyntaxError("expected a value", index)

    def _number(self, text: str, index: int, *, whole: bool) -> int | Decimal:
        try:
            return int(text) if whole and len(text) <= _LONGEST_INTEGER else Decimal(text)
        except ArithmeticError as error:
            raise _SyntaxError("a number out of all range", index) from error

    def _array(self, start: int, path: JsonPath) -> tuple[list[Any], int]:
        found: list[Any] = []

        def item(index: int) -> int:
            place: JsonPath = (*path, len(found))
            self.places[place] = self.place(index)
            value, index = self._value(index, place)
            found.append(value)
            return index

        return found, self._several("]", start, item)

    def _object(self, start: int, path: JsonPath) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}

        def member(index: int) -> int:
            key, end = self._string(index)
            self._remember(key, index, (*path, key), twice=key in found)
            end = self._skip(end)
            if self._text[end : end + 1] != ":":
                raise _SyntaxError(f"expected a colon after {quoted(key)}", end)
            found[key], end = self._value(self._skip(end + 1), (*path, key))
            return end

        return found, self._several("}", start, member)

    def _remember(self, key: str, index: int, path: JsonPath, *, twice: bool) -> None:
        line, column = self.place(index)
        if twice:
            former = self.places[path][0]
            summary = f"{quoted(key)} stands twice in one object, on lines {former} and {line}"
            hint = "AWS takes one of them only: join or remove one"
            self.faults.append(Fault(path, "duplicate-key", summary, hint, line, column))
        self.places[path] = (line, column)

    def _several(self, closing: str, start: int, read: Callable[[int], int]) -> int:
        index = self._skip(start + 1)
        if self._text[index : index + 1] == closing:
            return index + 1
        while True:
            index = self._skip(read(index))
            match self._text[index : index + 1]:
                case mark if mark == closing:
                    return index + 1
                case ",":
                    index = self._skip(index + 1)
                case _:
                    raise _SyntaxError(f'expected "," or "{closing}"', index)
