"""IAM writes come in a burst, and then at a rate."""

from __future__ import annotations

import pytest
from rolewright.engine.aws.pace import BURST, PER_SECOND, Pace


def test_a_burst_passes_and_the_rest_keeps_to_the_rate() -> None:
    """A small stack waits for nothing; a large one takes as long as its writes need."""
    time = 0.0

    def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds

    pace = Pace(sleep=sleep, now=lambda: time)

    for _ in range(BURST):
        pace.wait()
    assert time == 0.0
    for _ in range(150):
        pace.wait()

    assert time == pytest.approx(150 / PER_SECOND)


def test_a_pause_earns_a_burst_again() -> None:
    """What was not used while nothing was to do is there later, but never more than one burst."""
    time = 0.0
    waits: list[float] = []
    pace = Pace(sleep=waits.append, now=lambda: time)
    for _ in range(BURST):
        pace.wait()
    time = 3600.0

    for _ in range(BURST + 1):
        pace.wait()

    assert waits == [pytest.approx(1 / PER_SECOND)]
