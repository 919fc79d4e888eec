"""Which IAM permissions whoever applies a plan needs. Pure.

Source: the service authorization reference. For the services that have a binding every operation
has an action of its own name, under a prefix that is the boto3 client's name but for those below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..resources.calls import Attrs, Call
from ..resources.naming import iam_arn
from ..resources.ports import Identity
from ..resources.role import Role
from .plan import Plan

_PREFIXES: Mapping[str, str] = {
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "bedrock-agentcore-control": "bedrock-agentcore",
    "emr": "elasticmapreduce",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lexv2-models": "lex",
    "mwaa": "airflow",
    "s3control": "s3",
    "stepfunctions": "states",
}


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """An IAM action on one resource, by its ARN; `undo` if only a rollback needs it."""

    resource: str
    action: str
    undo: bool = False


def required_permissions(plan: Plan) -> tuple[str, ...]:
    """The IAM actions of all calls of a plan, of their undo and of the reads around them."""
    return tuple(sorted({action for change in plan.changes for action in _of_calls(change.calls)}))


def iam_action(service: str, operation: str) -> str:
    """The IAM action that allows an API operation of a boto3 client."""
    return f"{_PREFIXES.get(service, service)}:{operation}"


def permissions_on_iam(plan: Plan) -> tuple[Permission, ...]:
    """What a plan's changing calls of IAM and their undo need, where the resource's ARN is known."""
    arns = _Arns(plan)
    calls = [call for change in plan.changes for call in change.calls]
    needed = set(arns.permissions(calls))
    undone = {
        Permission(found.resource, found.action, undo=True)
        for found in arns.permissions(undo for call in calls for undo in call.undo)
        if found not in needed
    }
    return tuple(sorted(needed | undone))


class _Arns:
    """The ARNs of what a plan's calls are about."""

    def __init__(self, plan: Plan) -> None:
        self._identity = Identity(plan.account_id, plan.partition, plan.region)
        self._paths: dict[str, str] = {
            attrs["name"]: attrs["path"]
            for change in plan.changes
            for attrs in (change.before, change.after)
            if change.kind == Role.kind and attrs
        }

    def permissions(self, calls: Iterable[Call]) -> Iterable[Permission]:
        for call in calls:
            arn = self._resource(call.parameters) if call.service == "iam" else None
            if arn is not None:
                yield Permission(arn, iam_action(call.service, call.operation))

    def _resource(self, parameters: Attrs) -> str | None:
        role, policy = parameters.get("RoleName"), parameters.get("PolicyName")
        if "InstanceProfileName" in parameters:
            return None
        if isinstance(role, str):
            path = parameters.get("Path", self._paths.get(role))
            return None if path is None else iam_arn(self._identity, "role", path, role)
        if "PolicyArn" in parameters:
            arn = parameters["PolicyArn"]
            return arn if isinstance(arn, str) else None
        if isinstance(policy, str):
            return iam_arn(self._identity, "policy", parameters.get("Path", "/"), policy)
        return None


def _of_calls(calls: Iterable[Call]) -> Iterable[str]:
    for call in calls:
        yield iam_action(call.service, call.operation)
        yield from call.permissions
        for read in (call.expect, call.template, call.wait, call.proof, call.possible):
            if read is not None:
                yield iam_action(read.service, read.operation)
        yield from _of_calls(call.undo)
