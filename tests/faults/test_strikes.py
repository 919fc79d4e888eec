"""A fault at every call of a create, an update, a replace and a delete of a stack with all kinds and bindings.

Afterwards the account equals the target and the state says so, or it equals the start and the state says so, or what
is left is named and `recover` brings the start back. Some calls are tried by default, all of them with FAULTS=all;
`python tests/faults/test_strikes.py` tries all and prints the table.
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.planner import Wanted
from rolewright.engine.recovery import Direction
from rolewright.engine.sandbox import Sandbox, reset
from rolewright.engine.sandbox.furnishing import furnish
from support.full import EDITS, comparable, full_stack
from support.moto_server import account_snapshot, shared_server
from support.runs import Bench, changes
from support.strikes import Fault, FaultyAws

CASES = ("create", "update", "replace", "delete")
SHARE = 1 if os.environ.get("FAULTS") == "all" else 7
MOST_CALLS = 25
UPDATED = (
    "trust policy services",
    "role trust",
    "role description",
    "role boundary",
    "role tags",
    "policy statements",
    "policy roles",
    "inline statements",
    "AWS managed policy roles",
    "instances",
    "function role",
    "task role",
)
REPLACED = ("role name", "policy name", "path of a role that a function carries")


@dataclass
class Trial:
    """One apply with one fault, and what became of it."""

    server: Sandbox
    aws: Aws
    case: str

    def run(self, number: int, fault: Fault) -> tuple[int, str]:
        """How many changing calls there were, and the outcome in words.

        Raises:
            AssertionError: the account or the state is neither as wanted nor as before.
        """
        reset(self.server)
        stack = full_stack(furnish(self.aws.again(), self.server.url))
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), self.aws.again)
            if self.case != "create":
                assert bench.apply(stack).status is Status.APPLIED
            start = account_snapshot(self.aws.again())
            resources = {} if self.case == "create" else bench.state().resources
            faulty = FaultyAws(self.aws.again(), number, fault)
            outcome = self._apply(bench, stack, faulty)
            words = str(outcome.status)
            if outcome.status is Status.APPLIED:
                assert outcome.failed == ()
                if self.case != "delete":
                    assert changes(bench.plan(self._wanted(stack))) == {}
                return faulty.calls, words
            if outcome.status is Status.ROLLBACK_INCOMPLETE:
                assert fault is Fault.EXPIRED
                assert outcome.left
                recovered = bench.session("full").recover(Direction.BACK)
                assert recovered.status is Status.ROLLED_BACK
                words += ", recovered"
            assert comparable(account_snapshot(self.aws.again())) == comparable(start)
            assert bench.state().resources == resources
            return faulty.calls, words

    def _apply(self, bench: Bench, stack: dict[str, Any], faulty: FaultyAws) -> Any:
        if self.case != "delete":
            return bench.apply(self._wanted(stack), aws=faulty)  # type: ignore[arg-type]
        session = bench.session("full", faulty)  # type: ignore[arg-type]
        return session.apply(session.plan(Wanted(), "destroy"))

    def _wanted(self, stack: dict[str, Any]) -> dict[str, Any]:
        edited = copy.deepcopy(stack)
        for name in {"update": UPDATED, "replace": REPLACED}.get(self.case, ()):
            EDITS[name][0](edited)
        return edited


FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("case", CASES)
def test_a_fault_leaves_nothing_unexplained(aws: Aws, case: str, fault: Fault) -> None:
    """Whatever call it strikes, the account is as wanted or as before, and the state agrees."""
    trial = Trial(shared_server(), aws, case)
    first = 1 + (CASES.index(case) + FAULTS.index(fault)) % SHARE

    outcomes = Counter(trial.run(number, fault)[1] for number in range(first, MOST_CALLS, SHARE))

    assert outcomes


def main() -> None:
    """Try every call with every fault, and print the table."""
    from rolewright.engine.aws.session import AwsOptions, connect

    server = shared_server()
    aws = connect(AwsOptions(sandbox_endpoint=server.url), sleep=lambda _: None)
    for case in CASES:
        trial = Trial(server, aws, case)
        count, _ = trial.run(0, Fault.NONE)
        for fault in FAULTS:
            outcomes = Counter(trial.run(number, fault)[1] for number in range(1, count + 1))
            told = ", ".join(f"{times} {words}" for words, times in sorted(outcomes.items()))
            print(f"{case:<8} {count:3} calls  {fault:<10} {told}")


if __name__ == "__main__":
    main()
