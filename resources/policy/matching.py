"""Whether a pattern of a policy matches: actions, resources, and texts with `*`, `?` and `${…}`.

A pattern is read once, into parts. Variables are replaced first and the result is matched
afterwards; text that comes out of a variable is taken literally.
Sources: IAM user guide, "IAM JSON policy elements: Action", "IAM JSON policy elements: Resource"
and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from .catalogue_index import ActionPattern, glob
from .context import Context, Missing
from .globs import ARN_COLONS, ESCAPED
from .truth import Truth, any_of

_CACHED_PATTERNS = 8192
_PART = re.compile(r"\$\{(?P<variable>[^{}]*)\}|(?P<wildcard>[*?])")
_PLAIN_PART = re.compile(r"(?P<variable>(?!))|(?P<wildcard>[*?])")
_DEFAULT = re.compile(r"(?P<name>[^,]*)(?:,\s*'(?P<default>[^']*)')?\s*")


class Wildcard(Enum):
    """What a pattern leaves open: any text, one character, or a text that is not known yet."""

    MANY = "*"
    ONE = "?"
    UNKNOWN = "…"


class Style(Enum):
    """How far `*` reaches.

    TEXT: over everything. RESOURCE: in the first five segments of an ARN up to the next colon, but
    for one that ends a segment. ARN: likewise without that exception, and there must be six
    segments, or `*` alone.
    """

    TEXT = "text"
    RESOURCE = "resource"
    ARN = "arn"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${name}` or `${name, 'default'}`."""

    name: str
    default: str | None = None


Part: TypeAlias = str | Wildcard | Variable
Glob: TypeAlias = Callable[[str], object]
Solid: TypeAlias = tuple[str | Wildcard, ...]
"""A pattern after its variables have been replaced."""


@lru_cache(maxsize=_CACHED_PATTERNS)
def read_parts(text: str, *, variables: bool, wildcards: bool = True) -> tuple[Part, ...]:
    """Take a pattern apart. Without `wildcards`, `*` and `?` are plain text."""
    parts: list[Part] = []
    end = 0
    for match in (_PART if variables else _PLAIN_PART).finditer(text):
        if match["wildcard"] and not wildcards:
            continue
        parts += [text[end : match.start()]] if match.start() > end else []
        end = match.end()
        part = Wildcard(match[0]) if match["wildcard"] else _variable(match["variable"])
        if not (part is Wildcard.MANY and parts[-1:] == [part]):
            parts.append(part)
    parts += [text[end:]] if end < len(text) else []
    return tuple(parts)


def _variable(text: str) -> str | Variable:
    if text in ESCAPED:
        return text
    match = _DEFAULT.fullmatch(text)
    # What is malformed stands for no key, so that it never matches.
    return Variable(text) if match is None else Variable(match["name"], match["default"])


def fill(parts: tuple[Part, ...], context: Context) -> tuple[Solid, frozenset[str]] | None:
    """Replace the variables of a pattern; the second value is the names of those unknown.

    None if a variable is missing and has no default, or is multivalued: that matches nothing.
    """
    found: list[str | Wildcard] = []
    unknown: set[str] = set()
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
            continue
        value = context.find(part.name)
        if value is Missing.UNKNOWN:
            unknown.add(part.name)
            found.append(Wildcard.UNKNOWN)
        elif value is Missing.ABSENT and part.default is not None:
            found.append(part.default)
        elif isinstance(value, str):
            found.append(value)
        else:
            return None
    return tuple(found), frozenset(unknown)


@lru_cache(maxsize=_CACHED_PATTERNS)
def matcher(parts: Solid, style: Style, *, fold: bool = False) -> re.Pattern[str] | None:
    """An expression for a pattern, to use with `fullmatch`; None for what matches nothing.

    With `fold` the pattern is in lower case. Where a part is unknown the expression takes too much
    rather than too little: an unknown text may bring any number of colons.
    """
    source = _source(parts, style, fold=fold)
    return None if source is None else re.compile(source, re.DOTALL)


def _source(parts: Solid, style: Style, *, fold: bool = False) -> str | None:
    if fold:
        parts = tuple(part.lower() if isinstance(part, str) else part for part in parts)
    if Wildcard.UNKNOWN in parts:
        return "".join(map(_loose, parts))
    if style is Style.TEXT or parts == (Wildcard.MANY,):
        return _run(parts, ".")
    segments = _segments(parts)
    if style is Style.ARN and len(segments) <= ARN_COLONS:
        return None
    inner = [_segment(segment, style) for segment in segments[:ARN_COLONS]]
    return ":".join([*inner, *(_run(tuple(last), ".") for last in segments[ARN_COLONS:])])


def _loose(part: str | Wildcard) -> str:
    if isinstance(part, str):
        return re.escape(part)
    return "." if part is Wildcard.ONE else ".*"


def _segments(parts: Solid) -> list[list[str | Wildcard]]:
    """A pattern split at its first five colons."""
    segments: list[list[str | Wildcard]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            segments[-1].append(part)
            continue
        first, *others = part.split(":", ARN_COLONS + 1 - len(segments))
        segments[-1].append(first)
        for other in others:
            segments.append([other])  # noqa: PERF401 - a comprehension gets the wrong type
    return [[part for part in segment if part != ""] for segment in segments]


def _segment(parts: list[str | Wildcard], style: Style) -> str:
    if style is Style.RESOURCE and parts[-1:] == [Wildcard.MANY]:
        return _run(tuple(parts[:-1]), "[^:]", last=False) + ".*"
    return _run(tuple(parts), "[^:]")


def _run(parts: Solid, any_character: str, *, last: bool = True) -> str:
    """An expression for parts whose wildcards all take the same characters.

    The text after a star is looked for once, from the left: it never pays to look further, since
    the next star can take what is left. Only what ends the run must be tried again. So the time
    is linear in the number of stars.
    """
    chunks: list[str] = [""]
    for part in parts:
        if part is Wildcard.MANY:
            chunks.append("")
        else:
            chunks[-1] += re.escape(part) if isinstance(part, str) else any_character
    if len(chunks) == 1:
        return chunks[0]
    first, *middle, end = chunks
    found = "".join(f"(?>{any_character}*?{chunk})" for chunk in middle if chunk)
    if not last:
        return f"{first}{found}(?>{any_character}*?{end})"
    return f"{first}{found}{any_character}*{end}"


class Patterns:
    """A list of patterns, ready to be asked about many texts.

    With `fold` case is ignored. `everything` says that one of them is `*`, which takes any text.
    """

    __slots__ = ("_exact", "_fold", "_open", "_regex", "_style", "everything")

    def __init__(
        self,
        texts: Iterable[str],
        style: Style,
        *,
        variables: bool,
        wildcards: bool = True,
        fold: bool = False,
    ) -> None:
        self._style, self._fold = style, fold
        exact: set[str] = set()
        sources: set[str] = set()
        open_: list[tuple[Part, ...]] = []
        self.everything = False
        for text in texts:
            parts = read_parts(text, variables=variables, wildcards=wildcards)
            self.everything |= parts == (Wildcard.MANY,)
            if (solid := _solid(parts)) is None:
                open_.append(parts)
            elif (source := _source(solid, style, fold=fold)) is not None:
                if any(isinstance(part, Wildcard) for part in solid):
                    sources.add(f"(?:{source})")
                else:
                    exact.add(_text(solid, fold=fold))
        self._exact = frozenset(exact)
        self._regex = re.compile("|".join(sorted(sources)), re.DOTALL) if sources else None
        self._open = tuple(open_)

    def matches(self, text: str, context: Context) -> Truth:
        """Whether one of the patterns takes a text."""
        if self.everything:
            return True
        # What has no ARN is asked for as a star, which is no text that a pattern could match.
        if text == "*" and self._style is Style.RESOURCE:
            return False
        text = text.lower() if self._fold else text
        if text in self._exact or (self._regex is not None and self._regex.fullmatch(text)):
            return True
        return any_of(self._match(parts, text, context) for parts in self._open)

    def possible(self, context: Context) -> bool:
        """Whether there is any text that one of the patterns takes."""
        if self._exact or self._regex is not None:
            return True
        filled = (fill(parts, context) for parts in self._open)
        return any(found is not None and self._matcher(found[0]) for found in filled)

    def unknown(self, context: Context) -> frozenset[str]:
        """The variables in the patterns that are not known yet."""
        filled = (fill(parts, context) for parts in self._open)
        return frozenset[str]().union(*(found[1] for found in filled if found is not None))

    def _match(self, parts: tuple[Part, ...], text: str, context: Context) -> Truth:
        filled = fill(parts, context)
        if filled is None:
            return False
        solid, unknown = filled
        regex = self._matcher(solid)
        return regex is not None and regex.fullmatch(text) is not None and (unknown or True)

    def _matcher(self, solid: Solid) -> re.Pattern[str] | None:
        return matcher(solid, self._style, fold=self._fold)


def _solid(parts: tuple[Part, ...]) -> Solid | None:
    found = tuple(part for part in parts if not isinstance(part, Variable))
    return found if len(found) == len(parts) else None


def _text(parts: Solid, *, fold: bool) -> str:
    text = "".join(part for part in parts if isinstance(part, str))
    return text.lower() if fold else text


class Actions:
    """The actions of an element, ready to be asked about many; prefix and name ignore case."""

    __slots__ = ("_everything", "_exact", "_globs", "_other")

    def __init__(self, texts: Iterable[str]) -> None:
        self._everything = False
        exact: set[str] = set()
        globs: defaultdict[str, list[Glob]] = defaultdict(list)
        other: list[tuple[Glob, Glob]] = []
        for text in dict.fromkeys(texts):
            pattern = ActionPattern.read(text)
            if pattern.takes_everything:
                self._everything = True
            elif _has_wildcard(pattern.service):
                other.append((glob(pattern.service), glob(pattern.name)))
            elif _has_wildcard(pattern.name):
                globs[pattern.service].append(glob(pattern.name))
            else:
                exact.add(text.lower())
        self._exact, self._other = frozenset(exact), tuple(other)
        self._globs = {service: tuple(found) for service, found in globs.items()}

    def matches(self, action: str) -> bool:
        """Whether one of the patterns takes an action such as `s3:GetObject`."""
        action = action.lower()
        if self._everything or action in self._exact:
            return True
        service, _, name = action.partition(":")
        return any(takes(name) for takes in self._globs.get(service, ())) or any(
            service_takes(service) and takes(name) for service_takes, takes in self._other
        )


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text
