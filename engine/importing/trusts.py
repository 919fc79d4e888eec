"""The trust policies of what is written: equal ones shared, and named for what they say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.address import Address
from ...resources.policy import ShortTrust, short_trust
from ...resources.trust_policy import TrustPolicy
from .found import Found
from .gather import commonest, meaning, trust_of
from .links import Links, literal
from .naming import Names, trust_name
from .request import WritingOptions


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust policy and the roles that carry it.

    `address` is None where one role alone has it, in its own block. `new` tells that it is declared
    here; the others the stack has already.
    """

    address: Address | None
    document: Mapping[str, Any]
    short: ShortTrust | None
    users: tuple[Address, ...]
    new: bool = True

    def fields(self, links: Links, source: Address) -> dict[str, Any]:
        """The fields of the stack file, in the block at `source`."""
        short = self.short
        if short is None:
            return {"document": literal(self.document)}
        fields = {
            "services": list(short.services),
            "accounts": list(short.accounts),
            "roles": links.trusted(source, short.roles),
            "conditions": links.value(source, short.conditions),
        }
        return {name: value for name, value in fields.items() if value}

    def declared(self, partition: str) -> dict[str, Any]:
        """The attributes of the named trust policy that the file declares."""
        short = self.short
        document = self.document
        if short is not None:
            document = short.document(partition)
        return {"name": "" if self.address is None else self.address.local, "document": document}


def shared_trusts(roles: Sequence[Found], options: WritingOptions) -> list[Trust]:
    """The trust policies of all roles, each meaning once, in the order of the first role with it."""
    by_text: dict[str, str] = {}

    def meant(document: Mapping[str, Any]) -> str:
        text = repr(document)  # most are written alike, and reading a meaning takes its time
        if text not in by_text:
            by_text[text] = meaning(document)
        return by_text[text]

    existing = {
        meant(one.attributes["document"]): one.address
        for one in options.existing
        if one.address.kind == TrustPolicy.kind
    }
    documents: dict[str, list[Mapping[str, Any]]] = {}
    users: dict[str, list[Address]] = {}
    for role in roles:
        document = trust_of(role)
        documents.setdefault(meant(document), []).append(document)
        users.setdefault(meant(document), []).append(role.address)
    names = Names(options.taken)
    return [
        _trust(commonest(alike), tuple(users[key]), existing.get(key), names, options)
        for key, alike in documents.items()
    ]


def _trust(
    document: Mapping[str, Any],
    users: tuple[Address, ...],
    existing: Address | None,
    names: Names,
    options: WritingOptions,
) -> Trust:
    short = short_trust(document, options.identity.partition)
    if existing is not None:
        return Trust(existing, document, short, users, new=False)
    # What one word says is clearer by that word; what belongs to one role only stands with it.
    plain = short is not None and not short.conditions and not short.roles
    if len(users) == 1 and not plain:
        return Trust(None, document, short, users)
    address = names.take(TrustPolicy.kind, trust_name(document))
    return Trust(address, document, short, users)
