"""How condition keys and their values are written.

Only a value that can never match is a fault; whether a service sends a key is not known here.
Sources: IAM user guide, "IAM JSON policy elements: Condition" and "… Condition operators".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .faults import Fault
from .operators import Family, Operator, parse_operator
from .shape import VERSION_2012
from .syntax import variable_faults
from .values import JsonPath, describe, exact_number, is_map, is_number, items, quoted

_KEY = re.compile(r"[^\s:]+:\S(?:.*\S)?")
_DATE = re.compile(
    r"-?[0-9]{4,9}(?:-[0-9]{2}(?:-[0-9]{2}(?:[Tt][0-9:.]+(?:[Zz]|[-+][0-9:]+)?)?)?)?"
)
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?")

_WANTED: Mapping[Family, tuple[str, str]] = {
    Family.NUMERIC: ("a number", ""),
    Family.DATE: ("a date", "write for example 2030-01-31T00:00:00Z, or seconds since 1970"),
    Family.BOOL: ("true or false", ""),
    Family.NULL: ("true or false", "true asks that the key is absent"),
    Family.IP: ("an address or a CIDR range", "write for example 203.0.113.0/24"),
}


def condition_faults(
    condition: Mapping[str, Any], path: JsonPath, version: object
) -> Iterator[Fault]:
    """What is wrong with the keys and values of a Condition, as far as it has the right shape."""
    seen: set[tuple[str, str]] = set()
    for name, keys in condition.items():
        operator = parse_operator(name)
        if operator is None or not is_map(keys):
            continue
        for key, value in keys.items():
            place = (*path, name, key)
            if (same := (str(operator), key.lower())) in seen:
                summary = f"{name} {key} stands there twice, in different case"
                yield Fault(place, "duplicate-key", summary, "join the values into one list")
            seen.add(same)
            yield from _key_faults(key, place)
            yield from _value_faults(operator, value, place, version)


def _key_faults(key: str, path: JsonPath) -> Iterator[Fault]:
    if not _KEY.fullmatch(key):
        summary = f"{quoted(key)} is not a condition key"
        yield Fault(path, "bad-condition-key", summary, "write for example aws:SourceAccount")


def _value_faults(
    operator: Operator, value: Any, path: JsonPath, version: object
) -> Iterator[Fault]:
    for place, item in items(value, path):
        if isinstance(item, str) and "${" in item and version == VERSION_2012:
            yield from variable_faults(item, place)
        elif (isinstance(item, str | bool) or is_number(item)) and not _fits(operator.family, item):
            wanted, hint = _WANTED[operator.family]
            summary = f"{operator} compares with {wanted}, not with {describe(item)}"
            yield Fault(place, "bad-value", summary, hint)


def _fits(family: Family, value: object) -> bool:
    match family:
        case Family.NUMERIC:
            return is_number(value) or (isinstance(value, str) and exact_number(value) is not None)
        case Family.DATE:
            return is_number(value) or (isinstance(value, str) and _is_date(value))
        case Family.BOOL | Family.NULL:
            return isinstance(value, bool) or str(value).lower() in {"true", "false"}
        case Family.IP:
            return isinstance(value, str) and _is_network(value)
        case _:
            return True


def _is_date(text: str) -> bool:
    return text.isascii() and (text.isdecimal() or _DATE.fullmatch(text) is not None)


def _is_network(text: str) -> bool:
    if not _ADDRESS.fullmatch(text):
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
