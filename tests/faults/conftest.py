"""The local AWS for tests of faults, and how many of the cases they run."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import ApplyOutcome
from rolewright.engine.sandbox import Sandbox
from support.faults import Fault, Raised, Trial, made
from support.moto_server import aws, connect_aws, sandbox
from support.runs import Bench

__all__ = ["aws", "bench", "connect_aws", "sandbox", "trial"]

# Not RW_FAULTS: tests/conftest.py takes all variables of that beginning away.
EVERYTHING = os.environ.get("FAULTS") == "all"


def sample(calls: int, every: int, first: int = 1) -> list[int]:
    """The numbers of the calls to strike at: `first` and each so many after it, the last call at least."""
    if EVERYTHING:
        return list(range(1, calls + 1))
    return list(range(first, calls + 1, every)) or [calls]


@pytest.fixture
def bench(tmp_path: Path, aws: Aws) -> Bench:
    """A clean folder and a clean account."""
    return Bench(tmp_path, aws.again)


@pytest.fixture(scope="session")
def applier() -> Iterator[subprocess.Popen[str]]:
    """The script that applies in processes of their own, waiting for work."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("applied.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


Apart = Callable[[Trial, Mapping[int, Fault]], int]
"""Applies the case of a trial with faults in a process of its own; the signal that ended it, or 0."""


@pytest.fixture
def apart(applier: subprocess.Popen[str], tmp_path: Path) -> Apart:
    """Leaves how the apply ended in the file `ended`, if it ended by itself."""

    def run(tried: Trial, faults: Mapping[int, Fault]) -> int:
        assert applier.stdin is not None
        assert applier.stdout is not None
        job = {
            "folder": str(tried.bench.folder),
            "url": tried.sandbox.url,
            "before": tried.case.before,
            "after": tried.case.after,
            "faults": faults,
            "parallelism": tried.parallelism,
            "ended": str(tmp_path / "ended"),
        }
        applier.stdin.write(json.dumps(job) + "\n")
        applier.stdin.flush()
        return int(applier.stdout.readline())

    return run


@pytest.fixture
def trial(tmp_path: Path, sandbox: Sandbox, aws: Aws, apart: Apart) -> Callable[..., Trial]:
    """Makes the trial of a named case, whose faults strike in processes of their own."""

    def elsewhere(tried: Trial, faults: Mapping[int, Fault]) -> ApplyOutcome | Raised:
        assert apart(tried, faults) == 0
        ended = tmp_path / "ended"
        outcome: ApplyOutcome | Raised = pickle.loads(ended.read_bytes())
        ended.unlink()
        return outcome

    def make(name: str, *, parallelism: int = 1) -> Trial:
        tried = made(name, tmp_path, sandbox, aws, parallelism=parallelism)
        tried.elsewhere = elsewhere
        return tried

    return make
