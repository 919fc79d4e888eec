"""What the last apply left: one record a resource, as values without a file behind them.

The next value is made from this one; nothing here is changed in place, read or written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.diagnostics import Problem, did_you_mean

FORMAT = 1
"""The number of the state file's format; a change of it brings a step in `migrations`."""


@dataclass(frozen=True, slots=True)
class StateRecord:
    """One resource as the last apply left it.

    `prior` is what a binding found before it took over and puts back when it is deleted.
    `protected` says that `prevent_destroy` was on, so that losing the block does not delete the
    resource. `imported` says that the object was there before rolewright had it, and `untagged` that
    it therefore carries no ownership tags. `dependencies` are kept sorted, each once.
    """

    kind: str
    id: str
    arn: str
    desired: Attrs
    observed: Attrs
    dependencies: tuple[Address, ...] = ()
    tool_version: str = ""
    prior: Attrs | None = None
    protected: bool = False
    imported: bool = False
    untagged: bool = False

    def __post_init__(self) -> None:
        # One order, so that equal records are equal values and equal bytes.
        object.__setattr__(self, "dependencies", tuple(sorted(set(self.dependencies))))


@dataclass(frozen=True, slots=True)
class State:
    """All that a stack owns in one account. `serial` counts the runs that changed it."""

    stack: str
    lineage: str
    serial: int
    account_id: str
    region: str
    resources: Mapping[Address, StateRecord] = field(default_factory=dict[Address, StateRecord])

    @classmethod
    def empty(cls, stack: str, account_id: str, region: str, lineage: str) -> State:
        """The state of a stack that was never applied."""
        return cls(stack, lineage, 0, account_id, region)

    def with_record(self, address: Address, record: StateRecord | None) -> State:
        """This state with a resource recorded anew, or gone from it.

        Raises:
            ValueError: the record is of another kind than the address.
        """
        if record is not None and record.kind != address.kind:
            raise ValueError(f"{address} can't have a record of kind {record.kind}")
        resources = dict(self.resources)
        if record is None:
            resources.pop(address, None)
        else:
            resources[address] = record
        return replace(self, resources=resources)

    def moved(self, source: Address, target: Address) -> State:
        """This state with a resource, and what depends on it, under its new address.

        Raises:
            Problem: `not-in-state`, `already-in-state` or `kind-mismatch`.
        """
        self._check_move(source, target)
        resources: dict[Address, StateRecord] = {}
        for address, record in self.resources.items():
            own = target if address == source else address
            resources[own] = _renamed(record, own, source, target)
        return replace(self, resources=resources)

    def advanced(self) -> State:
        """This state with the next serial: what a run that changes it writes."""
        return replace(self, serial=self.serial + 1)

    def _check_move(self, source: Address, target: Address) -> None:
        if source not in self.resources:
            raise Problem.of(
                "not-in-state",
                f"{source} is not in the state",
                hint=did_you_mean(str(source), map(str, self.resources))
                or "`rolewright state list` shows what is",
            )
        if source.kind != target.kind:
            raise Problem.of(
                "kind-mismatch",
                f"{source} can't become {target}: a {source.kind} stays a {source.kind}",
                hint=f"write the new address as {source.kind}.NAME",
            )
        if target in self.resources:
            raise Problem.of(
                "already-in-state",
                f"{target} is in the state already",
                detail=f"Two resources can't have one address, so {source} was not moved.",
                hint=f"move or remove {target} first",
            )


def _renamed(record: StateRecord, own: Address, source: Address, target: Address) -> StateRecord:
    if source not in record.dependencies and own not in record.dependencies:
        return record
    names = (target if name == source else name for name in record.dependencies)
    return replace(record, dependencies=tuple(name for name in names if name != own))
