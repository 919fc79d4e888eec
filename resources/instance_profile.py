"""Calls that make and delete an instance profile, and give it to instances and take it off them.

Source: EC2 API reference, `AssociateIamInstanceProfile`, `ReplaceIamInstanceProfileAssociation`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .calls import Again, Attrs, Call, Phase, Proof, Verdict
from .kind import Context
from .role_calls import GONE
from .settle import NEW_PROFILE, PROFILE_WITHOUT_ROLE, WRITE
from .tags import gone, id_path, made_by, tag_list

ASSOCIATION = "IamInstanceProfileAssociation.AssociationId"
"""Where the answer of a call that gives an instance a profile holds the association's id."""
_ACTIVE = "IamInstanceProfileAssociations[?State=='associated' || State=='associating']"
_GONE = ("InvalidAssociationID.NotFound",)


def create_profile(attrs: Attrs, context: Context, *, undo: bool = True) -> Call:
    """Make the profile that the attributes of an ec2 binding name, with its tags."""
    name = attrs["instance_profile"]
    back = Call(
        "iam", "DeleteInstanceProfile", {"InstanceProfileName": name}, retry=WRITE, done_if=GONE
    )
    return Call(
        "iam",
        "CreateInstanceProfile",
        {
            "InstanceProfileName": name,
            "Path": attrs["path"],
            "Tags": tag_list(attrs.get("tags", {}), context),
        },
        retry=WRITE,
        undo=(back,) if undo else (),
        proof=made_by(
            "GetInstanceProfile", {"InstanceProfileName": name}, "InstanceProfile", context
        ),
        permissions=("iam:TagInstanceProfile",),
    )


def delete_profile(observed: Attrs, context: Context) -> Call:
    """Delete the profile, which must be empty."""
    name = observed["instance_profile"]
    again = Again("instance profile", name, observed["unique_id"], id_path("InstanceProfile"))
    return Call(
        "iam",
        "DeleteInstanceProfile",
        {"InstanceProfileName": name},
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(replace(create_profile(observed, context, undo=False), again=again),),
        proof=gone("GetInstanceProfile", {"InstanceProfileName": name}),
    )


def associate(instance: str, arn: str, *, label: str = "", undo: tuple[Call, ...] = ()) -> Call:
    return Call(
        "ec2",
        "AssociateIamInstanceProfile",
        {"InstanceId": instance, "IamInstanceProfile": {"Arn": arn}},
        label=label,
        retry=(NEW_PROFILE, PROFILE_WITHOUT_ROLE),
        undo=undo,
        proof=_carries(instance, arn, instead_of=None),
        permissions=("iam:PassRole",),
    )


def replace_association(
    association: Any,
    instance: str,
    arn: str,
    *,
    instead_of: str,
    label: str = "",
    undo: tuple[Call, ...] = (),
    phase: Phase = Phase.MAKE,
) -> Call:
    """Put a profile in the place of the one that the association has."""
    return Call(
        "ec2",
        "ReplaceIamInstanceProfileAssociation",
        {"AssociationId": association, "IamInstanceProfile": {"Arn": arn}},
        label=label,
        phase=phase,
        retry=(NEW_PROFILE, PROFILE_WITHOUT_ROLE),
        undo=undo,
        proof=_carries(instance, arn, instead_of=instead_of),
        permissions=("iam:PassRole",),
    )


def _carries(instance: str, arn: str, *, instead_of: str | None) -> Proof:
    """Whether the instance has a profile, and no longer the one from before."""
    return Proof(
        "ec2",
        "DescribeIamInstanceProfileAssociations",
        {"Filters": [{"Name": "instance-id", "Values": [instance]}]},
        f"{_ACTIVE}.IamInstanceProfile.Arn | [0]",
        done=(arn,),
        not_done=(instead_of,),
        outputs={ASSOCIATION: f"{_ACTIVE}.AssociationId | [0]"},
    )


def disassociate(
    association: Any, *, phase: Phase = Phase.MAKE, undo: tuple[Call, ...] = ()
) -> Call:
    """Take the profile off the instance; that the association is gone already is success."""
    return Call(
        "ec2",
        "DisassociateIamInstanceProfile",
        {"AssociationId": association},
        phase=phase,
        done_if=_GONE,
        undo=undo,
        proof=Proof(
            "ec2",
            "DescribeIamInstanceProfileAssociations",
            {"AssociationIds": [association]},
            f"{_ACTIVE}.AssociationId | [0]",
            done=(None,),
            otherwise=Verdict.NOT_DONE,
            gone=_GONE,
        ),
    )
