"""Making one call: placeholders filled in, errors that pass waited out, every word of it in the journal first.

Knows no service and no kind: all it does stands in the call.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import jmespath
import tenacity

from ..resources.address import Address
from ..resources.calls import Attrs, Call, Expect, Phase, Retry, Template, Verdict, Wait
from ..resources.diagnostics import Problem
from ..resources.policy import equivalent
from ..resources.ports import AwsError, AwsReader
from ..state.clock import Clock, timestamp
from ..state.entries import CallDone, CallFailed, CallIntended, Entry
from .events import CallRetried, Sink
from .placeholders import Outputs, filled
from .planfile import encode_call

POLL_SECONDS = 2.0
UNCHANGED = "$unchanged"
"""Stands in the journal for the answer of a call whose effect was there before it: it has no undo."""
NOTHING: Mapping[str, Any] = {}
ROUNDS = 3
"""How often a call is made whose answer keeps getting lost."""


class Aws(AwsReader, Protocol):
    """Reads and changing calls together."""

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Made:
    """A call that took effect: its number in the run, its undo calls ready to be made.

    `undone` are the places of the undo calls that have been made already.
    """

    seq: int
    address: Address
    phase: Phase
    call: Call
    undo: tuple[Call, ...]
    undone: frozenset[int] = frozenset()


class CallRefused(Exception):  # noqa: N818 - what happened, not a fault of ours
    """A call failed for good.

    `uncertain` when it may have taken effect although no answer came; `made` when it did, but what it began
    went wrong afterwards.
    """

    def __init__(
        self,
        call: Call,
        code: str,
        message: str,
        *,
        uncertain: bool = False,
        made: Made | None = None,
    ) -> None:
        super().__init__(f"{call}: {code}: {message}")
        self.call = call
        self.code = code
        self.message = message
        self.uncertain = uncertain
        self.made = made


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands: its address and phase, its index there, and the number of the call that it undoes."""

    address: Address
    phase: Phase
    index: int
    undo_of: int | None = None

    @property
    def step(self) -> str:
        """The step's name in the journal."""
        return f"{self.address}:{self.phase}"


@dataclass
class Run:
    """What the calls of one run share.

    While `forgiving`, an entry that the journal does not take is let go: undoing goes on with a full
    disk. So a run that was `resumed` asks of each undo call whether it has been made before.
    """

    id: str
    aws: Aws
    clock: Clock
    append: Callable[[Entry], None]
    sink: Sink
    first_seq: int = 1
    forgiving: bool = False
    _numbers: Iterable[int] = field(init=False)
    _mutex: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first_seq)

    @property
    def resumed(self) -> bool:
        """Whether another process began it."""
        return self.first_seq > 1

    def record(self, entry: Entry) -> None:
        """Put an entry into the journal.

        Raises:
            Problem: it can't be written; what it announces must not be done.
        """
        try:
            self.append(entry)
        except Problem:
            if not self.forgiving:
                raise

    def next_seq(self) -> int:
        """The number of the next call."""
        with self._mutex:
            return next(iter(self._numbers))

    def now(self) -> str:
        """The time as journals have it."""
        return timestamp(self.clock.now())


def perform(
    run: Run, call: Call, place: Place, outputs: Outputs, paths: Iterable[str]
) -> tuple[Made, dict[str, Any]]:
    """Make a call whose placeholders are filled in; returns it with the values at `paths` of its answer.

    Raises:
        CallRefused: AWS refused it for good.
        Problem: the journal can't be written; the call was not made.
    """
    ready = filled(call, outputs)
    _expect(run, ready)
    parameters = {**_copied(run, ready), **ready.parameters}
    seq = run.next_seq()
    run.record(
        CallIntended(
            run.id,
            seq,
            place.step,
            place.address,
            place.phase,
            place.index,
            encode_call(ready),
            place.undo_of,
            run.now(),
        )
    )
    try:
        answer = _answer(run, ready, place, parameters)
    except AwsError as error:
        run.record(CallFailed(run.id, seq, error.code, error.message, error.uncertain, run.now()))
        perhaps = made_of(seq, ready, place, {}) if error.uncertain else None
        raise CallRefused(
            ready, error.code, error.message, uncertain=error.uncertain, made=perhaps
        ) from error
    found = {path: _value(answer, path) for path in sorted(paths)}
    if answer is NOTHING:
        found = {UNCHANGED: True}
    request_id = str(getattr(cast("object", answer), "request_id", ""))
    made = made_of(seq, ready, place, {**outputs, call.label: found})
    try:
        run.record(CallDone(run.id, seq, found, request_id, run.now()))
    except Problem as problem:
        told = problem.diagnostics[0]
        raise CallRefused(ready, told.code, told.summary, made=made) from problem
    if ready.wait is not None:
        _settle(run, ready, ready.wait, made)
    return made, found


def made_of(seq: int, call: Call, place: Place, outputs: Outputs) -> Made:
    """A call that took effect, its undo calls filled in; one that changed nothing has none."""
    unchanged = UNCHANGED in outputs.get(call.label, {})
    undo = () if unchanged else tuple(filled(back, outputs) for back in call.undo)
    return Made(seq, place.address, place.phase, call, undo)


def _answer(run: Run, call: Call, place: Place, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make a call until it is certain what became of it; its answer.

    The answer of a call whose own was lost holds what its proof tells. NOTHING is the answer of one
    whose effect was there before it.

    Raises:
        AwsError: it did not take effect; or, `uncertain`, nobody can tell.
    """
    lost: AwsError | None = None
    for _ in range(ROUNDS):
        try:
            return _retrying(
                run, call, place, lambda: run.aws.call(call.service, call.operation, parameters)
            )
        except AwsError as error:
            if error.code in call.done_if:
                return NOTHING if lost is None else {}
            if lost is None and not error.uncertain:
                raise
            verdict, told = judge(run.aws, call)
            if verdict is Verdict.DONE:
                return told
            if verdict is Verdict.FOREIGN:
                raise AwsError(
                    call.service,
                    call.operation,
                    "MadeBySomebodyElse",
                    "the answer was lost, and what is there now is not of this run",
                ) from error
            if not error.uncertain:
                # It is the call before this one that nobody can tell of, not this one.
                if verdict is Verdict.UNKNOWN and lost is not None:
                    raise lost from error
                raise
            if verdict is Verdict.UNKNOWN:
                raise
            lost = error
            run.clock.sleep(POLL_SECONDS)
    raise cast("AwsError", lost)


def judge(aws: AwsReader, call: Call) -> tuple[Verdict, dict[str, Any]]:
    """What became of a call, as its proof tells, with the answers that later calls refer to.

    A call without a proof counts as not done: it may be made twice.
    """
    proof = call.proof
    if proof is None:
        return Verdict.NOT_DONE, {}
    try:
        answer = aws.read(proof.service, proof.operation, proof.parameters)
    except AwsError as error:
        if error.code in proof.gone:
            return Verdict.DONE, {}
        return (Verdict.NOT_DONE if error.code in proof.absent else Verdict.UNKNOWN), {}
    found = jmespath.search(proof.path, answer)
    if found in proof.not_done:
        return Verdict.NOT_DONE, {}
    if found in proof.done or proof.otherwise is Verdict.DONE:
        told = {path: jmespath.search(at, answer) for path, at in (proof.outputs or {}).items()}
        return Verdict.DONE, told
    return proof.otherwise, {}


def _value(answer: Mapping[str, Any], path: str) -> Any:
    """A value of an answer, which a proof gives by its whole path."""
    return answer[path] if path in answer else jmespath.search(path, answer)


def _copied(run: Run, call: Call) -> dict[str, Any]:
    """The parameters that a call takes over from a read made now."""
    template = call.template
    if template is None:
        return {}
    answer = _read(run, call, template)
    source: Mapping[str, Any] = jmespath.search(template.path, answer) or {}
    copied: dict[str, Any] = {
        key: value for key, value in source.items() if key not in template.omit
    }
    for parameter, path in (template.also or {}).items():
        copied[parameter] = jmespath.search(path, answer)
    return copied


def _expect(run: Run, call: Call) -> None:
    """Stop where the world is no longer as the plan saw it."""
    if not as_expected(run, call):
        raise CallRefused(
            call,
            "ChangedMeanwhile",
            "somebody else changed it after the plan was made; nothing was overwritten",
        )


def as_expected(run: Run, call: Call) -> bool:
    """Whether what the call is about to change is still as the plan saw it.

    Raises:
        CallRefused: it can't be read.
    """
    expect = call.expect
    if expect is None:
        return True
    try:
        found = jmespath.search(expect.path, _read(run, call, expect))
    except CallRefused as refused:
        if refused.code not in expect.absent:
            raise
        found = None
    if expect.document and found and expect.value:
        return equivalent(found, expect.value)
    return found == expect.value


def _read(run: Run, call: Call, read: Template | Expect | Wait) -> Mapping[str, Any]:
    try:
        return run.aws.read(read.service, read.operation, read.parameters)
    except AwsError as error:
        raise CallRefused(call, error.code, error.message) from error


def _passes(error: BaseException, retries: Sequence[Retry]) -> Retry | None:
    if not isinstance(error, AwsError):
        return None
    return next(
        (retry for retry in retries if error.code == retry.code and retry.message in error.message),
        None,
    )


def _retrying(
    run: Run, call: Call, place: Place, make: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Make a call again while it fails with an error that passes by itself, up to that error's deadline."""

    def over(state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome is not None else None
        retry = None if error is None else _passes(error, call.retry)
        return retry is None or state.idle_for >= retry.seconds

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, AwsError):
            run.sink(
                CallRetried(
                    place.address,
                    str(call),
                    error.code,
                    error.message,
                    state.upcoming_sleep,
                    state.idle_for,
                )
            )

    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: _passes(error, call.retry) is not None),
        wait=tenacity.wait_random_exponential(multiplier=0.5, max=10),
        stop=over,
        sleep=run.clock.sleep,
        before_sleep=tell,
        reraise=True,
    )
    return again(make)


def _settle(run: Run, call: Call, wait: Wait, made: Made) -> None:
    """Wait until what the call began has ended."""
    waited = 0.0
    while True:
        try:
            found = jmespath.search(wait.path, _read(run, call, wait))
        except CallRefused as refused:
            raise CallRefused(call, refused.code, refused.message, made=made) from refused
        if found in wait.until:
            return
        if found in wait.failed:
            raise CallRefused(call, "DidNotSettle", f"{wait.path} became {found}", made=made)
        if waited >= wait.seconds:
            raise CallRefused(
                call,
                "DidNotSettle",
                f"{wait.path} was still {found} after {waited:.0f} seconds",
                made=made,
            )
        run.clock.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
