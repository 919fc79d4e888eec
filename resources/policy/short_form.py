"""Policy documents in the short form of a stack file: the way back of `build`, exact by meaning.

What the short form can't say gives None; a document is never approximated. It can't say an `Id`,
nor the `Sid` of a trust: they mean nothing to AWS, and something to those who wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .build import statements_document, trust_document
from .canonical import equivalent
from .shape import Effect, PrincipalType
from .values import as_items, is_map

_FIELDS: Mapping[str, str] = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_ELEMENTS = frozenset({"Sid", "Effect", "Condition", *_FIELDS})
_TRUST_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Condition"})
_ACCOUNT = re.compile(r"(?:arn:([^:]+):iam::([0-9]{12}):root|([0-9]{12}))")
_ROLE = re.compile(r"arn:[^:]+:iam::[0-9]{12}:role/.+")


@dataclass(frozen=True, slots=True)
class ShortTrust:
    """A trust policy as `trust_document` takes it; `roles` are ARNs."""

    services: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    conditions: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )

    def document(self, partition: str) -> dict[str, Any]:
        """The trust policy that it is short for."""
        return trust_document(
            self.services,
            self.accounts,
            self.roles,
            conditions=self.conditions,
            partition=partition,
        )


def short_statements(document: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The statements that `statements_document` makes an equivalent document of, in order.

    The fields of each are `sid`, `effect` where it is deny, lists of texts and `conditions`, those
    that are empty left out.
    """
    if document.get("Id"):
        return None
    found: list[dict[str, Any]] = []
    for statement in as_items(document.get("Statement", ())):
        short = _statement(statement)
        if short is None:
            return None
        found.append(short)
    exact = bool(found) and equivalent(statements_document(found), document)
    return found if exact else None


def short_trust(document: Mapping[str, Any], partition: str) -> ShortTrust | None:
    """The services, accounts and roles of a trust policy that is one statement about them."""
    written = as_items(document.get("Statement", ()))
    if len(written) != 1 or not is_map(written[0]) or not written[0].keys() <= _TRUST_ELEMENTS:
        return None
    statement = written[0]
    if statement.get("Sid") or document.get("Id"):
        return None
    conditions = statement.get("Condition", {})
    principal = statement.get("Principal")
    if not _is_conditions(conditions) or not is_map(principal):
        return None
    services = _texts(principal.get(PrincipalType.SERVICE.value, ()))
    names = _texts(principal.get(PrincipalType.AWS.value, ()))
    if services is None or names is None:
        return None
    found = (_ACCOUNT.fullmatch(name) for name in names)
    accounts = [match[2] or match[3] for match in found if match and match[1] in (None, partition)]
    roles = [name for name in names if _ROLE.fullmatch(name)]
    short = ShortTrust(_once(services), _once(accounts), _once(roles), conditions)
    # What was passed over above (users, providers, other actions) shows here as a difference.
    return short if equivalent(short.document(partition), document) else None


def _statement(statement: Any) -> dict[str, Any] | None:
    if not is_map(statement) or not statement.keys() <= _ELEMENTS:
        return None
    short: dict[str, Any] = {}
    if sid := statement.get("Sid"):
        short["sid"] = sid
    if statement.get("Effect") == Effect.DENY:
        short["effect"] = "deny"
    for element, name in _FIELDS.items():
        if element in statement:
            values = _texts(statement[element])
            if not values:
                return None
            short[name] = list(values)
    conditions = statement.get("Condition", {})
    if not _is_conditions(conditions):
        return None
    return {**short, "conditions": conditions} if conditions else short


def _texts(value: Any) -> tuple[str, ...] | None:
    found = tuple(as_items(value))
    return found if all(isinstance(item, str) for item in found) else None


def _is_conditions(value: Any) -> bool:
    return is_map(value) and all(map(is_map, value.values()))


def _once(values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def without_deleted(document: Mapping[str, Any], deleted: tuple[str, ...]) -> dict[str, Any]:
    """A trust policy without what is left of deleted principals (see `dangling_principals`).

    It lets the same in, for nobody can be a deleted principal. AWS stores no such id, so only a
    document without them can be declared. Where nobody is left, it says that nobody is let in.
    """
    gone = frozenset(deleted)
    kept = [
        statement
        for written in as_items(document.get("Statement", ()))
        if (statement := _without(written, gone)) is not None
    ]
    nobody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    return {**document, "Statement": kept or [nobody]}


def _without(statement: Any, gone: frozenset[str]) -> Any:
    """A statement without these principals; None where it is about nobody else."""
    if not is_map(statement):
        return statement
    found = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        principal = found.get(element)
        if not is_map(principal):
            continue
        written = as_items(principal.get("AWS", ()))
        names = [name for name in written if name not in gone]
        if len(names) == len(written):
            continue
        rest = {kind: value for kind, value in principal.items() if kind != "AWS"}
        rest = {"AWS": names, **rest} if names else rest
        if rest:
            found[element] = rest
        elif element == "Principal" or found.get("Effect") != Effect.DENY:
            return None
        else:
            # To deny all but nobody is to deny everybody.
            del found[element]
            found["Principal"] = {"AWS": "*"}
    return found
