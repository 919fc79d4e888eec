"""What an import from another tool finds and leaves, told by the other tool's names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ...resources.binding import ServiceBinding
from ...resources.diagnostics import Problem
from ...resources.kind import KindLookup
from ...resources.permission_policy import INLINE
from ...resources.ports import Wants
from ...resources.role import Role
from .discover import AccountReader, Discovery
from .found import identities, identities_on, policy_identity
from .inventory import ATTACHED, Inventory, Owned
from .lookup import Lookup
from .selection import Filters, Skipped


@dataclass(frozen=True, slots=True)
class RolesSeen:
    """The names of an inventory's roles that AWS has, and of those by what becomes of them."""

    there: frozenset[str] = frozenset()
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
            is_it = owned.address.kind == Role.kind
            return "" if is_it else f"its role {refused} is not imported"
        known = _first(owned.roles, roles.known)
        if known and self._is_on(owned, known):
            return self._beside_its_role(owned, known)
        return self._absent(owned, roles)

    def _is_on(self, owned: Owned, role: str) -> bool:
        """Whether a role has something in AWS; of what carries it this is not known here."""
        view = self.aws.role(role)
        if view is None or owned.sort not in (ATTACHED, INLINE, "ec2"):
            return view is not None
        return owned.identity in identities_on(view)

    def _beside_its_role(self, owned: Owned, role: str) -> str:
        policy = policy_identity(owned.id.rpartition("/")[2])
        if owned.sort == ATTACHED and policy in self.in_state:
            return f"its role and its policy are in the state already: add {role} to the policy's roles"
        command = f"rolewright import '{owned.address}' '{owned.id}'"
        return f"its role {role} is in the state already, and this is not: {command}"

    def _absent(self, owned: Owned, roles: RolesSeen) -> str:
        gone = _first(owned.roles, frozenset(owned.roles) - roles.there)
        if gone and owned.address.kind != Role.kind:
            return f"its role {gone} is not in AWS"
        if owned.sort == ATTACHED:
            return f"{owned.id} is not attached to {owned.roles[0]}"
        if owned.address.kind != ServiceBinding.kind:
            return f"AWS has no {owned.id}"
        carried = " or ".join(owned.roles) or "a role that is imported"
        return f"AWS has no {owned.id} that carries {carried}"

    def _identities(self, found: Discovery) -> frozenset[str]:
        return frozenset(
            name
            for one in found.objects
            for name in identities(self.kinds(one.kind, one.attributes), one.attributes)
        )


def _first(names: Collection[str], among: Collection[str]) -> str:
    return next((name for name in names if name in among), "")
