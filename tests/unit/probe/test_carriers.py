"""Carriers on a scripted AWS: what they call, what they make of the answers, and what faults leave behind."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from rolewright.engine.aws.probe_function import ProbeFunction
from rolewright.engine.probe.by_ec2 import ByEc2
from rolewright.engine.probe.by_ecs import ByEcs
from rolewright.engine.probe.by_lambda import ByLambda
from rolewright.engine.probe.by_sts import BySts
from rolewright.engine.probe.carriers import CannotCarryError, NotBoundError, ProbedRole
from rolewright.engine.probe.harmless import Harmless
from rolewright.engine.probe.trials import Answer, Trial
from rolewright.engine.recovery import Direction
from rolewright.engine.session import Session
from rolewright.resources.calls import Attrs, with_bytes
from rolewright.resources.diagnostics import Problem
from rolewright.state.entries import Outcome
from support.runs import StillClock

from .conftest import ARN, RUN, ScriptedAws, bound_role, refusal

SessionOn = Callable[[ScriptedAws], Session]
CALLER = "arn:aws:sts::123456789012:assumed-role/reader/session"
DENIED = {"code": "AccessDenied", "explicit": True, "named": "sns:ListTopics"}
FUNCTION = bound_role(service="lambda", function="work", role_arn=ARN)
TASKS = bound_role(service="ecs", family="work", services=["main/worker"], task_role_arn=ARN)
INSTANCES = bound_role(service="ec2", role="reader", instances=["i-1", "i-2"])
NAME = f"rolewright-probe-{RUN}"


@pytest.fixture
def trials(harmless: Harmless) -> list[Trial]:
    return [harmless.trial("sns:ListTopics", "*"), harmless.trial("sqs:ListQueues", "*")]


def payload(caller: str = CALLER) -> Mapping[str, Any]:
    told = {"caller": caller, "answers": [DENIED, {"code": "", "explicit": False, "named": ""}]}
    return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(told).encode())}


def lambda_replies(**others: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return {
        "GetFunctionConfiguration": ({"State": "Pending"}, {"State": "Active"}),
        "Invoke": (lambda _: payload(),),
        "DeleteLogGroup": (refusal("ResourceNotFoundException"),),
        **others,
    }


def outcome(session: Session) -> Outcome | None:
    run = session.journal.last_run()
    return None if run is None or run.ended is None else run.ended.outcome


def test_lambda_makes_asks_and_removes(session_on: SessionOn, trials: list[Trial]) -> None:
    """A function of its own carries the role, tells codes, and is gone; the bound one is left alone."""
    aws = ScriptedAws(lambda_replies())
    session = session_on(aws)

    report = ByLambda(session, ProbeFunction(aws))(FUNCTION, trials)

    assert report.answers == (Answer("AccessDenied", True, "sns:ListTopics"), Answer())
    assert (report.principal, report.left) == ("lambda.amazonaws.com", ())
    assert aws.operations == [
        "CreateFunction",
        "GetFunctionConfiguration",
        "GetFunctionConfiguration",
        "Invoke",
        "DeleteFunction",
        "DeleteLogGroup",
    ]
    made = aws.parameters("CreateFunction")
    assert (made["FunctionName"], made["Role"]) == (NAME, ARN)
    assert made["Tags"]["rolewright:run"] == RUN
    code = zipfile.ZipFile(io.BytesIO(with_bytes(made["Code"])["ZipFile"]))
    compile(code.read("index.py"), "index.py", "exec")
    assert json.loads(aws.parameters("Invoke")["Payload"])["calls"][0]["operation"] == "ListTopics"
    assert {p["FunctionName"] for name, p in aws.log if "Function" in name} == {NAME}
    assert session.journal.open_run() is None


def test_lambda_waits_for_a_new_role(session_on: SessionOn, trials: list[Trial]) -> None:
    """While the role spreads, Lambda refuses it; that passes."""
    spreading = refusal(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
    aws = ScriptedAws(lambda_replies(CreateFunction=(spreading, spreading, {})))

    report = ByLambda(session_on(aws), ProbeFunction(aws))(FUNCTION, trials)

    assert len(report.answers) == 2
    assert aws.operations.count("CreateFunction") == 3


@pytest.mark.parametrize(
    ("replies", "why", "removed"),
    [
        ({"CreateFunction": (refusal("AccessDeniedException"),)}, "CreateFunction failed", False),
        ({"Invoke": (refusal("TooManyRequestsException"),)}, "probe function failed", True),
        (
            {
                "Invoke": (
                    lambda _: {
                        "FunctionError": "Unhandled",
                        "Payload": io.BytesIO(b'{"errorMessage": "timed out"}'),
                    },
                )
            },
            "timed out",
            True,
        ),
        ({"Invoke": (lambda _: payload(CALLER.replace("reader", "x")),)}, "another role", True),
        ({"GetFunctionConfiguration": ({"State": "Failed"},)}, "became Failed", True),
        (
            {
                "CreateFunction": (refusal("Timeout", uncertain=True),),
                "GetFunctionConfiguration": (refusal("AccessDeniedException"),),
            },
            "Timeout",
            True,
        ),
    ],
)
def test_lambda_removes_whatever_goes_wrong(
    session_on: SessionOn,
    trials: list[Trial],
    replies: dict[str, Sequence[Any]],
    why: str,
    removed: bool,  # noqa: FBT001
) -> None:
    """A function that may have been made is removed, and the journal is closed."""
    aws = ScriptedAws(lambda_replies(**replies))
    session = session_on(aws)

    with pytest.raises(CannotCarryError, match=why) as error:
        ByLambda(session, ProbeFunction(aws))(FUNCTION, trials)

    assert error.value.left == ()
    assert ("DeleteFunction" in aws.operations) is removed
    assert session.journal.open_run() is None


def test_lambda_removes_on_an_interrupt(session_on: SessionOn, trials: list[Trial]) -> None:
    """Ctrl-C while the function runs removes it before anything else."""

    def interrupted(_: Attrs) -> Mapping[str, Any]:
        raise KeyboardInterrupt

    aws = ScriptedAws(lambda_replies(Invoke=(interrupted,)))
    session = session_on(aws)

    with pytest.raises(KeyboardInterrupt):
        ByLambda(session, ProbeFunction(aws))(FUNCTION, trials)

    assert aws.operations[-2:] == ["DeleteFunction", "DeleteLogGroup"]
    assert session.journal.open_run() is None


def test_what_can_not_be_removed_is_said_and_recovered(
    session_on: SessionOn, trials: list[Trial]
) -> None:
    """The answers count; the journal stays open, names the command, and `recover --back` tries again."""
    refused = refusal("AccessDeniedException")
    aws = ScriptedAws(lambda_replies(DeleteFunction=(refused,)))
    session = session_on(aws)

    report = ByLambda(session, ProbeFunction(aws))(FUNCTION, trials)

    assert len(report.answers) == 2
    assert report.left[0] == (
        f'aws lambda delete-function --cli-input-json \'{{"FunctionName": "{NAME}"}}\''
    )
    assert outcome(session) is Outcome.ROLLBACK_INCOMPLETE
    with pytest.raises(Problem, match="earlier probe"):
        ByLambda(session, ProbeFunction(aws))(FUNCTION, trials)
    with pytest.raises(Problem, match="no forward"):
        session.recover(Direction.FORWARD)
    healed = ScriptedAws(lambda_replies(GetFunctionConfiguration=({"FunctionName": NAME},)))
    session.aws = healed
    assert session.recover(Direction.BACK).left == ()
    assert ("DeleteFunction", {"FunctionName": NAME}) in healed.log
    assert session.journal.open_run() is None


SERVICE = {
    "services": [
        {
            "taskDefinition": "work:7",
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        }
    ]
}
DEFINITION = {
    "taskDefinition": {
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "status": "ACTIVE",
    }
}
STARTED = {"tasks": [{"taskArn": "arn:task/1"}], "failures": []}


def stopped(*codes: int | None, reason: str = "") -> Mapping[str, Any]:
    containers = [
        {"name": f"call-{index}", "exitCode": code, "reason": reason}
        for index, code in enumerate(codes)
    ]
    containers.append({"name": "end", "exitCode": codes[0] if codes else 0, "reason": reason})
    return {"tasks": [{"lastStatus": "STOPPED", "containers": containers}]}


def ecs_replies(**others: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return {
        "DescribeServices": (SERVICE,),
        "DescribeTaskDefinition": (DEFINITION,),
        "RunTask": (STARTED,),
        "DescribeTasks": ({"tasks": [{"lastStatus": "PROVISIONING"}]}, stopped(0, 0)),
        **others,
    }


def test_ecs_runs_a_task_of_its_own(session_on: SessionOn, trials: list[Trial]) -> None:
    """The probe's definition carries the role beside the service, tells codes, and is gone."""
    aws = ScriptedAws(ecs_replies())
    session = session_on(aws)

    report = ByEcs(session)(TASKS, trials)

    assert report.answers == (Answer(), Answer())
    assert report.principal == "ecs-tasks.amazonaws.com"
    made = aws.parameters("RegisterTaskDefinition")
    assert (made["family"], made["taskRoleArn"]) == (NAME, ARN)
    assert [one["essential"] for one in made["containerDefinitions"]] == [False, False, True]
    started = aws.parameters("RunTask")
    assert started["cluster"] == "main"
    assert started["networkConfiguration"] == SERVICE["services"][0]["networkConfiguration"]
    assert aws.operations[-3:] == [
        "StopTask",
        "DeregisterTaskDefinition",
        "DeleteTaskDefinitions",
    ]
    assert aws.parameters("StopTask")["task"] == "arn:task/1"
    assert session.journal.open_run() is None


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        (
            {"DescribeTasks": (stopped(None, None, reason="CannotPullContainerError"),)},
            "CannotPull",
        ),
        ({"DescribeTasks": (stopped(252, 252),)}, "does not act under reader"),
        ({"DescribeTasks": ({"tasks": [{"lastStatus": "PENDING"}]},)}, "did not end in 600"),
        ({"RunTask": ({"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]},)}, "no place"),
        ({"RunTask": (refusal("AccessDeniedException"),)}, "RunTask failed"),
    ],
)
def test_ecs_removes_whatever_goes_wrong(
    session_on: SessionOn, trials: list[Trial], replies: dict[str, Sequence[Any]], why: str
) -> None:
    """The definition goes, and the task where there is one."""
    stop = {"StopTask": (lambda p: {} if p["task"] else _raise(refusal("ParamValidation")),)}
    aws = ScriptedAws(ecs_replies(**replies, **stop))
    session = session_on(aws)

    with pytest.raises(CannotCarryError, match=why) as error:
        ByEcs(session)(TASKS, trials)

    assert error.value.left == ()
    assert aws.operations[-1] == "DeleteTaskDefinitions"
    assert session.journal.open_run() is None


def _raise(error: Exception) -> Mapping[str, Any]:
    raise error


def test_ecs_splits_many_calls(session_on: SessionOn, trials: list[Trial]) -> None:
    """A task has at most ten containers."""
    aws = ScriptedAws(ecs_replies(DescribeTasks=(stopped(*[0] * 9), stopped(0))))
    session = session_on(aws)
    numbers = itertools.count()
    session.new_id = lambda: f"run-{next(numbers)}"

    report = ByEcs(session)(TASKS, trials * 5)

    assert len(report.answers) == 10
    assert aws.operations.count("RunTask") == 2


@pytest.mark.parametrize("service", ["lambda", "ecs", "ec2"])
def test_without_a_call_the_role_is_shown_all_the_same(session_on: SessionOn, service: str) -> None:
    """That the service assumes the role is no claim: something ran there, and said who it is."""
    replies = {**lambda_replies(), **ecs_replies(DescribeTasks=(stopped(),)), **ec2_replies()}
    aws = ScriptedAws(replies)
    session = session_on(aws)
    carrier, role, asked = {
        "lambda": (ByLambda(session, ProbeFunction(aws)), FUNCTION, "Invoke"),
        "ecs": (ByEcs(session), TASKS, "DescribeTasks"),
        "ec2": (ByEc2(aws, StillClock()), INSTANCES, "GetCommandInvocation"),
    }[service]

    assert carrier(role, ()).principal is not None
    assert asked in aws.operations


@pytest.mark.parametrize(
    ("role", "replies", "why"),
    [
        (bound_role(service="ecs", family="work", services=[]), {}, "names no service"),
        (TASKS, {"DescribeServices": ({"services": []},)}, "no ECS service main/worker"),
        (TASKS, {"DescribeServices": (refusal("AccessDenied"),)}, "DescribeServices failed"),
    ],
)
def test_ecs_needs_a_place(
    session_on: SessionOn,
    trials: list[Trial],
    role: ProbedRole,
    replies: dict[str, Sequence[Any]],
    why: str,
) -> None:
    """Without one nothing is made."""
    aws = ScriptedAws(ecs_replies(**replies))

    with pytest.raises(CannotCarryError, match=why):
        ByEcs(session_on(aws))(role, trials)

    assert "RegisterTaskDefinition" not in aws.operations


PRINTED = f"caller {CALLER}\n0 AccessDenied plain sns:ListTopics\n1 ok\n"
INFORMED = {
    "InstanceInformationList": [
        {"InstanceId": "i-1", "PingStatus": "ConnectionLost", "PlatformType": "Linux"},
        {"InstanceId": "i-2", "PingStatus": "Online", "PlatformType": "Linux"},
    ]
}


def ec2_replies(**others: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return {
        "DescribeInstanceInformation": (INFORMED,),
        "SendCommand": ({"Command": {"CommandId": "c-1"}},),
        "GetCommandInvocation": (
            refusal("InvocationDoesNotExist"),
            {"Status": "InProgress"},
            {"Status": "Success", "StandardOutputContent": PRINTED},
        ),
        **others,
    }


def test_ec2_runs_a_script_on_an_instance_that_answers(trials: list[Trial]) -> None:
    """SSM is asked until the script has ended."""
    aws, clock = ScriptedAws(ec2_replies()), StillClock()

    report = ByEc2(aws, clock)(INSTANCES, trials)

    assert report.answers == (Answer("AccessDenied", named="sns:ListTopics"), Answer())
    assert (report.where, report.principal) == ("on instance i-2", "ec2.amazonaws.com")
    assert aws.parameters("SendCommand")["InstanceIds"] == ["i-2"]
    assert clock.slept == 6


@pytest.mark.parametrize(
    ("replies", "why", "cancelled"),
    [
        (
            {"DescribeInstanceInformation": ({"InstanceInformationList": []},)},
            "no SSM agent",
            False,
        ),
        ({"SendCommand": (refusal("AccessDeniedException"),)}, "SendCommand failed", False),
        ({"GetCommandInvocation": ({"Status": "Failed"},)}, "ended as Failed", False),
        ({"GetCommandInvocation": ({"Status": "InProgress"},)}, "did not end in 180", True),
        ({"GetCommandInvocation": (refusal("AccessDenied"),)}, "GetCommandInvocation", True),
    ],
)
def test_ec2_says_what_went_wrong(
    trials: list[Trial],
    replies: dict[str, Sequence[Any]],
    why: str,
    cancelled: bool,  # noqa: FBT001
) -> None:
    """A command that nobody waits for any more is cancelled."""
    aws = ScriptedAws(ec2_replies(**replies))

    with pytest.raises(CannotCarryError, match=why):
        ByEc2(aws, StillClock())(INSTANCES, trials)

    assert ("CancelCommand" in aws.operations) is cancelled


def test_roles_of_other_services_are_passed_on(session_on: SessionOn, trials: list[Trial]) -> None:
    """Each service carries only what is bound to it."""
    aws = ScriptedAws()
    session = session_on(aws)

    for carrier, role in (
        (ByLambda(session, ProbeFunction(aws)), INSTANCES),
        (ByEcs(session), FUNCTION),
        (ByEc2(aws, StillClock()), TASKS),
    ):
        with pytest.raises(NotBoundError):
            carrier(role, trials)
    assert aws.log == []


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ({"GetCallerIdentity": (refusal("InvalidClientTokenId"),)}, "InvalidClientTokenId"),
        ({"GetCallerIdentity": ({"Arn": CALLER.replace("reader", "x")},)}, "another role"),
        ({"ListTopics": (refusal("Unreachable"),)}, "came to nothing: Unreachable"),
    ],
)
def test_sts_says_what_went_wrong(
    trials: list[Trial], replies: dict[str, Sequence[Any]], why: str
) -> None:
    """Nothing that says nothing of permissions is taken for an answer."""
    aws = ScriptedAws({"GetCallerIdentity": ({"Arn": CALLER},), **replies})

    with pytest.raises(CannotCarryError, match=why):
        BySts(lambda _: aws)(FUNCTION, trials)


def test_sts_asks_under_the_role(trials: list[Trial]) -> None:
    """Answers come in order, refusals among them."""
    aws = ScriptedAws({"GetCallerIdentity": ({"Arn": CALLER},), "ListTopics": (refusal("403"),)})

    report = BySts(lambda _: aws)(FUNCTION, trials)

    assert report.answers == (Answer("403"), Answer())
    assert report.principal is None
