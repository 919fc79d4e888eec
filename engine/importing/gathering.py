"""Gathering an inventory, object by object, while another tool's files are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import KindLookup
from ...resources.permission_policy import PermissionPolicy
from ...resources.role import Role
from .inventory import Inventory, Owned, Skipped
from .naming import Names


class Gathering:
    """Objects by identity: what several names of the other tool mean is one object.

    The first name that is told becomes the address; a number is added where two would be the same.
    """

    def __init__(self, kinds: KindLookup) -> None:
        self._kinds = kinds
        self._owned: dict[str, Owned] = {}
        self._skipped: dict[Skipped, None] = {}
        self._released: dict[str, None] = {}
        self._carriers: dict[str, str] = {}

    def role(self, name: str, role: str, owner: str, account: str = "") -> None:
        """A role by its name in AWS."""
        self._add(Address(Role.kind, name), {"name": role}, role, owner, account=account)

    def has_role(self, role: str) -> bool:
        """Whether a role of this name was told before."""
        return self._identity(Role.kind, {"name": role}) in self._owned

    def customer_policy(self, name: str, arn: str, owner: str) -> None:
        """A customer managed policy by its ARN."""
        attrs = {"type": "customer", "name": arn.rpartition("/")[2]}
        account = account_of(arn)
        self._add(Address(PermissionPolicy.kind, name), attrs, arn, owner, account=account)

    def inline_policy(
        self, name: str, role: str, policy: str, owner: str, account: str = ""
    ) -> None:
        """An inline policy of a role."""
        attrs = {"type": "inline", "name": policy, "roles": [role]}
        address = Address(PermissionPolicy.kind, name)
        self._add(address, attrs, f"{role}:{policy}", owner, account=account)

    def attachment(self, name: str, role: str, arn: str, owner: str, account: str = "") -> None:
        """A managed policy on a role: AWS's is an object of its own, a customer's belongs to it."""
        if account_of(arn) != "aws":
            self.customer_policy(name, arn, owner)
            return
        attrs = {"type": "aws", "arn": arn, "roles": [role]}
        self._add(Address(PermissionPolicy.kind, name), attrs, arn, owner, account=account)

    def instance_profile(self, name: str, profile: str, owner: str, account: str = "") -> None:
        """An instance profile, which stands for the binding of a role to instances."""
        attrs: Attrs = {"service": "ec2", "instance_profile": profile, "instances": []}
        self._add(Address(ServiceBinding.kind, name), attrs, profile, owner, account=account)

    def has_profile(self, profile: str) -> bool:
        """Whether an instance profile of this name was told before."""
        attrs: Attrs = {"service": "ec2", "instance_profile": profile, "instances": []}
        return self._identity(ServiceBinding.kind, attrs) in self._owned

    def function(self, name: str, function: str, owner: str, arn: str = "") -> None:
        """A Lambda function that carries a role, by the function's name."""
        self._carrier(name, {"service": "lambda", "function": function}, function, owner, arn)

    def task_definition(self, name: str, family: str, owner: str, arn: str = "") -> None:
        """An ECS task definition that carries roles, by its family."""
        attrs: Attrs = {"service": "ecs", "family": family, "services": []}
        self._carrier(name, attrs, family, owner, arn)

    def carrier(self, owner: str, attribute: str) -> None:
        """Remember something that carries an imported role, and stays with the other tool."""
        self._carriers[owner] = attribute

    def skip(self, owner: str, reason: str) -> None:
        """Remember what is not imported, and why."""
        self._skipped[Skipped(owner, reason)] = None

    def release(self, owner: str) -> None:
        """Remember what the other tool is to forget."""
        self._released[owner] = None

    def inventory(self, source: str) -> Inventory:
        """All that was told, sorted."""
        return Inventory(
            source=source,
            owned=tuple(sorted(self._owned.values(), key=lambda owned: owned.address)),
            skipped=tuple(sorted(self._skipped, key=lambda one: (one.id, one.reason))),
            released=tuple(sorted(self._released)),
            carriers=dict(sorted(self._carriers.items())),
        )

    def _carrier(self, name: str, attrs: Attrs, id_: str, owner: str, arn: str) -> None:
        address = Address(ServiceBinding.kind, name)
        self._add(address, attrs, id_, owner, account=account_of(arn), region=region_of(arn))

    def _identity(self, kind: str, attrs: Attrs) -> str:
        return self._kinds(kind, attrs).identities(attrs)[0]

    def _add(
        self,
        address: Address,
        attrs: Attrs,
        id_: str,
        owner: str,
        *,
        account: str = "",
        region: str = "",
    ) -> None:
        identity = self._identity(address.kind, attrs)
        known = self._owned.get(identity)
        if known is None:
            names = Names(owned.address for owned in self._owned.values())
            address = names.take(address.kind, address.name)
            known = Owned(address, identity, id_, (), account, region)
        if owner not in known.owners:
            known = replace(known, owners=(*known.owners, owner))
        self._owned[identity] = known


def account_of(arn: str) -> str:
    """The account in an ARN; `aws` in that of an AWS managed policy, empty in what is no ARN."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""


def region_of(arn: str) -> str:
    """The region in an ARN, empty where it has none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""


def texts(values: Mapping[str, object], key: str) -> Sequence[str]:
    """The texts in a list of another tool's attributes; empty where there is no such list."""
    found = values.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType]


def text(values: Mapping[str, object], key: str) -> str:
    """A text of another tool's attributes; empty where there is none."""
    found = values.get(key)
    return found if isinstance(found, str) else ""
