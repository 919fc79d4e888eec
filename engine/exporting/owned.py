"""What a stack owns, sorted for a writer: roles, policies, instance profiles, and what carries roles.

From the state, so that no stack file and no AWS is needed; or from the state as it was read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import STACK_TAG, KindLookup
from ...resources.permission_policy import INLINE, PermissionPolicy
from ...resources.registry import kind_class
from ...resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, FOREIGN_PROFILES, Role
from ...state.document import State, StateRecord
from ..diff import differing
from ..remembering import as_worded

Attributes = Mapping[Address, Attrs]
_FOREIGN = {
    FOREIGN_INLINE: "it has inline policies",
    FOREIGN_ATTACHED: "it has attached policies",
    FOREIGN_PROFILES: "it is in instance profiles",
}


@dataclass(frozen=True, slots=True)
class NotExported:
    """Something of the stack that the other tool's files don't hold, and the reason in words."""

    address: Address
    reason: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """Something of AWS that carries a role of the stack, and is made by others.

    `what` names it for people; `attribute` maps what holds the role to the ARN of the role or the
    name of the instance profile.
    """

    address: Address
    what: str
    service: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnedByStack:
    """The objects of a stack, each with its attributes, in the order of addresses.

    Tags are without rolewright's own; the other tool is told to leave those alone.
    """

    account_id: str
    region: str
    stack: str
    roles: Attributes
    customer_policies: Attributes
    inline_policies: Attributes
    aws_policies: Attributes
    profiles: Attributes
    carriers: tuple[Carrier, ...]

    @property
    def role_addresses(self) -> Mapping[str, Address]:
        """The address of each role by its name in AWS."""
        return {attrs["name"]: address for address, attrs in self.roles.items()}

    @property
    def policy_addresses(self) -> Mapping[str, Address]:
        """The address of each customer managed policy by its ARN."""
        return {attrs["arn"]: address for address, attrs in self.customer_policies.items()}

    def inline_on(self, role: str) -> Attributes:
        """The inline policies on a role of this name."""
        return {
            address: {**attrs, "document": attrs["documents"].get(role, attrs["document"])}
            for address, attrs in _on(self.inline_policies, role).items()
        }

    def attached_to(self, role: str) -> Attributes:
        """The managed policies attached to a role of this name, the customer's and AWS's."""
        both = _on({**self.customer_policies, **self.aws_policies}, role)
        return dict(sorted(both.items()))


def _on(policies: Attributes, role: str) -> Attributes:
    return {address: attrs for address, attrs in policies.items() if role in attrs["roles"]}


def exclusive(role: Attrs) -> bool:
    """Whether the role is to have no other policies than those of the stack."""
    return FOREIGN_INLINE in role


def owned_by(state: State) -> OwnedByStack:
    """What the state says that the stack owns."""
    records = sorted(state.resources.items())
    attributes = {address: _without_ours(_worded(record)) for address, record in records}

    def of(kind: str, key: str = "", value: str = "") -> Attributes:
        return {
            address: attrs
            for address, attrs in attributes.items()
            if address.kind == kind and (not key or attrs[key] == value)
        }

    return OwnedByStack(
        account_id=state.account_id,
        region=state.region,
        stack=state.stack,
        roles=of(Role.kind),
        customer_policies=of(PermissionPolicy.kind, "type", "customer"),
        inline_policies=of(PermissionPolicy.kind, "type", "inline"),
        aws_policies=of(PermissionPolicy.kind, "type", "aws"),
        profiles={
            address: attrs
            for address, attrs in of(ServiceBinding.kind).items()
            if "instance_profile" in attrs
        },
        carriers=tuple(
            carrier
            for address, attrs in of(ServiceBinding.kind).items()
            for carrier in _carriers(address, attrs)
        ),
    )


def renewed(
    state: State, live: Mapping[Address, Attrs | None], kinds: KindLookup
) -> tuple[State, tuple[NotExported, ...]]:
    """The state with what AWS shows now where that differs, and what is not as the stack has it."""
    left: list[NotExported] = []
    records: dict[Address, StateRecord] = {}
    for address, record in state.resources.items():
        kind, observed = kinds(record.kind, record.desired), live.get(address)
        if address not in live:
            records[address] = record
        elif observed is None or not kind.present(observed):
            left.append(NotExported(address, "AWS no longer has it"))
        else:
            differ = differing(kind.shape, record.desired, observed)
            left += [
                NotExported(address, f"{_FOREIGN[name]} that this stack doesn't have")
                for name in sorted(differ & _FOREIGN.keys())
            ]
            changed = {name: observed[name] for name in differ - _FOREIGN.keys()}
            desired = {**record.desired, **changed}
            records[address] = replace(record, desired=desired, observed=observed)
    return replace(state, resources=records), tuple(left)


def _worded(record: StateRecord) -> Attrs:
    """What the stack wants, with each policy document as AWS has it where that means the same.

    Another tool compares more than the meaning: to Terraform an empty `Sid` is a change. The documents
    of an inline policy are under `documents`, by role.
    """
    shape = kind_class(record.kind, record.desired).shape
    wanted, seen = record.desired, record.observed
    if wanted.get("type") != INLINE:
        return as_worded(shape, wanted, seen)
    documents = {
        role: as_worded(shape, wanted, {"document": document})["document"]
        for role, document in seen.get("documents", {}).items()
    }
    return {**wanted, "documents": documents}


def _without_ours(attrs: Attrs) -> Attrs:
    if "tags" not in attrs:
        return attrs
    tags = {key: value for key, value in attrs["tags"].items() if key != STACK_TAG}
    return {**attrs, "tags": tags}


def _carriers(address: Address, attrs: Attrs) -> list[Carrier]:
    """What carries the roles of a binding; all attributes that end in role_arn hold one."""
    service: str = attrs["service"]
    if "instance_profile" in attrs:
        held = {"instance_profile": attrs["instance_profile"]}
        return [
            Carrier(address, f"the instance {instance}", service, held)
            for instance in attrs["instances"]
        ]
    roles = {name: arn for name, arn in attrs.items() if name.endswith("role_arn") and arn}
    named: list[Any] = [
        value
        for name, value in attrs.items()
        if name not in roles and name != "service" and isinstance(value, str)
    ]
    return [Carrier(address, f"{service} {' '.join(named)}", service, roles)]
