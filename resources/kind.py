"""What a resource kind is: its fields, how it is observed, and its calls with their undo.

A kind is one class. An instance holds what a stack file says of one resource; the class methods work on
plain attributes, since a resource that left the stack file exists only as attributes in the state.
Nothing here or below acts on AWS: kinds read through the port they are handed and return calls as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from .address import Address
from .calls import Attrs, Call
from .diagnostics import Diagnostic
from .ports import AwsError, AwsReader, Identity, Wants

if TYPE_CHECKING:
    from .strays import Around, Stray, Watched


class Slot(StrEnum):
    """The places of a holder (a role, an instance, a function…) in which something else can hang."""

    ATTACHED = "attached_policies"
    INLINE = "inline_policies"
    PROFILE = "instance_profiles"
    CARRIED_ROLE = "carried_role"


@dataclass(frozen=True, slots=True)
class Claim:
    """A resource's declaration that `value` hangs on `holder` (an AWS name or id) in `slot`."""

    holder: str
    slot: Slot
    value: str


class Hold(NamedTuple):
    """A holder, such as a role, that keeps a managed policy (its ARN) from being deleted."""

    holder: str
    arn: str


class Claims:
    """What the resources of a stack declare to hang on each holder."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._all = frozenset(claims)
        self._by_slot: dict[tuple[str, Slot], set[str]] = {}
        for claim in self._all:
            self._by_slot.setdefault((claim.holder, claim.slot), set()).add(claim.value)

    @property
    def all(self) -> tuple[Claim, ...]:
        """Every claim, sorted."""
        return tuple(sorted(self._all, key=lambda claim: (claim.holder, claim.slot, claim.value)))

    def of(self, holder: str, slot: Slot) -> frozenset[str]:
        """The values claimed in a slot of a holder."""
        return frozenset(self._by_slot.get((holder, slot), ()))

    def __contains__(self, claim: Claim) -> bool:
        return claim in self._all

    def __or__(self, other: Claims) -> Claims:
        return Claims(self._all | other._all)


@dataclass(frozen=True, slots=True)
class Shape:
    """How the attributes of a kind compare and change.

    `documents` are compared by meaning; `document_maps` are objects of documents; `sets` are lists
    without order. `replace` maps an attribute that AWS can't change in place to the reason.
    `partly_told` maps a list of objects to the key of these that not every read tells.
    """

    documents: frozenset[str] = frozenset()
    document_maps: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    replace: Mapping[str, str] = field(default_factory=dict[str, str])
    partly_told: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Scope:
    """The stack around a resource while its attributes are worked out."""

    stack: str
    identity: Identity
    tags: Mapping[str, str]
    resources: Mapping[Address, Resource]
    known: dict[Address, Attrs] = field(default_factory=dict[Address, Attrs])
    """Attributes that have been worked out, so that a chain of roles isn't followed once for each link."""

    def attributes(self, address: Address) -> Attrs:
        """The attributes of another resource of the stack."""
        if address not in self.known:
            self.known[address] = self.resources[address].attributes(address, self)
        return self.known[address]

    def get(self, kind: str, local: str) -> Resource:
        """The resource that a reference such as `reader["a"]` names; KeyError when there is none."""
        return self.resources[Address.parse(f"{kind}.{local}")]


@dataclass(frozen=True, slots=True)
class Context:
    """What calls are built against. `run` marks what this run creates; `claims` are the desired ones.

    `released` counts, by the ARN of a managed policy, what holds it and lets go of it in this plan.
    `policies` are the ARNs of the managed policies that the stack itself makes.
    """

    identity: Identity
    stack: str
    address: Address
    run: str
    claims: Claims
    released: Mapping[str, int] = field(default_factory=dict[str, int])
    policies: frozenset[str] = frozenset()


PRIOR = "$prior"
"""Key under which the attributes to observe carry what `prior` returned at an earlier apply."""
LAST = "$last"
"""Key under which the attributes to observe carry what the last apply left."""

STACK_TAG = "rolewright:stack"
ADDRESS_TAG = "rolewright:address"
RUN_TAG = "rolewright:run"


def owned_elsewhere(tags: Mapping[str, str] | None, stack: str) -> str:
    """Which other stack has an object with these tags; empty when none has."""
    owner = (tags or {}).get(STACK_TAG, stack)
    return "" if owner == stack else f'owned by the stack "{owner}"'


class Lifecycle(BaseModel):
    """What the planner must not do to a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prevent_destroy: bool = Field(
        default=False, description="Refuse every plan that would delete or replace this resource."
    )
    ignore_changes: tuple[str, ...] = Field(
        default=(), description="Attributes whose differences are left alone, such as tags."
    )


class Resource(BaseModel):
    """What a stack file says of one resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]
    shape: ClassVar[Shape] = Shape()
    live: ClassVar[bool] = True
    """False for a kind that has no AWS object of its own; it is never observed."""

    lifecycle: Lifecycle = Field(
        default=Lifecycle(), description="Protection from deletion, and attributes to leave alone."
    )
    depends_on: tuple[str, ...] = Field(
        default=(), description="Addresses that must be there before this one."
    )

    def references(self) -> Iterable[tuple[tuple[str | int, ...], Address]]:
        """The resources named by this one: the path of the field that names it, and the address."""
        return ()

    def check(self, address: Address) -> Iterable[tuple[tuple[str | int, ...], Diagnostic]]:
        """Faults that need no other resource: the path of the faulty field, and the finding."""
        return ()

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        """The desired attributes, complete with defaults and resolved references."""
        raise NotImplementedError

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        """What `import` calls this object: a role's name, a policy's ARN."""
        raise NotImplementedError

    @classmethod
    def arn(cls, attrs: Attrs, identity: Identity) -> str:
        """The object's ARN, or an empty string for what has none."""
        return ""

    @classmethod
    def import_ids(cls, attrs: Attrs, identity: Identity) -> frozenset[str]:
        """All that the `id` of an import may call this object."""
        return frozenset({cls.id(attrs), cls.arn(attrs, identity)} - {""})

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        """The AWS names that this resource occupies, its own first; no two resources may share one."""
        return (f"{cls.kind}/{cls.id(attrs)}",)

    @classmethod
    def claims(cls, attrs: Attrs) -> tuple[Claim, ...]:
        """What this resource hangs on roles."""
        return ()

    @classmethod
    def makes(cls, attrs: Attrs) -> Iterable[str]:
        """The ARNs of the managed policies that come and go with this resource."""
        return ()

    @classmethod
    def holds(cls, attrs: Attrs) -> Iterable[Hold]:
        """What keeps managed policies from being deleted."""
        return ()

    @classmethod
    def subject(cls, desired: Attrs, recorded: Attrs) -> Attrs:
        """The attributes to observe for a resource that both the file and the state know.

        The engine adds what the state remembers under PRIOR and LAST.
        """
        return desired

    @classmethod
    def wants(cls, attrs: Attrs) -> Wants:
        """The IAM objects that `observe` will ask for."""
        return Wants()

    @classmethod
    def observe(cls, aws: AwsReader, attrs: Attrs, claims: Claims) -> Attrs | None:
        """The live attributes of the object that `attrs` names, or None where there is none.

        An attribute that the read did not tell is left out. `claims` are the desired and recorded ones.

        Raises:
            AwsError: a read was refused; that never counts as absent.
        """
        raise NotImplementedError

    @classmethod
    def observe_all(
        cls, aws: AwsReader, items: Sequence[Attrs], claims: Claims
    ) -> list[Attrs | AwsError | None]:
        """`observe` for many at once; a kind whose reads can be shared overrides it."""

        def one(attrs: Attrs) -> Attrs | AwsError | None:
            try:
                return cls.observe(aws, attrs, claims)
            except AwsError as error:
                return error

        return aws.map(one, items)

    @classmethod
    def conflict(cls, desired: Attrs, observed: Attrs | None) -> str:
        """What is in the way of creating this: `role "x" exists`; empty when nothing is."""
        return ""

    @classmethod
    def not_ours(cls, observed: Attrs, stack: str) -> str:
        """Who else has an object, so that this stack can't take it over; empty when nobody is known to."""
        return owned_elsewhere(observed.get("tags"), stack)

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None, context: Context) -> str:
        """What this resource needs and AWS doesn't have: `Lambda function "x"`; empty when nothing is missing."""
        return ""

    @classmethod
    def present(cls, observed: Attrs | None) -> bool:
        """Whether the object itself is there: a binding may be observed although nothing is bound."""
        return observed is not None

    @classmethod
    def prior(cls, desired: Attrs, observed: Attrs | None, earlier: Attrs | None) -> Attrs | None:
        """What to remember from before this resource took over, so that delete can put it back.

        `earlier` is what an earlier apply returned from here.
        """
        return None

    @classmethod
    def handed_over(cls, replaced: Attrs, prior: Attrs | None) -> Attrs | None:
        """What to give to `prior` of the successor of a replaced resource with these attributes."""
        return None

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        """The calls that make the object."""
        raise NotImplementedError

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        """The calls that bring `changed` attributes from observed to desired, each in place."""
        raise NotImplementedError

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        """The calls that take the object away and put `prior` back."""
        raise NotImplementedError

    @classmethod
    def is_same_object(cls, recorded: Attrs, observed: Attrs) -> bool:
        """Whether it is still the object of the record, and not another one made under its name."""
        before, now = recorded.get("unique_id"), observed.get("unique_id")
        return not before or not now or before == now

    @classmethod
    def completed(cls, aws: AwsReader, observed: Attrs) -> Attrs:
        """The observed attributes with what reads of many leave out; may cost one read.

        Raises:
            AwsError: the read was refused.
        """
        return observed

    @classmethod
    def strays(
        cls, aws: AwsReader, watched: Mapping[Address, Watched], around: Around
    ) -> Iterable[Stray]:
        """What nobody declared and that uses these resources, which are all of the kind in a state.

        Raises:
            AwsError: a read was refused.
        """
        return ()

    @classmethod
    def recreate(cls, desired: Attrs, observed: Attrs, context: Context) -> Sequence[Call]:
        """The calls that delete the object and make it again under the same name, with all that hangs on it."""
        raise NotImplementedError


class KindLookup(Protocol):
    """Finds the class that handles a kind's attributes."""

    def __call__(self, kind: str, attrs: Attrs) -> type[Resource]: ...
