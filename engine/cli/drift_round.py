"""One round of a watch: look, name who did it, keep it, tell it, count it. The composition root of all of these."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from ...resources.diagnostics import Problem
from ...state.clock import SystemClock
from ...state.lock import StateLock
from ...state.owner import Life, LocalProcesses, life
from ..config.declarations import Declarations
from ..drift.attribution import Ours, attributed
from ..drift.channels import AppriseSender, Channel, Messenger, Sender, channels
from ..drift.database import database_path
from ..drift.examine import Examined, examine
from ..drift.history import History, unacknowledged
from ..drift.metrics import Metrics
from ..drift.notices import Notice
from ..drift.report import Drift, DriftReport, Severity
from ..drift.trail import (
    GLOBAL_REGION,
    HISTORY,
    LogFiles,
    LookedUp,
    Trail,
    bucket_files,
    folder_files,
)
from ..drift.watch import Busy, Outcome
from ..session import Session
from ..version import tool_version
from .composition import Inputs, aws_for, declarations, session_for
from .drift import lifecycles
from .options import Common
from .report import stderr_sink

LOG = logging.getLogger("rolewright.drift")
LOOKUP, NO_TRAIL = "lookup", "off"


@dataclass(frozen=True, slots=True)
class RoundOptions:
    """What a round does besides looking. `trail` is lookup, off, a folder or s3://BUCKET/PREFIX."""

    inputs: Inputs = field(default_factory=Inputs)
    trail: str = LOOKUP
    notify: bool = False
    parallelism: int = 10
    log_drift: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a round found. `loud` are the drifts that nobody has acknowledged; `failures` what was not delivered."""

    examined: Examined
    report: DriftReport
    loud: tuple[Drift, ...]
    failures: tuple[str, ...] = ()


class Round:
    """Rounds at one stack. The stack file is read at first and on `reload`; AWS is connected with anew each time."""

    def __init__(self, options: Common, wanted: RoundOptions, *, measured: bool = False) -> None:
        """Read the stack file. `measured` tells whether there are to be metrics.

        Raises:
            Problem: it is wrong, or a library that is asked for isn't installed.
        """
        self._options, self._wanted = options, wanted
        self._declared = declarations(options, wanted.inputs)
        self.metrics = Metrics(self._declared.settings.stack) if measured else None
        self._send = AppriseSender() if wanted.notify else None
        self.history = History(database_path(options.state_path), self._declared.settings.stack)

    @property
    def declared(self) -> Declarations:
        """The stack file in use."""
        return self._declared

    def reload(self) -> None:
        """Read the stack file again; where that fails, the one from before stays. Raises Problem."""
        declared = declarations(self._options, self._wanted.inputs)
        self._declared = declared
        self.history = replace(self.history, stack=declared.settings.stack)

    def look(self) -> None:
        """One whole round, for a watch. Raises what stops it, and Busy while an apply is under way."""
        with self.session() as session:
            self.refuse_busy(session)
            serial = session.state().serial
            examined = examine(session, lifecycles(session, self._declared))
            self.refuse_busy(session)
            if session.state().serial != serial:
                raise Busy("an apply changed the stack meanwhile")
            seen = self.seen(session, examined)
        self.keep(seen)

    @contextlib.contextmanager
    def session(self) -> Generator[Session]:
        """A connection of its own for each round: credentials are found anew. Raises Problem, AwsError."""
        session = session_for(
            self._options, self._declared, stderr_sink(self._options), self._wanted.parallelism
        )
        try:
            yield session
        finally:
            _closed(session.aws)

    def refuse_busy(self, session: Session) -> None:
        """Keep from looking at what an apply is changing: it would all seem drifted.

        Raises:
            Busy: an apply is going on, or its last one never ended.
        """
        holder = StateLock(
            self._options.state_path, operation="drift", tool_version=tool_version()
        ).holder()
        if holder is not None and (
            life(holder, LocalProcesses(), excludes=lambda: False) is not Life.DEAD
        ):
            raise Busy(f"{holder.operation} of {holder.who} is going on since {holder.when}")
        if session.journal.open_run() is not None:
            raise Busy(
                "an apply has not come to its end: `rolewright recover` finishes or undoes it"
            )

    def seen(self, session: Session, examined: Examined) -> Seen:
        """What was looked at, with who did it and what is acknowledged."""
        report = examined.report
        if report.drifted and self._wanted.trail != NO_TRAIL:
            with self._trail(session) as trail:
                records = {
                    str(address): {**record.observed, "arn": record.arn}
                    for address, record in examined.state.resources.items()
                }
                ours = Ours(_last_applied(session))
                report = attributed(report, trail, records, ours)
        loud = report.drifted
        try:
            known = self.history.acknowledgements()
            loud = unacknowledged(report.drifted, known, session.clock.now())
        except Problem as problem:
            LOG.warning("%s", problem, extra={"event": "unrecorded"})
        return Seen(examined, report, loud)

    def keep(self, seen: Seen) -> Seen:
        """Write it into the history, tell the channels, and count. What goes wrong here is said, never fatal."""
        failures: list[str] = []
        try:
            run = self.history.append(seen.report)
            LOG.info(
                "%d drifted of %d",
                len(seen.loud),
                seen.report.checked,
                extra={
                    "event": "looked",
                    "run": run,
                    "drifted": len(seen.loud),
                    "checked": seen.report.checked,
                    "calls": seen.report.calls,
                    "seconds": seen.report.seconds,
                },
            )
            failures += self._tell(seen)
        except Problem as problem:
            LOG.error("%s", problem, extra={"event": "unrecorded"})  # noqa: TRY400 - a person's problem
            failures.append(str(problem))
        if self.metrics is not None:
            self.metrics.found(seen.report, seen.loud)
            self.metrics.undelivered(len(failures))
        return replace(seen, failures=tuple(failures))

    def _tell(self, seen: Seen) -> list[str]:
        # What the look or the trail left out may hide what was told before: that is not gone.
        complete = not seen.examined.report.notes
        if self._wanted.log_drift:
            self._messenger((Channel("log", "log://"),), Severity.INFO, _log_notice).tell(
                seen.report, seen.loud, complete=complete
            )
        notify = self._declared.settings.notify
        if self._send is None or notify is None:
            return []
        teller = self._messenger(channels(notify.urls), Severity(notify.threshold), self._send)
        done = teller.tell(seen.report, seen.loud, complete=complete)
        failed = [f"{one.channel} was not told: {one.failure}" for one in done if one.failure]
        for failure in failed:
            LOG.error("%s", failure, extra={"event": "not-told"})
        return failed

    def _messenger(self, to: Sequence[Channel], threshold: Severity, send: Sender) -> Messenger:
        environ: Mapping[str, str] = os.environ
        return Messenger(to, threshold, self.history, send, environ, time.sleep)

    @contextlib.contextmanager
    def _trail(self, session: Session) -> Generator[Trail]:
        source, now = self._wanted.trail, session.clock.now()
        since = now - HISTORY
        if source.startswith("s3://"):
            yield LogFiles(bucket_files(session.aws, source, since), since)
        elif source != LOOKUP:
            yield LogFiles(folder_files(Path(source), since), since)
        else:
            identity = session.aws.identity
            region = GLOBAL_REGION.get(identity.partition, identity.region)
            far = aws_for(replace(self._options, region=region), self._declared)
            try:
                yield LookedUp(session.aws, far, SystemClock())
            finally:
                _closed(far)


@dataclass(frozen=True, slots=True)
class Ended:
    """Told of each round of a watch that is over: a failed one goes into the history, all into the metrics."""

    round: Round
    file: Path | None

    def ended(self, outcome: Outcome, at: datetime, seconds: float, failure: str) -> None:
        """Raises OSError or Problem."""
        metrics = self.round.metrics
        if metrics is not None:
            metrics.ended(outcome, at, seconds, failure)
            if self.file is not None:
                metrics.write(self.file)
        if outcome is Outcome.FAILED:
            self.round.history.append_failure(at, seconds, failure)


def once(
    work: Round, session: Session, examined: Examined, file: Path | None, *, whole: bool
) -> Seen:
    """A single look: named, and kept, told and counted where it was at the whole stack and no apply was going on."""
    seen = work.seen(session, examined)
    if not whole:
        return seen
    try:
        work.refuse_busy(session)
    except Busy as busy:
        LOG.warning("neither kept nor told: %s", busy, extra={"event": "busy"})
        return seen
    seen = work.keep(seen)
    try:
        report = examined.report
        at = datetime.fromisoformat(report.at)
        Ended(work, file).ended(Outcome.DONE, at, report.seconds, "")
    except OSError as error:
        LOG.error("the metrics were not written: %s", error.strerror, extra={"event": "unrecorded"})  # noqa: TRY400
    return seen


def _log_notice(url: str, message: Notice) -> str:  # noqa: ARG001 - it has but one place
    for item in message.items:
        who = item.drift.who.actor if item.drift is not None and item.drift.who else ""
        LOG.warning(
            "%s %s: %s: %s%s",
            item.severity,
            item.news,
            item.address,
            item.reason,
            f" (by {who})" if who else "",
            extra={"event": f"drift-{item.news}"},
        )
    return ""


def _last_applied(session: Session) -> datetime | None:
    """When the last apply ended; a little later, since AWS stamps a call with its own clock."""
    run = session.journal.last_ended()
    if run is None or run.ended is None:
        return None
    return datetime.fromisoformat(run.ended.at) + timedelta(seconds=5)


def _closed(aws: object) -> None:
    close: Callable[[], None] | None = getattr(aws, "close", None)
    if close is not None:
        close()
