"""SIGKILL before and after every call of an apply: `recover` finishes the run, or brings the start back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from itertools import product

import pytest
from rolewright.engine.recovery import Direction
from rolewright.resources.diagnostics import Problem
from support.faults import KILLS, Fault, Trial, Unexplained

from .conftest import EVERYTHING, Apart, sample

Trials = Callable[..., Trial]
Kill = Callable[[Trial, Mapping[int, Fault]], None]


@pytest.fixture
def kill(apart: Apart) -> Kill:
    """Applies the case of a trial in a process that must die of its faults."""

    def run(tried: Trial, faults: Mapping[int, Fault]) -> None:
        assert apart(tried, faults) == signal.SIGKILL

    return run


WAYS: list[tuple[Fault, Direction]] = list(product(KILLS, Direction))


# In one test, whatever brings the start back spares the next kill to make it anew.
GROUPS = [[way] for way in WAYS] if EVERYTHING else [WAYS]


def recovered(tried: Trial, direction: Direction) -> None:
    """Recover; a run that has retired a revision only goes forward, and says so."""
    try:
        tried.recovered(direction)
    except Problem as problem:
        if problem.diagnostics[0].code != "no-way-back":
            raise
        tried.recovered(Direction.FORWARD)


@pytest.mark.parametrize(
    "ways", GROUPS, ids=["-".join(group[0]) if EVERYTHING else "all" for group in GROUPS]
)
@pytest.mark.parametrize("name", ["create", "update", "replace", "delete"])
def test_a_killed_apply_is_recovered(
    trial: Trials, kill: Kill, name: str, ways: list[tuple[Fault, Direction]]
) -> None:
    """Forward ends at the target, back at the start, in account, state and plan."""
    tried = trial(name)
    unexplained: list[str] = []
    for fault, direction in ways:
        first = 4 * WAYS.index((fault, direction)) + 1
        for at in sample(len(tried.calls), 4 * len(WAYS), first):
            tried.prepare()
            kill(tried, {at: fault})
            assert tried.session().journal.open_run() is not None
            try:
                recovered(tried, direction)
            except Unexplained as error:
                unexplained.append(f"{fault} at {at} ({tried.calls[at - 1]}): {error}")

    assert unexplained == []


@pytest.mark.parametrize("direction", Direction)
def test_calls_in_flight_at_a_kill_are_recovered(
    trial: Trials, kill: Kill, direction: Direction
) -> None:
    """What became of each of several calls that were under way is looked up in AWS."""
    tried = trial("create", parallelism=10)

    for at in (3, 8):
        tried.prepare()
        kill(tried, {at: Fault.KILL_AFTER})
        tried.recovered(direction)


@pytest.mark.parametrize("fault", KILLS)
def test_a_killed_rollback_goes_only_back(trial: Trials, kill: Kill, fault: Fault) -> None:
    """A run that is killed while it undoes can't go forward; back it comes to the start."""
    tried = trial("create")
    tried.prepare()

    kill(tried, {9: Fault.DENIED, 12: fault})

    with pytest.raises(Problem, match="rolled back"):
        tried.session().recover(Direction.FORWARD)
    tried.recovered(Direction.BACK)


def test_a_plan_after_a_kill_points_to_recover(trial: Trials, kill: Kill) -> None:
    """What the run made is in its way; to import that would take it from `recover`."""
    tried = trial("create")
    tried.prepare()
    kill(tried, {1 + tried.calls.index("iam:CreateRole"): Fault.KILL_AFTER})

    with pytest.raises(Problem) as caught:
        tried.plan()

    hints = {one.hint for one in caught.value.diagnostics if one.code == "exists"}
    assert hints
    assert all(hint.startswith("`rolewright recover` first") for hint in hints)
    tried.recovered(Direction.BACK)
