"""What an import found in AWS: one object, as plain data, with the address that it is to have."""

from __future__ import annotations

from dataclasses import dataclass

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import Resource
from ...resources.permission_policy import AWS, CUSTOMER, INLINE, PermissionPolicy
from ...resources.ports import RoleView
from ...resources.registry import binding_classes
from ...resources.role import Role


@dataclass(frozen=True, slots=True)
class Found:
    """A role, a permission policy (customer, inline or AWS managed) or a service binding that exists.

    `attributes` are the managed ones as `Resource.observe` tells them: the fields that a declaration
    resolves to, plain values with literal ARNs. Ownership tags are left out. Trust policies are no
    objects of AWS: they stand in their role's `trust_policy`, and whoever writes a file names them.
    """

    address: Address
    attributes: Attrs


def identities(kind: type[Resource], attributes: Attrs) -> tuple[str, ...]:
    """The AWS identities of an object, with those of the attachments that a managed policy brings."""
    attached = attachments(attributes) if attributes.get("type") == CUSTOMER else ()
    return (*kind.identities(attributes), *attached)


def attachments(policy: Attrs) -> tuple[str, ...]:
    """The AWS identities of the attachments of a managed policy, one for each of its roles."""
    return PermissionPolicy.identities({**policy, "type": AWS})


def role_identity(role: str) -> str:
    """The AWS identity of a role, by its name."""
    return Role.identities({"name": role})[0]


def policy_identity(policy: str) -> str:
    """The AWS identity of a customer managed policy, by its name."""
    return PermissionPolicy.identities({"type": CUSTOMER, "name": policy})[0]


def inline_identity(role: str, policy: str) -> str:
    """The AWS identity of a role's inline policy."""
    return PermissionPolicy.identities({"type": INLINE, "name": policy, "roles": [role]})[0]


def profile_identity(profile: str) -> str:
    """The AWS identity of an instance profile, by its name."""
    binding: Attrs = {"instance_profile": profile, "instances": []}
    return binding_classes()["ec2"].identities(binding)[0]


def identities_on(role: RoleView) -> frozenset[str]:
    """The AWS identities of a role's inline policies, attachments and instance profiles."""
    return frozenset(
        [
            *(inline_identity(role.name, policy) for policy in role.inline_policies),
            *(attachments({"arn": arn, "roles": [role.name]})[0] for arn in role.attached_policies),
            *(profile_identity(profile) for profile in role.instance_profiles),
        ]
    )
