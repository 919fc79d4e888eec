"""Roles that a rollback makes again: the report tells old and new id, and what still refers to the old one."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import ApplyOutcome, Status
from rolewright.engine.recovery import Direction
from support.faults import Fault, FaultyAws
from support.runs import Bench

NAMES = ("one", "two", "zoo")
EC2 = {"services": ["ec2.amazonaws.com"]}


@pytest.fixture
def ids(bench: Bench, aws: Aws) -> dict[str, str]:
    """The unique ids of three roles that a fourth one trusts, and a fifth one's policy names by id."""
    bench.apply(stack_of())
    return unique_ids(aws)


def unique_ids(aws: Aws) -> dict[str, str]:
    fresh = aws.again()
    roles = {name: fresh.role(name) for name in NAMES}
    return {name: role.unique_id for name, role in roles.items() if role is not None}


def stack_of(**policies: Any) -> dict[str, Any]:
    account = "arn:aws:iam::123456789012:role"
    principal = {"AWS": [f"{account}/{name}" for name in NAMES]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "stack": "again",
        "region": "us-east-1",
        "roles": {
            **{name: {"trust": EC2} for name in NAMES},
            "door": {"trust": {"document": document}},
            "watcher": {"trust": EC2},
        },
        "permission_policies": policies,
    }


def without_roles(stack: dict[str, Any]) -> dict[str, Any]:
    left = copy.deepcopy(stack)
    for name in NAMES:
        del left["roles"][name]
    return left


def failing(
    bench: Bench, aws: Aws, stack: dict[str, Any], faults: dict[int, Fault]
) -> ApplyOutcome:
    """Delete the roles one by one, with these faults."""
    session = bench.session("again", FaultyAws(aws.again(), faults))  # type: ignore[arg-type]
    session.parallelism = 1
    return session.apply(bench.planned(session, without_roles(stack)))


def test_a_role_made_again_is_told_with_both_ids(
    bench: Bench, aws: Aws, ids: dict[str, str]
) -> None:
    """Two of three roles are gone when the third can't be deleted: they come back, and the outcome says how."""
    condition = {"StringLike": {"aws:userid": f"{ids['one']}:*"}}
    statement = {"actions": ["s3:*"], "resources": ["*"], "conditions": condition}
    policy = {"roles": ["watcher"], "inline": True, "statements": [statement]}
    stack = stack_of(watch=policy)
    bench.apply(stack)

    outcome = failing(bench, aws, stack, {3: Fault.DENIED})

    now = unique_ids(aws)
    assert outcome.status is Status.ROLLED_BACK
    assert [
        (one.address, one.what, one.name, one.old_id, one.new_id) for one in outcome.recreated
    ] == [(f"role.{name}", "role", name, ids[name], now[name]) for name in ("two", "one")]
    assert all(ids[name] != now[name] for name in ("one", "two"))
    two, one = (found.referred_to_by for found in outcome.recreated)
    assert two == ("role.door",)
    assert one == ("permission_policy.watch", "role.door", "role.watcher")


def test_recover_tells_what_the_rollback_before_it_made_again(
    bench: Bench, aws: Aws, ids: dict[str, str]
) -> None:
    """The rollback loses its credentials after the first role; recover's report has that one and its own."""
    stack = stack_of()
    outcome = failing(bench, aws, stack, {3: Fault.DENIED, 5: Fault.EXPIRED})

    recovered = bench.session("again").recover(Direction.BACK)

    now = unique_ids(aws)
    assert outcome.status is Status.ROLLBACK_INCOMPLETE
    assert [one.new_id for one in outcome.recreated] == [now["two"]]
    assert recovered.status is Status.ROLLED_BACK
    assert [(one.old_id, one.new_id) for one in recovered.recreated] == [
        (ids["two"], now["two"]),
        (ids["one"], now["one"]),
    ]


def test_policies_and_profiles_come_back_under_new_ids_too(bench: Bench, aws: Aws) -> None:
    """Each sort is told with the ids that AWS shows."""
    last = {"depends_on": ["role.zoo"]}
    read = {"statements": [{"actions": ["s3:*"], "resources": ["*"]}]}
    full = stack_of(read={"roles": ["one"], **read, **last})
    full["service_bindings"] = {"one": {"service": "ec2", "role": "one", **last}}
    bench.apply(full)
    arn = "arn:aws:iam::123456789012:policy/read"
    profile, policy = aws.again().instance_profile("one"), aws.again().policy(arn)
    assert profile is not None
    assert policy is not None
    bare = stack_of()
    session = bench.session("again")
    deletions = [call for change in bench.planned(session, bare).changes for call in change.calls]

    faulty = FaultyAws(aws.again(), {len(deletions) + 1: Fault.DENIED})
    del bare["roles"]["zoo"]
    session = bench.session("again", faulty)  # type: ignore[arg-type]
    session.parallelism = 1
    outcome = session.apply(bench.planned(session, bare))

    told = {one.what: (one.name, one.old_id) for one in outcome.recreated}
    fresh = aws.again()
    again, back = fresh.instance_profile("one"), fresh.policy(arn)
    assert again is not None
    assert back is not None
    # moto's GetAccountAuthorizationDetails, unlike AWS's, leaves the ids of policies out.
    assert told == {"instance profile": ("one", profile.unique_id), "policy": ("read", "")}
    assert policy.unique_id != back.unique_id
    assert {one.what: one.new_id for one in outcome.recreated} == {
        "instance profile": again.unique_id,
        "policy": back.unique_id,
    }
