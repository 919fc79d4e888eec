"""Patterns with `*` and `?` as automata: matching, inclusion and intersection.

A text is matched by all globs of an automaton at once: bit i of a state stands for "the text so far
may have led to place i", where the places of all globs lie side by side. Knows no policy.
Sources: IAM user guide, "IAM JSON policy elements: Resource" (a `*` that ends a segment of an ARN
runs past colons, other wildcards do not) and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

MOST_STATES = 2000
"""The states of a joint automaton after which a question about globs is given up."""

ARN_COLONS = 5
"""The colons of an ARN before its last segment, in which further ones are text."""
ESCAPED = frozenset("*?$")
"""`${*}` and the like stand for the character itself."""
_CACHED = 1 << 16
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


class GlobKind(StrEnum):
    """How a pattern is read.

    In an ARN, wildcards within the first five segments keep to them, but for a `*` that ends a
    segment of a Resource. The ARN of a condition has no such exception; `*` alone is everything.
    """

    TEXT = "text"
    RESOURCE = "resource"
    ARN = "arn"
    IGNORE_CASE = "ignore case"
    LITERAL = "literal"
    LITERAL_IGNORE_CASE = "literal, ignore case"


_LETTERS = "xyzqwvkjuhgfbdcpmltonisraeXYZQ0123456789"
_CANDIDATES = _LETTERS + "".join(map(chr, range(0x3B1, 0x3B1 + 4000)))
_LITERAL = frozenset({GlobKind.LITERAL, GlobKind.LITERAL_IGNORE_CASE})
_ARNS = frozenset({GlobKind.RESOURCE, GlobKind.ARN})
_IGNORE_CASE = frozenset({GlobKind.IGNORE_CASE, GlobKind.LITERAL_IGNORE_CASE})


@dataclass(frozen=True, slots=True)
class Token:
    """One place of a glob: one of `characters`, or any character where that is empty.

    `repeats` is for any number of them, also none. Without `colon` a wildcard takes no colon.
    """

    characters: str = ""
    repeats: bool = False
    colon: bool = True

    def takes(self, character: str) -> bool:
        if self.characters:
            return character in self.characters
        return self.colon or character != ":"

    def meets(self, other: Token) -> bool:
        """Whether a character suits both."""
        if self.characters:
            return any(map(other.takes, self.characters))
        return not other.characters or any(map(self.takes, other.characters))


_STAR = Token(repeats=True)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern, read; equal if text and way of reading are."""

    text: str
    kind: GlobKind
    live: bool
    tokens: tuple[Token, ...] = field(compare=False, repr=False)

    @property
    def takes_everything(self) -> bool:
        return self.tokens == (_STAR,)

    @property
    def only(self) -> str | None:
        """The single text that it matches, or None if there are more."""
        if any(len(token.characters) != 1 for token in self.tokens):
            return None
        return "".join(token.characters for token in self.tokens)


@lru_cache(maxsize=_CACHED)
def read_glob(text: str, kind: GlobKind = GlobKind.TEXT, *, live: bool = False) -> Glob:
    """Read a pattern.

    With `live`, `${*}`, `${?}` and `${$}` are those characters, and another `${…}` is read as `*`,
    since its value may be anything.
    """
    if kind in _ARNS and text.strip("*"):
        tokens = _arn_tokens(text, live=live, ends=kind is GlobKind.RESOURCE)
    else:
        tokens = _tokens(text, kind, live=live)
    return Glob(text, kind, live, tuple(_tidied(tokens)))


def literal(text: str) -> Glob:
    """The glob of one text, in which nothing is special."""
    return read_glob(text, GlobKind.LITERAL)


def has_variable(text: str) -> bool:
    """Whether a text that is live has a `${…}` with a value that the policy does not say."""
    return any(name not in ESCAPED for name in _VARIABLE.findall(text))


def _tokens(text: str, kind: GlobKind, *, live: bool) -> Iterator[Token]:
    for part, variable in _parts(text, live=live):
        if variable is not None:
            yield Token(variable) if variable in ESCAPED else _STAR
        elif part in "*?" and kind not in _LITERAL:
            yield Token(repeats=part == "*")
        else:
            yield Token(_both_cases(part) if kind in _IGNORE_CASE else part)


def _both_cases(letter: str) -> str:
    lower, upper = letter.lower(), letter.upper()
    return lower + upper if lower != upper and len(lower + upper) == 2 else letter


def _parts(text: str, *, live: bool) -> Iterator[tuple[str, str | None]]:
    """The characters of a text, and instead of `${…}` what stands in it."""
    place = 0
    for match in _VARIABLE.finditer(text) if live else ():
        yield from ((character, None) for character in text[place : match.start()])
        yield "", match[1]
        place = match.end()
    yield from ((character, None) for character in text[place:])


def _arn_tokens(text: str, *, live: bool, ends: bool) -> Iterator[Token]:
    """The places of an ARN. Behind a variable all is open, since its value may hold colons."""
    parts = [*_parts(text, live=live), (":", None)]
    colons = 0
    for (part, variable), (following, _) in pairwise(parts):
        if variable is not None:
            colons += 0 if variable in ESCAPED else ARN_COLONS
            yield Token(variable) if variable in ESCAPED else _STAR
        elif part in "*?":
            free = colons >= ARN_COLONS or (ends and part == "*" and following == ":")
            yield Token(repeats=part == "*", colon=free)
        else:
            colons += part == ":"
            yield Token(part)


def _tidied(tokens: Iterable[Token]) -> list[Token]:
    """Without one star behind another, and with `?*` for `*?`, so that equal globs look equal."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is None or not last.repeats or token.characters:
            found.append(token)
        elif token.repeats:
            found[-1] = Token(repeats=True, colon=last.colon or token.colon)
        elif token.colon == last.colon:
            found.insert(-1, token)
        else:
            found.append(token)
    return found


State: TypeAlias = int
"""The places to which a text may have led; 0 if no glob can match it any more."""


class Automaton:
    """Globs side by side. `ends[i]` is the place after glob i, `spans[i]` all of its places."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self._any = self._bound_any = self._loops = self._bound_loops = 0
        self.literals: dict[str, State] = {}
        self.ends: list[State] = []
        self.spans: list[State] = []
        starts = place = 0
        for glob in globs:
            starts |= 1 << place
            for index, token in enumerate(glob.tokens):
                self._add(token, 1 << place + index)
            end = place + len(glob.tokens)
            self.ends.append(1 << end)
            self.spans.append((1 << end + 1) - (1 << place))
            place = end + 1
        self._stars = self._loops | self._bound_loops
        self._single = (1 << place) - 1 & ~self._stars
        self.start = self._closed(starts)

    def _add(self, token: Token, bit: State) -> None:
        for character in token.characters:
            self.literals[character] = self.literals.get(character, 0) | bit
        if token.repeats:
            if token.colon:
                self._loops |= bit
            else:
                self._bound_loops |= bit
        elif not token.characters:
            if token.colon:
                self._any |= bit
            else:
                self._bound_any |= bit

    def _closed(self, state: State) -> State:
        """With the places behind stars, which may take nothing. Stars never stand side by side."""
        return state | (state & self._stars) << 1

    def masks(self, character: str) -> tuple[State, State]:
        """The places that a character leads on from, and those where it stays."""
        literal = self.literals.get(character, 0)
        if character == ":":
            return literal | self._any, self._loops
        return literal | self._any | self._bound_any, self._stars

    def move(self, state: State, masks: tuple[State, State]) -> State:
        moved = (state & masks[0]) << 1 | state & masks[1]
        return moved | (moved & self._stars) << 1

    def wander(self, state: State, token: Token) -> State:
        """The states after one character that a token takes, whichever it is, put together."""
        if token.characters:
            moved = 0
            for character in token.characters:
                moved |= self.move(state, self.masks(character))
            return moved
        single = self._single if token.colon else self._single & ~self.literals.get(":", 0)
        return self.move(state, (single, self._stars))

    def run(self, text: str) -> State:
        """The state after a text."""
        state = self.start
        for character in text:
            state = self.move(state, self.masks(character))
        return state

    def over(self, token: Token) -> tuple[State, State]:
        """The masks that hold for whatever a token stands for."""
        if token.characters:
            both = [self.masks(character) for character in token.characters]
            on, stay = both[0]
            for other in both[1:]:
                on, stay = on & other[0], stay & other[1]
            return on, stay
        stay = self._loops if token.colon else self._stars
        if token.repeats:
            return 0, stay
        return self._any if token.colon else self._any | self._bound_any, stay


@lru_cache(maxsize=4096)
def _automaton(glob: Glob) -> Automaton:
    return Automaton((glob,))


def matches(glob: Glob, text: str) -> bool:
    """Whether a glob matches a text."""
    automaton = _automaton(glob)
    return bool(automaton.run(text) & automaton.ends[0])


def fresh(globs: Iterable[Glob]) -> str:
    """A character that stands in none of the globs, for all that do not; a letter if possible."""
    used = frozenset[str]().union(*map(_characters, globs))
    return next(character for character in _CANDIDATES if character not in used)


@lru_cache(maxsize=4096)
def _characters(glob: Glob) -> frozenset[str]:
    return frozenset("".join(token.characters for token in glob.tokens))


@lru_cache(maxsize=_CACHED)
def includes(general: Glob, special: Glob) -> bool:
    """Whether each text that `special` matches is matched by `general`; in doubt False."""
    if (only := special.only) is not None:
        return matches(general, only)
    if _are_apart(general, special):
        return False
    automaton = _automaton(general)
    state = automaton.start
    for token in special.tokens:
        state = automaton.move(state, automaton.over(token))
    if state & automaton.ends[0]:
        return True
    other = fresh((general, special))
    if not all(matches(general, sample(special, text)) for text in ("", other, other * 3)):
        return False
    return _is_included(general, special)


def sample(glob: Glob, star: str) -> str:
    """A text that a glob matches, with `star` wherever it has a star."""
    return "".join(
        star if token.repeats else (token.characters or star or "x")[0] for token in glob.tokens
    )


def _is_included(general: Glob, special: Glob) -> bool:
    automaton = Automaton((special, general))
    alphabet = sorted({*automaton.literals, ":", fresh((general, special))})
    masks = [automaton.masks(character) for character in alphabet]
    seen, ahead = {automaton.start}, [automaton.start]
    while ahead:
        state = ahead.pop()
        if state & automaton.ends[0] and not state & automaton.ends[1]:
            return False
        following = {automaton.move(state, mask) for mask in masks}
        new = {found for found in following - seen if found & automaton.spans[0]}
        if len(seen) + len(new) > MOST_STATES:
            return False
        seen |= new
        ahead += new
    return True


@lru_cache(maxsize=_CACHED)
def intersects(one: Glob, other: Glob) -> bool:
    """Whether there is a text that both match."""
    if _are_apart(one, other):
        return False
    automaton = _automaton(other)
    state = automaton.start
    for token in one.tokens:
        after = automaton.wander(state, token)
        while token.repeats and after & ~state:
            state |= after
            after = automaton.wander(state, token)
        state = state if token.repeats else after
    return bool(state & automaton.ends[0])


def _are_apart(one: Glob, other: Glob) -> bool:
    """Whether it is seen at their ends that no text matches both."""
    return _differ(one.tokens, other.tokens) or _differ(one.tokens[::-1], other.tokens[::-1])


def _differ(left: tuple[Token, ...], right: tuple[Token, ...]) -> bool:
    """Whether they differ at a place that has a star before it in neither."""
    for one, other in zip(left, right, strict=False):
        if one.repeats or other.repeats:
            return False
        if not one.meets(other):
            return True
    return False
