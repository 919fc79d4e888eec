"""CloudFormation templates, read: what names stand in the properties of a stack's resources.

Source: CloudFormation user guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

import yaml

from .foreign_json import Json, part

_PLACEHOLDER = re.compile(r"\$\{(!?[^${}]+)\}")


class _TemplateLoader(yaml.BaseLoader):
    """YAML with CloudFormation's short forms; every scalar stays text, no tag makes an object."""


def _short_form(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> Json:
    """`!Ref x` as `{"Ref": x}`, `!GetAtt a.b` as `{"Fn::GetAtt": "a.b"}`."""
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    match node:
        case yaml.MappingNode():
            value: object = loader.construct_mapping(node, deep=True)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = node.value
    return {name: value}


_TemplateLoader.add_multi_constructor("!", _short_form)  # pyright: ignore[reportUnknownMemberType]


def parsed_template(body: object) -> Json:
    """The template that GetTemplate answers: an object already, or JSON or YAML as text.

    Raises:
        ValueError: it is no template.
    """
    document = body
    if isinstance(body, str):
        try:
            document = json.loads(body) if body.lstrip().startswith("{") else _yaml(body)
        except (json.JSONDecodeError, yaml.YAMLError, RecursionError) as error:
            raise ValueError("it is neither JSON nor YAML") from error
    if not isinstance(document, Mapping):
        raise ValueError("it holds no object")  # noqa: TRY004 - the content is wrong, not the type
    return cast("Json", document)


def _yaml(body: str) -> object:
    return yaml.load(body, _TemplateLoader)  # noqa: S506 - a BaseLoader, which makes nothing but text


class _Nothing(Enum):
    """What a value comes to where it comes to no value."""

    UNKNOWN = "can't be told"
    LEFT_OUT = "AWS::NoValue"


_UNKNOWN, _LEFT_OUT = _Nothing.UNKNOWN, _Nothing.LEFT_OUT


@dataclass(frozen=True, slots=True)
class Names:
    """What a template's functions come to in one stack."""

    values: Mapping[str, str | Sequence[str]]
    """What `Ref` gives: parameters, pseudo parameters, the physical ids of resources."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What `Fn::GetAtt` gives, by `LOGICAL.ATTRIBUTE`."""
    mappings: Json = field(default_factory=dict[str, Any])
    conditions: Json = field(default_factory=dict[str, Any])

    def text(self, value: object) -> str | None:
        """The text that a property has in the stack; None where it has none or this can't be told."""
        return _plain(self._value(value))

    def texts(self, value: object) -> list[str] | None:
        """A list property's texts; None where one of them can't be told. Absent is empty."""
        found = self.items(value)
        return None if None in found else [one for one in found if one is not None]

    def items(self, value: object) -> list[str | None]:
        """A list property's texts, each None that can't be told; one None for the whole list."""
        found = _LEFT_OUT if value is None else self._value(value)
        if found is _LEFT_OUT:
            return []
        if not isinstance(found, list):
            return [None]
        return [_plain(one) for one in cast("list[object]", found)]

    def objects(self, value: object) -> list[Json]:
        """The objects of a list property that can be told, with what their functions come to."""
        found = self._value(value)
        every = cast("list[object]", found) if isinstance(found, list) else []
        return [cast("Json", one) for one in every if isinstance(one, Mapping)]

    def _value(self, value: object) -> object:
        """A value without functions: `_UNKNOWN` in the place of what can't be told."""
        match value:
            case str():
                return _UNKNOWN if "{{resolve:" in value else value
            case Mapping():
                return self._object(cast("Json", value))
            case Sequence():
                found = [self._value(one) for one in cast("Sequence[object]", value)]
                return [one for one in found if one is not _LEFT_OUT]
            case _:
                return value

    def _object(self, value: Json) -> object:
        name, argument = next(iter(value.items())) if len(value) == 1 else ("", None)
        if name == "Ref" or name.startswith("Fn::"):
            functions: Mapping[str, Callable[[object], object]] = {
                "Ref": self._ref,
                "Fn::GetAtt": self._attribute,
                "Fn::Sub": self._substituted,
                "Fn::Join": self._joined,
                "Fn::Select": self._selected,
                "Fn::Split": self._split,
                "Fn::FindInMap": self._mapped,
                "Fn::If": self._chosen,
            }
            return functions[name](argument) if name in functions else _UNKNOWN
        found = {key: self._value(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one is not _LEFT_OUT}

    def _ref(self, name: object) -> object:
        if name == "AWS::NoValue":
            return _LEFT_OUT
        found = self.values.get(str(name), _UNKNOWN)
        return found if isinstance(found, str | _Nothing) else list(found)

    def _attribute(self, argument: object) -> object:
        path = argument
        if isinstance(argument, Sequence) and not isinstance(argument, str):
            path = ".".join(map(str, cast("Sequence[object]", argument)))
        return self.attributes.get(str(path), _UNKNOWN)

    def _substituted(self, argument: object) -> object:
        text, own = argument, {}
        if not isinstance(argument, str):
            parts = _arguments(argument, 2)
            if parts is None or not isinstance(parts[1], Mapping):
                return _UNKNOWN
            text, own = parts[0], cast("dict[str, object]", parts[1])
        if not isinstance(text, str):
            return _UNKNOWN
        unknown: list[str] = []

        def one(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            function = self._attribute if "." in name else self._ref
            found = self._value(own[name]) if name in own else function(name)
            plain = _plain(found)
            if plain is None:
                unknown.append(name)
            return plain or ""

        text = _PLACEHOLDER.sub(one, text)
        return _UNKNOWN if unknown else self._value(text)

    def _joined(self, argument: object) -> object:
        parts = _arguments(argument, 2)
        found = None if parts is None else self.texts(parts[1])
        return _UNKNOWN if parts is None or found is None else str(parts[0]).join(found)

    def _selected(self, argument: object) -> object:
        parts = _arguments(argument, 2)
        if parts is None:
            return _UNKNOWN
        index, items = str(self._value(parts[0])), self._value(parts[1])
        if not isinstance(items, list) or not index.isdecimal():
            return _UNKNOWN
        known = cast("list[object]", items)
        return known[int(index)] if int(index) < len(known) else _UNKNOWN

    def _split(self, argument: object) -> object:
        parts = _arguments(argument, 2)
        source = None if parts is None else self.text(parts[1])
        if parts is None or source is None or not parts[0]:
            return _UNKNOWN
        return source.split(str(parts[0]))

    def _mapped(self, argument: object) -> object:
        parts = _arguments(argument, 3, 4)
        if parts is None:
            return _UNKNOWN
        found: object = self.mappings
        for key in map(self.text, parts[:3]):
            if key is None:
                return _UNKNOWN
            found = part(found, key)
        if found is not None:
            return found
        default = part(parts[3], "DefaultValue") if len(parts) == 4 else None
        return _UNKNOWN if default is None else self._value(default)

    def _chosen(self, argument: object) -> object:
        parts = _arguments(argument, 3)
        if parts is None:
            return _UNKNOWN
        holds = self._holds({"Condition": parts[0]})
        if holds is not None:
            return self._value(parts[1] if holds else parts[2])
        either, other = self._value(parts[1]), self._value(parts[2])
        return either if either == other else _UNKNOWN

    def _holds(self, condition: object, within: frozenset[str] = frozenset()) -> bool | None:
        """Whether a condition holds in the stack; None where this can't be told."""
        if not isinstance(condition, Mapping) or len(cast("Json", condition)) != 1:
            return None
        function, argument = next(iter(cast("Json", condition).items()))
        if function == "Condition":
            name = str(argument)
            known = name in self.conditions and name not in within
            return self._holds(self.conditions[name], within | {name}) if known else None
        if not isinstance(argument, Sequence) or isinstance(argument, str):
            return None
        parts = cast("Sequence[object]", argument)
        if function == "Fn::Equals":
            values = [_plain(self._value(part)) for part in parts]
            return None if None in values else len(set(values)) == 1
        return _combined(function, [self._holds(part, within) for part in parts])


def _combined(function: str, parts: Sequence[bool | None]) -> bool | None:
    """`Fn::And`, `Fn::Or` or `Fn::Not` of what holds, what does not, and what can't be told."""
    decisive = {"Fn::And": False, "Fn::Not": False, "Fn::Or": True}.get(function)
    if decisive is None:
        return None
    found = decisive if decisive in parts else None if None in parts else not decisive
    return found if found is None or function != "Fn::Not" else not found


def _arguments(argument: object, *counts: int) -> Sequence[object] | None:
    """The arguments of a function that takes a list of so many; None where they are not."""
    if not isinstance(argument, Sequence) or isinstance(argument, str):
        return None
    parts = cast("Sequence[object]", argument)
    return parts if len(parts) in counts else None


def _plain(value: object) -> str | None:
    """A scalar as the text that CloudFormation takes it for; None where there is none."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            return None
