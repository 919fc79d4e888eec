"""Looks for drift on the local AWS: what they cost, what they leave out, and taking drift on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml
from rolewright.engine.aws.reader import Aws
from rolewright.engine.drift.accept import accept
from rolewright.engine.drift.examine import examine
from rolewright.engine.drift.report import Drift, DriftReport
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.sandbox.furnishing import furnish
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from support.full import full_stack
from support.runs import Bench, changes
from support.tampers import ADMIN, MATRIX, World, own, policy, trusting

ROLE = {"trust": {"services": ["ec2.amazonaws.com"]}}


def look(bench: Bench, stack: str = "s", **options: Any) -> DriftReport:
    return examine(bench.session(stack), **options).report


def found(drifted: Iterable[Drift]) -> list[tuple[str, str]]:
    return [(drift.address, drift.type.value) for drift in drifted]


def test_calls_do_not_grow_with_the_stack(bench: Bench) -> None:
    """A hundred bundles cost as many requests as a thousand: pages, and none for each bundle."""
    count = 100
    read = [{"actions": ["s3:GetObject"], "resources": ["*"]}]
    stack: dict[str, Any] = {"stack": "s", "roles": {}, "permission_policies": {}}
    for index in range(count):
        stack["roles"][f"r{index}"] = ROLE
        policies = stack["permission_policies"]
        policies[f"p{index}"] = {"roles": [f"r{index}"], "statements": read}
        policies[f"i{index}"] = {"roles": [f"r{index}"], "statements": read, "inline": True}
    bench.apply(stack)
    aws = bench.connect()
    before = aws.requests.copy()

    report = examine(bench.session("s", aws)).report

    calls = aws.requests - before
    assert (report.checked, found(report.drifted)) == (3 * count, [])
    assert dict(calls) == {
        ("sts", "GetCallerIdentity"): 1,
        ("iam", "GetAccountSummary"): 1,
        ("iam", "GetAccountAuthorizationDetails"): 1,
        ("iam", "ListRoles"): 1,
    }
    assert report.calls == sum(calls.values())
    assert "the tags of policies" in report.notes[0]


def test_a_read_that_lags_behind_an_apply_is_no_drift(bench: Bench, aws: Aws) -> None:
    """What was there before the last apply counts only when IAM has had the time to show the new."""
    stack: dict[str, Any] = {"stack": "s", "roles": {"r": {**ROLE, "description": "old"}}}
    bench.apply(stack)
    stack["roles"]["r"]["description"] = "new"
    bench.apply(stack)
    parameters = {"RoleName": "r", "MaxSessionDuration": 3600}
    aws.call("iam", "UpdateRole", {**parameters, "Description": "old"})

    early = look(bench)
    bench.clock.sleep(121)
    late = look(bench)

    assert (found(early.drifted), found(late.drifted)) == ([], [("role.r", "changed")])
    assert "still show what was there before the last apply" in early.notes[0]


def test_what_nobody_had_before_is_drift_at_once(bench: Bench, aws: Aws) -> None:
    """The time that IAM is given hides only what was there before."""
    bench.apply({"stack": "s", "roles": {"r": ROLE}})
    aws.call("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": ADMIN})

    (drift,) = look(bench).drifted

    assert (drift.type, drift.severity, drift.subject) == ("unmanaged", "critical", ADMIN)
    assert drift.gained[0]["action"] == "*"


def test_a_target_limits_the_look(bench: Bench, aws: Aws) -> None:
    """Only what was asked for is read and told; what is not in the state is an error."""
    bench.apply({"stack": "s", "roles": {"one": ROLE, "two": ROLE}})
    for name in ("one", "two"):
        aws.call("iam", "AttachRolePolicy", {"RoleName": name, "PolicyArn": ADMIN})

    before = aws.requests.copy()

    report = look(bench, targets=frozenset({Address("role", "two")}))

    assert (aws.requests - before)["iam", "GetRole"] == 1
    assert (report.checked, found(report.drifted)) == (1, [("role.two", "unmanaged")])
    with pytest.raises(Problem) as caught:
        look(bench, targets=frozenset({Address("role", "twoo")}))
    assert caught.value.diagnostics[0].code == "unknown-target"


class Refusing:
    """An AWS that refuses one operation, as it does for who lacks a permission."""

    def __init__(self, aws: Aws, operation: str) -> None:
        self._aws, self._operation = aws, operation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)

    def pages(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        if operation == self._operation:
            raise AwsError(service, operation, "AccessDeniedException", "not you")
        return self._aws.pages(service, operation, parameters)


def test_what_may_not_be_read_around_is_said(bench: Bench, aws: Aws) -> None:
    """A missing permission for a service is a note, and all else is looked at."""
    bench.apply({"stack": "s", "roles": {"r": {"trust": {"services": ["lambda.amazonaws.com"]}}}})
    aws.call("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": ADMIN})
    session = bench.session("s", Refusing(bench.connect(), "ListFunctions"))  # type: ignore[arg-type]

    report = examine(session).report

    assert found(report.drifted) == [("role.r", "unmanaged")]
    assert report.notes == (
        "what of lambda carries roles could not be told: lambda:ListFunctions was refused",
    )


def test_the_fingerprint_tells_when_a_drift_changes(bench: Bench, aws: Aws) -> None:
    """The same finding has the same fingerprint from look to look, and another one when it gets worse."""
    bench.apply({"stack": "s", "roles": {"r": ROLE}})
    world = World(aws, "", "")
    world.put_inline("r", "rogue", policy("s3:GetObject"))
    (first,), (again,) = look(bench).drifted, look(bench).drifted
    world.put_inline("r", "rogue", policy("*"))
    (worse,) = look(bench).drifted

    assert first.fingerprint == again.fingerprint != worse.fingerprint
    assert first.key == worse.key


ACCEPTED = {
    ("role", "a tag changed"),
    ("trust", "one more service"),
    ("boundary", "added"),
    ("inline policy", "added: writing"),
    ("inline policy", "changed"),
    ("managed policy", "AdministratorAccess attached"),
    ("managed policy", "ours detached from one role"),
    ("policy", "attached to a user"),
    ("trust elsewhere", "a role of others lets ours in"),
}


@pytest.fixture
def world(bench: Bench, aws: Aws, sandbox: Sandbox) -> tuple[World, dict[str, Any]]:
    """The full stack, applied, and what others have beside it."""
    instance = furnish(aws, sandbox.url)
    world = World(aws, instance, "")
    world.iam("CreateUser", UserName="stranger")
    trust = {"Version": "2012-10-17", "Statement": [trusting(Service="ec2.amazonaws.com")]}
    world.iam("CreateRole", RoleName="stranger", AssumeRolePolicyDocument=json.dumps(trust))
    stack = full_stack(instance)
    bench.apply(stack)
    bench.clock.sleep(3600)
    return world, stack


def merged(stack: Any, part: Any) -> Any:
    """A stack with a part of one pasted into it; another content replaces the former."""
    content = {"statements", "document", "managed_policy"}
    if not isinstance(part, dict) or not isinstance(stack, dict):
        return part
    kept = {k: v for k, v in stack.items() if not (k in content and content & part.keys())}
    return kept | {key: merged(kept.get(key), value) for key, value in part.items()}


def test_what_is_accepted_is_drift_no_more(
    bench: Bench, world: tuple[World, dict[str, Any]]
) -> None:
    """The state takes it, and with the printed lines in the stack file a plan has nothing to do."""
    wrong: list[str] = []
    for tamper in MATRIX:
        if (tamper.area, tamper.name) not in ACCEPTED:
            continue
        before = bench.state()
        steps = tamper.make(world[0])
        next(steps)
        session = bench.session("full")
        examined = examine(session)
        address = Address.parse(tamper.expected[0][0])
        taken = accept(address, examined, session)
        session.store.save(taken.state)
        if left := look(bench, "full").drifted:
            wrong.append(f"{tamper.area}: {tamper.name}: {found(left)}")
        stack = merged(world[1], yaml.safe_load(taken.snippet or "{}"))
        planned = changes(bench.plan(stack))
        if planned:
            wrong.append(f"{tamper.area}: {tamper.name}: {planned}\n{taken.snippet}")
        next(steps, None)
        back = bench.session("full")
        present = back.state()
        back.store.save(replace(before, serial=present.serial + 1))

    assert not wrong, "\n".join(wrong)


def test_what_is_gone_and_accepted_is_forgotten(
    bench: Bench, world: tuple[World, dict[str, Any]]
) -> None:
    """The state forgets it, and says what to remove from the file."""
    world[0].iam("DeleteRolePolicy", RoleName="web", PolicyName="inline")
    session = bench.session("full")
    examined = examine(session)
    address = Address("permission_policy", "inline")

    taken = accept(address, examined, session)

    assert address not in taken.state.resources
    assert taken.notes == ("remove inline from permission_policies: it is no longer in the state",)


def test_what_is_accepted_and_gets_worse_is_drift_again(
    bench: Bench, world: tuple[World, dict[str, Any]]
) -> None:
    """One stranger was accepted; another one is told of, and the first one stays known after an apply."""
    arn = own("policy", "read")
    world[0].iam("AttachUserPolicy", UserName="stranger", PolicyArn=arn)
    session = bench.session("full")
    examined = examine(session)
    address = Address("permission_policy", "read")
    taken = accept(address, examined, session)
    session.store.save(taken.state)
    world[1]["permission_policies"]["read"]["tags"] = {"more": "tags"}
    bench.apply(world[1])
    bench.clock.sleep(3600)
    settled = look(bench, "full").drifted
    world[0].iam("AttachRolePolicy", RoleName="stranger", PolicyArn=arn)

    (drift,) = look(bench, "full").drifted

    assert settled == ()
    assert drift.subject == "role/stranger"
