"""From what is desired, recorded and observed to a plan. Pure: no AWS, files or clock, and no service by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.diagnostics import Diagnostic, Problem
from ..resources.kind import LAST, PRIOR, Claims, Context, Hold, KindLookup, Lifecycle
from ..resources.ports import Identity
from ..state.document import State, StateRecord
from .case import Case
from .changes import change_of
from .diff import differing
from .findings import findings_of
from .graph import Graph
from .observe import Subject
from .plan import Change, Plan, Reading

CURRENT, SUCCESSOR = "current", "successor"
SubjectKey = tuple[Address, str]
Snapshot = Mapping[SubjectKey, Attrs | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stack asks for: attributes, dependencies and lifecycle by address.

    `imports` are taken over as they exist. `along` is what hangs on them: it is taken over where it
    exists, and made where it does not.
    """

    attributes: Mapping[Address, Attrs] = field(default_factory=dict[Address, Attrs])
    dependencies: Mapping[Address, frozenset[Address]] = field(
        default_factory=dict[Address, frozenset[Address]]
    )
    lifecycles: Mapping[Address, Lifecycle] = field(default_factory=dict[Address, Lifecycle])
    moved: Mapping[Address, Address] = field(default_factory=dict[Address, Address])
    removed: frozenset[Address] = frozenset()
    imports: frozenset[Address] = frozenset()
    along: frozenset[Address] = frozenset()

    @classmethod
    def of_records(
        cls,
        records: Mapping[Address, StateRecord],
        lifecycles: Mapping[Address, Lifecycle] | None = None,
    ) -> Wanted:
        """What records of a state wanted; `lifecycles` add what the stack file leaves alone."""
        known = lifecycles or {}
        return cls(
            attributes={address: record.desired for address, record in records.items()},
            dependencies={
                address: frozenset(record.dependencies) & records.keys()
                for address, record in records.items()
            },
            lifecycles={
                address: Lifecycle(
                    prevent_destroy=record.protected,
                    ignore_changes=known.get(address, Lifecycle()).ignore_changes,
                )
                for address, record in records.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances of a plan."""

    operation: str
    identity: Identity
    run: str
    tool_version: str
    refresh: bool = True
    targets: frozenset[Address] = frozenset()


class Planner:
    """Works out a plan in two steps: which subjects to observe, and then, with the answers, the changes."""

    def __init__(self, wanted: Wanted, state: State, setting: Setting, kinds: KindLookup) -> None:
        self._wanted = wanted
        self._setting = setting
        self._kinds = kinds
        self._renamed = _renames(wanted, state, kinds)
        self._moved_from = {target: source for source, target in self._renamed.items()}
        self._base = state
        self._state = _apply_renames(state, self._renamed)
        self._desired_claims = self._claims(wanted.attributes)
        self._claims_of_all = self._desired_claims | self._claims(
            {address: record.desired for address, record in self._state.resources.items()}
        )
        self._policies = frozenset(
            arn
            for address, attrs in wanted.attributes.items()
            for arn in kinds(address.kind, attrs).makes(attrs)
        )
        self._dependencies = self._all_dependencies()
        self._dependents = _inverted(self._dependencies)
        self._addresses = self._selected()

    @property
    def claims(self) -> Claims:
        """What the stack or the state declares to hang on roles: the rest is foreign."""
        return self._claims_of_all

    def subjects(self) -> dict[SubjectKey, Subject]:
        """What must be read for this plan."""
        found: dict[SubjectKey, Subject] = {}
        for address in self._addresses:
            want, record = self._wanted.attributes.get(address), self._state.resources.get(address)
            if record is not None and self._setting.refresh:
                attrs = (
                    record.desired
                    if want is None or self._forced(want, record)
                    else self._kinds(address.kind, want).subject(want, record.desired)
                )
                found[address, CURRENT] = (
                    address,
                    {**attrs, PRIOR: record.prior, LAST: record.observed},
                )
            if want is not None and (record is None or self._forced(want, record)):
                found[address, SUCCESSOR] = (address, want)
        return {
            key: subject
            for key, subject in found.items()
            if self._kinds(subject[0].kind, subject[1]).live
        }

    def plan(self, snapshot: Snapshot) -> Plan:
        """The plan for what was observed.

        Raises:
            Problem: something exists already, is missing, or must not be destroyed; all such findings at once.
        """
        subjects = self.subjects()
        changes: list[Change] = []
        faults: list[Diagnostic] = []
        released = self._released(snapshot)
        for address in self._addresses:
            try:
                change = change_of(self._case(address, snapshot, released))
                changes.append(self._ordered(change, subjects, snapshot))
            except Problem as problem:
                faults += problem.diagnostics
        if faults:
            raise Problem(*faults)
        setting, identity = self._setting, self._setting.identity
        plan = Plan(
            stack=self._base.stack,
            operation=setting.operation,
            run=setting.run,
            lineage=self._base.lineage,
            serial=self._base.serial,
            account_id=identity.account_id,
            partition=identity.partition,
            region=identity.region,
            tool_version=setting.tool_version,
            changes=tuple(changes),
            refreshed=setting.refresh,
            targets=tuple(sorted(map(str, setting.targets))),
            renamed={str(source): str(target) for source, target in sorted(self._renamed.items())},
            claims=self._claims_of_all.all,
        )
        return replace(plan, findings=findings_of(plan, self._state, self._kinds))

    def _released(self, snapshot: Snapshot) -> Mapping[str, int]:
        """How many holders of each managed policy (by ARN) let go of it in this plan."""
        kept = {
            hold
            for address, attrs in self._wanted.attributes.items()
            for hold in self._kinds(address.kind, attrs).holds(attrs)
        }
        held: set[Hold] = set()
        for address in self._addresses:
            current = self._current(address, snapshot)
            if current is not None and not {address, address.base} & self._wanted.removed:
                held.update(self._kinds(address.kind, current).holds(current))
        return Counter(hold.arn for hold in held - kept)

    def _current(self, address: Address, snapshot: Snapshot) -> Attrs | None:
        """The live attributes of what the state has, or what stands for them."""
        record = self._state.resources.get(address)
        if record is None:
            return snapshot.get((address, CURRENT))
        if (address, CURRENT) not in snapshot:
            return self._unread(record)
        return _with_untold(snapshot[address, CURRENT], record)

    def _case(self, address: Address, snapshot: Snapshot, released: Mapping[str, int]) -> Case:
        want, record = self._wanted.attributes.get(address), self._state.resources.get(address)
        current = self._current(address, snapshot)
        moved = self._moved_from.get(address)
        return Case(
            address=address,
            wanted=want,
            record=record,
            current=current,
            successor=snapshot.get((address, SUCCESSOR)),
            moved_from=moved,
            forced=frozenset() if want is None or record is None else self._forced(want, record),
            lifecycle=self._lifecycle(address),
            importing=address in self._wanted.imports,
            along=address in self._wanted.along,
            forget=bool({address, address.base} & self._wanted.removed),
            dependencies=tuple(sorted(self._wanted.dependencies.get(address, ()))),
            context=Context(
                self._setting.identity,
                self._base.stack,
                address,
                self._setting.run,
                self._desired_claims,
                released,
                self._policies,
            ),
            tool_version=self._setting.tool_version,
            kinds=self._kinds,
        )

    def _unread(self, record: StateRecord) -> Attrs | None:
        """What stands for the live attributes of what isn't read: the state's memory of them."""
        return {**record.observed, PRIOR: record.prior}

    def _forced(self, want: Attrs, record: StateRecord) -> frozenset[str]:
        """The attributes that AWS can't change in place and that the stack file changed."""
        shape = self._kinds(record.kind, want).shape
        return differing(
            shape,
            {name: want[name] for name in shape.replace if name in want},
            record.desired,
        )

    def _lifecycle(self, address: Address) -> Lifecycle:
        return self._wanted.lifecycles.get(address, Lifecycle())

    def _claims(self, attributes: Mapping[Address, Attrs]) -> Claims:
        return Claims(
            claim
            for address, attrs in attributes.items()
            for claim in self._kinds(address.kind, attrs).claims(attrs)
        )

    def _all_dependencies(self) -> dict[Address, frozenset[Address]]:
        """What each resource needs, by the stack file and by the state together."""
        found = {
            address: frozenset(record.dependencies) & self._state.resources.keys()
            for address, record in self._state.resources.items()
        }
        for address, needed in self._wanted.dependencies.items():
            found[address] = found.get(address, frozenset()) | needed
        return found

    def _selected(self) -> list[Address]:
        everything = self._wanted.attributes.keys() | self._state.resources.keys()
        if not self._setting.targets:
            return sorted(everything)
        graph = Graph({address: self._dependencies.get(address, ()) for address in everything})
        known = everything | {address.base for address in everything}
        unknown = self._setting.targets - known
        chosen = {
            address
            for address in everything
            if address in self._setting.targets or address.base in self._setting.targets
        }
        if unknown:
            raise Problem(
                *(
                    Diagnostic(
                        "unknown-target",
                        f"{target} is neither in the stack file nor in the state",
                        hint="`rolewright state list` and `rolewright graph` show the addresses",
                    )
                    for target in sorted(unknown)
                )
            )
        leaving = {address for address in chosen if address not in self._wanted.attributes}
        closure = graph.with_needs(chosen - leaving) | graph.with_dependents(leaving)
        return sorted(closure & everything)

    def _ordered(
        self, change: Change, subjects: Mapping[SubjectKey, Subject], snapshot: Snapshot
    ) -> Change:
        """The change with what must come before each of its phases, and with what was read for it."""
        needs = self._wanted.dependencies.get(change.address, frozenset[Address]())
        frees = self._dependents.get(change.address, frozenset[Address]())
        reads = tuple(
            Reading(subjects[key][1], snapshot[key])
            for key in ((change.address, CURRENT), (change.address, SUCCESSOR))
            if key in snapshot
        )
        return replace(change, needs=tuple(sorted(needs)), frees=tuple(sorted(frees)), reads=reads)


def _inverted(
    dependencies: Mapping[Address, frozenset[Address]],
) -> dict[Address, frozenset[Address]]:
    found: dict[Address, set[Address]] = {}
    for address, needed in dependencies.items():
        for other in needed:
            found.setdefault(other, set()).add(address)
    return {address: frozenset(others) for address, others in found.items()}


def _with_untold(current: Attrs | None, record: StateRecord) -> Attrs | None:
    """What was observed, completed from the state's memory where the read did not tell."""
    if current is None:
        return None
    return {
        **{name: value for name, value in record.observed.items() if name in record.desired},
        **current,
    }


def _renames(wanted: Wanted, state: State, kinds: KindLookup) -> dict[Address, Address]:
    """The addresses of the state that go by another one now: by `moved`, or since they are the same AWS object."""
    leaving = {
        address
        for address in state.resources.keys() - wanted.attributes.keys()
        if not {address, address.base} & wanted.removed
    }
    coming = wanted.attributes.keys() - state.resources.keys()
    found = {
        source: target
        for source, target in _instances(wanted.moved, leaving).items()
        if source in leaving and target in coming
    }
    owners = {
        _identity(address, record.desired, kinds): address
        for address, record in state.resources.items()
        if address in leaving and address not in found
    }
    for target in sorted(coming - set(found.values())):
        source = owners.get(_identity(target, wanted.attributes[target], kinds))
        if source is not None and source.kind == target.kind:
            found[source] = target
            owners = {name: address for name, address in owners.items() if address != source}
    return found


def _instances(
    moved: Mapping[Address, Address], leaving: Iterable[Address]
) -> dict[Address, Address]:
    """The moves, with one for each instance of a block that moves as a whole."""
    found = dict(moved)
    for address in leaving:
        if address.key is not None and address.base in moved:
            target = moved[address.base]
            found.setdefault(address, Address(target.kind, target.name, address.key))
    return found


def _identity(address: Address, attrs: Attrs, kinds: KindLookup) -> tuple[str, ...]:
    return kinds(address.kind, attrs).identities(attrs)


def _apply_renames(state: State, renamed: Mapping[Address, Address]) -> State:
    for source, target in renamed.items():
        state = state.moved(source, target)
    return state
