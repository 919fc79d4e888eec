"""Numbers about a watch for Prometheus: over HTTP, or as a text file for node_exporter's collector."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ...resources.diagnostics import Problem
from .report import Drift, DriftReport, Severity
from .watch import Outcome

LOOPBACK = "127.0.0.1"


class Metrics:
    """The numbers of one stack's watch, in a registry of their own."""

    def __init__(self, stack: str) -> None:
        """Make all of them, so that each is there from the start.

        Raises:
            Problem: `no-prometheus`, where the library isn't installed.
        """
        try:
            import prometheus_client as prometheus
        except ImportError as error:
            raise Problem.of(
                "no-prometheus",
                "metrics need prometheus-client, which is not installed",
                hint='install it with rolewright: pip install "rolewright[drift]"',
            ) from error
        self._prometheus: Any = prometheus
        self._registry = prometheus.CollectorRegistry(auto_describe=True)
        self._stack = stack
        self._resources = self._made(
            "Gauge", "resources", "Resources by their worst drift.", "severity"
        )
        self._acknowledged = self._made("Gauge", "acknowledged", "Drifts that are acknowledged.")
        self._checked = self._made(
            "Gauge", "checked_resources", "Resources that the last look checked."
        )
        self._last = self._made("Gauge", "last_run_timestamp_seconds", "When the last look began.")
        self._good = self._made(
            "Gauge",
            "last_success_timestamp_seconds",
            "When the last look began that came to its end.",
        )
        self._seconds = self._made(
            "Gauge", "last_run_duration_seconds", "How long the last look took."
        )
        self._calls = self._made("Counter", "aws_requests", "Requests that looks have sent to AWS.")
        self._runs = self._made("Counter", "runs", "Looks, by how they went.", "outcome")
        self._lost = self._made(
            "Counter", "notification_failures", "Notices that a channel did not take."
        )
        for severity in Severity:
            self._resources.labels(stack, severity).set(0)
        for outcome in Outcome:
            self._runs.labels(stack, outcome)

    def _made(self, sort: str, name: str, words: str, *labels: str) -> Any:
        make: Callable[..., Any] = getattr(self._prometheus, sort)
        made = make(f"rolewright_drift_{name}", words, ("stack", *labels), registry=self._registry)
        return made if labels else made.labels(self._stack)

    def found(self, report: DriftReport, loud: Sequence[Drift]) -> None:
        """Take in what a look found; `loud` are the drifts that nobody has acknowledged."""
        worst: dict[str, Severity] = {}
        for drift in loud:
            known = worst.get(drift.address)
            if known is None or drift.severity.rank > known.rank:
                worst[drift.address] = drift.severity
        counts = Counts(worst.values())
        for severity in Severity:
            self._resources.labels(self._stack, severity).set(counts[severity])
        self._acknowledged.set(len(report.drifted) - len(loud))
        self._checked.set(report.checked)
        self._calls.inc(report.calls)

    def undelivered(self, count: int) -> None:
        """Count notices that a channel did not take."""
        self._lost.inc(count)

    def ended(self, outcome: Outcome, at: datetime, seconds: float, failure: str) -> None:
        """Take in that a round is over. One that only stood by is no look."""
        self._runs.labels(self._stack, outcome).inc()
        if outcome in (Outcome.STANDBY, Outcome.BUSY):
            return
        self._last.set(at.timestamp())
        self._seconds.set(seconds)
        if outcome is Outcome.DONE:
            self._good.set(at.timestamp())

    def serve(self, port: int, address: str = LOOPBACK) -> Callable[[], None]:
        """Answer over HTTP from a thread of its own; returns what ends that.

        Raises:
            Problem: `metrics-port`, where the port can't be had.
        """
        try:
            server, thread = self._prometheus.start_http_server(
                port, addr=address, registry=self._registry
            )
        except OSError as error:
            raise Problem.of(
                "metrics-port",
                f"metrics can't be served on {address}:{port}: {error.strerror or error}",
                hint="name another port with --metrics-port",
            ) from error

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close

    def write(self, path: Path) -> None:
        """Write the text file in one step; node_exporter reads those that end in `.prom`. Raises OSError."""
        self._prometheus.write_to_textfile(str(path), self._registry)
