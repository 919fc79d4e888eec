"""AWS's own list of its actions, the service reference, as the object of a catalogue file. Pure.

The reference is an index of services and a JSON document for each of them. It says less than the
data that rolewright brings along: no dependent actions, which therefore stay empty. Keys that are
not known are left alone, since AWS adds some from time to time.

Source: Service Authorization Reference, "Simplified AWS service information for programmatic access".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from .catalogue import AccessLevel

INDEX_URL = "https://servicereference.us-east-1.amazonaws.com/"
"""Where AWS keeps the index."""

_ANY_ARN = "arn:${Partition}:${Service}:${Region}:${Account}:${Resource}"
_SIX_PARTS = re.compile(r"arn:(?:[^:]*:){4}.+")
# The riskiest first: an action may carry several of them, and one with none of them only reads.
_LEVELS = (
    ("IsPermissionManagement", AccessLevel.PERMISSIONS),
    ("IsTaggingOnly", AccessLevel.TAGGING),
    ("IsWrite", AccessLevel.WRITE),
    ("IsList", AccessLevel.LIST),
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Where the document of a service is; `service` is its prefix in policies."""

    service: str
    url: str


@dataclass(frozen=True, slots=True)
class _Named:
    Name: str


@dataclass(frozen=True, slots=True)
class _Annotations:
    Properties: dict[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class _Action:
    Name: str
    Annotations: _Annotations | None = None
    ActionConditionKeys: tuple[str, ...] | None = None
    Resources: tuple[_Named, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Resource:
    Name: str
    ARNFormats: tuple[str, ...] | None = None
    ConditionKeys: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Service:
    Name: str
    Actions: tuple[_Action, ...] = ()
    Resources: tuple[_Resource, ...] = field(default=())


def read_index(data: bytes) -> tuple[IndexEntry, ...]:
    """The services of the index.

    Raises:
        ValueError: this is no index, and why.
    """
    return _read(tuple[IndexEntry, ...], data)


def catalogue_mapping(documents: Iterable[bytes], day: date) -> dict[str, Any]:
    """The object of a catalogue file from the documents of all services, read on `day`.

    Raises:
        ValueError: one of them is no document of a service, and why.
    """
    services = (_read(_Service, data) for data in documents)
    found = {service.Name: _service_mapping(service) for service in services}
    return {
        "version": f"aws-service-reference-{day.isoformat()}",
        "date": day.isoformat(),
        "services": dict(sorted(found.items())),
    }


def _read(kind: type[T], data: bytes) -> T:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise ValueError(f"{place}: {fault['msg']}".removeprefix(": ")) from error


def _service_mapping(service: _Service) -> dict[str, Any]:
    types = {resource.Name: resource for resource in service.Resources}
    return {
        "actions": {action.Name: _action_mapping(action, types) for action in service.Actions},
        "resources": {
            name: {
                # What is no ARN of six parts might be anything: in doubt a resource fits.
                "arn_formats": [
                    form if _SIX_PARTS.fullmatch(form) else _ANY_ARN
                    for form in resource.ARNFormats or (_ANY_ARN,)
                ],
                "condition_keys": list(resource.ConditionKeys or ()),
            }
            for name, resource in types.items()
        },
    }


def _action_mapping(action: _Action, types: Mapping[str, _Resource]) -> dict[str, Any]:
    # A type that the document does not describe is one of another service, such as a role passed on.
    named = dict.fromkeys(one.Name for one in action.Resources or ())
    known = [name for name in named if name in types]
    keys = (
        *(action.ActionConditionKeys or ()),
        *(key for name in known for key in types[name].ConditionKeys or ()),
    )
    return {
        "level": _level(action).value,
        "resource_types": known,
        "condition_keys": list(dict.fromkeys(keys)),
    }


def _level(action: _Action) -> AccessLevel:
    """The riskiest level that the document gives; one that it says nothing of is a Write."""
    properties = action.Annotations.Properties if action.Annotations else None
    if not properties:
        return AccessLevel.WRITE
    return next((level for name, level in _LEVELS if properties.get(name)), AccessLevel.READ)
