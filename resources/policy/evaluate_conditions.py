"""Whether the Condition of a statement holds in a context, in three-valued logic.

All conditions of a statement must hold; of the values of one, any may match. A negated operator is
the negation of that, so that none of its values may match.
Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple
context keys or values" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from .condition_values import Values, read_values
from .context import Context, Missing, Value
from .document import Condition
from .operators import Family
from .truth import Truth, all_of, any_of, negate

_POSITIVE: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_FOR_ALL, _FOR_ANY = "ForAllValues", "ForAnyValue"


class KeyCondition:
    """One key under one operator: a condition of a statement, ready to be asked often."""

    __slots__ = ("_absent", "_key", "_negated", "_quantifier", "_values")

    def __init__(self, condition: Condition, *, variables: bool) -> None:
        operator = condition.operator
        positive = _POSITIVE.get(operator.name, operator.name)
        self._key = condition.key
        self._negated = positive != operator.name
        self._quantifier = operator.quantifier
        self._values: Values = read_values(
            positive, operator.family, condition.values, variables=variables
        )
        is_true = self._negated if not self._quantifier else self._quantifier == _FOR_ALL
        self._absent = operator.if_exists or is_true

    def holds(self, context: Context) -> Truth:
        """Whether the condition holds.

        A key that is absent makes a negated operator, one with IfExists and one with ForAllValues
        true, any other false. A multivalued key under an operator without a quantifier is false.
        """
        found = context.find(self._key)
        if found is Missing.UNKNOWN:
            return self._undecided(context)
        if found is Missing.ABSENT:
            return self._absent
        return self._compare(found, context)

    def _compare(self, found: Value, context: Context) -> Truth:
        if not self._quantifier:
            return self._takes(found, context) if isinstance(found, str) else False
        values = (found,) if isinstance(found, str) else found
        # A set operator takes an empty text for a set without values.
        if not any(values):
            return self._absent
        results = (self._takes(value, context) for value in values)
        return all_of(results) if self._quantifier == _FOR_ALL else any_of(results)

    def _takes(self, value: str, context: Context) -> Truth:
        truth = self._values.matches(value, context)
        return negate(truth) if self._negated else truth

    def _undecided(self, context: Context) -> Truth:
        """What an unknown key makes of the condition: often nothing, where all values agree."""
        match, miss = self._values.possible(context), not self._values.everything
        can_hold, can_fail = (miss, match) if self._negated else (match, miss)
        outcomes = {self._absent, *([True] if can_hold else []), *([False] if can_fail else [])}
        if len(outcomes) == 1:
            return outcomes.pop()
        return self._values.unknown(context) | {self._key}


class NullCondition:
    """Whether a key is absent (`true`) or present (`false`); a quantifier changes nothing."""

    __slots__ = ("_key", "_values")

    def __init__(self, condition: Condition) -> None:
        self._key = condition.key
        self._values = read_values("Null", Family.NULL, condition.values, variables=False)

    def holds(self, context: Context) -> Truth:
        """Whether the condition holds."""
        found = context.find(self._key)
        absent, present = (self._values.matches(text, context) for text in ("true", "false"))
        if found is Missing.UNKNOWN:
            return absent if absent == present else frozenset({self._key})
        return absent if found is Missing.ABSENT else present


CompiledCondition: TypeAlias = KeyCondition | NullCondition


def compile_condition(condition: Condition, *, variables: bool) -> CompiledCondition:
    """Read a condition once; `variables` says whether `${…}` in its values stands for a value."""
    if condition.operator.family is Family.NULL:
        return NullCondition(condition)
    return KeyCondition(condition, variables=variables)


def conditions_hold(conditions: tuple[CompiledCondition, ...], context: Context) -> Truth:
    """Whether all conditions of a statement hold; a statement without any applies always."""
    return all_of(condition.holds(context) for condition in conditions)
