"""The progress of a run, line by line as it happens; the same on a terminal and in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import assert_never

from rich.console import Console

from ...resources.address import Address
from ..events import (
    CallRetried,
    CallUndone,
    Event,
    Notice,
    RollbackStarted,
    RunStarted,
    StepDone,
    StepFailed,
    StepStarted,
    UndoFailed,
    Verifying,
)
from .lines import Line, line, show
from .symbols import BOLD, CYAN, DIM, GREEN, RED, STRONG_RED, YELLOW
from .values import many, seconds

STILL = 10.0
"""After how many seconds without a word a step that runs is mentioned again."""

_DOING = {
    ("create", "make"): ("creating", "created"),
    ("update", "make"): ("updating", "updated"),
    ("update", "remove"): ("removing what is no longer wanted", "removed what is no longer wanted"),
    ("update", "retire"): ("retiring what is no longer used", "retired what is no longer used"),
    ("replace", "make"): ("making the new one", "made the new one"),
    ("replace", "remove"): ("deleting the old one", "deleted the old one"),
    ("delete", "remove"): ("deleting", "deleted"),
    ("replace", "retire"): ("retiring the old one", "retired the old one"),
    ("delete", "retire"): ("retiring", "retired"),
    ("import", "make"): ("importing", "imported"),
    ("forget", "make"): ("forgetting", "forgotten"),
    ("forget", "remove"): ("forgetting", "forgotten"),
    ("move", "make"): ("moving in the state", "moved in the state"),
}
_WAITING = (
    ("Throttl", "", "AWS: it asks for fewer calls"),
    ("TooManyRequests", "", "AWS: it asks for fewer calls"),
    ("RequestLimitExceeded", "", "AWS: it asks for fewer calls"),
    ("ConcurrentModification", "", "IAM: another change of the same object is under way"),
    ("EntityTemporarilyUnmodifiable", "", "IAM: the object is still being made"),
    ("ResourceConflictException", "", "Lambda: an earlier change is still settling"),
    ("MalformedPolicyDocument", "principal", "IAM: a trusted role is not known everywhere yet"),
    (
        "InvalidParameterValueException",
        "assumed by Lambda",
        "IAM: Lambda can't assume the role yet",
    ),
    ("InvalidParameterValueException", "permissions", "IAM: the role's permissions take effect"),
    ("InvalidParameterValue", "IAM Instance Profile", "IAM: EC2 does not know the profile yet"),
    ("InvalidParameterValue", "no associated IAM", "IAM: EC2 does not know the profile's role yet"),
    ("NoSuchEntity", "", "IAM: what was just made is not known everywhere yet"),
    ("DeleteConflict", "", "IAM: what was just taken off still counts as there"),
)
"""Errors that pass by themselves: a code, a part of the message, and what is waited for."""


class Progress:
    """Prints each event that it is called with; may be called from several threads."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[tuple[Address, str], tuple[str, float, float]] = {}
        self._steps = 0
        self._done = 0

    def __call__(self, event: Event) -> None:
        with self._lock:
            show(self._console, (*self._lines(event), *self._still(event)))

    def _lines(self, event: Event) -> Iterable[Line]:
        match event:
            case RunStarted(steps=steps):
                self._steps, self._done = steps, 0
            case StepStarted() | StepDone() | StepFailed():
                yield self._step(event)
            case CallRetried():
                yield self._retry(event)
            case RollbackStarted(calls=calls):
                self._running.clear()
                yield line((f"Rolling back: {many(calls, 'call')} to undo", YELLOW))
            case CallUndone(address=address, operation=operation):
                yield line(_named(address), ("undone", YELLOW), (f" by {operation}", DIM))
            case UndoFailed(address=address):
                failed = f"could not be undone: {_refused(event)}"
                yield line(_named(address), (failed, STRONG_RED))
            case Verifying(resources=resources):
                yield line((f"Checking {many(resources, 'resource')} in AWS once more…", DIM))
            case Notice(message=message):
                yield line(("note: ", CYAN), message)
            case _:
                assert_never(event)

    def _step(self, event: StepStarted | StepDone | StepFailed) -> Line:
        match event:
            case StepStarted(address=address, action=action, phase=phase):
                doing, _ = _words(action, phase)
                now = self._clock()
                self._running[address, phase] = doing, now, now
                return line(_named(address), f"{doing}…")
            case StepDone(address=address, action=action, phase=phase, seconds=took):
                self._running.pop((address, phase), None)
                self._done += 1
                _, done = _words(action, phase)
                count = f" [{self._done}/{self._steps}]" if self._steps >= self._done else ""
                return line(_named(address), (done, GREEN), f" ({seconds(took)})", (count, DIM))
            case StepFailed(address=address):
                for key in [key for key in self._running if key[0] == address]:
                    del self._running[key]
                return line(_named(address), (f"failed: {_refused(event)}", RED))

    def _retry(self, event: CallRetried) -> Line:
        self._mention(event.address)
        reason = _waiting_for(event.code, event.message)
        again = f", again in {seconds(event.delay)}" if event.delay else ""
        waited = f" ({seconds(event.waited)}{again})"
        return line(_named(event.address), (f"waiting for {reason}", YELLOW), waited)

    def _mention(self, address: Address) -> None:
        now = self._clock()
        for key, (doing, begun, _) in self._running.items():
            if key[0] == address:
                self._running[key] = doing, begun, now

    def _still(self, event: Event) -> Iterable[Line]:
        """Lines for steps that have long been silent; only an event is an occasion to look."""
        now = self._clock()
        for key, (doing, begun, mentioned) in self._running.items():
            if now - mentioned >= STILL:
                self._running[key] = doing, begun, now
                yield line(_named(key[0]), (f"still {doing}… ({seconds(now - begun)})", DIM))


def _words(action: str, phase: str) -> tuple[str, str]:
    return _DOING.get((action, phase), (f"{action} ({phase})", f"{action} done"))


def _named(address: Address) -> tuple[str, str]:
    return f"{address}: ", BOLD


def _refused(event: StepFailed | UndoFailed) -> str:
    parts = (event.operation, event.code, event.message)
    return ": ".join(part for part in parts if part)


def _waiting_for(code: str, message: str) -> str:
    for known, part, reason in _WAITING:
        if code.startswith(known) and part in message:
            return reason
    return f"AWS: {code}: {message}"
