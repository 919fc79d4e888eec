"""`rolewright drift` on a schedule: a service in the foreground until SIGTERM."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ...resources.diagnostics import Problem
from ...state.clock import SystemClock
from ..drift.leader import Leadership, leader_path
from ..drift.logs import JsonLines
from ..drift.timetable import Timetable, cron, duration, every
from ..drift.wakeups import Signals
from ..drift.watch import Parts, Watch
from .command import EXIT_DONE
from .drift_round import Ended, Round, RoundOptions
from .options import Common
from .stored import stored_state


@dataclass(frozen=True, slots=True)
class Service:
    """The options of a watch: `schedule` or `every`, and what it is to be measured by."""

    schedule: str | None
    every: str | None
    timezone: str
    jitter: str | None
    metrics_port: int | None
    metrics_address: str
    metrics_file: Path | None
    json_logs: bool

    def timetable(self, now: datetime) -> Timetable:
        """When to look.

        Raises:
            Problem: what was given is no schedule, or both sorts were.
        """
        jitter: timedelta | None = None if self.jitter is None else duration(self.jitter)
        if self.schedule is not None and self.every is not None:
            raise Problem.of("bad-option", "--schedule and --every are two ways: give one of them")
        if self.every is not None:
            return every(self.every, now, jitter)
        return cron(self.schedule or "", self.timezone, jitter)


def serve(options: Common, service: Service, wanted: RoundOptions) -> int:
    """Watch until a signal ends it.

    Raises:
        Problem: there is no state, the stack file or an option is wrong, or a library is missing.
    """
    stored_state(options)
    timetable = _loaded(service)
    measured = service.metrics_port is not None or service.metrics_file is not None
    work = Round(options, wanted, measured=measured)
    set_up_logging(options, json_lines=service.json_logs)
    close = (
        work.metrics.serve(service.metrics_port, service.metrics_address)
        if work.metrics is not None and service.metrics_port is not None
        else None
    )
    leader = Leadership(leader_path(options.state_path))
    try:
        with Signals() as signals:
            ended = Ended(work, service.metrics_file)
            parts = Parts(work.look, work.reload, leader, ended, SystemClock(), signals)
            Watch(timetable, parts).run()
    finally:
        leader.release()
        if close is not None:
            close()
    return EXIT_DONE


def _loaded(service: Service) -> Timetable:
    try:
        return service.timetable(datetime.now(UTC))
    except ImportError as error:
        raise Problem.of(
            "no-apscheduler",
            "a schedule needs APScheduler, which is not installed",
            hint='install it with rolewright: pip install "rolewright[drift]"',
        ) from error


def set_up_logging(options: Common, *, json_lines: bool) -> None:
    """Log lines on standard error: what a service does is worth saying even where nothing is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines()
        if json_lines
        else logging.Formatter("%(levelname)s %(message)s")
        if "JOURNAL_STREAM" in os.environ  # systemd's journal has its own times
        else logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    logging.getLogger().handlers = [handler]
    logger = logging.getLogger("rolewright.drift")
    logger.setLevel(options.log_level.value.upper() if options.log_level else logging.INFO)
