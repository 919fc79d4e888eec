"""What an import found in AWS: one object, as plain data, with the address that it is to have."""

from __future__ import annotations

from dataclasses import dataclass

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import Resource
from ...resources.permission_policy import AWS, CUSTOMER, PermissionPolicy


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
