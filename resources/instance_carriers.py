"""Which instances and launch templates of a region have a profile, found with account-wide lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .calls import Attrs
from .instance_strays import ACTIVE
from .ports import AwsReader, RoleView

_NAMED_BY = ("arn", "instance_profile")


def profiles_of_roles(aws: AwsReader, roles: Sequence[RoleView]) -> list[Attrs]:
    """The profiles that hold these roles, with their instances, as attributes of bindings to observe.

    Raises:
        AwsError: a read was refused.
    """
    names = sorted({profile for role in roles for profile in role.instance_profiles})
    if not names:
        return []
    instances = _instances_by_profile(aws)
    return [
        {
            "service": "ec2",
            "instance_profile": name,
            "path": view.path,
            "instances": instances.get(view.arn, []),
        }
        for name in names
        if (view := aws.instance_profile(name)) is not None
    ]


def _instances_by_profile(aws: AwsReader) -> Mapping[str, list[str]]:
    """The instances of the region that have each profile, by its ARN."""
    found: dict[str, list[str]] = {}
    for page in aws.pages("ec2", "DescribeIamInstanceProfileAssociations", {}):
        for one in page["IamInstanceProfileAssociations"]:
            if one["State"] in ACTIVE:
                found.setdefault(one["IamInstanceProfile"]["Arn"], []).append(one["InstanceId"])
    return {arn: sorted(instances) for arn, instances in found.items()}


def launch_templates(aws: AwsReader, bindings: Sequence[Attrs]) -> Iterable[tuple[str, str]]:
    """The launch templates whose default or latest version gives instances one of the profiles."""
    profiles = {one[key]: one["instance_profile"] for one in bindings for key in _NAMED_BY}
    seen: set[tuple[str, str]] = set()
    versions = {"Versions": ["$Default", "$Latest"]}
    for page in aws.pages("ec2", "DescribeLaunchTemplateVersions", versions):
        for version in page["LaunchTemplateVersions"]:
            given = version.get("LaunchTemplateData", {}).get("IamInstanceProfile", {})
            profile = profiles.get(given.get("Arn") or given.get("Name", ""))
            name = version["LaunchTemplateName"]
            if profile is not None and (name, profile) not in seen:
                seen.add((name, profile))
                yield f"launch template {name}", f"gives instances the profile {profile}"
