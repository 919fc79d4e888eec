"""Diagnostics for people: what happened, where in which file, why, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console

from ...resources.diagnostics import Diagnostic, Severity, Source
from .lines import BLANK, Line, line, show
from .symbols import BOLD, CYAN, DIM, STRONG_RED
from .values import many

ReadLine = Callable[[Source], str | None]
"""Gives the line of a file that a source points into, or None where it can't be read."""

_STYLES = {Severity.ERROR: STRONG_RED, Severity.WARNING: "bold yellow"}
_CUT = 12
_MOST_BYTES = 10_000_000


def render_diagnostics(
    diagnostics: Sequence[Diagnostic], console: Console, *, read: ReadLine | None = None
) -> None:
    """Print diagnostics, each once, in the order in which they were found, and their number."""
    show(console, diagnostic_lines(diagnostics, console.width, read or file_reader()))


def diagnostic_lines(
    diagnostics: Sequence[Diagnostic], width: int, read: ReadLine
) -> Iterable[Line]:
    """Diagnostics as lines."""
    found = tuple(dict.fromkeys(diagnostics))
    for diagnostic in found:
        yield from _one(diagnostic, width, read)
        yield BLANK
    if len(found) > 1:
        counts = Counter(diagnostic.severity for diagnostic in found)
        told = [many(counts[severity], severity.value) for severity in Severity if counts[severity]]
        yield line((", ".join(told), BOLD))


def file_reader() -> ReadLine:
    """A reader of lines that reads each file once."""

    @cache
    def lines_of(file: str) -> Sequence[str]:
        path = Path(file)
        try:
            if not path.is_file() or path.stat().st_size > _MOST_BYTES:
                return ()
            return path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ()

    def read(source: Source) -> str | None:
        lines = lines_of(source.file)
        return lines[source.line - 1] if 1 <= source.line <= len(lines) else None

    return read


def _one(diagnostic: Diagnostic, width: int, read: ReadLine) -> Iterable[Line]:
    severity = diagnostic.severity
    yield line((f"{severity.value}: ", _STYLES[severity]), (diagnostic.summary, BOLD), hang=7)
    if diagnostic.source is not None:
        yield from _place(diagnostic.source, width, read)
    if diagnostic.address and diagnostic.address not in diagnostic.summary:
        yield line(("on ", DIM), diagnostic.address, indent=2)
    for text in diagnostic.detail.splitlines():
        yield line(text, indent=2, hang=0)
    for text in diagnostic.hint.splitlines():
        yield line(("hint: ", CYAN), text, indent=2, hang=6)


def _place(source: Source, width: int, read: ReadLine) -> Iterable[Line]:
    margin = " " * len(str(source.line))
    yield line((f"{margin}--> ", DIM), str(source))
    text = read(source) if source.quoted else None
    if text is None or not text.strip():
        return
    room = width - len(margin) - 4
    shown, before = _excerpt(text, source.column, room)
    yield line((f"{margin} │", DIM))
    yield line((f"{source.line} │ ", DIM), shown, hang=0)
    yield line((f"{margin} │ ", DIM), (f"{' ' * before}^", STRONG_RED), hang=0)


def _excerpt(text: str, column: int, room: int) -> tuple[str, int]:
    """The part of a source line around a column that fits, and how wide its beginning is."""
    # A tab counts as one column of a file, and one cell keeps the mark under what it marks.
    text = text.rstrip().replace("\t", " ")
    at = min(max(column - 1, 0), len(text))
    start = max(0, at - room + _CUT) if cell_len(text[:at]) >= room - _CUT else 0
    head = "…" if start else ""
    shown = head + text[start:]
    if cell_len(shown) > room:
        shown = shown[: max(1, room - 1)] + "…"
    return shown, cell_len(head + text[start:at])
