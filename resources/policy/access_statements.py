"""The statements of a role's policies, taken apart so that those that mean the same are equal.

A statement is a body (effect, resource, conditions, and whether it stands in a boundary) and the
actions for which it applies. One with several resources is as many bodies.
Sources: IAM user guide, "IAM JSON policy elements reference" and "Permissions boundaries for IAM
entities".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from .atoms import Atom, Conjunction, Literal, Question, Value, conjunction
from .canonical_values import variable_key
from .document import Document, Statement
from .evaluator import NamedPolicy
from .globs import Glob, GlobKind, has_variable, read_glob
from .shape import Effect

BOUNDARY = "boundary"
"""What a boundary is called among the policies that give or take access."""


class Limit(IntEnum):
    """The layers of permissions, each of which must allow."""

    IDENTITY = 0
    BOUNDARY = 1


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """A resource in one spelling; `live` says that it has a `${…}` that is not just text."""

    text: str
    live: bool = False

    @property
    def glob(self) -> Glob:
        """What it may match, where a variable may have any value."""
        return read_glob(self.text, GlobKind.RESOURCE, live=self.live)

    @property
    def is_variable(self) -> bool:
        return self.live and has_variable(self.text)

    def literal(self, *, holds: bool) -> Literal:
        """The question whether the value of its variables makes it match."""
        values = frozenset({Value(self.text, live=True)})
        return Literal(Atom(Question.RESOURCE, "ArnLike", "", values, label=self.text), holds)


EVERYTHING = ResourcePattern("*")

_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Body:
    """What a statement says of its actions. `negated`: of the resources that are none of these."""

    limit: Limit
    effect: Effect
    patterns: frozenset[ResourcePattern]
    negated: bool
    literals: Conjunction


@dataclass(frozen=True, slots=True)
class Selector:
    """Actions as a statement names them, in lower case. `negated`: all but these."""

    patterns: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A body for some actions, and the name of the policy in which it stands.

    `written` holds the actions as they are spelled there.
    """

    body: Body
    selector: Selector
    source: str
    written: tuple[str, ...] = field(default=(), compare=False)


_UNLIMITED = Rule(
    Body(Limit.BOUNDARY, Effect.ALLOW, frozenset({EVERYTHING}), False, frozenset()),
    Selector(frozenset({"*"})),
    BOUNDARY,
)


def rules(
    identity: Iterable[NamedPolicy], boundary: Document | None, *, limited: bool
) -> tuple[Rule, ...]:
    """All rules of a role. `limited`: with a layer for the boundary even where there is none."""
    found = [
        rule for policy in identity for rule in _rules(policy.document, policy.name, Limit.IDENTITY)
    ]
    if boundary is not None:
        found += _rules(boundary, BOUNDARY, Limit.BOUNDARY)
    elif limited:
        found.append(_UNLIMITED)
    return tuple(found)


def _rules(document: Document, source: str, limit: Limit) -> Iterator[Rule]:
    for statement in document.statements:
        literals = conjunction(statement.conditions, variables=document.has_variables)
        if literals is None:
            continue
        selector, written = _selector(statement)
        for patterns, negated in _resources(statement, variables=document.has_variables):
            body = Body(limit, statement.effect, patterns, negated, literals)
            yield Rule(body, selector, source, written)


def _selector(statement: Statement) -> tuple[Selector, tuple[str, ...]]:
    negated = statement.actions is None
    written = (statement.not_actions if negated else statement.actions) or ()
    short = (_STARS.sub("*", text.lower()) for text in written)
    patterns = frozenset("*" if text == "*:*" else text for text in short)
    return Selector(patterns, negated), tuple(written)


def _resources(
    statement: Statement, *, variables: bool
) -> Iterator[tuple[frozenset[ResourcePattern], bool]]:
    """The resources of each body; a statement that names none applies to what it is attached to."""
    if statement.not_resources is not None:
        found = {_pattern(text, variables=variables) for text in statement.not_resources}
        if EVERYTHING not in found:
            yield frozenset(found), True
        return
    found = {_pattern(text, variables=variables) for text in statement.resources or ("*",)}
    for pattern in {EVERYTHING} if EVERYTHING in found else found:
        yield frozenset({pattern}), False


def _pattern(text: str, *, variables: bool) -> ResourcePattern:
    live = variables and "${" in text
    key = variable_key(text) if live else text
    spelled = key if isinstance(key, str) and key.strip("*") else "*"
    return ResourcePattern(spelled, live)
