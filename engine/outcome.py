"""How an apply ended, as plain data for whoever reports it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .plan import Plan


class Status(StrEnum):
    """The five ends of an apply."""

    APPLIED = "applied"
    NO_CHANGES = "no_changes"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_INCOMPLETE = "rollback_incomplete"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call that failed for good, with AWS's error."""

    address: str
    operation: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """How an apply of `plan` ended.

    `failed` are also resources that came out otherwise than planned although every call succeeded.
    `rolled_back` are the addresses whose calls were undone, `left` the commands of the AWS CLI that
    do what the rollback, or the run itself, could not. `committed` says that a call took effect which
    nothing undoes, so that the run was not rolled back. `serial` is the state's afterwards.
    """

    status: Status
    plan: Plan
    failed: tuple[FailedCall, ...] = ()
    rolled_back: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    serial: int = 0
    seconds: float = 0.0
    committed: bool = False
