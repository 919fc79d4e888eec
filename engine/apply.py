"""Carrying out a plan: every change's calls in the order of the graph, deletes last, undone when one fails.

One loop over ready steps. It knows no service and no kind; what it needs of the world is handed to it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from ..resources.address import Address
from ..resources.calls import Call, Phase
from ..resources.diagnostics import Problem
from ..state.document import State, StateRecord
from ..state.entries import StepDone as StepRecorded
from ..state.store import StateStore
from .calling import CallRefused, Made, Place, Run, perform
from .events import StepDone, StepFailed, StepStarted
from .outcome import FailedCall
from .placeholders import paths_used
from .plan import Action, Change, Plan

Graph = Mapping[Address, Iterable[Address]]
Step = tuple[Address, Phase]
SAVE_SHARE = 20
"""Saving the state takes at most one part in this many of a run's time."""


def leftover(address: Address) -> Address:
    """The address under which the state holds a replaced object until it is deleted."""
    return Address(address.kind, f"{address.name}~old", address.key)


def _records_after(
    change: Change, phase: Phase, state: State
) -> Iterable[tuple[Address, StateRecord | None]]:
    """What the state says after a step, so that it knows of every object at every instant."""
    if change.action is Action.REPLACE and change.last_phase is not Phase.MAKE:
        if phase is Phase.MAKE:
            yield leftover(change.address), state.resources.get(change.address)
            yield change.address, change.record
        elif phase is change.last_phase:
            yield leftover(change.address), None
    elif phase is change.last_phase:
        yield change.address, change.record


class Progress:
    """The state while a run goes on, saved after every step that a save doesn't hold up.

    A save takes as long as the state is large, so that one after each of thousands of steps would cost more than the
    calls themselves; the journal has every step at once, and what is on the disk is never older than it tells.
    """

    def __init__(self, state: State, store: StateStore, run: Run) -> None:
        self.state = state
        self._store = store
        self.run = run
        self._mutex = threading.Lock()
        self._saved_at = float("-inf")
        self._save_took = 0.0

    def step(self, change: Change, phase: Phase) -> None:
        """Record a step that happened in full."""
        with self._mutex:
            for address, record in _records_after(change, phase, self.state):
                self.run.record(
                    StepRecorded(
                        self.run.id,
                        f"{change.address}:{phase}",
                        address,
                        record,
                        self.run.now(),
                        change.moved_from,
                    )
                )
                self.state = self.state.with_record(address, record)
            if self.run.clock.monotonic() - self._saved_at >= SAVE_SHARE * self._save_took:
                self._save()

    def finish(self, state: State) -> None:
        """Save the last state of the run."""
        with self._mutex:
            self.state = state
            self._save()

    def _save(self) -> None:
        begun = self.run.clock.monotonic()
        self._store.save(self.state)
        self._saved_at = self.run.clock.monotonic()
        self._save_took = self._saved_at - begun


@dataclass
class Work:
    """What a run has done so far: the calls that took effect, in order, and the failures."""

    made: list[Made] = field(default_factory=list[Made])
    failed: list[FailedCall] = field(default_factory=list[FailedCall])
    problems: list[Problem] = field(default_factory=list[Problem])
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def add(self, made: Made) -> None:
        with self._mutex:
            self.made.append(made)

    def fail(self, failure: FailedCall) -> None:
        with self._mutex:
            self.failed.append(failure)


@dataclass
class Done:
    """How far a run has come: its steps and calls that are done, and the answers that later calls refer to."""

    steps: set[Step] = field(default_factory=set[Step])
    calls: set[Place] = field(default_factory=set[Place])
    outputs: dict[Address, dict[str, Mapping[str, object]]] = field(
        default_factory=dict[Address, dict[str, Mapping[str, object]]]
    )
    made: list[Made] = field(default_factory=list[Made])

    @property
    def committed(self) -> bool:
        """Whether a call took effect that nothing can undo."""
        return any(made.phase is Phase.RETIRE for made in self.made)


class Executor:
    """Runs the steps of a plan; called again after a stop, it goes on where it was."""

    def __init__(
        self,
        plan: Plan,
        run: Run,
        progress: Progress,
        *,
        parallelism: int,
        keep_going: bool,
        done: Done | None = None,
    ) -> None:
        """`keep_going` lets branches that don't depend on a failed one go on."""
        self._done = done or Done()
        self.work = Work(made=self._done.made)
        self.stopping = threading.Event()
        self._plan = plan
        self.run = run
        self._progress = progress
        self._parallelism = parallelism
        self._keep_going = keep_going
        self._changes = {change.address: change for change in plan.changes}

    @property
    def complete(self) -> bool:
        """Whether everything was done that has been asked for so far."""
        return not self.work.failed and not self.work.problems and not self.stopping.is_set()

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before its end although nothing had gone wrong."""
        wrong = bool(self.work.failed) or bool(self.work.problems)
        return self.stopping.is_set() and not wrong

    @property
    def committed(self) -> bool:
        """Whether a call took effect that nothing can undo: from there on the run only goes forward."""
        return self._done.committed

    @property
    def retiring(self) -> tuple[Call, ...]:
        """The calls of the last phase that have not been made."""
        return tuple(
            call
            for address, change in self._changes.items()
            for index, call in enumerate(change.retire)
            if Place(address, Phase.RETIRE, index) not in self._done.calls
        )

    @property
    def steps(self) -> int:
        """How many steps there are to make."""
        return sum(self._has_work(address, phase) for address in self._changes for phase in Phase)

    def execute(self) -> None:
        """Make, then, if all went well, remove, and then retire, one after the other."""
        needs: Graph = {address: change.needs for address, change in self._changes.items()}
        frees: Graph = {address: change.frees for address, change in self._changes.items()}
        self._phase(Phase.MAKE, needs, self._parallelism)
        if self.complete:
            self._phase(Phase.REMOVE, frees, self._parallelism)
        if self.complete:
            self._phase(Phase.RETIRE, frees, 1)

    def _phase(self, phase: Phase, graph: Graph, parallelism: int) -> None:
        """Run one phase's steps, each as soon as those before it are done."""
        order = TopologicalSorter(
            {
                address: [other for other in before if other in self._changes]
                for address, before in graph.items()
            }
        )
        order.prepare()
        running: dict[Future[bool], Address] = {}
        with ThreadPoolExecutor(parallelism, thread_name_prefix="apply") as pool:
            while order.is_active() and not self._halted:
                ready = sorted(order.get_ready())
                for address in ready:
                    if self._has_work(address, phase):
                        running[pool.submit(self._step, self._changes[address], phase)] = address
                    else:
                        order.done(address)
                if running:
                    _collect(running, order)
                elif not ready:
                    break
            pool.shutdown(wait=True, cancel_futures=True)

    @property
    def _halted(self) -> bool:
        return (
            self.stopping.is_set()
            or bool(self.work.problems)
            or (bool(self.work.failed) and not self._keep_going)
        )

    def _has_work(self, address: Address, phase: Phase) -> bool:
        change = self._changes[address]
        if change.action is Action.NO_OP or (address, phase) in self._done.steps:
            return False
        return bool(change.calls_of(phase)) or phase is change.last_phase

    def _step(self, change: Change, phase: Phase) -> bool:
        """Make the calls of one phase of a change; whether all took effect."""
        if self._halted:
            return False
        begun = self.run.clock.monotonic()
        self.run.sink(StepStarted(change.address, change.action, phase))
        try:
            for index, call in enumerate(change.calls_of(phase)):
                place = Place(change.address, phase, index)
                if place in self._done.calls:
                    continue
                if self._halted:
                    return False
                self._call(change, call, place)
            self._progress.step(change, phase)
            self._done.steps.add((change.address, phase))
        except CallRefused as refused:
            self._refused(change, refused)
            return False
        except Problem as problem:
            self.work.problems.append(problem)
            return False
        self.run.sink(
            StepDone(change.address, change.action, phase, self.run.clock.monotonic() - begun)
        )
        return True

    def _call(self, change: Change, call: Call, place: Place) -> None:
        outputs = self._done.outputs.setdefault(change.address, {})
        paths = paths_used(change.calls).get(call.label, ()) if call.label else ()
        made, found = perform(self.run, call, place, outputs, paths)
        self.work.add(made)
        self._done.calls.add(place)
        if call.label:
            outputs[call.label] = found

    def _refused(self, change: Change, refused: CallRefused) -> None:
        if refused.made is not None:
            self.work.add(refused.made)
        self.work.fail(
            FailedCall(str(change.address), str(refused.call), refused.code, refused.message)
        )
        self.run.sink(StepFailed(change.address, str(refused.call), refused.code, refused.message))


def _collect(running: dict[Future[bool], Address], order: TopologicalSorter[Address]) -> None:
    """Wait until a step ends, and free what waited for it if it went well."""
    ended, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in ended:
        address = running.pop(future)
        if future.result():
            order.done(address)
