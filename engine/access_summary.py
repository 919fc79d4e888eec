"""What a plan lets roles do that they could not do before, and the reverse. Pure.

Access is taken from the Allow statements as they are written: wildcards are not expanded, and Deny
statements and permissions boundaries are not weighed (`unweighed` tells whether a plan touches
any). So this is what is granted and withdrawn, not what a role can really do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..resources.calls import Attrs
from .plan import Action, Change, Plan

POLICY = "policy:"
"""Begins the action and the resource of what an AWS managed policy allows: its ARN follows.

Such a policy's statements are AWS's, change without us, and are not in a plan.
"""

EXCEPT = "* except "
"""Begins the action or the resource of a NotAction or NotResource: what is excepted follows."""


@dataclass(frozen=True, slots=True)
class AccessItem:
    """One action on one resource that a role is allowed.

    `role` is the role's name in AWS, `by` the address of the policy that allows it, or of the role
    for a policy that nobody declared. `conditions` is an IAM Condition block.
    """

    role: str
    action: str
    resource: str
    conditions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    by: str = ""

    @property
    def granted(self) -> tuple[str, str, str, str]:
        """What is allowed, whoever allows it, as AWS compares it."""
        conditions = json.dumps(self.conditions, sort_keys=True)
        return self.role.lower(), self.action.lower(), self.resource, conditions


@dataclass(frozen=True, slots=True)
class AccessSummary:
    """The access that a plan gives and takes."""

    gained: tuple[AccessItem, ...] = ()
    lost: tuple[AccessItem, ...] = ()


def access_of(plan: Plan) -> AccessSummary:
    """Compare what is allowed before and after; what another policy still allows isn't lost."""
    before = _by_grant(
        item for change in plan.changes for item in _allowed(change, _before(change))
    )
    after = _by_grant(item for change in plan.changes for item in _allowed(change, _after(change)))
    return AccessSummary(
        gained=tuple(after[grant] for grant in sorted(after.keys() - before.keys())),
        lost=tuple(before[grant] for grant in sorted(before.keys() - after.keys())),
    )


def unweighed(plan: Plan) -> bool:
    """Whether a plan changes a Deny statement or a boundary, which its summary leaves out."""
    return any(
        _restraints(_before(change)) != _restraints(_after(change)) for change in plan.changes
    )


def _by_grant(items: Iterable[AccessItem]) -> dict[tuple[str, str, str, str], AccessItem]:
    found: dict[tuple[str, str, str, str], AccessItem] = {}
    for item in items:
        found.setdefault(item.granted, item)
    return found


def _before(change: Change) -> Attrs:
    return (change.after if change.action is Action.NO_OP else change.before) or {}


def _after(change: Change) -> Attrs:
    return (change.before if change.action is Action.FORGET else change.after) or {}


def _allowed(change: Change, attrs: Attrs) -> Iterable[AccessItem]:
    """What one resource's attributes allow."""
    by = str(change.address)
    if attrs.get("type") == "aws":
        yield from (_managed(role, attrs.get("arn", ""), by) for role in attrs.get("roles") or ())
    elif "roles" in attrs and "document" in attrs:
        for role in attrs["roles"]:
            yield from _by_document(role, attrs["document"], by)
    elif "trust_policy" in attrs:
        yield from _foreign(attrs, by)


def _foreign(attrs: Attrs, by: str) -> Iterable[AccessItem]:
    """What the policies on a role allow that nobody declared."""
    for arn in attrs.get("foreign_attached_policies") or ():
        yield _managed(attrs["name"], arn, by)
    for document in _foreign_documents(attrs):
        yield from _by_document(attrs["name"], document, by)


def _foreign_documents(attrs: Attrs) -> Iterable[Attrs]:
    found: Mapping[str, Attrs] = attrs.get("foreign_inline_policies") or {}
    return found.values()


def _managed(role: str, arn: str, by: str) -> AccessItem:
    return AccessItem(role, POLICY + arn, POLICY + arn, by=by)


def _by_document(role: str, document: Attrs, by: str) -> Iterable[AccessItem]:
    for statement in _statements(document):
        if statement.get("Effect") != "Allow":
            continue
        conditions: Attrs = statement.get("Condition") or {}
        for action in _each(statement, "Action"):
            for resource in _each(statement, "Resource"):
                yield AccessItem(role, action, resource, conditions, by)


def _each(statement: Attrs, name: str) -> Sequence[str]:
    excepted = f"Not{name}"
    if excepted in statement:
        return (EXCEPT + ", ".join(_texts(statement[excepted])),)
    return _texts(statement.get(name, ()))


def _statements(document: Attrs) -> Iterable[Attrs]:
    found = document.get("Statement", ())
    items = cast("Sequence[Any]", found) if isinstance(found, list | tuple) else (found,)
    return (cast("Attrs", item) for item in items if isinstance(item, Mapping))


def _texts(value: Any) -> list[str]:
    items = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else (value,)
    return [str(item) for item in items]


def _restraints(attrs: Attrs) -> Any:
    """What holds roles back: a boundary, and the Deny statements of policies on them."""
    documents = list(_foreign_documents(attrs))
    if attrs.get("roles") and "document" in attrs:
        documents.append(attrs["document"])
    denials = [
        json.dumps(statement, sort_keys=True)
        for document in documents
        for statement in _statements(document)
        if statement.get("Effect") == "Deny"
    ]
    return attrs.get("permissions_boundary"), [
        (attrs.get("roles"), text) for text in sorted(denials)
    ]
