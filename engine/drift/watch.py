"""The watch: looks one after the other, at the times of a timetable, and outlives whatever goes wrong.

It knows neither AWS nor a stack: it is handed a `look`, which does one round and says how it went.
Looks never overlap, since there is one thread; times that passed while one went on, or while the
machine slept, are made up for by one look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Protocol

from ...resources.diagnostics import Problem
from ...resources.ports import AwsError
from ...state.clock import Clock, timestamp
from .timetable import Timetable
from .wakeups import Wakeups

LOG = logging.getLogger("rolewright.drift")
# A wait counts no time while a machine sleeps, and a clock may be set: so the time is looked at again.
_LONGEST_WAIT = 30.0
_SET_BACK = timedelta(minutes=1)


class Outcome(StrEnum):
    """How one round went."""

    DONE = "done"
    FAILED = "failed"
    STANDBY = "standby"
    """Another replica leads."""
    BUSY = "busy"
    """An apply is changing what would be looked at."""


class _Woken(Enum):
    """Why a wait is over."""

    DUE = auto()
    RELOAD = auto()
    SET_BACK = auto()
    STOPPED = auto()


class Leader(Protocol):
    """Tells whether this replica is the one that works."""

    def lead(self) -> bool: ...


class Listener(Protocol):
    """Told of each round that is over: metrics and the history."""

    def ended(self, outcome: Outcome, at: datetime, seconds: float, failure: str) -> None: ...


class Busy(Exception):  # noqa: N818 - no error: the look is put off
    """What would be looked at is being changed by ourselves; `str` says by what."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a watch is made of. `look` does one round and raises what stops it; `reload` reads the stack file anew."""

    look: Callable[[], None]
    reload: Callable[[], None]
    leader: Leader
    listener: Listener
    clock: Clock
    wakeups: Wakeups


class Watch:
    """A watch that is going on."""

    def __init__(self, timetable: Timetable, parts: Parts) -> None:
        """Nothing happens before `run`."""
        self._timetable = timetable
        self._parts = parts
        self._troubles = _Troubles(parts.clock)
        self._standing_by = False

    def run(self) -> None:
        """Look until a stop is asked for."""
        clock, wakeups = self._parts.clock, self._parts.wakeups
        LOG.info("watching %s", self._timetable.words, extra={"event": "started"})
        previous: datetime | None = None
        while not wakeups.stop:
            due = self._timetable.after(previous, clock.now())
            self._missed(previous, due)
            woken = self._wait_until(self._timetable.delayed(due))
            if woken is _Woken.STOPPED:
                break
            if woken is _Woken.SET_BACK:
                LOG.warning("the clock was set back", extra={"event": "set-back"})
                continue
            if woken is _Woken.RELOAD:
                self._reload()
                # The times that were due by now are done with, and the next one is still to come.
                due = min(due, clock.now())
            self.round()
            previous = due
        LOG.info("stopped", extra={"event": "stopped"})

    def round(self) -> Outcome:
        """One look, or the reason why there was none; never raises but for a second signal."""
        clock = self._parts.clock
        begun, at = clock.monotonic(), clock.now()
        failure = ""
        try:
            outcome = self._look()
        except Busy as busy:
            LOG.info("put off: %s", busy, extra={"event": "busy"})
            outcome = Outcome.BUSY
        except Exception as error:  # noqa: BLE001 - a watch outlives everything that may stop a look
            outcome, failure = Outcome.FAILED, _said(error)
            self._troubles.met(failure)
        seconds = clock.monotonic() - begun
        try:
            self._parts.listener.ended(outcome, at, seconds, failure)
        except (OSError, Problem) as error:
            LOG.warning(
                "could not record the look: %s", _said(error), extra={"event": "unrecorded"}
            )
        return outcome

    def _look(self) -> Outcome:
        if not self._parts.leader.lead():
            if not self._standing_by:
                LOG.info("standing by: another replica leads", extra={"event": "standby"})
            self._standing_by = True
            return Outcome.STANDBY
        if self._standing_by:
            LOG.info("leading now", extra={"event": "leading"})
        self._standing_by = False
        self._parts.look()
        self._troubles.over()
        return Outcome.DONE

    def _reload(self) -> None:
        LOG.info("reloading", extra={"event": "reload"})
        try:
            self._parts.reload()
        except Exception as error:  # noqa: BLE001 - the file may be a program, and anything go wrong in it
            LOG.error(  # noqa: TRY400 - the reason is a person's, the place in the code is not
                "the stack file was not reloaded, the one from before stays in use: %s",
                _said(error),
                extra={"event": "reload-failed"},
            )

    def _wait_until(self, moment: datetime) -> _Woken:
        clock, wakeups = self._parts.clock, self._parts.wakeups
        before = clock.now()
        while not wakeups.stop:
            if wakeups.take_reload():
                return _Woken.RELOAD
            now = clock.now()
            if now < before - _SET_BACK:
                return _Woken.SET_BACK
            if now >= moment:
                return _Woken.DUE
            before = now
            wakeups.wait(min((moment - now).total_seconds(), _LONGEST_WAIT))
        return _Woken.STOPPED

    def _missed(self, previous: datetime | None, due: datetime) -> None:
        if previous is None:
            return
        late = self._parts.clock.now() - due
        first = self._timetable.after(previous, previous)
        if late > timedelta(0) and first < due:
            LOG.warning(
                "looks have been missed since %s: one makes up for them",
                timestamp(first),
                extra={"event": "missed"},
            )


class _Troubles:
    """What keeps looks from succeeding: said when it begins, when it becomes another, and when it ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failure = ""
        self._since: datetime | None = None
        self._count = 0

    def met(self, failure: str) -> None:
        self._count += 1
        self._since = self._since or self._clock.now()
        if failure != self._failure:
            LOG.error("a look failed: %s", failure, extra={"event": "failing"})
        self._failure = failure

    def over(self) -> None:
        if self._since is not None:
            LOG.info(
                "looks succeed again, after %d failed since %s",
                self._count,
                timestamp(self._since),
                extra={"event": "recovered", "failures": self._count},
            )
        self._failure, self._since, self._count = "", None, 0


def _said(error: Exception) -> str:
    """An error in a line. AWS's are free of secrets already; of what we don't know, only the sort is said."""
    if isinstance(error, AwsError):
        return f"{error.service}:{error.operation}: {error.code}: {error.message}"
    if isinstance(error, Problem):
        return "; ".join(one.summary for one in error.diagnostics)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    LOG.debug("internal error", exc_info=error)
    return f"a fault of rolewright: {type(error).__name__}"
