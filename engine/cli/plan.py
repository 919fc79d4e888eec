"""`rolewright plan`: what apply would do, and the saved plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .command import EXIT_DONE, EXIT_FOUND
from .options import Calls, CatalogueFile, Common, NoRefresh, Parallelism, Target, Var, VarFile

Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="FILE", help="Save the plan, for apply FILE.")
]
Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 2 when there are changes.")
]
AccessGain = Annotated[
    bool,
    typer.Option(
        "--fail-on-access-gain",
        help="Exit 2 when a role may do more than before, or more may assume it.",
    ),
]


def plan(
    options: Common,
    out: Out = None,
    detailed_exitcode: Detailed = False,
    fail_on_access_gain: AccessGain = False,
    calls: Calls = False,
    target: Target = None,
    parallelism: Parallelism = 10,
    no_refresh: NoRefresh = False,
    catalogue: CatalogueFile = None,
    var: Var = None,
    var_file: VarFile = None,
) -> int:
    """Show what apply would do."""
    from ..planfile import write_plan
    from ..views.json_documents import plan_document
    from ..views.plan_text import render_plan
    from .composition import (
        Inputs,
        declarations,
        desired,
        say_open_run,
        session_for,
        targets,
        wanted,
    )
    from .report import console, emit, report, stderr_sink

    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, stderr_sink(options), parallelism, catalogue)
    found = desired(session, declared)
    if found.warnings:
        report(found.warnings, "plan", options, document=False)
    say_open_run(session)
    planned = session.plan(wanted(found), "apply", refresh=not no_refresh, targets=targets(target))
    if out is not None:
        write_plan(planned, out)
    if options.json:
        emit(plan_document(planned))
    else:
        screen = console(options)
        render_plan(planned, screen, calls=calls)
        if out is not None:
            screen.print(
                f"The plan was saved. To do just this: rolewright apply {out}", soft_wrap=True
            )
    gained = planned.access is not None and planned.access.gained
    found_any = (detailed_exitcode and planned.actions) or (fail_on_access_gain and gained)
    return EXIT_FOUND if found_any else EXIT_DONE
