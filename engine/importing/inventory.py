"""What another tool owns of an account: the objects to import, by the names that it has for them.

A reader of the other tool's files makes an `Inventory`; what it names is then read from AWS like
any other import, and `Inventory.named` gives the objects found the other tool's names. Nothing but
names, ids and ARNs is taken from its files: they may hold secrets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...resources.address import Address
from ...resources.kind import KindLookup
from .found import Found
from .naming import Names


@dataclass(frozen=True, slots=True)
class Owned:
    """An object of AWS that another tool owns or knows, and what it is to be called here.

    `identity` is one of those that `Resource.identities` tells of the object once it is read; `id`
    is what people call it: a role's name, a policy's ARN, `ROLE:POLICY`. `owners` are the other
    tool's names for it. `account_id` and `region` are empty where its files don't tell.
    """

    address: Address
    identity: str
    id: str
    owners: tuple[str, ...]
    account_id: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not imported: the other tool's name for it, and the reason in words."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """What can be imported from another tool.

    `released` are the other tool's names of all that it is to forget afterwards; `carriers` of the
    instances, functions and task definitions that stay with it although they carry imported roles.
    """

    source: str
    owned: tuple[Owned, ...]
    skipped: tuple[Skipped, ...] = ()
    released: tuple[str, ...] = ()
    carriers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the other tool's name: its attribute that names the role or the instance profile."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of the roles to read from AWS, sorted."""
        return tuple(sorted(owned.id for owned in self.owned if owned.address.kind == "role"))

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
        elsewhere = {skipped.id for skipped in away} - {
            owner for owned in kept for owner in owned.owners
        }
        return replace(
            self,
            owned=tuple(kept),
            skipped=(*self.skipped, *dict.fromkeys(away)),
            released=tuple(name for name in self.released if name not in elsewhere),
            carriers={
                name: attribute
                for name, attribute in self.carriers.items()
                if name not in elsewhere
            },
        )

    def named(self, found: Sequence[Found], kinds: KindLookup) -> list[Found]:
        """The objects found in AWS, under the other tool's names where it has one.

        The rest keep their addresses, with a number where such a name has taken them.
        """
        wanted = {owned.identity: owned.address for owned in self.owned}
        given: dict[int, Address] = {}
        taken: set[Address] = set()
        for index, one in enumerate(found):
            for identity in kinds(one.address.kind, one.attributes).identities(one.attributes):
                address = wanted.get(identity)
                if address is not None and address not in taken:
                    given[index] = address
                    taken.add(address)
                    break
        names = Names(taken)
        return [
            Found(
                given.get(index) or names.take(one.address.kind, one.address.name), one.attributes
            )
            for index, one in enumerate(found)
        ]

    def absent(self, identities: Collection[str]) -> tuple[Skipped, ...]:
        """What the other tool knows and is not among the AWS identities that were found."""
        return tuple(
            Skipped(owner, f"AWS has no {owned.id}, or not as {self.source} describes it")
            for owned in self.owned
            if owned.identity not in identities
            for owner in owned.owners
        )

    def without(self, left: Collection[str]) -> Inventory:
        """This inventory when some of it was not imported, by the id or the other tool's name of each."""
        kept = tuple(
            owned
            for owned in self.owned
            if owned.id not in left and not set(owned.owners).intersection(left)
        )
        gone = {o for owned in self.owned if owned not in kept for o in owned.owners}
        gone -= {owner for owned in kept for owner in owned.owners}
        released = tuple(name for name in self.released if name not in gone)
        return replace(self, owned=kept, released=released)
