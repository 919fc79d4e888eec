"""`rolewright rollback --to SERIAL`: plan and apply what an earlier serial wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from .apply import carry_out
from .options import Calls, Common, LockTimeout, OnFailureOption, Parallelism, Var, VarFile, Yes

To = Annotated[
    int, typer.Option("--to", min=1, metavar="SERIAL", help="One that `state history` lists.")
]


def rollback(
    options: Common,
    to: To,
    yes: Yes = False,
    on_failure: OnFailureOption = "rollback",
    calls: Calls = False,
    parallelism: Parallelism = 10,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Go back to what an earlier serial of the state wanted."""
    from ..planner import Wanted
    from .composition import Inputs, declarations, session_for
    from .report import progress

    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, progress(options), parallelism)
    wanted = Wanted.of_records(session.store.load_serial(to).resources)
    return carry_out(
        options,
        session,
        "rollback",
        lambda: session.plan(wanted, "rollback"),
        yes=yes,
        on_failure=on_failure,
        calls=calls,
        lock_timeout=lock_timeout,
    )
