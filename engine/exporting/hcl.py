"""HCL, written: values, blocks and names, as `terraform fmt` lays them out; and the same as JSON.

Sources: Terraform's documentation, "Strings and Templates" (escapes), "Identifiers", "JSON
Configuration Syntax" (every string is a template there, too).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_TEMPLATE = re.compile(r"([$%])(?=\{)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
STEP = "  "


@dataclass(frozen=True, slots=True)
class Reference:
    """An expression that names another resource's attribute: `aws_iam_role.web.name`."""

    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A value that the provider takes as JSON text: written as `jsonencode(…)`."""

    value: object


Value = object
"""None, a boolean, a number, a text, a list, a map with text keys, a Reference or a Document."""


@dataclass(frozen=True, slots=True)
class Block:
    """A `resource` block, with the id by which an `import` block takes the object over."""

    type: str
    name: str
    arguments: Mapping[str, Value]
    import_id: str
    comment: str = ""

    @property
    def address(self) -> str:
        """The address in Terraform: `aws_iam_role.web`."""
        return f"{self.type}.{self.name}"

    def ref(self, attribute: str) -> Reference:
        """A reference to one of its attributes."""
        return Reference(f"{self.address}.{attribute}")


class Identifiers:
    """Legal and different names for the resources of each type."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def make(self, type_: str, *parts: str) -> str:
        """A name made of these parts, with a number where the type has it already."""
        words = (_NOT_IDENTIFIER.sub("_", part).strip("_") for part in parts)
        name = "_".join(word for word in words if word)
        if not _IDENTIFIER.fullmatch(name):
            name = f"_{name}"
        number, candidate = 1, name
        while (type_, candidate) in self._taken:
            number += 1
            candidate = f"{name}_{number}"
        self._taken.add((type_, candidate))
        return candidate


def quoted(text: str) -> str:
    """A text as a quoted template that means just this text: `${` and `%{` are none of ours."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = _CONTROL.sub(lambda m: _ESCAPES.get(m[0], f"\\u{ord(m[0]):04x}"), escaped)
    return f'"{literal(escaped)}"'


def literal(text: str) -> str:
    """A text in which no `${` or `%{` begins an expression."""
    return _TEMPLATE.sub(r"\1\1", text)


def expression(value: Value, indent: str = "") -> str:
    """A value in HCL; lists and maps go over several lines, indented by `indent` and more."""
    match value:
        case Reference(text):
            return text
        case Document(inner):
            return f"jsonencode({expression(inner, indent)})"
        case str():
            return quoted(value)
        case Mapping():
            return _map(cast("Mapping[str, Value]", value), indent)
        case Sequence():
            return _list(cast("Sequence[Value]", value), indent)
        case _:
            return json.dumps(value)


def _map(value: Mapping[str, Value], indent: str) -> str:
    if not value:
        return "{}"
    lines = _arguments(value, indent + STEP, key=_key)
    return "\n".join(["{", *lines, f"{indent}}}"])


def _list(value: Sequence[Value], indent: str) -> str:
    inner = indent + STEP
    if all(not isinstance(one, Mapping | list | tuple) for one in value):
        line = f"[{', '.join(expression(one) for one in value)}]"
        if len(indent) + len(line) <= 80 or len(value) <= 1:
            return line
    lines = (f"{inner}{expression(one, inner)}," for one in value)
    return "\n".join(["[", *lines, f"{indent}]"])


def _key(key: str) -> str:
    """A key of a map. An unquoted `for` would begin a `for` expression."""
    return key if _IDENTIFIER.fullmatch(key) and key != "for" else quoted(key)


def _arguments(values: Mapping[str, Value], indent: str, *, key: Any = str) -> Iterable[str]:
    """Lines `key = value`, with the signs of neighbours in one line under each other."""
    written = [(key(name), expression(value, indent)) for name, value in values.items()]
    start = 0
    while start < len(written):
        end = start
        while end < len(written) and "\n" not in written[end][1]:
            end += 1
        group = written[start : max(end, start + 1)]
        width = max(len(name) for name, _ in group)
        yield from (f"{indent}{name:<{width}} = {text}" for name, text in group)
        start += len(group)


def block_text(block: Block) -> str:
    """A resource and the `import` block that takes the object over."""
    comment = "".join(f"# {line}\n" for line in block.comment.splitlines())
    body = "\n".join(_arguments(block.arguments, STEP))
    imported = "\n".join(_arguments({"to": Reference(block.address), "id": block.import_id}, STEP))
    return (
        f'{comment}resource "{block.type}" "{block.name}" {{\n{body}\n}}\n\n'
        f"import {{\n{imported}\n}}\n"
    )


def json_value(value: Value) -> object:
    """A value in Terraform's JSON, where each text is a template and a document is a text."""
    match value:
        case Reference(text):
            return f"${{{text}}}"
        case Document(inner):
            return literal(json.dumps(inner, ensure_ascii=False, separators=(",", ":")))
        case str():
            return literal(value)
        case Mapping():
            items = cast("Mapping[str, Value]", value).items()
            return {literal(name): json_value(one) for name, one in items}
        case Sequence():
            return [json_value(one) for one in cast("Sequence[Value]", value)]
        case _:
            return value


def json_document(blocks: Iterable[Block]) -> dict[str, Any]:
    """All resources with their `import` blocks, as Terraform reads them from a `.tf.json` file."""
    resources: dict[str, dict[str, object]] = {}
    imports: list[dict[str, str]] = []
    for block in blocks:
        resources.setdefault(block.type, {})[block.name] = json_value(block.arguments)
        imports.append({"to": block.address, "id": literal(block.import_id)})
    return {"resource": resources, "import": imports}
