"""The local AWS, and a bench to apply stacks on."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from support.moto_server import aws, connect_aws, sandbox
from support.runs import Bench

__all__ = ["aws", "bench", "connect_aws", "sandbox"]


@pytest.fixture
def bench(tmp_path: Path, aws: Aws) -> Bench:
    """A clean folder and a clean account."""
    return Bench(tmp_path, aws.again)
