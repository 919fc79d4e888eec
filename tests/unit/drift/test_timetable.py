"""Crontab lines mean what crontab(5) says, in any time zone; intervals keep their pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from rolewright.engine.drift.timetable import Timetable, cron, duration, every
from rolewright.resources.diagnostics import Problem
from support.drifts import START


def times(table: Timetable, count: int, begin: datetime = START) -> list[str]:
    """The first times that are due, in UTC, each asked for when the one before is over."""
    found: list[datetime] = []
    for _ in range(count):
        found.append(table.after(found[-1] if found else None, found[-1] if found else begin))
    return [one.strftime("%a %d %H:%M") for one in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*/20 * * * *", ["Mon 23 00:00", "Mon 23 00:20", "Mon 23 00:40", "Mon 23 01:00"]),
        ("5 4 * * 0", ["Sun 29 04:05", "Sun 06 04:05"]),
        ("5 4 * * 7", ["Sun 29 04:05", "Sun 06 04:05"]),
        ("0 9 * * 1-5", ["Mon 23 09:00", "Tue 24 09:00", "Wed 25 09:00", "Thu 26 09:00"]),
        ("0 9 * * MON,Wed", ["Mon 23 09:00", "Wed 25 09:00", "Mon 30 09:00"]),
        ("0 9 * * fri-sun", ["Fri 27 09:00", "Sat 28 09:00", "Sun 29 09:00", "Fri 04 09:00"]),
        ("0 9 * * */2", ["Tue 24 09:00", "Thu 26 09:00", "Sat 28 09:00", "Sun 29 09:00"]),
        ("0 9 * * 1/3", ["Mon 23 09:00", "Thu 26 09:00", "Mon 30 09:00"]),
        ("0 0 13 * 5", ["Fri 27 00:00", "Fri 04 00:00", "Fri 11 00:00", "Sun 13 00:00"]),
        ("0 0 1,15 jan *", ["Fri 01 00:00", "Fri 15 00:00"]),
        ("@daily", ["Mon 23 00:00", "Tue 24 00:00"]),
        ("@weekly", ["Sun 29 00:00"]),
    ],
)
def test_cron_lines(line: str, expected: list[str]) -> None:
    """Sunday is 0 and 7; with both sorts of day limited, either is enough."""
    assert times(cron(line, "UTC"), len(expected)) == expected


def test_the_clocks_go_back_and_forth() -> None:
    """In Berlin the hour that is missing in spring loses no look; the one that is there twice has two."""
    table = cron("30 2 * * *", "Europe/Berlin")

    assert times(table, 3, datetime(2027, 3, 26, 12, tzinfo=UTC)) == [
        "Sat 27 01:30",
        "Sun 28 01:30",
        "Mon 29 00:30",
    ]
    assert times(table, 4, datetime(2026, 10, 23, 12, tzinfo=UTC)) == [
        "Sat 24 00:30",
        "Sun 25 00:30",
        "Sun 25 01:30",
        "Mon 26 01:30",
    ]


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "61 * * * *", "* * * * 8", "* * * * 5-2", "* * * * x", "x", "* * 32 * *", "@x"],
)
def test_what_is_no_cron_line_is_said(line: str) -> None:
    """With the line, and how one looks."""
    with pytest.raises(Problem) as caught:
        cron(line, "UTC")

    assert caught.value.diagnostics[0].code == "bad-schedule"
    assert '"*/15 * * * *"' in caught.value.diagnostics[0].hint


def test_a_day_that_never_comes_is_said() -> None:
    """The thirtieth of February would wait for ever."""
    with pytest.raises(Problem, match="never comes"):
        cron("0 0 30 2 *", "UTC")


def test_an_unknown_time_zone_is_said() -> None:
    """And so is a name that leads out of the folder of time zones."""
    for name in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(Problem, match="no time zone"):
            cron("* * * * *", name)


def test_an_interval_keeps_its_pace() -> None:
    """From the first look on, whenever the one before ended; what was missed is one."""
    table = every("15m", START)

    assert times(table, 3) == ["Mon 23 00:00", "Mon 23 00:15", "Mon 23 00:30"]
    assert table.after(None, START + timedelta(seconds=2)) == START
    assert table.after(None, START - timedelta(days=1, minutes=1)) == START - timedelta(days=1)
    assert table.after(START, START + timedelta(minutes=3)) == START + timedelta(minutes=15)
    assert table.after(START, START + timedelta(hours=5, minutes=1)) == START + timedelta(hours=5)


def test_jitter_is_a_tenth_and_at_most_a_minute() -> None:
    """Unless another is named; it is never negative, and never as long as the interval."""
    assert every("5m", START).jitter == timedelta(seconds=30)
    assert cron("0 0 * * *", "UTC").jitter == timedelta(seconds=60)
    assert every("5m", START, timedelta()).delayed(START) == START
    table = Timetable(every("5m", START).trigger, "", UTC, timedelta(seconds=30), Random(7))
    late = [(table.delayed(START) - START).total_seconds() for _ in range(100)]
    assert 0 <= min(late) < 5
    assert 25 < max(late) <= 30
    with pytest.raises(Problem, match="as long as"):
        every("5m", START, timedelta(minutes=5))


def test_durations() -> None:
    """Days, hours, minutes and seconds, in this order."""
    assert duration("1d2h3m4s") == timedelta(days=1, hours=2, minutes=3, seconds=4)
    assert duration("90s") == timedelta(seconds=90)
    for text in ("", "15", "m", "1m1h", "-5m", "1.5h"):
        with pytest.raises(Problem, match="no duration"):
            duration(text)
    with pytest.raises(Problem, match="too often"):
        every("5s", START)
