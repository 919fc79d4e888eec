"""Roles that differ in one text only, as the instances of one `for_each`. Pure.

A bundle is a role with the policies and bindings that are its alone. Bundles that are equal once a
part of the role's name is taken out of all their texts are a family; that part is each one's key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.permission_policy import AWS, PermissionPolicy
from ...resources.role import Role
from .found import Found
from .gather import trust_of
from .grouping import roles_of
from .links import Links
from .naming import Names, common_name, trust_name
from .request import WritingOptions

FEWEST = 2
"""Roles that make a family."""
_HOLE = "\0"
_WORDS = re.compile(r"[A-Za-z0-9]+")
VERSION = re.compile(r"20(?:08|12)-10-17")
"""Versions of the policy language, in which no key is looked for."""
_SAID: Mapping[str, frozenset[str]] = {
    Role.kind: frozenset(
        {
            "name",
            "path",
            "description",
            "max_session_duration",
            "permissions_boundary",
            "tags",
            "trust_policy",
        }
    ),
    PermissionPolicy.kind: frozenset(
        {"type", "name", "path", "description", "tags", "document", "roles"}
    ),
}
"""The attributes of which a block is made; of a binding it is all but what AWS alone sets."""
_SEEN_ONLY = frozenset({"revision", "arn"})


@dataclass(frozen=True, slots=True)
class Family:
    """Alike bundles: the address of each thing in them, and the one that it gets."""

    name: str
    keys: tuple[str, ...]
    moves: Mapping[Address, Address]

    @property
    def bases(self) -> frozenset[Address]:
        """The blocks that the family is written as."""
        return frozenset(address.base for address in self.moves.values())


@dataclass(frozen=True, slots=True)
class _Member:
    """A bundle seen with one part of its role's name as the key."""

    role: Found
    key: str
    things: tuple[Found, ...]
    """In the order of their templates, so that those of alike bundles stand in the same places."""


def families(found: Sequence[Found], links: Links, options: WritingOptions) -> list[Family]:
    """The families, the largest first choice where a role could be in several."""
    candidates: dict[tuple[str, ...], list[_Member]] = {}
    for role, things in _bundles(found, links):
        texts = [VERSION.sub("", _said(thing)) for thing in things]
        for key in _keys(role.attributes["name"]):
            pattern = whole_word(key)
            paired = sorted(
                (
                    (pattern.sub(_HOLE, text), thing)
                    for text, thing in zip(texts, things, strict=True)
                ),
                key=lambda pair: pair[0],
            )
            template = tuple(text for text, _ in paired)
            member = _Member(role, key, tuple(thing for _, thing in paired))
            candidates.setdefault(template, []).append(member)
    # Not those of members either: one may yet turn out to be none.
    names = Names([*(one.address for one in found), *options.taken])
    return [_family(members, names) for members in _choose(candidates)]


def _bundles(found: Sequence[Found], links: Links) -> Iterator[tuple[Found, tuple[Found, ...]]]:
    """Each role with what is its alone."""
    own: dict[Address, list[Found]] = {}
    for one in found:
        users: Iterable[Address | None] = ()
        if one.address.kind == ServiceBinding.kind:
            users = set(roles_of(one, links))
        elif one.address.kind == PermissionPolicy.kind and one.attributes["type"] != AWS:
            users = {links.role(name) for name in one.attributes["roles"]}
        only, *others = users or (None,)
        if only is not None and not others:
            own.setdefault(only, []).append(one)
    for one in found:
        if one.address.kind == Role.kind:
            yield one, (one, *own.get(one.address, ()))


def _said(found: Found) -> str:
    names = _SAID.get(found.address.kind)
    attrs: Attrs = {
        name: value
        for name, value in found.attributes.items()
        if (name not in _SEEN_ONLY if names is None else name in names)
    }
    return f"{found.address.kind} {json.dumps(attrs, sort_keys=True, ensure_ascii=False)}"


def _keys(name: str) -> Iterator[str]:
    """The parts of a role's name that could be its key: runs of whole words."""
    words = [match.span() for match in _WORDS.finditer(name)]
    for index, (start, _) in enumerate(words):
        for _, end in words[index:]:
            yield name[start:end]


def whole_word(key: str) -> re.Pattern[str]:
    """The key as whole words; behind a dollar sign it would become something else."""
    return re.compile(rf"(?<![A-Za-z0-9$]){re.escape(key)}(?![A-Za-z0-9])")


def _choose(candidates: Mapping[tuple[str, ...], list[_Member]]) -> Iterator[list[_Member]]:
    """Families of which no two share a role: large ones first, then those with short keys."""

    def rank(item: tuple[tuple[str, ...], list[_Member]]) -> tuple[Any, ...]:
        template, members = item
        return -len(members), sum(len(one.key) for one in members), template

    taken: set[Address] = set()
    for _, members in sorted(candidates.items(), key=rank):
        free = [one for one in members if one.role.address not in taken]
        distinct = len({one.key for one in free}) == len(free)
        if len(free) >= FEWEST and distinct:
            taken |= {one.role.address for one in free}
            yield sorted(free, key=lambda one: _natural(one.key))


def _natural(text: str) -> list[tuple[int, str]]:
    """What sorts a text as people do: 9 before 10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part)
        for part in re.findall(r"[0-9]+|[^0-9]+", text)
    ]


def _family(members: Sequence[_Member], names: Names) -> Family:
    first = members[0]
    trusted = trust_name(trust_of(first.role))
    base = _block_name([one.role for one in members], members) or trusted
    moves: dict[Address, Address] = {}
    for index, thing in enumerate(first.things):
        kind = thing.address.kind
        wanted = _block_name([one.things[index] for one in members], members) or base
        wanted = base if thing is first.role else wanted
        block = names.take(kind, wanted, f"{wanted}-{trusted}")
        for member in members:
            moves[member.things[index].address] = Address(kind, block.name, member.key)
    return Family(base, tuple(one.key for one in members), moves)


def _block_name(things: Sequence[Found], members: Sequence[_Member]) -> str:
    """What the names of the same thing in each member have in common beside the keys."""
    names = [thing.address.name for thing in things]
    rests = [_without(name, one.key) for name, one in zip(names, members, strict=True)]
    return rests[0] if len(set(rests)) == 1 else common_name(names) or rests[0]


def _without(name: str, key: str) -> str:
    """A name without the key, and without the marks that stood around it."""
    rest = whole_word(key).sub("", name)
    return re.sub(r"([-_.+=,@])[-_.+=,@]+", r"\1", rest).strip("-_.+=,@")
