"""The producer: which questions are tried, through which carrier, and what their answers prove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from rolewright.engine.cli.options import Common
from rolewright.engine.cli.verify import verify
from rolewright.engine.probe.carriers import (
    CannotCarryError,
    Carrier,
    NotBoundError,
    ProbedRole,
    Report,
)
from rolewright.engine.probe.harmless import Harmless
from rolewright.engine.probe.prober import Prober, probed_roles
from rolewright.engine.probe.sandbox_limits import SandboxLimits
from rolewright.engine.probe.trials import Answer, Trial
from rolewright.engine.role_policies import RolePolicies
from rolewright.engine.verify import Answers, Expected, Question
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from rolewright.resources.policy import parse
from rolewright.resources.policy.evaluator import Decision, NamedPolicy

from .conftest import ARN, bound_role

READER = Address("role", "reader")
ROLE = bound_role(service="ec2", role="reader", instances=["i-1"])
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/events"
OBJECTS = "arn:aws:s3:::photos/*"
REFUSED = Answer("AccessDenied")


def ask(action: str, resource: str = "*", expected: Expected = Expected.ALLOW) -> Question:
    return Question(READER, action, resource, expected)


@dataclass
class Fixed:
    """A carrier that answers each operation as it is told, and notes what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    principal: str | None = None
    left: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list[str])

    def __call__(self, role: ProbedRole, trials: Sequence[Trial]) -> Report:
        self.asked += [trial.operation for trial in trials]
        found = tuple(self.answers.get(trial.operation, Answer()) for trial in trials)
        return Report(found, "from a test", self.principal, self.left)


def failing(reason: str, *left: str, bound: bool = True) -> Carrier:
    def carrier(role: ProbedRole, trials: Sequence[Trial]) -> Report:
        raise CannotCarryError(reason, left) if bound else NotBoundError(reason)

    return carrier


Probe = Callable[..., Answers]


@pytest.fixture
def probe(harmless: Harmless) -> Probe:
    def run(*questions: Question, carriers: Sequence[Carrier], role: ProbedRole = ROLE) -> Answers:
        return Prober({READER: role}, harmless, carriers)(questions)

    return run


def reasons(answers: Answers) -> list[str]:
    return [skipped.reason for skipped in answers.skipped]


@pytest.mark.parametrize(
    ("expected", "answer", "decision", "passed"),
    [
        (Expected.ALLOW, Answer(), Decision.ALLOWED, True),
        (Expected.ALLOW, REFUSED, Decision.IMPLICITLY_DENIED, False),
        (Expected.DENY, Answer(), Decision.ALLOWED, False),
        (Expected.DENY, REFUSED, Decision.IMPLICITLY_DENIED, True),
        (Expected.DENY, replace(REFUSED, explicit=True), Decision.EXPLICITLY_DENIED, True),
    ],
)
def test_results(
    probe: Probe,
    expected: Expected,
    answer: Answer,
    decision: Decision,
    passed: bool,  # noqa: FBT001
) -> None:
    """The answer of AWS is the decision, and says how it was found."""
    found = probe(
        ask("dynamodb:DescribeTable", TABLE, expected),
        carriers=[Fixed({"DescribeTable": answer})],
    )

    (result,) = found.results
    assert (result.decision, result.passed, result.exact) == (decision, passed, True)
    assert result.because[0].text.startswith(
        f"dynamodb:DescribeTable on {TABLE}, from a test, was answered with "
        f"{answer.code or 'no error'}"
    )


def test_a_pattern_is_no_exact_result(probe: Probe) -> None:
    """One example stands for it, and is named."""
    found = probe(ask("s3:GetObject", OBJECTS), carriers=[Fixed({"HeadObject": Answer("404")})])

    (result,) = found.results
    assert (result.passed, result.exact) == (True, False)
    assert result.example == "arn:aws:s3:::photos/rolewright-probe"
    assert any(reason.note for reason in result.because)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (ask("s3:PutObject", OBJECTS), "no harmless call"),
        (replace(ask("sns:ListTopics"), context={"aws:SourceIp": "1.2.3.4"}), "aws:SourceIp"),
    ],
)
def test_what_can_not_be_tried_is_never_a_pass(probe: Probe, question: Question, why: str) -> None:
    """It is skipped with its reason, nothing is called, and that nothing was proved is said."""
    carrier = Fixed()

    found = probe(question, carriers=[carrier])

    assert (found.results, carrier.asked) == ((), [])
    assert why in reasons(found)[0]
    assert found.remarks[0].rule == "probe-nothing"


def test_an_unclear_answer_is_never_a_pass(probe: Probe) -> None:
    """Without ListBucket, S3 says the same of what is forbidden and of what isn't there."""
    refused = Answer("403")

    found = probe(
        ask("s3:GetObject", OBJECTS, Expected.DENY),
        carriers=[Fixed({"HeadObject": refused, "ListObjectsV2": refused})],
    )

    assert found.results == ()
    assert "s3:ListBucket" in reasons(found)[0]
    assert found.skipped[0].tried


def test_witnesses_answer_their_own_question(probe: Probe) -> None:
    """Calls and answers stay together also where only some have a witness."""
    found = probe(
        ask("sns:ListTopics"),
        ask("s3:GetObject", OBJECTS, Expected.DENY),
        ask("dynamodb:DescribeTable", TABLE),
        carriers=[Fixed({"HeadObject": Answer("403")})],
    )

    assert [result.passed for result in found.results] == [True, True, True]


def test_the_first_carrier_that_can_is_used(probe: Probe) -> None:
    """What another one could not do doesn't matter then."""
    found = probe(
        ask("sns:ListTopics"),
        carriers=[failing("no STS"), failing("no function", bound=False), Fixed(), failing("x")],
    )

    assert [result.passed for result in found.results] == [True]


@pytest.mark.parametrize(
    ("carriers", "role", "why"),
    [
        ([failing("no STS"), failing("not there", bound=False)], ROLE, "no STS"),
        ([failing("no STS"), failing("no agent")], ROLE, "no STS; no agent"),
        (
            [failing("no STS")],
            replace(ROLE, bindings=()),
            "no STS; it is bound to no service in which a probe can run",
        ),
    ],
)
def test_without_a_carrier_all_is_skipped(
    probe: Probe, carriers: Sequence[Carrier], role: ProbedRole, why: str
) -> None:
    """The reasons of all that might have carried the role are said."""
    assert reasons(probe(ask("sns:ListTopics"), carriers=carriers, role=role)) == [why]


def test_what_is_left_is_said(probe: Probe) -> None:
    """Also if there are answers; and no further carrier makes something while it is."""
    after = Fixed()

    found = probe(ask("sns:ListTopics"), carriers=[Fixed(left=("aws x y",))])
    failed = probe(ask("sns:ListTopics"), carriers=[failing("no", "aws x y"), after])

    for answers in (found, failed):
        remark = next(one for one in answers.remarks if one.rule == "probe-left")
        assert "aws x y" in remark.message
        assert remark.severity == "error"
    assert (len(found.results), after.asked) == (1, [])


@pytest.mark.parametrize(("principal", "proven"), [("ec2.amazonaws.com", True), (None, False)])
def test_a_service_that_came_up_with_the_role(probe: Probe, principal: str, proven: bool) -> None:  # noqa: FBT001
    """It has assumed the role; credentials from STS say nothing of that."""
    question = Question(READER, "sts:AssumeRole", "", Expected.ALLOW, "ec2.amazonaws.com")

    found = probe(question, carriers=[Fixed(principal=principal)])

    assert [result.passed for result in found.results] == ([True] if proven else [])
    assert len(found.skipped) == (0 if proven else 1)


def test_a_role_that_is_not_there(harmless: Harmless) -> None:
    """Nothing is called for it."""
    found = Prober({}, harmless, [Fixed()])([ask("sns:ListTopics")])

    assert reasons(found) == ["the role is not there"]


def test_bindings_find_their_roles() -> None:
    """By name or ARN in whichever attribute a service has it, and by nothing else."""
    other = Address("role", "writer")
    attributes = {
        READER: {"name": "reader"},
        other: {"name": "writer"},
        Address("service_binding", "a"): {"service": "ec2", "role": "reader", "instances": []},
        Address("service_binding", "b"): {
            "service": "lambda",
            "function": "writer",
            "role_arn": ARN,
        },
        Address("service_binding", "c"): {
            "service": "ecs",
            "task_role_arn": None,
            "execution_role_arn": ARN,
        },
    }

    found = probed_roles(attributes, {READER: ARN, other: ARN.replace("reader", "writer")})

    assert [bound.attributes["service"] for bound in found[READER].bindings] == [
        "ec2",
        "lambda",
        "ecs",
    ]
    assert found[other].bindings == ()


def policies(*, boundary: bool = False, condition: bool = False) -> RolePolicies:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    if condition:
        statement |= {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    named = NamedPolicy("it", parse({"Version": "2012-10-17", "Statement": statement}))
    return RolePolicies(
        READER, "reader", ARN, named, (named,), boundary=named if boundary else None
    )


@pytest.mark.parametrize(
    ("role", "action", "resource", "why"),
    [
        (policies(), "s3:GetObject", OBJECTS, ""),
        (policies(), "sns:ListTopics", "*", ""),
        (policies(), "sqs:ListQueueTags", "arn:aws:sqs:eu-west-1:123456789012:jobs", ""),
        (
            policies(),
            "sqs:GetQueueUrl",
            "arn:aws:sqs:eu-west-1:123456789012:jobs",
            "resources of sqs",
        ),
        (policies(), "dynamodb:DescribeTable", TABLE, "resources of dynamodb"),
        (policies(boundary=True), "s3:GetObject", OBJECTS, "boundaries"),
        (policies(condition=True), "s3:GetObject", OBJECTS, "conditions"),
    ],
)
def test_what_a_sandbox_can_not_tell(
    harmless: Harmless, role: RolePolicies, action: str, resource: str, why: str
) -> None:
    """moto's answer counts only where it weighs what AWS would."""
    found = SandboxLimits({READER: role})(ask(action, resource), harmless.trial(action, resource))

    assert why in found
    assert bool(why) is bool(found)


def test_a_plan_can_not_be_tried() -> None:
    """What isn't there yet has nothing to make calls under."""
    with pytest.raises(Problem, match="--probe can't try"):
        verify(Common(), planned=True, probe=True)
