"""Under a role by STS: where whoever runs rolewright may assume the role.

No service is needed for it; but a role that only a service may assume can't be reached this way.
Source: STS API reference, `AssumeRole`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...resources.ports import AwsError, AwsReader
from .carriers import CannotCarryError, ProbedRole, Report
from .trials import Answer, Trial

Assume = Callable[[str], AwsReader]
"""Assumes the role with an ARN: an AWS that makes its calls under it. Raises AwsError."""

NEVER_ANSWERED = frozenset(
    {"BadConfiguration", "NoCredentials", "ParamValidation", "Timeout", "Unreachable"}
)
"""Our own codes for what AWS has not answered."""


@dataclass(frozen=True, slots=True)
class BySts:
    """Carrier: makes calls with the temporary credentials of the role.

    `stands_for` says in words for whom it does so where that is nobody: in a sandbox.
    """

    assume: Assume
    stands_for: str = ""

    def __call__(self, role: ProbedRole, trials: Sequence[Trial]) -> Report:
        """Make the calls.

        Raises:
            CannotCarryError: the role can't be assumed, or its credentials are not accepted.
        """
        try:
            aws = self.assume(role.arn)
            caller = aws.read("sts", "GetCallerIdentity", {})["Arn"]
        except AwsError as error:
            raise CannotCarryError(
                f"these credentials can't assume it ({error.operation}: {error.code})"
            ) from error
        if not role.wears(caller):
            raise CannotCarryError("the credentials that STS gave are another role's")
        answers = tuple(aws.map(lambda trial: _answer(aws, trial), trials))
        return Report(answers, self.stands_for or "with credentials of the role from STS")


def _answer(aws: AwsReader, trial: Trial) -> Answer:
    try:
        aws.read(trial.service, trial.operation, trial.parameters)
    except AwsError as error:
        if error.code in NEVER_ANSWERED:
            raise CannotCarryError(f"{trial} came to nothing: {error.code}") from error
        return Answer.of(error.code, error.message)
    return Answer()
