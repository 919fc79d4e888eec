"""Roles that differ in one text only, as the instances of one `for_each`. Pure.

A bundle is a role with the policies and bindings that are its alone. Bundles that are equal once a
part of the role's name is taken out of all their texts are a family; that part is each one's key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.permission_policy import AWS, PermissionPolicy
from ...resources.policy.values import is_list, is_map
from ...resources.role import Role
from .blocks import Block
from .found import Found
from .gather import trust_of
from .grouping import roles_of
from .links import Links
from .naming import Names, legal, slug, trust_name
from .request import WritingOptions

_FEWEST = 2
_HOLE = "\0"
_EACH = "${each.key}"
_WORDS = re.compile(r"[A-Za-z0-9]+")
_TOKEN = re.compile(r"\$\{[^}]*\}")
_VERSION = re.compile(r"20(?:08|12)-10-17")
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
        texts = [_VERSION.sub("", _said(thing)) for thing in things]
        for key in _keys(role.attributes["name"]):
            pattern = _word(key)
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
    chosen = list(_choose(candidates))
    inside = {thing.address for members in chosen for one in members for thing in one.things}
    names = Names(
        address for one in (*found, *options.existing) if (address := one.address) not in inside
    )
    return [_family(members, names) for members in chosen]


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


def _word(key: str) -> re.Pattern[str]:
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
        if len(free) >= _FEWEST and distinct:
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
    role = first.role
    trusted = trust_name(trust_of(role))
    base = _without(role.address.name, first.key) or trusted
    moves: dict[Address, Address] = {}
    for index, thing in enumerate(first.things):
        kind = thing.address.kind
        wanted = base if thing is role else _without(thing.address.name, first.key) or base
        block = names.take(kind, wanted, f"{wanted}-{trusted}")
        for member in members:
            moves[member.things[index].address] = Address(kind, block.name, member.key)
    return Family(base, tuple(one.key for one in members), moves)


def _without(name: str, key: str) -> str:
    """A name without the key, and without the marks that stood around it."""
    rest = _word(key).sub("", name)
    return re.sub(r"([-_.+=,@])[-_.+=,@]+", r"\1", rest).strip("-_.+=,@")


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks after folding, the variables that they use, and the families that could not be folded.

    Each variable stands with the block of the roles that it lists, so that one file has both.
    """

    blocks: tuple[Block, ...]
    variables: Mapping[Address, tuple[str, tuple[str, ...]]]
    failed: tuple[Family, ...]


def fold(blocks: Iterable[Block], folding: Sequence[Family], options: WritingOptions) -> Folded:
    """The instances of each family as one block with `for_each`."""
    family_of = {base: family for family in folding for base in family.bases}
    folded: list[Block] = []
    instances: dict[Address, list[Block]] = {}
    for block in blocks:
        if block.address.key is None:
            folded.append(block)
        else:
            instances.setdefault(block.address.base, []).append(block)
    failed = {
        id(family_of[base]): family_of[base] for base in instances if _differ(instances[base])
    }
    variables: dict[Address, tuple[str, tuple[str, ...]]] = {}
    taken = Names(Address("var", name) for name in options.variables)
    for family in folding:
        source: Any = list(family.keys)
        if len(family.bases) > 1:
            name = taken.take("var", _variable(family.name)).name
            roles = next(base for base in sorted(family.bases) if base.kind == Role.kind)
            variables[roles] = (name, family.keys)
            source = f"${{var.{name}}}"
        folded += (
            _one(base, instances[base], source)
            for base in sorted(family.bases)
            if base in instances
        )
    return Folded(tuple(folded), variables, tuple(failed.values()))


def _variable(name: str) -> str:
    return slug(name) if slug(name)[:1].isalpha() else f"roles-{slug(name)}"


def _differ(blocks: Sequence[Block]) -> bool:
    """Whether instances are not the same once each one's key is taken out."""
    templates = (_template(block) for block in blocks)
    return any(one != other for one, other in pairwise(templates))


def _template(block: Block) -> Any:
    key = block.address.key or ""
    return _with_holes(block.fields, _word(key), json.dumps(key))


def _with_holes(value: Any, pattern: re.Pattern[str], quoted: str) -> Any:
    if isinstance(value, str):
        return value if _VERSION.fullmatch(value) else _hole(value, pattern, quoted)
    if is_map(value):
        return {name: _with_holes(item, pattern, quoted) for name, item in value.items()}
    if is_list(value):
        return [_with_holes(item, pattern, quoted) for item in value]
    return value


def _hole(text: str, pattern: re.Pattern[str], quoted: str) -> str:
    """A text with the key's expression in place of the key; inside ${…} only an index takes one."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts.append(pattern.sub(_EACH, text[end : token.start()]))
        parts.append(token[0].replace(f"[{quoted}]", "[each.key]"))
        end = token.end()
    return "".join([*parts, pattern.sub(_EACH, text[end:])])


def _one(base: Address, blocks: Sequence[Block], source: Any) -> Block:
    said: dict[str, list[str]] = {}
    for block in blocks:
        for text in block.comments:
            said.setdefault(text, []).append(legal(block.address.key or ""))
    comments = tuple(
        text if len(keys) == len(blocks) else f"{', '.join(keys)}: {text}"
        for text, keys in said.items()
    )
    return Block(base, {"for_each": source, **_template(blocks[0])}, comments)
