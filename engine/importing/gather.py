"""What was found, made ready to be declared: each thing once, under its final address. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import Resource
from ...resources.permission_policy import AWS, CUSTOMER, INLINE, PermissionPolicy
from ...resources.policy import (
    DocumentKind,
    canonical_document,
    check,
    dangling_principals,
    without_deleted,
)
from ...resources.registry import kind_class
from ...resources.role import Role
from .found import Found, identities
from .naming import Names, common_name, legal, sort_of
from .request import LeftOut, WritingOptions

_ORDER = (Role.kind, PermissionPolicy.kind, ServiceBinding.kind)


@dataclass(slots=True)
class Gathered:
    """What is declared, sorted by address; where each address that was handed in went; the rest."""

    found: list[Found] = field(default_factory=list[Found])
    addresses: dict[Address, Address] = field(default_factory=dict[Address, Address])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])

    def moved(self, moves: Mapping[Address, Address]) -> Gathered:
        """The same under other addresses."""
        return Gathered(
            sorted(
                (replace(one, address=moves.get(one.address, one.address)) for one in self.found),
                key=lambda one: one.address,
            ),
            {old: moves.get(new, new) for old, new in self.addresses.items()},
            self.left_out,
        )


def gather(found: Iterable[Found], options: WritingOptions) -> Gathered:
    """Lay together what is one thing, leave out what can't be declared, and settle the addresses."""
    gathered = Gathered()
    kept = list(_declarable(found, options, gathered.left_out))
    names = Names(options.taken)
    bounding = {
        one.attributes.get("permissions_boundary") for one in kept if one.address.kind == Role.kind
    }
    for members in _one_each(kept):
        first = members[0]
        kind = first.address.kind
        own = first.address.name if first.address.key is None else _flat(first.address)
        wanted = (own, f"{own}-{sort_of(first.attributes)}")
        if len(members) > 1 and first.attributes.get("type") == INLINE:
            common = common_name([one.address.name for one in members]) if options.named else ""
            wanted = (common or legal(first.attributes["name"]), *wanted)
        address = names.take(kind, *wanted)
        gathered.addresses |= {member.address: address for member in members}
        attributes = _together(members)
        if attributes.get("type") == CUSTOMER and attributes["arn"] in bounding:
            attributes, attached = _apart(attributes)
            if attached is not None:
                other = names.take(kind, f"{own}-attached")
                gathered.found.append(Found(other, attached))
        gathered.found.append(Found(address, attributes))
    gathered.found.sort(key=lambda one: one.address)
    return gathered


def class_of(found: Found) -> type[Resource]:
    """The class that handles what was found."""
    return kind_class(found.address.kind, found.attributes)


def trust_of(role: Found) -> Mapping[str, Any]:
    """A role's trust policy as it can be declared: without what is left of deleted principals."""
    document = role.attributes["trust_policy"]
    deleted = dangling_principals(document)
    return without_deleted(document, deleted) if deleted else document


def tags_of(found: Found) -> Mapping[str, str]:
    """The tags of what was found; none where it takes none, or where they were not read."""
    tags: Mapping[str, str] | None = found.attributes.get("tags")
    return tags or {}


def meaning(document: Mapping[str, Any]) -> str:
    """A text that is equal for documents that mean the same."""
    return json.dumps(canonical_document(document), sort_keys=True, default=str)


def commonest(documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of documents that mean the same one that is worded as most are, or else the shortest."""
    texts = [json.dumps(document, sort_keys=True, default=str) for document in documents]
    times = Counter(texts)
    return documents[texts.index(max(times, key=lambda text: (times[text], -len(text))))]


def _flat(address: Address) -> str:
    return legal(f"{address.name}-{address.key}")


def _declarable(
    found: Iterable[Found], options: WritingOptions, left_out: list[LeftOut]
) -> Iterator[Found]:
    """What can be declared, roles first, all in the order of their addresses."""
    taken = {
        name: one.address
        for one in (*options.existing, *options.recorded)
        if class_of(one).live
        for name in identities(class_of(one), one.attributes)
    }
    roles = {
        one.attributes["name"].lower() for one in options.existing if one.address.kind == Role.kind
    }
    ordered = sorted(found, key=lambda one: (_ORDER.index(one.address.kind), one.address))
    for one in ordered:
        known = _on_known_roles(one, roles, taken)
        reason = _why_not(known, one, taken, roles)
        if reason:
            left_out.append(LeftOut(one, reason))
            continue
        if one.address.kind == Role.kind:
            roles.add(one.attributes["name"].lower())
        yield known


def _on_known_roles(found: Found, roles: set[str], taken: Mapping[str, Address]) -> Found:
    """A policy on those of its roles that the files can name and that don't have it from elsewhere."""
    if found.address.kind != PermissionPolicy.kind:
        return found
    attrs = found.attributes
    kind = class_of(found)
    kept = [
        role
        for role in attrs["roles"]
        if role.lower() in roles
        and (
            attrs["type"] == CUSTOMER
            or not any(name in taken for name in kind.identities({**attrs, "roles": [role]}))
        )
    ]
    return replace(found, attributes={**attrs, "roles": kept})


def _why_not(found: Found, whole: Found, taken: Mapping[str, Address], roles: set[str]) -> str:
    """Why something can't be declared; empty when it can. `whole` is on all its roles still."""
    attrs = found.attributes
    kind = class_of(found)
    names = kind.identities(attrs) or kind.identities(whole.attributes)
    owner = next((taken[name] for name in names if name in taken), None)
    if owner is not None:
        return f"it is {owner} already"
    if found.address.kind == Role.kind:
        return _fault(trust_of(found), DocumentKind.TRUST, "its trust policy")
    if issubclass(kind, ServiceBinding):
        alone = kind.written(attrs, lambda role: _named(role, roles)) is None
        return "its role is not in the stack" if alone else ""
    return _why_no_policy(attrs)


def _why_no_policy(attrs: Attrs) -> str:
    if attrs["type"] != CUSTOMER and not attrs["roles"]:
        return "none of its roles is in the stack"
    if attrs["type"] == AWS:
        return ""
    sort = DocumentKind.INLINE if attrs["type"] == INLINE else DocumentKind.MANAGED
    return _fault(attrs["document"], sort, "its document")


def _named(role: str, roles: set[str]) -> str | None:
    name = role.rpartition("/")[2]
    return name if name.lower() in roles else None


def _fault(document: Mapping[str, Any], kind: DocumentKind, what: str) -> str:
    fault = next(iter(check(document, kind)), None)
    return "" if fault is None else f"{what} could not be written again: {fault.summary}"


def _one_each(found: Sequence[Found]) -> Iterable[list[Found]]:
    """The same thing found several times, and equal inline policies of one name, as one."""
    inline = Counter(
        one.attributes["name"] for one in found if one.attributes.get("type") == INLINE
    )
    same: dict[tuple[str, ...], list[Found]] = {}
    for one in found:
        attrs = one.attributes
        match attrs.get("type"):
            case "inline" if inline[attrs["name"]] > 1:
                key = (INLINE, attrs["name"], meaning(attrs["document"]))
            case "aws" | "customer":
                key = (attrs["arn"],)
            case _:
                key = class_of(one).identities(attrs)
        same.setdefault(key, []).append(one)
    return same.values()


def _apart(attributes: Attrs) -> tuple[Attrs, Attrs | None]:
    """A policy that bounds roles, which it has to be there before, and its attachments, which come after roles."""
    roles = attributes["roles"]
    attached = {"type": AWS, "arn": attributes["arn"], "roles": roles} if roles else None
    return {**attributes, "roles": []}, attached


def _together(members: Sequence[Found]) -> dict[str, Any]:
    """The attributes of several policies as those of one that is on the roles of all."""
    attrs = dict(members[0].attributes)
    if len(members) > 1 and "roles" in attrs:
        attrs["roles"] = sorted({role for one in members for role in one.attributes["roles"]})
        if "document" in attrs:
            attrs["document"] = commonest([one.attributes["document"] for one in members])
        if "documents" in attrs:
            attrs["documents"] = {
                role: document
                for one in members
                for role, document in one.attributes["documents"].items()
            }
    return attrs
