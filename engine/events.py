"""What happens while a run goes on, as values for whoever watches: views print them, the engine never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..resources.address import Address


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run with this many steps begins."""

    run: str
    steps: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The calls of one phase of one change begin; `action` is the change's, `phase` make or remove."""

    address: Address
    action: str
    phase: str


@dataclass(frozen=True, slots=True)
class CallRetried:
    """A call failed with an error that passes by itself and is made again after `delay` seconds."""

    address: Address
    operation: str
    code: str
    message: str
    delay: float
    waited: float


@dataclass(frozen=True, slots=True)
class StepDone:
    """All calls of a step succeeded, in `seconds`."""

    address: Address
    action: str
    phase: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A call of a step failed for good."""

    address: Address
    operation: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RollbackStarted:
    """The calls made so far, this many, are being undone."""

    calls: int


@dataclass(frozen=True, slots=True)
class CallUndone:
    """One undo call succeeded."""

    address: Address
    operation: str


@dataclass(frozen=True, slots=True)
class UndoFailed:
    """One undo call failed for good."""

    address: Address
    operation: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Verifying:
    """Everything that was touched is read once more."""

    resources: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for the person, such as a lock that was taken over."""

    message: str


Event: TypeAlias = (
    RunStarted
    | StepStarted
    | CallRetried
    | StepDone
    | StepFailed
    | RollbackStarted
    | CallUndone
    | UndoFailed
    | Verifying
    | Notice
)
Sink: TypeAlias = Callable[[Event], None]
