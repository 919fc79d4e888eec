"""AWS's policy simulator: what it says of a live role, and of documents that are only planned.

For a role it weighs identity policies, the boundary and the organization's policies; policies of
resources it does not support there.
Source: IAM API reference, "SimulatePrincipalPolicy", "SimulateCustomPolicy" and "EvaluationResult".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.calls import Attrs
from ...resources.diagnostics import Problem
from ...resources.policy.context import Context, Missing
from ...resources.policy.document import to_object
from ...resources.policy.evaluator import Decision, NamedPolicy
from ...resources.ports import AwsError, AwsReader
from ..role_policies import RolePolicies
from ..verify.simulation import Simulated
from .errors import diagnostic

PRINCIPAL, CUSTOM = "SimulatePrincipalPolicy", "SimulateCustomPolicy"

_BATCH = 50
"""Actions a call: fewer than a page of results, which holds 100."""

_BOUNDARY, _ORGANIZATION = "PermissionsBoundaryDecisionDetail", "OrganizationsDecisionDetail"
_DECISIONS = {
    "allowed": Decision.ALLOWED,
    "explicitDeny": Decision.EXPLICITLY_DENIED,
    "implicitDeny": Decision.IMPLICITLY_DENIED,
}
_NOT_THERE = frozenset({"NotImplemented", "NotImplementedException", "InvalidAction", "501"})
# IAM user guide, "AWS global condition context keys"; all other keys are text.
_TYPES = {
    "aws:currenttime": "date",
    "aws:epochtime": "numeric",
    "aws:multifactorauthage": "numeric",
    "aws:multifactorauthpresent": "boolean",
    "aws:principalisawsservice": "boolean",
    "aws:securetransport": "boolean",
    "aws:sourceip": "ip",
    "aws:tokenissuetime": "date",
    "aws:viaawsservice": "boolean",
    "aws:vpcsourceip": "ip",
}


@dataclass(frozen=True, slots=True)
class PrincipalSimulator:
    """Asks about a role as it is in AWS, with all that is on it."""

    aws: AwsReader

    @property
    def operation(self) -> str:
        return PRINCIPAL

    def __call__(
        self, role: RolePolicies, actions: Sequence[str], resource: str, context: Context
    ) -> Mapping[str, Simulated]:
        source = {"PolicySourceArn": role.arn}
        return _simulate(self.aws, PRINCIPAL, _about(source, resource, context), actions)


@dataclass(frozen=True, slots=True)
class CustomSimulator:
    """Asks about documents: those of a role as it will be after a plan."""

    aws: AwsReader

    @property
    def operation(self) -> str:
        return CUSTOM

    def __call__(
        self, role: RolePolicies, actions: Sequence[str], resource: str, context: Context
    ) -> Mapping[str, Simulated]:
        source: dict[str, Any] = {"PolicyInputList": [_text(each) for each in role.identity]}
        if not source["PolicyInputList"]:
            return {action: Simulated(Decision.IMPLICITLY_DENIED) for action in actions}
        if role.boundary is not None:
            source["PermissionsBoundaryPolicyInputList"] = [_text(role.boundary)]
        return _simulate(self.aws, CUSTOM, _about(source, resource, context), actions)


def _text(policy: NamedPolicy) -> str:
    return json.dumps(to_object(policy.document))


def _about(source: Attrs, resource: str, context: Context) -> Attrs:
    """The parameters of a simulation but for its actions."""
    entries = list(context_entries(context))
    return {**source, "ResourceArns": [resource], "ContextEntries": entries}


def _simulate(
    aws: AwsReader, operation: str, about: Attrs, actions: Sequence[str]
) -> Mapping[str, Simulated]:
    found: dict[str, Simulated] = {}
    (resource,) = about["ResourceArns"]
    for start in range(0, len(actions), _BATCH):
        asked = {**about, "ActionNames": list(actions[start : start + _BATCH])}
        try:
            for page in aws.pages("iam", operation, asked):
                for result in page.get("EvaluationResults", ()):
                    found[result["EvalActionName"]] = _read(result, resource)
        except AwsError as error:
            raise _explained(error, operation) from error
    lower = {name.lower(): simulated for name, simulated in found.items()}
    return {action: lower[action.lower()] for action in actions if action.lower() in lower}


def context_entries(context: Context) -> Iterator[Attrs]:
    """The known keys of a context as the simulator takes them."""
    for key in sorted(context):
        value = context.find(key)
        if isinstance(value, Missing):
            continue
        single = isinstance(value, str)
        sort = _TYPES.get(key, "string")
        yield {
            "ContextKeyName": key,
            "ContextKeyValues": [value] if single else list(value),
            "ContextKeyType": sort if single else f"{sort}List",
        }


def _read(result: Mapping[str, Any], resource: str) -> Simulated:
    """An answer about one resource; a top-level one is about `*`."""
    told: Mapping[str, Any] = {
        "EvalResourceDecision": result["EvalDecision"],
        **result,
        **_specific(result, resource),
    }
    missing = {*result.get("MissingContextValues", ()), *told.get("MissingContextValues", ())}
    return Simulated(
        decision=_DECISIONS[told["EvalResourceDecision"]],
        statements=tuple(map(_statement, told.get("MatchedStatements", ()))),
        missing=tuple(sorted(missing)),
        boundary=told.get(_BOUNDARY, {}).get("AllowedByPermissionsBoundary"),
        organization=told.get(_ORGANIZATION, {}).get("AllowedByOrganizations"),
    )


def _specific(result: Mapping[str, Any], resource: str) -> Mapping[str, Any]:
    """The part of an answer that is about one resource, where it has parts."""
    parts: Sequence[Mapping[str, Any]] = result.get("ResourceSpecificResults", ())
    for part in parts:
        if part["EvalResourceName"] == resource:
            return part
    return {}


def _statement(matched: Mapping[str, Any]) -> str:
    line = matched.get("StartPosition", {}).get("Line")
    at = f", line {line}" if line else ""
    return f"{matched.get('SourcePolicyId', 'a policy')}{at}"


def _explained(error: AwsError, operation: str) -> Problem | AwsError:
    if error.denied:
        found = diagnostic(error)
        return Problem.of(
            "simulator-denied",
            f"--live needs the permission iam:{operation}",
            detail=found.detail,
            hint=f"allow iam:{operation} to the identity that runs rolewright, or leave --live out",
        )
    if error.code in _NOT_THERE or "not implemented" in error.message.lower():
        return Problem.of(
            "no-simulator",
            "this AWS has no policy simulator, as the sandbox has none",
            detail=f"iam:{operation} answered {error.code}: {error.message}",
            hint="leave --live out: the offline answers are rolewright's own",
        )
    return error
