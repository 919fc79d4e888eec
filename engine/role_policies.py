"""The policies that each role carries, taken from attributes: of a plan's two sides, a state or a stack. Pure.

Whoever asks what a role may do starts here: the access section of plans, `verify`, `can`, `drift`
and `audit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.permission_policy import PermissionPolicy
from ..resources.policy import Document, InvalidDocumentError, parse
from ..resources.policy.access import Permissions
from ..resources.policy.evaluator import NamedPolicy
from ..resources.ports import AwsError, AwsReader, Wants
from ..resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, Role

Attributes = Mapping[Address, Attrs]
"""The attributes of resources, observed or desired."""

Documents = Mapping[str, Attrs]
"""The documents of managed policies by ARN."""

NOTHING = Document("2012-10-17", ())
"""Stands for a trust policy that can't be understood: it lets nobody in."""


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """A role with the documents of all policies on it.

    A policy is named by its address where it has one, and by its ARN or `inline NAME` where nobody
    declared it. `unread` are the ARNs of policies on the role, its boundary among them, whose
    documents are not known; `unread_boundary` is the boundary's, if it is one of these.
    """

    address: Address
    name: str
    arn: str
    trust: NamedPolicy
    identity: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    tags: Mapping[str, str] | None = None
    unread: tuple[str, ...] = ()
    unread_boundary: str = ""


def unread_policies(attributes: Attributes) -> frozenset[str]:
    """The ARNs of managed policies on roles whose documents are not in the attributes."""
    told = _told(attributes)
    return frozenset(arn for arn in _mentioned(attributes) if arn not in told)


def role_policies(
    attributes: Attributes, documents: Documents, *, account_id: str, partition: str = "aws"
) -> dict[Address, RolePolicies]:
    """The roles among the attributes with what they carry.

    `documents` are those of policies that the attributes only mention: AWS managed ones, boundaries
    and what nobody declared. One that can't be understood counts as unread.
    """
    told = _told(attributes)
    known = {**documents, **{arn: document for arn, (_, document) in told.items()}}
    names = {arn: str(address) for arn, (address, _) in told.items()}
    carried: dict[str, dict[str, Attrs | None]] = {}
    for role, name, document in _declared(attributes, known):
        carried.setdefault(role.lower(), {})[name] = document
    found: dict[Address, RolePolicies] = {}
    for address, attrs in attributes.items():
        if address.kind != Role.kind:
            continue
        on = {**carried.get(attrs["name"].lower(), {}), **_undeclared(attrs, known)}
        identity = {name: _named(name, document) for name, document in on.items()}
        boundary: str = attrs.get("permissions_boundary") or ""
        bounds = _named(names.get(boundary, boundary), known.get(boundary))
        trust = _named(str(address), attrs["trust_policy"])
        unread = [_arn_of(name, attributes) for name, policy in identity.items() if policy is None]
        unread += [f"trust policy of {attrs['name']}"] if trust is None else []
        unread_boundary = boundary if bounds is None else ""
        path = attrs.get("path", "/")
        found[address] = RolePolicies(
            address=address,
            name=attrs["name"],
            arn=f"arn:{partition}:iam::{account_id}:role{path}{attrs['name']}",
            trust=trust or NamedPolicy(str(address), NOTHING),
            identity=tuple(policy for policy in identity.values() if policy is not None),
            boundary=bounds,
            tags=attrs.get("tags"),
            unread=(*unread, *([unread_boundary] if unread_boundary else [])),
            unread_boundary=unread_boundary,
        )
    return found


def permissions_of(role: RolePolicies | None) -> Permissions:
    """What grants and limits a role; nothing where there is none."""
    if role is None:
        return Permissions(())
    return Permissions(role.identity, None if role.boundary is None else role.boundary.document)


def read_documents(aws: AwsReader, arns: Iterable[str]) -> Documents:
    """The documents of managed policies; those that AWS doesn't have or doesn't show are left out.

    Raises:
        AwsError: AWS can't be reached, or doesn't accept our credentials.
    """
    wanted = sorted({arn for arn in arns if arn.startswith("arn:")})
    aws.prefetch(Wants(policies=frozenset(wanted)))
    found = zip(wanted, aws.map(partial(_document, aws), wanted), strict=True)
    return {arn: document for arn, document in found if document is not None}


def _document(aws: AwsReader, arn: str) -> Attrs | None:
    try:
        view = aws.policy(arn)
        return None if view is None else dict(view.document)
    except AwsError as error:
        if error.denied:
            return None
        raise


def _undeclared(role: Attrs, known: Documents) -> dict[str, Attrs | None]:
    """What is on a role that nobody declared."""
    inline: Mapping[str, Attrs] = role.get(FOREIGN_INLINE) or {}
    attached: Sequence[str] = role.get(FOREIGN_ATTACHED) or ()
    return {
        **{f"inline {name}": document for name, document in inline.items()},
        **{arn: known.get(arn) for arn in attached},
    }


def _named(name: str, document: Attrs | None) -> NamedPolicy | None:
    if document is None:
        return None
    try:
        return NamedPolicy(name, parse(document))
    except InvalidDocumentError:
        return None


def _policies(attributes: Attributes) -> Iterator[tuple[Address, Attrs]]:
    return (item for item in attributes.items() if item[0].kind == PermissionPolicy.kind)


def _told(attributes: Attributes) -> dict[str, tuple[Address, Attrs]]:
    """The managed policies whose documents the attributes hold, by ARN."""
    return {
        attrs["arn"]: (address, attrs["document"])
        for address, attrs in _policies(attributes)
        if attrs.get("arn") and "document" in attrs
    }


def _declared(
    attributes: Attributes, known: Mapping[str, Attrs]
) -> Iterator[tuple[str, str, Attrs | None]]:
    """Role, address and document of each policy that is declared to be on a role."""
    for address, attrs in _policies(attributes):
        document: Any = attrs.get("document") or known.get(attrs.get("arn", ""))
        # Of an inline policy each role has a document of its own, which somebody may have changed.
        own: Documents = attrs.get("documents") or {}
        for role in attrs.get("roles") or ():
            yield role, str(address), own.get(role, document)


def _mentioned(attributes: Attributes) -> Iterable[str]:
    for address, attrs in attributes.items():
        if address.kind == PermissionPolicy.kind and "document" not in attrs and attrs.get("roles"):
            yield attrs["arn"]
        elif address.kind == Role.kind:
            yield from attrs.get(FOREIGN_ATTACHED) or ()
            if attrs.get("permissions_boundary"):
                yield attrs["permissions_boundary"]


def _arn_of(name: str, attributes: Attributes) -> str:
    """The ARN of a policy that is known by its address."""
    return next((attrs["arn"] for key, attrs in _policies(attributes) if str(key) == name), name)
