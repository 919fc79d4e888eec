"""A watch keeps its times for a week of trouble: no look is lost or doubled, and each trouble is said once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rolewright.engine.drift.channels import Messenger, channels
from rolewright.engine.drift.history import History
from rolewright.engine.drift.leader import Leadership, leader_path
from rolewright.engine.drift.notices import News, Notice
from rolewright.engine.drift.report import Drift, Severity
from rolewright.engine.drift.timetable import Timetable, cron, every
from rolewright.engine.drift.watch import Busy, Outcome, Parts, Watch
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from support.drifts import START, MovingClock, drift, report

WEEK = timedelta(days=7)


@dataclass
class Script:
    """Wakeups that come at times of the test: a stop at the end, reloads before."""

    clock: MovingClock
    end: datetime
    reloads: list[datetime] = field(default_factory=list[datetime])

    @property
    def stop(self) -> bool:
        return self.clock.moment >= self.end

    def take_reload(self) -> bool:
        asked = bool(self.reloads) and self.reloads[0] <= self.clock.moment
        if asked:
            self.reloads.pop(0)
        return asked

    def wait(self, seconds: float) -> None:
        nearest = min([self.end, *self.reloads])
        left = (nearest - self.clock.moment).total_seconds()
        self.clock.moment += timedelta(seconds=max(0.001, min(seconds, left)))


@dataclass
class Always:
    leads: bool = True

    def lead(self) -> bool:
        return self.leads


@dataclass
class World:
    """A watch with a clock that runs as fast as the watch waits. `look` may raise, or let time pass."""

    timetable: Timetable
    look: Callable[[datetime], None] = lambda _: None
    length: timedelta = WEEK
    reloads: Sequence[datetime] = ()
    leader: Always | Leadership = field(default_factory=Always)
    clock: MovingClock = field(default_factory=MovingClock)
    reload: Callable[[], None] = lambda: None
    begun: list[datetime] = field(default_factory=list[datetime])
    ends: list[tuple[Outcome, datetime, float, str]] = field(
        default_factory=list[tuple[Outcome, datetime, float, str]]
    )
    _going_on: bool = False

    def _look(self) -> None:
        assert not self._going_on, "two looks at once"
        self._going_on = True
        self.begun.append(self.clock.moment)
        try:
            self.look(self.clock.moment)
        finally:
            self._going_on = False

    def ended(self, outcome: Outcome, at: datetime, seconds: float, failure: str) -> None:
        self.ends.append((outcome, at, seconds, failure))

    def watch(self) -> Watch:
        wakeups = Script(self.clock, self.clock.moment + self.length, list(self.reloads))
        parts = Parts(self._look, self.reload, self.leader, self, self.clock, wakeups)
        return Watch(self.timetable, parts)

    def run(self) -> World:
        self.watch().run()
        return self


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [str(getattr(record, "event", "")) for record in caplog.records]


def still(line: str = "*/15 * * * *") -> Timetable:
    return cron(line, "UTC", timedelta())


@pytest.fixture(autouse=True)
def _hear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="rolewright.drift")


def test_a_quiet_week(caplog: pytest.LogCaptureFixture) -> None:
    """A look each quarter of an hour makes 672 a week, at the quarters, and no line of log but two."""
    world = World(still()).run()

    assert len(world.begun) == 7 * 24 * 4
    assert {(moment.minute % 15, moment.second) for moment in world.begun} == {(0, 0)}
    assert len(set(world.begun)) == len(world.begun)
    assert events(caplog) == ["started", "stopped"]


def test_jitter_delays_and_loses_nothing() -> None:
    """Each look begins within a minute after its time; the times themselves don't drift away."""
    world = World(cron("*/15 * * * *", "UTC")).run()
    late = [(one - START) % timedelta(minutes=15) for one in world.begun]

    assert len(world.begun) == 672
    assert max(late) <= timedelta(seconds=60)
    assert len(set(late)) > 600


def test_looks_that_take_long_don_t_pile_up(caplog: pytest.LogCaptureFixture) -> None:
    """A look of fifty minutes every day at noon: the three that it misses are made up for by one."""

    def look(at: datetime) -> None:
        if at.hour == 12 and at.minute == 0:
            world.clock.sleep(50 * 60)

    world = World(still(), look)
    world.run()
    noon = [one.strftime("%H:%M") for one in world.begun[48:52]]

    assert noon == ["12:00", "12:50", "13:00", "13:15"]
    assert len(world.begun) == 672 - 7 * 2
    assert events(caplog).count("missed") == 7


def test_a_machine_that_slept_looks_once_when_it_wakes(caplog: pytest.LogCaptureFixture) -> None:
    """After a night without time the look of five in the morning makes up for all before it."""

    def look(at: datetime) -> None:
        if at == START + timedelta(hours=22):
            world.clock.moment = START + timedelta(hours=29, minutes=7)

    world = World(still(), look, length=timedelta(days=2))
    world.run()
    after = [one - START for one in world.begun[89:91]]

    assert after == [timedelta(hours=29, minutes=7), timedelta(hours=29, minutes=15)]
    assert events(caplog).count("missed") == 1


def test_a_clock_that_was_wrong_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A machine that starts in the wrong year and is then set right looks on from there."""
    right = START - timedelta(days=365)

    class Late(Script):
        def wait(self, seconds: float) -> None:
            super().wait(seconds)
            if self.clock.moment >= START + timedelta(minutes=20):
                self.clock.moment = right

    world = World(still())
    wakeups = Late(world.clock, START + timedelta(days=1))
    parts = Parts(world._look, world.reload, world.leader, world, world.clock, wakeups)

    def look(at: datetime) -> None:
        wakeups.end = right + timedelta(hours=1) if at < START else wakeups.end

    world.look = look
    Watch(world.timetable, parts).run()

    assert [one - START for one in world.begun[:2]] == [timedelta(), timedelta(minutes=15)]
    assert [one - right for one in world.begun[2:]] == [
        timedelta(minutes=minutes) for minutes in (0, 15, 30, 45)
    ]
    assert events(caplog).count("set-back") == 1


def aws_error(code: str) -> AwsError:
    return AwsError("sts", "GetCallerIdentity", code, "no")


def test_a_week_of_trouble(caplog: pytest.LogCaptureFixture) -> None:
    """Expired credentials, throttling, a day without network, a fault of ours: each is said when it begins and ends."""

    def look(at: datetime) -> None:
        day, hour = (at - START).days, at.hour
        if day == 1 and hour < 2:
            raise aws_error("ExpiredToken")
        if day == 2:
            raise aws_error("Unreachable")
        if day == 3 and hour < 1:
            raise aws_error("Throttling")
        if day == 5 and at.hour == at.minute == 0:
            raise ZeroDivisionError("hunter2")

    world = World(still(), look).run()
    failed = [failure for outcome, _, _, failure in world.ends if outcome is Outcome.FAILED]

    assert len(world.begun) == len(world.ends) == 672
    assert len(failed) == 8 + 96 + 4 + 1
    assert events(caplog) == [
        "started",
        *("failing", "recovered"),
        *("failing", "failing", "recovered"),  # no network turns into throttling
        *("failing", "recovered"),
        "stopped",
    ]
    assert "after 100 failed since 2026-11-25T00:00:00Z" in caplog.text
    assert "hunter2" not in caplog.text
    assert failed[-1] == "a fault of rolewright: ZeroDivisionError"


def test_each_notice_once_in_a_week_of_trouble(tmp_path: Path) -> None:
    """A drift comes, grows worse and goes, with failing looks and a failing channel in between: three notices."""
    sent: list[tuple[datetime, str, Notice]] = []
    clock = MovingClock()

    def send(url: str, message: Notice) -> str:
        if url == "json://b" and clock.moment < START + timedelta(days=2):
            return "HTTP 503"
        sent.append((clock.moment, url, message))
        return ""

    def found(at: datetime) -> tuple[Drift, ...]:
        day = (at - START).days
        if not 1 <= day < 5:
            return ()
        return (drift(severity=Severity.HIGH if day < 3 else Severity.CRITICAL),)

    history = History(tmp_path / ".rolewright" / "drift.sqlite3", "shop")
    urls = channels(["json://a", "json://b"])

    def look(at: datetime) -> None:
        if at.hour in (3, 4, 5):
            raise aws_error("Unreachable")
        # A new one each time: what was told must outlive the process.
        teller = Messenger(urls, Severity.MEDIUM, history, send, {}, lambda _: None)
        now = found(at)
        teller.tell(report(*now, at=at), now)

    World(cron("0 * * * *", "UTC", timedelta()), look, clock=clock).run()

    assert [
        (url, item.news, (at - START) / timedelta(days=1))
        for at, url, message in sent
        for item in message.items
    ] == [
        ("json://a", News.NEW, 1.0),
        ("json://b", News.NEW, 2.0),
        ("json://a", News.WORSE, 3.0),
        ("json://b", News.WORSE, 3.0),
        ("json://a", News.RESOLVED, 5.0),
        ("json://b", News.RESOLVED, 5.0),
    ]


def test_a_look_is_put_off_while_we_apply(caplog: pytest.LogCaptureFixture) -> None:
    """What an apply is about to change is no drift: no failure, and the next look goes on."""

    def look(at: datetime) -> None:
        if at.hour == 0:
            raise Busy("an apply is going on")

    world = World(still("0 * * * *"), look, length=timedelta(hours=3)).run()

    assert [outcome for outcome, *_ in world.ends] == [Outcome.BUSY, Outcome.DONE, Outcome.DONE]
    assert events(caplog) == ["started", "busy", "stopped"]


def test_a_reload_looks_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """SIGHUP reads the stack file and looks; the timetable goes on as before."""
    reloaded: list[datetime] = []
    world = World(
        still("0 * * * *"),
        length=timedelta(hours=2, minutes=1),
        reloads=[START + timedelta(minutes=20)],
    )
    world.reload = lambda: reloaded.append(world.clock.moment)
    world.run()

    assert reloaded == [START + timedelta(minutes=20)]
    assert [(one - START) / timedelta(minutes=1) for one in world.begun] == [0, 20, 60, 120]


def test_a_broken_stack_file_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """A reload that fails is said, and the former stack stays in use."""

    def reload() -> None:
        raise Problem.of("unknown-key", 'unknown key "rolse"')

    world = World(still(), length=timedelta(minutes=20), reloads=[START + timedelta(minutes=1)])
    world.reload = reload
    world.run()

    assert len(world.begun) == 3
    assert 'unknown key "rolse"' in caplog.text


def test_a_history_that_fails_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk keeps nobody from looking."""

    class Full(World):
        def ended(self, outcome: Outcome, at: datetime, seconds: float, failure: str) -> None:
            raise OSError(28, "No space left on device")

    world = Full(still(), length=timedelta(hours=1)).run()

    assert len(world.begun) == 4
    assert "No space left on device" in caplog.text


def test_one_of_two_replicas_works_and_the_other_takes_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While the first lives the second only stands by; when it is gone, the second looks."""
    path = leader_path(tmp_path / ".rolewright" / "state.json")
    first, second = Leadership(path), Leadership(path)
    hour = timedelta(hours=1)
    one = World(still(), leader=first, length=hour)
    two = World(still(), leader=second, length=hour)
    one.run()
    two.run()
    assert (len(one.begun), len(two.begun)) == (4, 0)
    assert [outcome for outcome, *_ in two.ends] == [Outcome.STANDBY] * 4

    first.release()  # as the system does when a process ends
    again = World(still(), leader=second, clock=two.clock, length=hour)
    again.run()

    assert len(again.begun) == 4
    assert not first.lead()
    assert events(caplog).count("standby") == 1
    second.release()


def test_log_lines_are_json() -> None:
    """One object a line, with time, level, event and message; nothing of an exception's text."""
    from rolewright.engine.drift.logs import JsonLines

    record = logging.LogRecord("rolewright.drift", logging.ERROR, "", 1, "a\n%s", ("b",), None)
    record.event = "failing"
    record.failures = 3
    line = JsonLines().format(record)

    assert "\n" not in line
    found = json.loads(line)
    assert datetime.fromisoformat(found.pop("time")).tzinfo == UTC
    assert found == {"level": "error", "event": "failing", "message": "a\nb", "failures": 3}


def test_an_interval_begins_at_once() -> None:
    """`--every` looks when it starts, and then at its pace."""
    world = World(every("10m", START, timedelta()), length=timedelta(minutes=30)).run()

    assert [(one - START).seconds // 60 for one in world.begun] == [0, 10, 20]
