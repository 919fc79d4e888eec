"""The shape that every policy document has: elements, their types, what excludes what.

Sources: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements
reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from .faults import Fault
from .operators import IF_EXISTS, OPERATORS, QUANTIFIERS, parse_operator
from .values import (
    JsonPath,
    describe,
    is_list,
    is_map,
    is_number,
    items,
    quoted,
    suggest,
)

PARTITIONS = (
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
)
"""The partitions of AWS, as its SDKs list them."""

VERSION_2008, VERSION_2012 = "2008-10-17", "2012-10-17"
VERSIONS = (VERSION_2008, VERSION_2012)


class Effect(StrEnum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class PrincipalType(StrEnum):
    """What sort of principal a name stands for, as the keys of Principal are written."""

    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL_USER = "CanonicalUser"


DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
ACTIONS, RESOURCES = ("Action", "NotAction"), ("Resource", "NotResource")
PRINCIPALS = ("Principal", "NotPrincipal")
STATEMENT_ELEMENTS = ("Sid", "Effect", *PRINCIPALS, *ACTIONS, *RESOURCES, "Condition")


def document_shape(document: Any) -> Iterator[Fault]:
    """What is wrong with a document outside its statements."""
    if not is_map(document):
        yield _wrong_type((), "a policy document", "an object", document)
        return
    yield from _unknown(document, (), DOCUMENT_ELEMENTS, "a policy document")
    yield from _version(document)
    if "Id" in document and not isinstance(document["Id"], str):
        yield _wrong_type(("Id",), "Id", "text", document["Id"])
    if "Statement" not in document:
        yield from missing(document, (), ("Statement",), "the document has no Statement")
        return
    value = document["Statement"]
    if not (is_map(value) or is_list(value)):
        yield _wrong_type(("Statement",), "Statement", "a list of statements", value)
    elif is_list(value) and not value:
        yield Fault(("Statement",), "empty-statement", "Statement holds no statement")


def statements(document: Any) -> Iterator[tuple[JsonPath, Mapping[str, Any]]]:
    """The statements of a document that are objects, each with its path."""
    if is_map(document):
        for path, statement in items(document.get("Statement", ()), ("Statement",)):
            if is_map(statement):
                yield path, statement


def stray_statements(document: Any) -> Iterator[Fault]:
    """The items of Statement that are no objects."""
    if is_map(document) and is_list(document.get("Statement")):
        for path, statement in items(document["Statement"], ("Statement",)):
            if not is_map(statement):
                yield _wrong_type(path, "a statement", "an object", statement)


def statement_shape(statement: Mapping[str, Any], path: JsonPath) -> Iterator[Fault]:
    """What is wrong with the elements of a statement, their types and their presence."""
    yield from _unknown(statement, path, STATEMENT_ELEMENTS, "a statement")
    if "Sid" in statement and not isinstance(statement["Sid"], str):
        yield _wrong_type((*path, "Sid"), "Sid", "text", statement["Sid"])
    yield from _effect(statement, path)
    for pair in (PRINCIPALS, ACTIONS, RESOURCES):
        yield from _exclusive(statement, path, pair)
    yield from missing(statement, path, ACTIONS, "the statement has no Action")
    for name in (*ACTIONS, *RESOURCES):
        if name in statement:
            yield from _text_or_texts(statement[name], (*path, name), name)
    for name in PRINCIPALS:
        if name in statement:
            yield from _principal(statement[name], (*path, name))
    if "Condition" in statement:
        yield from _condition(statement["Condition"], (*path, "Condition"))


def missing(
    value: Mapping[str, Any], path: JsonPath, names: tuple[str, ...], summary: str, hint: str = ""
) -> Iterator[Fault]:
    """The fault that none of these elements is there; one in another case has been reported."""
    wanted = {name.casefold() for name in names}
    if not any(name.casefold() in wanted for name in value):
        yield Fault(path, "missing-element", summary, hint)


def _wrong_type(path: JsonPath, what: str, wanted: str, found: Any, hint: str = "") -> Fault:
    return Fault(path, "wrong-type", f"{what} must be {wanted}, not {describe(found)}", hint)


def _unknown(
    value: Mapping[str, Any], path: JsonPath, known: tuple[str, ...], where: str
) -> Iterator[Fault]:
    for name in value:
        if name not in known:
            hint = suggest(name, known) or f"it has {', '.join(known)}"
            summary = f"{where} has no element {quoted(name)}"
            yield Fault((*path, name), "unknown-element", summary, hint)


def _version(document: Mapping[str, Any]) -> Iterator[Fault]:
    if "Version" not in document:
        return
    version, path = document["Version"], ("Version",)
    hint = f'write "{VERSION_2012}", with the quotes'
    if not isinstance(version, str):
        yield _wrong_type(path, "Version", "text", version, hint)
    elif version not in VERSIONS:
        summary = f"there is no version {quoted(version)} of the policy language"
        yield Fault(path, "bad-version", summary, hint)


def _effect(statement: Mapping[str, Any], path: JsonPath) -> Iterator[Fault]:
    hint = 'add "Effect": "Allow"'
    yield from missing(statement, path, ("Effect",), "the statement has no Effect", hint)
    if "Effect" in statement and (effect := statement["Effect"]) not in tuple(Effect):
        hint = suggest(effect, tuple(Effect)) if isinstance(effect, str) else ""
        summary = f"Effect must be Allow or Deny, not {describe(effect)}"
        yield Fault((*path, "Effect"), "bad-effect", summary, hint)


def _exclusive(
    statement: Mapping[str, Any], path: JsonPath, pair: tuple[str, str]
) -> Iterator[Fault]:
    if all(name in statement for name in pair):
        summary = f"the statement has both {pair[0]} and {pair[1]}"
        yield Fault((*path, pair[1]), "both-elements", summary, "keep one, or make two statements")


def _text_or_texts(value: Any, path: JsonPath, name: str) -> Iterator[Fault]:
    if is_list(value) and not value:
        yield Fault(path, "empty-list", f"{name} holds nothing")
    for place, item in items(value, path):
        if not isinstance(item, str):
            yield _wrong_type(place, name, "text or a list of texts", item)


def _principal(value: Any, path: JsonPath) -> Iterator[Fault]:
    kinds = tuple(PrincipalType)
    if not is_map(value):
        if value != "*":
            wanted = f'"*" or an object with {", ".join(kinds)}'
            yield _wrong_type(path, str(path[-1]), wanted, value)
        return
    if not value:
        yield Fault(path, "empty-principal", f"{path[-1]} names nobody")
    for kind, names in value.items():
        if kind not in kinds:
            hint = suggest(kind, kinds) or f"they are {', '.join(kinds)}"
            summary = f"there is no principal type {quoted(kind)}"
            yield Fault((*path, kind), "bad-principal-type", summary, hint)
        yield from _text_or_texts(names, (*path, kind), kind)


def _condition(value: Any, path: JsonPath) -> Iterator[Fault]:
    if not is_map(value):
        yield _wrong_type(path, "Condition", "an object of operators", value)
        return
    for operator, keys in value.items():
        place = (*path, operator)
        known = parse_operator(operator) is not None
        if not known:
            yield _bad_operator(operator, place)
        if not is_map(keys):
            if known:
                yield _wrong_type(place, operator, "an object of condition keys", keys)
            continue
        for key, found in keys.items():
            yield from _condition_values(found, (*place, key), key)


def _bad_operator(operator: str, path: JsonPath) -> Fault:
    prefix, colon, rest = operator.rpartition(":")
    base = rest.removesuffix(IF_EXISTS)
    summary = f"there is no condition operator {quoted(operator)}"
    if base == "Null" and base != rest:
        hint = "Null tests presence itself: leave out IfExists"
    elif colon and parse_operator(rest) is not None:
        hint = suggest(prefix, QUANTIFIERS) or f"before the colon stands {' or '.join(QUANTIFIERS)}"
    elif colon and rest:
        hint = 'keys stand under an operator: {"StringEquals": {"aws:SourceAccount": "…"}}'
    else:
        hint = suggest(base, OPERATORS)
    return Fault(path, "bad-operator", summary, hint)


def _condition_values(value: Any, path: JsonPath, key: str) -> Iterator[Fault]:
    for place, item in items(value, path):
        if not isinstance(item, str | bool) and not is_number(item):
            wanted = "a text, a number, true or false, or a list of these"
            yield _wrong_type(place, key, wanted, item)
