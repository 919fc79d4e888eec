"""The local AWS for tests of faults, and how many of the cases they run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.sandbox import Sandbox
from support.faults import Trial, made
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


@pytest.fixture
def trial(tmp_path: Path, sandbox: Sandbox, aws: Aws) -> Callable[..., Trial]:
    """Makes the trial of a named case."""

    def make(name: str, *, parallelism: int = 1) -> Trial:
        return made(name, tmp_path, sandbox, aws, parallelism=parallelism)

    return make
