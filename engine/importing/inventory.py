"""What another tool owns of an account: the objects to import, by the names that it has for them.

A reader of the other tool's files makes an `Inventory`; what it names is then read from AWS like
any other import, and `Inventory.named` gives the objects found the other tool's names. Nothing but
names, ids and ARNs is taken from its files: they may hold secrets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ...resources.address import Address
from ...resources.kind import KindLookup
from ...resources.permission_policy import CUSTOMER
from ...resources.role import Role
from .found import Found
from .naming import Names, common_name, legal
from .selection import Skipped

ATTACHED = "attached"
"""The sort of a managed policy that the other tool puts on a role, whoever made it."""


@dataclass(frozen=True, slots=True)
class Owned:
    """An object of AWS that another tool owns or knows, and what it is to be called here.

    `identity` is one of those that `found.identities` tells of the object once it is read; `id`
    is what people call it: a role's name, a policy's ARN, `ROLE:POLICY`. `sort` tells it apart from
    others of its kind: a policy's type, or that it is only attached; a binding's service. `owners`
    are the other tool's names for it, `roles` the names of the roles that it is on or carries.
    `account_id` and `region` are empty where its files don't tell.
    """

    address: Address
    identity: str
    id: str
    sort: str
    owners: tuple[str, ...]
    roles: tuple[str, ...] = ()
    account_id: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """What the other tool is to forget (`owner`) once the object with this identity is managed here.

    One owner may have several: an attachment of a policy to many roles.
    """

    owner: str
    identity: str
    account_id: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Something that stays with the other tool, and names what it is to forget.

    `attribute` is where it names the role or the instance profile that has this identity.
    """

    owner: str
    attribute: str
    identity: str
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """What the other tool is to forget, by its own names, and what stays with it.

    `carriers` are those of `staying` which name something that it is to forget, with the attributes
    that do. `orphaned` are the roles on which nobody manages any more what one of `owners` is.
    """

    owners: tuple[str, ...]
    staying: tuple[str, ...]
    carriers: Mapping[str, tuple[str, ...]]
    orphaned: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What can be imported from another tool; `known` are its names for all that it has."""

    source: str
    owned: tuple[Owned, ...]
    skipped: tuple[Skipped, ...] = ()
    releases: tuple[Release, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    known: frozenset[str] = frozenset()

    @property
    def roles(self) -> frozenset[str]:
        """The names of the roles to read from AWS."""
        return frozenset(owned.id for owned in self.owned if owned.address.kind == Role.kind)

    @property
    def customer_policies(self) -> tuple[Owned, ...]:
        """The customer managed policies that the other tool owns, and does not just attach."""
        return tuple(owned for owned in self.owned if owned.sort == CUSTOMER)

    def within(self, account_id: str, region: str) -> Inventory:
        """This inventory without what is in another account, or in another region."""
        kept: list[Owned] = []
        away: list[Skipped] = []
        for owned in self.owned:
            if owned.account_id not in ("", account_id):
                reason = f"it is in account {owned.account_id}, and these credentials are of "
                away += [Skipped(owner, reason + account_id) for owner in owned.owners]
            elif owned.region not in ("", region):
                reason = f"it is in {owned.region}: import it with --region {owned.region}"
                away += [Skipped(owner, reason) for owner in owned.owners]
            else:
                kept.append(owned)
        return replace(
            self,
            owned=tuple(kept),
            skipped=(*self.skipped, *dict.fromkeys(away)),
            releases=tuple(
                one
                for one in self.releases
                if one.account_id in ("", account_id) and one.region in ("", region)
            ),
            carriers=tuple(one for one in self.carriers if one.account_id in ("", account_id)),
        )

    def released(self, managed: Collection[str]) -> Released:
        """What the other tool is to forget when the objects with these identities are managed here."""
        owners = {one.owner for one in self.releases if one.identity in managed}
        carried: dict[str, list[str]] = {}
        for one in self.carriers:
            if one.identity in managed and one.attribute not in carried.get(one.owner, ()):
                carried.setdefault(one.owner, []).append(one.attribute)
        return Released(
            tuple(sorted(owners)),
            tuple(sorted(self.known - owners)),
            {owner: tuple(attributes) for owner, attributes in sorted(carried.items())},
            self._orphaned(owners, managed),
        )

    def _orphaned(
        self, owners: Collection[str], managed: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        released = {(one.owner, one.identity) for one in self.releases if one.owner in owners}
        found: dict[str, tuple[str, ...]] = {}
        for owned in self.owned:
            for owner in owned.owners:
                if owned.identity not in managed and (owner, owned.identity) in released:
                    found[owner] = (*found.get(owner, ()), *owned.roles)
        return dict(sorted(found.items()))

    def named(self, found: Sequence[Found], kinds: KindLookup) -> list[Found]:
        """The objects found in AWS, under the other tool's names where it has one.

        The rest keep their addresses, with a number where such a name has taken them.
        """
        wanted = {owned.identity: owned.address for owned in self.owned}
        given: dict[int, Address] = {}
        taken: set[Address] = set()
        for index, one in enumerate(found):
            known = kinds(one.address.kind, one.attributes).identities(one.attributes)
            addresses = [wanted[identity] for identity in known if identity in wanted]
            common = common_name([address.name for address in addresses]) if addresses else ""
            if len(addresses) > 1 and common and legal(common) == common:
                address = Address(one.address.kind, common)
                if address not in wanted.values():
                    addresses.insert(0, address)
            free = next((address for address in addresses if address not in taken), None)
            if free is not None:
                given[index] = free
                taken.add(free)
        names = Names(taken)
        return [
            Found(
                given.get(index) or names.take(one.address.kind, one.address.name), one.attributes
            )
            for index, one in enumerate(found)
        ]
