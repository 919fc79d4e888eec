"""IAM's answers as the plain values of `resources.ports`. Pure; knows which read tells what.

Sources: IAM API reference; public reports that ListRoles leaves out boundaries and tags, and
GetAccountAuthorizationDetails the descriptions of policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from ...resources.calls import Attrs
from ...resources.ports import (
    InstanceProfileView,
    LastUse,
    Neighbour,
    PolicyVersion,
    PolicyView,
    RoleView,
)

MAX_SESSION = 3600
MAX_VERSIONS = 5


class LazyDocument(Mapping[str, Any]):
    """A policy document that is read when somebody looks into it."""

    def __init__(self, read: Callable[[], Attrs]) -> None:
        self._read = read
        self._document: Attrs | None = None

    def _get(self) -> Attrs:
        if self._document is None:
            self._document = self._read()
        return self._document

    def __getitem__(self, key: str) -> Any:
        return self._get()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._get())

    def __len__(self) -> int:
        return len(self._get())


def document(value: Any) -> Attrs:
    """A policy document as an object. botocore has decoded those that it recognises."""
    return json.loads(unquote(value)) if isinstance(value, str) else value


def tags(items: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags of a read that tells them: without any, it leaves the key out or gives an empty list."""
    return {item["Key"]: item["Value"] for item in items or ()}


def role_view(
    role: Attrs,
    *,
    description: str,
    max_session_duration: int,
    inline: Mapping[str, Attrs],
    attached: Iterable[str],
    profiles: Iterable[str],
) -> RoleView:
    """A role from GetRole or GetAccountAuthorizationDetails, and what that read doesn't tell."""
    return RoleView(
        name=role["RoleName"],
        arn=role["Arn"],
        unique_id=role["RoleId"],
        path=role["Path"],
        description=description,
        max_session_duration=max_session_duration,
        trust_policy=document(role["AssumeRolePolicyDocument"]),
        permissions_boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        tags=tags(role.get("Tags")),
        inline_policies=dict(sorted(inline.items())),
        attached_policies=tuple(sorted(attached)),
        instance_profiles=tuple(sorted(profiles)),
        last_used=_last_use(role.get("RoleLastUsed") or {}),
    )


def _last_use(told: Mapping[str, str]) -> LastUse | None:
    when = told.get("LastUsedDate")
    return None if when is None else LastUse(when, told.get("Region", ""))


def role_from_details(detail: Attrs, listed: Attrs) -> RoleView:
    """A role from GetAccountAuthorizationDetails, with what only ListRoles tells."""
    return role_view(
        detail,
        description=listed.get("Description", ""),
        max_session_duration=listed.get("MaxSessionDuration", MAX_SESSION),
        inline={
            item["PolicyName"]: document(item["PolicyDocument"])
            for item in detail.get("RolePolicyList", ())
        },
        attached=(item["PolicyArn"] for item in detail.get("AttachedManagedPolicies", ())),
        profiles=(item["InstanceProfileName"] for item in detail.get("InstanceProfileList", ())),
    )


def neighbour(view: RoleView) -> Neighbour:
    """What is told of any role, from a role that was read in full."""
    return Neighbour(
        name=view.name,
        arn=view.arn,
        path=view.path,
        trust_policy=view.trust_policy,
        permissions_boundary=view.permissions_boundary,
        attached_policies=view.attached_policies,
    )


def listed_neighbour(role: Attrs) -> Neighbour:
    """What ListRoles tells of a role."""
    return Neighbour(
        role["RoleName"], role["Arn"], role["Path"], document(role["AssumeRolePolicyDocument"])
    )


def versions(items: Iterable[Attrs], documents: Mapping[str, Attrs]) -> tuple[PolicyVersion, ...]:
    """The versions of a policy, oldest first, with those documents that were read."""
    ordered = sorted(items, key=lambda item: int(item["VersionId"].removeprefix("v")))
    return tuple(
        PolicyVersion(
            item["VersionId"],
            item["CreateDate"],
            item["IsDefaultVersion"],
            documents.get(item["VersionId"]),
        )
        for item in ordered
    )


def policy_view(
    policy: Attrs,
    *,
    content: Attrs,
    known: tuple[PolicyVersion, ...],
    description: str | None,
    told_tags: Mapping[str, str] | None,
) -> PolicyView:
    """A managed policy from GetPolicy or GetAccountAuthorizationDetails, and what isn't in it."""
    return PolicyView(
        arn=policy["Arn"],
        # moto's GetAccountAuthorizationDetails leaves the name out
        name=policy["Arn"].rpartition("/")[2],
        path=policy["Path"],
        description=description,
        document=content,
        versions=known,
        attachments=policy["AttachmentCount"] + policy.get("PermissionsBoundaryUsageCount", 0),
        tags=told_tags,
        # moto's GetAccountAuthorizationDetails leaves this out, too
        unique_id=policy.get("PolicyId"),
    )


def policy_from_details(detail: Attrs, description: str | None) -> PolicyView:
    """A managed policy from GetAccountAuthorizationDetails, which tells no tags."""
    items = detail["PolicyVersionList"]
    documents = {item["VersionId"]: document(item["Document"]) for item in items}
    return policy_view(
        detail,
        content=documents[detail["DefaultVersionId"]],
        known=versions(items, documents),
        description=description,
        told_tags=None,
    )


def profile_view(profile: Attrs, *, complete: bool) -> InstanceProfileView:
    """An instance profile; `complete` says that a missing key of tags means that there are none."""
    told = complete or "Tags" in profile
    return InstanceProfileView(
        name=profile["InstanceProfileName"],
        arn=profile["Arn"],
        path=profile["Path"],
        roles=tuple(sorted(role["RoleName"] for role in profile["Roles"])),
        tags=tags(profile.get("Tags")) if told else None,
        unique_id=profile["InstanceProfileId"],
    )
