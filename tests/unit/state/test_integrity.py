"""The rules that hold of every state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rolewright.resources.diagnostics import Problem, Severity
from rolewright.state import integrity
from rolewright.state.document import State
from unit.state.worlds import ACCOUNT, address, codes, make_record, make_state, shown


def test_sound_state_has_no_findings() -> None:
    """Records that depend on each other in order are fine."""
    user = make_record("p", "permission_policy", dependencies=(address("role.a"),))
    state = make_state("a").with_record(address("permission_policy.p"), user)

    assert integrity.check(state) == ()


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"stack": ""}, "the state names no stack"),
        ({"lineage": "first"}, "the state's lineage 'first' is not a UUID"),
        ({"serial": -1}, "the state's serial -1 is negative"),
        ({"account_id": "12345"}, "the state's account '12345' is not twelve digits"),
        (
            {"resources": {address("trust_policy.a"): make_record("a")}},
            "trust_policy.a has a record of kind 'role'",
        ),
    ],
)
def test_broken_rule_is_an_error(changes: dict[str, Any], summary: str) -> None:
    """What can't be worked with is refused, with the file and with what to do."""
    with pytest.raises(Problem) as caught:
        integrity.verify(make_state(**changes), file=Path("state.json"))

    (found,) = caught.value.diagnostics
    assert ("state-invalid", summary) == (found.code, found.summary)
    assert str(found.source) == "state.json:1:1"
    assert "`rolewright state history`" in found.hint


def test_all_broken_rules_are_named() -> None:
    """One run says all that is wrong."""
    with pytest.raises(Problem) as caught:
        integrity.verify(make_state(stack="", serial=-1))

    assert codes(caught.value) == ["state-invalid"] * 2


def warned(state: State) -> list[tuple[str, str]]:
    integrity.verify(state)
    findings = integrity.check(state)

    assert {Severity.WARNING} == {finding.severity for finding in findings}
    return [(finding.code, finding.summary) for finding in findings]


def test_missing_dependency_is_named_but_refuses_nothing() -> None:
    """What was removed from the state by hand leaves a state that still works."""
    gone = (address("role.x"), address("role.y"))
    state = make_state().with_record(address("role.a"), make_record("a", dependencies=gone))

    assert warned(state) == [
        (
            "state-dependency-missing",
            "role.a depends on role.x and role.y, which the state does not have",
        )
    ]


def test_cycle_is_named_but_refuses_nothing() -> None:
    """Partial applies can record dependencies of different times."""
    state = make_state(
        resources={
            address("role.a"): make_record("a", dependencies=(address("role.b"),)),
            address("role.b"): make_record("b", dependencies=(address("role.a"),)),
        }
    )

    assert warned(state) == [
        (
            "state-dependency-cycle",
            "the recorded dependencies make a cycle: role.a → role.b → role.a",
        )
    ]


def test_dependency_on_itself_is_a_cycle() -> None:
    """The shortest cycle is one, too."""
    own = make_record("a", dependencies=(address("role.a"),))

    assert [code for code, _ in warned(make_state().with_record(address("role.a"), own))] == [
        "state-dependency-cycle"
    ]


def test_shared_id_is_named_but_refuses_nothing() -> None:
    """Two addresses for one role are a mistake that a person must sort out."""
    state = make_state("a").with_record(address("role.b"), make_record("a"))

    assert warned(state) == [("state-shared-id", "role.a and role.b are one role in AWS: a")]


def test_policies_of_aws_are_shared() -> None:
    """Blocks that attach a policy of AWS's own share its ARN rightly."""
    arn = "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
    names = ("permission_policy.a", "permission_policy.b")
    shared = {
        address(name): make_record(kind="permission_policy", id=arn, arn=arn) for name in names
    }

    assert integrity.check(make_state(resources=shared)) == ()


def test_owner_is_right() -> None:
    """A state of this stack in this account passes."""
    integrity.verify_owner(make_state(), stack="photo-archive", account_id=ACCOUNT)


def test_other_owner_is_refused() -> None:
    """A state of another stack and account is refused for both reasons at once."""
    with pytest.raises(Problem) as caught:
        integrity.verify_owner(make_state(), stack="web", account_id="000000000000")

    assert codes(caught.value) == ["state-other-stack", "state-other-account"]
    assert "the state is that of stack 'photo-archive', not of 'web'" in shown(caught.value)
    assert f"the state is that of account {ACCOUNT}, not of 000000000000" in shown(caught.value)
    assert "--state" in shown(caught.value)
