"""One resource as a plan sees it: what is wanted, recorded and observed of it, and what is in its way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.diagnostics import Problem
from ..resources.kind import STACK_TAG, Context, KindLookup, Lifecycle, Resource
from ..state.document import StateRecord
from .plan import FieldDelta
from .remembering import remembered, since_recorded


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one resource.

    `current` is the live object that the state knows, `successor` the one that the stack file names where that is
    another or none is known. `forced` are the changed attributes that AWS can't change in place.
    """

    address: Address
    wanted: Attrs | None
    record: StateRecord | None
    current: Attrs | None
    successor: Attrs | None
    forced: frozenset[str]
    lifecycle: Lifecycle
    forget: bool
    importing: bool
    along: bool
    moved_from: Address | None
    dependencies: tuple[Address, ...]
    context: Context
    tool_version: str
    kinds: KindLookup

    @property
    def new_kind(self) -> type[Resource]:
        """The class of what is wanted."""
        return self.kinds(self.address.kind, self.desired)

    @property
    def old_kind(self) -> type[Resource]:
        """The class of what the state records."""
        return self.kinds(self.address.kind, self.recorded.desired)

    @property
    def recorded(self) -> StateRecord:
        """The state's record, where there is known to be one."""
        if self.record is None:
            raise ValueError(f"{self.address} is not in the state")
        return self.record

    @property
    def desired(self) -> Attrs:
        """What is wanted, where something is."""
        if self.wanted is None:
            raise ValueError(f"{self.address} is not wanted")
        return self.wanted

    @property
    def there(self) -> bool:
        """Whether the recorded object is still in AWS."""
        return self.record is not None and self.old_kind.present(self.current)

    def drift(self) -> tuple[FieldDelta, ...]:
        """What differs from what the last apply left, among the attributes that it managed."""
        record, current = self.record, self.current
        if record is None or not self.old_kind.live:
            return ()
        if current is None or not self.there:
            return (FieldDelta("exists", before=True, after=False),)
        return since_recorded(self.old_kind, record, current, self.lifecycle.ignore_changes)

    def state_record(self, observed: Attrs | None, prior: Attrs | None) -> StateRecord:
        """What the state is to say of it once it is as wanted; `prior` is what is known of before that."""
        wanted, kind = self.desired, self.new_kind
        return StateRecord(
            kind=self.address.kind,
            id=kind.id(wanted),
            arn=kind.arn(wanted, self.context.identity),
            desired=wanted,
            observed=remembered(
                kind.shape, observed, wanted, None if self.record is None else self.record.observed
            ),
            dependencies=self.dependencies,
            tool_version=self.tool_version,
            prior=kind.prior(wanted, observed, prior),
            protected=self.lifecycle.prevent_destroy,
        )

    def refuse_obstacles(self, found: Attrs | None, *, in_state: bool) -> None:
        """Refuse to make what is there already, or what needs something that isn't.

        Raises:
            Problem: `exists` or `missing`.
        """
        wanted, kind = self.desired, self.new_kind
        obstacle = kind.conflict(wanted, found)
        if obstacle and not in_state:
            owner = "" if found is None else kind.not_ours(found, self.context.stack)
            take = f"rolewright import '{self.address}' '{kind.id(wanted)}'"
            raise Problem.of(
                "exists",
                f"{obstacle} exists already and is not in the state",
                address=self.address,
                detail=f"It can't be taken over: {owner}."
                if owner
                else "rolewright never overwrites what it did not make.",
                hint="give it another name" + ("" if owner else f", or take it over with: {take}"),
            )
        self.refuse_missing(wanted, found)

    def refuse_missing(self, wanted: Attrs, found: Attrs | None) -> None:
        """Refuse what needs something of AWS that nobody in this stack makes.

        Raises:
            Problem: `missing`.
        """
        absent = self.new_kind.missing(wanted, found, self.context)
        if absent:
            raise Problem.of(
                "missing",
                f"{absent} does not exist",
                address=self.address,
                detail="It is not made by this stack, so it has to be there before the plan.",
                hint="check its name and the region, or make it first",
            )

    def protected(self, what: str) -> Problem:
        """What is raised where a lifecycle keeps this from being deleted or replaced."""
        return Problem.of(
            "prevent-destroy",
            f"{self.address} would be {what}, and its lifecycle prevents that",
            address=self.address,
            hint="set lifecycle: {prevent_destroy: false} and apply, if it may go",
        )


def managed(names: Attrs, attrs: Attrs | None) -> Attrs | None:
    """Of some attributes those that have one of the names."""
    return None if attrs is None else {name: attrs[name] for name in names if name in attrs}


def leaving_alone(wanted: Attrs, current: Attrs, lifecycle: Lifecycle) -> Attrs:
    """What is wanted, with the attributes to ignore, or the keys of one such as `tags.team`, as they are now."""
    left: dict[str, Any] = dict(wanted)
    for ignored in lifecycle.ignore_changes:
        name, _, key = ignored.partition(".")
        if name not in left or name not in current:
            continue
        if not key:
            left[name] = current[name]
            continue
        others = {other: value for other, value in left[name].items() if other != key}
        left[name] = others | ({key: current[name][key]} if key in current[name] else {})
    return left


def without_ownership(wanted: Attrs) -> Attrs:
    """What is wanted, without the tag that says whose it is."""
    if "tags" not in wanted:
        return wanted
    tags = {key: value for key, value in wanted["tags"].items() if key != STACK_TAG}
    return {**wanted, "tags": tags}
