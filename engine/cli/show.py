"""`rolewright show`: the state, one resource of it, or a saved plan, for reading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Calls, Common

What = Annotated[
    str | None, typer.Argument(metavar="[PLANFILE|ADDRESS]", help="A saved plan, or one resource.")
]


def show(options: Common, what: What = None, calls: Calls = False) -> int:
    """Show the state, one resource of it, or a saved plan."""
    from ..views.json_documents import plan_document, record_document, show_document
    from ..views.plan_text import render_plan
    from ..views.state_text import render_record, render_state
    from .report import console, emit
    from .stored import record_at, stored_state

    screen = console(options)
    if what is not None and Path(what).is_file():
        from ..planfile import read_plan

        plan = read_plan(Path(what))
        if options.json:
            emit(plan_document(plan, command="show"))
        else:
            render_plan(plan, screen, calls=calls)
        return 0
    state = stored_state(options)
    if what is not None:
        address, record = record_at(state, what)
        if options.json:
            emit(record_document(state, address, record))
        else:
            render_record(address, record, screen)
    elif options.json:
        emit(show_document(state))
    else:
        render_state(state, screen)
    return 0
