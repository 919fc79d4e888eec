"""How Terraform was measured to fail, one test each, with what happens here instead."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.session import OnFailure
from rolewright.resources.diagnostics import Problem
from support.faults import Fault, FaultyAws
from support.moto_server import TRUST, account_snapshot
from support.runs import Bench, changes

Stack = dict[str, Any]
DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
READ = [{"actions": ["s3:GetObject"], "resources": ["*"]}]


def stack_of(roles: Mapping[str, Any], policies: Mapping[str, Any] | None = None) -> Stack:
    return {
        "stack": "measured",
        "region": "us-east-1",
        "roles": {
            name: {"trust": {"services": ["ec2.amazonaws.com"]}, **role}
            for name, role in roles.items()
        },
        "permission_policies": dict(policies or {}),
    }


def web() -> Stack:
    """A role with a profile, a managed and an inline policy."""
    stack = stack_of(
        {"web": {}},
        {
            "read": {"roles": ["web"], "statements": READ},
            "own": {"roles": ["web"], "inline": True, "statements": READ},
        },
    )
    stack["service_bindings"] = {"web": {"service": "ec2", "role": "web"}}
    return stack


def deny(aws: Aws, role: str = "web") -> None:
    """What somebody does in an emergency."""
    parameters = {"RoleName": role, "PolicyDocument": json.dumps(DENY)}
    aws.call("iam", "UpdateAssumeRolePolicy", parameters)


def trust_of(aws: Aws, role: str = "web") -> Any:
    return account_snapshot(aws)["roles"][role]["AssumeRolePolicyDocument"]


def test_one_failed_policy_stops_no_other(bench: Bench, aws: Aws) -> None:
    """Kept on failure, every policy but the failed one is made and attached."""
    names = ("one", "two", "three")
    policies = {f"of-{name}": {"roles": [name], "statements": READ} for name in names}
    stack = stack_of({name: {} for name in names}, policies)
    struck: list[str] = []

    class Refusing(FaultyAws):
        """Refuses one of the policies, whatever its number."""

        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
            if operation == "CreatePolicy" and parameters["PolicyName"] == "of-two":
                struck.append(operation)
                self._faults = {len(self.calls) + 1: Fault.DENIED}
            return super().call(service, operation, parameters)

    session = bench.session("measured", Refusing(aws.again()))  # type: ignore[arg-type]
    session.parallelism = 1
    outcome = session.apply(bench.planned(session, stack), on_failure=OnFailure.KEEP)

    roles = account_snapshot(aws)["roles"]
    attached = {name: len(roles[name]["AttachedManagedPolicies"]) for name in names}
    assert struck
    assert [failed.address for failed in outcome.failed] == ["permission_policy.of-two"]
    assert attached == {"one": 1, "two": 0, "three": 1}
    assert changes(bench.plan(stack)) == {"permission_policy.of-two": "create"}


def test_a_replaced_role_keeps_all_that_hangs_on_it(bench: Bench, aws: Aws) -> None:
    """Profile, managed policy and inline policy are on the new role after the same run."""
    stack = web()
    bench.apply(stack)
    before = account_snapshot(aws)
    stack["roles"]["web"]["name"] = "web-2"

    outcome = bench.apply(stack)

    after = account_snapshot(aws)
    held = ("AttachedManagedPolicies", "RolePolicyList")
    assert outcome.status is Status.APPLIED
    assert "web" not in after["roles"]
    assert {key: after["roles"]["web-2"][key] for key in held} == {
        key: before["roles"]["web"][key] for key in held
    }
    assert [profile["Roles"] for profile in after["instance_profiles"].values()] == [["web-2"]]
    assert changes(bench.plan(stack)) == {}


def test_another_key_of_the_same_policy_makes_no_call(bench: Bench, aws: Aws) -> None:
    """An attachment is the role and the policy: what the file calls it is no change to AWS."""
    logs = {"roles": ["web"], "managed_policy": "CloudWatchLogsReadOnlyAccess"}
    bench.apply(stack_of({"web": {}}, {"logs": logs}))
    before = account_snapshot(aws)
    faulty = FaultyAws(aws.again())

    outcome = bench.apply(stack_of({"web": {}}, {"renamed": logs}), aws=faulty)  # type: ignore[arg-type]

    assert outcome.status is Status.APPLIED
    assert faulty.calls == []
    assert account_snapshot(aws) == before
    assert [str(key) for key in bench.state().resources if key.kind == "permission_policy"] == [
        "permission_policy.renamed"
    ]


def test_a_foreign_inline_policy_is_seen_and_removed(bench: Bench, aws: Aws) -> None:
    """Somebody's *:* on our role is in the plan, and gone after the apply; ours stays."""
    stack = web()
    bench.apply(stack)
    before = account_snapshot(aws)
    document = {"RoleName": "web", "PolicyName": "backdoor", "PolicyDocument": json.dumps(ALL)}
    aws.call("iam", "PutRolePolicy", document)

    planned = changes(bench.plan(stack))
    bench.apply(stack)

    assert planned == {"role.web": "update"}
    assert account_snapshot(aws) == before


def test_an_emergency_deny_before_the_check_stops_the_apply(bench: Bench, aws: Aws) -> None:
    """The look at the world between plan and first call finds it, and nothing is done."""
    stack = web()
    bench.apply(stack)
    stack["roles"]["web"]["trust"]["services"].append("ssm.amazonaws.com")
    session = bench.session("measured")
    plan = bench.planned(session, stack)
    deny(aws)

    with pytest.raises(Problem) as raised:
        session.check_world(plan)

    found = [(one.code, one.address) for one in raised.value.diagnostics]
    assert found == [("world-moved", "role.web")]
    assert trust_of(aws) == DENY


def test_an_emergency_deny_after_the_check_is_not_overwritten(bench: Bench, aws: Aws) -> None:
    """The look directly before the call finds it; the rest of the run is undone, the Deny stays."""
    stack = web()
    bench.apply(stack)
    stack = copy.deepcopy(stack)
    stack["roles"]["web"]["trust"]["services"].append("ssm.amazonaws.com")
    session = bench.session("measured")
    plan = bench.planned(session, stack)
    session.check_world(plan)
    deny(aws)

    outcome = session.apply(plan)

    assert outcome.status is Status.ROLLED_BACK
    assert [failed.code for failed in outcome.failed] == ["ChangedMeanwhile"]
    assert trust_of(aws) == DENY


def test_creates_in_flight_at_an_interrupt_are_all_in_the_state(bench: Bench, aws: Aws) -> None:
    """Three calls are under way when the signal comes: all end, and the state has all three."""
    names = ("one", "two", "three", "four")
    stack = stack_of({"one": {}, "two": {}, "three": {}, "four": {"trust": {"roles": ["one"]}}})
    together = threading.Barrier(3, action=lambda: session.interrupt(), timeout=20)  # noqa: PLW0108 - made below

    def meanwhile(number: int, name: str) -> None:
        if number <= 3:
            together.wait()

    faulty = FaultyAws(aws.again(), meanwhile=meanwhile)
    session = bench.session("measured", faulty)  # type: ignore[arg-type]

    outcome = session.apply(bench.planned(session, stack), on_failure=OnFailure.KEEP)

    recorded = {key.name for key in bench.state().resources if key.kind == "role"}
    assert outcome.status is Status.INTERRUPTED
    assert recorded == set(account_snapshot(aws)["roles"]) == set(names[:3])
    assert changes(bench.plan(stack)) == {"role.four": "create"}


def test_a_create_whose_answer_was_lost_is_ours(bench: Bench, aws: Aws) -> None:
    """The role carries the run's tag, so that it is neither made twice nor left behind."""
    stack = stack_of({"web": {}})
    faulty = FaultyAws(aws.again(), {1: Fault.AFTER})

    outcome = bench.apply(stack, aws=faulty)  # type: ignore[arg-type]

    assert (outcome.status, outcome.failed) == (Status.APPLIED, ())
    assert faulty.calls == ["iam:CreateRole"]
    assert changes(bench.plan(stack)) == {}


@pytest.mark.parametrize("answer_lost", [False, True])
def test_what_somebody_else_made_meanwhile_is_left_alone(
    bench: Bench, aws: Aws, *, answer_lost: bool
) -> None:
    """A role of the same name that is not of this run is not adopted, and not deleted by the rollback."""

    def meanwhile(number: int, name: str) -> None:
        if number == 1:
            theirs = {"RoleName": "web", "AssumeRolePolicyDocument": json.dumps(TRUST)}
            aws.call("iam", "CreateRole", {**theirs, "Description": "theirs"})

    class Losing(FaultyAws):
        """Loses the refusal, too."""

        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
            try:
                return super().call(service, operation, parameters)
            except Exception as error:
                if not answer_lost or len(self.calls) > 1:
                    raise
                error.code, error.uncertain = "Timeout", True  # type: ignore[attr-defined]
                raise

    faulty = Losing(aws.again(), meanwhile=meanwhile)

    outcome = bench.apply(stack_of({"web": {}}), aws=faulty)  # type: ignore[arg-type]

    role = account_snapshot(aws)["roles"]["web"]
    assert outcome.status is Status.ROLLED_BACK
    assert [failed.address for failed in outcome.failed] == ["role.web"]
    assert (role["Description"], role["Tags"]) == ("theirs", {})
    assert bench.state().resources == {}
