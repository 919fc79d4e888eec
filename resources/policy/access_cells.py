"""What two sets of statements allow differently, found by comparing patterns of resources by pairs.

A cell is the resources in some patterns and outside others. If all that the statements say of it is
certain, so is the answer; most changes of real policies need no more than this. What is in doubt is
left to `access_classes`, which looks at all patterns together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from .access_statements import EVERYTHING, Body, Limit, ResourcePattern
from .access_text import Description
from .atoms import Conjunction
from .formulas import Layer, Side, Way, difference
from .glob_regions import ARNS
from .globs import GlobKind, fresh, includes, intersects, matches, read_glob, sample
from .shape import Effect

NO_RESOURCE = "*"
"""The resource of a request for an action that works on none."""

Bodies: TypeAlias = frozenset[Body]

Patterns: TypeAlias = frozenset[ResourcePattern]


@dataclass(frozen=True, slots=True)
class Finding:
    """Resources on which `new` allows what `old` does not, under conditions.

    `base` is the pattern in which the resources of the text lie, `exceptions` those in which they
    do not. `without_resource`: also requests for no resource. `bodies` are those by which it comes
    about, on both sides.
    """

    resource: str
    base: str
    exceptions: tuple[str, ...]
    conditions: Conjunction
    exact: bool
    without_resource: bool
    witness: str
    bodies: Bodies


@dataclass(frozen=True, slots=True)
class Question:
    """Two sets of bodies that are about the same actions. `layers`: 2 if a boundary counts."""

    new: Bodies
    old: Bodies
    layers: int

    def side(self, applying: Iterable[tuple[Body, Conjunction]]) -> Side:
        """The formula of the bodies that apply, each with its conditions."""
        found: dict[tuple[Limit, Effect], set[Conjunction]] = {}
        for body, literals in applying:
            found.setdefault((body.limit, body.effect), set()).add(literals)
        return tuple(
            Layer(
                frozenset(found.get((limit, Effect.ALLOW), ())),
                frozenset(found.get((limit, Effect.DENY), ())),
            )
            for limit in tuple(Limit)[: self.layers]
        )

    @property
    def patterns(self) -> list[ResourcePattern]:
        """The patterns of all bodies, in an order of their own."""
        return ordered(pattern for body in self.new | self.old for pattern in body.patterns)


def ordered(patterns: Iterable[ResourcePattern]) -> list[ResourcePattern]:
    """Patterns, each once, in an order that is the same for the same ones."""
    return sorted(set(patterns), key=lambda pattern: (pattern.text, pattern.live))


def grants(body: Body) -> bool:
    """Whether a body allows something, as far as the boundary does too."""
    return body.effect is Effect.ALLOW and body.limit is Limit.IDENTITY


def causes(after: Iterable[Body], before: Iterable[Body]) -> Bodies:
    """The Allows that came and the Denies that went; if there are none, all that allow."""
    now, then = frozenset(after), frozenset(before)
    came = frozenset(body for body in now - then if body.effect is Effect.ALLOW)
    went = frozenset(body for body in then - now if body.effect is Effect.DENY)
    return came | went or frozenset(body for body in now if body.effect is Effect.ALLOW)


@dataclass(frozen=True)
class Cell:
    """The resources that all patterns of `inside` match and none of `outside`."""

    inside: Patterns
    outside: Patterns = frozenset()
    _answers: dict[ResourcePattern, bool | None] = field(
        default_factory=dict[ResourcePattern, "bool | None"], compare=False, repr=False
    )

    def lies_in(self, pattern: ResourcePattern) -> bool | None:
        """Whether all these resources match a pattern, or none; None if it may be either."""
        if pattern not in self._answers:
            self._answers[pattern] = self._compare(pattern)
        return self._answers[pattern]

    def _compare(self, pattern: ResourcePattern) -> bool | None:
        if pattern in self.inside:
            return True
        if pattern in self.outside:
            return False
        glob = pattern.glob
        if not pattern.is_variable and any(includes(glob, each.glob) for each in self.inside):
            return True
        if not all(intersects(glob, each.glob) for each in self.inside):
            return False
        left_out = (each for each in self.outside if not each.is_variable)
        return False if any(includes(each.glob, glob) for each in left_out) else None

    def applies(self, body: Body, *, doubt: bool) -> bool:
        """Whether a body applies to these resources; `doubt` if it may be either."""
        answers = {self.lies_in(pattern) for pattern in body.patterns}
        if True in answers:
            return not body.negated
        return doubt if None in answers else body.negated

    def within(self, *patterns: ResourcePattern) -> Cell:
        """The part that lies in patterns too."""
        return Cell(self.inside.union(patterns), self.outside)

    def without(self, patterns: Iterable[ResourcePattern]) -> Cell:
        return Cell(self.inside, self.outside.union(patterns))

    @property
    def base(self) -> ResourcePattern:
        """The smallest of the patterns, as far as they can be compared."""
        order = ordered(self.inside)
        smallest = order[0]
        for pattern in order[1:]:
            if includes(smallest.glob, pattern.glob):
                smallest = pattern
        return smallest

    @property
    def has_no_resource(self) -> bool:
        """Whether requests for no resource are in it."""
        return self.inside == frozenset({EVERYTHING})

    @cached_property
    def witness(self) -> str | None:
        """A resource in it, if one is found; requests for none only if there is no other."""
        globs = [pattern.glob for pattern in (*self.inside, *self.outside)]
        other, base = fresh(globs), self.base.glob
        texts = [sample(base, text) for text in ("x", other, other * 2, "")]
        if base.takes_everything:
            texts = [f"arn:aws:{text}:::{text}" for text in ("x", other)]
        for text in texts:
            if matches(ARNS, text) and self._holds(text):
                return text
        return NO_RESOURCE if self.has_no_resource else None

    def _holds(self, text: str) -> bool:
        inside = all(matches(pattern.glob, text) for pattern in self.inside)
        return inside and not any(matches(pattern.glob, text) for pattern in self.outside)


class Judgement:
    """What is gained in a cell: at most and for certain."""

    def __init__(self, cell: Cell, question: Question) -> None:
        self.cell, self._question = cell, question
        self.most = frozenset(difference(*self._sides(optimist=True)))

    def _applying(self, bodies: Bodies, doubted: Effect) -> list[Body]:
        """The bodies that apply, with those in doubt if they have this effect."""
        return [body for body in bodies if self.cell.applies(body, doubt=body.effect is doubted)]

    def _sides(self, *, optimist: bool) -> tuple[Side, Side]:
        first, second = (Effect.ALLOW, Effect.DENY) if optimist else (Effect.DENY, Effect.ALLOW)
        after = self._applying(self._question.new, first)
        before = self._applying(self._question.old, second)
        side = self._question.side
        return side((b, b.literals) for b in after), side((b, b.literals) for b in before)

    @cached_property
    def is_certain(self) -> bool:
        """Whether the answer is the same everywhere in the cell."""
        return not self.most or frozenset(difference(*self._sides(optimist=False))) == self.most

    def doubtful(self, cell: Cell) -> Iterator[Finding]:
        """All that may be gained in a cell, as findings that are not certain."""
        for way in self.most:
            found = self.finding(cell, way, certain=False)
            if found is not None:
                yield found

    def finding(self, cell: Cell, way: Way, *, certain: bool = True) -> Finding | None:
        """A finding for a cell; None if it is certain but no resource is found in the cell."""
        witness = cell.witness
        if witness is None:
            if certain:
                return None
            witness = sample(cell.base.glob, "x")
        base = cell.base
        parts = sorted(
            each.text
            for each in cell.inside
            if each != base and (each.is_variable or not includes(each.glob, base.glob))
        )
        exceptions = [
            each
            for each in cell.outside
            if all(intersects(each.glob, other.glob) for other in cell.inside)
        ]
        labels = tuple(sorted(each.text for each in exceptions))
        # Several variables in one resource may ask for what no value gives them.
        is_known = sum(each.is_variable for each in cell.inside) < 2
        after = self._applying(self._question.new, Effect.ALLOW)
        before = self._applying(self._question.old, Effect.DENY)
        return Finding(
            resource=Description(base.text, tuple(parts), labels, 0).text,
            base=base.text,
            exceptions=labels,
            conditions=way.literals,
            exact=certain and way.exact and is_known,
            without_resource=cell.has_no_resource,
            witness=witness,
            bodies=causes(after, before),
        )


def cells(question: Question) -> tuple[Cell, ...]:
    """Cells in which all lies that the new side may allow."""
    found = (
        Cell(frozenset({EVERYTHING}), body.patterns) if body.negated else Cell(body.patterns)
        for body in question.new
        if grants(body)
    )
    return tuple(sorted(set(found), key=_order))


def _order(cell: Cell) -> tuple[list[str], list[str]]:
    inside, outside = ordered(cell.inside), ordered(cell.outside)
    return [each.text for each in inside], [each.text for each in outside]


class Split:
    """A cell in doubt, taken apart by each pattern that makes for the doubt.

    `certain` is what is known of the parts, `open` parts that are still in doubt.
    """

    def __init__(self, judgement: Judgement, question: Question) -> None:
        cell = judgement.cell
        self.certain: list[Finding] = []
        self.open: list[tuple[Judgement, Cell]] = []
        if judgement.is_certain:
            self._add(judgement, cell)
            return
        doubtful = [each for each in question.patterns if cell.lies_in(each) is None]
        rest = Judgement(cell.without(doubtful), question)
        different: list[ResourcePattern] = []
        for pattern in doubtful:
            part = Judgement(cell.within(pattern), question)
            if not part.is_certain or part.most != rest.most:
                different.append(pattern)
                self._add(part, part.cell)
        # What is alike need not be told apart.
        self._add(rest, cell.without(different))

    def _add(self, part: Judgement, cell: Cell) -> None:
        found = [part.finding(cell, way) for way in part.most]
        if part.is_certain and None not in found:
            self.certain += [each for each in found if each is not None]
        elif part.most:
            self.open.append((part, cell))


def shortest(found: Iterable[Finding]) -> list[Finding]:
    """Without those that another says of a wider pattern, which takes their bodies over."""
    kept: dict[tuple[Conjunction, bool], list[Finding]] = {}
    for finding in sorted(found, key=_length):
        others = kept.setdefault((finding.conditions, finding.exact), [])
        wider = next((i for i, other in enumerate(others) if _says_more(other, finding)), None)
        if wider is None:
            others.append(finding)
        else:
            bodies = others[wider].bodies | finding.bodies
            others[wider] = replace(others[wider], bodies=bodies)
    return [finding for others in kept.values() for finding in others]


def _length(finding: Finding) -> tuple[int, str, str]:
    return len(finding.resource), finding.resource, finding.witness


def _says_more(one: Finding, other: Finding) -> bool:
    """Whether of two findings under the same conditions one is about all that the other is."""
    if one.resource == other.resource:
        return one.without_resource == other.without_resource
    if one.resource != one.base or "${" in one.base:
        return False
    general = read_glob(one.base, GlobKind.RESOURCE)
    return includes(general, read_glob(other.base, GlobKind.RESOURCE, live=True))
