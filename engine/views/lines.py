"""Lines of text as values, and the one place that puts them on a console.

A line that is too long continues further in. A word that is longer than the console, such as an
ARN, is never broken, so that it can be copied. What a terminal would obey is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

Segment: TypeAlias = tuple[str, str]
"""Some text and its style."""

Piece: TypeAlias = str | Segment

GLUE = "\u2800"
"""Stands for a space at which no line is broken; rich breaks lines at no-break spaces too."""

NARROWEST = 24

_WORDS = re.compile(r"[^ ]+ *| +")
_ASCII = {"→": "->", "—": "-", "…": "...", "·": "-", "│": "|"}


@dataclass(frozen=True, slots=True)
class Line:
    """Styled segments, `indent` columns in; what doesn't fit goes `hang` columns further in."""

    segments: tuple[Segment, ...] = ()
    indent: int = 0
    hang: int = 4

    @property
    def text(self) -> str:
        """The line without its styles."""
        return " " * self.indent + "".join(text for text, _ in self.segments).replace(GLUE, " ")

    def plus(self, *pieces: Piece) -> Line:
        """The line with something behind it."""
        return replace(self, segments=(*self.segments, *_segments(pieces)))

    def deeper(self, columns: int) -> Line:
        """The line further in."""
        return replace(self, indent=self.indent + columns)


BLANK = Line()


def line(*pieces: Piece, indent: int = 0, hang: int = 4) -> Line:
    """A line of pieces: plain texts, or pairs of a text and its style."""
    return Line(_segments(pieces), indent, hang)


def _segments(pieces: Iterable[Piece]) -> tuple[Segment, ...]:
    pairs = ((piece, "") if isinstance(piece, str) else piece for piece in pieces)
    return tuple(pair for pair in pairs if pair[0])


def listed(items: Iterable[str], style: str = "") -> Segment:
    """Items with commas between them."""
    return ", ".join(items), style


def glued(text: str) -> str:
    """Text that stays on one line."""
    return text.replace(" ", GLUE)


def show(console: Console, lines: Iterable[Line]) -> None:
    """Print lines, within the console's width and in characters that its encoding has."""
    for one in lines:
        for text in _wrapped(console, one):
            console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _wrapped(console: Console, one: Line) -> Iterable[Text]:
    encoding = console.encoding
    styled = Text.assemble(*((printable(text, encoding), style) for text, style in one.segments))
    room = console.width - one.indent
    for index, part in enumerate(styled.divide(_breaks(styled.plain, room, room - one.hang))):
        part.plain = part.plain.replace(GLUE, " ")
        part.rstrip()
        yield Text(" " * (one.indent + (one.hang if index else 0))).append_text(part)


def _breaks(plain: str, first: int, rest: int) -> list[int]:
    """Where a text goes on to the next line: rich itself would break words that are too long."""
    found: list[int] = []
    used, room = 0, max(NARROWEST, first)
    for word in _WORDS.finditer(plain):
        width = cell_len(word.group().rstrip(" "))
        if used and used + width > room:
            found.append(word.start())
            used, room = 0, max(NARROWEST, rest)
        used += cell_len(word.group())
    return found


def printable(text: str, encoding: str = "utf-8") -> str:
    """Text in characters of an encoding; what a terminal obeys or a reader can't see is escaped."""
    safe = "".join(c if c.isprintable() else _escaped(c) for c in text)
    if encoding.startswith("utf"):
        return safe
    for symbol, plain in (*_ASCII.items(), (GLUE, " ")):
        safe = safe.replace(symbol, plain)
    return safe.encode(encoding, "backslashreplace").decode(encoding)


def _escaped(character: str) -> str:
    return (
        character.encode("ascii", "backslashreplace").decode()
        if ord(character) > 0x7F
        else (f"\\x{ord(character):02x}")
    )
