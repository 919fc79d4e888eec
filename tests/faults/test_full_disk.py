"""A disk that is full at some file call of an apply: account, state and journal explain each other afterwards.

All files of the state's folder are meant: lock, journal, the state with its temporary file, the copies in the history.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rolewright.engine.outcome import ApplyOutcome
from rolewright.engine.recovery import Direction
from rolewright.resources.diagnostics import Problem
from rolewright.state.journal import Journal
from rolewright.state.lock import StateLock
from rolewright.state.store import LocalStore
from support.faults import Trial, Verdict
from unit.state.worlds import FailingFiles

from .conftest import EVERYTHING

Trials = Callable[..., Trial]
CASES = ("create", "update", "replace", "delete")
NEEDS_ROOM = frozenset(
    {"create", "open_append", "write", "sync", "rename", "link", "make_directory", "sync_directory"}
)
SAMPLE = 2
"""How many of the file calls of an apply a normal run strikes, about, for each case."""


def apply_on(tried: Trial, files: FailingFiles, elsewhere: Path) -> ApplyOutcome | None:
    """Lock, plan and apply as the command does, through these files; None where that raised a Problem."""
    path = tried.bench.state_path
    try:
        with StateLock(path, operation="apply", tool_version="test", files=files).acquire():
            session = tried.session()
            session.store = LocalStore(path, files=files, elsewhere=[elsewhere])
            session.journal = Journal(path, files=files)
            try:
                return session.apply(tried.plan(session))
            finally:
                session.journal.close()
    except Problem:
        return None


def numbers(tried: Trial, elsewhere: Path) -> list[int]:
    """The file calls of an apply that a full disk can refuse, counted from 1."""
    tried.prepare()
    files = FailingFiles()
    assert apply_on(tried, files, elsewhere) is not None
    tried.at_target()
    tried._ready = False
    found = [number for number, name in enumerate(files.names, 1) if name in NEEDS_ROOM]
    assert {files.names[number - 1] for number in found} >= {"create", "write", "sync", "rename"}
    return found


def strikes(found: list[int]) -> list[tuple[int, bool]]:
    """File calls to refuse, and whether the disk stays full: both sorts of all, or by turns of some that lie apart."""
    if EVERYTHING:
        return [(number, lasting) for number in found for lasting in (False, True)]
    step = len(found) // SAMPLE
    return [(number, index % 2 == 0) for index, number in enumerate(found[step // 2 :: step])]


@pytest.mark.parametrize("name", CASES)
def test_a_full_disk_at_any_file_call_is_explained(
    trial: Trials, tmp_path: Path, name: str
) -> None:
    """Wherever the disk is full, the account is at the start, at the target, or recover brings it to one."""
    tried = trial(name)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    amiss: list[str] = []
    for number, lasting in strikes(numbers(tried, elsewhere)):
        tried.prepare()
        files = FailingFiles(number, lasting=lasting)
        outcome = apply_on(tried, files, elsewhere)
        try:
            tried._ready = explained(tried, outcome) is Verdict.START
        except (AssertionError, Problem) as error:
            tried._ready = False
            told = f"file call {number} ({files.names[number - 1]}), lasting {lasting}"
            amiss.append(f"{told}: {error!r:.1500}")

    assert amiss == []


def explained(tried: Trial, outcome: ApplyOutcome | None) -> Verdict:
    """With room again: what the next command finds, and where it leads.

    Raises:
        AssertionError: the lock is not free, or account, state and journal don't fit each other.
        Problem: state or journal can't be read.
    """
    path = tried.bench.state_path
    StateLock(path, operation="recover", tool_version="test").acquire().release()
    LocalStore(path).load()
    if Journal(path).open_run() is not None:
        return recovered(tried)
    if outcome is not None and not outcome.failed:
        return tried.at_target()
    return tried.at_start()


def recovered(tried: Trial) -> Verdict:
    """The run goes back, or forward where it can't go back any more."""
    try:
        return tried.recovered(Direction.BACK)
    except Problem as problem:
        if problem.diagnostics[0].code != "no-way-back":
            raise
        return tried.recovered(Direction.FORWARD)
