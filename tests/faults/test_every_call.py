"""A failure at every call of a run: the account is at the target or at the start afterwards, and the state says so.

FAULTS=all in the environment runs every call with every fault; the default every second call with one of them each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

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


# In one test, whatever brings the start back spares the next fault to make it anew.
GROUPS = [[fault] for fault in FAILURES] if EVERYTHING else [list(FAILURES)]


@pytest.mark.parametrize(
    "faults", GROUPS, ids=[group[0] if EVERYTHING else "all" for group in GROUPS]
)
@pytest.mark.parametrize("name", CASES)
def test_a_fault_at_any_call_is_explained(trial: Trials, name: str, faults: list[Fault]) -> None:
    """Whichever call fails, the end is the one that belongs to the fault, in account, state and plan."""
    tried = trial(name)
    ends: dict[Fault, dict[int, Verdict]] = {fault: {} for fault in faults}
    unexplained: list[str] = []
    for fault in faults:
        for at in sample(len(tried.calls), 2 * len(FAILURES), 2 * FAILURES.index(fault) + 1):
            try:
                ends[fault][at] = tried.verdict(fault, at)
            except Unexplained as error:
                unexplained.append(f"{fault} at {at} ({tried.calls[at - 1]}): {error}")
        print(f"{name} x {fault}: {len(tried.calls)} calls, {dict(Counter(ends[fault].values()))}")

    assert unexplained == []
    assert {fault: set(met.values()) - ENDS[fault] for fault, met in ends.items()} == {
        fault: set() for fault in faults
    }


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.DENIED, Fault.EXPIRED])
def test_a_fault_among_calls_in_flight_is_explained(trial: Trials, fault: Fault) -> None:
    """Calls that are under way while another fails are recorded and undone with the rest."""
    tried = trial("create", parallelism=10)

    ends = {at: tried.verdict(fault, at) for at in sample(len(tried.calls), 7)}

    assert set(ends.values()) <= ENDS[fault], ends
