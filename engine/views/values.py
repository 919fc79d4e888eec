"""Values of attributes and parameters in words. Pure text: no styles, no console."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

_OUTPUT = "$output"

_PLAIN = re.compile(r"[\w+=,.@:/*?$(){}\[\]#^~-]+")


def label(name: str) -> str:
    """An attribute's name as people write it."""
    return name.replace("_", " ")


def text_of(value: Any) -> str:
    """A value in words: texts in quotes where they would run into what stands around them."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case Mapping():
            return _mapping(cast("Mapping[str, Any]", value))
        case list() | tuple():
            return _sequence(cast("Sequence[Any]", value))
        case _:
            return str(value)


def _mapping(value: Mapping[str, Any]) -> str:
    if _OUTPUT in value:
        return f"<{value.get('path')} of {value[_OUTPUT]}>"
    return ", ".join(f"{key} = {text_of(item)}" for key, item in value.items()) or "none"


def _sequence(value: Sequence[Any]) -> str:
    return ", ".join(text_of(item) for item in tag_pairs(value) or value) or "none"


def tag_pairs(value: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
    """A list of AWS's pairs of Key and Value as mappings of one key; empty for any other list."""
    pairs = [as_mapping(item) for item in value if set(as_mapping(item)) == {"Key", "Value"}]
    return [{str(p["Key"]): p["Value"]} for p in pairs] if len(pairs) == len(value) else []


def as_mapping(value: Any) -> Mapping[str, Any]:
    """A value that should be an object; empty where it is something else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def as_items(value: Any) -> Sequence[Any]:
    """The items of a list; any other value is one by itself."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else (value,)


def are_lists(*values: Any) -> bool:
    """Whether all values are lists."""
    return all(isinstance(value, list | tuple) for value in values)


def is_document(value: Any) -> bool:
    """Whether a value is a policy document."""
    return isinstance(value, Mapping) and "Statement" in value


def parsed_document(value: Any) -> Mapping[str, Any] | None:
    """The policy document that a text holds; None for any other value."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", document) if is_document(document) else None


def many(count: int, one: str, more: str = "") -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def joined(words: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def seconds(value: float) -> str:
    """A duration: `0.4s`, `12s`, `2m 05s`."""
    if value < 9.95:
        return f"{value:.1f}s"
    if value < 59.5:
        return f"{value:.0f}s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}m {rest:02d}s"


def when(time: str) -> str:
    """A time for people, `2026-01-02 15:04:05 UTC`; what is in another form stays as it is."""
    day, separator, rest = time.partition("T")
    clock, utc, after = rest.partition("Z")
    return f"{day} {clock.partition('.')[0]} UTC" if separator and utc and not after else time
