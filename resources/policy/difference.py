"""What differs between two documents, statement by statement, for people to read.

Statements that mean the same are left out, however they are written; what is shown is in the
author's spelling. There is no change exactly where the documents' statements are equivalent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from .canonical import Form, document_version, form
from .canonical_values import Key
from .facets import Facet, Facets, Part, facets
from .shape import ACTIONS, PRINCIPALS, RESOURCES, statements

_LEAST_SIMILARITY = 0.2
_NO_PART = Part("", {})


class ChangeKind(StrEnum):
    """What happened to a statement."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ElementChange:
    """The values that an element gained and lost.

    `element` is for example `Effect`, `Action`, `Principal.Service` or
    `Condition.StringEquals.aws:SourceAccount`; it is `Version` where another version of the policy
    language gives the statement another meaning. A value `[]` is an empty list.
    """

    element: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementChange:
    """One statement that came, went or changed; `before` or `after` is None where there was none.

    `sid` is the one afterwards where there is one, else the one before.
    """

    kind: ChangeKind
    sid: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    elements: tuple[ElementChange, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    written: Mapping[str, Any]
    facets: Facets
    form: Form

    @property
    def sid(self) -> str | None:
        sid = self.written.get("Sid")
        return sid if isinstance(sid, str) and sid else None


_Pairs: TypeAlias = dict[int, int]


def statement_changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[StatementChange, ...]:
    """The statements that differ: what came and changed in the order of `after`, then what went.

    Statements belong together by Sid, else by the actions, resources and principals they share.
    """
    old, new = _statements(before), _statements(after)
    kept = {statement.form for statement in old} & {statement.form for statement in new}
    old, new = _distinct(old, kept), _distinct(new, kept)
    pairs = _pair(old, new)
    changes = [
        _change(old[pairs[index]] if index in pairs else None, statement)
        for index, statement in enumerate(new)
    ]
    paired = set(pairs.values())
    gone = [_change(statement, None) for index, statement in enumerate(old) if index not in paired]
    return (*changes, *gone)


def _statements(document: Mapping[str, Any] | None) -> list[_Statement]:
    if document is None:
        return []
    version = document_version(document)
    found = ((statement, facets(statement, version)) for _, statement in statements(document))
    return [_Statement(statement, parts, form(parts)) for statement, parts in found]


def _distinct(found: Iterable[_Statement], kept: set[Form]) -> list[_Statement]:
    first: dict[Form, _Statement] = {}
    for statement in found:
        if statement.form not in kept:
            first.setdefault(statement.form, statement)
    return list(first.values())


def _pair(old: Sequence[_Statement], new: Sequence[_Statement]) -> _Pairs:
    """For indexes of `new` the index in `old` of the statement that it was."""
    by_sid = {statement.sid: index for index, statement in enumerate(old) if statement.sid}
    pairs: _Pairs = {}
    for index, statement in enumerate(new):
        if statement.sid in by_sid:
            pairs[index] = by_sid.pop(statement.sid)
    candidates = sorted(
        (-similarity, there, here)
        for here, statement in enumerate(new)
        for there, former in enumerate(old)
        if (similarity := _similarity(former, statement)) >= _LEAST_SIMILARITY
    )
    for _, there, here in candidates:
        if here not in pairs and there not in pairs.values():
            pairs[here] = there
    return pairs


def _similarity(one: _Statement, other: _Statement) -> float:
    """The share of actions, resources and principals in common; both being on `*` says nothing."""
    first, second = set(_traits(one)), set(_traits(other))
    return len(first & second) / max(len(first | second), 1)


def _traits(statement: _Statement) -> Iterator[tuple[Facet, Key]]:
    for facet, part in statement.facets.items():
        if facet[0] in {*ACTIONS, *RESOURCES, *PRINCIPALS}:
            yield from ((facet, key) for key in part.values if key != "*" or facet[0] in ACTIONS)


_ENDS = {True: ChangeKind.ADDED, False: ChangeKind.REMOVED}


def _change(before: _Statement | None, after: _Statement | None) -> StatementChange:
    sid = (after.sid if after is not None else None) or (before.sid if before is not None else None)
    kind = ChangeKind.CHANGED if before is not None and after is not None else _ENDS[before is None]
    old, new = (None if side is None else side.written for side in (before, after))
    had, has = ({} if side is None else side.facets for side in (before, after))
    return StatementChange(kind, sid, old, new, tuple(_elements(had, has)))


def _elements(before: Facets, after: Facets) -> Iterator[ElementChange]:
    for facet in {**after, **before}:
        old, new = before.get(facet, _NO_PART), after.get(facet, _NO_PART)
        added = tuple(text for key, text in new.values.items() if key not in old.values)
        removed = tuple(text for key, text in old.values.items() if key not in new.values)
        if added or removed:
            yield ElementChange(new.label or old.label, added, removed)
