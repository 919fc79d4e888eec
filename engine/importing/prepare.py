"""From what was found to what is imported: what is known already, what is declared, what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.diagnostics import Problem
from ...resources.kind import Claims, KindLookup
from ...resources.permission_policy import AWS, CUSTOMER, PermissionPolicy
from ...resources.ports import AwsError, AwsReader
from ...resources.role import Role
from ...resources.trust_policy import TrustPolicy
from ...state.document import State
from ..config.declarations import Desired
from ..planner import Wanted
from .discover import Object
from .found import Found, role_identity
from .naming import addresses, legal
from .selection import Skipped
from .writing import WritingOptions, Written, write_stack

Resolve = Callable[[Mapping[str, str]], tuple[Desired, Wanted]]
"""The stack with new files (name to text) beside those that it has."""


Rename = Callable[[Sequence[Found]], list[Found]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an import declares, the files that say so, and what it leaves."""

    wanted: Wanted
    observed: Mapping[Address, Attrs | None]
    files: Mapping[str, str]
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class _Sorted:
    """Objects by what is to happen with them; `declared` by the address that the stack file has."""

    fresh: list[Object] = field(default_factory=list[Object])
    declared: dict[Address, Object] = field(default_factory=dict[Address, Object])
    skipped: list[Skipped] = field(default_factory=list[Skipped])


class Preparation:
    """One stack, into which objects are to come. Reads what `discover` has read before."""

    def __init__(
        self, aws: AwsReader, desired: Desired, state: State, kinds: KindLookup, resolve: Resolve
    ) -> None:
        self._aws = aws
        self._desired = desired
        self._state = state
        self._kinds = kinds
        self._resolve = resolve
        self._in_state = self._names(
            {address: record.desired for address, record in state.resources.items()}
        )
        self._declared = self._names(
            {
                address: attributes
                for address, attributes in desired.attributes.items()
                if address not in state.resources
            }
        )

    @property
    def in_state(self) -> Mapping[str, Address]:
        """The AWS identities of all that the state has, with the addresses."""
        return self._in_state

    def prepare(
        self,
        objects: Sequence[Object],
        options: WritingOptions,
        first: Address | None = None,
        rename: Rename | None = None,
    ) -> Prepared:
        """What is to be imported; the first object is to come to the address `first`.

        `rename` gives what the stack file doesn't declare yet other addresses.

        Raises:
            Problem: it can't come there, or the new files would not be sound.
        """
        split = self._split(objects)
        if first is not None:
            self._check_first(first, objects[0], split)
        fresh = self._found(split.fresh, first)
        fresh = fresh if rename is None else rename(fresh)
        written = write_stack(
            fresh,
            replace(
                options,
                existing=_found_of(self._desired.attributes),
                recorded=_found_of(self._undeclared()),
                notes=self._notes(fresh),
                named=rename is not None,
            ),
        )
        skipped = [
            *split.skipped,
            *(Skipped(self._id(one.found), one.reason) for one in written.left_out),
        ]
        if first is not None and skipped and self._is_left_out(first, written):
            raise Problem.of(
                "import-refused",
                f"{skipped[-1].id} can't be imported as {first}: {skipped[-1].reason}",
                address=first,
            )
        desired, wanted = self._resolve(written.files)
        coming = {*split.declared, *(one.address for one in written.declared)}
        coming |= self._trusts(coming, desired)
        wanted = _only(wanted, coming)
        observed = self._observed(wanted, desired.attributes, objects)
        return Prepared(wanted, observed, written.files, tuple(skipped))

    def _names(self, attributes: Mapping[Address, Attrs]) -> dict[str, Address]:
        """The AWS identities of resources, each with its address."""
        return {
            name: address
            for address, attrs in attributes.items()
            if self._kinds(address.kind, attrs).live
            for name in self._kinds(address.kind, attrs).identities(attrs)
        }

    def _identities(self, found: Object) -> tuple[str, ...]:
        return self._kinds(found.kind, found.attributes).identities(found.attributes)

    def _split(self, objects: Iterable[Object]) -> _Sorted:
        split = _Sorted()
        for one in objects:
            for part in _single_attachments(one):
                self._put(part, split)
        split.fresh = list(_together(split.fresh))
        return split

    def _put(self, found: Object, split: _Sorted) -> None:
        names = self._identities(found)
        known = next((self._in_state[name] for name in names if name in self._in_state), None)
        declared = next((self._declared[name] for name in names if name in self._declared), None)
        if known is not None:
            kind = self._kinds(found.kind, found.attributes)
            split.skipped.append(
                Skipped(kind.id(found.attributes), f"in the state already as {known}")
            )
        elif declared is not None:
            self._refuse_other_case(declared, found)
            split.declared[declared] = found
            for attachment in self._attachments_beside(declared, found):
                self._put(attachment, split)
        else:
            split.fresh.append(found)

    def _refuse_other_case(self, declared: Address, found: Object) -> None:
        """Refuse a name that is declared in other letters than AWS has it, for reads take them for two.

        Raises:
            Problem: it is.
        """
        wanted = self._desired.attributes[declared].get("name")
        name = found.attributes.get("name")
        if wanted != name:
            raise Problem.of(
                "import-differs",
                f"the stack file declares {declared} as {wanted}, and AWS has {name}",
                detail="Names that differ in case only are one name to AWS.",
                address=declared,
                hint="write the name as AWS has it",
            )

    def _attachments_beside(self, declared: Address, found: Object) -> Iterable[Object]:
        """The attachments of a declared policy to roles that come with this import.

        The declaration can't know them; of a role that the stack has, it says what is to be on it.
        """
        if found.attributes.get("type") != CUSTOMER:
            return ()
        wanted = {role.lower() for role in self._desired.attributes[declared]["roles"]}
        others = [
            role
            for role in found.attributes["roles"]
            if role.lower() not in wanted
            and role_identity(role) not in self._in_state
            and role_identity(role) not in self._declared
        ]
        alone = {"type": AWS, "arn": found.attributes["arn"], "roles": others}
        return _single_attachments(Object(found.kind, alone))

    def _check_first(self, first: Address, found: Object, split: _Sorted) -> None:
        """See that the object which was asked for can come to its address.

        Raises:
            Problem: it is another one's, or the address is.
        """
        if legal(first.name) != first.name:
            raise Problem.of(
                "bad-address",
                f'"{first.name}" can\'t be a name in a stack file',
                address=first,
                hint=f"rolewright import '{first.kind}.{legal(first.name)}' …",
            )
        if first not in self._desired.attributes and any(
            first == one.base for one in self._desired.attributes
        ):
            raise Problem.of(
                "address-taken",
                f"the stack file makes several of {first} by for_each",
                address=first,
                hint="import to an address that is free",
            )
        kind = self._kinds(found.kind, found.attributes)
        name = kind.id(found.attributes)
        # A mere attachment to several roles is several: one of them in the state is no obstacle.
        here = self._identities(found)
        here = here if _is_attachment(found) else here[:1]
        owners = [self._in_state.get(one) for one in here]
        owner = None if None in owners else owners[0]
        if owner is not None:
            raise Problem.of(
                "already-in-state",
                f"{name} is in the state already, as {owner}",
                address=first,
                hint=f"rolewright state mv '{owner}' '{first}'" if owner != first else "",
            )
        other = next((self._declared[one] for one in here if one in self._declared), None)
        if other is not None and other != first:
            raise Problem.of(
                "declared-elsewhere",
                f"the stack file declares {name} as {other}",
                address=first,
                hint=f"rolewright import '{other}' '{name}'",
            )
        if first in self._desired.attributes and other is None:
            attributes = self._desired.attributes[first]
            declared = self._kinds(first.kind, attributes).id(attributes)
            raise Problem.of(
                "import-differs",
                f"the stack file declares {first} as {declared}, which is not {name}",
                address=first,
                hint="correct the id, or name: in the stack file",
            )

    def _found(self, fresh: Sequence[Object], first: Address | None) -> list[Found]:
        taken = [*self._state.resources, *self._desired.attributes]
        found: list[Found] = []
        if first is not None and fresh and first not in self._desired.attributes:
            found.append(Found(first, fresh[0].attributes))
            fresh = fresh[1:]
            taken.append(first)
        named = addresses([(one.kind, one.attributes) for one in fresh], taken)
        return [
            *found,
            *(Found(address, one.attributes) for address, one in zip(named, fresh, strict=True)),
        ]

    def _notes(self, found: Iterable[Found]) -> dict[Address, tuple[str, ...]]:
        """What AWS says of roles and a file can't: when they were last used."""
        notes: dict[Address, tuple[str, ...]] = {}
        for one in found:
            role = self._aws.role(one.attributes["name"]) if one.address.kind == Role.kind else None
            if role is not None and role.last_used is not None:
                use = role.last_used
                where = f" in {use.region}" if use.region else ""
                notes[one.address] = (f"Last used {use.at[:10]}{where}.",)
        return notes

    def _undeclared(self) -> dict[Address, Attrs]:
        """What the state has and the stack file doesn't, as after a block was renamed."""
        return {
            address: record.desired
            for address, record in self._state.resources.items()
            if address not in self._desired.attributes
        }

    def _is_left_out(self, first: Address, written: Written) -> bool:
        return any(one.found.address == first for one in written.left_out)

    def _id(self, found: Found) -> str:
        return self._kinds(found.address.kind, found.attributes).id(found.attributes)

    def _trusts(self, coming: Iterable[Address], desired: Desired) -> set[Address]:
        """The trust policies of what comes: they are in the state only, and in no state yet."""
        return {
            needed
            for address in coming
            for needed in desired.dependencies[address]
            if needed.kind == TrustPolicy.kind and needed not in self._state.resources
        }

    def _observed(
        self, wanted: Wanted, declared: Mapping[Address, Attrs], objects: Sequence[Object]
    ) -> dict[Address, Attrs | None]:
        """The live attributes of what comes; of bindings as they were discovered."""
        known = {self._identities(one)[0]: one.attributes for one in objects if _is_binding(one)}
        claims = Claims(
            claim
            for address, attrs in self._everything(declared)
            for claim in self._kinds(address.kind, attrs).claims(attrs)
        )
        found: dict[Address, Attrs | None] = {}
        for address, attrs in wanted.attributes.items():
            kind = self._kinds(address.kind, attrs)
            if not kind.live:
                continue
            bound = (
                known.get(kind.identities(attrs)[0]) if kind.kind == ServiceBinding.kind else None
            )
            if bound is None:
                answer = kind.observe_all(self._aws, [attrs], claims)[0]
                if isinstance(answer, AwsError):
                    raise answer
                bound = answer
            found[address] = bound
        return found

    def _everything(self, declared: Mapping[Address, Attrs]) -> Iterable[tuple[Address, Attrs]]:
        yield from declared.items()
        yield from ((address, record.desired) for address, record in self._state.resources.items())


def _found_of(attributes: Mapping[Address, Attrs]) -> list[Found]:
    return [Found(address, attrs) for address, attrs in sorted(attributes.items())]


def _is_binding(found: Object) -> bool:
    return found.kind == ServiceBinding.kind


def _is_attachment(found: Object) -> bool:
    """Whether it is a managed policy that is attached only, whoever made it."""
    return found.kind == PermissionPolicy.kind and found.attributes["type"] == AWS


def _single_attachments(found: Object) -> Iterable[Object]:
    """A mere attachment to several roles as several: the stack may have some of them."""
    if not _is_attachment(found):
        return (found,)
    attrs = found.attributes
    return (Object(found.kind, {**attrs, "roles": [role]}) for role in attrs["roles"])


def _together(objects: Iterable[Object]) -> Iterable[Object]:
    """The attachments of one policy as one object again, the rest as it is, in order."""
    attached: dict[str, list[str]] = {}
    kept: list[Object] = []
    for one in objects:
        if _is_attachment(one):
            arn = one.attributes["arn"]
            if arn in attached:
                attached[arn] += one.attributes["roles"]
                continue
            attached[arn] = list(one.attributes["roles"])
        kept.append(one)
    for one in kept:
        if _is_attachment(one):
            yield Object(
                one.kind, {**one.attributes, "roles": sorted(attached[one.attributes["arn"]])}
            )
        else:
            yield one


def _only(wanted: Wanted, addresses: set[Address]) -> Wanted:
    return Wanted(
        attributes={address: wanted.attributes[address] for address in sorted(addresses)},
        dependencies={address: wanted.dependencies[address] for address in addresses},
        lifecycles={
            address: wanted.lifecycles[address]
            for address in addresses
            if address in wanted.lifecycles
        },
    )
