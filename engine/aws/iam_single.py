"""Reads of one IAM resource at a time. NoSuchEntity passes through as AwsError."""

from __future__ import annotations

from functools import partial

from ...resources.aws_managed import is_aws_managed
from ...resources.calls import Attrs
from ...resources.ports import InstanceProfileView, PolicyView, RoleView
from .iam_calls import IamCalls, unless_absent
from .iam_views import (
    MAX_SESSION,
    MAX_VERSIONS,
    LazyDocument,
    document,
    policy_view,
    profile_view,
    role_view,
    tags,
    versions,
)


def read_role(iam: IamCalls, name: str) -> RoleView:
    """A role with all that hangs on it: four reads, and one for each inline policy."""
    which = {"RoleName": name}
    role = iam.get("GetRole", "Role", which)
    inline: dict[str, Attrs] = {}
    for policy in iam.all("ListRolePolicies", "PolicyNames", which):
        parameters = {**which, "PolicyName": policy}
        # One that went away since it was listed is not there any more, and that is all.
        found = unless_absent(partial(iam.get, "GetRolePolicy", "PolicyDocument", parameters))
        if found is not None:
            inline[policy] = document(found)
    attached = iam.all("ListAttachedRolePolicies", "AttachedPolicies", which)
    profiles = iam.all("ListInstanceProfilesForRole", "InstanceProfiles", which)
    return role_view(
        role,
        description=role.get("Description", ""),
        max_session_duration=role.get("MaxSessionDuration", MAX_SESSION),
        inline=inline,
        attached=[item["PolicyArn"] for item in attached],
        profiles=[item["InstanceProfileName"] for item in profiles],
    )


def read_policy(iam: IamCalls, arn: str) -> PolicyView:
    """A managed policy: three reads, four at the limit of versions; one for a policy of AWS."""
    return _read_aws_policy(iam, arn) if is_aws_managed(arn) else _read_customer_policy(iam, arn)


def _read_customer_policy(iam: IamCalls, arn: str) -> PolicyView:
    policy = iam.get("GetPolicy", "Policy", {"PolicyArn": arn})
    items = iam.all("ListPolicyVersions", "Versions", {"PolicyArn": arn})
    default = policy["DefaultVersionId"]
    wanted = [default]
    if len(items) >= MAX_VERSIONS:
        # The next new version pushes this one out; its document is what could bring it back.
        wanted.append(next(v.id for v in versions(items, {}) if v.id != default))
    documents = {version: _read_document(iam, arn, version) for version in wanted}
    return policy_view(
        policy,
        content=documents[default],
        known=versions(items, documents),
        description=policy.get("Description", ""),
        told_tags=tags(policy.get("Tags")),
    )


def _read_aws_policy(iam: IamCalls, arn: str) -> PolicyView:
    policy = iam.get("GetPolicy", "Policy", {"PolicyArn": arn})
    default = policy["DefaultVersionId"]
    # AWS changes its policies by new versions, so the last change is when this one was made.
    made = policy["UpdateDate"]
    version = {"VersionId": default, "CreateDate": made, "IsDefaultVersion": True}
    return policy_view(
        policy,
        content=LazyDocument(partial(_read_document, iam, arn, default)),
        known=versions([version], {}),
        description=policy.get("Description", ""),
        told_tags={},
    )


def _read_document(iam: IamCalls, arn: str, version: str) -> Attrs:
    parameters = {"PolicyArn": arn, "VersionId": version}
    return document(iam.get("GetPolicyVersion", "PolicyVersion", parameters)["Document"])


def read_instance_profile(iam: IamCalls, name: str) -> InstanceProfileView:
    """An instance profile: one read."""
    parameters = {"InstanceProfileName": name}
    return profile_view(iam.get("GetInstanceProfile", "InstanceProfile", parameters), complete=True)
