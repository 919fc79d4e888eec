"""Checking a document that somebody wrote: everything that is wrong with it, at once.

Sources: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM and AWS STS quotas"; IAM
API reference, CreateRole and CreatePolicy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .conditions import condition_faults
from .faults import DocumentKind, Fault
from .json_source import read_json
from .json_values import json_faults
from .principals import principal_faults
from .shape import (
    ACTIONS,
    PRINCIPALS,
    RESOURCES,
    VERSION_2012,
    document_shape,
    missing,
    statement_shape,
    statements,
    stray_statements,
)
from .syntax import action_faults, resource_faults, sid_faults, sts_faults, variable_faults
from .values import JsonPath, is_map, plain, quoted, texts

SIZE_LIMITS: Mapping[DocumentKind, int] = {
    DocumentKind.TRUST: 2_048,
    DocumentKind.MANAGED: 6_144,
    DocumentKind.INLINE: 10_240,
}
"""Characters that AWS stores. INLINE holds for all inline policies of a role together."""

_WHITE_SPACE = re.compile(r"\s+")


def check(document: Mapping[str, Any] | str, kind: DocumentKind) -> list[Fault]:
    """All that AWS would refuse in a document, and what in it can never work; never raises.

    A text is read as JSON; its faults carry line and column and come in the order of the text.
    """
    if not isinstance(document, str):
        return list(_check(document, kind))
    source = read_json(document)
    if source.faults and source.faults[0].code == "bad-json":
        return list(source.faults)
    found = [*source.faults, *map(source.placed, _check(source.value, kind))]
    return sorted(found, key=lambda fault: (fault.line or 0, fault.column or 0))


def size(document: Mapping[str, Any] | str) -> int:
    """The number of characters that AWS counts towards a policy's quota.

    AWS leaves out white space; counted is the document as JSON without any between its tokens.
    White space inside a text is counted: AWS does not say whether it is, and this is the safe side.

    Raises:
        ValueError: the document is no JSON, or is nested beyond all policies.
    """
    if isinstance(document, str):
        source = read_json(document)
        if source.faults and source.faults[0].code == "bad-json":
            return len(_WHITE_SPACE.sub("", document))
        document = source.value
    try:
        return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False, default=plain))
    except (TypeError, RecursionError) as error:
        raise ValueError("this is no JSON document") from error


def _check(document: Any, kind: DocumentKind) -> Iterator[Fault]:
    foreign = list(json_faults(document))
    if any(fault.code != "bad-character" for fault in foreign):
        yield from foreign
        return
    yield from document_shape(document)
    yield from stray_statements(document)
    version = document.get("Version") if is_map(document) else None
    for path, statement in statements(document):
        yield from statement_shape(statement, path)
        yield from _statement_rules(statement, path, kind, version)
    yield from _duplicate_sids(document)
    yield from foreign
    yield from _too_long(document, kind)


def _statement_rules(
    statement: Mapping[str, Any], path: JsonPath, kind: DocumentKind, version: object
) -> Iterator[Fault]:
    rules = _trust_rules if kind is DocumentKind.TRUST else _identity_rules
    yield from rules(statement, path)
    if isinstance(sid := statement.get("Sid"), str):
        yield from sid_faults(sid, (*path, "Sid"))
    yield from _each(statement, path, ACTIONS, action_faults)
    if is_map(condition := statement.get("Condition")):
        yield from condition_faults(condition, (*path, "Condition"), version)
    if kind is not DocumentKind.TRUST:
        yield from _each(statement, path, RESOURCES, resource_faults)
        if version == VERSION_2012:
            yield from _each(statement, path, RESOURCES, variable_faults)


def _each(
    statement: Mapping[str, Any],
    path: JsonPath,
    names: tuple[str, ...],
    rule: Callable[[str, JsonPath], Iterator[Fault]],
) -> Iterator[Fault]:
    for name in names:
        for place, text in texts(statement.get(name, ()), (*path, name)):
            yield from rule(text, place)


def _identity_rules(statement: Mapping[str, Any], path: JsonPath) -> Iterator[Fault]:
    for name in PRINCIPALS:
        if name in statement:
            summary = f"a permission policy has no {name}: it speaks of the role that it is on"
            yield Fault((*path, name), "forbidden-element", summary, f"remove {name}")
    yield from missing(statement, path, RESOURCES, "the statement has no Resource")


def _trust_rules(statement: Mapping[str, Any], path: JsonPath) -> Iterator[Fault]:
    for name in (*RESOURCES, "NotPrincipal"):
        if name in statement:
            summary = f"a trust policy has no {name}"
            hint = "use a Condition on aws:PrincipalArn" if name == "NotPrincipal" else ""
            yield Fault((*path, name), "forbidden-element", summary, hint or f"remove {name}")
    yield from _each(statement, path, ACTIONS, sts_faults)
    hint = 'add for example "Principal": {"Service": "ec2.amazonaws.com"}'
    yield from missing(statement, path, PRINCIPALS, "the statement has no Principal", hint)
    principal, place = statement.get("Principal"), (*path, "Principal")
    if principal == "*":
        summary = 'a trust policy takes no "*" as its whole Principal'
        hint = 'write {"AWS": "*"}, with a Condition, if everybody is meant'
        yield Fault(place, "bare-star", summary, hint)
    elif is_map(principal):
        for kind, names in principal.items():
            for where, name in texts(names, (*place, kind)):
                yield from principal_faults(kind, name, where)


def _duplicate_sids(document: Any) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, statement in statements(document):
        sid = statement.get("Sid")
        if isinstance(sid, str) and sid:  # any number of statements may have an empty one
            if sid in seen:
                summary = f"two statements have the Sid {quoted(sid)}"
                yield Fault((*path, "Sid"), "duplicate-sid", summary)
            seen.add(sid)


def _too_long(document: Any, kind: DocumentKind) -> Iterator[Fault]:
    limit = SIZE_LIMITS[kind]
    if (length := size(document)) > limit:
        what = {
            DocumentKind.TRUST: ("a trust policy", "AWS raises this quota on request"),
            DocumentKind.MANAGED: ("a managed policy", "make two policies of it"),
            DocumentKind.INLINE: ("the inline policies of a role", "use a managed policy"),
        }
        name, hint = what[kind]
        summary = f"the document has {length:,} characters; {name} may have {limit:,}"
        yield Fault((), "too-long", summary, hint)
