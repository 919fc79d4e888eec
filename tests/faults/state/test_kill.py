"""SIGKILL around every file call of an apply: what the next command finds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec, integrity
from rolewright.state.journal import Journal
from rolewright.state.lock import StateLock
from rolewright.state.paths import DEFAULT, StatePaths
from rolewright.state.store import LocalStore

HERE = Path(__file__).parent
NAMES = ("a", "b", "c")


def run_script(name: str, *args: str) -> str:
    """The output of a script beside this file, which may import what tests may."""
    path = os.pathsep.join([str(HERE.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    finished = subprocess.run(
        [sys.executable, str(HERE / name), *args],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def wrecks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of all killed runs."""
    root = tmp_path_factory.mktemp("wrecks")
    count = int(run_script("crash.py", str(root)))
    return [root / str(number) for number in range(1, count + 1)]


def calls_made(wreck: Path) -> set[int]:
    return set(map(int, (wreck / "aws").read_text().split()))


def test_kills_cover_the_whole_run(wrecks: list[Path]) -> None:
    """The first run is killed before anything happened, the last one comes to its end."""
    assert len(wrecks) > 100
    assert set() == calls_made(wrecks[0])
    assert {1, 2} == calls_made(wrecks[-1])
    assert not (wrecks[-1] / ".rolewright/journal.jsonl").exists()


def test_state_is_readable_after_every_kill(wrecks: list[Path]) -> None:
    """It is that of some moment of the run, and so is every state in its history."""
    for wreck in wrecks:
        store = LocalStore(wreck / DEFAULT)
        state = store.load()

        assert state is not None
        integrity.verify(state)
        names = sorted(address.name for address in state.resources)
        assert names == list(NAMES[: len(names)])
        for kept in store.history():
            assert kept.serial == store.load_serial(kept.serial).serial


def test_every_call_is_on_record_after_every_kill(wrecks: list[Path]) -> None:
    """What AWS was asked is done in the state, done in the journal, or in doubt: never unknown."""
    for wreck in wrecks:
        state = LocalStore(wreck / DEFAULT).load()
        run = Journal(wreck / DEFAULT).open_run()
        made = calls_made(wreck)
        if run is None:
            assert state is not None
            assert {Address("role", "a"), *(Address("role", NAMES[seq]) for seq in made)} == set(
                state.resources
            )
            continue
        certain = {call.intended.seq for call in run.done}
        doubtful = {call.seq for call in run.in_doubt}
        assert certain <= made <= certain | doubtful
        assert len(doubtful) <= 1


def copied(wrecks: list[Path], folder: Path) -> list[Path]:
    """Wrecks that may be changed."""
    return [Path(shutil.copytree(wreck, folder / wreck.name)) for wreck in wrecks]


def test_journal_leads_to_the_state_after_every_kill(wrecks: list[Path], tmp_path: Path) -> None:
    """Folding the journal over what was saved has every finished step, and can be saved."""
    for wreck in copied(wrecks, tmp_path):
        store = LocalStore(wreck / DEFAULT)
        run = Journal(wreck / DEFAULT).open_run()
        if run is None:
            continue
        folded = run.state(store.load())

        assert {Address("role", "a"), *(finished.address for finished in run.steps_done)} == set(
            folded.resources
        )
        assert (2 if run.steps_done else 1) == folded.serial
        store.save(folded)
        assert folded == LocalStore(wreck / DEFAULT).load()


def test_next_command_gets_the_lock_after_every_kill(wrecks: list[Path], tmp_path: Path) -> None:
    """The dead process keeps nobody out, and what it left half written is cleared away."""
    for wreck in copied(wrecks, tmp_path):
        lock = StateLock(wreck / DEFAULT, operation="recover", tool_version="0")
        left = lock.holder()
        with lock.acquire() as held:
            assert (left is not None) == bool(held.notices)
            LocalStore(wreck / DEFAULT).preflight()
        assert list(StatePaths.of(wreck / DEFAULT).leftovers()) == []


def test_half_written_state_is_never_in_place(wrecks: list[Path]) -> None:
    """Every file that is called a state is a whole one."""
    for wreck in wrecks:
        for path in [wreck / DEFAULT, *(wreck / ".rolewright/history").glob("state.*.json")]:
            try:
                codec.decode(path.read_bytes(), file=path)
            except Problem as problem:
                pytest.fail(f"{path}: {problem}")
