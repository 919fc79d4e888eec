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
class Recreated:
    """Something that a rollback had to make again, and that AWS gave another unique id.

    `what` is its sort, such as `role`; an id that AWS did not tell is empty. `referred_to_by` are the addresses of
    what is known to name the old id still: it keeps doing so until it is written again.
    """

    address: str
    what: str
    name: str
    old_id: str
    new_id: str
    referred_to_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """How an apply of `plan` ended.

    `failed` are also resources that came out otherwise than planned although every call succeeded.
    `rolled_back` are the addresses whose calls were undone, `left` the commands of the AWS CLI that
    do what the rollback, or the run itself, could not. `committed` says that a call took effect which
    nothing undoes, so that the run was not rolled back. `serial` is the state's afterwards. `recreated` is what the
    rollback made again under new ids.
    """

    status: Status
    plan: Plan
    failed: tuple[FailedCall, ...] = ()
    rolled_back: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    serial: int = 0
    seconds: float = 0.0
    committed: bool = False
    recreated: tuple[Recreated, ...] = ()
