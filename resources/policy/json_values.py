"""What is wrong with a document before it is read as a policy: no JSON, too deep, not Latin-1.

Source: IAM user guide, "IAM and AWS STS quotas" (IAM name requirements).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, cast

from .faults import Fault
from .json_source import MAX_DEPTH
from .values import JsonPath, describe, is_list, is_map, quoted

_FOREIGN = re.compile("[^\t\n\r\u0020-\u00ff]")
_LONGEST_INTEGER_BITS = 1_000


def json_faults(document: Any) -> Iterator[Fault]:
    """What is no JSON at all, is too deep to be looked at, or has characters that AWS refuses."""
    waiting: list[tuple[JsonPath, Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > MAX_DEPTH:
            yield Fault(path[:1], "too-deep", "nested more deeply than any policy")
            return
        if is_map(value):
            keys = cast("Iterable[object]", value)
            strange = [key for key in keys if not isinstance(key, str)]
            if strange:
                what = describe(strange[0])
                yield Fault(
                    path, "wrong-type", f"a key must be text, not {what}", "put it in quotes"
                )
                return
            for key, item in reversed([*value.items()]):
                yield from _characters(key, (*path, key))
                waiting.append(((*path, key), item))
        elif is_list(value):
            waiting += [((*path, index), item) for index, item in reversed([*enumerate(value)])]
        elif isinstance(value, str):
            yield from _characters(value, path)
        elif not _is_scalar(value):
            yield Fault(path, "wrong-type", f"JSON has no such value: {describe(value)}")


def _characters(text: str, path: JsonPath) -> Iterator[Fault]:
    if (found := _FOREIGN.search(text)) is not None:
        code = f"U+{ord(found[0]):04X}"
        summary = f"{quoted(text)} has the character {code}; AWS takes Latin-1 only"
        hint = "write straight quotes" if found[0] in "\u2018\u2019\u201c\u201d" else ""
        yield Fault(path, "bad-character", summary, hint)


def _is_scalar(value: object) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return value.bit_length() <= _LONGEST_INTEGER_BITS
        case float() | Decimal():
            return math.isfinite(value)
        case _:
            return False
