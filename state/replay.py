"""What a journal means: what became of each call, and the state that the run has led to.

Pure: entries in, conclusions out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from ..resources.calls import Attrs
from ..resources.diagnostics import Problem
from .document import State
from .entries import (
    CallDone,
    CallFailed,
    CallIntended,
    Entry,
    RunEnded,
    RunResumed,
    RunStarted,
    StepDone,
)
from .integrity import verify_owner


@dataclass(frozen=True, slots=True)
class DoneCall:
    """A call that took effect, and the places of those of its undo calls that did, too."""

    intended: CallIntended
    answer: Attrs
    undone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run as its journal tells it: at least its start, and the rest as far as it came.

    `torn` says that the last line was cut off. Such an entry was never confirmed to its writer, so
    that the call which it announced was not made.
    """

    entries: tuple[Entry, ...]
    torn: bool = False

    @property
    def started(self) -> RunStarted:
        first = self.entries[0]
        assert isinstance(first, RunStarted)  # noqa: S101 - `read` lets no other journal through
        return first

    @property
    def ended(self) -> RunEnded | None:
        """The end, unless the run goes on or was taken up again after it."""
        last = self.entries[-1]
        return last if isinstance(last, RunEnded) else None

    @property
    def settled(self) -> bool:
        """Whether the run ended with nothing left for `recover`."""
        return self.ended is not None and self.ended.outcome.settled

    @property
    def intended(self) -> tuple[CallIntended, ...]:
        """All calls that were announced, undo calls among them, in order."""
        calls = (entry for entry in self.entries if isinstance(entry, CallIntended))
        return tuple(sorted(calls, key=lambda call: call.seq))

    @property
    def in_doubt(self) -> tuple[CallIntended, ...]:
        """The calls of which only AWS knows whether they took effect: no answer came."""
        outcomes = self._outcomes()
        return tuple(call for call in self.intended if _doubtful(outcomes.get(call.seq)))

    @property
    def undo_done(self) -> tuple[DoneCall, ...]:
        """The undo calls that took effect, in order."""
        outcomes = self._outcomes()
        pairs = ((call, outcomes.get(call.seq)) for call in self.intended)
        return tuple(
            DoneCall(call, outcome.answer)
            for call, outcome in pairs
            if call.undo_of is not None and isinstance(outcome, CallDone)
        )

    @property
    def done(self) -> tuple[DoneCall, ...]:
        """The calls that took effect, in order, each with those of its undo calls that did, too."""
        outcomes = self._outcomes()
        undone: dict[int, set[int]] = {}
        done: list[tuple[CallIntended, CallDone]] = []
        for call in self.intended:
            match outcomes.get(call.seq):
                case CallDone() as outcome if call.undo_of is None:
                    done.append((call, outcome))
                case CallDone() if call.undo_of is not None:
                    undone.setdefault(call.undo_of, set()).add(call.index)
                case _:
                    pass
        return tuple(
            DoneCall(call, outcome.answer, frozenset(undone.get(call.seq, ())))
            for call, outcome in done
        )

    @property
    def failed(self) -> tuple[tuple[CallIntended, CallFailed], ...]:
        """The calls that certainly took no effect, undo calls among them, with AWS's refusal."""
        outcomes = self._outcomes()
        pairs = ((call, outcomes.get(call.seq)) for call in self.intended)
        return tuple(
            (call, outcome)
            for call, outcome in pairs
            if isinstance(outcome, CallFailed) and not outcome.uncertain
        )

    @property
    def steps_done(self) -> tuple[StepDone, ...]:
        """The steps that happened in full, in the order in which they did."""
        return tuple(entry for entry in self.entries if isinstance(entry, StepDone))

    @property
    def next_seq(self) -> int:
        """The number for the next call of this run."""
        return max((call.seq for call in self.intended), default=0) + 1

    def state(self, present: State | None) -> State:
        """The state that the run has led to, from the one on disk: `fold`, also for a first apply.

        Raises:
            Problem: as `fold`, and `journal-without-state`.
        """
        return fold(_base(self.started) if present is None else present, self.entries)

    def _outcomes(self) -> dict[int, CallDone | CallFailed]:
        # The last word counts: who looked at AWS after an uncertain failure writes what was found.
        return {
            entry.seq: entry for entry in self.entries if isinstance(entry, CallDone | CallFailed)
        }


def fold(base: State, entries: Iterable[Entry]) -> State:
    """The state after what these entries say was done, on top of the state that the run found.

    `base` may be a state that this run has saved already: folding twice is folding once. The first
    finished step advances the serial.

    Raises:
        Problem: the base is of another stack, account or lineage, or older than the run
            (`journal-other-state`).
    """
    state = base
    first = base.serial
    for entry in entries:
        match entry:
            case RunStarted():
                _check_base(base, entry)
                first = entry.base_serial
            case StepDone():
                state = _after(state.advanced() if state.serial == first else state, entry)
            case CallIntended() | CallDone() | CallFailed() | RunResumed() | RunEnded():
                pass
            case _:
                assert_never(entry)
    return state


def misplaced(entries: Sequence[Entry]) -> tuple[int, str] | None:
    """The first entry that can't stand where it does in one journal: its number from 1, and why."""
    calls: set[int] = set()
    for number, entry in enumerate(entries, 1):
        if (number == 1) != isinstance(entry, RunStarted):
            return number, "a journal begins with the start of a run, and has no other"
        if entry.run != entries[0].run:
            return number, f"it is of run {entry.run}, not of {entries[0].run}"
        if isinstance(entry, CallIntended):
            if entry.seq in calls:
                return number, f"call {entry.seq} is announced twice"
            calls.add(entry.seq)
        elif isinstance(entry, CallDone | CallFailed) and entry.seq not in calls:
            return number, f"call {entry.seq} was never announced"
    return None


def _doubtful(outcome: CallDone | CallFailed | None) -> bool:
    return outcome is None or (isinstance(outcome, CallFailed) and outcome.uncertain)


def _after(state: State, step: StepDone) -> State:
    moved = step.moved_from
    if moved is not None and moved in state.resources and step.address not in state.resources:
        state = state.moved(moved, step.address)
    return state.with_record(step.address, step.record)


def _base(started: RunStarted) -> State:
    if started.base_serial > 0:
        raise Problem.of(
            "journal-without-state",
            f"the journal continues serial {started.base_serial} of a state that is not there",
            detail="What the interrupted run found can't be told without it.",
            hint="put the state file back: the `history` folder beside it holds the earlier ones",
        )
    return State.empty(started.stack, started.account_id, started.region, started.lineage)


def _check_base(base: State, started: RunStarted) -> None:
    verify_owner(base, stack=started.stack, account_id=started.account_id)
    if base.lineage != started.lineage or base.serial < started.base_serial:
        raise Problem.of(
            "journal-other-state",
            "the journal of the interrupted run does not belong to this state",
            detail=(
                f"The run found serial {started.base_serial} of lineage {started.lineage}; the "
                f"state is at serial {base.serial} of lineage {base.lineage}."
            ),
            hint="put back the state file that the run worked on",
        )
