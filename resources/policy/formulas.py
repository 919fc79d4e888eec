"""Whether one set of statements allows what another does not, over all that conditions may say.

Each side allows where, in each of its layers, one Allow holds and no Deny does; each statement is a
conjunction of literals. The question is put to a truth table over the atoms, without the rows that
the meaning of the conditions rules out. Its answer is conditions under which there is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from .atoms import Atom, Conjunction, Literal, Question
from .condition_theory import possible

MOST_ATOMS = 14
"""The atoms of one truth table."""

MOST_CUBES = 32
"""The ways to a difference that are told apart."""

Rows: TypeAlias = int
"""A set of rows of a truth table: bit i for the row whose atoms are the bits of i."""

_NOTHING: Conjunction = frozenset()


@dataclass(frozen=True, slots=True)
class Layer:
    """Statements of which one Allow must hold, and no Deny."""

    allows: frozenset[Conjunction]
    denies: frozenset[Conjunction]


Side: TypeAlias = tuple[Layer, ...]
"""Layers that must all allow."""


@dataclass(frozen=True, slots=True)
class Way:
    """Literals under which there is a difference. Not `exact`: there may be none in truth."""

    literals: Conjunction
    exact: bool = True


def satisfiable(new: Side, old: Side) -> bool:
    """Whether a request may exist that `new` allows and `old` does not; in doubt True."""
    return bool(difference(new, old))


@lru_cache(maxsize=1 << 14)
def difference(new: Side, old: Side) -> tuple[Way, ...]:
    """The ways in which `new` allows what `old` does not; none if that is impossible."""
    new, old = _simplified(new), _simplified(old)
    if new == old or not _worth_asking(new, old):
        return ()
    atoms = _atoms((*new, *old))
    if len(atoms) > MOST_ATOMS:
        return _by_statement(new, old)
    table = _Table(atoms)
    rows = table.allowed(new) & ~table.allowed(old) & table.possible
    return tuple(table.ways(rows))


def _simplified(side: Side) -> Side:
    return tuple(Layer(_weakest(layer.allows), _weakest(layer.denies)) for layer in side)


def _weakest(found: frozenset[Conjunction]) -> frozenset[Conjunction]:
    """Without those that ask for more than another does."""
    if len(found) < 2:
        return found
    if _NOTHING in found:
        return frozenset({_NOTHING})
    return frozenset(one for one in found if not any(other < one for other in found))


def _worth_asking(new: Side, old: Side) -> bool:
    """Whether the new side can allow anything, and the old side not everything."""
    can = all(layer.allows and _NOTHING not in layer.denies for layer in new)
    always = all(_NOTHING in layer.allows and not layer.denies for layer in old)
    return can and not always


def _atoms(layers: Iterable[Layer]) -> tuple[Atom, ...]:
    """The atoms, and where one asks "or absent" the question for just that, to say it by."""
    all_atoms = [
        literal.atom
        for layer in layers
        for conjunction in (*layer.allows, *layer.denies)
        for literal in conjunction
    ]
    # Of equal atoms the first stays, whose key may be spelt in another case.
    found = dict.fromkeys(sorted(all_atoms, key=lambda atom: atom.label)).keys()
    absent = {
        Atom(Question.ABSENT, "Null", atom.key, frozenset(), label=atom.label)
        for atom in found
        if atom.or_absent
    }
    both = found | absent
    return tuple(sorted(both if len(both) <= MOST_ATOMS else found, key=_order))


def _order(atom: Atom) -> tuple[str, str, str, bool, list[str]]:
    values = sorted(f"{value.text} {value.live}" for value in atom.values)
    return atom.key, atom.question, atom.operator, atom.or_absent, values


def _by_statement(new: Side, old: Side) -> tuple[Way, ...]:
    """Each Allow that the old side does not surely contain, as a way that may be one."""
    denied = frozenset(deny for layer in new for deny in layer.denies)
    as_limited = all(_covered(layer.denies, denied) for layer in old) and all(
        _covered(limit.allows, former.allows)
        for limit, former in zip(new[1:], old[1:], strict=True)
    )
    return tuple(
        Way(allow, exact=False)
        for allow in sorted(new[0].allows, key=_sortable)
        if not (as_limited and _covered((allow,), old[0].allows))
    )


def _covered(found: Iterable[Conjunction], by: Iterable[Conjunction]) -> bool:
    """Whether each of these implies one of the others."""
    others = tuple(by)
    return all(any(other <= one for other in others) for one in found)


def _sortable(conjunction: Conjunction) -> list[tuple[tuple[str, str, str, bool, list[str]], bool]]:
    return sorted((_order(literal.atom), literal.holds) for literal in conjunction)


@lru_cache(maxsize=64)
def _columns(count: int) -> tuple[Rows, ...]:
    """For each atom the rows in which it is true."""
    columns: list[Rows] = []
    for index in range(count):
        half = 1 << index
        block = ((1 << half) - 1) << half
        repeats = ((1 << (1 << count)) - 1) // ((1 << 2 * half) - 1)
        columns.append(block * repeats)
    return tuple(columns)


class _Table:
    """The truth table of some atoms."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._atoms = tuple(atoms)
        self._index = {atom: index for index, atom in enumerate(atoms)}
        self._columns = _columns(len(atoms))
        self._all: Rows = (1 << (1 << len(atoms))) - 1
        self.possible = self._possible()

    def _possible(self) -> Rows:
        rows = self._all
        for atoms in _by_key(self._atoms).values():
            vectors = possible(atoms)
            if vectors is not None:
                rows &= self._any_of(atoms, vectors)
        return rows

    def _any_of(self, atoms: Sequence[Atom], vectors: Iterable[int]) -> Rows:
        rows: Rows = 0
        for vector in vectors:
            literals = (Literal(atom, bool(vector >> i & 1)) for i, atom in enumerate(atoms))
            rows |= self._where(literals)
        return rows

    def _where(self, literals: Iterable[Literal]) -> Rows:
        rows = self._all
        for literal in literals:
            column = self._columns[self._index[literal.atom]]
            rows &= column if literal.holds else ~column
        return rows

    def _union(self, conjunctions: Iterable[Conjunction]) -> Rows:
        rows: Rows = 0
        for conjunction in conjunctions:
            rows |= self._where(conjunction)
        return rows

    def allowed(self, side: Side) -> Rows:
        """The rows in which a side allows."""
        rows = self._all
        for layer in side:
            rows &= self._union(layer.allows) & ~self._union(layer.denies)
        return rows

    def ways(self, rows: Rows) -> Iterable[Way]:
        """Conjunctions that together hold in just these rows, as far as rows are possible.

        Each asks for as little as can be, and rather for what holds than for what does not.
        """
        left, count = rows, 0
        while left:
            if count == MOST_CUBES:
                yield Way(_NOTHING, exact=False)
                return
            row = (left & -left).bit_length() - 1
            literals = self._shortest(row, rows)
            left &= ~self._where(literals)
            count += 1
            yield Way(frozenset(literals), exact=_is_exact(literals))

    def _shortest(self, row: int, rows: Rows) -> tuple[Literal, ...]:
        """The fewest literals of a row, each needed, that hold in these rows only."""
        impossible = ~self.possible
        literals = [Literal(atom, bool(row >> i & 1)) for i, atom in enumerate(self._atoms)]
        for literal in sorted(literals, key=_dispensable):
            others = [other for other in literals if other is not literal]
            if not self._where(others) & ~(rows | impossible):
                literals = others
        return tuple(literals)


def _dispensable(literal: Literal) -> bool:
    """What does not hold is left out first."""
    return literal.holds


def _is_exact(literals: Iterable[Literal]) -> bool:
    """Whether a variable is asked about alone: then there are values for either answer."""
    atoms = [literal.atom for literal in literals]
    return not any(
        _has_variable(atom) and any(other.key == atom.key for other in atoms if other is not atom)
        for atom in atoms
    )


def _has_variable(atom: Atom) -> bool:
    return any(value.is_variable for value in atom.values)


def _by_key(atoms: Iterable[Atom]) -> Mapping[str, tuple[Atom, ...]]:
    found: dict[str, tuple[Atom, ...]] = {}
    for atom in atoms:
        if atom.question is not Question.RESOURCE:
            found[atom.key] = (*found.get(atom.key, ()), atom)
    return found
