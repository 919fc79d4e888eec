"""One spelling for the values of an element that mean the same to AWS.

A key stands for a value: equal keys for equal meaning. The key of a text is its canonical spelling;
what is no text keeps its type, but for numbers and booleans under an operator that compares such.
Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "AWS JSON policy elements:
Principal" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from .operators import Family, Operator
from .values import exact_number, is_number, json_text, number_text

Key: TypeAlias = str | tuple[str, str]
"""The canonical spelling of a text, or the type and the spelling of another value."""

BOOLEAN, NUMBER, RAW = "boolean", "number", "raw"
NOTHING: Key = (RAW, "")
"""What an empty list holds: it matches nothing, where an element that is not there is not asked."""

_ROOT_ARN = re.compile(r"arn:[^:]*:iam::([0-9]{12}):root")
_VARIABLE_NAME = re.compile(r"\$\{[^{},]*")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[-+][0-9]{2}:?[0-9]{2})"
)
_ADDRESS = re.compile(r"[0-9.]+(?:/[0-9]{1,2})?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]{1,3})?")


def plain_key(value: Any) -> Key:
    """The key of a value that AWS takes as it is written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return (BOOLEAN, str(value).lower())
    if is_number(value):
        text = number_text(value)
        return (NUMBER, exact_number(text) or text)
    return (RAW, json_text(value))


def action_key(value: Any) -> Key:
    """The key of an action: service and name ignore case, and `*:*` is `*`."""
    if not isinstance(value, str):
        return plain_key(value)
    return "*" if value == "*:*" else value.lower()


def aws_principal_key(value: Any) -> Key:
    """The key of an AWS principal: an account's id stands for its root ARN too."""
    if isinstance(value, str) and (match := _ROOT_ARN.fullmatch(value)) is not None:
        return match[1]
    return plain_key(value)


def variable_key(value: Any) -> Key:
    """The key of a text in which `${…}` stands for a value: the names of variables ignore case."""
    if isinstance(value, str) and "${" in value:
        return _VARIABLE_NAME.sub(lambda match: match[0].lower(), value)
    return plain_key(value)


def condition_key(operator: Operator, value: Any, *, variables: bool) -> Key:
    """The key of a condition's value under an operator."""
    key = _family_key(operator.family, value)
    return variable_key(key) if variables and isinstance(key, str) else key


def _family_key(family: Family, value: Any) -> Key:
    match family:
        case Family.BOOL | Family.NULL if isinstance(value, bool | str):
            text = str(value).lower()
            return text if text in {"true", "false"} else plain_key(value)
        case Family.NUMERIC | Family.DATE if is_number(value):
            return plain_key(value)[1]
        case Family.NUMERIC if isinstance(value, str):
            return exact_number(value) or value
        case Family.DATE if isinstance(value, str):
            return exact_number(value) or _instant(value)
        case Family.IP if isinstance(value, str):
            return _network(value)
        case _:
            return plain_key(value)


def _instant(text: str) -> str:
    if not _DATE.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _network(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        return text
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


def value_of(key: Key) -> Any:
    """A value that has this key."""
    match key:
        case str():
            return key
        case (kind, text) if kind == BOOLEAN:
            return text == "true"
        case (kind, text) if kind == NUMBER:
            return int(text) if text.lstrip("-").isdecimal() else Decimal(text)
        case (_, text):
            return json.loads(text)
