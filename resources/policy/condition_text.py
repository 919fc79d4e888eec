"""Conditions of an access in one line, by the names that policies use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def conditions_text(conditions: Iterable[Mapping[str, Any]]) -> str:
    """` if aws:SourceIp IpAddress 10.0.0.0/8`, with a blank before; empty without conditions.

    Takes the objects with `operator`, `key`, `values` and `negated` of an `AccessItem`.
    """
    said = [_text(condition) for condition in conditions]
    return f" if {' and '.join(said)}" if said else ""


def _text(condition: Mapping[str, Any]) -> str:
    values = " or ".join(condition["values"]) or "nothing"
    said = f"{condition['key']} {condition['operator']} {values}"
    return f"not ({said})" if condition.get("negated") else said
