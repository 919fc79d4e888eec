"""From what was found to the blocks of a stack file: the way back of `Resource.attributes`. Pure.

Defaults are left out. What is an ARN of something in the same import becomes a reference to it; an
account id inside an ARN stays, since a file that shows whole ARNs is the easier one to search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.address import Address
from ...resources.aws_managed import managed_policy_arn
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import Claims, Slot
from ...resources.naming import default_name
from ...resources.permission_policy import AWS, CUSTOMER, PermissionPolicy
from ...resources.policy import dangling_principals, short_statements
from ...resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, FOREIGN_PROFILES, Role
from ..config.expressions import escape
from .found import Found
from .gather import class_of, meaning, tags_of
from .links import Links, literal
from .request import WritingOptions
from .trusts import Trust

_SESSION = 3600
_LINKED = ("resources", "not_resources", "conditions")
_RESERVED = ("aws:", "rolewright:")
_ON_ROLE = (
    ("inline policy", "inline_policies", FOREIGN_INLINE, Slot.INLINE),
    ("policy", "attached_policies", FOREIGN_ATTACHED, Slot.ATTACHED),
    ("instance profile", "instance_profiles", FOREIGN_PROFILES, Slot.PROFILE),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a stack file: its fields as they are written, and comments that stand above it."""

    address: Address
    fields: Mapping[str, Any]
    comments: tuple[str, ...] = ()


class Blocks:
    """Makes the blocks of all that was found, in the order of their addresses."""

    def __init__(
        self,
        found: Sequence[Found],
        trusts: Sequence[Trust],
        links: Links,
        options: WritingOptions,
    ) -> None:
        self._found = found
        self._trusts = trusts
        self._trust_of = {user: trust for trust in trusts for user in trust.users}
        self._links = links
        self._options = options
        everything = [*found, *options.existing]
        self._claims = Claims(
            claim for one in everything for claim in class_of(one).claims(one.attributes)
        )
        self._held = Counter(
            hold.arn for one in everything for hold in class_of(one).holds(one.attributes)
        )
        self._like = _same_documents(found)

    def make(self) -> Iterator[Block]:
        """All blocks; those of trust policies first."""
        self._note_needs()
        for trust in self._trusts:
            if trust.address is not None and trust.new:
                yield Block(trust.address, trust.fields(self._links, trust.address))
        for one in self._found:
            match one.address.kind:
                case Role.kind:
                    fields, comments = self._role(one)
                case PermissionPolicy.kind:
                    fields, comments = self._policy(one)
                case _:
                    fields, comments = self._binding(one)
            yield Block(one.address, fields, comments)

    def _note_needs(self) -> None:
        """The references that there must be, before those that there may be."""
        for trust in self._trusts:
            for user in trust.users:
                if trust.address is not None:
                    self._links.need(user, trust.address)
        for one in self._found:
            for name in one.attributes.get("roles", ()):
                role = self._links.role(name)
                if role is not None:
                    self._links.need(one.address, role)
            boundary = self._links.policy(one.attributes.get("permissions_boundary") or "")
            if boundary is not None:
                self._links.need(one.address, boundary)

    def _role(self, role: Found) -> tuple[dict[str, Any], tuple[str, ...]]:
        attrs, address = role.attributes, role.address
        trust = self._trust_of[address]
        boundary = attrs.get("permissions_boundary")
        deleted = dangling_principals(attrs["trust_policy"])
        foreign = list(self._foreign(attrs))
        bounded = {"permissions_boundary": self._links.text(address, boundary)} if boundary else {}
        fields = {
            "trust": trust.fields(self._links, address)
            if trust.address is None
            else trust.address.local,
            **_named(role),
            **_unless("/", path=attrs["path"]),
            **_unless("", description=attrs.get("description") or ""),
            **_unless(_SESSION, max_session_duration=attrs["max_session_duration"]),
            **bounded,
            **self._tags(role),
            **({"exclusive": False} if foreign or not _is_exclusive(attrs) else {}),
            **({"lifecycle": {"ignore_changes": ["trust_policy"]}} if deleted else {}),
        }
        return fields, (*self._notes(role), *_deleted_comment(deleted), *_foreign_comment(foreign))

    def _foreign(self, attrs: Attrs) -> Iterator[str]:
        """What is on a role and declared neither here nor in the stack."""
        for what, all_of, foreign, slot in _ON_ROLE:
            there = attrs.get(all_of, attrs.get(foreign, ()))
            yield from (
                f"{what} {name}"
                for name in sorted(there)
                if name not in self._claims.of(attrs["name"], slot)
            )

    def _policy(self, policy: Found) -> tuple[dict[str, Any], tuple[str, ...]]:
        attrs, address = policy.attributes, policy.address
        roles = {"roles": self._locals(attrs["roles"])} if attrs["roles"] else {}
        if attrs["type"] == AWS:
            return {**roles, "managed_policy": self._managed(address, attrs["arn"])}, self._notes(
                policy
            )
        customer = attrs["type"] == CUSTOMER
        fields = {
            **roles,
            **_named(policy),
            **({} if customer else {"inline": True}),
            **_unless("/", path=attrs.get("path", "/")),
            **_unless("", description=attrs.get("description") or ""),
            **self._content(address, attrs["document"]),
            **(self._tags(policy) if customer else {}),
        }
        own = self._comments_on_customer(policy) if customer else ()
        return fields, (*self._notes(policy), *own)

    def _locals(self, roles: Iterable[str]) -> list[str]:
        found = (self._links.role(role) for role in roles)
        return sorted({address.local for address in found if address is not None})

    def _managed(self, address: Address, arn: str) -> str:
        short = arn.rpartition("/")[2]
        known = managed_policy_arn(short, self._options.identity.partition) == arn
        return escape(short) if known else self._links.text(address, arn)

    def _content(self, address: Address, document: Mapping[str, Any]) -> dict[str, Any]:
        """The statements in short form, or the document where that can't say the same."""
        statements = short_statements(document)
        if statements is None:
            return {"document": literal(document)}
        return {
            "statements": [
                {
                    name: self._links.value(address, value) if name in _LINKED else literal(value)
                    for name, value in statement.items()
                }
                for statement in statements
            ]
        }

    def _comments_on_customer(self, policy: Found) -> Iterator[str]:
        attrs = policy.attributes
        older = [one for one in attrs.get("versions", ()) if not one["default"]]
        if older:
            listed = ", ".join(f"{one['id']} of {str(one['created'])[:10]}" for one in older)
            yield f"AWS also keeps versions that are not in force: {listed}."
        elsewhere = attrs.get("attachments", 0) - self._held[attrs["arn"]]
        if elsewhere > 0:
            yield f"In use {elsewhere} more times, by what is not in this stack."
        first = self._like.get(policy.address)
        if first is not None:
            yield f"Says the same as {first.local}."

    def _binding(self, binding: Found) -> tuple[dict[str, Any], tuple[str, ...]]:
        missing: list[str] = []

        def key_of(role: str) -> str | None:
            address = self._links.role(role)
            if address is None:
                missing.append(role)
                return None
            self._links.need(binding.address, address)
            return address.local

        kind = class_of(binding)
        if not issubclass(kind, ServiceBinding):
            raise TypeError(f"{binding.address} is no binding")
        fields = kind.written(binding.attributes, key_of) or {}
        comments = tuple(f"Carries {role} too, which is not in this stack." for role in missing)
        return {**literal(fields), **self._tags(binding)}, (
            *self._notes(binding),
            *comments,
        )

    def _tags(self, found: Found) -> dict[str, Any]:
        """Tags of its own: not AWS's, not rolewright's, and not those that the whole stack has."""
        own = {
            key: value
            for key, value in sorted(tags_of(found).items())
            if not key.lower().startswith(_RESERVED) and self._options.tags.get(key) != value
        }
        return {"tags": literal(own)} if own else {}

    def _notes(self, found: Found) -> tuple[str, ...]:
        return tuple(self._options.notes.get(found.address, ()))


def _named(found: Found) -> dict[str, Any]:
    return _unless(default_name(found.address), name=found.attributes["name"])


def _unless(default: Any, **field: Any) -> dict[str, Any]:
    """A field that isn't left at its default."""
    return {key: literal(value) for key, value in field.items() if value != default}


def _is_exclusive(attrs: Attrs) -> bool:
    """Whether it is known what else is on a role: only then may the file claim all of it."""
    return FOREIGN_ATTACHED in attrs or "attached_policies" in attrs


def _deleted_comment(deleted: Sequence[str]) -> Iterator[str]:
    if deleted:
        yield (
            f"AWS shows {', '.join(deleted)} in its trust policy, which is left of somebody deleted"
            " and lets nobody in. Remove ignore_changes, and the next apply cleans that up."
        )


def _foreign_comment(foreign: Sequence[str]) -> Iterator[str]:
    if foreign:
        yield f"Not exclusive, since it has what is not in this stack: {', '.join(foreign)}."


def _same_documents(found: Sequence[Found]) -> dict[Address, Address]:
    """For each customer policy that says what an earlier one says, that one."""
    first: dict[str, Address] = {}
    like: dict[Address, Address] = {}
    for one in found:
        if one.attributes.get("type") == CUSTOMER:
            address = first.setdefault(meaning(one.attributes["document"]), one.address)
            if address != one.address:
                like[one.address] = address
    return like


def declared(
    found: Sequence[Found], trusts: Sequence[Trust], options: WritingOptions
) -> tuple[Found, ...]:
    """All that the files declare, the named trust policies among it, sorted by address."""
    named = (
        Found(trust.address, trust.declared(options.identity.partition))
        for trust in trusts
        if trust.address is not None and trust.new
    )
    return tuple(sorted([*found, *named], key=lambda one: one.address))
