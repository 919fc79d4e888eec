"""A failure at every call of a run: the account is at the target or at the start afterwards, and the state says so.

FAULTS=all in the environment runs every call with every fault; the default every second call with one of them each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.faults import FAILURES, Fault, Trial, Unexplained, Verdict

from .conftest import EVERYTHING, sample

CASES = ("create", "update", "replace", "delete", *(["create_wide"] if EVERYTHING else []))
Trials = Callable[..., Trial]
ENDS = {
    Fault.BEFORE: {Verdict.START},
    Fault.AFTER: {Verdict.TARGET},
    Fault.DENIED: {Verdict.START},
    Fault.THROTTLED: {Verdict.START},
    Fault.EXPIRED: {Verdict.START, Verdict.RECOVERED},
    Fault.LAPSED: {Verdict.RECOVERED, Verdict.FINISHED},
    Fault.SERVER: {Verdict.TARGET},
}


def _parameters() -> Iterator[Any]:
    for name in CASES:
        for fault in FAILURES:
            yield pytest.param(name, fault)


@pytest.mark.parametrize(("name", "fault"), list(_parameters()))
def test_a_fault_at_any_call_is_explained(trial: Trials, name: str, fault: Fault) -> None:
    """Whichever call fails, the end is the one that belongs to the fault, in account, state and plan."""
    tried = trial(name)
    ends: dict[int, Verdict] = {}
    unexplained: list[str] = []
    for at in sample(len(tried.calls), 2 * len(FAILURES), 2 * FAILURES.index(fault) + 1):
        try:
            ends[at] = tried.verdict(fault, at)
        except Unexplained as error:
            unexplained.append(f"call {at} ({tried.calls[at - 1]}): {error}")
    print(f"{name} x {fault}: {len(tried.calls)} calls, {dict(Counter(ends.values()))}")

    assert unexplained == []
    assert set(ends.values()) <= ENDS[fault], ends


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.DENIED, Fault.EXPIRED])
def test_a_fault_among_calls_in_flight_is_explained(trial: Trials, fault: Fault) -> None:
    """Calls that are under way while another fails are recorded and undone with the rest."""
    tried = trial("create", parallelism=10)

    ends = {at: tried.verdict(fault, at) for at in sample(len(tried.calls), 7)}

    assert set(ends.values()) <= ENDS[fault], ends
