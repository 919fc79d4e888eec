"""Patterns of actions, and sets of actions as the bits of an integer.

A set over the whole catalogue is one number, so that union, intersection and difference of what
policies allow are single operations. Knows nothing of where the names come from.
Source: IAM user guide, "IAM JSON policy elements: Action".
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

FUTURE = "<future>"
"""The name of the pseudo action for those that a service does not have yet."""

OTHER_SERVICES = "<other>"
"""The service of the pseudo action for services that the catalogue does not know."""

_CACHED_PATTERNS = 4096
_WILDCARD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class ActionPattern:
    """An action of a policy in lower case: globs for the service prefix and for the name."""

    service: str
    name: str

    @classmethod
    def read(cls, text: str) -> ActionPattern:
        """Read a pattern; `*` is `*:*`, and a text without a colon matches nothing."""
        service, _, name = ("*:*" if text == "*" else text.lower()).partition(":")
        return cls(service, name)

    @property
    def takes_any_name(self) -> bool:
        """Whether every name matches: `*`, also doubled or with one `?`, for no name is empty."""
        return "*" in self.name and not self.name.strip("*?") and self.name.count("?") <= 1

    @property
    def takes_everything(self) -> bool:
        return self.service == "*" and self.takes_any_name

    def services(self, known: Sequence[str]) -> Iterable[str]:
        """The services among the known ones to which this may apply."""
        if self.service == "*":
            return known
        return filter(glob(self.service), known)

    def positions(self, names: Sequence[str]) -> Iterable[int]:
        """The indexes of the matching ones among a service's names in lower case."""
        if self.takes_any_name:
            return range(len(names))
        matches = glob(self.name)
        return (index for index, name in enumerate(names) if matches(name))


def glob(pattern: str) -> Callable[[str], object]:
    """A function that says whether a text matches a pattern in which only `*` and `?` are special."""
    if not _WILDCARD.search(pattern):
        return pattern.__eq__
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match


class ActionIndex:
    """All actions in a fixed order, and sets of them as integers: bit i stands for `universe[i]`.

    The universe holds the actions by service and name, then `SERVICE:<future>` for each service,
    and last `<other>:<future>`. Takes each service's names, `s3:GetObject` by `getobject`, both in
    the order that they shall have.
    """

    def __init__(self, services: Mapping[str, Mapping[str, str]]) -> None:
        self._services = tuple(services)
        self._names = {service: tuple(names) for service, names in services.items()}
        self._starts = dict(zip(services, _starts(services.values()), strict=True))
        actions = [name for names in services.values() for name in names.values()]
        self._futures = {service: len(actions) + i for i, service in enumerate(services)}
        self.universe: tuple[str, ...] = (
            *actions,
            *(f"{service}:{FUTURE}" for service in services),
            f"{OTHER_SERVICES}:{FUTURE}",
        )
        self._cached = lru_cache(maxsize=_CACHED_PATTERNS)(self._bits)

    def bits(self, pattern: str) -> int:
        """The set that a pattern of an action stands for."""
        return self._cached(pattern)

    def names(self, bits: int) -> tuple[str, ...]:
        """The members of a set, in the order of the universe.

        Raises:
            ValueError: the number has bits outside the universe, as a negative one does.
        """
        if bits < 0 or bits.bit_length() > len(self.universe):
            raise ValueError("this is no set of actions of this catalogue")
        return tuple(compress(self.universe, map("1".__eq__, reversed(f"{bits:b}"))))

    def _bits(self, text: str) -> int:
        pattern = ActionPattern.read(text)
        if pattern.takes_everything:
            return (1 << len(self.universe)) - 1
        found = 0
        for service in pattern.services(self._services):
            own = sum(1 << index for index in pattern.positions(self._names[service]))
            found |= own << self._starts[service]
            if pattern.takes_any_name:
                found |= 1 << self._futures[service]
        return found


def _starts(services: Iterable[Mapping[str, str]]) -> Iterator[int]:
    start = 0
    for names in services:
        yield start
        start += len(names)
