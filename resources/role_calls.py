"""Calls that hang something on a role, or take it off; shared by the kinds that do so.

Each is undone by its opposite, and what is already as wanted counts as done.
"""

from __future__ import annotations

import json
from dataclasses import replace

from .calls import Attrs, Call, Expect, Phase, Proof, Verdict
from .settle import ATTACH, NEW_PROFILE_FOR_IAM, NEW_ROLE, WRITE

GONE = ("NoSuchEntity",)


def document_text(document: Attrs) -> str:
    """A policy document as AWS takes it, in the author's order."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def attach(role: str, arn: str, *, undo: bool = True) -> Call:
    """Attach a managed policy to a role."""
    return Call(
        "iam",
        "AttachRolePolicy",
        {"RoleName": role, "PolicyArn": arn},
        retry=ATTACH,
        undo=(detach(role, arn, undo=False),) if undo else (),
        proof=_attached(role, arn, done=arn, not_done=None),
    )


def detach(role: str, arn: str, *, undo: bool = True) -> Call:
    """Detach a managed policy from a role; that it isn't attached any more is success."""
    return Call(
        "iam",
        "DetachRolePolicy",
        {"RoleName": role, "PolicyArn": arn},
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(replace(attach(role, arn, undo=False), possible=attachable(arn)),) if undo else (),
        proof=_attached(role, arn, done=None, not_done=arn),
    )


def attachable(arn: str) -> Proof:
    """Whether the policy is there and can be attached: AWS retires policies of its own."""
    return Proof(
        "iam",
        "GetPolicy",
        {"PolicyArn": arn},
        "Policy.IsAttachable",
        done=(True,),
        otherwise=Verdict.NOT_DONE,
        absent=GONE,
    )


def _attached(role: str, arn: str, *, done: str | None, not_done: str | None) -> Proof:
    """The policy among those attached to the role, once a call has taken effect and while it has not."""
    return Proof(
        "iam",
        "ListAttachedRolePolicies",
        {"RoleName": role, "MaxItems": 1000},
        f"AttachedPolicies[?PolicyArn=='{arn}'].PolicyArn | [0]",
        done=(done,),
        not_done=(not_done,),
        absent=GONE,
    )


def put_inline(role: str, policy: str, document: Attrs, *, before: Attrs | None = None) -> Call:
    """Write an inline policy; undone by writing `before`, or by deleting it where there was none."""
    back = (
        _put_inline(role, policy, before)
        if before is not None
        else Call(
            "iam",
            "DeleteRolePolicy",
            {"RoleName": role, "PolicyName": policy},
            retry=WRITE,
            done_if=GONE,
        )
    )
    call = _put_inline(role, policy, document)
    return replace(call, undo=(back,), expect=_inline(role, policy, before))


def _inline(role: str, policy: str, document: Attrs | None) -> Expect:
    """The inline policy is as it was seen; None for one that wasn't there."""
    return Expect(
        "iam",
        "GetRolePolicy",
        {"RoleName": role, "PolicyName": policy},
        "PolicyDocument",
        document,
        document=True,
        absent=GONE,
    )


def _put_inline(role: str, policy: str, document: Attrs) -> Call:
    return Call(
        "iam",
        "PutRolePolicy",
        {"RoleName": role, "PolicyName": policy, "PolicyDocument": document_text(document)},
        retry=(*WRITE, NEW_ROLE),
    )


def delete_inline(role: str, policy: str, document: Attrs) -> Call:
    """Delete an inline policy as it was seen."""
    return Call(
        "iam",
        "DeleteRolePolicy",
        {"RoleName": role, "PolicyName": policy},
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(_put_inline(role, policy, document),),
        expect=_inline(role, policy, document),
    )


def add_to_profile(role: str, profile: str, *, undo: bool = True) -> Call:
    """Put a role into an instance profile."""
    return Call(
        "iam",
        "AddRoleToInstanceProfile",
        {"InstanceProfileName": profile, "RoleName": role},
        retry=(*WRITE, NEW_ROLE, NEW_PROFILE_FOR_IAM),
        undo=(remove_from_profile(role, profile, undo=False),) if undo else (),
        proof=_role_in(profile, done=role, not_done=None),
        permissions=("iam:PassRole",),
    )


def remove_from_profile(role: str, profile: str, *, undo: bool = True) -> Call:
    """Take a role out of an instance profile; that it isn't in it any more is success."""
    return Call(
        "iam",
        "RemoveRoleFromInstanceProfile",
        {"InstanceProfileName": profile, "RoleName": role},
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(add_to_profile(role, profile, undo=False),) if undo else (),
        proof=_role_in(profile, done=None, not_done=role),
    )


def _role_in(profile: str, *, done: str | None, not_done: str | None) -> Proof:
    """The role that the profile holds, once a call has taken effect and while it has not."""
    return Proof(
        "iam",
        "GetInstanceProfile",
        {"InstanceProfileName": profile},
        "InstanceProfile.Roles[0].RoleName",
        done=(done,),
        not_done=(not_done,),
        absent=GONE,
    )
