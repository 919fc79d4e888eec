"""What is around a state: who else uses what it holds, as kinds and services tell it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import Resource
from ...resources.ports import AwsError, AwsReader
from ...resources.registry import binding_classes
from ...resources.role import Role
from ...resources.strays import Around, Stray, Watched

Watching = Mapping[type[Resource], Mapping[Address, Watched]]


def strays_around(aws: AwsReader, watched: Watching, around: Around) -> Iterator[Stray]:
    """The strays of all that is watched; what we may not read is noted, and is not the end.

    Raises:
        AwsError: AWS can't be reached, or doesn't accept our credentials.
    """
    for kind, own in watched.items():
        yield from _readable(
            partial(kind.strays, aws, own, around), "who else uses roles and policies", around
        )
    roles = watched.get(Role, {})
    for service, binding in binding_classes().items():
        carried = _carried_by(binding, roles, aws)
        if carried:
            read = partial(binding.users_of_roles, aws, carried, around)
            yield from _readable(read, f"what of {service} carries roles", around)


def _readable(read: Callable[[], Iterable[Stray]], what: str, around: Around) -> list[Stray]:
    try:
        return list(read())
    except AwsError as error:
        if not error.denied:
            raise
        around.note(f"{what} could not be told: {error.service}:{error.operation} was refused")
        return []


def _carried_by(
    binding: type[ServiceBinding], roles: Mapping[Address, Watched], aws: AwsReader
) -> dict[str, Address]:
    """The roles that a service could carry, by ARN: they must trust it."""
    return {
        Role.arn(each.observed, aws.identity): address
        for address, each in roles.items()
        if _trusts(each.observed["trust_policy"], binding.principal)
    }


def _trusts(document: Attrs, principal: str) -> bool:
    text = json.dumps(document, default=dict)
    return principal in text or '"*"' in text
