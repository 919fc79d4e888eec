"""`rolewright drift --html`: the report as a page in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..drift.report import DriftReport
    from ..events import Sink
    from ..views.drift_html import EarlierRun
    from .options import Common

MOST_EARLIER = 30
"""Looks of the history on a page."""

Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the report into this file, as a web page."),
]


def save_page(
    report: DriftReport, path: Path, sink: Sink, earlier: Sequence[EarlierRun] = ()
) -> None:
    """Write a report as a page that nobody ever sees half of, readable by its owner only.

    A link is followed, and what it leads to is replaced. `earlier` are the looks before this one.

    Raises:
        Problem: `report-not-written`.
    """
    from ...state.files import Files, replace
    from ..events import Notice
    from ..views.drift_html import drift_page

    data = drift_page(report, earlier).encode()
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise _not_written(path, "it is no ordinary file")
    try:
        replace(Files(), target, data)
    except OSError as error:
        raise _not_written(path, error.strerror or str(error)) from error
    sink(Notice(f"the report is in {path}"))


def earlier_looks(options: Common, report: DriftReport) -> Sequence[EarlierRun]:
    """The looks in the history before this one, as many as a page shows."""
    from ..drift.database import database_path
    from ..drift.history import History
    from ..views.drift_html import EarlierRun

    history = History(database_path(options.state_path), report.stack)
    return [
        EarlierRun(
            run.at,
            {} if run.failure else history.report(run.id).by_severity,
            run.failure,
        )
        for run in history.runs(MOST_EARLIER + 1)
        if run.at != report.at
    ]


def _not_written(path: Path, why: str) -> Exception:
    from ...resources.diagnostics import Problem

    return Problem.of(
        "report-not-written",
        f"the report could not be written to {path}: {why}",
        hint="name another file after --html",
    )
