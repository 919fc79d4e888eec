"""How a run ends: confirmed, kept as far as it came, or rolled back, in state, journal and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..resources.calls import Call
from ..resources.diagnostics import Problem
from ..resources.ports import AwsError
from ..state.document import State
from ..state.entries import Outcome, RunEnded, StepDone
from ..state.journal import Journal
from .apply import Progress, Work
from .calling import Made, Run
from .confirm import Confirmer
from .outcome import ApplyOutcome, FailedCall, Status
from .plan import Plan
from .recreated import known_of, recreated
from .rollback import Undone, cli_command, roll_back


@dataclass(frozen=True, slots=True)
class Ending:
    """Brings one run to its end. `base` is the state before it."""

    plan: Plan
    base: State
    run: Run
    progress: Progress
    journal: Journal
    confirmer: Confirmer

    def applied(self) -> ApplyOutcome:
        """Every call took effect: what was touched is read once more."""
        try:
            state, amiss = self.confirmer.confirmed(self.plan, self.progress.state)
        except (Problem, AwsError) as error:
            state, amiss = self.progress.state, _unconfirmed(error)
        self._close(state, Outcome.APPLIED)
        return ApplyOutcome(Status.APPLIED, self.plan, failed=amiss, serial=state.serial)

    def kept(self, work: Work, *, interrupted: bool) -> ApplyOutcome:
        """What was done stays, and the state says so, also of changes that are half done."""
        touched = {made.address for made in work.made}
        state, unread = self.progress.state, ()
        try:
            state = self.confirmer.with_halves(self.plan, state, touched)
        except (Problem, AwsError) as error:
            unread = _unconfirmed(error)
        self._close(state, Outcome.INTERRUPTED if interrupted else Outcome.KEPT)
        return ApplyOutcome(
            Status.INTERRUPTED,
            self.plan,
            (*failures(work), *unread),
            serial=self.progress.state.serial,
        )

    def unfinished(self, work: Work, retiring: Sequence[Call]) -> ApplyOutcome:
        """What was done can't be taken back, so that the rest is left to `recover --forward`."""
        left = tuple(cli_command(call) for call in retiring)
        self.progress.finish(self.progress.state)
        self.journal.end(RunEnded(self.run.id, Outcome.ROLLBACK_INCOMPLETE, left, self.run.now()))
        serial = self.progress.state.serial
        return ApplyOutcome(
            Status.ROLLBACK_INCOMPLETE,
            self.plan,
            failures(work),
            left=left,
            serial=serial,
            committed=True,
        )

    def rolled_back(
        self,
        made: Sequence[Made],
        failed: tuple[FailedCall, ...],
        *,
        interrupted: bool,
        before: Sequence[Undone] = (),
    ) -> ApplyOutcome:
        """What was done is undone, the last call first; `before` was undone by an earlier process."""
        self.run.forgiving = True
        back = roll_back(self.run, made)
        self.run.forgiving = False
        kinds = self.confirmer.kinds
        known = known_of(self.plan, self.base, kinds)
        anew = recreated((*before, *back.undone), known, kinds)
        undone, left = back.addresses, back.left
        if left:
            self.progress.finish(self.progress.state)
            self.journal.end(
                RunEnded(self.run.id, Outcome.ROLLBACK_INCOMPLETE, left, self.run.now())
            )
            serial = self.progress.state.serial
            return ApplyOutcome(
                Status.ROLLBACK_INCOMPLETE,
                self.plan,
                failed,
                undone,
                left,
                serial,
                recreated=anew,
            )
        state = replace(self.base, serial=self.progress.state.serial)
        self._close(state, Outcome.INTERRUPTED if interrupted else Outcome.ROLLED_BACK)
        status = Status.INTERRUPTED if interrupted else Status.ROLLED_BACK
        return ApplyOutcome(status, self.plan, failed, undone, serial=state.serial, recreated=anew)

    def _close(self, state: State, outcome: Outcome) -> None:
        """Journal what the state is to say, save it, and end the run.

        In this order a crash at any point leaves a journal from which the same state follows.
        """
        present = self.progress.state.resources
        for address in sorted(present.keys() | state.resources.keys()):
            record = state.resources.get(address)
            if record is not present.get(address):
                self.run.record(
                    StepDone(self.run.id, f"{address}:end", address, record, self.run.now())
                )
        self.progress.finish(state)
        self.journal.end(RunEnded(self.run.id, outcome, (), self.run.now()))


def failures(work: Work) -> tuple[FailedCall, ...]:
    """The calls that failed, and what else stopped the run."""
    return (*work.failed, *(found for problem in work.problems for found in _as_failures(problem)))


def _unconfirmed(error: Problem | AwsError) -> tuple[FailedCall, ...]:
    """What was done could not be read once more: it stands in the state as the calls left it."""
    if isinstance(error, Problem):
        found = error.diagnostics[0]
        return (FailedCall(found.address or "", "", "NotConfirmed", found.summary),)
    operation = f"{error.service}:{error.operation}"
    return (FailedCall("", operation, "NotConfirmed", f"{error.code}: {error.message}"),)


def _as_failures(problem: Problem) -> tuple[FailedCall, ...]:
    return tuple(
        FailedCall(diagnostic.address or "", "", diagnostic.code, diagnostic.summary)
        for diagnostic in problem.diagnostics
    )
