"""Alike blocks folded into one with `for_each`, where each instance comes out exactly. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...resources.address import Address
from ...resources.policy.values import is_list, is_map
from ...resources.role import Role
from .blocks import Block
from .naming import Names, legal, slug
from .repeated import FEWEST, VERSION, Family, whole_word
from .request import WritingOptions

_EACH = "${each.key}"
_TOKEN = re.compile(r"\$\{[^}]*\}")


def exact(blocks: Iterable[Block], families: Iterable[Family]) -> list[Family]:
    """The families without the instances whose blocks would not come out of those of the others."""
    by_key: dict[Address, dict[str, Block]] = {}
    for block in blocks:
        if block.address.key is not None:
            by_key.setdefault(block.address.base, {})[block.address.key] = block
    return [kept for family in families for kept in _exact(family, by_key)]


def _exact(family: Family, by_key: Mapping[Address, Mapping[str, Block]]) -> Iterator[Family]:
    shapes = {
        key: json.dumps(
            [_template(by_key[base][key]) for base in sorted(family.bases)], sort_keys=True
        )
        for key in family.keys
    }
    [(shape, count)] = Counter(shapes.values()).most_common(1)
    if count == len(family.keys):
        yield family
    elif count >= FEWEST:
        keys = tuple(key for key in family.keys if shapes[key] == shape)
        moves = {old: new for old, new in family.moves.items() if new.key in keys}
        yield Family(family.name, keys, moves)


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks after folding, and the variables (name and keys) that they use.

    Each variable stands with the block of the roles that it lists, so that one file has both.
    """

    blocks: tuple[Block, ...]
    variables: Mapping[Address, tuple[str, tuple[str, ...]]]


def fold(blocks: Iterable[Block], families: Sequence[Family], options: WritingOptions) -> Folded:
    """The instances of each family, all of them `exact`, as one block with `for_each`."""
    folded: list[Block] = []
    instances: dict[Address, list[Block]] = {}
    for block in blocks:
        if block.address.key is None:
            folded.append(block)
        else:
            instances.setdefault(block.address.base, []).append(block)
    variables: dict[Address, tuple[str, tuple[str, ...]]] = {}
    taken = Names(Address("var", name) for name in options.variables)
    for family in families:
        source: Any = list(family.keys)
        if len(family.bases) > 1:
            name = taken.take("var", _variable(family.name)).name
            roles = next(base for base in family.bases if base.kind == Role.kind)
            variables[roles] = (name, family.keys)
            source = f"${{var.{name}}}"
        folded += (_one(base, instances[base], source) for base in sorted(family.bases))
    return Folded(tuple(folded), variables)


def _variable(name: str) -> str:
    return slug(name) if slug(name)[:1].isalpha() else f"roles-{slug(name)}"


def _template(block: Block) -> Any:
    key = block.address.key or ""
    return _with_holes(block.fields, whole_word(key), json.dumps(key))


def _with_holes(value: Any, pattern: re.Pattern[str], quoted: str) -> Any:
    if isinstance(value, str):
        return value if VERSION.fullmatch(value) else _hole(value, pattern, quoted)
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
