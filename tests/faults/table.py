"""Strikes every call of every case with every fault, and prints the table of what came of it.

Words on the command line narrow it to those cases.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rolewright.engine.aws.session import AwsOptions, connect
from support.faults import FAILURES, Fault, Trial, Unexplained, made
from support.moto_server import shared_server

CASES = ("create", "update", "replace", "delete", "create_wide")
FAKE = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def row(tried: Trial, fault: Fault) -> tuple[Counter[str], list[str]]:
    """How often each end came, and what has no explanation."""
    ends: Counter[str] = Counter()
    unexplained: list[str] = []
    for at, call in enumerate(tried.calls, 1):
        try:
            ends[tried.verdict(fault, at)] += 1
        except Unexplained as error:
            ends["UNEXPLAINED"] += 1
            unexplained.append(f"call {at} ({call}): {error}")
    return ends, unexplained


def main() -> None:
    os.environ |= FAKE
    aws = connect(AwsOptions(sandbox_endpoint=shared_server().url), sleep=lambda _: None)
    amiss = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or CASES:
            tried = made(name, Path(folder) / name, shared_server(), aws)
            for fault in FAILURES:
                ends, unexplained = row(tried, fault)
                told = ", ".join(f"{times} {end}" for end, times in sorted(ends.items()))
                print(f"{name:<12} {len(tried.calls):>3} calls  {fault:<10} {told}", flush=True)
                for line in unexplained[:3]:
                    print(f"    {line:.600}", flush=True)
                amiss += len(unexplained)
    sys.exit(min(amiss, 1))


if __name__ == "__main__":
    main()
