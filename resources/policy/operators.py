"""The condition operators of IAM.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for
multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Family(StrEnum):
    """What the values of an operator are."""

    STRING = "string"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    ARN = "arn"
    NULL = "null"


OPERATORS: Mapping[str, Family] = {
    "StringEquals": Family.STRING,
    "StringNotEquals": Family.STRING,
    "StringEqualsIgnoreCase": Family.STRING,
    "StringNotEqualsIgnoreCase": Family.STRING,
    "StringLike": Family.STRING,
    "StringNotLike": Family.STRING,
    "NumericEquals": Family.NUMERIC,
    "NumericNotEquals": Family.NUMERIC,
    "NumericLessThan": Family.NUMERIC,
    "NumericLessThanEquals": Family.NUMERIC,
    "NumericGreaterThan": Family.NUMERIC,
    "NumericGreaterThanEquals": Family.NUMERIC,
    "DateEquals": Family.DATE,
    "DateNotEquals": Family.DATE,
    "DateLessThan": Family.DATE,
    "DateLessThanEquals": Family.DATE,
    "DateGreaterThan": Family.DATE,
    "DateGreaterThanEquals": Family.DATE,
    "Bool": Family.BOOL,
    "BinaryEquals": Family.BINARY,
    "IpAddress": Family.IP,
    "NotIpAddress": Family.IP,
    "ArnEquals": Family.ARN,
    "ArnLike": Family.ARN,
    "ArnNotEquals": Family.ARN,
    "ArnNotLike": Family.ARN,
    "Null": Family.NULL,
}

QUANTIFIERS = ("ForAllValues", "ForAnyValue")
IF_EXISTS = "IfExists"

_NAMES = {name.lower(): name for name in OPERATORS}
_QUANTIFIERS = {name.lower(): name for name in QUANTIFIERS}
_SAME = {"ArnLike": "ArnEquals", "ArnNotLike": "ArnNotEquals"}


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator: `ForAnyValue:StringLikeIfExists` has name `StringLike`.

    `quantifier` is `ForAllValues`, `ForAnyValue` or empty.
    """

    name: str
    quantifier: str = ""
    if_exists: bool = False

    @property
    def family(self) -> Family:
        return OPERATORS[self.name]

    @property
    def canonical(self) -> str:
        """One spelling for all operators that do the same: AWS treats ArnLike like ArnEquals."""
        return str(
            Operator(_SAME.get(self.name, self.name), self.quantifier, self.if_exists)
        ).lower()

    def __str__(self) -> str:
        quantifier = f"{self.quantifier}:" if self.quantifier else ""
        return f"{quantifier}{self.name}{IF_EXISTS if self.if_exists else ''}"


@lru_cache(maxsize=1024)
def parse_operator(text: str) -> Operator | None:
    """Read an operator in any case; None where AWS knows none such, as for `NullIfExists`."""
    head, colon, rest = text.lower().rpartition(":")
    if colon and head not in _QUANTIFIERS:
        return None
    base = rest.removesuffix(IF_EXISTS.lower())
    name = _NAMES.get(base)
    if_exists = base != rest
    if name is None or (if_exists and OPERATORS[name] is Family.NULL):
        return None
    return Operator(name, _QUANTIFIERS[head] if colon else "", if_exists)
