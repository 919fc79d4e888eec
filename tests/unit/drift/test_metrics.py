"""Prometheus gets the numbers of a watch, from a port on loopback or from a file that is never half there."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from rolewright.engine.drift.metrics import Metrics
from rolewright.engine.drift.report import Severity
from rolewright.engine.drift.watch import Outcome
from rolewright.resources.diagnostics import Problem
from support.drifts import START, drift, report


def numbers(text: str) -> dict[str, float]:
    """Each number by its name, with the label that tells it apart."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "stack"}
            assert sample.labels["stack"] == "shop"
            name = sample.name.removeprefix("rolewright_drift_")
            found["/".join([name, *labels.values()])] = sample.value
    return found


def test_the_numbers_of_a_watch(tmp_path: Path) -> None:
    """Resources by their worst drift, what is acknowledged, when, how long, how many calls and failures."""
    metrics = Metrics("shop")
    quiet = drift("role.quiet")
    loud = [
        drift(severity=Severity.LOW),
        drift(subject="other"),
        drift("role.b", severity=Severity.LOW),
    ]
    metrics.found(report(*loud, quiet), loud)
    metrics.ended(Outcome.DONE, START, 1.5, "")
    metrics.found(report(*loud, quiet), loud)
    metrics.ended(Outcome.FAILED, START.replace(hour=1), 0.5, "ExpiredToken")
    metrics.ended(Outcome.STANDBY, START.replace(hour=2), 0.0, "")
    metrics.undelivered(2)
    path = tmp_path / "drift.prom"
    metrics.write(path)

    found = numbers(path.read_text())

    assert {name: value for name, value in found.items() if name.startswith("resources/")} == {
        "resources/critical": 1,
        "resources/high": 0,
        "resources/medium": 0,
        "resources/low": 1,
        "resources/info": 0,
    }
    assert found["acknowledged"] == 1
    assert found["checked_resources"] == 20
    assert found["aws_requests_total"] == 10
    assert found["notification_failures_total"] == 2
    assert found["last_success_timestamp_seconds"] == START.timestamp()
    assert found["last_run_timestamp_seconds"] == START.timestamp() + 3600
    assert found["last_run_duration_seconds"] == 0.5
    assert (found["runs_total/done"], found["runs_total/failed"]) == (1, 1)
    assert (found["runs_total/standby"], found["runs_total/busy"]) == (1, 0)
    assert [one.name for one in tmp_path.iterdir()] == ["drift.prom"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o400


def test_they_are_served_on_loopback() -> None:
    """An endpoint that is gone when the watch ends."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    close = Metrics("shop").serve(port)
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    with pytest.raises(Problem, match="can't be served"):
        Metrics("shop").serve(port)
    close()

    assert numbers(text)["resources/critical"] == 0
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/metrics")
