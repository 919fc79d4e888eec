"""Undoing what a failed run did: the undo calls of every call made, last first."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

import tenacity

from ..resources.calls import Call, Verdict
from .calling import CallRefused, Made, Place, Run, judge, perform
from .events import CallUndone, RollbackStarted, UndoFailed
from .placeholders import is_open

ATTEMPTS = 5


def roll_back(run: Run, made: Sequence[Made]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Undo calls, the last one first; returns the addresses undone, and AWS CLI commands for what is left.

    One that keeps failing stops the rest of its own call's undo, and nothing else.
    """
    run.sink(RollbackStarted(sum(len(one.undo) for one in made)))
    undone: list[str] = []
    left: list[str] = []
    for one in reversed(made):
        for index, back in enumerate(one.undo):
            if index in one.undone:
                continue
            if is_open(back.parameters):
                run.sink(
                    UndoFailed(one.address, str(back), "AnswerLost", "nobody knows what to undo")
                )
                left.append(_look(one.call))
                break
            try:
                if not _undone_before(run, back):
                    _undo(run, one, back, index)
            except CallRefused as refused:
                run.sink(UndoFailed(one.address, str(back), refused.code, refused.message))
                left += [
                    cli_command(call)
                    for place, call in enumerate(one.undo[index:], index)
                    if place not in one.undone
                ]
                break
            run.sink(CallUndone(one.address, str(back)))
            undone.append(str(one.address))
    return tuple(dict.fromkeys(undone)), tuple(left)


def _undone_before(run: Run, back: Call) -> bool:
    """Whether an earlier process made the undo call although its journal does not say so."""
    return run.resumed and judge(run.aws, back)[0] is Verdict.DONE


def _undo(run: Run, one: Made, back: Call, index: int) -> None:
    """Make one undo call, again a few times when it fails."""
    place = Place(one.address, one.phase, index, undo_of=one.seq)
    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(CallRefused),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=1, max=15),
        sleep=run.clock.sleep,
        reraise=True,
    )
    again(lambda: perform(run, back, place, {}, ()))


def _look(call: Call) -> str:
    """The AWS CLI command that shows what became of a call; `recover` draws the conclusions."""
    proof = call.proof
    return cli_command(
        call if proof is None else Call(proof.service, proof.operation, proof.parameters)
    )


def cli_command(call: Call) -> str:
    """The AWS CLI command that makes a call."""
    operation = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", call.operation
    ).lower()
    text = json.dumps(call.parameters, ensure_ascii=False)
    return f"aws {call.service} {operation} --cli-input-json {shlex.quote(text)}"
