"""The verbs in order: what plan and apply do, from the state on disk to the state on disk.

Everything of the outside world is handed in: AWS, the state's folder, the clock, ids, and who watches.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from ..resources.address import Address
from ..resources.diagnostics import Problem
from ..resources.kind import KindLookup
from ..state.clock import Clock
from ..state.document import State
from ..state.entries import RunResumed, RunStarted
from ..state.journal import Journal
from ..state.store import StateStore
from .access_changes import AccessChanges
from .access_sides import concerns_access
from .apply import Executor, Progress
from .calling import Aws, Run
from .confirm import Confirmer
from .ending import Ending, failures
from .events import RunStarted as RunAnnounced
from .events import Sink
from .fitting import check_recoverable, check_world
from .near import with_near_names
from .observe import observe
from .outcome import ApplyOutcome, Status
from .plan import Action, Plan
from .planfile import digest, encode_plan
from .planner import Planner, Setting, Wanted
from .preflight import irreversible
from .recovery import Direction, Interrupted

if TYPE_CHECKING:
    from ..resources.policy.catalogue import Catalogue


class OnFailure(StrEnum):
    """What happens to what was done when a call fails."""

    ROLLBACK = "rollback"
    KEEP = "keep"


class OnInterrupt(StrEnum):
    """What a person wants of a run that they interrupted."""

    ROLLBACK = "rollback"
    KEEP = "keep"
    CONTINUE = "continue"


def _bundled() -> Catalogue:
    from ..resources.policy.catalogue import Catalogue

    return Catalogue.bundled()


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
    catalogue: Callable[[], Catalogue] = _bundled  # loaded only where access changes

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
        state = self.state()
        planner = Planner(wanted, state, setting, self.kinds)
        taken_over = (wanted.imports | wanted.along) - state.resources.keys()
        snapshot = observe(self.aws, planner.subjects(), planner.claims, self.kinds, taken_over)
        try:
            plan = planner.plan(snapshot)
        except Problem as problem:
            raise self._with_better_hints(problem, wanted) from problem
        return replace(
            plan,
            findings=(*plan.findings, *irreversible(self.aws, plan)),
            access=self._access(plan, state),
        )

    def _with_better_hints(self, problem: Problem, wanted: Wanted) -> Problem:
        """What stands in a plan's way, with what a plan can't know: near names, and what a killed run made."""
        found = with_near_names(problem, self.aws, wanted.attributes)
        if self.journal.open_run() is None:
            return found
        hint = "`rolewright recover` first: the run that did not come to its end may have made it"
        return Problem(
            *(replace(one, hint=hint) if one.code == "exists" else one for one in found.diagnostics)
        )

    def _access(self, plan: Plan, state: State) -> AccessChanges:
        """What roles gain and lose by a plan that was made for a state."""
        if not concerns_access(plan):
            return AccessChanges()
        # Loading what compares policies takes longer than many a plan.
        from .access import access_changes
        from .role_policies import read_documents

        recorded = {address: record.observed for address, record in state.resources.items()}
        return access_changes(plan, recorded, partial(read_documents, self.aws), self.catalogue)

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
        check_world(plan, self.confirmer, self.kinds)

    def apply(
        self,
        plan: Plan,
        *,
        on_failure: OnFailure = OnFailure.ROLLBACK,
        on_interrupt: Callable[[], OnInterrupt] | None = None,
    ) -> ApplyOutcome:
        """Carry out a plan. The caller holds the lock.

        Raises:
            Problem: the plan no longer fits, or the state's folder can't be written; nothing was changed.
        """
        base = self.check_fits(plan)
        begun = self.clock.monotonic()
        if not plan.actions:
            return ApplyOutcome(Status.NO_CHANGES, plan, serial=base.serial)
        # What the plan says of access is for people, long, and of no use to a recovery.
        content = encode_plan(replace(plan, access=None))
        self.store.preflight(4 * len(str(content)))
        run = Run(plan.run, self.aws, self.clock, self.journal.append, self.sink)
        self.journal.begin(self.started(plan, content, run.now()))
        start = _with_dependencies(_renamed(base, plan), plan).advanced()
        progress = Progress(start, self.store, run)
        keep_going = on_failure is OnFailure.KEEP
        executor = Executor(
            plan, run, progress, parallelism=self.parallelism, keep_going=keep_going
        )
        ending = Ending(plan, base, run, progress, self.journal, self.confirmer)
        self._run(executor)
        outcome = self._end(ending, executor, on_failure, on_interrupt)
        return replace(outcome, seconds=self.clock.monotonic() - begun)

    def recover(
        self,
        direction: Direction,
        *,
        on_interrupt: Callable[[], OnInterrupt] | None = None,
    ) -> ApplyOutcome:
        """Finish the open run, or undo it. The caller holds the lock.

        Raises:
            Problem: there is none, it is another account's or stack's, or it can no longer go forward.
        """
        begun = self.clock.monotonic()
        open_run = self.journal.open_run()
        if open_run is None:
            raise Problem.of(
                "nothing-to-recover", "the last run came to its end: nothing is left to recover"
            )
        found = Interrupted.of(open_run)
        check_recoverable(found, direction, self.stack, self.aws.identity.account_id)
        present = self.store.load()
        state = open_run.state(present)
        serial = open_run.started.base_serial
        earlier = self.store.load_serial(serial) if serial else None
        self.store.preflight()
        run = Run(
            found.plan.run,
            self.aws,
            self.clock,
            self.journal.append,
            self.sink,
            first_seq=open_run.next_seq,
        )
        self.journal.resume(self._resumed(run, direction))
        done = found.done(run, direction)
        if direction is Direction.BACK and done.committed:
            raise Problem.of(
                "no-way-back",
                "the run has made calls that nothing can undo, and can't go back any more",
                hint="rolewright recover --forward",
            )
        if state.serial == serial:
            state = _with_dependencies(_renamed(state, found.plan), found.plan).advanced()
        progress = Progress(state, self.store, run)
        ending = Ending(
            found.plan, found.base(present, earlier), run, progress, self.journal, self.confirmer
        )
        if direction is Direction.BACK:
            outcome = ending.rolled_back(done.made, (), interrupted=False, before=found.undone)
        else:
            executor = Executor(
                found.plan,
                run,
                progress,
                parallelism=self.parallelism,
                keep_going=False,
                done=done,
            )
            self._run(executor)
            outcome = self._end(ending, executor, OnFailure.ROLLBACK, on_interrupt)
        return replace(outcome, seconds=self.clock.monotonic() - begun)

    def _resumed(self, run: Run, direction: Direction) -> RunResumed:
        return RunResumed(
            run.id, direction, run.now(), os.getpid(), platform.node(), self.tool_version
        )

    def _run(self, executor: Executor) -> None:
        self._executor = executor
        self.sink(RunAnnounced(executor.run.id, executor.steps))
        executor.execute()
        self._executor = None

    def _end(
        self,
        ending: Ending,
        executor: Executor,
        on_failure: OnFailure,
        on_interrupt: Callable[[], OnInterrupt] | None,
    ) -> ApplyOutcome:
        """End a run as it went, and as is asked for where it went wrong."""
        work = executor.work
        choice = OnInterrupt(on_failure)
        while executor.interrupted and on_interrupt is not None:
            choice = on_interrupt()
            if choice is not OnInterrupt.CONTINUE:
                break
            executor.stopping.clear()
            self._run(executor)
        if executor.complete:
            return ending.applied()
        if executor.interrupted:
            on_failure = OnFailure(choice)
        if executor.committed and on_failure is OnFailure.ROLLBACK:
            return ending.unfinished(work, executor.retiring)
        if on_failure is OnFailure.KEEP:
            return ending.kept(work, interrupted=executor.interrupted)
        return ending.rolled_back(work.made, failures(work), interrupted=executor.interrupted)

    def interrupt(self) -> None:
        """Start no further call; those in flight end and are recorded. For signal handlers."""
        if self._executor is not None:
            self._executor.stopping.set()

    def started(self, plan: Plan, content: Mapping[str, object], at: str) -> RunStarted:
        """The first entry of a run's journal; `content` is the encoded plan."""
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


def _renamed(state: State, plan: Plan) -> State:
    for source, target in plan.renamed.items():
        if Address.parse(source) in state.resources:
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
