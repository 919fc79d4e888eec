"""What an import did, in words and as its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from ..importing.importer import Result
from .deltas_text import by_attribute
from .document_head import head
from .lines import BLANK, Line, line, show
from .symbols import BOLD, CYAN, DIM, YELLOW
from .values import many


def import_document(
    result: Result, files: Sequence[str], text: str | None, release: str = ""
) -> dict[str, Any]:
    """The JSON document; `files` are the paths written, `text` the declaration that was asked for.

    `release` is how another tool is made to forget what was imported from it.
    """
    records = result.state.resources
    return {
        **head("import", result.state.stack),
        "serial": result.state.serial,
        "imported": [
            {"address": str(address), "id": records[address].id}
            for address in result.recorded.addresses
        ],
        "skipped": [{"id": one.id, "reason": one.reason} for one in result.skipped],
        "files": list(files),
        "pending": [
            {
                "address": str(change.address),
                "action": change.action.value,
                "paths": [delta.path for delta in change.diff],
            }
            for change in result.recorded.pending
        ],
        **({} if text is None else {"text": text}),
        **({"release": release} if release else {}),
    }


def render_import(result: Result, files: Sequence[str], console: Console) -> None:
    """Print what came into the state, what was left, and what was written."""
    show(console, import_lines(result, files))


def import_lines(result: Result, files: Sequence[str]) -> list[Line]:
    """The report as lines."""
    found = list(_imported(result))
    found += _skipped(result)
    found += _pending(result)
    if files:
        found += [BLANK, line("Written:"), *(line(f"  {name}") for name in files)]
    count = len(result.recorded.addresses)
    if not count:
        return [*found, line("Nothing was imported. The state is as it was.")]
    closing = f"{many(count, 'resource')} imported (serial {result.state.serial}). "
    return [*found, BLANK, line((closing, BOLD), "Nothing was changed in AWS.")]


def _imported(result: Result) -> list[Line]:
    records = result.state.resources
    return [
        line((f"  < {address}", CYAN), (f" ({records[address].id})", DIM))
        for address in result.recorded.addresses
    ]


def _skipped(result: Result) -> list[Line]:
    if not result.skipped:
        return []
    rows = [line(f"  {one.id}", (f": {one.reason}", DIM), hang=4) for one in result.skipped]
    return [BLANK, line("Not imported:"), *rows]


def _pending(result: Result) -> list[Line]:
    pending = result.recorded.pending
    if not pending:
        return []
    rows = [
        line(f"  {change.address}", (f": {', '.join(by_attribute(change.diff))}", DIM), hang=4)
        for change in pending
    ]
    return [
        BLANK,
        line(("The stack file wants these otherwise; the next plan shows how:", YELLOW)),
        *rows,
    ]
