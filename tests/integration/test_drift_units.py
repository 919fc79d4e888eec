"""systemd itself reads the units that `drift install` makes, where it is installed."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rolewright.engine.drift.install import Installation, files

ANALYZE = shutil.which("systemd-analyze")
pytestmark = pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANALYZE), *words], capture_output=True, text=True, check=False, timeout=30
    )


def about(folder: Path, schedule: str) -> Installation:
    return Installation(
        stack="shop",
        region="eu-west-1",
        folder=folder,
        stack_file=Path("a stack.yaml"),
        state_folder=folder / "my state",
        program=Path(sys.executable),
        user=getpass.getuser(),
        schedule=schedule,
        timezone="Europe/Berlin",
    )


@pytest.mark.parametrize(
    "schedule", ["*/15 * * * *", "5 4 * * 0", "0 9-17/2 * jan,7 1-5", "0 0 1,15 * 5", "@monthly"]
)
def test_systemd_understands_the_times(tmp_path: Path, schedule: str) -> None:
    """Each line of the timer is a time that comes."""
    timer = files("systemd", about(tmp_path, schedule))["rolewright-drift-shop.timer"]
    lines = [line.partition("=")[2] for line in timer.splitlines() if line.startswith("OnCal")]

    assert lines
    for line in lines:
        done = analyze("calendar", line)
        assert done.returncode == 0, done.stderr
        assert "never" not in done.stdout


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """No word of complaint about the service or the timer."""
    for name, text in files("systemd", about(tmp_path, "*/15 * * * *")).items():
        (tmp_path / name).write_text(text)

    done = analyze("verify", "--man=no", *map(str, tmp_path.iterdir()))

    assert not [line for line in done.stderr.splitlines() if "rolewright" in line]
