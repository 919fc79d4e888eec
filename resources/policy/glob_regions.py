"""The exact partition of all texts into regions by which globs of a set match.

Each region has a text that lies in it. The joint subset construction walks the characters that occur
in the globs and one fresh character, which stands for all others. It is exponential at worst, so
that it is given up after a number of states; globs that no text can match together are walked apart,
and a glob without wildcards needs no walk at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from .globs import (
    MOST_STATES,
    Automaton,
    Glob,
    GlobKind,
    State,
    Token,
    fresh,
    intersects,
    literal,
    matches,
    read_glob,
)

_SEGMENT = Token(repeats=True, colon=False)
_NOT_EMPTY = Token(colon=False)

ARNS = Glob(
    "arn:[^:]+:[^:]+:[^:]*:[^:]*:.+",
    GlobKind.RESOURCE,
    live=False,
    tokens=(
        *map(Token, "arn:"),
        *(_NOT_EMPTY, _SEGMENT, Token(":")) * 2,
        *(_SEGMENT, Token(":")) * 2,
        Token(),
        Token(repeats=True),
    ),
)
"""All ARNs: six parts, of which the partition, the service and the resource are not empty."""


@dataclass(frozen=True, slots=True)
class Region:
    """Texts that the same globs match: bit i of `accepts` stands for glob i."""

    accepts: int
    witness: str


@lru_cache(maxsize=1024)
def regions(
    globs: tuple[Glob, ...], universe: Glob | None = None, most_states: int = MOST_STATES
) -> tuple[Region, ...] | None:
    """All regions of the universe (all texts if None), in no order that means anything.

    Takes each glob once. None where a joint automaton has more than `most_states` states.
    """
    bits = {glob: 1 << index for index, glob in enumerate(globs)}
    always = _union(bits[glob] for glob in globs if glob.takes_everything)
    wild = [glob for glob in globs if glob.only is None and not glob.takes_everything]
    singles = _singles(bits, universe)
    found: dict[int, str] = {}
    for group in _groups(wild):
        part = _walk_around(group, singles, universe, most_states)
        if part is None:
            return None
        for accepts, text in part.items():
            found[_union(bits[glob] for i, glob in enumerate(group) if accepts >> i & 1)] = text
    for text, own in singles.items():
        found[own | _union(bits[other] for other in wild if matches(other, text))] = text
    outside = _outside(wild, singles, universe, most_states)
    if outside is None:
        return None
    found.pop(0, None)
    found |= dict.fromkeys([0] if outside else [], "".join(outside))
    return tuple(Region(accepts | always, text) for accepts, text in found.items())


def _union(bits: Iterable[int]) -> int:
    return reduce(_joined, bits, 0)


def _joined(one: int, other: int) -> int:
    return one | other


def _singles(bits: dict[Glob, int], universe: Glob | None) -> dict[str, int]:
    """The texts of the universe that a glob without wildcards stands for, with its bits."""
    found: dict[str, int] = {}
    for glob, bit in bits.items():
        text = glob.only
        if text is not None and (universe is None or matches(universe, text)):
            found[text] = found.get(text, 0) | bit
    return found


def _groups(globs: Iterable[Glob]) -> list[list[Glob]]:
    """Globs of different groups match no text in common."""
    groups: list[list[Glob]] = []
    for glob in globs:
        joined = [glob]
        apart: list[list[Glob]] = []
        for group in groups:
            if any(intersects(glob, other) for other in group):
                joined += group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return groups


def _walk_around(
    group: Sequence[Glob], singles: dict[str, int], universe: Glob | None, most_states: int
) -> dict[int, str] | None:
    """The regions of a group, with witnesses that are none of the single texts."""
    blocked: list[Glob] = []
    while True:
        part = walk((*group, *blocked), universe, most_states)
        if part is None:
            return None
        inside = {accepts: text for accepts, text in part.items() if not accepts >> len(group)}
        clashes = [literal(text) for text in inside.values() if text in singles]
        if not clashes:
            return inside
        blocked += clashes


def _outside(
    wild: Sequence[Glob], singles: dict[str, int], universe: Glob | None, most_states: int
) -> tuple[str, ...] | None:
    """A text that no glob matches, none if there is no such, None if that is not known."""
    other = fresh((*wild, *map(literal, singles)))
    tries = (other, other * 2) if universe is None else _arns(other)
    for text in tries:
        fits = universe is None or matches(universe, text)
        if fits and text not in singles and not any(matches(glob, text) for glob in wild):
            return (text,)
    part = _walk_around(wild, singles, universe, most_states)
    return None if part is None else tuple(part[key] for key in part if key == 0)


def _arns(other: str) -> tuple[str, ...]:
    return (f"arn:aws:{other}:::{other}", f"arn:{other}:{other}:::{other}")


def walk(
    globs: Sequence[Glob], universe: Glob | None, most_states: int = MOST_STATES
) -> dict[int, str] | None:
    """The joint subset construction: each vector of globs that match a text, with such a text.

    The texts are the shortest. None where there are too many states.
    """
    all_globs = (*globs, universe or read_glob("*"))
    automaton = Automaton(all_globs)
    alphabet = _alphabet(all_globs, automaton)
    inside, end = automaton.spans[-1], automaton.ends[-1]
    accepting = tuple((bit, 1 << index) for index, bit in enumerate(automaton.ends[:-1]))
    ends = _union(automaton.ends[:-1])
    parents: dict[State, tuple[State, str] | None] = {automaton.start: None}
    found: dict[int, str] = {}
    known: dict[State, int] = {}
    for state in (ahead := [automaton.start]):
        if state & end:
            reached = state & ends
            if reached not in known:
                known[reached] = sum(value for bit, value in accepting if reached & bit)
                found.setdefault(known[reached], _path(parents, state))
        for character, following in _moves(automaton, alphabet, state):
            if following & inside and following not in parents:
                if len(parents) >= most_states:
                    return None
                parents[following] = (state, character)
                ahead.append(following)
    return found


def _alphabet(
    globs: Sequence[Glob], automaton: Automaton
) -> list[tuple[str, State, tuple[State, State]]]:
    """The characters with the places that take them as such, the fresh one first, then colons."""
    characters = [fresh(globs), ":", *sorted(set(automaton.literals) - {":"})]
    return [
        (character, automaton.literals.get(character, 0), automaton.masks(character))
        for character in characters
    ]


def _moves(
    automaton: Automaton, alphabet: list[tuple[str, State, tuple[State, State]]], state: State
) -> Iterable[tuple[str, State]]:
    """The states that follow; a character that no place asks for leads where the fresh one does."""
    for index, (character, asked, masks) in enumerate(alphabet):
        if index < 2 or state & asked:
            yield character, automaton.move(state, masks)


def _path(parents: dict[State, tuple[State, str] | None], state: State) -> str:
    characters: list[str] = []
    step = parents[state]
    while step is not None:
        characters.append(step[1])
        step = parents[step[0]]
    return "".join(reversed(characters))
