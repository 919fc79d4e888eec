"""Stack files written for people, from what was found in AWS. Pure: the same input, the same bytes.

    write_stack(found, options)    files, final addresses, and what can't be declared
    stack_files(found, options)    the files alone

A plan right after the import is empty: each block resolves to the attributes that were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...resources.address import Address
from ...resources.registry import SECTIONS
from ...resources.role import Role
from ..config.source import MAIN as STEM
from .blocks import Block, Blocks, declared
from .folding import Folded, exact, fold
from .found import Found
from .gather import Gathered, gather
from .grouping import SHARED, groups
from .links import Links
from .repeated import Family, families
from .request import NONE, SERVICE, TAG, LeftOut, WritingOptions, Written
from .trusts import Trust, shared_trusts
from .yaml_text import comment, entry, joined, scalar

__all__ = ["LeftOut", "WritingOptions", "Written", "stack_files", "write_stack"]

MAIN = f"{STEM}.yaml"
"""The file with the settings of a new stack."""


def stack_files(found: Iterable[Found], options: WritingOptions) -> Mapping[str, str]:
    """The stack files (name to YAML text) that declare what was found."""
    return write_stack(found, options).files


def write_stack(found: Iterable[Found], options: WritingOptions) -> Written:
    """The stack files that declare what was found, with the addresses that it has in them.

    Raises:
        ValueError: `group_by` is none of service, tag:KEY and none.
    """
    by_tag = options.group_by.startswith(TAG) and options.group_by != TAG
    if options.group_by not in (SERVICE, NONE) and not by_tag:
        raise ValueError(f'"{options.group_by}" is no grouping: service, tag:KEY or none')
    gathered = gather(found, options)
    folding: list[Family] = []
    if options.compact:
        links = Links([*gathered.found, *options.existing], options.identity)
        folding = families(gathered.found, links, options)
    while True:
        moves = {old: new for family in folding for old, new in family.moves.items()}
        drafted = _draft(gathered.moved(moves), options)
        kept = exact(drafted.blocks, folding)
        if kept == folding:
            return _written(drafted, fold(drafted.blocks, folding, options), options)
        folding = kept


@dataclass(frozen=True, slots=True)
class _Draft:
    """All blocks, those that fold still one by one, with the group of each."""

    gathered: Gathered
    trusts: Sequence[Trust]
    blocks: Sequence[Block]
    groups: Mapping[Address, str]


def _draft(gathered: Gathered, options: WritingOptions) -> _Draft:
    notes: dict[Address, list[str]] = {}
    for old, new in gathered.addresses.items():
        notes.setdefault(new, []).extend(options.notes.get(old, ()))
    options = replace(options, notes=notes)
    links = Links([*gathered.found, *options.existing], options.identity)
    roles = [one for one in gathered.found if one.address.kind == Role.kind]
    trusts = shared_trusts(roles, options)
    blocks = list(Blocks(gathered.found, trusts, links, options).make())
    return _Draft(gathered, trusts, blocks, groups(gathered.found, trusts, links, options))


def _written(drafted: _Draft, folded: Folded, options: WritingOptions) -> Written:
    group_of: dict[Address, str] = {}
    for address, group in drafted.groups.items():
        if group_of.setdefault(address.base, group) != group:
            group_of[address.base] = SHARED
    parts: dict[str, _Part] = {}
    for block in folded.blocks:
        part = parts.setdefault(group_of.get(block.address, ""), _Part())
        part.blocks.append(block)
        if block.address in folded.variables:
            name, keys = folded.variables[block.address]
            part.variables[name] = {"type": "list", "default": list(keys)}
    return Written(
        files=dict(_files(parts, options)),
        declared=declared(drafted.gathered.found, drafted.trusts, options),
        addresses=drafted.gathered.addresses,
        left_out=tuple(drafted.gathered.left_out),
    )


@dataclass(slots=True)
class _Part:
    """What goes into one file."""

    blocks: list[Block] = field(default_factory=list[Block])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])


def _files(parts: Mapping[str, _Part], options: WritingOptions) -> Iterator[tuple[str, str]]:
    """Each file's name and text; the settings of a new stack come first."""
    settings = dict(_settings(options))
    if settings:
        yield MAIN, _text(options, settings, parts.get("", _Part()))
    for group in sorted(parts):
        if group or not settings:
            yield (
                options.prefix + (f"-{group}.yaml" if group else ".yaml"),
                _text(options, {}, parts[group]),
            )


def _settings(options: WritingOptions) -> Iterator[tuple[str, Any]]:
    if options.stack:
        yield "stack", options.stack
        if options.region:
            yield "region", options.region
        yield "allowed_accounts", [options.identity.account_id]


def _text(options: WritingOptions, settings: Mapping[str, Any], part: _Part) -> str:
    parts = [
        [line for text in options.header.splitlines() for line in comment(text)],
        [line for key, value in settings.items() for line in entry(key, value)],
        list(_variables(part.variables)),
        *_sections(part.blocks),
    ]
    return joined(part for part in parts if part)


def _variables(variables: Mapping[str, Any]) -> Iterator[str]:
    if variables:
        yield "variables:"
    for name in sorted(variables):
        yield f"  {scalar(name)}:"
        for key, value in variables[name].items():
            yield from entry(key, value, 4)


def _sections(blocks: Iterable[Block]) -> Iterator[list[str]]:
    by_kind: dict[str, list[Block]] = {}
    for block in blocks:
        by_kind.setdefault(block.address.kind, []).append(block)
    for section, kind in SECTIONS.items():
        if kind in by_kind:
            ordered = sorted(by_kind[kind], key=_order)
            yield [f"{section}:", *(line for block in ordered for line in _block(block))]


def _order(block: Block) -> tuple[str, Address]:
    return block.address.name.casefold(), block.address


def _block(block: Block) -> Iterator[str]:
    for text in block.comments:
        yield from comment(text, 2)
    yield f"  {scalar(block.address.name)}:"
    for key, value in block.fields.items():
        yield from entry(key, value, 4)
