"""What is wrong with a policy document: values, with the place in the document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .values import JsonPath


class DocumentKind(StrEnum):
    """What a document is for; AWS has other rules and another size for each."""

    TRUST = "trust"
    MANAGED = "managed"
    INLINE = "inline"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that AWS would refuse, or that can never work.

    `path` leads to the place in the document as it is written: `("Statement", 0, "Action", 1)`,
    without an index where there is no list. What is missing is reported at the object that lacks
    it. `code` is a stable kebab-case name. `line` and `column` count from 1 and are known for JSON
    text only.
    """

    path: JsonPath
    code: str
    summary: str
    hint: str = ""
    line: int | None = None
    column: int | None = None


class InvalidDocumentError(ValueError):
    """A document that has not the shape of a policy; `faults` holds all that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.summary for fault in faults))
        self.faults = faults
