"""JSON values: what sort one is, the items of an element, and how a value is named in a message.

Knows no policy. All functions take any value at all and raise nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypeGuard

from ..diagnostics import nearest

JsonPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes that lead from a document to a value in it, as the document is written."""

Number: TypeAlias = int | float | Decimal

# Asking for dict first is ten times as fast, and almost all objects are.
_MAPS = (dict, Mapping)
_LONGEST_QUOTE = 80
_NUMBER = re.compile(
    r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?(?:[eE](?P<power>[-+]?[0-9]{1,6}))?"
)


def is_map(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, _MAPS)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list | tuple)


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a JSON number; true and false are none."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def as_items(value: Any) -> Sequence[Any]:
    """The items of an element, which may hold a single one without a list."""
    return value if is_list(value) else (value,)


def items(value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, Any]]:
    """The items of an element, each with its path."""
    if is_list(value):
        for index, item in enumerate(value):
            yield (*path, index), item
    else:
        yield path, value


def texts(value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, str]]:
    """The items of an element that are text, each with its path."""
    return ((place, item) for place, item in items(value, path) if isinstance(item, str))


def describe(value: object) -> str:
    """What sort of value something is, in words."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if is_number(value):
        return f"the number {shortened(number_text(value))}"
    if is_map(value):
        return "an object"
    if is_list(value):
        return "a list"
    return "null" if value is None else f"a {type(value).__name__}"


def shortened(text: str) -> str:
    """A text that fits into a message and that every terminal can print."""
    cut = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return cut.encode("utf-8", "backslashreplace").decode("utf-8")


def quoted(text: str) -> str:
    """A text in quotes, as JSON writes it, for a message."""
    return shortened(json.dumps(text, ensure_ascii=False))


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the known word that differs in case only or is near, else nothing."""
    words = list(known)
    folded = word.casefold()
    near = next((other for other in words if other.casefold() == folded), nearest(word, words))
    return f'did you mean "{near}"?' if near else ""


def number_text(value: Number) -> str:
    """A number as text, to the last digit."""
    try:
        return str(value)
    except ValueError:  # Python prints no integer of more than some thousand digits
        return hex(int(value))


def exact_number(text: str) -> str | None:
    """The shortest spelling of a decimal number, equal for equal numbers; None for other text.

    Decimal arithmetic would round to its precision, and an exponent makes a number of any length.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    part = match["part"] or ""
    digits = (match["whole"] + part).lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped:
        return "0"
    power = int(match["power"] or 0) - len(part) + len(digits) - len(stripped)
    return f"{match['sign']}{stripped}" + (f"e{power}" if power else "")


def json_text(value: Any) -> str:
    """A value as JSON text, equal for equal values only; what is no JSON equals itself alone."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=plain)
    except (TypeError, ValueError, RecursionError):
        return f"<{type(value).__name__} {id(value):x}>"


def plain(value: object) -> Any:
    """What JSON has for a mapping of another type, or for a Decimal.

    Raises:
        TypeError: JSON has nothing for it.
    """
    if is_map(value):
        return dict(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError
