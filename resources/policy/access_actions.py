"""The actions that a comparison is about, and sets of them as the bits of a number.

Where all that is allowed names its services, only these are read from the catalogue. An action that
the catalogue does not know stands for itself.
Source: IAM user guide, "IAM JSON policy elements: Action" and "… NotAction".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from .access_statements import Selector
from .catalogue import CataloguedAction
from .catalogue_index import FUTURE, ActionPattern, glob
from .globs import includes, read_glob


class Actions(Protocol):
    """What is asked of the catalogue."""

    def action(self, name: str) -> CataloguedAction | None: ...
    def expand(self, pattern: str) -> tuple[str, ...]: ...
    def universe(self) -> tuple[str, ...]: ...
    def bits(self, pattern: str) -> int: ...
    def accepts_resource(self, action: str, resource: str) -> bool: ...


class ActionSpace:
    """The positions of actions: `names[i]` is that of bit i.

    `allowed` holds what identity policies allow, `others` all else that is compared, `written` the
    spelling of actions.
    """

    def __init__(
        self,
        catalogue: Actions,
        allowed: Iterable[Selector],
        others: Iterable[Selector],
        written: Iterable[str],
    ) -> None:
        self._catalogue = catalogue
        wanted = tuple(allowed)
        patterns = [text for selector in wanted for text in selector.patterns]
        rest = [text for selector in others for text in selector.patterns]
        self._whole = any(selector.negated for selector in wanted) or not all(
            map(_names_service, patterns)
        )
        known = catalogue.universe() if self._whole else tuple(self._local(patterns))
        spelled = {text.lower(): text for text in sorted(written, reverse=True)}
        unknown = sorted({text for text in (*patterns, *rest) if self._is_unknown(text)})
        self._unknown = _by_service(unknown, len(known))
        self.names: tuple[str, ...] = (*known, *(spelled.get(text, text) for text in unknown))
        self._services = {} if self._whole else _by_service(known)
        self._bits = lru_cache(maxsize=None)(self._find)

    def bits(self, selector: Selector) -> int:
        """The set that a selector stands for."""
        found = _joined(map(self._bits, selector.patterns))
        return found ^ self.all if selector.negated else found

    @property
    def all(self) -> int:
        return (1 << len(self.names)) - 1

    def members(self, bits: int) -> tuple[str, ...]:
        """The names in a set, sorted."""
        return tuple(sorted(self.names[index] for index in _positions(bits)))

    def _local(self, patterns: Iterable[str]) -> Iterator[str]:
        """What patterns with a service stand for, then the actions that these do not have yet."""
        futures: set[str] = set()
        names: set[str] = set()
        for text in patterns:
            found = self._catalogue.expand(text)
            names.update(found)
            pattern = ActionPattern.read(text)
            if found and pattern.takes_any_name:
                futures.add(f"{pattern.service}:{FUTURE}")
        yield from sorted(names)
        yield from sorted(futures)

    def _is_unknown(self, text: str) -> bool:
        return _names_service(text) and not self._catalogue.expand(text)

    def _find(self, text: str) -> int:
        found = self._catalogue.bits(text) if self._whole else self._find_local(text)
        return found | self._find_unknown(text)

    def _find_unknown(self, text: str) -> int:
        """The actions that the catalogue does not know, of which some are patterns themselves."""
        pattern, found = ActionPattern.read(text), 0
        general = read_glob(pattern.name)
        for service in pattern.services(tuple(self._unknown)):
            for name, index in self._unknown[service]:
                if includes(general, read_glob(name)):
                    found |= 1 << index
        return found

    def _find_local(self, text: str) -> int:
        pattern = ActionPattern.read(text)
        matches, found = glob(pattern.name), 0
        for service in pattern.services(tuple(self._services)):
            for name, index in self._services[service]:
                if pattern.takes_any_name or (name != FUTURE and matches(name)):
                    found |= 1 << index
        return found


def _names_service(text: str) -> bool:
    service, colon, _ = text.partition(":")
    return bool(colon) and "*" not in service and "?" not in service


def _by_service(names: Sequence[str], start: int = 0) -> dict[str, list[tuple[str, int]]]:
    """For each service the names in lower case, without it, and their positions."""
    found: dict[str, list[tuple[str, int]]] = {}
    for index, text in enumerate(names, start):
        service, _, name = text.lower().partition(":")
        found.setdefault(service, []).append((name, index))
    return found


def _joined(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


def _positions(bits: int) -> Iterator[int]:
    return (index for index, digit in enumerate(reversed(f"{bits:b}")) if digit == "1")


def classes(wanted: int, sets: Iterable[int]) -> list[int]:
    """Split a set so that each part lies wholly inside or wholly outside each of the others.

    In the order of the first members.
    """
    parts = [wanted] if wanted else []
    for other in sets:
        if other & wanted:
            split = [piece for part in parts for piece in (part & other, part & ~other)]
            parts = [part for part in split if part]
    return sorted(parts, key=_first)


def _first(bits: int) -> int:
    return bits & -bits
