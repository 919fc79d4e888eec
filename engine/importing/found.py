"""What an import has found: an address and the live attributes of the object that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

from ...resources.address import Address
from ...resources.calls import Attrs


@dataclass(frozen=True, slots=True)
class Found:
    """A role, a permission policy (customer, inline, AWS managed) or a binding, as AWS shows it.

    `attributes` are what the kind's `observe` gives. A trust policy is no object of AWS and so is
    found by nobody: the writer of stack files names and shares them.
    """

    address: Address
    attributes: Attrs
