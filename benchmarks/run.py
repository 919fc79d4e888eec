"""Time and number of requests of a first apply and of a plan without changes, on the local AWS.

make bench                      # 100 bundles of role, policy and binding
python benchmarks/run.py 1000   # as many as you like
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.cli.composition import wanted
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from rolewright.engine.plan import Plan
from rolewright.engine.sandbox import ephemeral_sandbox
from rolewright.engine.session import Session
from rolewright.resources.registry import kind_class
from rolewright.state.clock import SystemClock
from rolewright.state.journal import Journal
from rolewright.state.store import LocalStore

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.stacks import bundle_stack

T = TypeVar("T")


def timed(what: str, aws: Aws, work: Callable[[], T]) -> T:
    """Do some work and print how long it took and what it asked of AWS."""
    before, begun = aws.requests.total(), time.perf_counter()
    result = work()
    took = time.perf_counter() - begun
    print(f"{what:<34}{took:8.2f} s{aws.requests.total() - before:8} requests")
    return result


def session(aws: Aws, folder: Path) -> Session:
    """A session as the command line makes it."""
    state = folder / ".rolewright" / "state.json"
    return Session(
        stack="bundles",
        aws=aws,
        store=LocalStore(state),
        journal=Journal(state),
        clock=SystemClock(),
        sink=lambda _: None,
        kinds=kind_class,
        new_id=lambda: str(uuid.uuid4()),
        tool_version="bench",
    )


def main(count: int) -> None:
    """Measure a stack of so many bundles."""
    with tempfile.TemporaryDirectory() as name, ephemeral_sandbox() as sandbox:
        folder = Path(name)
        path = folder / "rolewright.yaml"
        # The profiles are made and bound to no instance: the local AWS has none by these ids.
        text = bundle_stack(count, bindings=("ec2",))
        path.write_text(re.sub(r"instances: \[.*\]", "instances: []", text))

        def connected() -> Aws:
            return connect(AwsOptions(sandbox_endpoint=sandbox.url))

        def plan(aws: Aws) -> Plan:
            return session(aws, folder).plan(
                wanted(resolve(load(path, environ={}), aws.identity)), "apply"
            )

        aws = connected()
        first = timed(f"plan of {count} new bundles", aws, lambda: plan(aws))
        outcome = timed("first apply", aws, lambda: session(aws, folder).apply(first))
        again = connected()
        unchanged = timed("plan without changes", again, lambda: plan(again))
        calls = sum(len(change.calls) for change in first.changes)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{len(first.changes)} resources, {calls} changing calls, {outcome.status}, "
            f"{len(unchanged.actions)} changes left; peak memory {peak:.0f} MiB"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
