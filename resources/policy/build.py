"""Policy documents made from the short form of a stack file, in the author's order.

Makes documents also from what AWS would refuse: `check` says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .shape import VERSION_2012, Effect, PrincipalType
from .values import as_items, is_list, is_map

_ELEMENTS: Mapping[str, str] = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_ASSUME_ROLE = "sts:AssumeRole"


def statements_document(statements: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A permission policy from statements in short form.

    A statement may have `sid`, `effect` (allow or deny in any case, allow when absent), `actions`,
    `not_actions`, `resources`, `not_resources` (each a text or a list) and `conditions` (an IAM
    Condition block). Empty and absent fields are left out; elements are lists, also of one.
    """
    return {"Version": VERSION_2012, "Statement": [_statement(found) for found in statements]}


def trust_document(
    services: Sequence[str] = (),
    accounts: Sequence[str] = (),
    roles: Sequence[str] = (),
    *,
    conditions: Mapping[str, Any] | None = None,
    partition: str = "aws",
    actions: Sequence[str] = (_ASSUME_ROLE,),
    federated: Sequence[str] = (),
) -> dict[str, Any]:
    """A trust policy: who may assume a role.

    Services, accounts and roles (ARNs) share one statement, since they share the actions and the
    conditions; an account is its root ARN in the partition. Identity providers (`federated`: ARNs
    or hosts) have a statement for each way in which they assume a role, by SAML or by web identity,
    with that action in place of sts:AssumeRole.
    """
    names = [*(f"arn:{partition}:iam::{account}:root" for account in accounts), *roles]
    principal: dict[str, list[str]] = {}
    if services:
        principal[PrincipalType.SERVICE.value] = list(services)
    if names:
        principal[PrincipalType.AWS.value] = names
    found = [_trust(principal, actions, conditions)] if principal else []
    found += _federated(federated, actions, conditions)
    return {"Version": VERSION_2012, "Statement": found}


def _statement(short: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if sid := short.get("sid"):
        statement["Sid"] = sid
    effect = str(short.get("effect") or Effect.ALLOW)
    known = {name.lower(): name.value for name in Effect}
    statement["Effect"] = known.get(effect.lower(), effect)
    for field, element in _ELEMENTS.items():
        if value := short.get(field):
            statement[element] = list(as_items(value))
    if conditions := short.get("conditions"):
        statement["Condition"] = _plain(conditions)
    return statement


def _trust(
    principal: Mapping[str, Sequence[str]],
    actions: Sequence[str],
    conditions: Mapping[str, Any] | None,
) -> dict[str, Any]:
    statement = {
        "Effect": Effect.ALLOW.value,
        "Principal": {kind: list(names) for kind, names in principal.items()},
        "Action": list(actions),
    }
    return {**statement, "Condition": _plain(conditions)} if conditions else statement


def _federated(
    providers: Sequence[str], actions: Sequence[str], conditions: Mapping[str, Any] | None
) -> Iterable[dict[str, Any]]:
    saml = [name for name in providers if ":saml-provider/" in name]
    web = [name for name in providers if name not in saml]
    for names, by in ((web, f"{_ASSUME_ROLE}WithWebIdentity"), (saml, f"{_ASSUME_ROLE}WithSAML")):
        if names:
            own = [by if action == _ASSUME_ROLE else action for action in actions]
            yield _trust({PrincipalType.FEDERATED.value: names}, own, conditions)


def _plain(value: Any) -> Any:
    """A copy in the objects and lists of JSON, which keeps the order."""
    if is_map(value):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if is_list(value) else value
