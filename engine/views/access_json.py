"""The `access` of a plan's JSON document. Pure.

`conditions` are written as in a policy. Where AWS has no operator for the opposite, or the same key
stands under the same operator twice, the operator begins with `not ` or `also `.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..access_changes import (
    AccessChanges,
    AccessEntry,
    Condition,
    DangerEntry,
    RoleAccess,
    TrustEntry,
)

Json = dict[str, Any]


def access_json(access: AccessChanges | None) -> Json:
    """All that roles gain and lose, who gains and loses the roles, and what is dangerous in it."""
    found = access or AccessChanges()
    return {
        "gained": [each for role in found.roles for each in _items(role, role.gained)],
        "lost": [each for role in found.roles for each in _items(role, role.lost)],
        "trust": {
            "gained": [_trust(role, each) for role in found.roles for each in role.trust_gained],
            "lost": [_trust(role, each) for role in found.roles for each in role.trust_lost],
        },
        "dangers": [_danger(role, each) for role in found.roles for each in role.dangers],
        "catalogue_version": found.catalogue_version or None,
        "exact": found.exact,
    }


def _items(role: RoleAccess, entries: Iterable[AccessEntry]) -> Iterator[Json]:
    """An item for each pattern of actions; what nobody could read has its ARN for all of it."""
    for entry in entries:
        for action, level in entry.actions.items():
            yield {
                "role": role.role,
                "action": action,
                "resource": entry.resource,
                "conditions": condition_block(entry.conditions),
                "by": ", ".join(entry.by),
                "address": role.address,
                "level": level or None,
                "exact": entry.exact,
                "effective": entry.effective,
                "dangers": list(entry.dangers),
            }


def _trust(role: RoleAccess, entry: TrustEntry) -> Json:
    return {
        "role": role.role,
        "principal": entry.principal,
        "principal_type": entry.principal_type,
        "actions": list(entry.actions),
        "conditions": condition_block(entry.conditions),
        "public": entry.public,
        "address": role.address,
        "exceptions": list(entry.exceptions),
        "exact": entry.exact,
    }


def _danger(role: RoleAccess, entry: DangerEntry) -> Json:
    return {
        "role": role.role,
        "kind": entry.kind,
        "id": entry.id,
        "title": entry.title,
        "actions": list(entry.actions),
        "resource": entry.resource,
        "conditions": condition_block(entry.conditions),
        "by": ", ".join(entry.by),
        "certain": entry.certain,
        "address": role.address,
    }


def condition_block(conditions: Iterable[Condition]) -> dict[str, dict[str, list[str]]]:
    """Conditions as in a policy: values by key by operator."""
    block: dict[str, dict[str, list[str]]] = {}
    for each in conditions:
        operator = f"not {each['operator']}" if each.get("negated") else each["operator"]
        while each["key"] in block.get(operator, {}):
            operator = f"also {operator}"
        block.setdefault(operator, {})[each["key"]] = list(each["values"])
    return block
