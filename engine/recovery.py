"""Finishing or undoing a run that did not come to its end, from its journal and live AWS alone.

What the journal leaves in doubt, AWS is asked: each such call carries the read that tells what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..resources.calls import Call, Phase, Verdict
from ..resources.diagnostics import Problem
from ..state.document import State
from ..state.entries import CallDone, CallFailed, CallIntended, Outcome
from ..state.replay import OpenRun
from .apply import Done, Step
from .calling import CallRefused, Made, Place, Run, as_expected, judge, made_of
from .plan import PROBE, Plan
from .planfile import decode_call, decode_plan
from .rollback import Undone


class Direction(StrEnum):
    """Where recovery goes: on to the plan's end, or back to the beginning."""

    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An open run, as far as its journal tells."""

    open_run: OpenRun
    plan: Plan

    @classmethod
    def of(cls, open_run: OpenRun) -> Interrupted:
        """Read the run's plan from its journal.

        Raises:
            Problem: `journal-without-plan`: another version wrote it, which this one can't read.
        """
        try:
            return cls(open_run, decode_plan(open_run.started.plan))
        except ValueError as error:
            raise Problem.of(
                "journal-without-plan",
                f"the journal of run {open_run.started.run} holds no plan that this version can read",
                detail=str(error),
                hint=f"recover with the version that began it: {open_run.started.tool_version}",
            ) from error

    @property
    def goes_back(self) -> bool:
        """Whether going forward is not possible: its rollback had begun, or it was a probe's."""
        return self.plan.operation == PROBE or any(
            call.undo_of is not None for call in self.open_run.intended
        )

    @property
    def committed(self) -> bool:
        """Whether it came, or may have come, to the calls that nothing can undo."""
        failed = {call.seq for call, _ in self.open_run.failed}
        retiring = (call for call in self.open_run.intended if call.phase == Phase.RETIRE)
        return any(call.seq not in failed for call in retiring)

    def base(self, present: State | None, earlier: State | None) -> State:
        """The state that the run found: the one of its base serial, or an empty one."""
        started = self.open_run.started
        if earlier is not None:
            return earlier
        if present is not None and present.serial == started.base_serial:
            return present
        return State.empty(started.stack, started.account_id, started.region, started.lineage)

    @property
    def undone(self) -> tuple[Undone, ...]:
        """The undo calls that an earlier process made, as its journal tells."""
        return tuple(
            Undone(one.intended.address, decode_call(one.intended.call), one.answer)
            for one in self.open_run.undo_done
        )

    def done(self, run: Run, direction: Direction) -> Done:
        """How far the run came, with the calls in doubt looked up in AWS and journalled as they are found.

        A call that may be made twice is made again on the way forward, and undone on the way back.
        """
        done = Done(steps=set(_steps(self.open_run)))
        undone = {one.intended.seq: one.undone for one in self.open_run.done}
        answers = {one.intended.seq: one.answer for one in self.open_run.done}
        for intended in self.open_run.intended:
            if intended.undo_of is not None:
                continue
            call = decode_call(intended.call)
            answer = answers.get(intended.seq)
            if answer is None and intended in self.open_run.in_doubt:
                answer = _look_up(run, intended, call, direction)
            if answer is None:
                continue
            place = Place(intended.address, Phase(intended.phase), intended.index)
            outputs = done.outputs.setdefault(intended.address, {})
            if call.label:
                outputs[call.label] = answer
            made = made_of(intended.seq, call, place, {**outputs, call.label: answer})
            done.calls.add(place)
            done.made.append(_without(made, undone.get(intended.seq, frozenset())))
        return done


def _look_up(
    run: Run, intended: CallIntended, call: Call, direction: Direction
) -> dict[str, object] | None:
    """What became of a call in doubt: its answer, or None for one that did not take effect."""
    verdict, told = judge(run.aws, call)
    if call.proof is None and call.expect is not None:
        # Where what was expected just before the call is no longer so, the call itself has seen to that.
        verdict = Verdict.NOT_DONE if _still(run, intended, call) else Verdict.DONE
    elif call.proof is None:
        if direction is Direction.FORWARD:
            return None
        verdict = Verdict.DONE
    if verdict is Verdict.UNKNOWN:
        raise _untold(intended, call)
    if verdict is Verdict.DONE:
        run.record(CallDone(run.id, intended.seq, told, "", run.now()))
        return told
    why = (
        "it did not take effect"
        if verdict is Verdict.NOT_DONE
        else "what is there is not of this run"
    )
    run.record(CallFailed(run.id, intended.seq, "NotMade", why, uncertain=False, at=run.now()))
    return None


def _still(run: Run, intended: CallIntended, call: Call) -> bool:
    try:
        return as_expected(run, call)
    except CallRefused as refused:
        raise _untold(intended, call) from refused


def _untold(intended: CallIntended, call: Call) -> Problem:
    return Problem.of(
        "in-doubt",
        f"AWS does not let us see what became of {call}, which was under way when the run stopped",
        address=intended.address,
        hint="recover with credentials that may read it; nothing was changed, and the journal stays open",
    )


def _without(made: Made, undone: frozenset[int]) -> Made:
    return Made(made.seq, made.address, made.phase, made.call, made.undo, undone)


def _steps(open_run: OpenRun) -> Iterable[Step]:
    for step in open_run.steps_done:
        _, _, phase = step.step.rpartition(":")
        if phase in set(Phase):
            yield step.address, Phase(phase)


def explain(open_run: OpenRun) -> str:
    """What a person should know of an open run, in a sentence."""
    started, ended = open_run.started, open_run.ended
    calls = [call for call in open_run.intended if call.undo_of is None]
    what = f"{started.operation} of {started.at} (process {started.pid} on {started.host})"
    if ended is not None and ended.outcome is Outcome.ROLLBACK_INCOMPLETE:
        return f"the {what} could not be rolled back completely: {len(ended.left)} calls are left"
    doubt = len(open_run.in_doubt)
    return f"the {what} did not come to its end: {len(calls)} calls were begun, {doubt} of them in doubt"
