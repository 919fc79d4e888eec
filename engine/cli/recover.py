"""`rolewright recover`: finish or undo a run that did not come to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .command import EXIT_DONE
from .options import Common, LockTimeout, Parallelism, Var, VarFile

if TYPE_CHECKING:
    from ..recovery import Direction
    from ..session import Session

Forward = Annotated[bool, typer.Option("--forward", help="Finish what was begun.")]
Back = Annotated[bool, typer.Option("--back", help="Undo what was done.")]


def recover(
    options: Common,
    forward: Forward = False,
    back: Back = False,
    parallelism: Parallelism = 10,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Finish or undo a run that did not come to its end."""
    from ...resources.diagnostics import Problem
    from ..outcome import Status
    from ..recovery import Direction
    from ..views.apply_text import render_outcome
    from ..views.json_documents import apply_document
    from .apply import exit_code
    from .composition import Inputs, declarations, lock, session_for
    from .interrupts import deferred, question
    from .report import console, emit, progress

    if forward and back:
        raise Problem.of("bad-option", "recover goes either --forward or --back")
    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, progress(options), parallelism)
    with lock(options, "recover", lock_timeout, session.sink):
        direction = _direction(session, forward=forward, back=back)
        with deferred(session.interrupt, session.sink) as again:
            outcome = session.recover(direction, on_interrupt=question(again))
    if options.json:
        emit(apply_document(outcome, command="recover"))
    else:
        render_outcome(outcome, console(options))
    undone = outcome.status is Status.ROLLED_BACK
    return EXIT_DONE if undone and direction is Direction.BACK else exit_code(outcome)


def _direction(session: Session, *, forward: bool, back: bool) -> Direction:
    """The way that was asked for, or that a person chooses now; back where there is nobody to ask.

    A run that has made calls which nothing can undo has only the way forward; one that was on its way back, or was a
    probe's, only the way back.
    """
    from ..recovery import Direction, Interrupted, explain

    open_run = session.journal.open_run()
    if forward or back or open_run is None:
        return Direction.FORWARD if forward else Direction.BACK
    found = Interrupted.of(open_run)
    if found.committed:
        return Direction.FORWARD
    if found.goes_back or not sys.stdin.isatty():
        return Direction.BACK
    sys.stderr.write(f"{explain(open_run)}\nForward to its end (f), or back (b)? ")
    sys.stderr.flush()
    return Direction.FORWARD if sys.stdin.readline().strip().lower() == "f" else Direction.BACK
