"""An AWS that fails at the call that a test says, and how a run that met it may end.

`FaultyAws` stands before a real connection, counts its changing calls, and strikes at one of them. `Trial` applies a
stack with a fault and says what became of it: `Verdict.TARGET`, `START`, or `RECOVERED` by a later `recover`; anything
else is an `Unexplained`. So a test of its own needs a `Case` (two stacks), a fault and a call's number.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import ApplyOutcome, Status
from rolewright.engine.plan import Plan
from rolewright.engine.planner import Wanted
from rolewright.engine.recovery import Direction
from rolewright.engine.sandbox import Sandbox, reset
from rolewright.engine.sandbox.furnishing import furnish
from rolewright.engine.session import OnFailure, Session
from rolewright.resources.calls import Attrs
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import (
    AwsError,
    Identity,
    InstanceProfileView,
    Neighbour,
    PolicyView,
    RoleView,
    Wants,
)
from rolewright.state.document import State
from rolewright.state.store import LocalStore

from .full import BOUNDARY, full_stack
from .moto_server import account_snapshot
from .runs import Bench

T = TypeVar("T")
R = TypeVar("R")
Stack = dict[str, Any]


class Fault(StrEnum):
    """What befalls the call at which it strikes."""

    BEFORE = "before"
    """No connection came about."""
    AFTER = "after"
    """It took effect, and the answer was lost."""
    DENIED = "denied"
    THROTTLED = "throttled"
    """So are the two calls after it; what reaches us has been resent for long already."""
    EXPIRED = "expired"
    """So is every call and read from then on."""
    LAPSED = "lapsed"
    """It took effect; every call and read after it meets expired credentials."""
    SERVER = "server"
    """It took effect, and AWS answered HTTP 500."""
    KILL_BEFORE = "kill_before"
    """The process dies of SIGKILL when the call has been announced, but not made."""
    KILL_AFTER = "kill_after"
    """The process dies of SIGKILL when the call has been made, but its answer not recorded."""


FAILURES = tuple(fault for fault in Fault if not fault.startswith("kill"))
KILLS = (Fault.KILL_BEFORE, Fault.KILL_AFTER)
NO_FAULTS: Mapping[int, Fault] = {}
_THROTTLED_CALLS = 3


class FaultyAws:
    """A connection whose changing calls of these numbers, counted from 1, meet a fault. All ports of `Aws`.

    `meanwhile` is called before each changing call with its number and name, for what somebody else does at that
    moment. `calls` are the names of the changing calls asked for so far, failed ones included.
    """

    def __init__(
        self,
        aws: Aws,
        faults: Mapping[int, Fault] = NO_FAULTS,
        *,
        meanwhile: Callable[[int, str], None] | None = None,
    ) -> None:
        self._aws = aws
        self._faults = {
            number + later: fault
            for number, fault in faults.items()
            for later in range(_THROTTLED_CALLS if fault is Fault.THROTTLED else 1)
        }
        self._meanwhile = meanwhile
        self._mutex = threading.Lock()
        self._expired = False
        self.calls: list[str] = []

    @property
    def identity(self) -> Identity:
        return self._aws.identity

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        with self._mutex:
            self.calls.append(f"{service}:{operation}")
            number = len(self.calls)
        self._check(service, operation)
        if self._meanwhile is not None:
            self._meanwhile(number, f"{service}:{operation}")
        make = partial(self._aws.call, service, operation, parameters)
        fault = self._faults.get(number)
        if fault is None:
            return make()
        return self._strike(fault, make, partial(AwsError, service, operation))

    def _strike(
        self,
        fault: Fault,
        make: Callable[[], Mapping[str, Any]],
        error: Callable[..., AwsError],
    ) -> Mapping[str, Any]:
        match fault:
            case Fault.BEFORE:
                raise error("Unreachable", "could not connect to AWS")
            case Fault.DENIED:
                raise error("AccessDenied", "User: us is not authorized")
            case Fault.THROTTLED:
                raise error("Throttling", "Rate exceeded")
            case Fault.EXPIRED:
                self._expired = True
                raise error("ExpiredToken", "The security token included in the request is expired")
            case Fault.KILL_BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
        answer = make()
        match fault:
            case Fault.AFTER:
                raise error("Timeout", "AWS did not answer in time", uncertain=True)
            case Fault.SERVER:
                raise error("InternalFailure", "An internal error occurred", uncertain=True)
            case Fault.KILL_AFTER:
                os.kill(os.getpid(), signal.SIGKILL)
        self._expired = True
        return answer

    def _check(self, service: str, operation: str) -> None:
        if self._expired:
            raise AwsError(service, operation, "ExpiredToken", "The security token is expired")

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        self._check(service, operation)
        return self._aws.read(service, operation, parameters)

    def pages(self, service: str, operation: str, parameters: Attrs) -> Iterable[Mapping[str, Any]]:
        self._check(service, operation)
        yield from self._aws.pages(service, operation, parameters)

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return self._aws.map(function, items)

    def prefetch(self, wants: Wants) -> None:
        self._check("iam", "GetAccountAuthorizationDetails")
        self._aws.prefetch(wants)

    def complete(self, wants: Wants) -> None:
        self._check("iam", "GetPolicy")
        self._aws.complete(wants)

    def fresh(self, wants: Wants) -> None:
        self._check("iam", "GetAccountAuthorizationDetails")
        self._aws.fresh(wants)

    def role(self, name: str) -> RoleView | None:
        self._check("iam", "GetRole")
        return self._aws.role(name)

    def policy(self, arn: str) -> PolicyView | None:
        self._check("iam", "GetPolicy")
        return self._aws.policy(arn)

    def instance_profile(self, name: str) -> InstanceProfileView | None:
        self._check("iam", "GetInstanceProfile")
        return self._aws.instance_profile(name)

    def neighbours(self) -> Iterable[Neighbour]:
        self._check("iam", "ListRoles")
        return self._aws.neighbours()


@dataclass(frozen=True, slots=True)
class Case:
    """An apply: the stack that is there before it, or None, and the one wanted, or None for destroy."""

    before: Stack | None
    after: Stack | None

    @property
    def name(self) -> str:
        stack = self.after or self.before or {}
        return stack["stack"]


class Verdict(StrEnum):
    """The ends that a run may come to."""

    TARGET = "target"
    START = "start"
    RECOVERED = "recovered"
    """Not everything could be undone, which the outcome said; a `recover --back` then did it."""
    FINISHED = "finished"
    """Every call was made, and nothing could be read any more; a `recover --forward` then ended the run."""


class Unplannable(Exception):  # noqa: N818 - the name says what it is
    """A stack of a case can't be planned: no apply was asked for, so that there is nothing to test."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An apply in another process raised this error."""

    error: str


class Unexplained(AssertionError):  # noqa: N818 - the name says what it is
    """Account, state and outcome don't fit each other."""


def comparable(snapshot: Mapping[str, Any]) -> Any:
    """A snapshot of an account without what AWS or a run numbers anew: versions, revisions, runs."""
    kept: dict[str, Any] = json.loads(json.dumps(snapshot))
    for sort in ("roles", "policies", "instance_profiles"):
        for item in kept[sort].values():
            item["Tags"].pop("rolewright:run", None)
    for policy in kept["policies"].values():
        policy.pop("DefaultVersionId")
        # moto counts an attachment that is made a second time; the roles tell what is attached.
        policy.pop("AttachmentCount")
        policy["PolicyVersionList"] = sorted(
            json.dumps([version["IsDefaultVersion"], version["Document"]], sort_keys=True)
            for version in policy["PolicyVersionList"].values()
        )
    definitions = {
        arn: _definition(definition) for arn, definition in kept["task_definitions"].items()
    }
    kept["services"] = {arn: definitions.get(on, on) for arn, on in kept["services"].items()}
    kept["task_definitions"] = sorted(definitions.values())
    return kept


def _definition(definition: dict[str, Any]) -> str:
    numbered = {"taskDefinitionArn", "revision", "deregisteredAt"}
    return json.dumps(
        {key: value for key, value in definition.items() if key not in numbered}, sort_keys=True
    )


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two JSON values differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted(one.keys() | other.keys())
            for line in differences(
                one.get(key, "nothing"), other.get(key, "nothing"), f"{path}/{key}"
            )
        ]
    return [] if one == other else [f"{path}: {one!r:.600} is now {other!r:.600}"]


@dataclass
class Trial:
    """Runs of one case on one local AWS; `prepare` is cheap where the last run left the start behind.

    With a `parallelism` of 1 the calls have the same numbers in every run. `elsewhere` applies with faults in another
    process; without it that is done in this one.
    """

    case: Case
    folder: Path
    sandbox: Sandbox
    aws: Aws
    parallelism: int = 1
    elsewhere: Callable[[Trial, Mapping[int, Fault]], ApplyOutcome | Raised] | None = None
    _count: int = 0
    _ready: bool = False
    bench: Bench = field(init=False)
    start: Any = field(init=False)
    base: State | None = field(init=False)
    first: dict[str, Any] = field(init=False)
    target: Any = None
    calls: tuple[str, ...] = ()

    def learn(self) -> None:
        """Make a run without a fault, which tells the calls and the target.

        Raises:
            Unplannable: as `prepare`.
            Unexplained: a run without a fault fails.
        """
        self.prepare()
        aws = FaultyAws(self.aws.again())
        try:
            outcome = self.apply(aws)
        except (Problem, AwsError) as error:
            raise Unexplained(f"without a fault: {error!r}") from error
        self.target = comparable(account_snapshot(self.aws))
        self.calls = tuple(aws.calls)
        if self.first and (outcome.status is not Status.APPLIED or outcome.failed):
            raise Unexplained(f"without a fault: {outcome.status}, {outcome.failed}")
        self._ready = False

    def prepare(self) -> None:
        """Bring account and state to the start.

        Raises:
            Unplannable: the start, or from there the target, can't be planned.
            Unexplained: the start can be planned, but not applied.
        """
        if self._ready:
            return
        reset(self.sandbox)
        furnish(self.aws, self.sandbox.url)
        self._count += 1
        folder = self.folder / str(self._count)
        folder.mkdir(parents=True)
        self.bench = Bench(folder, self.aws.again)
        if self.case.before is not None:
            self._make(self.case.before)
        self.start = comparable(account_snapshot(self.aws))
        self.base = LocalStore(self.bench.state_path).load()
        self.first = steps(_planned(self.plan))
        self._ready = True

    def _make(self, stack: Stack) -> None:
        session = self.session()
        plan = _planned(lambda: self.bench.planned(session, stack))
        try:
            outcome = session.apply(plan)
        except (Problem, AwsError) as error:
            raise Unexplained(f"the start can be planned, not applied: {error!r}") from error
        if plan.actions and (outcome.status is not Status.APPLIED or outcome.failed):
            raise Unexplained(f"the start can't be made: {outcome.status}, {outcome.failed}")

    def session(self, aws: Any = None) -> Session:
        session = self.bench.session(self.case.name, aws or self.aws.again())
        session.parallelism = self.parallelism
        return session

    def plan(self, session: Session | None = None) -> Plan:
        return wanted_plan(self.bench, session or self.session(), self.case)

    def apply(self, aws: Any, on_failure: OnFailure = OnFailure.ROLLBACK) -> ApplyOutcome:
        session = self.session(aws)
        return session.apply(self.plan(session), on_failure=on_failure)

    def verdict(self, fault: Fault, at: int) -> Verdict:
        """Apply with a fault at a call, and tell how it ended.

        Raises:
            Unexplained: what is there is not what outcome and state say.
        """
        self.prepare()
        self._ready = False
        outcome = self._struck({at: fault})
        if isinstance(outcome, Raised):
            raise Unexplained(f"apply raised {outcome.error}; {self.told_apart()}")
        verdict = self.judged(outcome)
        self._ready = verdict not in (Verdict.TARGET, Verdict.FINISHED)
        return verdict

    def _struck(self, faults: Mapping[int, Fault]) -> ApplyOutcome | Raised:
        if self.elsewhere is not None:
            return self.elsewhere(self, faults)
        try:
            return self.apply(FaultyAws(self.aws.again(), faults))
        except (Problem, AwsError) as error:
            return Raised(repr(error))

    def judged(self, outcome: ApplyOutcome) -> Verdict:
        """What an outcome amounts to, after a look at account, state and plan; recovers what was left."""
        if outcome.status is Status.APPLIED and not outcome.failed:
            return self.at_target()
        if outcome.status is Status.APPLIED and _unread(outcome):
            self.at_target()
            return Verdict.FINISHED
        if outcome.status is Status.ROLLED_BACK and outcome.failed and not outcome.left:
            return self.at_start()
        if outcome.status is Status.ROLLBACK_INCOMPLETE and outcome.left:
            if not all(command.startswith("aws ") for command in outcome.left):
                raise Unexplained(f"what is left is no command: {outcome.left}")
            self.recovered(Direction.BACK)
            return Verdict.RECOVERED
        raise Unexplained(f"{outcome.status}, {outcome.failed}; {self.told_apart()}")

    def recovered(self, direction: Direction) -> Verdict:
        """Recover the open run with a healthy connection, and tell where that led.

        Raises:
            Unexplained: not to where it should.
        """
        self._ready = False
        forward = direction is Direction.FORWARD
        outcome = self.session().recover(direction)
        wanted = Status.APPLIED if forward else Status.ROLLED_BACK
        if outcome.status is not wanted or outcome.failed or outcome.left:
            raise Unexplained(
                f"recover {direction}: {outcome.status}, {outcome.failed}, {outcome.left}; "
                f"{self.told_apart()}"
            )
        verdict = self.at_target() if forward else self.at_start()
        self._ready = not forward
        return verdict

    def at_target(self) -> Verdict:
        """Raises Unexplained unless account, state and plan all are as the apply wanted them."""
        amiss = self._account(self.target, "target")
        amiss += differences({}, steps(self.plan()), "a plan after the apply")
        self._explained(amiss)
        return Verdict.TARGET

    def at_start(self) -> Verdict:
        """Raises Unexplained unless account, state and plan all are as before the apply."""
        now = LocalStore(self.bench.state_path).load()
        amiss = self._account(self.start, "start")
        amiss += differences(_resources(self.base), _resources(now), "state")
        amiss += differences(self.first, steps(self.plan()), "plan")
        self._explained(amiss)
        return Verdict.START

    def _account(self, wanted: Any, name: str) -> list[str]:
        return differences(wanted, comparable(account_snapshot(self.aws)), f"account and {name}")

    def _explained(self, amiss: list[str]) -> None:
        if self.session().journal.open_run() is not None:
            amiss = [*amiss, "the journal is still open"]
        if amiss:
            raise Unexplained("; ".join(amiss))

    def told_apart(self) -> str:
        """How far the account is from both ends, in words."""
        now = comparable(account_snapshot(self.aws))
        start, target = differences(self.start, now), differences(self.target, now)
        journal = "open" if self.session().journal.open_run() else "closed"
        return (
            f"{len(start)} differences to the start, {len(target)} to the target, journal {journal}: "
            f"{'; '.join(start[:4])} | {'; '.join(target[:4])}"
        )


def _planned(plan: Callable[[], Plan]) -> Plan:
    try:
        return plan()
    except Problem as problem:
        raise Unplannable(str(problem)) from problem


def _unread(outcome: ApplyOutcome) -> bool:
    """Whether all that is amiss is that the end could not be looked at."""
    return all(failed.code == "NotConfirmed" for failed in outcome.failed)


def _resources(state: State | None) -> dict[str, Any]:
    return {} if state is None else {str(key): record for key, record in state.resources.items()}


def wanted_plan(bench: Bench, session: Session, case: Case) -> Plan:
    """The plan of a case's apply or destroy."""
    if case.after is None:
        return session.plan(Wanted(), "destroy")
    return bench.planned(session, case.after)


def steps(plan: Plan) -> dict[str, Any]:
    """What a plan does: action and calls by address."""
    return {
        str(change.address): [change.action.value, *map(str, change.calls)]
        for change in plan.actions
    }


def setting(stack: Stack, *path: str, to: Any) -> None:
    """Set one value of a stack file."""
    for part in path[:-1]:
        stack = stack.setdefault(part, {})
    stack[path[-1]] = to


def updated(stack: Stack) -> Stack:
    """A stack with as many fields changed at once as can be without anything replaced."""
    edited = copy.deepcopy(stack)
    roles, policies, bindings = "roles", "permission_policies", "service_bindings"
    both = ["ec2.amazonaws.com", "ssm.amazonaws.com"]
    setting(edited, "tags", "team", to="video")
    setting(edited, "trust_policies", "ec2", "services", to=both)
    setting(edited, roles, "web", "description", to="Other")
    setting(edited, roles, "web", "max_session_duration", to=7200)
    setting(edited, roles, "web", "permissions_boundary", to=BOUNDARY)
    setting(edited, roles, "web", "tags", to={"a": "b"})
    wider = [{"actions": ["s3:GetObject", "s3:PutObject"], "resources": ["*"]}]
    setting(edited, policies, "read", "statements", to=wider)
    setting(edited, policies, "read", "roles", to=["web", "task"])
    setting(edited, policies, "inline", "statements", to=wider)
    setting(edited, policies, "logs", "roles", to=["task"])
    setting(edited, bindings, "function", "role", to="task")
    setting(edited, bindings, "task", "task_role", to="execution")
    setting(edited, bindings, "web", "instances", to=[])
    return edited


def replaced(stack: Stack) -> Stack:
    """A stack whose role and policy get other names, so that new ones take the place of the old."""
    edited = copy.deepcopy(stack)
    setting(edited, "roles", "web", "name", to="web-2")
    setting(edited, "permission_policies", "read", "name", to="read-2")
    return edited


def widened(stack: Stack, count: int = 9) -> Stack:
    """A stack with so many more roles and policies that it takes over forty calls to make."""
    edited = copy.deepcopy(stack)
    for index in range(count):
        name = f"extra-{index}"
        setting(edited, "roles", name, to={"trust": "ec2"})
        statements = [{"actions": ["s3:GetObject"], "resources": [f"arn:aws:s3:::{name}/*"]}]
        policy = {"roles": [name], "statements": statements}
        setting(edited, "permission_policies", name, to=policy)
    return edited


def cases(instance: str) -> dict[str, Case]:
    """Every way in which a stack of all kinds and bindings changes."""
    stack = full_stack(instance)
    return {
        "create": Case(None, stack),
        "update": Case(stack, updated(stack)),
        "replace": Case(stack, replaced(stack)),
        "delete": Case(stack, None),
        "create_wide": Case(None, widened(stack)),
    }


_learned: dict[str, tuple[Any, tuple[str, ...]]] = {}
"""Target and calls of each case: the same in every account that is furnished in the same way."""


_instances: list[str] = []
"""The instance that the sandbox comes with, once it is known: its id is the same each time."""


def made(name: str, folder: Path, sandbox: Sandbox, aws: Aws, *, parallelism: int = 1) -> Trial:
    """The trial of a named case, its calls and target known."""
    if not _instances:
        reset(sandbox)
        _instances.append(furnish(aws, sandbox.url))
    trial = Trial(cases(_instances[0])[name], folder, sandbox, aws, parallelism)
    if name not in _learned:
        trial.learn()
        _learned[name] = (trial.target, trial.calls)
    trial.target, trial.calls = _learned[name]
    return trial
