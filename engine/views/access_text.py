"""The access that a plan gives and takes, as lines; what is given comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...resources.address import Address
from ..access_changes import AccessChanges, AccessEntry, DangerEntry, Levels, RoleAccess, TrustEntry
from ..plan import Plan
from .access_words import (
    EVERYTHING,
    conditions_text,
    counted,
    danger_text,
    grant_lines,
    grants,
)
from .change_text import EACH
from .lines import BLANK, GLUE, Line, line
from .symbols import ADDED, BOLD, CHANGED, COLOURS, DIM, REMOVED, STRONG_RED
from .values import joined, many

DANGER = "!"

MOST_DANGERS = 3
"""Dangers of one kind of one role that are shown."""

LONGEST = 20
"""Lines of what is gained, and of what is lost, that are shown; JSON has them all."""

_COLOURS = {**COLOURS, DANGER: STRONG_RED}


@dataclass(frozen=True, slots=True)
class _Said:
    """A line of a block: its mark, its words, and the policies by which it comes about."""

    mark: str
    text: str
    by: tuple[str, ...] = ()

    def mapped(self, change: Callable[[str], str]) -> _Said:
        return _Said(self.mark, change(self.text), tuple(map(change, self.by)))


@dataclass(frozen=True, slots=True)
class _Block:
    """What is said of some roles: a heading for one and for several, and lines."""

    holders: tuple[str, ...]
    address: Address
    one: str
    more: str
    lines: tuple[_Said, ...]
    instances: int = 1

    def templated(self) -> _Block:
        """The block with the key of the role's `for_each` as the stack file writes it."""
        key = self.address.key
        if not key:
            return self
        word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(key)}(?![A-Za-z0-9])")

        def change(text: str) -> str:
            return word.sub(lambda _: EACH, text)

        return replace(
            self,
            holders=tuple(map(change, self.holders)),
            address=self.address.base,
            lines=tuple(said.mapped(change) for said in self.lines),
        )


def access_section(plan: Plan) -> list[Line]:
    """What roles may do after the plan and may not now, and the reverse."""
    roles = () if plan.access is None else plan.access.roles
    dangerous_first = sorted(roles, key=_harmless)
    found = [
        *_shown(ADDED, filter(None, map(_gained, dangerous_first))),
        *_shown(REMOVED, filter(None, map(_lost, roles))),
    ]
    return [line(("Access:", BOLD)), *found, BLANK] if found else []


def gained_heads(access: AccessChanges) -> Iterator[tuple[str, str]]:
    """The address of each role that gains something, and a sentence on what."""
    for role in access.roles:
        if (block := _gained(role)) is not None:
            yield role.address, f"{role.role} {block.one}"


def _harmless(role: RoleAccess) -> bool:
    return not role.dangers and not any(entry.public for entry in role.trust_gained)


def _shown(symbol: str, blocks: Iterable[_Block]) -> Iterator[Line]:
    found = [each for block in _merged(blocks) for each in _lines(symbol, block)]
    yield from found[:LONGEST]
    if len(found) > LONGEST:
        rest = many(len(found) - LONGEST, "more line")
        yield line((f"{symbol}{GLUE}… and {rest}; --format json has all", DIM), indent=2)


def _lines(symbol: str, block: _Block) -> Iterator[Line]:
    head = block.one if len(block.holders) == 1 else block.more
    each = f"  ({block.address}, each of {block.instances})" if block.instances > 1 else ""
    mark = CHANGED if all(said.mark == CHANGED for said in block.lines) else symbol
    who = (f"{mark}{GLUE}{joined(block.holders, 'and')} {head}", COLOURS[mark])
    yield line(who, (each, DIM), indent=2)
    for said in block.lines:
        by = f"  ({', '.join(said.by)})" if said.by else ""
        yield line((f"{said.mark}{GLUE}", _COLOURS[said.mark]), said.text, (by, DIM), indent=6)


def _merged(blocks: Iterable[_Block]) -> list[_Block]:
    """Instances of a `for_each` that say the same but for their key as one, and roles that say the same."""
    alike: dict[_Block, list[_Block]] = {}
    for block in blocks:
        alike.setdefault(block.templated(), []).append(block)
    same: dict[tuple[object, ...], list[_Block]] = {}
    for template, group in alike.items():
        block = group[0] if len(group) == 1 else replace(template, instances=len(group))
        same.setdefault((block.one, block.lines, block.instances > 1), []).append(block)
    found: list[_Block] = []
    for group in same.values():
        if group[0].instances > 1:
            found += group
        else:
            holders = tuple(holder for block in group for holder in block.holders)
            found.append(replace(group[0], holders=holders))
    return found


def _gained(role: RoleAccess) -> _Block | None:
    if not role.gains:
        return None
    new = [entry for entry in role.gained if not entry.changed]
    heads = [
        *_heads(new, role.gained_levels, "gains", "gain"),
        *_changed_heads(role),
        *_trust_heads(role.trust_gained, "opened to"),
    ]
    lines = [
        *_dangers(role.dangers),
        *_trust(ADDED, role.trust_gained),
        *_entries(ADDED, new),
        *_changed(role),
    ]
    return _block(role, heads, lines)


def _lost(role: RoleAccess) -> _Block | None:
    old = [entry for entry in role.lost if not entry.changed]
    # That nobody can assume a role that is gone needs no word.
    closed = () if role.gone else role.trust_lost
    heads = [
        *_heads(old, role.lost_levels, "loses", "lose"),
        *_trust_heads(closed, "closed to"),
    ]
    lines = [
        *_trust(REMOVED, closed),
        *_entries(REMOVED, old),
    ]
    return _block(role, heads, lines) if heads else None


def _block(role: RoleAccess, heads: Sequence[tuple[str, str]], lines: Iterable[_Said]) -> _Block:
    one, more = ("; ".join(words) for words in zip(*heads, strict=True))
    return _Block((role.role,), Address.parse(role.address), one, more, tuple(lines))


def _heads(
    entries: Sequence[AccessEntry], levels: Levels, one: str, more: str
) -> Iterator[tuple[str, str]]:
    """What a role gains or loses in all, with the verb for one role and for several."""
    if not entries:
        return
    may = not any(entry.exact for entry in entries)
    one, more = (f"may {more}",) * 2 if may else (one, more)
    if any(_is_everything(entry) for entry in entries):
        what = EVERYTHING
    elif levels:
        what = counted(sum(levels.values()), levels)
    elif not any(entry.effective for entry in entries):
        what = "nothing that works"
    else:
        opaque = any(entry.opaque for entry in entries)
        what = "access that can't be told" if opaque else "future actions"
    yield f"{one} {what}", f"{more} {what}"


def _is_everything(entry: AccessEntry) -> bool:
    return "*" in entry.actions and entry.resource == "*" and not entry.conditions


def _changed_heads(role: RoleAccess) -> Iterator[tuple[str, str]]:
    if not any(entry.changed for entry in role.gained):
        return
    levels = role.changed_levels
    what = counted(sum(levels.values()), levels) if levels else "access"
    yield f"has {what} under other conditions", f"have {what} under other conditions"


def _trust_heads(entries: Sequence[TrustEntry], words: str) -> Iterator[tuple[str, str]]:
    if entries:
        text = f"{words} {many(len(entries), 'principal')}"
        yield f"is {text}", f"are {text}"


def _trust(mark: str, entries: Iterable[TrustEntry]) -> Iterator[_Said]:
    """Who is let in or not any more; the public first."""
    for entry in sorted(entries, key=lambda entry: not entry.public):
        yield _Said(DANGER if entry.public and mark == ADDED else mark, entry.text)


def _dangers(entries: Sequence[DangerEntry]) -> Iterator[_Said]:
    """The dangers, a few of each kind."""
    kinds: dict[str, list[DangerEntry]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(entry)
    for kind, found in kinds.items():
        for entry in found[:MOST_DANGERS]:
            yield _Said(DANGER, f"{kind}: {danger_text(entry)}", entry.by)
        if (more := len(found) - MOST_DANGERS) > 0:
            yield _Said(DANGER, f"{kind}: {many(more, 'more way')}; --format json has all")


def _entries(mark: str, entries: Sequence[AccessEntry]) -> Iterator[_Said]:
    """The lines of entries; what grants nothing is left to JSON where something else is told."""
    works = [entry for entry in entries if entry.effective]
    for grant in grants(works or entries):
        for text in grant_lines(grant):
            yield _Said(mark, text, grant.entry.by)


def _changed(role: RoleAccess) -> Iterator[_Said]:
    """What stands on both sides under other conditions."""
    found: dict[tuple[object, ...], tuple[list[AccessEntry], list[AccessEntry]]] = {}
    for index, entries in enumerate((role.gained, role.lost)):
        for entry in entries:
            if entry.changed and entry.effective:
                key = (tuple(entry.actions), entry.resource)
                found.setdefault(key, ([], []))[index].append(entry)
    for gained, lost in found.values():
        now, before = (" or ".join(_limits(entries)) for entries in (gained, lost))
        by = tuple(sorted({name for entry in (*gained, *lost) for name in entry.by}))
        for grant in grants(gained[:1]):
            for text in grant_lines(grant, conditions=f"now {now}, no longer {before}"):
                yield _Said(CHANGED, text, by)


def _limits(entries: Iterable[AccessEntry]) -> Iterator[str]:
    return (conditions_text(entry.conditions) or "always" for entry in entries)
