"""A policy document as frozen values, for all that reads what a policy means.

Reads any document that AWS accepts, of any kind; `validation` says what AWS refuses.
Sources: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements
reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .faults import Fault, InvalidDocumentError
from .json_source import read_json
from .operators import Operator, parse_operator
from .shape import (
    VERSION_2008,
    VERSION_2012,
    Effect,
    PrincipalType,
    document_shape,
    statement_shape,
    statements,
    stray_statements,
)
from .values import as_items, is_number, number_text


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody by type and name. Everybody is the AWS principal `*`, however it was written."""

    type: PrincipalType
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. Numbers and booleans among the values are as text."""

    operator: Operator
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, in the author's order and spelling; an element that is not there is None."""

    effect: Effect
    sid: str | None = None
    principal: tuple[Principal, ...] | None = None
    not_principal: tuple[Principal, ...] | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A policy. `version` is what counts for AWS, which takes a missing one for 2008-10-17."""

    version: str
    statements: tuple[Statement, ...]
    id: str | None = None

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` stands for a value: under the older version it is plain text."""
        return self.version == VERSION_2012


def parse(document: Mapping[str, Any] | str) -> Document:
    """Read a document of any kind, from JSON text or from the objects of it.

    Raises:
        InvalidDocumentError: it has not the shape of a policy; carries every fault, of a text with
            line and column.
    """
    value: Any = document
    if isinstance(document, str):
        source = read_json(document)
        value = source.value
        faults = source.faults or tuple(map(source.placed, _shape_faults(value)))
    else:
        faults = tuple(_shape_faults(value))
    if faults:
        raise InvalidDocumentError(faults)
    return Document(
        version=value.get("Version", VERSION_2008),
        statements=tuple(_statement(statement) for _, statement in statements(value)),
        id=value.get("Id"),
    )


def _shape_faults(value: Any) -> Iterable[Fault]:
    yield from document_shape(value)
    yield from stray_statements(value)
    for path, statement in statements(value):
        yield from statement_shape(statement, path)


def _statement(statement: Mapping[str, Any]) -> Statement:
    return Statement(
        effect=Effect(statement["Effect"]),
        sid=statement.get("Sid"),
        principal=_principals(statement.get("Principal")),
        not_principal=_principals(statement.get("NotPrincipal")),
        actions=_texts(statement.get("Action")),
        not_actions=_texts(statement.get("NotAction")),
        resources=_texts(statement.get("Resource")),
        not_resources=_texts(statement.get("NotResource")),
        conditions=tuple(_conditions(statement.get("Condition", {}))),
    )


def _texts(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(as_items(value))


def _principals(value: Any) -> tuple[Principal, ...] | None:
    if value is None:
        return None
    if value == "*":
        return (Principal(PrincipalType.AWS, "*"),)
    return tuple(
        Principal(PrincipalType(kind), name)
        for kind, names in value.items()
        for name in as_items(names)
    )


def _conditions(value: Mapping[str, Mapping[str, Any]]) -> Iterable[Condition]:
    for name, keys in value.items():
        if (operator := parse_operator(name)) is not None:
            for key, found in keys.items():
                yield Condition(operator, key, tuple(map(_text, as_items(found))))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if is_number(value) else value


def to_object(document: Document) -> dict[str, Any]:
    """The document as an object ready for JSON, which `parse` reads as an equal one."""
    head: dict[str, Any] = {"Version": document.version}
    if document.id is not None:
        head["Id"] = document.id
    return {**head, "Statement": [_to_object(statement) for statement in document.statements]}


def _to_object(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": statement.effect.value,
        "Principal": _by_type(statement.principal),
        "NotPrincipal": _by_type(statement.not_principal),
        "Action": _listed(statement.actions),
        "NotAction": _listed(statement.not_actions),
        "Resource": _listed(statement.resources),
        "NotResource": _listed(statement.not_resources),
        "Condition": _by_operator(statement.conditions) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _listed(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)


def _by_type(principals: tuple[Principal, ...] | None) -> dict[str, list[str]] | None:
    if principals is None:
        return None
    found: dict[str, list[str]] = {}
    for principal in principals:
        found.setdefault(principal.type.value, []).append(principal.name)
    return found


def _by_operator(conditions: Iterable[Condition]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        name = str(condition.operator)
        # The same twice was written in two cases, which a JSON object needs again to hold both.
        while condition.key in found.get(name, ()):
            name = name.lower() if name != name.lower() else name.upper()
        found.setdefault(name, {})[condition.key] = list(condition.values)
    return found
