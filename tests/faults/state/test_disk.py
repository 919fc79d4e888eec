"""A disk that fails at any single file call, or is full from then on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec
from rolewright.state.document import State
from rolewright.state.entries import Entry, encode_entry
from rolewright.state.files import Files
from rolewright.state.journal import Journal
from rolewright.state.paths import DEFAULT, StatePaths
from rolewright.state.store import LocalStore
from unit.state.worlds import (
    FailingFiles,
    attempt,
    codes,
    done,
    ended,
    intended,
    make_record,
    make_state,
    resumed,
    shown,
    started,
    step,
)

OLD = make_state("a", serial=4)
NEW = make_state("a", "b", serial=5)
ERRORS = [errno.ENOSPC, errno.EIO, errno.EDQUOT]
ENTRIES: list[Entry] = [intended(1), done(1), step("role.a", make_record("a")), intended(2)]


# Before or after the call took effect, once or from then on.
MODES = [
    (code, after, lasting)
    for code in ERRORS
    for after, lasting in ((False, False), (True, False), (False, True))
]


def calls_of_a_save(tmp_path: Path) -> list[str]:
    files = FailingFiles()
    store = store_with_old(tmp_path / "dry", files)
    files.names.clear()
    store.save(NEW)
    return files.names


def store_with_old(folder: Path, files: Files) -> LocalStore:
    (folder / "elsewhere").mkdir(parents=True)
    store = LocalStore(folder / DEFAULT, files=files, elsewhere=[folder / "elsewhere"], keep=2)
    for serial in (1, 2, 3):
        store.save(make_state(serial=serial))
    store.save(OLD)
    return store


def on_disk(store: LocalStore) -> State | None:
    """What another process reads, with every earlier state read as well."""
    other = LocalStore(store.paths.state)
    for kept in other.history():
        other.load_serial(kept.serial)
    return other.load()


def test_a_save_makes_all_the_calls_that_are_failed_below(tmp_path: Path) -> None:
    """The harness reaches every kind of call."""
    assert {"create", "write", "sync", "rename", "link", "remove", "sync_directory"} <= set(
        calls_of_a_save(tmp_path)
    )


@pytest.mark.parametrize(("code", "after", "lasting"), MODES)
def test_save_fails_at_every_call(tmp_path: Path, code: int, *, after: bool, lasting: bool) -> None:
    """The file is the old state or the new one, the message is true, and a retry succeeds."""
    for number in range(1, len(calls_of_a_save(tmp_path)) + 1):
        files = FailingFiles(code=code, after=after)
        store = store_with_old(tmp_path / str(number), files)
        files.count, files.at, files.lasting = 0, number, lasting

        problem = attempt(lambda store=store: store.save(NEW))

        if problem is None:
            assert on_disk(store) == NEW
        else:
            assert codes(problem) == ["state-not-saved"]
            in_place = "The new state is in its place" in shown(problem)
            assert on_disk(store) == (NEW if in_place else OLD)
            check_copy(tmp_path / str(number) / "elsewhere", shown(problem))
        files.at = 0
        store.save(NEW)
        assert on_disk(store) == NEW
        assert store.load_serial(4) == OLD
        check_no_litter(store.paths, files)


def check_copy(elsewhere: Path, text: str) -> None:
    copies = list(elsewhere.iterdir())
    assert ("A copy elsewhere failed" in text) == (copies == [])
    for copy in copies:
        assert str(copy) in text
        assert codec.decode(copy.read_bytes()) == NEW


def check_no_litter(paths: StatePaths, files: Files) -> None:
    """What a failed removal left is gone after the next run's first look."""
    LocalStore(paths.state, files=files).preflight()
    assert {".gitignore", "history", "state.json"} == {
        found.name for found in paths.directory.iterdir()
    }


@pytest.mark.parametrize(("code", "after", "lasting"), MODES)
def test_first_save_fails_at_every_call(
    tmp_path: Path, code: int, *, after: bool, lasting: bool
) -> None:
    """Also where there is neither a folder nor a state yet."""
    number = 0
    while True:
        number += 1
        path = tmp_path / str(number) / DEFAULT
        files = FailingFiles(number, code, after=after, lasting=lasting)
        store = LocalStore(path, files=files, elsewhere=[])
        problem = attempt(lambda store=store: store.save(NEW))

        assert problem is None or codes(problem) == ["state-not-saved"]
        assert on_disk(store) in (None, NEW)
        if files.count < number:
            break
        files.at = 0
        store.save(NEW)
        assert on_disk(store) == NEW
        assert (path.parent / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(("code", "after", "lasting"), MODES)
def test_preflight_fails_at_every_call(
    tmp_path: Path, code: int, *, after: bool, lasting: bool
) -> None:
    """A disk that can't be relied upon is refused before any call to AWS, and left as it was."""
    number = 0
    while True:
        number += 1
        files = FailingFiles(code=code, after=after)
        store = store_with_old(tmp_path / str(number), files)
        files.count, files.at, files.lasting = 0, number, lasting
        problem = attempt(store.preflight)

        assert problem is None or codes(problem) == ["state-folder-unwritable"]
        assert on_disk(store) == OLD
        if files.count < number:
            break


@pytest.mark.parametrize(("code", "after", "lasting"), MODES)
def test_append_fails_at_every_call(
    tmp_path: Path, code: int, *, after: bool, lasting: bool
) -> None:
    """A line that was not confirmed is not there, those before it are, and the next one fits."""
    number = 0
    while True:
        number += 1
        files = FailingFiles(code=code, after=after)
        journal = Journal(tmp_path / str(number) / DEFAULT, files=files)
        journal.begin(started())
        files.count, files.at, files.lasting = 0, number, lasting
        written: list[Entry] = [started()]
        for entry in ENTRIES:
            problem = attempt(lambda journal=journal, entry=entry: journal.append(entry))
            if problem is not None:
                assert codes(problem) == ["journal-not-written"]
                assert "no further call is made to AWS" in shown(problem)
                break
            written.append(entry)
        reached = files.count >= number

        assert written == entries_on_disk(journal)
        files.at = 0
        journal.append(resumed())
        assert [*written, resumed()] == entries_on_disk(journal)
        if not reached:
            break


def entries_on_disk(journal: Journal) -> list[Entry]:
    run = Journal(journal.paths.state).last_run()
    return [] if run is None else list(run.entries)


@pytest.mark.parametrize("cut", ["confirmed", "stuck"])
def test_line_that_can_not_be_taken_back(tmp_path: Path, cut: str) -> None:
    """Where even cutting the file fails, nothing is added behind the torn line until it works."""

    class StuckFiles(FailingFiles):
        def truncate(self, descriptor: int, length: int) -> None:
            if self.at:
                self.fail(descriptor)
            super().truncate(descriptor, length)

    files = StuckFiles()
    journal = Journal(tmp_path / DEFAULT, files=files)
    journal.begin(started())
    files.at = files.count + 1 + (cut == "confirmed")
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            journal.append(intended(1))
        assert codes(caught.value) == ["journal-not-written"]

    files.at = 0
    journal.append(intended(2))

    assert [started(), intended(2)] == entries_on_disk(journal)


@pytest.mark.parametrize(("code", "after", "lasting"), MODES)
def test_begin_and_end_fail_at_every_call(
    tmp_path: Path, code: int, *, after: bool, lasting: bool
) -> None:
    """A run is begun or not, ended or open: never lost, never a mixture."""
    number = 0
    while True:
        number += 1
        path = tmp_path / str(number) / DEFAULT
        with Journal(path) as earlier:
            earlier.begin(started(run="run-0"))
            earlier.append(ended(run="run-0"))
        files = FailingFiles(number, code, after=after, lasting=lasting)
        journal = Journal(path, files=files)
        problem = attempt(lambda journal=journal: journal.begin(started()))
        begun = is_ended = problem is None
        if begun:
            problem = attempt(lambda journal=journal: journal.end(ended()))
            is_ended = problem is None
        journal.close()

        assert problem is None or codes(problem) == ["journal-not-written"]
        check_run(path, begun=begun, is_ended=is_ended)
        if files.count < number:
            break


def check_run(path: Path, *, begun: bool, is_ended: bool) -> None:
    journal = Journal(path)
    run = journal.open_run()
    assert (run is not None) == (begun and not is_ended)
    if run is not None:
        assert (started(),) == run.entries
        return
    kept = journal.paths.kept_journal("run-1")
    last = journal.last_run()
    if is_ended:
        text = b"".join(map(encode_entry, (started(), ended())))
        assert text == (journal.paths.journal if last else kept).read_bytes()
    journal.begin(started(run="run-2"))
    journal.end(ended(run="run-2"))
