"""What a policy document says, however it is written: the canonical form, and comparing by it.

The canonical form serves for comparing only; what is written to AWS is the author's document.
Takes any JSON value, also what is no policy: such parts are equal where they are written alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast

from .canonical_values import Key
from .facets import VERSION, Facet, Facets, facets, statement_of
from .principals import is_deleted
from .shape import PRINCIPALS, VERSION_2008, VERSIONS, statements
from .values import as_items, is_list, is_map, json_text, texts

Form: TypeAlias = frozenset[tuple[Facet, frozenset[Key]]]
"""What a statement means; equal for statements that mean the same."""

Meaning: TypeAlias = tuple[frozenset[Form], frozenset[tuple[str, str]]]
"""What a document means: its statements, and what stands in it although AWS knows no such thing."""


_TEXTS: frozenset[type] = frozenset({str})


class Verdict(StrEnum):
    """How two documents compare: written alike, meaning the same, or meaning something else."""

    IDENTICAL = "identical"
    EQUIVALENT = "equivalent"
    DIFFERENT = "different"


def compare(before: Mapping[str, Any] | str, after: Mapping[str, Any] | str) -> Verdict:
    """Compare two documents, each JSON text or the objects of it; raises nothing.

    The order of an object's keys is no difference. A text that is no JSON is different from all but
    itself; an empty one is the empty document.
    """
    if before is after:
        return Verdict.IDENTICAL
    try:
        one, other = _read(before), _read(after)
        if one == other and _same_types(one, other):
            return Verdict.IDENTICAL
        return Verdict.EQUIVALENT if _meaning(one) == _meaning(other) else Verdict.DIFFERENT
    except RecursionError:
        return Verdict.DIFFERENT


def equivalent(before: Mapping[str, Any] | str, after: Mapping[str, Any] | str) -> bool:
    """Whether two documents mean the same to AWS; raises nothing."""
    return compare(before, after) is not Verdict.DIFFERENT


def canonical_document(document: Mapping[str, Any] | str) -> dict[str, Any]:
    """The canonical form as a document: sorted, in lists, in one spelling.

    Documents are equivalent exactly if these are equal as JSON. Version is there only where it
    matters, Sid and Id never. A number that is no integer is a Decimal.

    Raises:
        ValueError: the document is no JSON, or is nested beyond all policies.
    """
    value = _read(document)
    try:
        extras = {name: json.loads(text) for name, text in sorted(_extras(value))}
        parts = {form(found): found for found in _all_facets(value)}
        written = [statement_of(found) for found in parts.values()]
    except (ValueError, RecursionError) as error:
        raise ValueError("this is no policy document") from error
    if any(VERSION in found for found in parts.values()):
        extras["Version"] = document_version(value)
    return {**extras, "Statement": sorted(written, key=_sort_key)}


def dangling_principals(document: Mapping[str, Any] | str) -> tuple[str, ...]:
    """The unique ids (`AROA…`, `AIDA…`) that are left of deleted roles and users, in order.

    AWS shows a principal by its ARN for as long as it exists. Raises nothing.
    Source: IAM user guide, "AWS JSON policy elements: Principal".
    """
    return tuple(name for name in aws_principals(document) if is_deleted(name))


def aws_principals(document: Mapping[str, Any] | str) -> tuple[str, ...]:
    """What a document names as principals of the type AWS, each once, in order. Raises nothing."""
    found: dict[str, None] = {}
    for _, statement in statements(_read(document)):
        for element in PRINCIPALS:
            principal = statement.get(element)
            if is_map(principal):
                found |= dict.fromkeys(name for _, name in texts(principal.get("AWS", ()), ()))
    return tuple(found)


def form(found: Facets) -> Form:
    """What a statement with these facets means."""
    return frozenset((facet, frozenset(part.values)) for facet, part in found.items())


def document_version(document: Mapping[str, Any]) -> Any:
    """The version of the policy language that counts for AWS."""
    return document.get("Version", VERSION_2008)


def _read(document: Any) -> Any:
    if not isinstance(document, str):
        return document
    if not document.strip():
        return {}
    try:
        return json.loads(document, parse_float=Decimal, object_pairs_hook=_object)
    except (ValueError, ArithmeticError, RecursionError):
        return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return found


def _same_types(one: Any, other: Any) -> bool:
    """Whether values that Python finds equal are equal as JSON: it takes true for 1."""
    return _has_texts_only(one) or all(
        type(a) is type(b) for a, b in zip(_leaves(one), _leaves(other), strict=True)
    )


def _has_texts_only(value: object) -> bool:
    """Whether no type could differ, which is so for most documents and quickly seen."""
    kind = type(value)
    if kind is dict:
        found = cast("dict[str, object]", value).values()
    elif kind is list:
        found = cast("list[object]", value)
    else:
        return kind is str
    return _TEXTS.issuperset(map(type, found)) or all(map(_has_texts_only, found))


def _leaves(value: Any) -> Iterator[Any]:
    if is_map(value):
        for key in sorted(value):
            yield from _leaves(value[key])
    elif is_list(value):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _meaning(document: Any) -> Meaning:
    return frozenset(map(form, _all_facets(document))), frozenset(_extras(document))


def _all_facets(document: Any) -> Iterable[Facets]:
    if not is_map(document):
        return ()
    version = document_version(document)
    return (facets(statement, version) for statement in as_items(document.get("Statement", ())))


def _extras(document: Any) -> Iterator[tuple[str, str]]:
    if not is_map(document):
        yield "", json_text(document)
        return
    for name, value in document.items():
        known = name in {"Id", "Statement"} or (name == "Version" and value in VERSIONS)
        if not known:
            yield name, json_text(value)


def _sort_key(statement: Any) -> str:
    return json.dumps(statement, sort_keys=True, default=str)
