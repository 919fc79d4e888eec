"""An import from end to end, up to what is to be written: it reads AWS, and changes nothing anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from ...resources.address import Address
from ...resources.diagnostics import Problem
from ...resources.kind import KindLookup
from ...resources.ports import Wants
from ...resources.role import Role
from ...state.document import State
from ..config.declarations import Desired
from ..planner import Setting, Wanted
from .discover import AccountReader, Discovery, discover
from .inventory import Inventory
from .lookup import Lookup
from .prepare import Preparation, Resolve
from .record import Recorded, record
from .selection import Filters, Skipped, select
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

    `inventory` is what another tool is to forget now, where the import was made from one.
    """

    recorded: Recorded
    files: Mapping[str, str]
    skipped: tuple[Skipped, ...]
    inventory: Inventory | None = None

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
            list if inventory is None else partial(inventory.named, kinds=self.kinds),
        )
        recorded = record(
            prepared.wanted,
            prepared.observed,
            self.state,
            self.setting,
            self.kinds,
            tag_ownership=request.tag_ownership,
        )
        left = (*skipped, *found.skipped, *prepared.skipped)
        return Result(
            recorded,
            prepared.files,
            left,
            None if inventory is None else inventory.without({one.id for one in left}),
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
            roles = [role for role in roles if role.name in set(inventory.roles)]
        taken, skipped = select(roles, request.filters, self.stack)
        known = [role for role in taken if f"role/{role.name.lower()}" in preparation.in_state]
        new = [role for role in taken if role not in known]
        skipped += [
            Skipped(
                role.name,
                f"in the state already as {preparation.in_state[f'role/{role.name.lower()}']}",
            )
            for role in known
        ]
        in_state = frozenset(preparation.in_state)
        found = discover(self.aws, new, self.stack, in_state)
        if inventory is not None:
            found, refused = self._with_policies(found, inventory, in_state)
            seen = in_state | self._identities(found) | refused.keys()
            left = (*inventory.skipped, *inventory.absent(seen))
            skipped += [Skipped(one.id, one.reason) for one in left]
            skipped += [
                Skipped(owner, refused[owned.identity])
                for owned in inventory.owned
                if owned.identity in refused
                for owner in owned.owners
            ]
        return found, tuple(skipped)

    def _with_policies(
        self, found: Discovery, inventory: Inventory, in_state: frozenset[str]
    ) -> tuple[Discovery, Mapping[str, str]]:
        """What was found, with the policies of an inventory that are on none of its roles.

        Also why some of these can't be taken over, by their AWS identities.
        """
        there = in_state | self._identities(found)
        lookup = Lookup(self.aws, self.stack, (), in_state)
        objects = list(found.objects)
        refused: dict[str, str] = {}
        alone = [
            owned
            for owned in inventory.owned
            if owned.identity not in there and owned.id.startswith("arn:")
        ]
        # The account-wide read, which told the roles, leaves out whose a policy is.
        self.aws.complete(Wants(policies=frozenset(owned.id for owned in alone)))
        for owned in alone:
            try:
                objects += lookup.find(owned.address, owned.id).objects
            except Problem as problem:
                refused[owned.identity] = problem.diagnostics[0].summary
        return Discovery(tuple(objects), found.skipped), refused

    def _identities(self, found: Discovery) -> frozenset[str]:
        return frozenset(
            name
            for one in found.objects
            for name in self.kinds(one.kind, one.attributes).identities(one.attributes)
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


def _refuse_instance(address: Address | None, desired: Desired) -> None:
    if address is not None and address.key is not None and address not in desired.attributes:
        raise Problem.of(
            "not-declared",
            f"the stack file declares no {address}",
            detail="One instance of a for_each can't be written by itself.",
            address=address,
            hint="declare it first, or import it to an address without a key",
        )
