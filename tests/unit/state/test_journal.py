"""The journal in its file."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state.entries import Entry, Outcome, decode_entry, encode_entry
from rolewright.state.journal import Journal
from rolewright.state.paths import DEFAULT, StatePaths
from unit.state.worlds import (
    FailingFiles,
    codes,
    done,
    ended,
    failed,
    intended,
    make_record,
    resumed,
    shown,
    started,
    step,
)


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths.of(tmp_path / DEFAULT)


@pytest.fixture
def journal(paths: StatePaths) -> Journal:
    return Journal(paths.state)


def lines(paths: StatePaths) -> list[Entry]:
    return [decode_entry(line) for line in paths.journal.read_bytes().splitlines()]


def begun(journal: Journal, *entries: Entry) -> list[Entry]:
    all_entries = [started(), *entries]
    journal.begin(started())
    for entry in entries:
        journal.append(entry)
    return all_entries


def test_no_journal_is_no_run(journal: Journal, paths: StatePaths) -> None:
    """Reading where nothing ever ran finds nothing and makes nothing."""
    assert journal.open_run() is None
    assert journal.last_run() is None
    assert not paths.directory.exists()


def test_entries_are_on_disk_as_they_are_written(journal: Journal, paths: StatePaths) -> None:
    """Another process reads every entry whose append has returned."""
    entries = begun(journal)
    for entry in (intended(1), done(1), step("role.reader", make_record())):
        journal.append(entry)
        entries.append(entry)

        assert entries == lines(paths)
        run = Journal(paths.state).open_run()
        assert run is not None
        assert tuple(entries) == run.entries


def test_every_append_is_synced_before_it_returns(paths: StatePaths) -> None:
    """A line is written and synced in one go, and its name with the first one."""
    files = FailingFiles()
    with Journal(paths.state, files=files) as journal:
        journal.begin(started())
        opened = files.names.index("open_append")
        assert files.names[opened:] == [
            "open_append",
            "sync_directory",
            "truncate",
            "write",
            "sync",
        ]
        files.names.clear()
        journal.append(intended(1))

    assert files.names == ["write", "sync"]


def test_journal_is_the_owners_alone(journal: Journal, paths: StatePaths) -> None:
    """Nobody else reads what was called."""
    begun(journal)

    assert stat.S_IMODE(paths.journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.directory.stat().st_mode) == 0o700


def test_settled_run_moves_to_the_history(journal: Journal, paths: StatePaths) -> None:
    """After a good end there is no open run, and its journal can still be read."""
    entries = begun(journal, intended(1), done(1))
    journal.end(ended())

    assert not paths.journal.exists()
    assert journal.open_run() is None
    kept = paths.kept_journal("run-1").read_bytes()
    assert [*entries, ended()] == [decode_entry(line) for line in kept.splitlines()]


def test_unsettled_run_stays_open(journal: Journal) -> None:
    """What could not be rolled back is found by every later command."""
    begun(journal)
    end = ended(Outcome.ROLLBACK_INCOMPLETE, "role.reader")
    journal.end(end)

    run = journal.open_run()

    assert run is not None
    assert end == run.ended


def test_history_is_bounded(paths: StatePaths) -> None:
    """The journals of the last runs are kept, the oldest go first."""
    journal = Journal(paths.state, keep=2)
    for number in range(4):
        journal.begin(started(run=f"r{number}"))
        journal.end(ended(run=f"r{number}"))
        os.utime(paths.kept_journal(f"r{number}"), (number, number))

    assert [path.name for path in paths.kept_journals()] == ["journal.r2.jsonl", "journal.r3.jsonl"]


def test_begin_refuses_while_a_run_is_open(journal: Journal, paths: StatePaths) -> None:
    """An interrupted run is never written over; the message says whose it was."""
    begun(journal, intended(1))
    journal.close()

    with pytest.raises(Problem) as caught:
        Journal(paths.state).begin(started(run="run-2"))

    assert codes(caught.value) == ["journal-open"]
    assert "an earlier apply was interrupted" in shown(caught.value)
    assert "by process 42 on desk" in shown(caught.value)
    assert "`rolewright recover`" in shown(caught.value)


def test_begin_refuses_after_an_incomplete_rollback(journal: Journal, paths: StatePaths) -> None:
    """Nor is one that left something."""
    begun(journal)
    journal.end(ended(Outcome.ROLLBACK_INCOMPLETE))

    with pytest.raises(Problem) as caught:
        Journal(paths.state).begin(started(run="run-2"))

    assert "could not be rolled back completely" in shown(caught.value)


def test_begin_puts_away_a_run_that_had_just_ended(journal: Journal, paths: StatePaths) -> None:
    """A kill between the end and the move to the history does no harm."""
    entries = begun(journal)
    journal.append(ended())
    journal.close()

    assert journal.open_run() is None
    journal.begin(started(run="run-2"))

    kept = paths.kept_journal("run-1").read_bytes()
    assert [*entries, ended()] == [decode_entry(line) for line in kept.splitlines()]
    assert [started(run="run-2")] == lines(paths)


def test_begin_after_a_start_that_was_cut_off(journal: Journal, paths: StatePaths) -> None:
    """A run whose start never was confirmed made no call: it is no run."""
    begun(journal)
    journal.close()
    paths.journal.write_bytes(encode_entry(started())[:-20])

    assert journal.open_run() is None
    journal.begin(started(run="run-2"))

    assert [started(run="run-2")] == lines(paths)


@pytest.mark.parametrize("run", ["", "../x", "a/b", ".hidden", "a b"])
def test_run_is_part_of_a_file_name(journal: Journal, run: str) -> None:
    """A run's name can't lead elsewhere."""
    with pytest.raises(ValueError, match="file name"):
        journal.begin(started(run=run))


def test_resume_goes_on_where_the_run_stopped(journal: Journal, paths: StatePaths) -> None:
    """Another process reads what was done, and adds to the same file."""
    entries = begun(journal, intended(1), failed(1, uncertain=True))
    journal.close()

    other = Journal(paths.state)
    run = other.resume(resumed())
    other.append(done(1))

    assert tuple(entries) == run.entries
    assert [*entries, resumed(), done(1)] == lines(paths)


def test_resume_after_an_incomplete_rollback(journal: Journal, paths: StatePaths) -> None:
    """What was left can be tried again, and then the run is settled."""
    begun(journal)
    journal.end(ended(Outcome.ROLLBACK_INCOMPLETE, "x"))

    journal.resume(resumed())
    assert journal.open_run() is not None
    journal.end(ended(Outcome.ROLLED_BACK))

    assert journal.open_run() is None
    assert paths.kept_journal("run-1").exists()


def test_resume_refuses_what_is_not_open(journal: Journal) -> None:
    """Nothing to go on with, a settled run and another run are refused."""
    for entry in (resumed(), resumed(run="run-2")):
        with pytest.raises(Problem) as caught:
            journal.resume(entry)
        assert codes(caught.value) == ["journal-not-open"]
        if journal.last_run() is None:
            begun(journal)


def test_append_needs_a_run(journal: Journal) -> None:
    """Writing before the start is a fault of the program."""
    with pytest.raises(RuntimeError, match="begin or resume"):
        journal.append(intended(1))


def test_garbage_in_the_middle_is_refused(journal: Journal, paths: StatePaths) -> None:
    """More than a line cut off is not guessed around: the message names the line."""
    begun(journal, intended(1), done(1))
    journal.close()
    content = paths.journal.read_bytes().splitlines(keepends=True)
    for number, line in ((1, b"\n"), (2, b"garbage\n"), (3, b'{"type":"call_lost"}\n')):
        paths.journal.write_bytes(b"".join([*content[: number - 1], line, *content[number:]]))

        with pytest.raises(Problem) as caught:
            journal.open_run()

        (found,) = caught.value.diagnostics
        assert found.code == "journal-broken"
        assert found.source is not None
        assert number == found.source.line


def test_entries_out_of_place_are_refused(journal: Journal, paths: StatePaths) -> None:
    """Lines that are fine by themselves but make no journal are garbage, too."""
    begun(journal)
    journal.append(done(7))
    journal.close()

    with pytest.raises(Problem) as caught:
        journal.open_run()

    assert codes(caught.value) == ["journal-broken"]
    assert "call 7 was never announced" in shown(caught.value)


def test_zeros_for_a_last_line_are_a_cut(journal: Journal, paths: StatePaths) -> None:
    """A file system may bring back the length of a line without its bytes."""
    entries = begun(journal, intended(1))
    journal.close()
    for tail in (
        b"\0" * 100,
        b"\0" * 100 + b"\n",
        encode_entry(done(1))[:10] + b"\0" * 50 + b"}\n",
    ):
        paths.journal.write_bytes(b"".join(map(encode_entry, entries)) + tail)

        run = journal.open_run()

        assert run is not None
        assert (tuple(entries), True) == (run.entries, run.torn)


def test_unreadable_journal_stops(journal: Journal, paths: StatePaths) -> None:
    """Whether a run is open must be known before anything is done."""
    paths.journal.mkdir(parents=True)

    with pytest.raises(Problem) as caught:
        journal.open_run()

    assert codes(caught.value) == ["journal-unreadable"]


def test_threads_share_a_journal(journal: Journal, paths: StatePaths) -> None:
    """Lines of many threads never mix, and each thread's are in its order."""
    begun(journal)

    def work(first: int) -> None:
        for seq in range(first, first + 20):
            journal.append(intended(seq, padding="x" * 5000))
            journal.append(done(seq))

    threads = [threading.Thread(target=work, args=(100 * number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    run = journal.open_run()
    assert run is not None
    assert len(run.done) == 160
    assert run.in_doubt == ()


def test_end_survives_a_history_that_takes_nothing(paths: StatePaths) -> None:
    """The run has ended when its end is on record; moving the file can wait for the next run."""
    files = FailingFiles()
    journal = Journal(paths.state, files=files)
    journal.begin(started())
    files.at, files.lasting = files.count + 3, True

    journal.end(ended())

    assert paths.journal.exists()
    assert Journal(paths.state).open_run() is None
