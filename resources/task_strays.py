"""ECS task definitions and services that carry our roles and that nobody declared.

ECS has no list that tells roles: each family and each service has to be described, so that no more
than a bounded number of them are. Source: ECS API reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from .address import Address
from .kind import Slot
from .ports import AwsReader
from .strays import Around, Stray, Use
from .task_definition import describe, roles_of

MOST_FAMILIES = 100
MOST_SERVICES = 200
_TOGETHER = 10
"""So many services can be described in one call."""


def strays_of_tasks(
    aws: AwsReader, roles: Mapping[str, Address], around: Around
) -> Iterator[Stray]:
    """The newest revision of each family, and the revisions that services run.

    Raises:
        AwsError: a read was refused.
    """
    families = [
        family
        for family in _all(aws, "ListTaskDefinitionFamilies", "families", {"status": "ACTIVE"})
        if not around.claims.of(f"task-definition/{family}", Slot.CARRIED_ROLE)
    ]
    if len(families) > MOST_FAMILIES:
        around.note(
            f"only {MOST_FAMILIES} of {len(families)} ECS task definition families were looked at"
        )
    seen: set[str] = set()
    for answer in aws.map(partial(describe, aws), families[:MOST_FAMILIES]):
        if answer is not None and answer["taskDefinition"]["status"] == "ACTIVE":
            seen.add(answer["taskDefinition"]["taskDefinitionArn"])
            yield from _of_revision(answer, roles)
    running = _running(aws, around)
    unseen = sorted({revision for revision in running.values() if revision not in seen})
    found = dict(zip(unseen, aws.map(partial(describe, aws), unseen), strict=True))
    for name, revision in sorted(running.items()):
        answer = found.get(revision)
        if answer is not None:
            yield from _of_service(name, answer, roles)


def _of_revision(answer: Mapping[str, Any], roles: Mapping[str, Address]) -> Iterator[Stray]:
    definition = answer["taskDefinition"]
    for attribute, arn in roles_of(answer).items():
        address, family = roles.get(arn or ""), definition["family"]
        if address is not None:
            yield Stray(
                address,
                Use.CARRIER,
                definition["taskDefinitionArn"],
                f'tasks of ECS task definition "{family}" carry it as {_words(attribute)}',
                family,
                fields={
                    "service": "ecs",
                    "task_definition": family,
                    attribute.removesuffix("_arn"): address.local,
                },
            )


def _of_service(
    name: str, answer: Mapping[str, Any], roles: Mapping[str, Address]
) -> Iterator[Stray]:
    for attribute, arn in roles_of(answer).items():
        address = roles.get(arn or "")
        if address is not None:
            yield Stray(
                address,
                Use.CARRIER,
                f"ecs-service/{name}",
                f'ECS service "{name}" runs {_revision(answer)}, which carries it as '
                f"{_words(attribute)}",
                name,
            )


def _words(attribute: str) -> str:
    return attribute.removesuffix("_arn").replace("_", " ")


def _revision(answer: Mapping[str, Any]) -> str:
    return str(answer["taskDefinition"]["taskDefinitionArn"]).rpartition("/")[2]


def _running(aws: AwsReader, around: Around) -> dict[str, str]:
    """The revisions that services run which nobody declared, by CLUSTER/SERVICE.

    Services that run a declared family are that family's own.
    """
    services = _services(aws)
    arns = list(islice(services, MOST_SERVICES))
    if next(services, None) is not None:
        around.note(f"only {MOST_SERVICES} ECS services were looked at: there are more")
    by_cluster: dict[str, list[str]] = {}
    for cluster, arn in arns:
        by_cluster.setdefault(cluster, []).append(arn)
    groups = [
        {"cluster": cluster, "services": own[start : start + _TOGETHER]}
        for cluster, own in by_cluster.items()
        for start in range(0, len(own), _TOGETHER)
    ]
    answers = aws.map(partial(aws.read, "ecs", "DescribeServices"), groups)
    found = {
        f"{service['clusterArn'].rpartition('/')[2]}/{service['serviceName']}": service
        for answer in answers
        for service in answer["services"]
    }
    return {
        name: service["taskDefinition"]
        for name, service in found.items()
        if service.get("taskDefinition") and not _is_declared(name, service, around)
    }


def _is_declared(name: str, service: Mapping[str, Any], around: Around) -> bool:
    family = str(service["taskDefinition"]).rpartition("/")[2].partition(":")[0]
    return bool(
        around.claims.of(f"ecs-service/{name}", Slot.CARRIED_ROLE)
        or around.claims.of(f"task-definition/{family}", Slot.CARRIED_ROLE)
    )


def _services(aws: AwsReader) -> Iterator[tuple[str, str]]:
    for cluster in _all(aws, "ListClusters", "clusterArns", {}):
        for arn in _all(aws, "ListServices", "serviceArns", {"cluster": cluster}):
            yield cluster, arn


def _all(aws: AwsReader, operation: str, key: str, parameters: Mapping[str, str]) -> Iterable[str]:
    pages = aws.pages("ecs", operation, dict(parameters))
    return (item for page in pages for item in _items(page, key))


def _items(page: Mapping[str, Any], key: str) -> Sequence[str]:
    return page.get(key) or ()
