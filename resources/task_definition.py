"""Reads of ECS task definitions and services, and the calls that give them roles.

Sources: ECS API reference, `RegisterTaskDefinition`, `DeregisterTaskDefinition`, `UpdateService`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .calls import Attrs, Call, Expect, Phase, Proof, Retry, Template, Verdict, output
from .kind import ADDRESS_TAG, RUN_TAG, STACK_TAG, Context
from .ports import AwsError, AwsReader
from .tags import as_list

ROLES = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}
ANSWER_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
)
NEW_ROLE = (
    Retry(
        "InvalidParameterException",
        "verify that the ECS service role being passed has the proper permissions",
        240,
    ),
    Retry("InvalidParameterException", "does not have an associated load balancer", 240),
)
DESCRIBED_TOGETHER = 10
"""How many services `DescribeServices` takes at once (ECS API reference)."""
REVISION = "taskDefinition.taskDefinitionArn"


def newest(aws: AwsReader, family: str) -> Mapping[str, Any] | None:
    """The newest active revision of a family, or None when it has none."""
    answer = describe(aws, family)
    if answer is None or answer["taskDefinition"]["status"] == "ACTIVE":
        return answer
    pages = aws.pages("ecs", "ListTaskDefinitions", {"familyPrefix": family, "status": "ACTIVE"})
    listed = [revision for page in pages for revision in page["taskDefinitionArns"]]
    newest = max(listed, key=lambda arn: int(arn.rpartition(":")[2]), default=None)
    return None if newest is None else describe(aws, newest)


def describe(aws: AwsReader, name: str) -> Mapping[str, Any] | None:
    """A task definition by family or ARN, with its tags; None where there is none."""
    try:
        return aws.read(
            "ecs", "DescribeTaskDefinition", {"taskDefinition": name, "include": ["TAGS"]}
        )
    except AwsError as error:
        if (
            error.code == "ClientException"
            and "Unable to describe task definition" in error.message
        ):
            return None
        raise


def task_families(aws: AwsReader) -> list[str]:
    """The families that have an active revision."""
    pages = aws.pages("ecs", "ListTaskDefinitionFamilies", {"status": "ACTIVE"})
    return sorted(family for page in pages for family in page["families"])


def services_of_families(aws: AwsReader, families: Collection[str]) -> dict[str, list[str]]:
    """The active services, as CLUSTER/SERVICE, that run a revision of each of these families."""
    found: dict[str, list[str]] = {}
    clusters = [arn for page in aws.pages("ecs", "ListClusters", {}) for arn in page["clusterArns"]]
    for cluster in clusters:
        pages = aws.pages("ecs", "ListServices", {"cluster": cluster})
        listed = [arn for page in pages for arn in page["serviceArns"]]
        for start in range(0, len(listed), DESCRIBED_TOGETHER):
            some = listed[start : start + DESCRIBED_TOGETHER]
            answer = aws.read("ecs", "DescribeServices", {"cluster": cluster, "services": some})
            for service in answer["services"]:
                family = _family(service.get("taskDefinition", ""))
                if service["status"] == "ACTIVE" and family in families:
                    name = f"{cluster.rpartition('/')[2]}/{service['serviceName']}"
                    found.setdefault(family, []).append(name)
    return found


def _family(revision: str) -> str:
    return revision.rpartition("/")[2].partition(":")[0]


def managed_roles(attrs: Attrs) -> dict[str, str]:
    """The roles that are set, by attribute."""
    return {name: attrs[name] for name in ROLES if attrs.get(name)}


def roles_of(answer: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        name: answer["taskDefinition"].get(parameter) or None for name, parameter in ROLES.items()
    }


def made_revision(answer: Mapping[str, Any], last: Attrs) -> dict[str, str | None]:
    """The revision that an apply made, with the run that did, given what was remembered of them.

    Who copies our revision, as deployments do, copies its tags too: only the first one with a run's tag is ours.
    """
    listed: list[dict[str, str]] = answer.get("tags") or []
    run = next((tag["value"] for tag in listed if tag["key"] == RUN_TAG), None)
    if run is None or run == last.get("made_by"):
        return {"made": last.get("made"), "made_by": last.get("made_by")}
    return {"made": answer["taskDefinition"]["taskDefinitionArn"], "made_by": run}


def running_revisions(aws: AwsReader, names: Sequence[str]) -> dict[str, str | None]:
    """The revision that each named service runs, or None for a service that isn't there."""

    def one(name: str) -> str | None:
        cluster, service = name.split("/")
        try:
            answer = aws.read(
                "ecs", "DescribeServices", {"cluster": cluster, "services": [service]}
            )
        except AwsError as error:
            if error.code == "ClusterNotFoundException":
                return None
            raise
        return next(
            (s["taskDefinition"] for s in answer["services"] if s["status"] == "ACTIVE"), None
        )

    return {name: one(name) for name in names}


def carries(
    aws: AwsReader, used: str, wanted: Mapping[str, str], newest: Mapping[str, Any]
) -> bool:
    """Whether the revision that a service runs has the wanted roles."""
    answer = (
        newest if used == newest["taskDefinition"]["taskDefinitionArn"] else describe(aws, used)
    )
    found = {} if answer is None else roles_of(answer)
    return all(found.get(name) == arn for name, arn in wanted.items())


def register(
    observed: Attrs, roles: Mapping[str, str | None], context: Context, *, phase: Phase = Phase.MAKE
) -> Call:
    """Copy the newest revision under other roles; a role of None is left out."""
    label = f"register-{phase}"
    own = {STACK_TAG: context.stack, ADDRESS_TAG: str(context.address), RUN_TAG: context.run}
    kept = observed["revision_tags"] | own
    dropped = tuple(ROLES[name] for name, arn in roles.items() if arn is None)
    back = _deregister(output(label, REVISION))
    return Call(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": observed["family"],
            "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in as_list(kept)],
            **{ROLES[name]: arn for name, arn in roles.items() if arn is not None},
        },
        label=label,
        phase=phase,
        undo=(back,),
        permissions=("iam:PassRole", "ecs:TagResource"),
        proof=Proof(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": observed["family"], "include": ["TAGS"]},
            f"taskDefinition.status=='ACTIVE' && tags[?key=='{RUN_TAG}'].value | [0]",
            done=(context.run,),
            otherwise=Verdict.NOT_DONE,
            outputs={REVISION: REVISION},
        ),
        lossy="a revision that was registered stays listed as INACTIVE after its undo",
        template=Template(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": observed["revision"]},
            "taskDefinition",
            omit=(*ANSWER_ONLY, *dropped),
        ),
        expect=Expect(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": observed["family"]},
            # An inactive one is no answer to which is the newest: AWS itself names active ones alone.
            f"taskDefinition.status=='ACTIVE' && taskDefinition.taskDefinitionArn!='{observed['revision']}'",
            value=False,
        ),
    )


def _deregister(revision: Any) -> Call:
    return Call("ecs", "DeregisterTaskDefinition", {"taskDefinition": revision})


def retire(revision: str) -> Call:
    """Deregister a revision of our own for good: AWS has no way to make one active again."""
    return replace(
        _deregister(revision),
        phase=Phase.RETIRE,
        proof=Proof(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": revision},
            "taskDefinition.status",
            done=("INACTIVE", "DELETE_IN_PROGRESS"),
            not_done=("ACTIVE",),
        ),
    )


def move(name: str, revision: Any, before: str, *, phase: Phase = Phase.MAKE) -> Call:
    """Put a service on to a revision."""
    cluster, service = name.split("/")
    target = {"cluster": cluster, "service": service}
    return Call(
        "ecs",
        "UpdateService",
        {**target, "taskDefinition": revision},
        phase=phase,
        retry=NEW_ROLE,
        undo=(Call("ecs", "UpdateService", {**target, "taskDefinition": before}, retry=NEW_ROLE),),
        expect=Expect(
            "ecs",
            "DescribeServices",
            {"cluster": cluster, "services": [service]},
            "services[0].taskDefinition",
            before,
        ),
    )
