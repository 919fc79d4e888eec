"""What two sets of statements allow differently, for actions that all of them are about.

Where comparing patterns by pairs leaves doubt, the resources are split into regions by the patterns
of the statements; in each region, each side is a formula over conditions. A pattern with a variable
is a question of its own in that formula: equal text has an equal answer, and against anything else
both answers are possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from .access_cells import (
    NO_RESOURCE,
    Bodies,
    Cell,
    Finding,
    Judgement,
    Patterns,
    Question,
    Split,
    causes,
    cells,
    grants,
    ordered,
    shortest,
)
from .access_statements import EVERYTHING, Body, ResourcePattern
from .access_text import Area, Description, describe
from .atoms import Conjunction
from .atoms import Question as Asked
from .formulas import Way, difference
from .glob_regions import ARNS, Region, regions
from .globs import intersects, matches, sample

_VARIABLE = re.compile(r"\$\{[^{}*?$][^{}]*\}")


def compare(question: Question) -> list[Finding]:
    """What the new side allows and the old one does not."""
    if not any(map(grants, question.new)):
        return []
    certain: list[Finding] = []
    open_: list[Split] = []
    where: list[Cell] = []
    for cell in cells(question):
        judgement = Judgement(cell, question)
        if not judgement.most:
            continue
        split = Split(judgement, question)
        if split.open:
            open_.append(split)
            where.append(cell)
        else:
            certain += split.certain
    if open_:
        found = _by_region(question, where)
        certain += _by_part(open_) if found is None else found
    return shortest(certain)


def _by_part(splits: Iterable[Split]) -> Iterator[Finding]:
    """What is known of the parts of cells, and for the others what may be."""
    for split in splits:
        yield from split.certain
        for judgement, cell in split.open:
            yield from judgement.doubtful(cell)


def _by_region(question: Question, where: Sequence[Cell]) -> list[Finding] | None:
    """The findings in some cells, region by region; None if that takes too many states."""
    inside = [pattern.glob for cell in where for pattern in cell.inside]
    space = _space(
        frozenset(
            pattern
            for pattern in question.patterns
            if any(intersects(pattern.glob, glob) for glob in inside)
        )
    )
    if space is None:
        return None
    found: dict[Way, int] = {}
    bodies: dict[Way, set[Body]] = {}
    for index in space.within(where):
        after, before = space.applying(index, question.new), space.applying(index, question.old)
        for way in difference(question.side(after), question.side(before)):
            found[way] = found.get(way, 0) | 1 << index
            both = causes((body for body, _ in after), (body for body, _ in before))
            bodies.setdefault(way, set()).update(both)
    return [
        finding
        for way, regions_ in found.items()
        for finding in space.findings(way, regions_, frozenset(bodies[way]))
    ]


class _Space:
    """The regions of all resources by some patterns, and of requests for none."""

    def __init__(self, patterns: Sequence[ResourcePattern], found: Sequence[Region]) -> None:
        self._globs = {pattern: pattern.glob for pattern in patterns}
        self._bits = {pattern: 1 << index for index, pattern in enumerate(patterns)}
        # Only `*` itself matches where there is no resource.
        none = self._bits.get(EVERYTHING, 0)
        by_vector = [region.accepts for region in found]
        is_new = none not in by_vector
        self._regions = (*found, Region(none, NO_RESOURCE)) if is_new else tuple(found)
        self._none = 1 << (len(found) if is_new else by_vector.index(none))
        self._areas = {
            pattern: sum(1 << i for i, region in enumerate(self._regions) if region.accepts & bit)
            for pattern, bit in self._bits.items()
        }

    def within(self, where: Iterable[Cell]) -> Iterator[int]:
        """The regions that lie in one of some cells."""
        wanted = 0
        for cell in where:
            area = (1 << len(self._regions)) - 1
            for pattern in cell.inside - {EVERYTHING}:
                area &= self._areas[pattern]
            wanted |= area
        return (index for index in range(len(self._regions)) if wanted >> index & 1)

    def applying(self, index: int, bodies: Bodies) -> list[tuple[Body, Conjunction]]:
        """The bodies that apply in a region, with their questions about variables."""
        inside = self._regions[index].accepts
        found: list[tuple[Body, Conjunction]] = []
        for body in bodies:
            hit = [each for each in body.patterns if self._bits.get(each, 0) & inside]
            certain = any(not pattern.is_variable for pattern in hit)
            if certain and not body.negated:
                found.append((body, body.literals))
            elif not certain and (hit or body.negated):
                # Several patterns stand in one body only where none of them may match.
                questions = {pattern.literal(holds=not body.negated) for pattern in hit}
                found.append((body, body.literals | questions))
        return found

    def findings(self, way: Way, where: int, bodies: Bodies) -> Iterator[Finding]:
        """The texts of the regions in which there is a way."""
        asked = [each for each in way.literals if each.atom.question is Asked.RESOURCE]
        inside = sorted(each.atom.label for each in asked if each.holds)
        outside = tuple(sorted(each.atom.label for each in asked if not each.holds))
        areas = [Area(_open_text(pattern), area) for pattern, area in self._areas.items()]
        for found in describe(where, self._bases(areas, inside), areas):
            parts, exceptions = (*found.parts, *inside[1:]), (*found.exceptions, *outside)
            yield Finding(
                resource=Description(found.base, parts, exceptions, 0).text,
                base=found.base,
                exceptions=exceptions,
                conditions=frozenset(way.literals).difference(asked),
                exact=way.exact,
                without_resource=bool(found.regions & self._none) and not inside,
                witness=self._witness(found),
                bodies=bodies,
            )

    def _bases(self, areas: Sequence[Area], inside: Sequence[str]) -> list[Area]:
        """The patterns to start a text with; a pattern with a variable if one must match."""
        if not inside:
            return [Area("*", (1 << len(self._regions)) - 1), *areas]
        return [
            Area(pattern.text, area)
            for pattern, area in self._areas.items()
            if pattern.text == inside[0] and pattern.is_variable
        ]

    def _witness(self, found: Description) -> str:
        """A resource in one of the regions, rather one that looks like the pattern."""
        wanted = [each for i, each in enumerate(self._regions) if found.regions >> i & 1]
        vectors = {region.accepts for region in wanted}
        for pattern, glob in self._globs.items():
            if found.base in {pattern.text, _open_text(pattern)}:
                text = sample(glob, "x")
                if matches(ARNS, text) and self._vector(text) in vectors:
                    return text
        texts = (region.witness for region in wanted if region.witness != NO_RESOURCE)
        return next(texts, NO_RESOURCE)

    def _vector(self, text: str) -> int:
        globs = enumerate(self._globs.values())
        return sum(1 << index for index, glob in globs if matches(glob, text))


@lru_cache(maxsize=256)
def _space(patterns: Patterns) -> _Space | None:
    """The regions by these patterns; None if there are too many states on the way to them."""
    order = ordered(patterns)
    found = regions(tuple(pattern.glob for pattern in order), ARNS)
    return None if found is None else _Space(order, found)


def _open_text(pattern: ResourcePattern) -> str:
    """A pattern with `*` for its variables."""
    return _VARIABLE.sub("*", pattern.text) if pattern.live else pattern.text
