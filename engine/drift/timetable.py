"""When to look: a cron line or an interval, in a time zone. Pure; APScheduler's triggers do the arithmetic.

APScheduler's own schedulers are not used: they read the machine's clock, and run jobs in threads, where
one look at a time, in the order of a signal and a deadline, is all that is wanted (see `watch`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...resources.diagnostics import Problem

T = TypeVar("T")
MOST_JITTER = timedelta(seconds=60)
SHORTEST = timedelta(seconds=30)
_LONG_AGO = timedelta(days=3650)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_DAY_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Trigger(Protocol):
    """What APScheduler calls a trigger; it has no types of its own."""

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Timetable:
    """The times of looks. `words` are for people; `jitter` is the most by which a look begins later.

    `begin` is when the first look is due, where that is not for the trigger to say.
    """

    trigger: Trigger
    words: str
    zone: tzinfo
    jitter: timedelta = timedelta()
    chance: random.Random = field(default_factory=random.Random)
    begin: datetime | None = None

    def after(self, previous: datetime | None, now: datetime) -> datetime:
        """The next time that is due, in UTC and without jitter: the first one after `previous`, or from `now` on.

        All times that have passed by `now` are one: the last of them is the answer. A `previous` that is
        still to come is the word of a clock that was set back since, and counts for nothing.
        """
        if previous is None and self.begin is not None and self.begin <= now:
            return self.begin
        due = self._next(None if previous is not None and previous > now else previous, now)
        while due <= now and (later := self._next(due, now)) <= now:
            due = later
        return due

    def delayed(self, due: datetime) -> datetime:
        """A due time with its jitter."""
        return due + self.chance.random() * self.jitter

    def _next(self, previous: datetime | None, now: datetime) -> datetime:
        if previous is not None:
            # The trigger takes the earlier of the two, and where clocks go back may give it as the answer.
            now = max(now, previous + timedelta(microseconds=1))
        found = self.trigger.get_next_fire_time(previous, now)
        if found is None:
            raise Problem.of("no-next-time", f"{self.words} never comes")
        # In UTC: Python compares two times of one zone by the clock on the wall, which may go back.
        return found.astimezone(UTC)


def cron(line: str, zone: str, jitter: timedelta | None = None) -> Timetable:
    """The timetable of a crontab line of five fields, or of a name such as `@daily`.

    As in crontab(5), Sunday is 0 and 7, and where both the day of the month and the day of the week
    are limited, either is enough.

    Raises:
        Problem: `bad-schedule` or `bad-time-zone`.
    """
    from apscheduler.triggers.combining import OrTrigger  # pyright: ignore[reportMissingTypeStubs]

    minute, hour, day, month, weekday = cron_fields(line)
    where = _zone(zone)
    either = not day.startswith("*") and not weekday.startswith("*")
    days = [(day, "*"), ("*", weekday)] if either else [(day, weekday)]
    triggers = [
        _guarded(line, lambda of=of: _cron_trigger((minute, hour, of[0], month, of[1]), where))
        for of in days
    ]
    made = cast("Trigger", OrTrigger(triggers)) if either else triggers[0]
    table = Timetable(made, f'"{line}" ({zone})', where)
    start = datetime(2000, 1, 1, tzinfo=where)
    return _jittered(table, made.get_next_fire_time(None, start), jitter)


def every(text: str, begin: datetime, jitter: timedelta | None = None) -> Timetable:
    """The timetable of an interval such as `15m`, whose first look is at `begin`.

    Raises:
        Problem: `bad-schedule`.
    """
    from apscheduler.triggers.interval import IntervalTrigger  # pyright: ignore[reportMissingTypeStubs]

    interval = duration(text)
    if interval < SHORTEST:
        raise Problem.of(
            "bad-schedule",
            f"every {text} is too often",
            detail=f"A look takes some calls; the shortest interval is {SHORTEST.seconds} seconds.",
            hint="write for example 15m",
        )
    # The trigger knows no times before its start, and a clock may be set back.
    start = begin - (_LONG_AGO // interval) * interval
    make = cast("Any", IntervalTrigger)
    made = cast("Trigger", make(seconds=interval.total_seconds(), start_date=start, timezone=UTC))
    table = Timetable(made, f"every {text}", UTC, begin=begin)
    return _jittered(table, begin, jitter)


def duration(text: str) -> timedelta:
    """A text such as `90s`, `15m` or `1h30m` as a time.

    Raises:
        Problem: `bad-duration`.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise Problem.of(
            "bad-duration", f'"{text}" is no duration', hint="write for example 90s, 15m or 1h30m"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def cron_fields(line: str) -> tuple[str, str, str, str, str]:
    """The five fields of a crontab line; days of the week as names, names of months in lower case.

    Raises:
        Problem: `bad-schedule`.
    """
    fields = _MACROS.get(line.strip().lower(), line.lower()).split()
    if len(fields) != 5:
        raise Problem.of(
            "bad-schedule",
            f'"{line}" has {len(fields)} fields, and a crontab line has 5',
            hint='minute, hour, day, month, day of the week: "*/15 * * * *"',
        )
    minute, hour, day, month, weekday = fields
    return minute, hour, day, month, _guarded(line, lambda: _weekdays(weekday))


def _weekdays(text: str) -> str:
    """A field of days by name: APScheduler counts them from Monday, cron from Sunday."""
    if text == "*":
        return text
    found = {day for part in text.split(",") for day in _days_of(part)}
    return ",".join(_DAYS[day] for day in sorted(found))


def _days_of(part: str) -> Iterable[int]:
    match = _DAY_PART.fullmatch(part)
    if match is None:
        raise ValueError(f'"{part}" is no day of the week')
    step = int(match["step"] or 1)
    if match["first"] == "*" and not match["last"]:
        first, last = 0, 6
    else:
        first = _day(match["first"])
        end = match["last"] or ("6" if match["step"] else match["first"])
        last = _day(end)
        last = 7 if last == 0 and first > 0 else last
    if first > last or step < 1:
        raise ValueError(f'"{part}" holds no day')
    return (day % 7 for day in range(first, last + 1, step))


def _day(text: str) -> int:
    if text[:3] in _DAYS and text.isalpha():
        return _DAYS.index(text[:3])
    if text.isdecimal() and int(text) <= 7:
        return int(text)
    raise ValueError(f'"{text}" is no day of the week')


def _cron_trigger(fields: tuple[str, str, str, str, str], zone: tzinfo) -> Trigger:
    from apscheduler.triggers.cron import CronTrigger  # pyright: ignore[reportMissingTypeStubs]

    minute, hour, day, month, weekday = fields
    make = cast("Any", CronTrigger)
    made = make(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=zone)
    return cast("Trigger", made)


def _guarded(line: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (ValueError, TypeError) as error:
        raise Problem.of(
            "bad-schedule",
            f'"{line}" is no crontab line: {error}',
            hint='minute, hour, day, month, day of the week: "*/15 * * * *"',
        ) from error


def _zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem.of(
            "bad-time-zone", f'there is no time zone "{name}"', hint="such as Europe/Berlin, or UTC"
        ) from error


def _jittered(table: Timetable, first: datetime | None, jitter: timedelta | None) -> Timetable:
    """By itself a tenth of the time between two looks, and never more than a minute."""
    if first is None:
        raise Problem.of("bad-schedule", f"{table.words} never comes")
    second = table.trigger.get_next_fire_time(first, first + timedelta(seconds=1))
    gap = MOST_JITTER * 10 if second is None else second - first
    if jitter is not None and jitter >= gap:
        raise Problem.of(
            "bad-duration",
            f"a jitter of {jitter} is as long as the time between two looks",
            hint="name a shorter one",
        )
    chosen = min(MOST_JITTER, gap / 10) if jitter is None else jitter
    return replace(table, jitter=chosen)
