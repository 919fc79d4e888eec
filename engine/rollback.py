"""Undoing what a failed run did: the undo calls of every call made, last first."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import tenacity

from ..resources.address import Address
from ..resources.calls import Attrs, Call, Verdict
from .calling import CallRefused, Made, Place, Run, judge, perform
from .events import CallUndone, RollbackStarted, UndoFailed
from .placeholders import is_open

ATTEMPTS = 5
_CLI_SERVICES = {"config": "configservice", "codedeploy": "deploy", "s3": "s3api"}
"""The services that the AWS CLI calls by another name than boto3 does."""


@dataclass(frozen=True, slots=True)
class Undone:
    """An undo call that took effect, and what its answer told of what it made again."""

    address: Address
    call: Call
    answer: Attrs


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The undo calls that took effect, in order, and the commands of the AWS CLI for what is left."""

    undone: tuple[Undone, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Whose calls were undone, each once, in order."""
        return tuple(dict.fromkeys(str(one.address) for one in self.undone))


def roll_back(run: Run, made: Sequence[Made]) -> RolledBack:
    """Undo calls, the last one first.

    One that keeps failing stops the rest of its own call's undo, and nothing else.
    """
    run.sink(RollbackStarted(sum(len(one.undo) for one in made)))
    undone: list[Undone] = []
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
                answer = _undone_before(run, back)
                if answer is None:
                    answer = _undo(run, one, back, index)
            except CallRefused as refused:
                run.sink(UndoFailed(one.address, str(back), refused.code, refused.message))
                left += [
                    cli_command(call)
                    for place, call in enumerate(one.undo[index:], index)
                    if place not in one.undone
                ]
                break
            run.sink(CallUndone(one.address, str(back)))
            undone.append(Undone(one.address, back, answer))
    return RolledBack(tuple(undone), tuple(left))


def _undone_before(run: Run, back: Call) -> Attrs | None:
    """What an undo call told that an earlier process made, although its journal does not say so; else None."""
    if not run.resumed:
        return None
    verdict, told = judge(run.aws, back)
    return told if verdict is Verdict.DONE else None


def _undo(run: Run, one: Made, back: Call, index: int) -> Attrs:
    """Make one undo call, again a few times when it fails; what it tells of what it made again."""
    place = Place(one.address, one.phase, index, undo_of=one.seq)
    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(CallRefused),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=1, max=15),
        sleep=run.clock.sleep,
        reraise=True,
    )
    paths = () if back.again is None else (back.again.new_id,)
    _, answer = again(lambda: perform(run, back, place, {}, paths))
    return answer


def _look(call: Call) -> str:
    """The AWS CLI command that shows what became of a call; `recover` draws the conclusions."""
    proof = call.proof
    return cli_command(
        call if proof is None else Call(proof.service, proof.operation, proof.parameters)
    )


def cli_command(call: Call) -> str:
    """The AWS CLI command that makes a call."""
    text = json.dumps(call.parameters, ensure_ascii=False)
    words = cli_words(call.service, call.operation)
    return f"aws {words} --cli-input-json {shlex.quote(text)}"


def cli_words(service: str, operation: str) -> str:
    """A boto3 client and an operation as the AWS CLI calls them."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", operation).lower()
    return f"{_CLI_SERVICES.get(service, service)} {name}"
