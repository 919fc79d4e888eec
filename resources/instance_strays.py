"""EC2 instances that carry our roles and that nobody declared, and what lists of profiles leave out.

Sources: EC2 API reference, `DescribeIamInstanceProfileAssociations`; IAM API reference, `ListInstanceProfiles`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .address import Address
from .binding import role_name
from .calls import Attrs, Phase
from .instance_profile import associate, disassociate
from .kind import Slot
from .ports import AwsReader
from .strays import Around, Stray, Use
from .tags import observed_tags

ACTIVE = frozenset({"associating", "associated"})


def strays_of_instances(
    aws: AwsReader, roles: Mapping[str, Address], around: Around
) -> Iterator[Stray]:
    """The instances that carry one of the roles by an instance profile.

    Raises:
        AwsError: a read was refused.
    """
    profiles = {
        profile: address
        for arn, address in roles.items()
        if (role := aws.role(role_name(arn))) is not None
        # A declared profile counts as well while somebody has taken the role out of it.
        for profile in {*role.instance_profiles, *around.claims.of(role.name, Slot.PROFILE)}
    }
    if not profiles:
        return
    for page in aws.pages("ec2", "DescribeIamInstanceProfileAssociations", {}):
        for item in page["IamInstanceProfileAssociations"]:
            profile = item["IamInstanceProfile"]["Arn"].rpartition("/")[2]
            declared = around.claims.of(item["InstanceId"], Slot.CARRIED_ROLE)
            if profile in profiles and item["State"] in ACTIVE and not declared:
                yield _stray(item, profile, profiles[profile])


def _stray(item: Mapping[str, Any], profile: str, address: Address) -> Stray:
    instance = item["InstanceId"]
    back = associate(instance, item["IamInstanceProfile"]["Arn"])
    return Stray(
        address,
        Use.CARRIER,
        f"instance/{instance}",
        f'instance {instance} carries the role, by instance profile "{profile}"',
        instance,
        fields={
            "service": "ec2",
            "role": address.local,
            "instance_profile": profile,
            "instances": [instance],
        },
        repair=(disassociate(item["AssociationId"], phase=Phase.REMOVE, undo=(back,)),),
    )


def with_profile_tags(aws: AwsReader, observed: Attrs) -> Attrs:
    """The attributes of an ec2 binding with its profile's tags, which lists of profiles leave out.

    Raises:
        AwsError: the read was refused.
    """
    if not observed["exists"] or "tags" in observed:
        return observed
    parameters = {"InstanceProfileName": observed["instance_profile"]}
    profile = aws.read("iam", "GetInstanceProfile", parameters)["InstanceProfile"]
    live = {tag["Key"]: tag["Value"] for tag in profile.get("Tags", ())}
    return {**observed, "tags": observed_tags(live)}
