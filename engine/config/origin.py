"""Where values stand: the places behind what a stack file says. Knows no file format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ...resources.diagnostics import Source

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value inside another: keys of maps and indexes of lists."""


class Origin(Protocol):
    """The place of a value and of all that is in it."""

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        """The place of the value at `path`, or of the nearest one around it that is written down.

        With `key`, the place of the key before the value.
        """
        ...

    def entries(self) -> Mapping[str, Origin]:
        """The origins of a map's entries, as far as they are known."""
        ...


@dataclass(frozen=True, slots=True)
class Located:
    """A plain value and its origin."""

    value: Any
    origin: Origin

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        """The place of the value at `path`."""
        return self.origin.source(path, key=key)

    def at(self, step: str | int) -> Located:
        """The entry of a map, or the item of a list."""
        return Located(self.value[step], Part(self.origin, (step,)))

    def items(self) -> Iterator[tuple[str, Located]]:
        """The entries of a map."""
        known = self.origin.entries()
        for key, value in self.value.items():
            yield key, Located(value, known.get(key) or Part(self.origin, (key,)))


@dataclass(frozen=True, slots=True)
class Fixed:
    """One place for everything, where a closer one isn't known."""

    place: Source

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        return self.place

    def entries(self) -> Mapping[str, Origin]:
        return {}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of another value, seen by itself."""

    whole: Origin
    prefix: Path

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        return self.whole.source((*self.prefix, *path), key=key)

    def entries(self) -> Mapping[str, Origin]:
        return {}


@dataclass(frozen=True, slots=True)
class Grafted:
    """A value into which parts of other files were put; a fault in such a part is in that file."""

    stock: Origin
    grafts: Mapping[Path, Origin]

    def source(self, path: Path = (), *, key: bool = False) -> Source:
        for prefix, graft in self.grafts.items():
            if path[: len(prefix)] == prefix:
                return graft.source(path[len(prefix) :], key=key)
        return self.stock.source(path, key=key)

    def entries(self) -> Mapping[str, Origin]:
        return {}


def overlap(one: Path, other: Path) -> bool:
    """Whether one of two paths leads into, or to, what the other leads to."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
