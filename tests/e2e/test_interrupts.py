"""Runs that are stopped half-way, with the installed command and real signals."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from support.moto_server import account_snapshot

from .conftest import COMMAND, Shell


def stopped(shell: Shell, number: signal.Signals, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command one call at a time, and send it a signal when three steps are done."""
    with subprocess.Popen(
        [COMMAND, *words, "--sandbox", "--endpoint-url", shell.url, "--parallelism", "1"],
        cwd=shell.folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        seen: list[str] = []
        for line in process.stdout:
            seen.append(line)
            if "[3/" in line:
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, "".join(seen) + out, err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_rolls_back(shell: Shell, aws: Aws, number: signal.Signals) -> None:
    """Nobody to ask: what was done is undone, all is recorded, and the exit code is 130."""
    shell.example("fifty-services")
    before = account_snapshot(aws)

    done = stopped(shell, number, "apply", "--yes")

    assert done.returncode == 130, done.stdout + done.stderr
    assert account_snapshot(aws) == before
    assert shell.json("plan", "--detailed-exitcode", code=2)["summary"]["create"] == 151


def test_the_first_signal_keeps_what_was_done(shell: Shell, aws: Aws) -> None:
    """With --on-failure keep the state holds what was made, and the next apply goes on."""
    shell.example("fifty-services")

    done = stopped(shell, signal.SIGINT, "apply", "--yes", "--on-failure", "keep")
    roles = {name for name in account_snapshot(aws)["roles"] if name.startswith("example-")}
    listed = shell.run("state", "list", "role.").stdout.split()

    assert done.returncode == 130
    assert len(listed) == len(roles) > 0
    assert shell.run("apply", "--yes").returncode == 0
    assert shell.run("plan", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("direction", ["--forward", "--back"])
def test_a_killed_apply_is_recovered(shell: Shell, aws: Aws, direction: str) -> None:
    """After kill -9 the next command says what is open; recover finishes or undoes it exactly."""
    shell.example("fifty-services")
    before = account_snapshot(aws)

    killed = stopped(shell, signal.SIGKILL, "apply", "--yes")
    told = shell.run("plan")
    refused = shell.run("apply", "--yes")
    recovered = shell.run("recover", direction)

    assert killed.returncode == -signal.SIGKILL
    assert "did not come to its end" in told.stdout + told.stderr
    assert "rolewright import" not in told.stderr
    assert (refused.returncode, "rolewright recover" in refused.stderr) == (1, True)
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    if direction == "--back":
        assert account_snapshot(aws) == before
    else:
        assert shell.run("plan", "--detailed-exitcode").returncode == 0
        assert shell.run("destroy", "--yes").returncode == 0
        assert account_snapshot(aws) == before


def test_there_may_be_nothing_to_recover(shell: Shell) -> None:
    """Without an open run recover says so and exits 1."""
    shell.example("fifty-services")

    done = shell.run("recover")

    assert (done.returncode, "nothing is left to recover" in done.stderr) == (1, True)


def test_going_back_to_an_earlier_serial(shell: Shell) -> None:
    """`rollback --to` applies what that serial wanted; `state history` lists it."""
    stack = (
        "stack: s\nregion: us-east-1\nroles:\n  a:\n    trust: {services: [ec2.amazonaws.com]}\n"
    )
    shell.write(stack)
    shell.run("apply", "--yes")
    shell.write(stack + "    description: Later\n")
    shell.run("apply", "--yes")

    listed = shell.json("state", "history")
    back = shell.json("rollback", "--to", "1", "--yes")

    assert [one["serial"] for one in listed["history"]] == [1]
    assert (back["status"], back["serial"]) == ("applied", 3)
    assert Path(shell.state_file).exists()
    shell.write(stack)
    assert shell.run("plan", "--detailed-exitcode").returncode == 0
