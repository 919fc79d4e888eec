"""Stack files written for people, from what was found in AWS. Pure: the same input, the same bytes.

    write_stack(found, options)    files, final addresses, and what can't be declared
    stack_files(found, options)    the files alone

A plan right after the import is empty: each block resolves to the attributes that were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...resources.address import Address
from ...resources.registry import SECTIONS
from ...resources.role import Role
from .blocks import Block, Blocks, declared
from .found import Found
from .gather import gather
from .grouping import groups
from .links import Links
from .request import NONE, SERVICE, TAG, LeftOut, WritingOptions, Written
from .trusts import shared_trusts
from .yaml_text import comment, entry, joined, scalar

__all__ = ["LeftOut", "WritingOptions", "Written", "stack_files", "write_stack"]

MAIN = "rolewright.yaml"
"""The file with the settings of a new stack."""
PREFIX = "imported"


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
    links = Links([*gathered.found, *options.existing], options.identity)
    roles = [one for one in gathered.found if one.address.kind == Role.kind]
    trusts = shared_trusts(roles, options)
    group_of = groups(gathered.found, trusts, links, options)
    by_group: dict[str, list[Block]] = {}
    for block in Blocks(gathered.found, trusts, links, options).make():
        by_group.setdefault(group_of.get(block.address, ""), []).append(block)
    return Written(
        files=dict(_files(by_group, options)),
        declared=declared(gathered.found, trusts, options),
        addresses=gathered.addresses,
        left_out=tuple(gathered.left_out),
    )


def _files(
    by_group: Mapping[str, list[Block]], options: WritingOptions
) -> Iterator[tuple[str, str]]:
    """Each file's name and text; the settings of a new stack come first."""
    settings = dict(_settings(options))
    if settings:
        yield MAIN, _text(options, settings, by_group.get("", ()))
    for group in sorted(by_group):
        if group or not settings:
            name = f"{PREFIX}-{group}.yaml" if group else f"{PREFIX}.yaml"
            yield name, _text(options, {}, by_group[group])


def _settings(options: WritingOptions) -> Iterator[tuple[str, Any]]:
    if options.stack:
        yield "stack", options.stack
        if options.region:
            yield "region", options.region
        yield "allowed_accounts", [options.identity.account_id]


def _text(options: WritingOptions, settings: Mapping[str, Any], blocks: Iterable[Block]) -> str:
    parts = [
        [line for text in options.header.splitlines() for line in comment(text)],
        [line for key, value in settings.items() for line in entry(key, value)],
        *_sections(blocks),
    ]
    return joined(part for part in parts if part)


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
