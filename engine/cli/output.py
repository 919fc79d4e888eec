"""`rolewright output`: the ARNs and ids of what was made, for other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Common

Wanted = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="Print only this one's ARN, or its id.")
]


def output(options: Common, address: Wanted = None) -> int:
    """Print the ARN of everything in the state, or of one resource."""
    from ..views.json_documents import output_document
    from ..views.state_text import render_outputs
    from .report import console, emit
    from .stored import record_at, stored_state

    state = stored_state(options)
    if address is not None and not options.json:
        _, record = record_at(state, address)
        typer.echo(record.arn or record.id)
    elif options.json:
        document = output_document(state)
        if address is not None:
            record_at(state, address)
            document["outputs"] = {address: document["outputs"][address]}
        emit(document)
    else:
        render_outputs(state, console(options))
    return 0
