"""A plan: what an apply does, as plain data. Nothing here acts, reads or prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..resources.address import Address
from ..resources.calls import Attrs, Call, Phase
from ..resources.kind import Claim
from ..state.document import StateRecord
from .access_changes import AccessChanges

PROBE = "probe"
"""The operation of a run that makes things for the time of a probe: it only ever goes back."""


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    FORGET = "forget"
    MOVE = "move"
    NO_OP = "no-op"


@dataclass(frozen=True, slots=True)
class FieldDelta:
    """One attribute that differs; `path` is dotted, such as `tags.team` or `document.Statement[Read].Action`."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know before saying yes."""

    rule: str
    severity: str
    address: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for a change: the attributes that named it, and the answer; None for what wasn't there."""

    subject: Attrs
    observed: Attrs | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource.

    `before` and `after` are its managed attributes, live and desired; `diff` is from the one to the other,
    `drift` is what changed behind the state's back. `reads` is all that was read, for the check that the
    world hasn't moved. `make`, `remove` and `retire` are the calls of the three phases; `needs` are the addresses
    whose `make` comes first, `frees` those whose `remove` comes first. `record` is what the state holds afterwards.
    `deletes_first` says of a replaced object that it goes before the new one comes, since both can't be at once.
    """

    address: Address
    kind: str
    action: Action
    reason: str
    before: Attrs | None = None
    after: Attrs | None = None
    diff: tuple[FieldDelta, ...] = ()
    drift: tuple[FieldDelta, ...] = ()
    make: tuple[Call, ...] = ()
    remove: tuple[Call, ...] = ()
    retire: tuple[Call, ...] = ()
    needs: tuple[Address, ...] = ()
    frees: tuple[Address, ...] = ()
    reads: tuple[Reading, ...] = ()
    record: StateRecord | None = None
    moved_from: Address | None = None
    forced_by: tuple[str, ...] = ()
    deletes_first: bool = False

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of all phases, in their order."""
        return (*self.make, *self.remove, *self.retire)

    def calls_of(self, phase: Phase) -> tuple[Call, ...]:
        """The calls of one phase."""
        return {Phase.MAKE: self.make, Phase.REMOVE: self.remove, Phase.RETIRE: self.retire}[phase]

    @property
    def last_phase(self) -> Phase:
        """The phase after which the change is complete, also one that only the state takes note of."""
        if self.retire:
            return Phase.RETIRE
        leaves = bool(self.remove) or self.action in (Action.DELETE, Action.FORGET)
        return Phase.REMOVE if leaves else Phase.MAKE

    @property
    def lossy(self) -> tuple[str, ...]:
        """What a rollback of this change could not restore exactly."""
        return tuple(note for call in self.calls for note in _lossy(call))


def _lossy(call: Call) -> Iterable[str]:
    if call.lossy:
        yield call.lossy
    for back in call.undo:
        if back.again is not None:
            yield under_new_id(back.again.what, back.again.name)


def under_new_id(what: str, name: str) -> str:
    """What a plan says of something that an undo would make again."""
    return f'{what} "{name}" would come back under a new unique id'


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one run, sorted by address, and the world that they were worked out for.

    `serial` and `lineage` are the state's before the run; `run` is the mark that everything made in it carries.
    `refreshed` is false when AWS was not asked. `claims` is all that the stack and the state
    declare to hang on roles. `access` is None where it wasn't worked out, as in plans that an earlier version saved.
    """

    stack: str
    operation: str
    run: str
    lineage: str
    serial: int
    account_id: str
    partition: str
    region: str
    tool_version: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    refreshed: bool = True
    targets: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    claims: tuple[Claim, ...] = ()
    access: AccessChanges | None = None

    @property
    def actions(self) -> tuple[Change, ...]:
        """The changes that are not no-ops."""
        return tuple(change for change in self.changes if change.action is not Action.NO_OP)

    @property
    def summary(self) -> dict[str, int]:
        """How many changes of each action, with underscores as JSON keys have them."""
        counts = {action.value.replace("-", "_"): 0 for action in Action}
        for change in self.changes:
            counts[change.action.value.replace("-", "_")] += 1
        return counts
