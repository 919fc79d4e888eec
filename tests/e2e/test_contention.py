"""Many applies of one state at once, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess

from .conftest import COMMAND, Shell

PROCESSES = 50 if os.environ.get("FAULTS") == "all" else 6
STACK = """\
stack: contended
region: us-east-1
variables: {who: {type: string, default: nobody}}
roles:
  shared:
    trust: {services: [ec2.amazonaws.com]}
    description: set by ${var.who}
"""


def test_each_apply_is_carried_out_or_refused(shell: Shell) -> None:
    """The lock lets one write at a time: serials only rise, the state stays valid, the last one to apply is live."""
    shell.write(STACK)
    options = ["--sandbox", "--endpoint-url", shell.url, "--format", "json"]
    running = [
        subprocess.Popen(
            [COMMAND, "apply", "--yes", "--var", f"who={number}", *options],
            cwd=shell.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    ended = [(process, *process.communicate(timeout=300)) for process in running]

    applied = [json.loads(out) for process, out, _ in ended if process.returncode == 0]
    refused = [error for process, _, error in ended if process.returncode != 0]

    assert all(process.returncode in (0, 1) for process, _, _ in ended)
    assert all("lock" in error for error in refused), refused
    serials = [document["serial"] for document in applied]
    assert len(set(serials)) == len(serials) == len(applied) >= 1
    state = json.loads(shell.state_file.read_text())
    assert state["serial"] == max(serials)
    assert shell.run("state", "list").returncode == 0
