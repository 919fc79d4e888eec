"""The state as a value."""

from __future__ import annotations

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state.document import State
from unit.state.worlds import ACCOUNT, LINEAGE, address, codes, make_record, make_state, shown


def test_empty_state_is_at_serial_zero() -> None:
    """A stack that was never applied owns nothing, at serial 0."""
    state = State.empty("photo-archive", ACCOUNT, "us-east-1", LINEAGE)

    assert make_state(serial=0) == state


def test_with_record_leaves_the_value_it_came_from() -> None:
    """A state is never changed in place."""
    before = make_state("a")

    after = before.with_record(address("role.b"), make_record("b"))

    assert make_state("a") == before
    assert make_state("a", "b") == after


def test_with_record_none_takes_a_resource_away() -> None:
    """None stands for a resource that is gone, and for one that never was."""
    state = make_state("a", "b").with_record(address("role.b"), None)

    assert make_state("a") == state == state.with_record(address("role.b"), None)


def test_with_record_refuses_another_kind() -> None:
    """A record under an address of another kind is a fault of the program."""
    with pytest.raises(ValueError, match="can't have a record of kind"):
        make_state().with_record(address("trust_policy.a"), make_record("a"))


def test_advanced_counts_one_up() -> None:
    """A run that changes the state writes the next serial."""
    assert make_state("a", serial=8) == make_state("a", serial=7).advanced()


def test_dependencies_have_one_order() -> None:
    """Records with equal dependencies are equal, however they were listed."""
    one = make_record(dependencies=(address("role.b"), address("role.a"), address("role.b")))

    assert (address("role.a"), address("role.b")) == one.dependencies


def test_moved_takes_those_along_who_depend_on_it() -> None:
    """A new address reaches every record that named the old one."""
    user = make_record("p", "permission_policy", dependencies=(address("role.a"),))
    state = make_state("a").with_record(address("permission_policy.p"), user)

    moved = state.moved(address("role.a"), address('role.b["x"]'))

    assert make_record("a") == moved.resources[address('role.b["x"]')]
    assert address("role.a") not in moved.resources
    assert (address('role.b["x"]'),) == moved.resources[address("permission_policy.p")].dependencies


def test_moved_never_makes_a_record_depend_on_itself() -> None:
    """A dependency on an address that the record itself takes over is none any more."""
    record = make_record("a", dependencies=(address("role.b"),))
    state = make_state().with_record(address("role.a"), record)

    moved = state.moved(address("role.a"), address("role.b"))

    assert moved.resources[address("role.b")].dependencies == ()


@pytest.mark.parametrize(
    ("source", "target", "code", "text"),
    [
        ("role.reder", "role.new", "not-in-state", 'did you mean "role.reader"?'),
        ("role.zzz", "role.new", "not-in-state", "`rolewright state list` shows what is"),
        ("role.reader", "role.other", "already-in-state", "move or remove role.other first"),
        ("role.reader", "trust_policy.x", "kind-mismatch", "a role stays a role"),
    ],
)
def test_moved_refuses(source: str, target: str, code: str, text: str) -> None:
    """A move that can't be is refused with what would be right."""
    state = make_state("reader", "other")

    with pytest.raises(Problem) as caught:
        state.moved(address(source), address(target))

    assert [code] == codes(caught.value)
    assert text in shown(caught.value)
