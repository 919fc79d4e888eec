"""Before the first call: whether the calls of a plan and their undo could be made, as far as reads tell.

Knows no service: an undo call that may be impossible carries the read. Whether we may make a call
is asked of IAM's policy simulator.
Source: IAM API reference, "SimulatePrincipalPolicy".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..resources.address import Address
from ..resources.calls import Call, Verdict
from ..resources.diagnostics import Diagnostic, Severity
from ..resources.ports import AwsReader
from .calling import judge
from .permissions import Permission, permissions_on_iam
from .plan import Finding, Plan

_RESOURCES_AT_ONCE = 50
_NAMED = 3


def irreversible(aws: AwsReader, plan: Plan) -> tuple[Finding, ...]:
    """A finding for each undo call that AWS would refuse now. What can't be read is not held against a plan."""
    undos = list(_undos(plan))
    verdicts = aws.map(lambda undo: _possible(aws, undo[1]), undos)
    return tuple(
        Finding(
            "not-reversible",
            "medium",
            str(address),
            f"a rollback could not make {undo} again: what it needs is gone, or AWS has retired it",
        )
        for (address, undo), possible in zip(undos, verdicts, strict=True)
        if not possible
    )


def _undos(plan: Plan) -> Iterable[tuple[Address, Call]]:
    for change in plan.changes:
        for call in change.calls:
            for undo in call.undo:
                if undo.possible is not None:
                    yield change.address, undo


def _possible(aws: AwsReader, undo: Call) -> bool:
    proof = undo.possible
    if proof is None:
        return True
    verdict, _ = judge(aws, Call(undo.service, undo.operation, {}, proof=proof))
    return verdict is not Verdict.NOT_DONE


def not_permitted(aws: AwsReader, plan: Plan) -> tuple[Diagnostic, ...]:
    """What the policy simulator says that we may not call: an error for a call, a warning for an undo.

    Says nothing where its answer hangs on something that it was not told, and nothing about calls
    of other services than IAM.

    Raises:
        AwsError: the simulator can't be asked.
    """
    needed = permissions_on_iam(plan)
    if not needed:
        return ()
    caller = _policy_source(aws)
    denied = frozenset(_denied(aws, caller, needed)) if caller else frozenset[Permission]()
    by_call: dict[tuple[str, bool], list[str]] = {}
    for permission in sorted(denied):
        by_call.setdefault((permission.action, permission.undo), []).append(permission.resource)
    return tuple(
        _refusal(action, resources, undo=undo) for (action, undo), resources in by_call.items()
    )


def _refusal(action: str, resources: Sequence[str], *, undo: bool) -> Diagnostic:
    named = ", ".join(resources[:_NAMED])
    more = len(resources) - _NAMED
    where = f"{named} and {more} more" if more > 0 else named
    if undo:
        return Diagnostic(
            "rollback-not-permitted",
            f"a rollback would need {action} on {where}, which these credentials do not allow",
            "That is what IAM's policy simulator says. A failed apply could not be undone completely.",
            f"allow {action}, or go on at that risk",
            severity=Severity.WARNING,
        )
    return Diagnostic(
        "not-permitted",
        f"these credentials do not allow {action} on {where}",
        "That is what IAM's policy simulator says. Nothing was changed.",
        "use credentials that may; `rolewright plan --format json` lists required_permissions",
    )


def _policy_source(aws: AwsReader) -> str | None:
    """The ARN of the user or role whose policies ours are; None for root and federated users."""
    arn = aws.identity.caller_arn
    resource = arn.split(":", 5)[-1]
    if resource.startswith("user/"):
        return arn
    if resource.startswith("assumed-role/"):
        role = aws.role(resource.split("/")[1])
        return None if role is None else role.arn
    return None


def _denied(aws: AwsReader, caller: str, needed: Iterable[Permission]) -> Iterator[Permission]:
    by_resource: dict[str, dict[str, Permission]] = {}
    for permission in needed:
        by_resource.setdefault(permission.resource, {})[permission.action] = permission
    groups: dict[frozenset[str], list[str]] = {}
    for resource, actions in by_resource.items():
        groups.setdefault(frozenset(actions), []).append(resource)
    for actions, resources in groups.items():
        for start in range(0, len(resources), _RESOURCES_AT_ONCE):
            parameters = {
                "PolicySourceArn": caller,
                "ActionNames": sorted(actions),
                "ResourceArns": resources[start : start + _RESOURCES_AT_ONCE],
            }
            for page in aws.pages("iam", "SimulatePrincipalPolicy", parameters):
                for action, resource in _denials(page):
                    if action in by_resource.get(resource, {}):
                        yield by_resource[resource][action]


def _denials(page: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The action and resource of each certain denial on a page of results."""
    for result in page["EvaluationResults"]:
        of_each = result.get("ResourceSpecificResults") or [
            {
                "EvalResourceName": result.get("EvalResourceName", ""),
                "EvalResourceDecision": result["EvalDecision"],
                "MissingContextValues": result.get("MissingContextValues", []),
            }
        ]
        for each in of_each:
            missing = each.get("MissingContextValues") or result.get("MissingContextValues")
            if each["EvalResourceDecision"] != "allowed" and not missing:
                yield result["EvalActionName"], each["EvalResourceName"]
