"""What can be true together of conditions on one key.

A request either has not the key, or has one value, or several (or none) of them. For each of these,
the values fall into regions by which conditions match them: texts and ARNs by their globs, numbers
and dates by intervals, addresses by networks. What no region allows can't happen. In doubt a
combination is allowed, which can only add to a difference, never hide one.
Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "… Operator IfExists" and
"Set operators for multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, TypeAlias

from .atoms import Atom, Question, Value
from .condition_values import (
    Network,
    read_boolean,
    read_bytes,
    read_instant,
    read_network,
    read_number,
    within,
)
from .glob_regions import regions
from .globs import Glob, GlobKind, matches, read_glob
from .operators import Family

Vector: TypeAlias = int
"""Which atoms of a list are true: bit i for atom i."""

_MOST_VARIABLES = 4
_MOST_VECTORS = 4096
_QUANTIFIED = frozenset({Question.ANY, Question.OTHER})
_TEXTS = frozenset({Family.STRING, Family.ARN})
_KINDS: Mapping[str, GlobKind] = {
    "StringEquals": GlobKind.LITERAL,
    "StringEqualsIgnoreCase": GlobKind.LITERAL_IGNORE_CASE,
    "StringLike": GlobKind.TEXT,
    "ArnLike": GlobKind.ARN,
}
# By the places of values in their order.
_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "Equals": lambda sample, value: sample == value,
    "LessThan": lambda sample, value: sample < value,
    "LessThanEquals": lambda sample, value: sample <= value,
    "GreaterThan": lambda sample, value: sample > value,
    "GreaterThanEquals": lambda sample, value: sample >= value,
}


@lru_cache(maxsize=4096)
def possible(atoms: tuple[Atom, ...]) -> frozenset[Vector] | None:
    """The truth values that atoms of one key may have together; None if nothing is known."""
    matching = _one_value(atoms)
    if matching is None:
        return None
    absent = _bits(atoms, lambda atom: atom.or_absent or atom.question is Question.ABSENT)
    quantified = _bits(atoms, lambda atom: atom.question in _QUANTIFIED)
    others = _bits(atoms, lambda atom: atom.question is Question.OTHER)
    present = ~_bits(atoms, lambda atom: atom.question is Question.ABSENT)
    single = {(accepts ^ others) & present for accepts in matching}
    several = _unions({vector & quantified for vector in single})
    if several is None:
        return None
    # Set operators take an empty text, and a key without values, for a key that is not there.
    nothing = {vector & present & ~quantified | absent & quantified for vector in _empty(atoms)}
    return frozenset({absent} | single | several | nothing)


def _empty(atoms: Sequence[Atom]) -> Iterator[Vector]:
    """The atoms that the empty text matches, for certain and at most; and what nothing matches."""
    globs = [
        (index, value, read_glob(value.text, _KINDS[atom.operator], live=value.live))
        for index, atom in enumerate(atoms)
        if atom.question is Question.MATCH and atom.operator in _KINDS
        for value in atom.values
    ]
    matched = [(index, value) for index, value, glob in globs if matches(glob, "")]
    yield 0
    yield _joined(1 << index for index, value in matched if not value.is_variable)
    yield _joined(1 << index for index, _ in matched)


def _bits(atoms: Sequence[Atom], test: Callable[[Atom], bool]) -> Vector:
    return _joined(1 << index for index, atom in enumerate(atoms) if test(atom))


def _joined(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


def _unions(vectors: Iterable[Vector]) -> set[Vector] | None:
    """What several values make true of conditions that ask for one of them; also no value at all."""
    found = {0}
    for vector in vectors:
        found |= {other | vector for other in found}
        if len(found) > _MOST_VECTORS:
            return None
    return found


def _one_value(atoms: tuple[Atom, ...]) -> set[Vector] | None:
    """For each sort of value, which atoms it matches. A value may be of several sorts, or none."""
    by_family: dict[Family, list[int]] = {}
    for index, atom in enumerate(atoms):
        if atom.question is not Question.ABSENT:
            family = Family.STRING if atom.family in _TEXTS else atom.family
            by_family.setdefault(family, []).append(index)
    found = {0}
    for family, indexes in by_family.items():
        part = _family(family, [atoms[index] for index in indexes])
        if part is None or len(part) * len(found) > _MOST_VECTORS:
            return None
        spread = {sum(1 << index for i, index in enumerate(indexes) if v >> i & 1) for v in part}
        found = {one | other for one in found for other in spread}
    return found


def _family(family: Family, atoms: Sequence[Atom]) -> set[Vector] | None:
    """The atoms of a family that a value can match together."""
    values = {value for atom in atoms for value in atom.values if value.is_variable}
    if len(values) > _MOST_VARIABLES:
        return None
    texts = family is Family.STRING
    matched = _matched_texts(atoms) if texts else _matched_points(family, atoms)
    if matched is None:
        return None
    return {
        _vector(atoms, certain | frozenset(chosen))
        for certain, open_ in matched
        for size in range(len(open_) + 1)
        for chosen in combinations(open_, size)
    }


Pair: TypeAlias = tuple[str, Value]
"""An operator and one of its values."""

Matched: TypeAlias = tuple[frozenset[Pair], tuple[Pair, ...]]
"""Which pairs a value matches for certain, and which it may match, since they have variables."""


def _vector(atoms: Sequence[Atom], pairs: frozenset[Pair]) -> Vector:
    return _bits(atoms, lambda atom: any((atom.operator, value) in pairs for value in atom.values))


def _pairs(atoms: Iterable[Atom]) -> list[Pair]:
    return list(dict.fromkeys((atom.operator, value) for atom in atoms for value in atom.values))


def _matched_texts(atoms: Sequence[Atom]) -> list[Matched] | None:
    of_glob: dict[Glob, list[Pair]] = {}
    for operator, value in _pairs(atoms):
        if operator != "ArnLike" or _is_arn(value):
            glob = read_glob(value.text, _KINDS[operator], live=value.live)
            of_glob.setdefault(glob, []).append((operator, value))
    found = regions(tuple(of_glob))
    if found is None:
        return None
    groups = list(of_glob.values())
    matched: list[Matched] = []
    for region in found:
        inside = [
            pair for i, group in enumerate(groups) if region.accepts >> i & 1 for pair in group
        ]
        open_ = tuple(pair for pair in inside if pair[1].is_variable)
        matched.append((frozenset(inside).difference(open_), open_))
    return matched


def _is_arn(value: Value) -> bool:
    """Whether an ARN has six parts, without which it matches nothing."""
    return value.is_variable or not value.text.strip("*") or value.text.count(":") >= 5


def _matched_points(family: Family, atoms: Sequence[Atom]) -> list[Matched]:
    """What a value matches that can be read as one of the family.

    What can't be read matches nothing, on either side. So does a value with a variable, which only
    texts and ARNs may have.
    """
    read = {pair: _READERS[family](pair[1].text) for pair in _pairs(atoms)}
    known = {pair: value for pair, value in read.items() if value is not None}
    sets = _networks(known) if family is Family.IP else _points(known)
    return [(frozenset(), ()), *((frozenset(found), ()) for found in sets)]


_READERS: Mapping[Family, Callable[[str], Any]] = {
    Family.NUMERIC: read_number,
    Family.DATE: read_instant,
    Family.IP: read_network,
    Family.BOOL: read_boolean,
    Family.BINARY: read_bytes,
}


def _points(known: Mapping[Pair, Any]) -> Iterator[set[Pair]]:
    """What the values match, and what lies before, between and behind them."""
    order = sorted(set(known.values()))
    ranks = {value: 2 * index + 1 for index, value in enumerate(order)}
    for sample in range(2 * len(order) + 1):
        yield {pair for pair, value in known.items() if _compares(pair[0], sample, ranks[value])}


def _compares(operator: str, sample: int, value: int) -> bool:
    name = operator.removeprefix("Numeric").removeprefix("Date")
    return _COMPARISONS[name if name in _COMPARISONS else "Equals"](sample, value)


def _networks(known: Mapping[Pair, Network]) -> Iterator[set[Pair]]:
    """The pairs around each network, as far as smaller ones leave anything of it."""
    networks = set(known.values())
    for network in networks:
        inner = [other for other in networks if other != network and within(other, network)]
        outermost = [net for net in inner if not any(within(net, o) for o in inner if o != net)]
        if sum(other.num_addresses for other in outermost) < network.num_addresses:
            yield {pair for pair, value in known.items() if within(network, value)}
