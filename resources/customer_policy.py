"""Calls on customer managed policies: made, given new versions, retagged and deleted, each with its undo.

Source: IAM user guide, "Versioning IAM policies" (five versions; the default one can't be deleted).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .calls import Again, Attrs, Call, Expect, Phase, Proof, Verdict, output
from .diagnostics import Problem
from .kind import Context
from .ports import PolicyView
from .role_calls import GONE, document_text
from .settle import DELETE_CONFLICT, NEW_POLICY, WRITE
from .tags import gone, id_path, made_by, observed_tags, tag_list

MAX_VERSIONS = 5
CUSTOMER = "customer"


def customer_attributes(view: PolicyView, attached: Sequence[str]) -> Attrs:
    """The observed attributes of a policy that is attached to these roles of the stack."""
    observed: dict[str, Any] = {
        "type": CUSTOMER,
        "name": view.name,
        "path": view.path,
        "arn": view.arn,
        "document": view.document,
        "roles": sorted(attached),
        "attachments": view.attachments,
        "versions": [
            {
                "id": version.id,
                "created": version.created,
                "default": version.is_default,
                **({} if version.document is None else {"document": version.document}),
            }
            for version in view.versions
        ],
    }
    if view.unique_id is not None:
        observed["unique_id"] = view.unique_id
    if view.description is not None:
        observed["description"] = view.description
    if view.tags is not None:
        observed["tags"] = observed_tags(view.tags)
    return observed


def create_policy(attrs: Attrs, context: Context, *, undo: bool = True) -> Call:
    """Make the policy, with its tags."""
    parameters = {
        "PolicyName": attrs["name"],
        "Path": attrs["path"],
        "PolicyDocument": document_text(attrs["document"]),
        "Tags": tag_list(attrs.get("tags", {}), context),
    }
    if attrs["description"]:
        parameters["Description"] = attrs["description"]
    back = Call(
        "iam",
        "DeletePolicy",
        {"PolicyArn": attrs["arn"]},
        retry=(*WRITE, DELETE_CONFLICT),
        done_if=GONE,
    )
    return Call(
        "iam",
        "CreatePolicy",
        parameters,
        retry=WRITE,
        undo=(back,) if undo else (),
        proof=made_by("GetPolicy", {"PolicyArn": attrs["arn"]}, "Policy", context),
        permissions=("iam:TagPolicy",),
    )


def set_document(desired: Attrs, observed: Attrs) -> Iterable[Call]:
    """Make a new default version; at the limit of five the oldest version that isn't the default goes first."""
    arn = desired["arn"]
    if len(observed["versions"]) >= MAX_VERSIONS:
        oldest = min(
            (v for v in observed["versions"] if not v["default"]),
            key=lambda v: (v["created"], v["id"]),
        )
        yield delete_version(arn, oldest, phase=Phase.MAKE, count=MAX_VERSIONS)
    default = next(version["id"] for version in observed["versions"] if version["default"])
    new = output("new-version", "PolicyVersion.VersionId")
    yield Call(
        "iam",
        "CreatePolicyVersion",
        {
            "PolicyArn": arn,
            "PolicyDocument": document_text(desired["document"]),
            "SetAsDefault": True,
        },
        label="new-version",
        expect=Expect("iam", "GetPolicy", {"PolicyArn": arn}, "Policy.DefaultVersionId", default),
        proof=Proof(
            "iam",
            "GetPolicy",
            {"PolicyArn": arn},
            "Policy.DefaultVersionId",
            not_done=(default,),
            otherwise=Verdict.DONE,
            absent=GONE,
            outputs={"PolicyVersion.VersionId": "Policy.DefaultVersionId"},
        ),
        retry=(*WRITE, NEW_POLICY),
        undo=(
            Call(
                "iam",
                "SetDefaultPolicyVersion",
                {"PolicyArn": arn, "VersionId": default},
                retry=WRITE,
                proof=Proof(
                    "iam",
                    "GetPolicy",
                    {"PolicyArn": arn},
                    "Policy.DefaultVersionId",
                    done=(default,),
                    otherwise=Verdict.NOT_DONE,
                    absent=GONE,
                ),
            ),
            Call(
                "iam",
                "DeletePolicyVersion",
                {"PolicyArn": arn, "VersionId": new},
                retry=WRITE,
                done_if=GONE,
            ),
        ),
    )


def delete_version(arn: str, version: Attrs, phase: Phase, *, count: int) -> Call:
    """Delete a version of a policy that has so many; undone by making it again, under another number."""
    back = (
        (
            Call(
                "iam",
                "CreatePolicyVersion",
                {
                    "PolicyArn": arn,
                    "PolicyDocument": document_text(version["document"]),
                    "SetAsDefault": False,
                },
                retry=WRITE,
                proof=Proof(
                    "iam",
                    "ListPolicyVersions",
                    {"PolicyArn": arn},
                    "length(Versions)",
                    done=(count,),
                    otherwise=Verdict.NOT_DONE,
                    absent=GONE,
                ),
            ),
        )
        if "document" in version
        else ()
    )
    return Call(
        "iam",
        "DeletePolicyVersion",
        {"PolicyArn": arn, "VersionId": version["id"]},
        phase=phase,
        retry=WRITE,
        done_if=GONE,
        undo=back,
        proof=gone("GetPolicyVersion", {"PolicyArn": arn, "VersionId": version["id"]}),
        lossy=f"version {version['id']} of {arn} would come back under another number"
        if back
        else f"version {version['id']} of {arn} can't be brought back: its document was not read",
    )


def delete_policy(observed: Attrs, context: Context, *, detached: int) -> Iterable[Call]:
    """Delete the policy and its versions.

    Raises:
        Problem: more holds the policy than the `detached` holders that let go of it first.
    """
    holders = observed["attachments"] - detached
    if holders > 0:
        raise Problem.of(
            "policy-in-use",
            f"{observed['arn']} is attached to {holders} other user, group, role or boundary"
            if holders == 1
            else f"{observed['arn']} is attached to {holders} others",
            detail="AWS deletes a policy only when nothing holds it.",
            address=context.address,
            hint=f"aws iam list-entities-for-policy --policy-arn {observed['arn']}",
        )
    count = len(observed["versions"])
    others = (version for version in observed["versions"] if not version["default"])
    for deleted, version in enumerate(others):
        yield delete_version(observed["arn"], version, phase=Phase.REMOVE, count=count - deleted)
    again = Again("policy", observed["name"], observed.get("unique_id", ""), id_path("Policy"))
    yield Call(
        "iam",
        "DeletePolicy",
        {"PolicyArn": observed["arn"]},
        phase=Phase.REMOVE,
        retry=(*WRITE, DELETE_CONFLICT),
        done_if=GONE,
        undo=(replace(create_policy(observed, context, undo=False), again=again),),
        proof=gone("GetPolicy", {"PolicyArn": observed["arn"]}),
        lossy=f"{observed['arn']} would come back with its versions counted from v1",
    )
