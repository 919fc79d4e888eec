"""An import from end to end, up to what is to be written: it reads AWS, and changes nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from ...resources.address import Address
from ...resources.diagnostics import Problem
from ...resources.kind import KindLookup
from ...resources.ports import RoleView
from ...resources.role import Role
from ...state.document import State
from ..config.declarations import Desired
from ..planner import Setting, Wanted
from .discover import AccountReader, Discovery, discover
from .found import identities, role_identity
from .inventory import Inventory, Released
from .lookup import Lookup
from .prepare import Preparation, Resolve
from .record import Recorded, record
from .selection import Filters, Skipped, select, unmatched
from .taking_over import RolesSeen, TakingOver
from .writing import WritingOptions


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported: one object to an address, an inventory, or all roles that the filters take."""

    address: Address | None = None
    id: str = ""
    filters: Filters = field(default_factory=Filters)
    tag_ownership: bool = False
    inventory: Inventory | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The new state, the files that declare it (name to text), and what was left.

    `released` is what another tool is to forget now, where the import was made from one.
    """

    recorded: Recorded
    files: Mapping[str, str]
    skipped: tuple[Skipped, ...]
    released: Released | None = None

    @property
    def state(self) -> State:
        """The state to save."""
        return self.recorded.state


@dataclass(frozen=True, slots=True)
class Importer:
    """One stack in one account: what it declares and has, and how it is written.

    `resolve` gives what the stack declares with files beside those that it has.
    """

    aws: AccountReader
    stack: str
    state: State
    setting: Setting
    kinds: KindLookup
    resolve: Resolve
    writing: WritingOptions

    def run(self, request: Request) -> Result:
        """Find what is asked for, declare it, and record it.

        Raises:
            Problem: it isn't there, is another stack's, is in the state, or can't come to its address.
            AwsError: a read was refused.
        """
        desired, declared = self.resolve({})
        if request.address is not None and request.address in self.state.resources:
            raise Problem.of(
                "already-in-state",
                f"{request.address} is in the state already",
                detail=f"It is {self.state.resources[request.address].id}.",
                address=request.address,
                hint=f"rolewright state rm '{request.address}' forgets it first",
            )
        _refuse_instance(request.address, desired)
        preparation = Preparation(self.aws, desired, self.state, self.kinds, self.resolve)
        found, skipped = self._find(request, declared, preparation)
        inventory = request.inventory
        prepared = preparation.prepare(
            found.objects,
            self.writing,
            request.address,
            None if inventory is None else partial(inventory.named, kinds=self.kinds),
        )
        recorded = record(
            prepared.wanted,
            prepared.observed,
            self.state,
            self.setting,
            self.kinds,
            tag_ownership=request.tag_ownership,
        )
        return Result(
            recorded,
            prepared.files,
            (*skipped, *found.skipped, *prepared.skipped),
            None if inventory is None else inventory.released(self._managed(recorded.state)),
        )

    def _find(
        self, request: Request, declared: Wanted, preparation: Preparation
    ) -> tuple[Discovery, tuple[Skipped, ...]]:
        if request.address is not None:
            roles = self._roles(declared)
            lookup = Lookup(self.aws, self.stack, roles, frozenset(preparation.in_state))
            return lookup.find(request.address, request.id), ()
        roles, inventory = self.aws.all_roles(), request.inventory
        if inventory is not None:
            roles = [role for role in roles if role.name in inventory.roles]
        taken, skipped = select(roles, request.filters, self.stack)
        refused = frozenset(one.id for one in skipped)
        skipped += unmatched(roles, request.filters)
        as_known = {role.name: preparation.in_state.get(role_identity(role.name)) for role in taken}
        known = [role for role in taken if as_known[role.name] is not None]
        new = [role for role in taken if as_known[role.name] is None]
        skipped += [
            Skipped(role.name, f"in the state already as {as_known[role.name]}") for role in known
        ]
        in_state = frozenset(preparation.in_state)
        if inventory is None:
            return discover(self.aws, new, self.stack, in_state, known=known), tuple(skipped)
        policies = frozenset(owned.id for owned in inventory.customer_policies)
        found = discover(self.aws, new, self.stack, in_state, policies, known=known)
        managed = self._managed(self.state)
        taking = TakingOver(self.aws, self.stack, inventory, self.kinds, managed)
        found = taking.with_lone_policies(found, request.filters)
        seen = RolesSeen(
            there=_names(roles),
            unasked=_names(roles) - _names(taken) - refused,
            refused=refused,
            known=_names(known),
        )
        skipped += taking.left(found, seen)
        return found, tuple(dict.fromkeys(skipped))

    def _managed(self, state: State) -> frozenset[str]:
        """The AWS identities of all that a state has, also of attachments."""
        return frozenset(
            name
            for address, record in state.resources.items()
            if self.kinds(address.kind, record.desired).live
            for name in identities(self.kinds(address.kind, record.desired), record.desired)
        )

    def _roles(self, declared: Wanted) -> list[str]:
        """The AWS names of the roles that the stack has or declares."""
        everything = {
            **{address: record.desired for address, record in self.state.resources.items()},
            **declared.attributes,
        }
        return sorted(
            {attrs["name"] for address, attrs in everything.items() if address.kind == Role.kind}
        )


def _names(roles: Iterable[RoleView]) -> frozenset[str]:
    return frozenset(role.name for role in roles)


def _refuse_instance(address: Address | None, desired: Desired) -> None:
    if address is not None and address.key is not None and address not in desired.attributes:
        raise Problem.of(
            "not-declared",
            f"the stack file declares no {address}",
            detail="One instance of a for_each can't be written by itself.",
            address=address,
            hint="declare it first, or import it to an address without a key",
        )
