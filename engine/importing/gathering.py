"""Gathering an inventory, object by object, while another tool's files are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import KindLookup
from ...resources.permission_policy import CUSTOMER, INLINE, PermissionPolicy
from ...resources.role import Role
from .found import attachments
from .inventory import Carrier, Inventory, Owned, Release
from .naming import Names
from .selection import Skipped


class Gathering:
    """Objects by identity and account: what several names of the other tool mean is one object.

    The first name that is told becomes the address; its sort or a number is added where two would be
    the same.
    An account is empty where the other tool doesn't tell it. What is told with `forget` is to be
    forgotten there once the object is managed here.
    """

    def __init__(self, kinds: KindLookup) -> None:
        self._kinds = kinds
        self._owned: dict[str, list[Owned]] = defaultdict(list)
        self._names: dict[str, Names] = defaultdict(Names)
        self._known: set[str] = set()
        self._skipped: dict[Skipped, None] = {}
        self._releases: dict[Release, None] = {}
        self._carriers: dict[Carrier, None] = {}

    def know(self, owner: str) -> None:
        """Remember a name that the other tool has for anything."""
        self._known.add(owner)

    def role(self, name: str, role: str, owner: str, account: str = "") -> None:
        """A role by its name in AWS."""
        address, identity = Address(Role.kind, name), self._role(role)
        self._add(Owned(address, identity, role, (owner,), (role,), account), "", forget=True)

    def accounts_of(self, role: str) -> frozenset[str]:
        """The accounts in which a role of this name was told before."""
        return frozenset(owned.account_id for owned in self._owned.get(self._role(role), ()))

    def has_role(self, role: str, account: str = "") -> bool:
        """Whether a role of this name was told before, in this account if that is known."""
        return self._has(self._role(role), account)

    def customer_policy(self, name: str, arn: str, owner: str) -> None:
        """A customer managed policy by its ARN."""
        address = Address(PermissionPolicy.kind, name)
        attrs = {"type": CUSTOMER, "name": arn.rpartition("/")[2]}
        identity = self._identity(address.kind, attrs)
        owned = Owned(address, identity, arn, (owner,), account_id=account_of(arn))
        self._add(owned, CUSTOMER, forget=True)

    def inline_policy(
        self,
        name: str,
        role: str,
        policy: str,
        owner: str,
        account: str = "",
        *,
        forget: bool = True,
    ) -> None:
        """An inline policy of a role."""
        address = Address(PermissionPolicy.kind, name)
        attrs = {"type": INLINE, "name": policy, "roles": [role]}
        identity, id_ = self._identity(address.kind, attrs), f"{role}:{policy}"
        self._add(Owned(address, identity, id_, (owner,), (role,), account), INLINE, forget=forget)

    def attachment(
        self, name: str, role: str, arn: str, owner: str, account: str = "", *, forget: bool = True
    ) -> None:
        """A managed policy on a role, whoever made the policy."""
        address = Address(PermissionPolicy.kind, name)
        (identity,) = attachments({"arn": arn, "roles": [role]})
        self._add(
            Owned(address, identity, arn, (owner,), (role,), account), "attached", forget=forget
        )

    def instance_profile(
        self,
        name: str,
        profile: str,
        owner: str,
        account: str = "",
        *,
        role: str = "",
        forget: bool = True,
    ) -> None:
        """An instance profile, which stands for the binding of a role to instances."""
        address, identity = Address(ServiceBinding.kind, name), self._profile(profile)
        roles = (role,) if role else ()
        self._add(Owned(address, identity, profile, (owner,), roles, account), "ec2", forget=forget)

    def has_profile(self, profile: str, account: str = "") -> bool:
        """Whether an instance profile of this name was told before, in this account if known."""
        return self._has(self._profile(profile), account)

    def function(self, name: str, function: str, owner: str, arn: str = "", role: str = "") -> None:
        """A Lambda function that carries a role, by the function's name."""
        attrs = {"service": "lambda", "function": function}
        self._bound(Address(ServiceBinding.kind, name), attrs, owner, arn, (role,) if role else ())

    def task_definition(
        self, name: str, family: str, owner: str, arn: str = "", roles: Sequence[str] = ()
    ) -> None:
        """An ECS task definition that carries roles, by its family."""
        attrs: Attrs = {"service": "ecs", "family": family, "services": []}
        self._bound(Address(ServiceBinding.kind, name), attrs, owner, arn, tuple(roles))

    def carries_role(self, owner: str, attribute: str, role: str, account: str = "") -> None:
        """Remember something that carries a role in this attribute, and stays with the other tool."""
        self._carriers[Carrier(owner, attribute, self._role(role), account)] = None

    def carries_profile(self, owner: str, attribute: str, profile: str, account: str = "") -> None:
        """Remember something that carries an instance profile in this attribute."""
        self._carriers[Carrier(owner, attribute, self._profile(profile), account)] = None

    def skip(self, owner: str, reason: str) -> None:
        """Remember what is not imported, and why."""
        self._skipped[Skipped(owner, reason)] = None

    def release_with(self, owner: str, role: str) -> None:
        """Remember what may be a part of a role, to be forgotten once that is managed here."""
        self._releases[Release(owner, self._role(role))] = None

    def inventory(self, source: str) -> Inventory:
        """All that was told, sorted."""
        every = (owned for same in self._owned.values() for owned in same)
        return Inventory(
            source=source,
            owned=tuple(sorted(every, key=lambda one: (one.address, one.account_id, one.region))),
            skipped=tuple(sorted(self._skipped, key=lambda one: (one.id, one.reason))),
            releases=tuple(sorted(self._releases, key=lambda one: (one.owner, one.identity))),
            carriers=tuple(self._carriers),
            known=frozenset(self._known),
        )

    def _bound(
        self, address: Address, attrs: Attrs, owner: str, arn: str, roles: tuple[str, ...]
    ) -> None:
        """What carries roles, and stays with the other tool."""
        kind = self._kinds(address.kind, attrs)
        identity, id_ = kind.identities(attrs)[0], kind.id(attrs)
        owned = Owned(address, identity, id_, (owner,), roles, account_of(arn), region_of(arn))
        self._add(owned, attrs["service"], forget=False)

    def _role(self, role: str) -> str:
        return self._identity(Role.kind, {"name": role})

    def _profile(self, profile: str) -> str:
        attrs: Attrs = {"service": "ec2", "instance_profile": profile, "instances": []}
        return self._identity(ServiceBinding.kind, attrs)

    def _identity(self, kind: str, attrs: Attrs) -> str:
        return self._kinds(kind, attrs).identities(attrs)[0]

    def _has(self, identity: str, account: str) -> bool:
        return any(_same(one.account_id, account) for one in self._owned.get(identity, ()))

    def _add(self, told: Owned, sort: str, *, forget: bool) -> None:
        """Remember an object; `sort` tells it apart from others of its kind that have its name."""
        (owner,) = told.owners
        self._known.add(owner)
        if forget:
            release = Release(owner, told.identity, told.account_id, told.region)
            self._releases[release] = None
        same = self._owned[told.identity]
        for index, one in enumerate(same):
            if _same(one.account_id, told.account_id) and _same(one.region, told.region):
                owners, roles = (*one.owners, *told.owners), (*one.roles, *told.roles)
                same[index] = replace(
                    one, owners=tuple(dict.fromkeys(owners)), roles=tuple(dict.fromkeys(roles))
                )
                return
        kind, name = told.address.kind, told.address.name
        instead = (f"{name}-{sort}",) if sort else ()
        address = self._names[told.account_id].take(kind, name, *instead)
        same.append(replace(told, address=address))


def _same(one: str, other: str) -> bool:
    return not one or not other or one == other


def account_of(arn: str) -> str:
    """The account in an ARN; `aws` in that of an AWS managed policy, empty in what is no ARN."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""


def region_of(arn: str) -> str:
    """The region in an ARN, empty where it has none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""
