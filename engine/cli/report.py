"""Findings and JSON documents on their way out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console

from ...resources.diagnostics import Diagnostic
from ..events import Sink
from ..views.errors_text import render_diagnostics
from ..views.json_documents import error_document
from ..views.progress import Progress
from .options import Common


def console(options: Common, *, stderr: bool = False) -> Console:
    """The terminal, or the file that stands for it."""
    stream: TextIO = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        no_color=options.no_color or None,
        highlight=False,
        soft_wrap=False,
        width=None if stream.isatty() else 100,
    )


def progress(options: Common) -> Sink:
    """Progress lines; on standard error where standard output holds a document."""
    return Progress(console(options, stderr=options.json))


def stderr_sink(options: Common) -> Sink:
    """Progress lines on standard error."""
    return Progress(console(options, stderr=True))


def report(
    diagnostics: Sequence[Diagnostic],
    command: str,
    options: Common,
    *,
    stack: str | None = None,
    document: bool = True,
) -> None:
    """Say what went wrong: in words on standard error, and as the document where JSON was asked for."""
    render_diagnostics(diagnostics, console(options, stderr=True))
    if options.json and document:
        emit(error_document(command, stack, diagnostics))


def emit(document: Mapping[str, Any]) -> None:
    """Print the one JSON document of a command."""
    json.dump(document, sys.stdout, indent=2, sort_keys=False, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    return str(value)
