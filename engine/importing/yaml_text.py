"""YAML for people to read and own: short lists on one line, long ones below each other, little quoting.

What is written reads back as the same values by this tool (YAML 1.2) and by parsers of YAML 1.1.
PyYAML decides how a text is quoted; the layout is made here, since PyYAML can't place comments.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml
from yaml.resolver import Resolver

from ..config.tree import STR, plain_tag
from ..config.values import is_list, is_map

WIDTH = 100
"""Columns that a line fills at most, where it can be broken."""
STEP = 2
_FLOW_WIDTH = 88
_MOST_IN_FLOW = 8
_FLOW_ENTRIES = 4

# Texts that no parser takes for anything else, in a list on one line neither. Most are.
_WORD = r"[A-Za-z0-9_./=+@*-]"
_CLEAR = re.compile(rf"[A-Za-z/]{_WORD}*(?:(?::+| )[A-Za-z0-9_./=+@*]{_WORD}*)*")
_PRINTABLE = re.compile(
    r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffd\n]*"
)
_RESOLVER: Any = Resolver()


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """A text as lines of comment; line breaks and control characters in it become spaces."""
    start = " " * indent + "# "
    flat = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    yield from textwrap.wrap(
        flat,
        WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )


def entry(key: str, value: Any, indent: int = 0) -> Iterator[str]:
    """The lines of one key with its value; the value is what JSON has: texts, numbers, lists, maps."""
    head = f"{' ' * indent}{scalar(key)}:"
    flat = _on_one_line(value, _FLOW_WIDTH - len(head))
    if flat is not None:
        yield f"{head} {flat}"
    elif isinstance(value, str):
        yield f"{head} {'|' if value.endswith(chr(10)) else '|-'}"
        margin = " " * (indent + STEP)
        yield from (margin + line if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        yield head
        yield from _inside(value, indent + STEP)


def _inside(value: Any, indent: int) -> Iterator[str]:
    """The lines of a map or list that stands below its key."""
    if is_map(value):
        for key, item in value.items():
            yield from entry(key, item, indent)
        return
    for item in value:
        flat = None if is_map(item) and item else _on_one_line(item, _FLOW_WIDTH - indent)
        if flat is not None:
            yield f"{' ' * indent}- {flat}"
        elif isinstance(item, str):
            yield f"{' ' * indent}- {scalar(item)}"
        else:
            first, *rest = _inside(item, indent + STEP)
            yield f"{' ' * indent}- {first[indent + STEP :]}"
            yield from rest


def _on_one_line(value: Any, room: int) -> str | None:
    """A value as it stands behind its key; None for what is better read below it."""
    if isinstance(value, str):
        return None if _is_literal(value) else scalar(value)
    if is_map(value):
        flat = _flow_map(value)
    elif is_list(value):
        flat = _flow_list(value)
    else:
        return json.dumps(value)
    return flat if flat is not None and (len(flat) <= room or not value) else None


def _flow_list(value: Sequence[Any]) -> str | None:
    if len(value) > _MOST_IN_FLOW or not all(map(_is_flat, value)):
        return None
    return f"[{', '.join(map(_flow, value))}]"


def _flow_map(value: Mapping[str, Any]) -> str | None:
    if len(value) > _FLOW_ENTRIES:
        return None
    found: list[str] = []
    for key, item in value.items():
        # A list inside is clear only where it is all that there is.
        flat = _flow_list(item) if is_list(item) and len(value) == 1 else None
        if flat is None:
            if not _is_flat(item):
                return None
            flat = _flow(item)
        found.append(f"{_quoted(key) if ':' in key else scalar(key, flow=True)}: {flat}")
    return f"{{{', '.join(found)}}}"


def _is_flat(value: Any) -> bool:
    return not (is_map(value) or is_list(value))


def _flow(value: Any) -> str:
    return scalar(value, flow=True) if isinstance(value, str) else json.dumps(value)


@lru_cache(maxsize=65536)
def scalar(text: str, *, flow: bool = False) -> str:
    """A text as it stands in a file, on one line; `flow` is inside of [ ] or { }."""
    if plain_tag(text) != STR or _tag_in_yaml_1_1(text) != STR:
        return _quoted(text)
    if _CLEAR.fullmatch(text):
        return text
    if "\n" in text or not _PRINTABLE.fullmatch(text):
        return _quoted(text)
    found = _dump([text], None)[1:-1] if flow else _dump(text, None)
    # PyYAML prefers single quotes; where both do, double ones are what people write.
    return _quoted(text) if found[:1] == "'" and not {'"', "\\"} & set(text) else found


def _tag_in_yaml_1_1(text: str) -> str:
    return _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))


def _quoted(text: str) -> str:
    return _dump(text, '"')


def _dump(value: Any, style: str | None) -> str:
    text: str = yaml.dump(
        value,
        Dumper=yaml.SafeDumper,
        allow_unicode=True,
        default_flow_style=True,
        default_style=style,
        width=10**9,
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _is_literal(text: str) -> bool:
    """Whether a text of several lines can stand as it is, below a `|`."""
    body = text.removesuffix("\n")
    return (
        "\n" in body
        and _PRINTABLE.fullmatch(body) is not None
        and body[0] not in " \n"
        and not body.endswith("\n")
        and not any(line.endswith((" ", "\xa0")) for line in body.split("\n"))
    )


def joined(parts: Iterable[Iterable[str]]) -> str:
    """Parts of a file with an empty line between them, and a line break at the end."""
    return "\n\n".join("\n".join(part) for part in parts) + "\n"
