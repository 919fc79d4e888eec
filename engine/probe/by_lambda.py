"""Under a role by Lambda: a function made for the probe, which carries the role and is removed again.

The function that the stack binds is neither changed nor invoked. What the probe function logs is
only what goes wrong in it, and its log group goes with it. It stands in no VPC: a policy that asks
for the bound function's VPC denies it.
Sources: Lambda API reference, `CreateFunction`, `Invoke`, `DeleteFunction`; Lambda developer guide,
"Lambda function states" and "Configuring advanced logging controls for your Lambda function".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...resources.calls import Call, Proof, Verdict, Wait, binary
from ...resources.kind import ADDRESS_TAG, RUN_TAG, STACK_TAG
from ...resources.ports import AwsError
from ...resources.settle import LAMBDA_ROLE
from ..placeholders import Outputs
from ..session import Session
from .carriers import CannotCarryError, NotBoundError, ProbedRole, Report
from .temporary import with_temporary
from .trials import EXPLICIT, NAMED, Answer, Trial

PRINCIPAL = "lambda.amazonaws.com"
SECONDS = 55
"""How long the function may take for its calls: less than anybody waits for an answer of AWS."""
CALLS_AT_ONCE = 40

_ABSENT = "ResourceNotFoundException"


class FunctionCode(Protocol):
    """The probe function's code, and a way of calling it; both come from `engine.aws`."""

    @property
    def archive(self) -> bytes:
        """The deployment package: a zip file."""
        ...

    @property
    def handler(self) -> str: ...

    @property
    def runtime(self) -> str: ...

    def invoke(self, name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the function returns; raises AwsError, also where the function itself fails."""
        ...


@dataclass(frozen=True, slots=True)
class ByLambda:
    """Carrier: makes calls from a short-lived function. The caller holds the state's lock."""

    session: Session
    code: FunctionCode

    def __call__(self, role: ProbedRole, trials: Sequence[Trial]) -> Report:
        """Make the calls.

        Raises:
            NotBoundError: the role is on no function.
            CannotCarryError: the probe function can't be made or run.
            Problem: the journal can't be written.
        """
        bound = role.bound_to("lambda")
        if not bound:
            raise NotBoundError("it is bound to no Lambda function")
        address = bound[0].address

        def calls(run: str) -> Sequence[Call]:
            tags = {STACK_TAG: self.session.stack, ADDRESS_TAG: str(address), RUN_TAG: run}
            return (self._create(_name(run), role.arn, tags),)

        def use(run: str, _: Outputs) -> tuple[Answer, ...]:
            return tuple(
                answer
                for start in range(0, max(1, len(trials)), CALLS_AT_ONCE)
                for answer in self._invoke(_name(run), role, trials[start : start + CALLS_AT_ONCE])
            )

        answers, left = with_temporary(self.session, address, calls, use)
        return Report(answers, "from a Lambda function that carried the role", PRINCIPAL, left)

    def _create(self, name: str, role_arn: str, tags: Mapping[str, str]) -> Call:
        return Call(
            "lambda",
            "CreateFunction",
            {
                "FunctionName": name,
                "Description": "Made by rolewright verify --probe, and removed right after",
                "Runtime": self.code.runtime,
                "Handler": self.code.handler,
                "Role": role_arn,
                "Code": {"ZipFile": binary(self.code.archive)},
                "Timeout": SECONDS,
                "MemorySize": 1024,
                "LoggingConfig": {
                    "LogFormat": "JSON",
                    "ApplicationLogLevel": "FATAL",
                    "SystemLogLevel": "WARN",
                },
                "Tags": tags,
            },
            retry=LAMBDA_ROLE,
            wait=Wait(
                "lambda",
                "GetFunctionConfiguration",
                {"FunctionName": name},
                "State",
                until=("Active", None),
                failed=("Failed",),
            ),
            proof=Proof(
                "lambda",
                "GetFunctionConfiguration",
                {"FunctionName": name},
                "FunctionName",
                done=(name,),
                absent=(_ABSENT,),
            ),
            undo=(_delete(name), _delete_log(name)),
            permissions=("iam:PassRole", "lambda:TagResource"),
        )

    def _invoke(self, name: str, role: ProbedRole, trials: Sequence[Trial]) -> tuple[Answer, ...]:
        event = {
            "calls": [
                {
                    "service": trial.service,
                    "operation": trial.operation,
                    "parameters": dict(trial.parameters),
                }
                for trial in trials
            ],
            "explicit": EXPLICIT,
            "named": NAMED,
        }
        try:
            told = self.code.invoke(name, event)
        except AwsError as error:
            raise CannotCarryError(
                f"the probe function failed: {error.code}: {error.message}"
            ) from error
        if not role.wears(str(told["caller"])):
            raise CannotCarryError("the probe function ran under another role")
        return tuple(
            Answer(str(one["code"]), bool(one["explicit"]), str(one["named"]))
            for one in told["answers"]
        )


def _name(run: str) -> str:
    return f"rolewright-probe-{run}"


def _delete(name: str) -> Call:
    return Call(
        "lambda",
        "DeleteFunction",
        {"FunctionName": name},
        done_if=(_ABSENT,),
        proof=Proof(
            "lambda",
            "GetFunctionConfiguration",
            {"FunctionName": name},
            "FunctionName",
            not_done=(name,),
            gone=(_ABSENT,),
        ),
    )


def _delete_log(name: str) -> Call:
    """Delete the log group that Lambda makes where the role may make one."""
    group = f"/aws/lambda/{name}"
    return Call(
        "logs",
        "DeleteLogGroup",
        {"logGroupName": group},
        done_if=(_ABSENT,),
        proof=Proof(
            "logs",
            "DescribeLogGroups",
            {"logGroupNamePrefix": group},
            "logGroups[0].logGroupName",
            not_done=(group,),
            otherwise=Verdict.DONE,
        ),
    )
