"""What is known about a request: its context keys, and those that nobody can know yet.

Sources: IAM user guide, "AWS global condition context keys" and "Single-valued vs. multivalued
context keys".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias


class Missing(Enum):
    """Why a key has no value: the request does not have it, or that is not known."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


Value: TypeAlias = str | tuple[str, ...]
"""The value of a single-valued key, or the values of a multivalued one."""


class Context:
    """The context keys of a request. The names of keys ignore case, their values do not.

    A key whose value is text is single-valued; one with a sequence is multivalued, even with one
    value, and without any it is absent. A key that is neither in `known` nor in `absent` is absent
    in a closed context and unknown in an open one. Never changes; equal contexts hash alike.

    Raises:
        ValueError: a key is given twice, in two cases or as known and as absent.
    """

    __slots__ = ("_absent", "_known", "_open")

    def __init__(
        self,
        known: Mapping[str, str | Sequence[str]],
        absent: Iterable[str] = (),
        *,
        open: bool,  # noqa: A002 - the word of the specification
    ) -> None:
        self._open = open
        self._known: dict[str, Value] = {}
        self._absent = frozenset(key.lower() for key in absent)
        for name, value in known.items():
            key = name.lower()
            if key in self._known or key in self._absent:
                raise ValueError(f"the context key {name} is given twice")
            self._known[key] = value if isinstance(value, str) else tuple(value)

    @property
    def is_open(self) -> bool:
        """Whether a key that is not given is unknown, and not absent."""
        return self._open

    def find(self, key: str) -> Value | Missing:
        """The value of a key, or why it has none."""
        name = key.lower()
        value = self._known.get(name)
        if value is None:
            unknown = self._open and name not in self._absent
            return Missing.UNKNOWN if unknown else Missing.ABSENT
        return value or (value if isinstance(value, str) else Missing.ABSENT)

    def __iter__(self) -> Iterator[str]:
        """The names of the keys that have a value, in lower case."""
        return (key for key, value in self._known.items() if value != ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((frozenset(self._known.items()), self._absent, self._open))

    def __repr__(self) -> str:
        return f"Context({self._known!r}, {sorted(self._absent)!r}, open={self._open})"

    def _parts(self) -> tuple[dict[str, Value], frozenset[str], bool]:
        return self._known, self._absent, self._open
