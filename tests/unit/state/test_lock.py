"""The lock, with invented processes and time."""

from __future__ import annotations

import errno
import itertools
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rolewright.resources.diagnostics import Problem, Severity
from rolewright.state.files import Files
from rolewright.state.lock import HeldLock, StateLock
from rolewright.state.owner import LockInfo
from rolewright.state.paths import DEFAULT, StatePaths
from unit.state.worlds import FailingFiles, FakeClock, FakeProcesses, attempt, codes, shown

REMOTE = {"host": "server", "machine": "m9", "boot": "boot-9", "user": "bob"}


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths.of(tmp_path / DEFAULT)


_numbers = itertools.count(1)


def make_lock(paths: StatePaths, **options: Any) -> StateLock:
    defaults: dict[str, Any] = {
        "operation": "apply",
        "tool_version": "0.1.0",
        "processes": FakeProcesses(),
        "clock": FakeClock(),
        "new_id": lambda: f"lock-{next(_numbers)}",
    }
    return StateLock(paths.state, **{**defaults, **options})


def left_behind(paths: StatePaths, **options: Any) -> LockInfo:
    """A lock whose process was killed: the file stays, the system's lock is gone."""
    held = make_lock(paths, **options).acquire()
    assert held._exclusion is not None
    held._exclusion.release()
    return held.info


def refused(lock: StateLock, timeout: float = 0.0) -> Problem:
    with pytest.raises(Problem) as caught:
        lock.acquire(timeout)
    return caught.value


def test_lock_says_who_when_where_and_what(paths: StatePaths) -> None:
    """The file beside the state tells all that a waiting person wants to know."""
    with make_lock(paths, new_id=lambda: "the-id").acquire() as held:
        assert held.info == make_lock(paths).holder()
        assert held.notices == ()
        assert held.info == LockInfo(
            id="the-id",
            who="ann@desk",
            when="2025-03-01T12:00:00Z",
            pid=100,
            process_start="boot-1/pid:[1]/5000",
            host="desk",
            machine="m1",
            operation="apply",
            tool_version="0.1.0",
        )
        assert stat.S_IMODE(paths.lock_info.stat().st_mode) == 0o600
        assert stat.S_IMODE(paths.lock.stat().st_mode) == 0o600


def test_released_lock_can_be_taken(paths: StatePaths) -> None:
    """Giving back twice is giving back once, and leaves only the system's lock file."""
    first = make_lock(paths).acquire()
    first.release()
    first.release()

    with make_lock(paths).acquire() as second:
        first.release()
        second.verify()
    assert {".gitignore", "history", "lock"} == {path.name for path in paths.directory.iterdir()}


def test_lock_is_given_back_on_a_full_disk(paths: StatePaths) -> None:
    """Where the file can't be moved aside, it is removed in one step: the next one gets the lock."""
    files = FailingFiles()
    held = make_lock(paths, files=files).acquire()
    files.at, files.lasting = files.count + 1, True

    held.release()

    assert files.names[-2:] == ["rename", "remove"]
    assert not paths.lock_info.exists()
    make_lock(paths).acquire().release()


def test_held_lock_refuses(paths: StatePaths) -> None:
    """The message says who, since when, where, what, and how to get past it."""
    with make_lock(paths, new_id=lambda: "the-id").acquire():
        problem = refused(make_lock(paths, processes=FakeProcesses(pid=101)))

    assert codes(problem) == ["locked"]
    assert shown(problem) == (
        "the state is locked by ann@desk\n"
        "`apply` (rolewright 0.1.0) has held it since 2025-03-01T12:00:00Z, as process 100 on "
        "desk; its id is the-id.\n"
        "wait for it with --lock-timeout 60; if that process is certainly gone: "
        "`rolewright state unlock the-id`"
    )


def test_waiting_gets_the_lock(paths: StatePaths) -> None:
    """A lock that is given back while we wait is ours."""
    held = make_lock(paths).acquire()
    clock = FakeClock(during=lambda: held.release() if clock.seconds > 7 else None)

    with make_lock(paths, clock=clock).acquire(timeout=60):
        assert 7 < clock.seconds < 8


def test_waiting_ends(paths: StatePaths) -> None:
    """A lock that is not given back is waited for as long as was said, in invented time."""
    clock = FakeClock()
    begun = time.monotonic()
    with make_lock(paths).acquire():
        refused(make_lock(paths, clock=clock), timeout=120)

    assert clock.seconds == 120
    assert time.monotonic() - begun < 60


def test_dead_owner_is_taken_over(paths: StatePaths) -> None:
    """A killed process keeps nobody out; the caller hears about it."""
    dead = left_behind(paths, processes=FakeProcesses(pid=200))

    with make_lock(paths, processes=FakeProcesses(pid=100)).acquire() as held:
        held.verify()
        (notice,) = held.notices
        assert (notice.code, notice.severity) == ("lock-taken-over", Severity.WARNING)
        assert notice.summary == "the lock of ann@desk was taken over: that process is gone"
        assert dead.id in notice.detail


def test_number_that_was_given_again_is_a_dead_owner(paths: StatePaths) -> None:
    """A process with the owner's number that started later is another one."""
    left_behind(paths, processes=FakeProcesses(pid=200, running={200: "1"}))
    here = FakeProcesses(pid=100, running={100: "5000", 200: "4000"})

    with make_lock(paths, processes=here).acquire() as held:
        assert [notice.code for notice in held.notices] == ["lock-taken-over"]


def test_living_owner_is_honoured_without_the_systems_lock(paths: StatePaths) -> None:
    """Where the system's lock keeps nobody out, the file does."""
    owner = left_behind(paths, processes=FakeProcesses(pid=200))
    here = FakeProcesses(pid=100, running={100: "5000", 200: "5000"})

    problem = refused(make_lock(paths, processes=here))

    assert codes(problem) == ["locked"]
    assert owner == make_lock(paths).holder()


def test_lock_of_another_host_is_honoured(paths: StatePaths) -> None:
    """On a shared folder nobody can tell whether a process elsewhere still runs."""
    left_behind(paths, processes=FakeProcesses(facts=REMOTE))

    problem = refused(make_lock(paths))

    assert "the state is locked by bob@server" in shown(problem)
    assert "as process 100 on server" in shown(problem)


def test_other_container_under_this_kernel_is_taken_over(paths: StatePaths) -> None:
    """A killed container's lock goes, since the system's lock works and is free."""
    left_behind(paths, processes=FakeProcesses(facts={"host": "c0ffee", "namespace": "pid:[2]"}))

    with make_lock(paths).acquire() as held:
        assert [notice.code for notice in held.notices] == ["lock-taken-over"]


def test_unreadable_lock_is_honoured_until_it_is_unlocked(paths: StatePaths) -> None:
    """A damaged lock file is refused with the word that removes it."""
    paths.directory.mkdir()
    paths.lock_info.write_text("?")

    problem = refused(make_lock(paths))
    assert "`rolewright state unlock unreadable`" in shown(problem)

    make_lock(paths).unlock("unreadable")
    make_lock(paths).acquire().release()


def test_unlock_takes_a_lock_away(paths: StatePaths) -> None:
    """After `state unlock` the next command gets the lock, and the old owner is told."""
    held = make_lock(paths, processes=FakeProcesses(facts=REMOTE)).acquire()
    assert held._exclusion is not None
    held._exclusion.release()

    assert held.info == make_lock(paths).unlock(held.info.id)
    with pytest.raises(Problem) as nobody:
        held.verify()
    with make_lock(paths).acquire() as mine:
        with pytest.raises(Problem) as somebody:
            held.verify()
        held.release()
        mine.verify()

    assert ["lock-lost"] == codes(nobody.value) == codes(somebody.value)
    assert "Nobody holds it now." in shown(nobody.value)
    assert mine.info.id in shown(somebody.value)


def test_unlock_wants_the_right_id(paths: StatePaths) -> None:
    """A lock is not taken away from whoever got it meanwhile."""
    with pytest.raises(Problem) as free:
        make_lock(paths).unlock("lock-0")
    with make_lock(paths).acquire() as held:
        with pytest.raises(Problem) as other:
            make_lock(paths).unlock("lock-0")
        held.verify()

    assert codes(free.value) == ["not-locked"]
    assert codes(other.value) == ["lock-other-id"]
    assert f"`rolewright state unlock {held.info.id}`" in shown(other.value)


def test_holder_that_does_not_say_who_it_is(paths: StatePaths) -> None:
    """Between the two parts of a lock there is nobody to name, and a short wait."""
    paths.directory.mkdir()
    clock = FakeClock()
    with FileLock(str(paths.lock)):
        problem = refused(make_lock(paths, clock=clock))

    assert clock.seconds == 2
    assert "the state is locked by another process" in shown(problem)


def test_readers_need_no_lock(paths: StatePaths) -> None:
    """Asking who holds the lock takes none and makes no file."""
    assert make_lock(paths).holder() is None
    assert not paths.directory.exists()


class RacingFiles(Files):
    """Files that let somebody else do something directly before the first rename of a lock."""

    def __init__(self, meanwhile: Any) -> None:
        self.meanwhile = meanwhile

    def rename(self, source: Path, target: Path) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        super().rename(source, target)


def test_two_who_find_one_dead_owner(paths: StatePaths) -> None:
    """Where nothing keeps them apart, the slower one gives the quicker one's lock back to it."""
    dead = left_behind(paths, processes=FakeProcesses(pid=200))
    quick: list[LockInfo] = []

    def overtake() -> None:
        lock = make_lock(paths)
        assert lock.forget(dead.id)
        assert lock._publish(lock._mine())
        found = lock.holder()
        assert found is not None
        quick.append(found)

    slow = make_lock(
        paths, processes=FakeProcesses(pid=101), files=RacingFiles(overtake), clock=FakeClock()
    )
    # The quick one's invented process does not run either, so only the first attempt is looked at.
    found = slow._attempt()

    assert not isinstance(found, HeldLock)
    assert quick == [make_lock(paths).holder()]


class OvertakenFiles(Files):
    """Files on which somebody takes a new lock for a dead one, directly after it was made."""

    def __init__(self, thief: LockInfo) -> None:
        self.thief = thief

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        target.write_bytes(self.thief.encode())


def test_lock_that_was_lost_at_once_is_not_held(paths: StatePaths) -> None:
    """What was made is looked at again before anything is done under it."""
    thief = left_behind(paths, processes=FakeProcesses(facts=REMOTE))
    paths.lock_info.unlink()

    problem = refused(make_lock(paths, files=OvertakenFiles(thief)))

    assert "the state is locked by bob@server" in shown(problem)


class LinklessFiles(Files):
    """Files on a file system without hard links."""

    def link(self, source: Path, target: Path) -> None:
        raise OSError(errno.ENOTSUP, "no hard links here")


def test_lock_without_hard_links(paths: StatePaths) -> None:
    """A file system without links locks as well."""
    with make_lock(paths, files=LinklessFiles()).acquire() as held:
        assert held.info == make_lock(paths).holder()
        assert codes(refused(make_lock(paths, files=LinklessFiles()))) == ["locked"]


def test_folder_that_can_not_be_locked(paths: StatePaths) -> None:
    """A disk that takes no lock file stops the command, and keeps nothing locked."""
    files = FailingFiles()
    make_lock(paths, files=files).acquire().release()
    total, files.count = files.count, 0
    for number in range(1, total + 1):
        files.count, files.at = 0, number
        problem = attempt(lambda: make_lock(paths, files=files).acquire().release())

        if problem is not None:
            assert codes(problem) == ["lock-not-written"]
            assert "No space left on device" in shown(problem)
        files.at = 0
        # A file that could not be removed is of this process, which does not run any more.
        with make_lock(paths, processes=FakeProcesses(pid=101)).acquire():
            pass
