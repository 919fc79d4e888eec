"""Under a role by ECS: a one-off task of the probe's own definition, beside a service that is bound.

The bound task definition is not used: an image of somebody else need have neither shell nor AWS
CLI. ECS Exec is not used either: its answer comes over a web socket of Session Manager, whose
client is a program of its own. So the probe registers a definition with Amazon's public image of
the AWS CLI and the role, runs it in the cluster and network of a service that the binding names,
and removes both. One container makes one call and tells the answer by its exit code: that needs
neither a log group nor a further role. The network must let the task reach the public registry.
Sources: ECS API reference, `RegisterTaskDefinition`, `RunTask`, `StopTask`, `DescribeTasks`; ECS
developer guide, "Amazon ECS task definition parameters" (container dependencies, ten containers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.calls import Attrs, Call, Proof, Verdict, output
from ...resources.kind import ADDRESS_TAG, RUN_TAG, STACK_TAG
from ...resources.ports import AwsError
from ...resources.task_definition import NEW_ROLE
from ..placeholders import Outputs
from ..session import Session
from .carriers import Bound, CannotCarryError, NotBoundError, ProbedRole, Report
from .shell import check_exit, exit_script, identity_script, read_exit
from .temporary import with_temporary
from .trials import Answer, Trial

PRINCIPAL = "ecs-tasks.amazonaws.com"
IMAGE = "public.ecr.aws/aws-cli/aws-cli:latest"
SECONDS = 600.0
"""How long a task may take from its order to its end, the image's way included."""
POLL_SECONDS = 5.0
CALLS_AT_ONCE = 9
"""A task has at most ten containers, and one of them waits for the others."""

_TASK = "tasks[0].taskArn"
_LAST = "end"
_COPIED = ("launchType", "capacityProviderStrategy", "networkConfiguration", "platformVersion")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a task can run: a service's cluster, its task definition's network, its way of running."""

    cluster: str
    network_mode: str | None
    compatibilities: Sequence[str]
    run: Attrs


@dataclass(frozen=True, slots=True)
class ByEcs:
    """Carrier: makes calls from one-off tasks. The caller holds the state's lock."""

    session: Session

    def __call__(self, role: ProbedRole, trials: Sequence[Trial]) -> Report:
        """Make the calls.

        Raises:
            NotBoundError: the role is on no task definition.
            CannotCarryError: no binding names a service to run beside, or the task can't be run.
            Problem: the journal can't be written.
        """
        bound = role.bound_to("ecs")
        if not bound:
            raise NotBoundError("it is bound to no ECS task definition")
        beside = next((one for one in bound if one.attributes["services"]), None)
        if beside is None:
            raise CannotCarryError(
                "its ecs binding names no service, in whose cluster and network a task could run"
            )
        name = str(beside.attributes["services"][0])
        try:
            place = self._place(name)
        except AwsError as error:
            raise CannotCarryError(
                f"{error.service}:{error.operation} failed: {error.code}: {error.message}"
            ) from error
        answers: list[Answer] = []
        left: tuple[str, ...] = ()
        for start in range(0, max(1, len(trials)), CALLS_AT_ONCE):
            if left:
                raise CannotCarryError("an earlier task of this probe could not be removed", left)
            some = trials[start : start + CALLS_AT_ONCE]
            found, left = self._run(place, beside, role, some)
            answers += found
        return Report(tuple(answers), f"in a one-off task beside {name}", PRINCIPAL, left)

    def _place(self, name: str) -> _Place:
        cluster, service = name.split("/")
        described = self.session.aws.read(
            "ecs", "DescribeServices", {"cluster": cluster, "services": [service]}
        )
        if not described["services"]:
            raise CannotCarryError(f"there is no ECS service {name}")
        found: Mapping[str, Any] = described["services"][0]
        definition = self.session.aws.read(
            "ecs", "DescribeTaskDefinition", {"taskDefinition": found["taskDefinition"]}
        )["taskDefinition"]
        return _Place(
            cluster,
            definition.get("networkMode"),
            definition.get("requiresCompatibilities") or (),
            {key: found[key] for key in _COPIED if found.get(key)},
        )

    def _run(
        self, place: _Place, bound: Bound, role: ProbedRole, trials: Sequence[Trial]
    ) -> tuple[list[Answer], tuple[str, ...]]:
        region = self.session.aws.identity.region
        scripts = [exit_script(trial, role, region) for trial in trials]
        last = identity_script(role, region)

        def calls(run: str) -> Sequence[Call]:
            tags = {STACK_TAG: self.session.stack, ADDRESS_TAG: str(bound.address), RUN_TAG: run}
            family = f"rolewright-probe-{run}"
            containers = _containers(scripts, last)
            return (
                _register(family, role.arn, place, containers, tags),
                _start(family, run, place),
            )

        def use(_: str, outputs: Outputs) -> list[Answer]:
            codes = self._exit_codes(place.cluster, outputs["task"][_TASK])
            check_exit(codes[_LAST], role)
            return [
                read_exit(codes[_container(index)], trial, role)
                for index, trial in enumerate(trials)
            ]

        return with_temporary(self.session, bound.address, calls, use, {"task": (_TASK,)})

    def _exit_codes(self, cluster: str, task: str | None) -> Mapping[str, int]:
        """The exit codes by container, once the task has ended."""
        if not task:
            raise CannotCarryError("ECS found no place for the probe's task")
        clock = self.session.clock
        deadline = clock.monotonic() + SECONDS
        while clock.monotonic() < deadline:
            clock.sleep(POLL_SECONDS)
            try:
                answer = self.session.aws.read(
                    "ecs", "DescribeTasks", {"cluster": cluster, "tasks": [task]}
                )
            except AwsError as error:
                raise CannotCarryError(f"ecs:DescribeTasks failed: {error.code}") from error
            found = next(iter(answer["tasks"]), None)
            if found is not None and found["lastStatus"] == "STOPPED":
                return _codes_of(found)
        raise CannotCarryError(f"the probe's task did not end in {SECONDS:.0f} seconds")


def _codes_of(task: Mapping[str, Any]) -> Mapping[str, int]:
    codes = {one["name"]: one.get("exitCode") for one in task["containers"]}
    if any(code is None for code in codes.values()):
        reasons = [one["reason"] for one in task["containers"] if one.get("reason")]
        why = next(iter(reasons), task.get("stoppedReason") or "no reason given")
        raise CannotCarryError(f"the probe's task did not run: {why}")
    return codes


def _container(index: int) -> str:
    return f"call-{index}"


def _containers(scripts: Sequence[str], last: str) -> list[dict[str, Any]]:
    """A container for each script, and the one that ends the task when they are done."""
    calls = [
        _shell(_container(index), script, essential=False) for index, script in enumerate(scripts)
    ]
    # ECS wants an essential container, and ends a task as soon as one of those ends.
    end = _shell(_LAST, last, essential=True)
    if calls:
        end["dependsOn"] = [
            {"containerName": one["name"], "condition": "COMPLETE"} for one in calls
        ]
    return [*calls, end]


def _shell(name: str, script: str, *, essential: bool) -> dict[str, Any]:
    return {
        "name": name,
        "image": IMAGE,
        "essential": essential,
        "entryPoint": ["/bin/sh", "-c"],
        "command": [script],
    }


def _register(
    family: str,
    role_arn: str,
    place: _Place,
    containers: Sequence[Mapping[str, Any]],
    tags: Mapping[str, str],
) -> Call:
    revision = f"{family}:1"
    return Call(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": family,
            "taskRoleArn": role_arn,
            "cpu": "512",
            "memory": "2048",
            **({"networkMode": place.network_mode} if place.network_mode else {}),
            **(
                {"requiresCompatibilities": list(place.compatibilities)}
                if place.compatibilities
                else {}
            ),
            "containerDefinitions": list(containers),
            "tags": [{"key": key, "value": value} for key, value in sorted(tags.items())],
        },
        label="definition",
        proof=Proof(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": revision},
            "taskDefinition.status",
            done=("ACTIVE",),
            absent=("ClientException",),
        ),
        undo=(
            Call(
                "ecs",
                "DeregisterTaskDefinition",
                {"taskDefinition": revision},
                proof=Proof(
                    "ecs",
                    "DescribeTaskDefinition",
                    {"taskDefinition": revision},
                    "taskDefinition.status",
                    not_done=("ACTIVE",),
                    otherwise=Verdict.DONE,
                    gone=("ClientException",),
                ),
            ),
            Call("ecs", "DeleteTaskDefinitions", {"taskDefinitions": [revision]}),
        ),
        permissions=("iam:PassRole", "ecs:TagResource"),
    )


def _start(family: str, run: str, place: _Place) -> Call:
    return Call(
        "ecs",
        "RunTask",
        {
            "cluster": place.cluster,
            "taskDefinition": f"{family}:1",
            "count": 1,
            "startedBy": "rolewright-probe",
            "clientToken": run,
            **place.run,
        },
        label="task",
        retry=NEW_ROLE,
        proof=Proof(
            "ecs",
            "ListTasks",
            {"cluster": place.cluster, "family": family},
            "taskArns[0]",
            not_done=(None,),
            otherwise=Verdict.DONE,
            outputs={_TASK: "taskArns[0]"},
        ),
        undo=(
            Call(
                "ecs",
                "StopTask",
                {
                    "cluster": place.cluster,
                    "task": output("task", _TASK),
                    "reason": "rolewright verify --probe has ended",
                },
                # ECS forgets a task an hour after its end; where it found no place, there is none.
                done_if=("InvalidParameterException", "ParamValidation"),
            ),
        ),
        permissions=("iam:PassRole",),
    )
