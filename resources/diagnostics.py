"""What went wrong, where, why and what to do next: values, never printed here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a file; line and column count from 1. A line that may hold secrets is not `quoted`."""

    file: str
    line: int = 1
    column: int = 1
    quoted: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding for a person.

    `code` is a stable kebab-case name such as `unknown-key`; `summary` says what happened in a line,
    `detail` why, `hint` what to do next.
    """

    code: str
    summary: str
    detail: str = ""
    hint: str = ""
    source: Source | None = None
    address: str | None = None
    severity: Severity = Severity.ERROR

    def at(self, source: Source | None) -> Diagnostic:
        """The same finding, placed in a file."""
        return self if source is None else replace(self, source=source)

    def on(self, address: object) -> Diagnostic:
        """The same finding, said of an address."""
        return replace(self, address=str(address))


class Problem(Exception):  # noqa: N818 - a user's problem, not a programming error
    """A user's mistake or a state of the world that stops the command; carries every finding at once."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.summary for d in diagnostics))
        self.diagnostics = diagnostics

    @classmethod
    def of(
        cls,
        code: str,
        summary: str,
        *,
        detail: str = "",
        hint: str = "",
        source: Source | None = None,
        address: object = None,
    ) -> Problem:
        """A problem with one finding."""
        return cls(
            Diagnostic(
                code, summary, detail, hint, source, None if address is None else str(address)
            )
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a misspelt one, in any case; empty when none is near."""
    words = {one.lower(): one for one in known}
    near = difflib.get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return words[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the nearest known word, or an empty string."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else ""
