"""After the calls: what they touched is read once more, since only live AWS says what is so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.kind import LAST, PRIOR, Claims, KindLookup
from ..resources.ports import AwsReader
from ..state.clock import Clock
from ..state.document import State
from .diff import differing
from .events import Notice, Sink, Verifying
from .observe import Subject, observe, wants_of
from .outcome import FailedCall
from .plan import Action, Change, Plan
from .remembering import remembered

K = TypeVar("K")
SETTLE_SECONDS = 60.0
SETTLE_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Confirmer:
    """Reads again what a plan touches."""

    aws: AwsReader
    kinds: KindLookup
    clock: Clock
    sink: Sink

    def read(self, subjects: Mapping[K, Subject], claims: Claims) -> dict[K, Attrs | None]:
        """What the subjects are now, whatever was read before.

        Raises:
            Problem: AWS refused a read.
        """
        self.aws.fresh(wants_of(subjects.values(), self.kinds))
        return observe(self.aws, subjects, claims, self.kinds)

    def confirmed(self, plan: Plan, state: State) -> tuple[State, tuple[FailedCall, ...]]:
        """The state with everything touched as it is read now, and what is not as the plan wanted it.

        A read may lag behind a write for some seconds, so what differs is read again until it doesn't.
        """
        pending = {change.address: change for change in plan.actions if self._is_live(change)}
        self.sink(Verifying(len(pending)))
        waited = 0.0
        while True:
            found = self.read(_subjects(pending.values()), Claims(plan.claims))
            for address, change in list(pending.items()):
                if self._as_wanted(change, found[address]):
                    del pending[address]
                    state = self._with_observed(state, change, found[address])
            if not pending or waited >= SETTLE_SECONDS:
                amiss = (self._amiss(change, found[address]) for address, change in pending.items())
                return state, tuple(amiss)
            self.sink(Notice(f"waiting for AWS to show what was changed ({len(pending)} left)"))
            self.clock.sleep(SETTLE_STEP)
            waited += SETTLE_STEP

    def with_halves(self, plan: Plan, state: State, touched: set[Address]) -> State:
        """The state with what exists of changes that create and did not come to their end."""
        halves = {
            change.address: change
            for change in plan.changes
            if change.address in touched
            and change.action is Action.CREATE
            and state.resources.get(change.address) is not change.record
        }
        found = self.read(_subjects(halves.values()), Claims(plan.claims))
        for address, change in halves.items():
            observed, record = found[address], change.record
            if record is None:
                continue
            kind, live = self.kinds(change.kind, record.desired), observed or {}
            if not kind.present(observed):
                continue
            desired = {name: live.get(name, value) for name, value in record.desired.items()}
            seen = remembered(kind.shape, live, desired)
            state = state.with_record(address, replace(record, desired=desired, observed=seen))
        return state

    def _is_live(self, change: Change) -> bool:
        if change.action in (Action.FORGET, Action.MOVE):
            return False
        return self.kinds(change.kind, _attributes(change)).live

    def _as_wanted(self, change: Change, observed: Attrs | None) -> bool:
        kind = self.kinds(change.kind, _attributes(change))
        if change.record is None:
            return not kind.conflict(_attributes(change), observed)
        return kind.present(observed) and not differing(
            kind.shape, change.record.desired, observed or {}
        )

    def _amiss(self, change: Change, observed: Attrs | None) -> FailedCall:
        if change.record is None:
            what = "it was deleted, and AWS still shows it"
        elif observed is None:
            what = "every call succeeded, but it is not there"
        else:
            shape = self.kinds(change.kind, change.record.desired).shape
            names = sorted(differing(shape, change.record.desired, observed))
            what = f"every call succeeded, but live AWS differs in {', '.join(names)}"
        return FailedCall(str(change.address), "", "NotAsPlanned", what)

    def _with_observed(self, state: State, change: Change, observed: Attrs | None) -> State:
        record = change.record
        if record is None:
            return state
        shape = self.kinds(change.kind, record.desired).shape
        seen = remembered(shape, observed, record.desired, record.observed)
        return state.with_record(change.address, replace(record, observed=seen))


def _attributes(change: Change) -> Attrs:
    """The attributes that name what a change leaves or takes away."""
    if change.record is not None:
        return change.record.desired
    return change.reads[0].subject if change.reads else change.before or {}


def _subjects(changes: Iterable[Change]) -> dict[Address, Subject]:
    return {change.address: (change.address, _subject(change)) for change in changes}


def _subject(change: Change) -> Attrs:
    record = change.record
    extra = {} if record is None else {PRIOR: record.prior, LAST: record.observed}
    return {**_attributes(change), **extra}
