"""What a rollback could not undo is said before the first call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolewright.engine.aws.reader import Aws
from rolewright.engine.preflight import irreversible
from support.runs import Bench

ARN = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
STACK: dict[str, Any] = {
    "stack": "s",
    "region": "us-east-1",
    "roles": {"web": {"trust": {"services": ["ec2.amazonaws.com"]}}},
    "permission_policies": {
        "logs": {"roles": ["web"], "managed_policy": "CloudWatchLogsReadOnlyAccess"}
    },
}


class Retired:
    """A connection to an AWS that has retired the policy: it stays where it is attached, and goes nowhere else."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)

    def read(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        answer = self._aws.read(service, operation, parameters)
        if operation == "GetPolicy" and parameters["PolicyArn"] == ARN:
            answer["Policy"]["IsAttachable"] = False
        return answer


def test_a_retired_policy_is_told(bench: Bench, aws: Aws) -> None:
    """A policy of AWS that can't be attached again is named before it is detached."""
    bench.apply(STACK)
    plan = bench.plan(STACK | {"permission_policies": {}})

    assert irreversible(aws, plan) == ()
    (finding,) = irreversible(Retired(aws), plan)  # type: ignore[arg-type]

    assert (finding.rule, finding.address) == ("not-reversible", "permission_policy.logs")
    assert "iam:AttachRolePolicy" in finding.message
