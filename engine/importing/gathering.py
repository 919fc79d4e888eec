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
from ...resources.policy.caller import arn_account
from ...resources.role import Role
from .found import (
    attachments,
    inline_identity,
    policy_identity,
    profile_identity,
    role_identity,
)
from .inventory import ATTACHED, Carrier, Inventory, Owned, Release
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
        address, identity = Address(Role.kind, name), role_identity(role)
        owned = Owned(address, identity, role, "role", (owner,), (role,), account)
        self._add(owned, forget=True)

    def accounts_of(self, role: str) -> frozenset[str]:
        """The accounts in which a role of this name was told before."""
        return frozenset(owned.account_id for owned in self._owned.get(role_identity(role), ()))

    def has_role(self, role: str, account: str = "") -> bool:
        """Whether a role of this name was told before, in this account if that is known."""
        return self._has(role_identity(role), account)

    def customer_policy(self, name: str, arn: str, owner: str) -> None:
        """A customer managed policy by its ARN."""
        address, identity = self._policy(name), policy_identity(arn.rpartition("/")[2])
        owned = Owned(address, identity, arn, CUSTOMER, (owner,), account_id=account_of(arn))
        self._add(owned, forget=True)

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
        identity, id_ = inline_identity(role, policy), f"{role}:{policy}"
        owned = Owned(self._policy(name), identity, id_, INLINE, (owner,), (role,), account)
        self._add(owned, forget=forget)

    def attachment(
        self, name: str, role: str, arn: str, owner: str, account: str = "", *, forget: bool = True
    ) -> None:
        """A managed policy on a role, whoever made the policy."""
        (identity,) = attachments({"arn": arn, "roles": [role]})
        owned = Owned(self._policy(name), identity, arn, ATTACHED, (owner,), (role,), account)
        self._add(owned, forget=forget)

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
        address, identity = Address(ServiceBinding.kind, name), profile_identity(profile)
        roles = (role,) if role else ()
        owned = Owned(address, identity, profile, "ec2", (owner,), roles, account)
        self._add(owned, forget=forget)

    def has_profile(self, profile: str, account: str = "") -> bool:
        """Whether an instance profile of this name was told before, in this account if known."""
        return self._has(profile_identity(profile), account)

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
        self._carriers[Carrier(owner, attribute, role_identity(role), account)] = None

    def carries_profile(self, owner: str, attribute: str, profile: str, account: str = "") -> None:
        """Remember something that carries an instance profile in this attribute."""
        self._carriers[Carrier(owner, attribute, profile_identity(profile), account)] = None

    def skip(self, owner: str, reason: str) -> None:
        """Remember what is not imported, and why."""
        self._skipped[Skipped(owner, reason)] = None

    def release_with(self, owner: str, role: str) -> None:
        """Remember what may be a part of a role, to be forgotten once that is managed here."""
        self._releases[Release(owner, role_identity(role))] = None

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
        account, region = account_of(arn), region_of(arn)
        owned = Owned(address, identity, id_, attrs["service"], (owner,), roles, account, region)
        self._add(owned, forget=False)

    @staticmethod
    def _policy(name: str) -> Address:
        return Address(PermissionPolicy.kind, name)

    def _has(self, identity: str, account: str) -> bool:
        return any(_same(one.account_id, account) for one in self._owned.get(identity, ()))

    def _add(self, told: Owned, *, forget: bool) -> None:
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
        instead = () if kind == Role.kind else (f"{name}-{told.sort}",)
        address = self._names[told.account_id].take(kind, name, *instead)
        same.append(replace(told, address=address))


def _same(one: str, other: str) -> bool:
    return not one or not other or one == other


def account_of(arn: str) -> str:
    """The account in an ARN; `aws` in that of an AWS managed policy, empty in what is no ARN."""
    return arn_account(arn) or ""


def region_of(arn: str) -> str:
    """The region in an ARN, empty where it has none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""
