"""Things made for the time of a probe: journalled before they are made, and removed whatever happens.

It is a run like any other, with an operation of its own: calls with their undo in the journal, and
a rollback at its end. A process that is killed in between leaves an open journal, from which
`rolewright recover` removes what was made. There is no way forward from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...resources.address import Address
from ...resources.calls import Call, Phase
from ...state.entries import Outcome, RunEnded
from ..calling import CallRefused, Made, Place, Run, perform
from ..events import CallUndone, Event, RollbackStarted, Sink
from ..placeholders import Outputs
from ..plan import PROBE, Action, Change, Plan
from ..planfile import encode_plan
from ..rollback import roll_back
from ..session import Session
from .carriers import CannotCarryError

T = TypeVar("T")


@dataclass
class _Making:
    """One run: what it has made so far, and the answers that later calls refer to."""

    run: Run
    address: Address
    made: list[Made] = field(default_factory=list[Made])
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def make(self, calls: Sequence[Call], paths: Mapping[str, Sequence[str]]) -> None:
        for index, call in enumerate(calls):
            place = Place(self.address, Phase.MAKE, index)
            try:
                one, found = perform(self.run, call, place, self.outputs, paths.get(call.label, ()))
            except CallRefused as refused:
                if refused.made is not None:
                    self.made.append(refused.made)
                raise CannotCarryError(
                    f"{refused.call} failed: {refused.code}: {refused.message}"
                ) from refused
            self.made.append(one)
            if call.label:
                self.outputs[call.label] = found


def with_temporary(
    session: Session,
    address: Address,
    calls: Callable[[str], Sequence[Call]],
    use: Callable[[str, Outputs], T],
    paths: Mapping[str, Sequence[str]] | None = None,
) -> tuple[T, tuple[str, ...]]:
    """Make things, use them, and remove them; what `use` returned, and commands for what is left.

    `calls` and `use` are told the run's id, for names that nobody else has; `use` also the values
    at `paths` of the answers. The caller holds the state's lock. On an exception, what was made is
    removed before it goes on.

    Raises:
        CannotCarryError: a call was refused, or `use` raised it; with what is left.
        Problem: the journal can't be written, or an earlier run is open.
    """
    run_id = session.new_id()
    plan = _plan(session, address, run_id, tuple(calls(run_id)))
    run = Run(run_id, session.aws, session.clock, session.journal.append, _quiet(session.sink))
    session.store.preflight()
    session.journal.begin(session.started(plan, encode_plan(plan), run.now()))
    making = _Making(run, address)
    try:
        making.make(plan.changes[0].make, paths or {})
        found = use(run_id, making.outputs)
    except CannotCarryError as error:
        raise CannotCarryError(str(error), _remove(session, making)) from error
    except BaseException:
        _remove(session, making)
        raise
    return found, _remove(session, making)


def _quiet(sink: Sink) -> Sink:
    """Whoever watches is told of no rollback, since nothing has failed: only of what can't be removed."""

    def tell(event: Event) -> None:
        if not isinstance(event, RollbackStarted | CallUndone):
            sink(event)

    return tell


def _plan(session: Session, address: Address, run_id: str, calls: tuple[Call, ...]) -> Plan:
    """What the journal needs of the run, for `recover`."""
    state, identity = session.state(), session.aws.identity
    change = Change(address, address.kind, Action.CREATE, "for the time of a probe", make=calls)
    return Plan(
        stack=session.stack,
        operation=PROBE,
        run=run_id,
        lineage=state.lineage,
        serial=state.serial,
        account_id=identity.account_id,
        partition=identity.partition,
        region=identity.region,
        tool_version=session.tool_version,
        changes=(change,),
    )


def _remove(session: Session, making: _Making) -> tuple[str, ...]:
    """Undo what was made, and close the journal unless something is left."""
    run = making.run
    run.forgiving = True
    left = roll_back(run, making.made).left
    run.forgiving = False
    outcome = Outcome.ROLLBACK_INCOMPLETE if left else Outcome.ROLLED_BACK
    session.journal.end(RunEnded(run.id, outcome, left, run.now()))
    return left
