"""A policy is deleted when all that holds it lets go of it in the same plan, and else no plan says that it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.planner import Wanted
from rolewright.resources.diagnostics import Problem
from support.moto_server import account_snapshot
from support.runs import Bench

ARN = "arn:aws:iam::123456789012:policy/cap"
STACK: dict[str, Any] = {
    "stack": "s",
    "permission_policies": {
        "cap": {"roles": ["other"], "statements": [{"actions": ["s3:*"], "resources": ["*"]}]}
    },
    "roles": {
        "web": {
            "trust": {"services": ["ec2.amazonaws.com"]},
            "permissions_boundary": "${permission_policy.cap.arn}",
        },
        "other": {"trust": {"services": ["ec2.amazonaws.com"]}},
    },
}


@pytest.fixture
def applied(bench: Bench) -> dict[str, Any]:
    """A role that the stack's own policy bounds, and one that has it."""
    assert bench.apply(STACK).status is Status.APPLIED
    return copy.deepcopy(STACK)


def test_a_boundary_goes_with_its_role(bench: Bench, aws: Aws, applied: dict[str, Any]) -> None:
    assert bench.destroy("s").status is Status.APPLIED
    assert account_snapshot(aws.again())["policies"] == {}


def test_a_boundary_goes_when_its_role_needs_none(
    bench: Bench, aws: Aws, applied: dict[str, Any]
) -> None:
    del applied["permission_policies"], applied["roles"]["web"]["permissions_boundary"]

    assert bench.apply(applied).status is Status.APPLIED

    assert account_snapshot(aws.again())["policies"] == {}


def test_a_boundary_that_stays_keeps_its_policy(bench: Bench, applied: dict[str, Any]) -> None:
    """A role that names it by its ARN holds it, although nothing in the file refers to it."""
    applied["roles"]["web"]["permissions_boundary"] = ARN
    del applied["permission_policies"]

    with pytest.raises(Problem, match="attached to 1 other user, group, role or boundary"):
        bench.plan(applied)


def test_somebody_else_s_role_keeps_the_policy(
    bench: Bench, aws: Aws, applied: dict[str, Any]
) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    aws.call("iam", "CreateRole", {"RoleName": "theirs", "AssumeRolePolicyDocument": trust})
    aws.call("iam", "AttachRolePolicy", {"RoleName": "theirs", "PolicyArn": ARN})
    session = bench.session("s")

    with pytest.raises(Problem, match="attached to 1 other"):
        session.plan(Wanted(), "destroy")


def test_what_somebody_attached_to_our_role_goes_with_it(
    bench: Bench, aws: Aws, applied: dict[str, Any]
) -> None:
    aws.call("iam", "AttachRolePolicy", {"RoleName": "web", "PolicyArn": ARN})

    assert bench.destroy("s").status is Status.APPLIED
    assert account_snapshot(aws.again())["roles"] == {}
