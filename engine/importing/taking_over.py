"""What an import from another tool finds and leaves, told by the other tool's names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ...resources.diagnostics import Problem
from ...resources.kind import KindLookup
from ...resources.ports import Wants
from .discover import AccountReader, Discovery
from .found import identities
from .inventory import Inventory, Owned, Skipped
from .lookup import Lookup
from .selection import Filters


@dataclass(frozen=True, slots=True)
class RolesSeen:
    """The names of an inventory's roles that AWS has, by what becomes of them."""

    unasked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()


@dataclass(slots=True)
class TakingOver:
    """One import of an inventory. `in_state` are the AWS identities of all that the stack has."""

    aws: AccountReader
    stack: str
    inventory: Inventory
    kinds: KindLookup
    in_state: frozenset[str]
    _unasked: set[str] = field(default_factory=set[str])
    _refused: dict[str, str] = field(default_factory=dict[str, str])

    def with_lone_policies(self, found: Discovery, filters: Filters) -> Discovery:
        """What was found, with the policies of the inventory that are on none of its roles."""
        there = self.in_state | self._identities(found)
        lone = [one for one in self.inventory.customer_policies if one.identity not in there]
        lookup = Lookup(self.aws, self.stack, (), self.in_state)
        objects = list(found.objects)
        # The account-wide read, which told the roles, leaves out whose a policy is.
        self.aws.complete(Wants(policies=frozenset(owned.id for owned in lone)))
        for owned in lone:
            policy = self.aws.policy(owned.id)
            if policy is not None and not filters.take_policy(policy):
                self._unasked.add(owned.identity)
                continue
            try:
                objects += lookup.find(owned.address, owned.id).objects
            except Problem as problem:
                self._refused[owned.identity] = problem.diagnostics[0].summary
        return Discovery(tuple(objects), found.skipped)

    def left(self, found: Discovery, roles: RolesSeen) -> Iterator[Skipped]:
        """What the other tool has and is not imported, with the reason; not what nobody asked for."""
        yield from self.inventory.skipped
        there = self.in_state | self._identities(found) | self._unasked
        for owned in self.inventory.owned:
            reason = "" if owned.identity in there else self._reason(owned, roles)
            if reason:
                yield from (Skipped(owner, reason) for owner in owned.owners)

    def _reason(self, owned: Owned, roles: RolesSeen) -> str:
        """Why something was not found; empty where that was said or nobody asked for it."""
        if owned.identity in self._refused:
            return self._refused[owned.identity]
        if owned.roles and roles.unasked.issuperset(owned.roles):
            return ""
        refused = _first(owned.roles, roles.refused)
        if refused:
            return "" if owned.id == refused else f"its role {refused} is not imported"
        known = _first(owned.roles, roles.known)
        if known:
            command = f"rolewright import '{owned.address}' '{owned.id}'"
            return f"its role {known} is in the state already, and this is not: {command}"
        if "/attached/" in owned.identity:
            return f"{owned.id} is not attached to {owned.roles[0]}"
        return f"AWS has no {owned.id}, or not as {self.inventory.source} describes it"

    def _identities(self, found: Discovery) -> frozenset[str]:
        return frozenset(
            name
            for one in found.objects
            for name in identities(self.kinds(one.kind, one.attributes), one.attributes)
        )


def _first(names: Collection[str], among: Collection[str]) -> str:
    return next((name for name in names if name in among), "")
