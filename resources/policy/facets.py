"""A statement taken apart: for each element, each principal type and each condition, what it holds.

Two statements mean the same exactly if their facets hold the same keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from .canonical_values import (
    NOTHING,
    Key,
    action_key,
    aws_principal_key,
    condition_key,
    plain_key,
    value_of,
    variable_key,
)
from .operators import Operator, parse_operator
from .shape import ACTIONS, PRINCIPALS, RESOURCES, VERSION_2012, PrincipalType
from .values import as_items, is_map, is_number, json_text, number_text

Facet: TypeAlias = tuple[str, ...]
"""`("Action",)`, `("Principal", "AWS")`, `("Condition", "stringequals", "aws:sourceaccount")`.

Where a condition asks the same key twice by the same operator, spelt in another case or as ArnLike
and ArnEquals, both must hold: a fourth part keeps them apart.
"""

VERSION: Facet = ("Version", "")
"""The version of the document, as far as the statement means something else under the other one."""

_NO_STATEMENT: Facet = ("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """What a facet holds: its name, and by their keys its values, as the author wrote them."""

    label: str
    values: Mapping[Key, str]


Facets: TypeAlias = dict[Facet, Part]
KeyOf: TypeAlias = Callable[[Any], Key]


def facets(statement: Any, version: Any) -> Facets:
    """Take a statement apart; `version` is the document's, which decides about variables."""
    if not is_map(statement):
        return {_NO_STATEMENT: _scalar("", statement)}
    variables = version == VERSION_2012
    found: Facets = {}
    for name, value in statement.items():
        if name in ACTIONS:
            found[name,] = _list(name, value, action_key)
        elif name in RESOURCES:
            found[name,] = _list(name, value, variable_key if variables else plain_key)
        elif name in PRINCIPALS and (is_map(value) or value == "*"):
            found.update(_principal(name, value))
        elif name == "Condition" and _is_condition(value):
            found.update(_condition(value, variables=variables))
        elif name != "Sid":
            found[name,] = _scalar(name, value)
    if _has_variables(found):
        found[VERSION] = _scalar("Version", version)
    return found


def statement_of(found: Facets) -> Any:
    """A statement with these facets, sorted and in canonical spelling.

    Raises:
        ValueError: the statement came from what is no JSON.
    """
    if _NO_STATEMENT in found:
        return _only(found[_NO_STATEMENT])
    statement: dict[str, Any] = {}
    for facet, part in sorted(found.items()):
        match facet:
            case ("Version", ""):
                continue
            case (element,):
                is_list = element in (*ACTIONS, *RESOURCES)
                statement[element] = _sorted(part) if is_list else _only(part)
            case (element, kind):
                statement.setdefault(element, {})[kind] = _sorted(part)
            case (element, operator, key, *_):
                block = statement.setdefault(element, {})
                block.setdefault(_spelling(block, operator, key), {})[key] = _sorted(part)
            case _:
                continue
    return statement


def _only(part: Part) -> Any:
    (key,) = part.values
    return value_of(key)


def _sorted(part: Part) -> list[Any]:
    keys = sorted(part.values, key=_order)
    return [value_of(key) for key in keys if key != NOTHING]


def _order(key: Key) -> tuple[str, str]:
    return ("", key) if isinstance(key, str) else key


def _spelling(block: Mapping[str, Any], operator: str, key: str) -> str:
    """The operator in the first case in which the block does not ask for the key yet."""
    for letters in product(*((letter, letter.upper()) for letter in operator)):
        if key not in block.get(name := "".join(letters), {}):
            return name
    raise ValueError("a condition asks for one key in too many ways")


def _list(label: str, value: Any, key_of: KeyOf) -> Part:
    values = {key_of(item): _display(item) for item in as_items(value)}
    return Part(label, values or {NOTHING: "[]"})


def _scalar(label: str, value: Any) -> Part:
    return Part(label, {plain_key(value): _display(value)})


def _display(value: Any) -> str:
    if isinstance(value, str):
        return value
    return number_text(value) if is_number(value) else json_text(value)


def _principal(element: str, value: Any) -> Iterator[tuple[Facet, Part]]:
    """The principals of an element by their type; `*` is everybody, as AWS principal."""
    anybody = False
    for kind, names in ({PrincipalType.AWS: "*"} if value == "*" else value).items():
        key_of = aws_principal_key if kind == PrincipalType.AWS else plain_key
        part = _list(f"{element}.{kind}", names, key_of)
        if NOTHING not in part.values:
            anybody = True
            yield (element, str(kind)), part
    if not anybody:
        yield (element,), _scalar(element, {})


def _is_condition(value: Any) -> bool:
    return is_map(value) and all(
        is_map(keys) and parse_operator(name) is not None for name, keys in value.items()
    )


def _condition(block: Mapping[str, Any], *, variables: bool) -> Iterator[tuple[Facet, Part]]:
    atoms: defaultdict[Facet, dict[frozenset[Key], Part]] = defaultdict(dict)
    for name, keys in block.items():
        if (operator := parse_operator(name)) is None:
            continue
        key_of = _condition_keys(operator, variables=variables)
        for key, value in keys.items():
            part = _list(f"Condition.{name}.{key}", value, key_of)
            facet = ("Condition", operator.canonical, key.lower())
            atoms[facet].setdefault(frozenset(part.values), part)
    for facet, parts in atoms.items():
        for values, part in parts.items():
            apart = () if len(parts) == 1 else (repr(sorted(values, key=_order)),)
            yield (*facet, *apart), part


def _condition_keys(operator: Operator, *, variables: bool) -> KeyOf:
    return lambda value: condition_key(operator, value, variables=variables)


def _has_variables(found: Facets) -> bool:
    return any(
        isinstance(key, str) and "${" in key
        for facet, part in found.items()
        if facet[0] in {*RESOURCES, "Condition"}
        for key in part.values
    )
