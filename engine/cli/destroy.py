"""`rolewright destroy`: the plan and apply of an empty stack."""

from __future__ import annotations

from .apply import carry_out
from .options import (
    Calls,
    Common,
    LockTimeout,
    NoRefresh,
    OnFailureOption,
    Parallelism,
    Target,
    Var,
    VarFile,
    Yes,
)


def destroy(
    options: Common,
    yes: Yes = False,
    on_failure: OnFailureOption = "rollback",
    calls: Calls = False,
    target: Target = None,
    parallelism: Parallelism = 10,
    no_refresh: NoRefresh = False,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Delete all that the stack made, and put back what was there before."""
    from ..planner import Wanted
    from .composition import Inputs, declarations, session_for, targets
    from .report import progress

    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, progress(options), parallelism)
    return carry_out(
        options,
        session,
        "destroy",
        lambda: session.plan(Wanted(), "destroy", refresh=not no_refresh, targets=targets(target)),
        yes=yes,
        on_failure=on_failure,
        calls=calls,
        lock_timeout=lock_timeout,
    )
