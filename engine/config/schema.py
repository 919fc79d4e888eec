"""The JSON Schema of the stack file, made from the models that it is read into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ...resources.binding import ServiceBinding
from ...resources.registry import SECTIONS, binding_classes, kind_class
from ...resources.stack import Settings
from .instances import FOR_EACH, NAME_PATTERN
from .source import SINGLE
from .values import is_list, is_map

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "rolewright stack file"

_EXPRESSION = {"$ref": "#/$defs/Expression"}
_DEFINITIONS: Mapping[str, Any] = {
    "Expression": {
        "title": "Expression",
        "description": "An expression that stands for the whole value, such as ${var.NAME}.",
        "type": "string",
        "pattern": r"^\$\{.+\}$",
    },
    "ForEach": {
        "title": "For each",
        "description": "Makes a resource for each item; ${each.key} and ${each.value} tell which.",
        "anyOf": [
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            {"type": "object"},
            _EXPRESSION,
        ],
    },
}
_DESCRIPTIONS: Mapping[str, str] = {
    "trust_policies": "Who may assume a role, for roles to share.",
    "roles": "IAM roles.",
    "permission_policies": "What roles may do.",
    "service_bindings": "What puts a role on the AWS service that carries it.",
}
_LITERAL = ("Variable", "Moved", "Import")
"""Models in which no expressions are replaced."""


def json_schema() -> dict[str, Any]:
    """The schema, in JSON Schema draft 2020-12."""
    kinds = _kinds()
    models = [Settings, *(model for models in kinds.values() for model in models)]
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    definitions: dict[str, Any] = made["$defs"]
    settings: dict[str, Any] = definitions.pop(Settings.__name__)["properties"]
    for name, definition in definitions.items():
        if name not in _LITERAL:
            definition["properties"] = {
                key: value if key == "service" else _or_expression(value)
                for key, value in definition["properties"].items()
            }
    for model in models[1:]:
        _complete(definitions[model.__name__], model)
    properties = {
        name: _or_expression(schema) if name in SINGLE else _or_nothing(schema)
        for name, schema in settings.items()
    }
    sections = {section: _section(section, kinds[kind]) for section, kind in SECTIONS.items()}
    return {
        "$schema": DIALECT,
        "title": TITLE,
        "description": "Desired IAM roles, their policies, and the services that carry them.",
        "type": "object",
        "additionalProperties": False,
        "required": ["stack"],
        "properties": {**properties, **sections},
        "$defs": {**definitions, **_DEFINITIONS},
    }


def _kinds() -> dict[str, list[type[BaseModel]]]:
    """The models of each kind: of a service binding, one for each service."""
    bindings = binding_classes()
    return {
        kind: [bindings[name] for name in sorted(bindings)]
        if kind == ServiceBinding.kind
        else [kind_class(kind, {})]
        for kind in SECTIONS.values()
    }


def _complete(definition: dict[str, Any], model: type[BaseModel]) -> None:
    definition["properties"][FOR_EACH] = {"$ref": "#/$defs/ForEach"}
    if issubclass(model, ServiceBinding):
        required = {*definition.get("required", ()), "service"}
        definition["required"] = sorted(required)


def _section(name: str, models: list[type[BaseModel]]) -> dict[str, Any]:
    references = [{"$ref": f"#/$defs/{model.__name__}"} for model in models]
    content: dict[str, Any] = references[0]
    if len(references) > 1:
        content = {"oneOf": references, "discriminator": {"propertyName": "service"}}
    return {
        "title": name.replace("_", " ").capitalize(),
        "description": _DESCRIPTIONS[name],
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
        "additionalProperties": content,
    }


def _or_nothing(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _or_expression(schema: Any) -> Any:
    """The schema of a value that may also be an expression, as may the values in it."""
    if not is_map(schema):
        return schema
    schema = {
        key: _or_expression(value) if key in {"items", "additionalProperties"} else value
        for key, value in schema.items()
    }
    choices = schema.pop("anyOf", None)
    if choices is None:
        if _takes_text(schema):
            return schema
        about = {key: schema.pop(key) for key in ("title", "description") if key in schema}
        default = {"default": schema.pop("default")} if "default" in schema else {}
        return {**about, **default, "anyOf": [schema, _other_text(schema)]}
    choices = [_or_expression_inside(choice) for choice in choices]
    more = [] if any(map(_takes_text, choices)) else [_EXPRESSION]
    return {**schema, "anyOf": [*choices, *more]}


def _or_expression_inside(choice: Any) -> Any:
    widened = _or_expression(choice)
    return widened["anyOf"][0] if is_list(widened.get("anyOf")) else widened


def _takes_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not schema.keys() & {"enum", "const", "pattern"}


def _other_text(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a text with expressions, in place of a value or, of a text, in a part of it."""
    return {"type": "string", "pattern": r"\$\{.+\}"} if "pattern" in schema else _EXPRESSION
