"""The history: each look for drift, what people acknowledged, and what was told to whom.

All of it is in one SQLite file (see `database`). Times are ISO 8601 in UTC, to the second, and so
compare as texts. Runs are kept up to a number and an age; acknowledgements until they run out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ...resources.diagnostics import Problem
from ...state.clock import timestamp
from .database import opened
from .report import Drift, DriftReport, Severity
from .report_codec import decode_report, encode_report

MAX_RUNS = 10_000
MAX_AGE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class PastRun:
    """A look as the list of them shows it. `worst` is empty without drift, `failure` where it came to its end."""

    id: int
    at: str
    seconds: float
    checked: int
    calls: int
    drifted: int
    worst: str
    failure: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody's word that one drift, as it was found, is known; it holds until `until`."""

    address: str
    key: str
    fingerprint: str
    until: str
    reason: str
    at: str

    def covers(self, drift: Drift, now: datetime) -> bool:
        """Whether the drift is the one that was acknowledged, unchanged, and the time has not run out."""
        same = (self.key, self.fingerprint) == (drift.key, drift.fingerprint)
        return same and timestamp(now) < self.until


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel was last told of one drift."""

    key: str
    address: str
    fingerprint: str
    severity: Severity
    reason: str


def unacknowledged(
    drifted: Iterable[Drift], known: Iterable[Acknowledgement], now: datetime
) -> tuple[Drift, ...]:
    """The drifts that nobody has acknowledged, in order."""
    by_key = {one.key: one for one in known}
    return tuple(
        drift
        for drift in drifted
        if drift.key not in by_key or not by_key[drift.key].covers(drift, now)
    )


@dataclass(frozen=True, slots=True)
class History:
    """The history of one stack. Every method opens the file, does its work in one transaction, and closes it.

    Each raises Problem when the file can't be used.
    """

    path: Path
    stack: str
    max_runs: int = MAX_RUNS
    max_age: timedelta = MAX_AGE

    def append(self, report: DriftReport) -> int:
        """Keep a look, drop those that are too many or too old, and return its number."""
        worst = next(iter(report.by_severity), "")
        content = json.dumps(encode_report(report), ensure_ascii=False, default=str)
        row = (report.at, report.seconds, report.checked, report.calls)
        return self._append((*row, len(report.drifted), str(worst), "", content))

    def append_failure(self, at: datetime, seconds: float, failure: str) -> int:
        """Keep a look that came to no end: `failure` says in a line why."""
        return self._append((timestamp(at), seconds, 0, 0, 0, "", failure, None))

    def _append(self, row: tuple[object, ...]) -> int:
        with opened(self.path) as connection:
            made = connection.execute(
                "INSERT INTO runs (stack, at, seconds, checked, calls, drifted, worst, failure,"
                " report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self.stack, *row),
            )
            self._trim(connection, str(row[0]))
            return made.lastrowid or 0

    def _trim(self, connection: sqlite3.Connection, now: str) -> None:
        oldest = timestamp(datetime.fromisoformat(now) - self.max_age)
        connection.execute(
            "DELETE FROM runs WHERE stack = ?1 AND (at < ?2 OR id <= (SELECT id FROM runs"
            " WHERE stack = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?3))",
            (self.stack, oldest, self.max_runs),
        )
        connection.execute(
            "DELETE FROM acknowledgements WHERE stack = ? AND until < ?", (self.stack, oldest)
        )

    def runs(self, limit: int) -> Sequence[PastRun]:
        """The last looks, the newest first."""
        with opened(self.path) as connection:
            found = connection.execute(
                "SELECT id, at, seconds, checked, calls, drifted, worst, failure FROM runs"
                " WHERE stack = ? ORDER BY id DESC LIMIT ?",
                (self.stack, limit),
            ).fetchall()
        return [PastRun(*row) for row in found]

    def report(self, run: int) -> DriftReport:
        """What a look found.

        Raises:
            Problem: `no-such-run`, or `run-failed` with why.
        """
        with opened(self.path) as connection:
            row = connection.execute(
                "SELECT at, failure, report FROM runs WHERE stack = ? AND id = ?", (self.stack, run)
            ).fetchone()
        if row is None:
            raise Problem.of(
                "no-such-run",
                f"the history has no run {run} of this stack",
                hint="`rolewright drift history` lists them",
            )
        if row["report"] is None:
            raise Problem.of("run-failed", f"run {run} at {row['at']} failed: {row['failure']}")
        return decode_report(json.loads(row["report"]))

    def latest(self) -> DriftReport | None:
        """What the last look found that came to its end."""
        with opened(self.path) as connection:
            row = connection.execute(
                "SELECT report FROM runs WHERE stack = ? AND report IS NOT NULL"
                " ORDER BY id DESC LIMIT 1",
                (self.stack,),
            ).fetchone()
        return None if row is None else decode_report(json.loads(row["report"]))

    def acknowledge(
        self, drifted: Iterable[Drift], *, until: datetime, reason: str, now: datetime
    ) -> None:
        """Keep these drifts silent until they change or the time comes."""
        with opened(self.path) as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO acknowledgements"
                " (stack, key, address, fingerprint, until, reason, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        self.stack,
                        drift.key,
                        drift.address,
                        drift.fingerprint,
                        timestamp(until),
                        reason,
                        timestamp(now),
                    )
                    for drift in drifted
                ],
            )

    def unacknowledge(self, address: str) -> int:
        """Take back what was acknowledged of an address; returns how many drifts that were."""
        with opened(self.path) as connection:
            done = connection.execute(
                "DELETE FROM acknowledgements WHERE stack = ? AND address = ?",
                (self.stack, address),
            )
            return done.rowcount

    def acknowledgements(self) -> tuple[Acknowledgement, ...]:
        """All of them, also those that have run out, by address."""
        with opened(self.path) as connection:
            found = connection.execute(
                "SELECT address, key, fingerprint, until, reason, at FROM acknowledgements"
                " WHERE stack = ? ORDER BY address, key",
                (self.stack,),
            ).fetchall()
        return tuple(Acknowledgement(*row) for row in found)

    def told(self, channel: str) -> Mapping[str, Told]:
        """What a channel was last told, by the drift's key."""
        with opened(self.path) as connection:
            found = connection.execute(
                "SELECT key, address, fingerprint, severity, reason FROM told"
                " WHERE stack = ? AND channel = ? ORDER BY key",
                (self.stack, channel),
            ).fetchall()
        return {
            row["key"]: Told(
                row["key"],
                row["address"],
                row["fingerprint"],
                Severity(row["severity"]),
                row["reason"],
            )
            for row in found
        }

    def set_told(self, channel: str, told: Iterable[Told]) -> None:
        """Put down what a channel now knows, in the place of what it knew."""
        with opened(self.path) as connection:
            connection.execute(
                "DELETE FROM told WHERE stack = ? AND channel = ?", (self.stack, channel)
            )
            connection.executemany(
                "INSERT INTO told (stack, channel, key, address, fingerprint, severity, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        self.stack,
                        channel,
                        one.key,
                        one.address,
                        one.fingerprint,
                        one.severity,
                        one.reason,
                    )
                    for one in told
                ],
            )
