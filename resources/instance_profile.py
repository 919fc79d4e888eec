"""Calls that make and delete an instance profile: what carries a role to an EC2 instance."""

from __future__ import annotations

from .calls import Attrs, Call, Phase
from .kind import Context
from .role_calls import GONE
from .settle import WRITE
from .tags import tag_list


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
        permissions=("iam:TagInstanceProfile",),
    )


def delete_profile(observed: Attrs, context: Context) -> Call:
    """Delete the profile, which must be empty."""
    name = observed["instance_profile"]
    return Call(
        "iam",
        "DeleteInstanceProfile",
        {"InstanceProfileName": name},
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(create_profile(observed, context, undo=False),),
        lossy=f'instance profile "{name}" would come back under a new unique id',
    )
