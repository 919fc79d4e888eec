"""What a journal means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec, integrity
from rolewright.state.document import State
from rolewright.state.entries import Entry, Outcome
from rolewright.state.replay import DoneCall, OpenRun, fold, misplaced
from unit.state import worlds
from unit.state.worlds import (
    LINEAGE,
    address,
    codes,
    done,
    ended,
    failed,
    intended,
    make_record,
    make_state,
    resumed,
    shown,
    started,
    step,
)


@given(worlds.journals(), st.data())
def test_any_prefix_leads_to_a_valid_state(
    journal: tuple[State, list[Entry]], data: st.DataObject
) -> None:
    """Wherever a run is cut off, the state that it led to can be saved and read."""
    base, entries = journal
    prefix = entries[: data.draw(st.integers(0, len(entries)))]

    state = fold(base, prefix)

    integrity.verify(state)
    assert state == codec.decode(codec.encode(state))
    assert state.serial - base.serial in {0, 1}
    assert misplaced(prefix) is None


@given(worlds.journals(), st.data())
def test_folding_over_what_was_saved_is_folding_once(
    journal: tuple[State, list[Entry]], data: st.DataObject
) -> None:
    """A run that saved some of its steps before it was killed ends in the same state."""
    base, entries = journal
    saved = fold(base, entries[: data.draw(st.integers(0, len(entries)))])

    assert fold(base, entries) == fold(saved, entries)


def test_steps_change_the_state_and_advance_it_once() -> None:
    """Two steps of one run make one new serial."""
    run = [
        started(base_serial=7),
        intended(1),
        done(1),
        step("role.b", make_record("b")),
        step("role.a", None),
        ended(),
    ]

    assert make_state("b", serial=8) == fold(make_state("a", serial=7), run)


def test_calls_alone_change_nothing() -> None:
    """Before a step is done the state is the one the run found."""
    base = make_state("a", serial=7)

    assert base == fold(base, [started(base_serial=7), intended(1), done(1), intended(2)])


def test_move_keeps_the_record_and_its_dependents() -> None:
    """A moved resource is known under its new address alone."""
    user = make_record("p", "permission_policy", dependencies=(address("role.a"),))
    base = make_state("a").with_record(address("permission_policy.p"), user)
    moved = step("role.z", make_record("a"), moved_from="role.a")

    state = fold(base, [started(base_serial=1), moved])

    assert {"role.z", "permission_policy.p"} == set(map(str, state.resources))
    assert (address("role.z"),) == state.resources[address("permission_policy.p")].dependencies


def test_address_that_was_taken_again_after_a_move_stays() -> None:
    """A state that has the moved resource and a new one at its old place is not moved once more."""
    entries = [
        started(base_serial=1),
        step("role.z", make_record("a"), moved_from="role.a"),
        step("role.a", make_record("a", id="new")),
    ]
    saved = fold(make_state("a"), entries)

    assert set(map(str, saved.resources)) == {"role.a", "role.z"}
    assert fold(saved, entries) == saved


@pytest.mark.parametrize(
    "base",
    [make_state(serial=4), make_state(serial=5, lineage="00000000-0000-4000-8000-000000000000")],
)
def test_state_of_another_run_is_refused(base: State) -> None:
    """A journal is not folded over an older state, or one of another lineage."""
    with pytest.raises(Problem) as caught:
        fold(base, [started(base_serial=5)])

    assert codes(caught.value) == ["journal-other-state"]
    assert f"serial {base.serial} of lineage {base.lineage}" in shown(caught.value)


def test_state_of_another_stack_is_refused() -> None:
    """Nor over another stack's."""
    with pytest.raises(Problem) as caught:
        fold(make_state(stack="web"), [started(base_serial=1)])

    assert codes(caught.value) == ["state-other-stack"]


def test_first_apply_needs_no_state() -> None:
    """A run that found no state started from the empty one."""
    run = OpenRun((started(), step("role.a", make_record("a"))))

    assert make_state("a", serial=1) == run.state(None)
    assert make_state("a", serial=1) == run.state(make_state(serial=0))


def test_lost_state_is_not_made_up() -> None:
    """A run that continued a state can't be told without it."""
    with pytest.raises(Problem) as caught:
        OpenRun((started(base_serial=3),)).state(None)

    assert codes(caught.value) == ["journal-without-state"]


def test_calls_are_told_apart() -> None:
    """Announced and unanswered, or failed uncertainly, is in doubt; the rest is known."""
    calls = [intended(number) for number in range(1, 6)]
    run = OpenRun(
        (
            started(),
            *calls,
            done(1, RoleId="AROA"),
            failed(2),
            failed(3, uncertain=True),
            failed(4, uncertain=True),
            done(4),
        )
    )

    assert (DoneCall(calls[0], {"RoleId": "AROA"}), DoneCall(calls[3], {})) == run.done
    assert ((calls[1], failed(2)),) == run.failed
    assert (calls[2], calls[4]) == run.in_doubt
    assert run.next_seq == 6


def test_undo_calls_count_for_the_call_that_they_take_back() -> None:
    """What is left to undo can be told, call by call."""
    run = OpenRun(
        (
            started(),
            intended(1),
            done(1),
            intended(2),
            done(2),
            intended(3, undo_of=2, index=1),
            done(3),
            intended(4, undo_of=2, index=0),
            failed(4),
            intended(5, undo_of=1),
        )
    )

    assert [(1, frozenset()), (2, frozenset({1}))] == [
        (call.intended.seq, call.undone) for call in run.done
    ]
    assert [call.seq for call in run.in_doubt] == [5]


def test_calls_are_in_the_order_of_their_numbers() -> None:
    """Threads may write out of turn."""
    run = OpenRun((started(), intended(2), intended(1), done(2), done(1)))

    assert [call.intended.seq for call in run.done] == [1, 2]


def test_end_of_a_run() -> None:
    """A run goes on until it ends, and again after it was resumed."""
    going = OpenRun((started(),))
    settled = OpenRun((started(), ended()))
    left = OpenRun((started(), ended(Outcome.ROLLBACK_INCOMPLETE, "x")))
    again = OpenRun((*left.entries, resumed()))

    assert [run.settled for run in (going, settled, left, again)] == [False, True, False, False]
    assert [None, ended(), ended(Outcome.ROLLBACK_INCOMPLETE, "x"), None] == [
        run.ended for run in (going, settled, left, again)
    ]
    assert again.started.lineage == LINEAGE
    assert going.next_seq == 1


@pytest.mark.parametrize(
    ("entries", "number", "message"),
    [
        ([intended(1)], 1, "a journal begins with the start of a run"),
        ([started(), started()], 2, "and has no other"),
        ([started(), ended(run="run-2")], 2, "it is of run run-2, not of run-1"),
        ([started(), intended(1), intended(1)], 3, "call 1 is announced twice"),
        ([started(), done(1)], 2, "call 1 was never announced"),
        ([started(), intended(1), failed(2)], 3, "call 2 was never announced"),
    ],
)
def test_entries_out_of_place(entries: list[Entry], number: int, message: str) -> None:
    """A journal that can't have been written like this is found out."""
    found = misplaced(entries)

    assert found is not None
    assert number == found[0]
    assert message in found[1]
