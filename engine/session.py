"""The verbs in order: what plan and apply do, from the state on disk to the state on disk.

Everything of the outside world is handed in: AWS, the state's folder, the clock, ids, and who watches.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ..resources.address import Address
from ..resources.diagnostics import Diagnostic, Problem
from ..resources.kind import Claims, KindLookup
from ..state.clock import Clock
from ..state.document import State
from ..state.entries import RunStarted
from ..state.journal import Journal
from ..state.store import StateStore
from .apply import Executor, Progress
from .calling import Aws, Run
from .confirm import Confirmer
from .ending import Ending, failures
from .events import RunStarted as RunAnnounced
from .events import Sink
from .observe import Subject, observe
from .outcome import ApplyOutcome, Status
from .plan import Action, Plan
from .planfile import digest, encode_plan
from .planner import Planner, Setting, Wanted


class OnFailure(StrEnum):
    """What happens to what was done when a call fails."""

    ROLLBACK = "rollback"
    KEEP = "keep"


@dataclass
class Session:
    """One stack's state, one AWS account, and the means to bring them together."""

    stack: str
    aws: Aws
    store: StateStore
    journal: Journal
    clock: Clock
    sink: Sink
    kinds: KindLookup
    new_id: Callable[[], str]
    tool_version: str
    parallelism: int = 10

    def __post_init__(self) -> None:
        self._executor: Executor | None = None

    @property
    def confirmer(self) -> Confirmer:
        """Reads again what was touched."""
        return Confirmer(self.aws, self.kinds, self.clock, self.sink)

    def state(self) -> State:
        """The recorded state; an empty one before the first apply.

        Raises:
            Problem: it can't be read, or is another stack's or account's.
        """
        identity = self.aws.identity
        found = self.store.load()
        if found is None:
            return State.empty(self.stack, identity.account_id, identity.region, self.new_id())
        if found.stack != self.stack:
            raise Problem.of(
                "state-other-stack",
                f'the state is of stack "{found.stack}", not of "{self.stack}"',
                hint="name this stack's own state with --state",
            )
        if found.account_id != identity.account_id:
            raise Problem.of(
                "state-other-account",
                f"the state is of account {found.account_id}, and these credentials are of "
                f"{identity.account_id}",
                hint="use credentials of that account, or another --state",
            )
        return found

    def plan(
        self,
        wanted: Wanted,
        operation: str,
        *,
        refresh: bool = True,
        targets: frozenset[Address] = frozenset(),
    ) -> Plan:
        """What an apply would do now.

        Raises:
            Problem: something stands in the way, or AWS refused a read.
        """
        setting = Setting(
            operation, self.aws.identity, self.new_id(), self.tool_version, refresh, targets
        )
        planner = Planner(wanted, self.state(), setting, self.kinds)
        return planner.plan(observe(self.aws, planner.subjects(), planner.claims, self.kinds))

    def check_fits(self, plan: Plan) -> State:
        """The state that a plan was made for.

        Raises:
            Problem: `plan-other-stack`, `plan-other-account`, `plan-stale`.
        """
        if plan.stack != self.stack:
            raise Problem.of(
                "plan-other-stack",
                f'the plan is for stack "{plan.stack}", not for "{self.stack}"',
                hint="apply it with that stack's -c, or plan again",
            )
        if plan.account_id != self.aws.identity.account_id:
            raise Problem.of(
                "plan-other-account",
                f"the plan is for account {plan.account_id}, and these credentials "
                f"are of {self.aws.identity.account_id}",
                hint="use credentials of that account",
            )
        state = self.state()
        fresh = state.serial == 0 and plan.serial == 0
        if not fresh and (state.lineage != plan.lineage or state.serial != plan.serial):
            raise Problem.of(
                "plan-stale",
                f"the state has moved on since the plan was made: it has serial "
                f"{state.serial}, and the plan is for {plan.serial}",
                hint="plan again",
            )
        return replace(state, lineage=plan.lineage) if fresh else state

    def check_world(self, plan: Plan) -> None:
        """Read all that the plan touches once more.

        Raises:
            Problem: `world-moved`, with each address that is not as the plan saw it.
        """
        readings = {
            (change.address, index): reading
            for change in plan.actions
            for index, reading in enumerate(change.reads)
        }
        subjects: dict[tuple[Address, int], Subject] = {
            key: (key[0], reading.subject) for key, reading in readings.items()
        }
        now = self.confirmer.read(subjects, Claims(plan.claims))
        moved = sorted(
            {key[0] for key, reading in readings.items() if now[key] != reading.observed}
        )
        if moved:
            raise Problem(
                *(
                    Diagnostic(
                        "world-moved",
                        f"{address} is no longer as the plan saw it",
                        "Somebody else changed it meanwhile. Nothing was done.",
                        "plan again",
                        address=str(address),
                    )
                    for address in moved
                )
            )

    def apply(
        self,
        plan: Plan,
        *,
        on_failure: OnFailure = OnFailure.ROLLBACK,
        on_interrupt: Callable[[], OnFailure] | None = None,
    ) -> ApplyOutcome:
        """Carry out a plan. The caller holds the lock.

        Raises:
            Problem: the plan no longer fits, or the state's folder can't be written; nothing was changed.
        """
        base = self.check_fits(plan)
        begun = self.clock.monotonic()
        if not plan.actions:
            return ApplyOutcome(Status.NO_CHANGES, plan, serial=base.serial)
        content = encode_plan(plan)
        self.store.preflight(4 * len(str(content)))
        run = Run(plan.run, self.aws, self.clock, self.journal.append, self.sink)
        self.journal.begin(self._started(plan, content, run.now()))
        start = _with_dependencies(_renamed(base, plan), plan).advanced()
        progress = Progress(start, self.store, run)
        keep_going = on_failure is OnFailure.KEEP
        executor = Executor(
            plan, run, progress, parallelism=self.parallelism, keep_going=keep_going
        )
        ending = Ending(plan, base, run, progress, self.journal, self.confirmer)
        self._run(executor)
        outcome = _end(ending, executor, on_failure, on_interrupt)
        return replace(outcome, seconds=self.clock.monotonic() - begun)

    def _run(self, executor: Executor) -> None:
        self._executor = executor
        self.sink(RunAnnounced(executor.run.id, executor.steps))
        executor.execute()
        self._executor = None

    def interrupt(self) -> None:
        """Start no further call; those in flight end and are recorded. For signal handlers."""
        if self._executor is not None:
            self._executor.stopping.set()

    def _started(self, plan: Plan, content: Mapping[str, object], at: str) -> RunStarted:
        return RunStarted(
            plan.run,
            plan.operation,
            plan.stack,
            plan.lineage,
            plan.serial,
            plan.account_id,
            plan.region,
            digest(content),
            at,
            os.getpid(),
            platform.node(),
            self.tool_version,
            content,
        )


def _end(
    ending: Ending,
    executor: Executor,
    on_failure: OnFailure,
    on_interrupt: Callable[[], OnFailure] | None,
) -> ApplyOutcome:
    """End a run as it went, and as is asked for where it went wrong."""
    work = executor.work
    if executor.complete:
        return ending.applied()
    interrupted = executor.stopping.is_set() and not work.failed and not work.problems
    choice = on_interrupt() if interrupted and on_interrupt is not None else on_failure
    if choice is OnFailure.KEEP:
        return ending.kept(work, interrupted=interrupted)
    return ending.rolled_back(work.made, failures(work), interrupted=interrupted)


def _renamed(state: State, plan: Plan) -> State:
    for source, target in plan.renamed.items():
        state = state.moved(Address.parse(source), Address.parse(target))
    return state


def _with_dependencies(state: State, plan: Plan) -> State:
    """The state with what unchanged resources need now, which is no change by itself but orders a later delete."""
    for change in plan.changes:
        record = state.resources.get(change.address)
        if change.action is Action.NO_OP and record is not None and change.record is not None:
            state = state.with_record(
                change.address, replace(record, dependencies=change.record.dependencies)
            )
    return state
