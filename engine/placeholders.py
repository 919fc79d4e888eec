"""Placeholders in calls: values known only when an earlier call of the same resource has been answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..resources.calls import Call

Outputs = Mapping[str, Mapping[str, Any]]
"""The values that later calls refer to: by label, then by path."""


def paths_used(calls: Iterable[Call]) -> dict[str, set[str]]:
    """The answers that calls and their undo refer to: label to paths."""
    found: dict[str, set[str]] = {}
    for call in calls:
        for label, path in _placeholders(call.parameters):
            found.setdefault(label, set()).add(path)
        for label, paths in paths_used(call.undo).items():
            found.setdefault(label, set()).update(paths)
    return found


def _placeholders(value: Any) -> Iterable[tuple[str, str]]:
    match value:
        case {"$output": str(label), "path": str(path)}:
            yield label, path
        case dict():
            for part in cast("Mapping[str, Any]", value).values():
                yield from _placeholders(part)
        case list() | tuple():
            for part in cast("Sequence[Any]", value):
                yield from _placeholders(part)
        case _:
            pass


def is_open(value: Any) -> bool:
    """Whether the value holds a placeholder that nobody has filled."""
    return any(_placeholders(value))


def fill(value: Any, outputs: Outputs) -> Any:
    """The value with every placeholder replaced that `outputs` has an answer for."""
    match value:
        case {"$output": str(label), "path": str(path)}:
            return outputs.get(label, {}).get(path, value)
        case dict():
            return {
                key: fill(part, outputs) for key, part in cast("Mapping[str, Any]", value).items()
            }
        case list() | tuple():
            return [fill(part, outputs) for part in cast("Sequence[Any]", value)]
        case _:
            return value


def filled(call: Call, outputs: Outputs) -> Call:
    """The call and its undo with their placeholders replaced."""
    return replace(
        call,
        parameters=fill(call.parameters, outputs),
        undo=tuple(filled(back, outputs) for back in call.undo),
    )
