"""Calls that make, change and delete a role itself, each with its undo.

Source: IAM API reference, `CreateRole`, `UpdateRole`, `UpdateAssumeRolePolicy`, `PutRolePermissionsBoundary`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from .calls import Again, Attrs, Call, Expect, Phase, Retry
from .kind import Context
from .naming import iam_arn
from .policy import dangling_principals
from .role_calls import GONE, attachable, document_text
from .settle import ATTACH, DELETE_CONFLICT, NEW_PRINCIPAL, WRITE
from .tags import gone, id_path, made_by, tag_list


def create_role(attrs: Attrs, context: Context, *, undo: bool = True) -> Call:
    """Make the role, with its tags and boundary."""
    parameters: dict[str, Any] = {
        "RoleName": attrs["name"],
        "Path": attrs["path"],
        "AssumeRolePolicyDocument": document_text(attrs["trust_policy"]),
        "MaxSessionDuration": attrs["max_session_duration"],
        "Tags": tag_list(attrs.get("tags", {}), context),
    }
    if attrs["description"]:
        parameters["Description"] = attrs["description"]
    if attrs["permissions_boundary"]:
        parameters["PermissionsBoundary"] = attrs["permissions_boundary"]
    back = Call(
        "iam",
        "DeleteRole",
        {"RoleName": attrs["name"]},
        retry=(*WRITE, DELETE_CONFLICT),
        done_if=GONE,
    )
    return Call(
        "iam",
        "CreateRole",
        parameters,
        retry=(*WRITE, *_principal_retry(attrs["trust_policy"], context)),
        undo=(back,) if undo else (),
        proof=made_by("GetRole", {"RoleName": attrs["name"]}, "Role", context),
        permissions=("iam:TagRole",),
    )


def delete_role(observed: Attrs, context: Context) -> Call:
    """Delete the role, which must be empty."""
    name = observed["name"]
    again = Again(
        "role",
        name,
        observed["unique_id"],
        id_path("Role"),
        iam_arn(context.identity, "role", observed["path"], name),
    )
    return Call(
        "iam",
        "DeleteRole",
        {"RoleName": name},
        phase=Phase.REMOVE,
        retry=(*WRITE, DELETE_CONFLICT),
        done_if=GONE,
        undo=(replace(create_role(observed, context, undo=False), again=again),),
        proof=gone("GetRole", {"RoleName": name}),
    )


def _principal_retry(document: Attrs, context: Context) -> tuple[Retry, ...]:
    own = f":iam::{context.identity.account_id}:role/"
    return (NEW_PRINCIPAL,) if own in json.dumps(document) else ()


def set_trust(name: str, document: Attrs, context: Context, *, before: Attrs | None = None) -> Call:
    """Set the trust policy, where it is still `before`; undone by setting that again."""
    undo = () if before is None else (set_trust(name, before, context),)
    expected = None if before is None else still(name, "AssumeRolePolicyDocument", before)
    return Call(
        "iam",
        "UpdateAssumeRolePolicy",
        {"RoleName": name, "PolicyDocument": document_text(document)},
        retry=(*WRITE, *_principal_retry(document, context)),
        undo=undo,
        expect=expected,
        lossy=_lossy_trust(name, before),
    )


def _lossy_trust(name: str, before: Attrs | None) -> str:
    dead = () if before is None else dangling_principals(before)
    if not dead:
        return ""
    return (
        f'the trust of role "{name}" could not name {", ".join(sorted(dead))} again, which is gone'
    )


def still(name: str, member: str, value: Any) -> Expect:
    """That a part of the role is as the plan saw it."""
    document = isinstance(value, dict)
    return Expect("iam", "GetRole", {"RoleName": name}, f"Role.{member}", value, document=document)


def update_role(attrs: Attrs, *, before: Attrs | None = None) -> Call:
    """Set description and session duration, where they are still as `before`."""
    undo = () if before is None else (update_role(before),)
    expected = (
        None
        if before is None
        else still(
            attrs["name"],
            "[Description || '', MaxSessionDuration]",
            [before["description"], before["max_session_duration"]],
        )
    )
    return Call(
        "iam",
        "UpdateRole",
        {
            "RoleName": attrs["name"],
            "Description": attrs["description"],
            "MaxSessionDuration": attrs["max_session_duration"],
        },
        retry=WRITE,
        undo=undo,
        expect=expected,
    )


def boundary_again(name: str, arn: str | None) -> Call:
    """Put the boundary from before back, where AWS still has it."""
    back = set_boundary(name, arn)
    return back if arn is None else replace(back, possible=attachable(arn))


def set_boundary(name: str, arn: str | None) -> Call:
    """Bound the role by a policy; take the boundary off for None."""
    if arn is None:
        return Call(
            "iam",
            "DeleteRolePermissionsBoundary",
            {"RoleName": name},
            retry=WRITE,
            done_if=GONE,
        )
    return Call(
        "iam",
        "PutRolePermissionsBoundary",
        {"RoleName": name, "PermissionsBoundary": arn},
        retry=ATTACH,
    )
