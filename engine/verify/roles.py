"""The roles that questions are about, with their policies: live, after a plan, or as the state has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.permission_policy import INLINE, PermissionPolicy
from ...resources.policy import parse
from ...resources.policy.evaluator import NamedPolicy
from ...resources.ports import AwsReader, RoleView, Wants
from ...resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, Role
from ...state.document import State
from ..plan import Plan
from ..role_policies import (
    Documents,
    RolePolicies,
    read_documents,
    role_policies,
    unread_policies,
)

Roles = Mapping[Address, RolePolicies]
"""Roles by address. One that isn't there is left out."""


@dataclass(frozen=True, slots=True)
class Names:
    """By what addresses a stack knows policies: managed ones by ARN, inline ones by role and name."""

    managed: Mapping[str, str] = field(default_factory=dict[str, str])
    inline: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @classmethod
    def of(cls, attributes: Mapping[Address, Attrs]) -> Names:
        """The names in a resolved stack, or in a state."""
        managed: dict[str, str] = {}
        inline: dict[tuple[str, str], str] = {}
        for address, attrs in attributes.items():
            if address.kind != PermissionPolicy.kind:
                continue
            if attrs["type"] == INLINE:
                inline |= {(role, attrs["name"]): str(address) for role in attrs["roles"]}
            else:
                managed.setdefault(attrs["arn"], str(address))
        return cls(managed, inline)


def live_roles(aws: AwsReader, roles: Mapping[Address, str], names: Names) -> Roles:
    """The roles of these names as they are in AWS, with all that is on them, declared or not.

    Raises:
        AwsError: AWS refused to show a role.
    """
    aws.prefetch(Wants(roles=frozenset(roles.values())))
    found = {address: aws.role(name) for address, name in roles.items()}
    views = {address: view for address, view in found.items() if view is not None}
    documents = read_documents(aws, {arn for view in views.values() for arn in _managed(view)})
    return {address: _live(address, view, documents, names) for address, view in views.items()}


def _managed(view: RoleView) -> Iterable[str]:
    yield from view.attached_policies
    if view.permissions_boundary:
        yield view.permissions_boundary


def _live(address: Address, view: RoleView, documents: Documents, names: Names) -> RolePolicies:
    identity = [
        NamedPolicy(names.inline.get((view.name, name), f"inline {name}"), parse(document))
        for name, document in view.inline_policies.items()
    ]
    identity += [
        NamedPolicy(names.managed.get(arn, arn), parse(documents[arn]))
        for arn in view.attached_policies
        if arn in documents
    ]
    bound = view.permissions_boundary
    boundary = None
    if bound is not None and bound in documents:
        boundary = NamedPolicy(names.managed.get(bound, bound), parse(documents[bound]))
    return RolePolicies(
        address=address,
        name=view.name,
        arn=view.arn,
        trust=NamedPolicy(str(address), parse(view.trust_policy)),
        identity=tuple(identity),
        boundary=boundary,
        tags=view.tags,
        unread=tuple(arn for arn in _managed(view) if arn not in documents),
    )


def planned_roles(aws: AwsReader, plan: Plan) -> Roles:
    """The roles as they will be when a plan is carried out.

    Raises:
        AwsError: AWS refused to show a policy that the plan only mentions.
    """
    attributes: dict[Address, Attrs] = {}
    for change in plan.changes:
        if change.after is not None and change.address.kind in {Role.kind, PermissionPolicy.kind}:
            seen = [reading.observed for reading in change.reads if reading.observed]
            attributes[change.address] = _with_foreign(change.after, seen)
    return role_policies(
        attributes,
        read_documents(aws, unread_policies(attributes)),
        account_id=plan.account_id,
        partition=plan.partition,
    )


def _with_foreign(after: Attrs, seen: list[Attrs]) -> Attrs:
    """A role that is not exclusive keeps what others put on it."""
    kept: dict[str, Any] = {}
    for name in (FOREIGN_INLINE, FOREIGN_ATTACHED):
        if name not in after and seen and name in seen[0]:
            kept[name] = seen[0][name]
    return {**after, **kept}


def recorded_roles(state: State) -> Roles:
    """The roles as the last apply left them, without asking AWS.

    The documents of policies that the state only mentions are unread.
    """
    attributes = {
        address: _with_foreign(record.desired, [record.observed])
        for address, record in state.resources.items()
        if address.kind in {Role.kind, PermissionPolicy.kind}
    }
    found = role_policies(attributes, {}, account_id=state.account_id)
    arns = {address: record.arn for address, record in state.resources.items()}
    return {address: replace(role, arn=arns[address]) for address, role in found.items()}
