"""`${…}` inside the texts of a stack file: how it is read, what it stands for, how it is escaped.

IAM has variables of its own that look the same; what has a colon in its braces is IAM's and stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic, did_you_mean
from ...resources.ports import Identity
from .origin import Path
from .values import as_text, describe, is_list, is_map

EXPORTS: Mapping[str, tuple[str, ...]] = {
    "role": ("arn", "name"),
    "permission_policy": ("arn", "name"),
}
"""What expressions can ask of each kind."""

_ROOTS = ("var", "env", "each", *EXPORTS, "account_id", "region", "partition")
_TOKEN = re.compile(r'\$\$\{|\$\{((?:"(?:[^"\\]|\\.)*"|[^"{}])*)\}|\$\{')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s\[\]\"]+?)"
    r'(?:\[(?P<index>"(?:[^"\\]|\\.)*"|each\.key|each\.value)\])?'
    r"\.(?P<attribute>[A-Za-z_]+)"
)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IAM_CHARACTERS = frozenset("*?$")


class Broken:
    """Stands for a value that is wrong and has been reported where it is defined."""


BROKEN = Broken()


class ExpressionError(Exception):
    """An expression that has no value; without a finding when its cause has been reported."""

    def __init__(self, finding: Diagnostic | None = None) -> None:
        super().__init__("" if finding is None else finding.summary)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands in one pair of braces.

    `root` is its first word and `name` what it names; `index` is the key of an instance, itself a
    text with expressions; `path` leads into a value.
    """

    text: str
    root: str
    name: str = ""
    index: str | None = None
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"${{{self.text}}}"


@dataclass(frozen=True, slots=True)
class Each:
    """The item of `for_each` that an instance is made for."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Environment:
    """What expressions stand for in one block; what isn't known where the block is read is None."""

    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    each: Each | None = None
    identity: Identity | None = None
    export: Callable[[Address, str], str] | None = None
    keeps_env: bool = False
    """Whether `${env.NAME}` may stand here; it is read where the value is used, and stays as it is."""


Report = Callable[[Path, Diagnostic | None], None]
"""Told of each text whose expressions have no value, with the finding if it is a new one."""


def interpolate(value: Any, environment: Environment, report: Report, path: Path = ()) -> Any:
    """A value with the expressions in its texts replaced by what they stand for.

    A text that is one expression becomes a value of any type; a text with a fault stays as it is.
    """
    if not has_expressions(value):
        return value
    if isinstance(value, str):
        try:
            return _text(value, environment)
        except ExpressionError as error:
            report(path, error.finding)
            return value
    if is_map(value):
        return {
            key: interpolate(item, environment, report, (*path, key)) for key, item in value.items()
        }
    return [
        interpolate(item, environment, report, (*path, index)) for index, item in enumerate(value)
    ]


def has_expressions(value: Any) -> bool:
    """Whether any text of a value holds an expression, or an escaped one."""
    if isinstance(value, str):
        return "${" in value
    if is_map(value):
        return any(map(has_expressions, value.values()))
    return is_list(value) and any(map(has_expressions, value))


def escape(text: str) -> str:
    """A text that means the given one literally, wherever expressions are replaced."""
    return _TOKEN.sub(
        lambda match: match[0] if match[1] and _is_iam(match[1]) else match[0].replace("${", "$${"),
        text,
    )


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[str | Expression, ...]:
    """The literal parts and the expressions of a text, in order.

    Raises:
        ExpressionError: something in braces is no expression.
    """
    parts: list[str | Expression] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] == "$${":
            parts.append("${")
        elif match[1] is None:
            raise _fault(f'"{text[match.start() :][:40]}" has no closing brace')
        else:
            parts.append(match[0] if _is_iam(match[1]) else _expression(match[1].strip()))
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def _is_iam(body: str) -> bool:
    return body in _IAM_CHARACTERS or ":" in _QUOTED.sub("", body)


def _fault(summary: str, hint: str = "", detail: str = "") -> ExpressionError:
    escaped = "write $${…} for a literal ${…}"
    return ExpressionError(Diagnostic("bad-expression", summary, detail, hint or escaped))


def _expression(body: str) -> Expression:
    root, _, rest = body.partition(".")
    if root in EXPORTS:
        return _reference(body, root, rest)
    if root not in _ROOTS:
        known = did_you_mean(root, _ROOTS)
        hint = known or "known are ${var.NAME}, ${role.NAME.arn}, ${permission_policy.NAME.arn}, "
        more = "" if known else "${each.key}, ${account_id}, ${region}; $${…} is a literal ${…}"
        raise _fault(f'unknown expression "${{{body}}}"', hint + more)
    if root == "env":
        if not _ENV_NAME.fullmatch(rest):
            raise _fault(f'"${{{body}}}" names no environment variable', "write ${env.NAME}")
        return Expression(body, root, rest)
    if root in {"var", "each"}:
        name, *path = rest.split(".")
        if not name or not all(path):
            raise _fault(f'"${{{body}}}" is not complete', f"write for example {_example(root)}")
        return Expression(body, root, name, path=tuple(path))
    if rest:
        raise _fault(f'"${{{body}}}" has nothing inside', f"write ${{{root}}}")
    return Expression(body, root)


def _example(root: str) -> str:
    return "${var.NAME}" if root == "var" else "${each.key} or ${each.value}"


def _reference(body: str, root: str, rest: str) -> Expression:
    match = _ATTRIBUTE.fullmatch(rest)
    if match is None:
        raise _fault(f'"${{{body}}}" is not complete', f"write for example ${{{root}.NAME.arn}}")
    attribute = match["attribute"]
    if attribute not in EXPORTS[root]:
        wanted = " and ".join(EXPORTS[root])
        hint = did_you_mean(attribute, EXPORTS[root]) or f"it has {wanted}"
        raise _fault(f'"${{{body}}}": a {root} has no "{attribute}"', hint)
    index = match["index"]
    if index is not None:
        try:
            index = json.loads(index) if index[0] == '"' else f"${{{index}}}"
        except ValueError as error:
            raise _fault(f'"${{{body}}}" has a malformed key') from error
    return Expression(body, root, match["name"], index, (attribute,))


def _text(text: str, environment: Environment) -> Any:
    parts = parse(text)
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return _value(parts[0], environment)
    return "".join(
        part if isinstance(part, str) else _inside_text(part, environment) for part in parts
    )


def _inside_text(expression: Expression, environment: Environment) -> str:
    value = _value(expression, environment)
    text = as_text(value)
    if text is not None:
        return text
    raise _fault(
        f'"{expression}" is {describe(value)}, which can\'t stand inside a text',
        "let the expression be the whole text, or name a field of the value",
    )


def _value(expression: Expression, environment: Environment) -> Any:
    match expression.root:
        case "var":
            return _variable(expression, environment)
        case "each":
            return _each(expression, environment)
        case "env":
            if not environment.keeps_env:
                raise _fault(
                    f'"{expression}" can only stand in the URLs under notify',
                    "use a variable: RW_VAR_NAME sets ${var.NAME}",
                )
            return str(expression)
        case "account_id" | "region" | "partition":
            if environment.identity is None:
                raise _too_early(expression)
            return getattr(environment.identity, expression.root)
        case kind:
            return _export(kind, expression, environment)


def _variable(expression: Expression, environment: Environment) -> Any:
    known = environment.variables
    if expression.name not in known:
        hint = did_you_mean(expression.name, known) or (
            f"known are {', '.join(known)}" if known else "declare it under variables:"
        )
        raise _fault(f'there is no variable "{expression.name}"', hint)
    return _inside(known[expression.name], expression)


def _each(expression: Expression, environment: Environment) -> Any:
    if environment.each is None:
        raise _fault(f'"{expression}" stands in a block without for_each', "add for_each:")
    if expression.name == "key" and not expression.path:
        return environment.each.key
    if expression.name != "value":
        hint = did_you_mean(expression.name, ("key", "value")) or "it has key and value"
        raise _fault(f'"{expression}": each has no "{expression.name}"', hint)
    return _inside(environment.each.value, expression)


def _inside(value: Any, expression: Expression) -> Any:
    for step in expression.path:
        if value is BROKEN:
            break
        if not is_map(value):
            raise _fault(f'"{expression}": {describe(value)} has no field "{step}"')
        if step not in value:
            hint = did_you_mean(step, value) or f"it has {', '.join(value) or 'no fields'}"
            raise _fault(f'"{expression}": there is no field "{step}"', hint)
        value = value[step]
    if value is BROKEN:
        raise ExpressionError
    return value


def _export(kind: str, expression: Expression, environment: Environment) -> str:
    if environment.export is None:
        raise _too_early(expression)
    key = expression.index
    if key is not None:
        key = str(_text(key, environment))
    return environment.export(Address(kind, expression.name, key), expression.path[0])


def _too_early(expression: Expression) -> ExpressionError:
    return _fault(
        f'"{expression}" can\'t be used here',
        "use a variable: ${var.NAME}",
        "This is read before the account and its resources are known.",
    )
