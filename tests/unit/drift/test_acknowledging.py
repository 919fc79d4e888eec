"""Until when an acknowledgement holds, as people write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rolewright.engine.cli.drift_history import end_of_silence
from rolewright.resources.diagnostics import Problem

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-11-24", datetime(2026, 11, 25, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2026-11-24T13:00", datetime(2026, 11, 24, 13, tzinfo=UTC)),
        ("2026-11-24T14:00:00+01:00", datetime(2026, 11, 24, 13, tzinfo=UTC)),
    ],
)
def test_a_day_counts_to_its_end(text: str, end: datetime) -> None:
    """In UTC, unless a time says its own zone."""
    assert end_of_silence(text, NOW) == end


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-11-23", "9999-12-31"])
def test_what_is_no_day_to_come_is_said(text: str) -> None:
    """A day that has passed would silence nothing."""
    with pytest.raises(Problem):
        end_of_silence(text, NOW)
