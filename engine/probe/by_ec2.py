"""Under a role by EC2: a script that SSM runs on an instance which carries the role.

Nothing is made for it, and nothing on the instance is changed. It needs the SSM agent, reachable,
and the AWS CLI on the instance.
Sources: Systems Manager API reference, `SendCommand`, `GetCommandInvocation`,
`DescribeInstanceInformation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.ports import AwsError
from ...state.clock import Clock
from ..calling import Aws
from .carriers import CannotCarryError, NotBoundError, ProbedRole, Report
from .shell import read_report, report_script
from .trials import Answer, Trial

PRINCIPAL = "ec2.amazonaws.com"
SECONDS = 180.0
"""How long a command may take."""
POLL_SECONDS = 2.0
CALLS_AT_ONCE = 100
"""SSM tells no more than the first 24,000 characters that a command prints."""

_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})


@dataclass(frozen=True, slots=True)
class ByEc2:
    """Carrier: makes calls from an instance."""

    aws: Aws
    clock: Clock

    def __call__(self, role: ProbedRole, trials: Sequence[Trial]) -> Report:
        """Make the calls.

        Raises:
            NotBoundError: the role is on no instance.
            CannotCarryError: SSM can't run the script on one.
        """
        wanted = [
            instance for bound in role.bound_to("ec2") for instance in bound.attributes["instances"]
        ]
        if not wanted:
            raise NotBoundError("it is bound to no EC2 instance")
        try:
            instance = self._online(wanted)
            answers = [
                answer
                for start in range(0, max(1, len(trials)), CALLS_AT_ONCE)
                for answer in self._run(instance, role, trials[start : start + CALLS_AT_ONCE])
            ]
        except AwsError as error:
            raise CannotCarryError(
                f"{error.service}:{error.operation} failed: {error.code}: {error.message}"
            ) from error
        return Report(tuple(answers), f"on instance {instance}", PRINCIPAL)

    def _online(self, wanted: Sequence[str]) -> str:
        """An instance on which SSM can run a shell script."""
        pages = self.aws.pages(
            "ssm",
            "DescribeInstanceInformation",
            {"Filters": [{"Key": "InstanceIds", "Values": list(wanted)}]},
        )
        told: list[Mapping[str, Any]] = [
            one for page in pages for one in page["InstanceInformationList"]
        ]
        fit = sorted(
            str(one["InstanceId"])
            for one in told
            if one["PingStatus"] == "Online" and one["PlatformType"] == "Linux"
        )
        if not fit:
            raise CannotCarryError(
                f"no SSM agent on Linux reports from {', '.join(sorted(wanted))}"
            )
        return fit[0]

    def _run(self, instance: str, role: ProbedRole, trials: Sequence[Trial]) -> tuple[Answer, ...]:
        sent = self.aws.call(
            "ssm",
            "SendCommand",
            {
                "InstanceIds": [instance],
                "DocumentName": "AWS-RunShellScript",
                "Comment": "rolewright verify --probe: reads only",
                "TimeoutSeconds": 60,
                "Parameters": {
                    "commands": [report_script(trials, self.aws.identity.region)],
                    "executionTimeout": [str(int(SECONDS))],
                },
            },
        )
        command = str(sent["Command"]["CommandId"])
        try:
            ended = self._ended(command, instance)
        except BaseException:
            # Whoever waits no longer has no use for it; that it may have ended is no matter.
            self._cancel(command, instance)
            raise
        if ended["Status"] != "Success":
            raise CannotCarryError(
                f"the script on {instance} ended as {ended.get('StatusDetails') or ended['Status']}"
            )
        return read_report(ended["StandardOutputContent"], role, len(trials))

    def _ended(self, command: str, instance: str) -> Mapping[str, Any]:
        """The end of a command, waited for."""
        deadline = self.clock.monotonic() + SECONDS + POLL_SECONDS
        while self.clock.monotonic() < deadline:
            self.clock.sleep(POLL_SECONDS)
            try:
                found = self.aws.read(
                    "ssm",
                    "GetCommandInvocation",
                    {"CommandId": command, "InstanceId": instance},
                )
            except AwsError as error:
                # SSM tells it a moment later.
                if error.code != "InvocationDoesNotExist":
                    raise
                continue
            if found["Status"] not in _UNDER_WAY:
                return found
        raise CannotCarryError(f"the script on {instance} did not end in {SECONDS:.0f} seconds")

    def _cancel(self, command: str, instance: str) -> None:
        try:
            self.aws.call("ssm", "CancelCommand", {"CommandId": command, "InstanceIds": [instance]})
        except AwsError:
            return
