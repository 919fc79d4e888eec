"""Many processes, one state."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from faults.state.test_kill import run_script
from rolewright.resources.diagnostics import Problem
from rolewright.state import integrity
from rolewright.state.lock import StateLock
from rolewright.state.paths import DEFAULT
from rolewright.state.store import LocalStore
from unit.state.worlds import codes, make_state

APPLIED, REFUSED = 0, 7

HOLDER = """
import sys
from rolewright.state.lock import StateLock
held = StateLock(sys.argv[1], operation="apply", tool_version="0").acquire()
print(held.info.id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / DEFAULT
    LocalStore(path).save(make_state(serial=1))
    return path


def make_lock(path: Path) -> StateLock:
    return StateLock(path, operation="plan", tool_version="0")


@pytest.mark.parametrize(("timeout", "allowed"), [(0, {APPLIED, REFUSED}), (60, {APPLIED})])
@pytest.mark.parametrize("locks", ["system", "none"])
def test_fifty_processes(path: Path, locks: str, timeout: int, allowed: set[int]) -> None:
    """Each is applied or refused, none is lost: one serial and one role for each that applied."""
    outcomes = json.loads(run_script("contend.py", str(path), str(timeout), locks))
    state = LocalStore(path, keep=100).load()

    assert len(outcomes) == 50
    assert set(outcomes) <= allowed
    assert state is not None
    integrity.verify(state)
    applied = outcomes.count(APPLIED)
    assert applied >= 1
    assert (1 + applied, applied) == (state.serial, len(state.resources))
    assert make_lock(path).holder() is None


def test_killed_process_keeps_nobody_out(path: Path) -> None:
    """While it lives it is named; once it is killed its lock is taken over, and that is said."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lock_id = process.stdout.readline().strip()

    with pytest.raises(Problem) as caught:
        make_lock(path).acquire()
    os.kill(process.pid, signal.SIGKILL)
    # Not reaped yet: a process that is only a number in a table holds nothing.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with make_lock(path).acquire() as held:
        notices = held.notices
    process.communicate()

    assert codes(caught.value) == ["locked"]
    assert f"process {process.pid}" in caught.value.diagnostics[0].detail
    assert [notice.code for notice in notices] == ["lock-taken-over"]
    assert lock_id in notices[0].detail
