"""Processes by pid and start time: a pid alone may meanwhile be another program's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_POLL = 0.02


def process_start(pid: int) -> str | None:
    """When a process was started, as the system tells it; None when it has ended or never was.

    Two processes that had the same pid differ in it, within one boot of the machine.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _asked_of_ps(pid)
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started


def _asked_of_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def end_process(pid: int, started: str, *, patience: float = 5.0) -> None:
    """End a process with SIGTERM, and with SIGKILL once `patience` seconds have passed.

    Does nothing when the process has ended already or the pid is another's now.
    """
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
        if process_start(pid) != started:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while process_start(pid) == started and time.monotonic() < deadline:
            time.sleep(_POLL)
