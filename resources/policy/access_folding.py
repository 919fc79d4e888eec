"""Sets of actions for people to read: patterns that stand for exactly these, and counts by level.

A pattern ends at a whole word of a name, as `s3:Get*` and `s3:GetObject*` do, and stands for these
actions and no other of the catalogue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .access_actions import Actions
from .catalogue import RISKIEST_FIRST, AccessLevel
from .catalogue_index import FUTURE

ALL_ACTIONS = "ALL actions, including future ones"
"""What is said for `*`, which stands for more than can be listed."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[0-9]+|[^A-Za-z0-9]+")
_LEAST_FOLDED = 2


def fold(actions: Iterable[str], catalogue: Actions) -> tuple[str, ...]:
    """The fewest patterns that match exactly these actions of the catalogue, sorted.

    Takes names as in an item of a difference. `SERVICE:*` stands for future actions of the service
    too, so it is used only where these are among the actions; `*` alone is everything. What the
    catalogue does not know stays as it is.
    """
    names = set(actions)
    if not names:
        return ()
    services: dict[str, set[str]] = {}
    for name in names:
        services.setdefault(name.partition(":")[0], set()).add(name)
    # Only what is everything holds the services that nobody knows yet.
    if "<other>" in services and names.issuperset(catalogue.universe()):
        unknown = names.difference(catalogue.universe())
        return ("*", *sorted(unknown))
    found = [
        text for service, own in services.items() for text in _service(service, own, catalogue)
    ]
    return tuple(sorted(found))


def actions_text(actions: Iterable[str], catalogue: Actions) -> str:
    """The folded actions in one line, in words where it is all of them."""
    return ", ".join(ALL_ACTIONS if text == "*" else text for text in fold(actions, catalogue))


def by_level(actions: Iterable[str], catalogue: Actions) -> Mapping[AccessLevel, int]:
    """How many actions there are of each level, riskiest first, without levels that have none.

    What the catalogue does not know counts as writing; what services do not have yet is not counted.
    """
    found: Counter[AccessLevel] = Counter()
    for name in actions:
        if not name.endswith(f":{FUTURE}"):
            known = catalogue.action(name)
            found[AccessLevel.WRITE if known is None else known.level] += 1
    return {level: found[level] for level in RISKIEST_FIRST if found[level]}


def _service(service: str, names: set[str], catalogue: Actions) -> Iterator[str]:
    known = catalogue.expand(f"{service}:*")
    future = f"{service}:{FUTURE}"
    if known and future in names and names.issuperset(known):
        yield f"{service}:*"
        yield from sorted(names.difference(known, {future}))
        return
    yield from sorted(names.difference(known))
    wanted = [name for name in known if name in names]
    yield from _prefixes(service, wanted, known, depth=1)


def _prefixes(
    service: str, wanted: Sequence[str], known: Sequence[str], *, depth: int
) -> Iterator[str]:
    """Patterns of `depth` words or more for the wanted ones among all of a service."""
    groups: dict[str, list[str]] = {}
    for name in wanted:
        groups.setdefault(_first_words(name.partition(":")[2], depth), []).append(name)
    for prefix, found in groups.items():
        start = f"{service}:{prefix}".lower()
        if len(found) < _LEAST_FOLDED:
            yield from found
        elif sum(name.lower().startswith(start) for name in known) == len(found):
            yield f"{service}:{prefix}*"
        else:
            whole = [name for name in found if len(name) == len(start)]
            yield from whole
            longer = [name for name in found if len(name) > len(start)]
            yield from _prefixes(service, longer, known, depth=depth + 1)


def _first_words(name: str, count: int) -> str:
    return "".join(_WORD.findall(name)[:count])
