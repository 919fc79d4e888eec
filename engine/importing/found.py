"""What an import found in AWS: one object, as plain data, with the address that it is to have."""

from __future__ import annotations

from dataclasses import dataclass

from ...resources.address import Address
from ...resources.calls import Attrs


@dataclass(frozen=True, slots=True)
class Found:
    """A role, a permission policy (customer, inline or AWS managed) or a service binding that exists.

    `attributes` are the managed ones as `Resource.observe` tells them: the fields that a declaration
    resolves to, plain values with literal ARNs. Ownership tags are left out. Trust policies are no
    objects of AWS: they stand in their role's `trust_policy`, and whoever writes a file names them.
    """

    address: Address
    attributes: Attrs
