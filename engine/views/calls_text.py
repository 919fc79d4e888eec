"""AWS calls as lines: what is called, with which parameters, and how it is undone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ...resources.calls import Attrs, Call, Phase
from ..plan import Change
from .lines import GLUE, Line, line
from .symbols import BOLD, DIM
from .values import parsed_document, text_of

_WHEN = {
    Phase.REMOVE: " (after all that gives access)",
    Phase.RETIRE: " (last of all)",
}


def call_lines(change: Change) -> list[Line]:
    """All calls of a change, those of its first phase before those of its last."""
    found: list[Line] = []
    for call in change.calls:
        found += _call(call)
    return found


def _call(call: Call) -> Iterable[Line]:
    late = _WHEN.get(call.phase, "")
    yield line((str(call), BOLD), (late, DIM))
    yield from _around(call)
    yield from (each.deeper(2) for each in _parameters(call.parameters))
    for undo in call.undo:
        yield line(("undo: ", DIM), str(undo), indent=2)
        yield from (each.deeper(4) for each in _around(undo))
        yield from (each.deeper(4) for each in _parameters(undo.parameters))
    if not call.undo:
        yield line(("undo: ", DIM), "none", indent=2)


def _around(call: Call) -> Iterable[Line]:
    """What is read before the call, and what is waited for after it."""
    if call.expect is not None:
        read = f"{call.expect.service}:{call.expect.operation}"
        yield line((f"only if {read} still answers as when this was planned", DIM), indent=2)
    if call.template is not None:
        read = f"{call.template.service}:{call.template.operation}"
        yield line(
            (f"all else copied from {read} {_inline(call.template.parameters)}", DIM), indent=2
        )
    if call.wait is not None:
        wait = call.wait
        until = " or ".join(text_of(value) for value in wait.until)
        told = f"then waits until {wait.path} of {wait.service}:{wait.operation} is {until}"
        yield line((told, DIM), indent=2)


def _parameters(parameters: Attrs) -> Iterable[Line]:
    for name, value in parameters.items():
        document = parsed_document(value)
        if document is None:
            yield line((f"{name}: ", DIM), text_of(value))
        else:
            yield line((f"{name}:", DIM))
            pretty = json.dumps(document, indent=2, ensure_ascii=False)
            yield from (_kept(text) for text in pretty.splitlines())


def _kept(text: str) -> Line:
    """A line of JSON with its own indent."""
    bare = text.lstrip()
    return line(bare, indent=2 + len(text) - len(bare))


def _inline(parameters: Attrs) -> str:
    pairs = parameters.items()
    return " ".join(f"{name}{GLUE}={GLUE}{text_of(value)}" for name, value in pairs)
