"""The JSON Schema: it accepts what the loader accepts, and helps an editor with the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rolewright.engine.config.schema import json_schema
from rolewright.engine.config.source import TOP, read_file
from rolewright.engine.config.syntax import compose
from rolewright.engine.config.tree import build
from rolewright.resources.registry import binding_classes
from support.stacks import bundle_stack

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yaml"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


def _errors(schema: dict[str, Any], text: str) -> list[str]:
    top, _ = build(compose(text, "", json=False), "")
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(top.value)]


def test_is_a_schema(schema: dict[str, Any]) -> None:
    """The schema is one, of the draft that it names."""
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_covers_the_file(schema: dict[str, Any]) -> None:
    """Every section has a description, and every binding its place."""
    assert set(schema["properties"]) == set(TOP)
    assert all(part["description"] for part in schema["properties"].values())
    bindings = schema["properties"]["service_bindings"]["additionalProperties"]
    assert bindings["discriminator"] == {"propertyName": "service"}
    assert len(bindings["oneOf"]) == len(binding_classes())


def test_every_key_is_described(schema: dict[str, Any]) -> None:
    """An editor has something to say of every key."""
    missing = [
        f"{name}.{key}"
        for name, definition in schema["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and "$ref" not in value
    ]

    assert missing == []


GOOD = {
    "bundles": bundle_stack(3),
    "empty sections": "stack: a\nroles:\ntags:\nmoved:\n",
    "expressions": """
stack: app-${var.stage}
allowed_accounts: ${var.accounts}
variables: {stage: {default: x}, accounts: {type: list}}
trust_policies:
  t: {services: "${var.services}", accounts: ["${account_id}"]}
roles:
  one:
    for_each: ${var.teams}
    trust: t
    max_session_duration: ${each.value.duration}
    exclusive: ${var.exclusive}
    tags: ${each.value.tags}
    lifecycle: {prevent_destroy: "${var.protect}", ignore_changes: [tags]}
  two:
    for_each: {a: {b: 1}}
    trust: {services: [ec2.amazonaws.com], conditions: {StringEquals: "${var.x}"}}
permission_policies:
  read:
    for_each: [a, b]
    roles: ['one["${each.key}"]']
    statements: ["${var.statement}", {effect: "${var.effect}", actions: "${var.actions}"}]
expectations: [{role: one, can: "${var.actions}"}]
""",
    "documents": """
stack: a
roles: {one: {trust: {document: {Version: 2012-10-17, Statement: []}}}}
permission_policies: {read: {document_file: read.json}}
""",
}


@pytest.mark.parametrize("case", GOOD)
def test_accepts(schema: dict[str, Any], case: str) -> None:
    """What the loader takes, the schema takes."""
    assert _errors(schema, GOOD[case]) == []


BAD = {
    "no name": ("roles: {}", "$"),
    "unknown section": ("stack: a\nrolse: {}", "$"),
    "unknown key": ("stack: a\nroles: {one: {trust: t, desciption: x}}", "$.roles.one"),
    "missing key": ("stack: a\nroles: {one: {path: /x/}}", "$.roles.one"),
    "wrong type": (
        "stack: a\nroles: {one: {trust: t, max_session_duration: long}}",
        "$.roles.one.max_session_duration",
    ),
    "bad name": ("stack: a\nroles: {a b: {trust: t}}", "$.roles"),
    "unknown service": (
        "stack: a\nservice_bindings: {one: {service: ecs2, role: r}}",
        "$.service_bindings.one",
    ),
    "no service": (
        "stack: a\nservice_bindings: {one: {role: r, function: f}}",
        "$.service_bindings.one",
    ),
    "numbers for each": (
        "stack: a\nroles: {one: {trust: t, for_each: [1]}}",
        "$.roles.one.for_each",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses(schema: dict[str, Any], case: str) -> None:
    """What the loader refuses by its shape, the schema refuses at the same place."""
    text, path = BAD[case]

    assert _errors(schema, text) == [path]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples(schema: dict[str, Any], path: Path) -> None:
    """The stack files among the examples are as the schema says."""
    top, _ = read_file(path)
    if "stack" not in top.value:
        pytest.skip("no stack file")

    assert list(Draft202012Validator(schema).iter_errors(top.value)) == []
