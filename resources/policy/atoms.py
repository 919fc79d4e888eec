"""Conditions as literals: a question about one key of the request, and whether it is denied.

An operator and its opposite share an atom: StringNotEquals is the denied atom of StringEquals, and
ForAllValues the denied atom of "some value is another". A statement's conditions are the set of its
literals, which must all hold.
Sources: IAM user guide, "IAM JSON policy elements: Condition", "… Condition operators" and "Set
operators for multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from .canonical_values import condition_key
from .document import Condition
from .globs import has_variable
from .operators import IF_EXISTS, OPERATORS, Family, Operator


class Question(StrEnum):
    """What an atom asks.

    MATCH: the key has one value, and it matches. ANY, OTHER: a value of the key matches, or does
    not match. ABSENT: the request has not the key. RESOURCE: the resource matches a pattern.
    """

    MATCH = "match"
    ANY = "any"
    OTHER = "other"
    ABSENT = "absent"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a condition, in one spelling. `live`: a `${…}` in it is not just text."""

    text: str
    live: bool = False

    @property
    def is_variable(self) -> bool:
        """Whether the policy does not say what it is."""
        return self.live and has_variable(self.text)


@dataclass(frozen=True, slots=True)
class Atom:
    """A question about a request.

    `operator` is one that asks for a match, `key` is in lower case, `or_absent` adds "or the key is
    not there" (IfExists). A pattern of resources is the only value of its atom, without a key.
    """

    question: Question
    operator: str
    key: str
    values: frozenset[Value]
    or_absent: bool = False
    label: str = field(default="", compare=False)

    @property
    def family(self) -> Family:
        return OPERATORS[self.operator]


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom that must hold, or must not."""

    atom: Atom
    holds: bool = True


Conjunction: TypeAlias = frozenset[Literal]
"""Literals that must all hold; empty for what is always so."""

_OPPOSITES: Mapping[str, str] = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnLike": "ArnNotLike",
}
_POSITIVE = {**{no: yes for yes, no in _OPPOSITES.items()}, "ArnEquals": "ArnLike"}
_POSITIVE["ArnNotEquals"] = "ArnLike"
_NEGATED = frozenset({*_OPPOSITES.values(), "ArnNotEquals"})


def conjunction(conditions: Iterable[Condition], *, variables: bool) -> Conjunction | None:
    """The literals of a statement's conditions, or None if they can never hold.

    `variables`: whether `${…}` stands for a value.
    """
    found: set[Literal] = set()
    for condition in conditions:
        literal = _literal(condition, variables=variables)
        if literal is False:
            return None
        if literal is not True:
            found.add(literal)
    return (
        None
        if any(Literal(each.atom, not each.holds) in found for each in found)
        else frozenset(found)
    )


def _literal(condition: Condition, *, variables: bool) -> Literal | bool:
    """The literal of a condition, or True or False for one that always or never holds."""
    operator, key = condition.operator, condition.key
    if operator.family is Family.NULL:
        return _presence(key, condition.values)
    values = frozenset(_value(operator, text, variables=variables) for text in condition.values)
    name, denied = _POSITIVE.get(operator.name, operator.name), operator.name in _NEGATED
    name = _simplest(name, values)
    question, holds = Question.MATCH, not denied
    if operator.quantifier:
        # All values match if none is another.
        holds = operator.quantifier != "ForAllValues"
        question = Question.OTHER if denied == holds else Question.ANY
    elif not values and (denied or not operator.if_exists):
        return denied
    # Without the key, what is denied holds anyway.
    or_absent = operator.if_exists and holds
    return Literal(Atom(question, name, key.lower(), values, or_absent, label=key), holds=holds)


def _presence(key: str, texts: Iterable[str]) -> Literal | bool:
    wanted = {text.lower() for text in texts} & {"true", "false"}
    if len(wanted) != 1:
        return bool(wanted)
    atom = Atom(Question.ABSENT, "Null", key.lower(), frozenset(), label=key)
    return Literal(atom, holds="true" in wanted)


def _value(operator: Operator, text: str, *, variables: bool) -> Value:
    live = variables and "${" in text
    found = condition_key(operator, text, variables=live)
    spelled = found if isinstance(found, str) else found[1]
    if operator.name.endswith("IgnoreCase") and not live:
        spelled = spelled.lower()
    return Value(spelled, live)


def _simplest(name: str, values: Iterable[Value]) -> str:
    """StringLike without a wildcard is StringEquals."""
    wild = any("*" in value.text or "?" in value.text for value in values)
    return "StringEquals" if name == "StringLike" and not wild else name


def entry(literal: Literal) -> dict[str, Any]:
    """A literal as a condition that people know, ready for JSON.

    `operator`, `key` and `values`; `negated` is there, and true, where AWS has no operator for the
    opposite.
    """
    atom, holds = literal.atom, literal.holds
    values = sorted(value.text for value in atom.values)
    if atom.question is Question.ABSENT:
        return _entry("Null", atom, ["true" if holds else "false"])
    operator, negated = _spelled(atom, holds=holds)
    return _entry(operator, atom, values, negated=negated)


def _spelled(atom: Atom, *, holds: bool) -> tuple[str, bool]:
    """An operator for a literal, and whether it must be denied."""
    name, opposite = atom.operator, _OPPOSITES.get(atom.operator)
    suffix = IF_EXISTS if atom.or_absent else ""
    if atom.question is Question.MATCH:
        if holds or not opposite or atom.or_absent:
            return f"{name}{suffix}", not holds
        return opposite, False
    for_any, for_all = (name, opposite) if atom.question is Question.ANY else (opposite, name)
    if for_all and not atom.or_absent and not (holds and for_any):
        return f"ForAllValues:{for_all}", holds
    return f"ForAnyValue:{for_any}{suffix}", not holds


def _entry(
    operator: str, atom: Atom, values: list[str], *, negated: bool = False
) -> dict[str, Any]:
    found: dict[str, Any] = {"operator": operator, "key": atom.label or atom.key, "values": values}
    return {**found, "negated": True} if negated else found
