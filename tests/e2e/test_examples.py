"""Every example on the local AWS, with the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.sandbox.furnishing import furnish
from support.moto_server import account_snapshot

from .conftest import EXAMPLES, Shell

NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/rolewright.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_applies_settles_and_leaves_nothing(shell: Shell, aws: Aws, name: str) -> None:
    """Applied, it is as planned; applied again, not a byte moves; destroyed, all is as before."""
    furnish(aws, shell.url)
    before = account_snapshot(aws)
    shell.example(name)

    applied = shell.run("apply", "--yes")

    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert shell.run("plan", "--detailed-exitcode").returncode == 0
    state = shell.state_file.read_bytes()
    requests = aws.requests.copy()
    again = shell.json("apply", "--yes")
    assert (again["status"], shell.state_file.read_bytes()) == ("no_changes", state)
    assert aws.requests == requests
    assert shell.run("destroy", "--yes").returncode == 0
    assert account_snapshot(aws) == before


def test_the_sandbox_comes_with_the_instance_that_the_examples_name(shell: Shell, aws: Aws) -> None:
    """The id in the examples is the one that the sandbox's instance has."""
    instance = furnish(aws, shell.url)

    for name in ("ec2-reads-bucket", "photo-archive"):
        assert instance in (EXAMPLES / name / "rolewright.yaml").read_text()


def test_the_demo_ends_by_itself_and_leaves_nothing(tmp_path: Path) -> None:
    """It goes through all its steps, and its folders and processes are gone afterwards."""
    done = subprocess.run(
        [Path(sys.executable).with_name("rolewright"), "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "That was all." in done.stdout
    assert list(tmp_path.iterdir()) == []
