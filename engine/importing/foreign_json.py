"""Another tool's JSON, read: what is of the wrong type counts as not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

Json = Mapping[str, Any]


def part(value: object, key: str) -> object:
    """What an object has under a key; None where it has nothing or is no object."""
    return cast("Json", value).get(key) if isinstance(value, Mapping) else None


def inner(value: object, key: str) -> Json:
    """The object that an object has under a key; empty where it has none."""
    found = part(value, key)
    return cast("Json", found) if isinstance(found, Mapping) else {}


def text(value: object, key: str) -> str:
    """The text that an object has under a key; empty where it has none."""
    found = part(value, key)
    return found if isinstance(found, str) else ""


def texts(value: object, key: str) -> Sequence[str]:
    """The texts in the list that an object has under a key; empty where it has none."""
    found = part(value, key)
    every = cast("list[object]", found) if isinstance(found, list) else []
    return [one for one in every if isinstance(one, str)]
