"""CloudFormation templates, read: what names stand in the properties of a stack's resources.

Source: CloudFormation user guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import yaml

Json = Mapping[str, Any]
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


@dataclass(frozen=True, slots=True)
class Names:
    """What a template's references mean in one stack: parameters, pseudo parameters, physical ids."""

    values: Mapping[str, str]
    arns: Mapping[str, str]
    """The ARN of each resource whose `Arn` others may ask for, by logical id."""

    def text(self, value: object) -> str | None:
        """The text that a property has in the stack; None where this can't be told."""
        if isinstance(value, str):
            return value
        if not isinstance(value, Mapping) or len(cast("Json", value)) != 1:
            return None
        function, argument = next(iter(cast("Json", value).items()))
        known: Mapping[str, Callable[[object], str | None]] = {
            "Ref": lambda name: self.values.get(str(name)),
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._substituted,
            "Fn::Join": self._joined,
        }
        return known[function](argument) if function in known else None

    def texts(self, value: object) -> list[str] | None:
        """A list property's texts; None where one of them can't be told. Absent is empty."""
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str):
            return None
        found = [self.text(one) for one in cast("Sequence[object]", value)]
        return None if None in found else [one for one in found if one is not None]

    def _attribute(self, argument: object) -> str | None:
        path = argument
        if isinstance(argument, Sequence) and not isinstance(argument, str):
            path = ".".join(map(str, cast("Sequence[object]", argument)))
        resource, _, attribute = str(path).partition(".")
        return self.arns.get(resource) if attribute == "Arn" else None

    def _substituted(self, argument: object) -> str | None:
        own: Json = {}
        if isinstance(argument, Sequence) and not isinstance(argument, str):
            parts = cast("Sequence[Any]", argument)
            if len(parts) != 2 or not isinstance(parts[1], Mapping):
                return None
            argument, own = parts[0], cast("Json", parts[1])
        if not isinstance(argument, str):
            return None
        unknown: list[str] = []

        def one(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                found = self.text(own[name])
            else:
                found = self._attribute(name) if "." in name else self.values.get(name)
            if found is None:
                unknown.append(name)
            return found or ""

        text = _PLACEHOLDER.sub(one, argument)
        return None if unknown else text

    def _joined(self, argument: object) -> str | None:
        if not isinstance(argument, Sequence) or len(cast("Sequence[Any]", argument)) != 2:
            return None
        separator, items = cast("Sequence[Any]", argument)
        found = self.texts(items)
        return None if found is None else str(separator).join(found)
