"""Which file each block goes to: that of its service or tag, or the one for what several share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.permission_policy import PermissionPolicy
from ...resources.policy import PrincipalType
from ...resources.registry import binding_classes
from ...resources.role import Role
from .found import Found
from .gather import class_of, tags_of, trust_of
from .links import Links
from .naming import principals, service_name, slug
from .request import NONE, TAG, WritingOptions
from .trusts import Trust

SHARED, UNATTACHED, UNTAGGED, ACCOUNTS, FEDERATED = (
    "shared",
    "unattached",
    "untagged",
    "accounts",
    "federated",
)


def groups(
    found: Sequence[Found], trusts: Iterable[Trust], links: Links, options: WritingOptions
) -> dict[Address, str]:
    """The group of each address; all are the empty one where nothing is grouped."""
    if options.group_by == NONE:
        return {}
    everything = [*found, *options.existing]
    carried = _carried(everything, links)
    of: dict[Address, str] = {}
    for role in everything:
        if role.address.kind == Role.kind:
            of[role.address] = _group_of_role(role, carried, options)
    bounded = _bounded(everything)
    for one in found:
        if one.address.kind == PermissionPolicy.kind:
            users = (links.role(name) for name in one.attributes["roles"])
            theirs = {of[user] for user in users if user is not None}
            theirs |= {of[role.address] for role in bounded.get(one.attributes.get("arn", ""), ())}
            of[one.address] = _common(theirs) or _group_alone(one, options)
        elif one.address.kind == ServiceBinding.kind:
            theirs = {of[role] for role in roles_of(one, links)}
            of[one.address] = _common(theirs) or SHARED
    for trust in trusts:
        if trust.address is not None:
            of[trust.address] = _common({of[user] for user in trust.users}) or SHARED
    return of


def _common(found: set[str]) -> str:
    """The group that all are in, or the one for what several groups share; empty for none."""
    return next(iter(found)) if len(found) == 1 else SHARED if found else ""


def roles_of(binding: Found, links: Links) -> list[Address]:
    """The roles of the files that a binding puts on what it binds."""
    found: list[Address] = []

    def key_of(role: str) -> str | None:
        address = links.role(role)
        if address is None:
            return None
        found.append(address)
        return address.local

    kind = class_of(binding)
    if issubclass(kind, ServiceBinding):
        kind.written(binding.attributes, key_of)
    return found


def _carried(found: Iterable[Found], links: Links) -> Mapping[Address, str]:
    """The service of each role's first binding."""
    carried: dict[Address, str] = {}
    for one in found:
        if one.address.kind == ServiceBinding.kind:
            for role in roles_of(one, links):
                carried.setdefault(role, str(one.attributes["service"]))
    return carried


def _bounded(found: Iterable[Found]) -> Mapping[str, list[Found]]:
    """The roles that each policy, by its ARN, is the boundary of."""
    bounded: dict[str, list[Found]] = {}
    for one in found:
        if one.address.kind == Role.kind and one.attributes.get("permissions_boundary"):
            bounded.setdefault(one.attributes["permissions_boundary"], []).append(one)
    return bounded


def _group_of_role(role: Found, carried: Mapping[Address, str], options: WritingOptions) -> str:
    if options.group_by.startswith(TAG):
        return _tag(role, options) or UNTAGGED
    if role.address in carried:
        return slug(carried[role.address])
    trusted = principals(trust_of(role))
    bound = {kind.principal: name for name, kind in binding_classes().items()}
    for principal in trusted:
        if principal.type is PrincipalType.SERVICE:
            name = principal.name
            return slug(bound.get(name.removesuffix(".cn"), service_name(name)))
    if any(principal.type is PrincipalType.FEDERATED for principal in trusted):
        return FEDERATED
    return ACCOUNTS


def _tag(one: Found, options: WritingOptions) -> str:
    key = options.group_by.removeprefix(TAG)
    return slug(tags_of(one).get(key, ""))


def _group_alone(policy: Found, options: WritingOptions) -> str:
    """The group of a policy that is on no role."""
    return (_tag(policy, options) if options.group_by.startswith(TAG) else "") or UNATTACHED
