"""Who holds a lock, and whether that process still runs."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from rolewright.state.owner import (
    UNREADABLE,
    Life,
    LocalProcesses,
    LockInfo,
    life,
    process_start,
)
from unit.state.worlds import FakeProcesses


def make_owner(processes: FakeProcesses | None = None, **changes: Any) -> LockInfo:
    of = processes or FakeProcesses(pid=200, running={200: "7000"})
    info = LockInfo(
        id="lock-1",
        who=f"{of.user}@{of.host}",
        when="2025-03-01T12:00:00Z",
        pid=of.pid,
        process_start=process_start(of),
        host=of.host,
        machine=of.machine,
        operation="apply",
        tool_version="0.1.0",
    )
    return dataclasses.replace(info, **changes)


def test_round_trip() -> None:
    """What the file says is read as it was written, and can be read by people."""
    info = make_owner()

    assert info == LockInfo.decode(info.encode())
    assert b'\n  "who": "ann@desk"\n' in info.encode()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b'{"id": 1}', b"[" * 10**5])
def test_strange_file_is_held_by_somebody(data: bytes) -> None:
    """A lock that can't be read is still a lock."""
    assert LockInfo.decode(data) == UNREADABLE


def test_wrong_types_are_strange() -> None:
    """Every value must be what we write."""
    for key, value in (("pid", "1"), ("pid", True), ("who", 3)):
        data = json.dumps({**dataclasses.asdict(make_owner()), key: value}).encode()

        assert LockInfo.decode(data) == UNREADABLE


@pytest.mark.parametrize(
    ("owner", "running", "excludes", "expected"),
    [
        ({}, {200: "7000"}, True, Life.ALIVE),
        ({}, {200: "9999"}, True, Life.DEAD),
        ({}, {}, True, Life.DEAD),
        ({}, {}, False, Life.DEAD),
        ({}, {200: ""}, True, Life.ALIVE),
        # Renamed machine, same kernel: the process decides.
        ({"host": "other"}, {200: "7000"}, True, Life.ALIVE),
        ({"host": "other"}, {}, True, Life.DEAD),
        # Another container under this kernel: its numbers mean nothing here, our lock does.
        ({"namespace": "pid:[2]"}, {200: "7000"}, True, Life.DEAD),
        ({"namespace": "pid:[2]"}, {}, False, Life.UNKNOWN),
        # The machine was started anew, or another one is called alike.
        ({"boot": "boot-0"}, {200: "7000"}, True, Life.DEAD),
        ({"boot": "boot-0", "machine": "m2"}, {}, True, Life.UNKNOWN),
        ({"boot": "boot-0", "host": "other"}, {}, True, Life.UNKNOWN),
        # A system that tells nothing of itself.
        ({"boot": ""}, {}, True, Life.UNKNOWN),
    ],
)
def test_life(
    owner: dict[str, str], running: dict[int, str], *, excludes: bool, expected: Life
) -> None:
    """A lock is taken over only from a process that is certainly gone."""
    theirs = FakeProcesses(pid=200, running={200: "7000"}, facts=owner)
    here = FakeProcesses(pid=100, running=running)

    assert expected == life(make_owner(theirs), here, excludes=lambda: excludes)


@pytest.mark.parametrize(
    ("host", "running", "expected"),
    [
        ("desk", {200: ""}, Life.ALIVE),
        ("desk", {}, Life.DEAD),
        ("other", {}, Life.UNKNOWN),
    ],
)
def test_life_without_proc(host: str, running: dict[int, str], expected: Life) -> None:
    """Where a system has no /proc, the host's name and the process's number must do."""
    nothing = {"boot": "", "namespace": "", "machine": ""}
    theirs = FakeProcesses(pid=200, running={200: ""}, facts={**nothing, "host": host})
    here = FakeProcesses(running=running, facts=nothing)

    assert expected == life(make_owner(theirs), here, excludes=lambda: True)


def test_unreadable_owner_is_never_dead() -> None:
    """What says nothing proves nothing."""
    for facts in ({}, {"boot": "", "namespace": "", "machine": ""}):
        here = FakeProcesses(running={}, facts=facts)

        assert life(UNREADABLE, here, excludes=lambda: True) == Life.UNKNOWN


def test_this_process_is_alive() -> None:
    """The real system knows this process, and that there is none of that number."""
    here = LocalProcesses()

    assert os.getpid() == here.pid
    assert here.start(here.pid) is not None
    assert here.start(2**22 + 12345) is None
    assert here.start(10**20) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_that_waits_to_be_reaped_is_gone() -> None:
    """A killed child is dead although its parent has not asked for it."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    here = LocalProcesses()
    assert here.start(child.pid)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert here.start(child.pid) is None
    child.communicate()
