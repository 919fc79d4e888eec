"""`rolewright apply`: plan, ask, do, and undo when something fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import EXIT_DONE, EXIT_ERROR, EXIT_INTERRUPTED, EXIT_NOT_ROLLED_BACK, EXIT_ROLLED_BACK
from .options import (
    Calls,
    CatalogueFile,
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..outcome import ApplyOutcome
    from ..plan import Plan
    from ..session import Session

PlanFile = Annotated[
    Path | None, typer.Argument(metavar="[PLANFILE]", help="A plan saved with plan -o.")
]
AccessGain = Annotated[
    bool,
    typer.Option(
        "--fail-on-access-gain",
        help="Refuse, before the first change, when a role may do more than before, "
        "or more may assume it.",
    ),
]


def apply(
    options: Common,
    planfile: PlanFile = None,
    yes: Yes = False,
    on_failure: OnFailureOption = "rollback",
    calls: Calls = False,
    target: Target = None,
    parallelism: Parallelism = 10,
    no_refresh: NoRefresh = False,
    fail_on_access_gain: AccessGain = False,
    catalogue: CatalogueFile = None,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Make AWS as the stack file says; undo everything when a call fails."""
    from ..planfile import read_plan
    from .composition import (
        Inputs,
        declarations,
        desired,
        session_for,
        targets,
        wanted,
    )
    from .report import progress, report

    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, progress(options), parallelism, catalogue)
    saved = None if planfile is None else read_plan(planfile)

    def make() -> Plan:
        if saved is not None:
            return saved
        found = desired(session, declared)
        if found.warnings:
            report(found.warnings, "apply", options, document=False)
        return session.plan(wanted(found), "apply", refresh=not no_refresh, targets=targets(target))

    return carry_out(
        options,
        session,
        "apply",
        make,
        yes=yes or saved is not None,
        on_failure=on_failure,
        calls=calls,
        lock_timeout=lock_timeout,
        saved=saved is not None,
        gains_refused=fail_on_access_gain,
    )


def carry_out(
    options: Common,
    session: Session,
    operation: str,
    make: Callable[[], Plan],
    *,
    yes: bool,
    on_failure: str,
    calls: bool,
    lock_timeout: float,
    saved: bool = False,
    gains_refused: bool = False,
    document: bool = True,
) -> int:
    """Plan under the lock, ask, and apply; the exit code. Without `document`, JSON is left to the caller."""
    from ..session import OnFailure
    from ..views.apply_text import render_outcome
    from ..views.json_documents import apply_document
    from ..views.plan_text import render_plan
    from .composition import lock
    from .interrupts import deferred, question
    from .report import console, emit
    from .stored import refuse_open_run

    choice = _on_failure(on_failure)
    screen = console(options, stderr=options.json)
    with lock(options, operation, lock_timeout, session.sink):
        refuse_open_run(session.journal)
        plan = make()
        session.check_fits(plan)
        if calls or not saved:
            render_plan(plan, screen, calls=calls)
        if gains_refused:
            refuse_gain(plan)
        if plan.actions:
            _check_permitted(options, session, plan, operation)
            if not yes:
                _confirm(plan, operation)
            if saved or not yes:
                session.check_world(plan)
        with deferred(session.interrupt, session.sink) as again:
            outcome = session.apply(
                plan, on_failure=OnFailure(choice), on_interrupt=question(again)
            )
    if options.json and document:
        emit(apply_document(outcome, command=operation))
    else:
        render_outcome(outcome, screen)
    return exit_code(outcome)


def _check_permitted(options: Common, session: Session, plan: Plan, operation: str) -> None:
    """Warn of what a rollback may not do.

    A simulator that may not be asked, or is not there, says nothing.

    Raises:
        Problem: the policy simulator says that a call of the plan itself would be refused.
        AwsError: every other call would fail in the same way.
    """
    from ...resources.diagnostics import Problem, Severity
    from ...resources.ports import AwsError
    from ..aws.errors import hopeless
    from ..preflight import not_permitted
    from .report import report

    try:
        found = not_permitted(session.aws, plan)
    except AwsError as error:
        if hopeless(error):
            raise
        return
    refused = [each for each in found if each.severity is Severity.ERROR]
    if refused:
        raise Problem(*refused)
    if found:
        report(found, operation, options, document=False)


def exit_code(outcome: ApplyOutcome) -> int:
    """The exit code for how an apply ended."""
    from ..outcome import Status

    match outcome.status:
        case Status.APPLIED | Status.NO_CHANGES:
            return EXIT_ERROR if outcome.failed else EXIT_DONE
        case Status.ROLLED_BACK:
            return EXIT_ROLLED_BACK
        case Status.ROLLBACK_INCOMPLETE:
            return EXIT_NOT_ROLLED_BACK
        case Status.INTERRUPTED:
            return EXIT_ERROR if outcome.failed else EXIT_INTERRUPTED


def _on_failure(text: str) -> str:
    from ...resources.diagnostics import Problem

    if text not in {"rollback", "keep"}:
        raise Problem.of("bad-option", f'--on-failure takes rollback or keep, not "{text}"')
    return text


def refuse_gain(plan: Plan) -> None:
    """Go no further with a plan that gives access.

    Raises:
        Problem: `access-gained` with what each role gains, or `access-unknown`.
    """
    from ...resources.diagnostics import Diagnostic, Problem
    from ..views.access_text import gained_heads

    if plan.access is None:
        raise Problem.of(
            "access-unknown",
            "the plan does not say what access it gives: an earlier version saved it",
            hint="plan again: rolewright plan -o FILE",
        )
    gained = [
        Diagnostic(
            "access-gained",
            words,
            "--fail-on-access-gain keeps hands off such a plan. Nothing was changed.",
            "apply it without --fail-on-access-gain if this access is wanted",
            address=address,
        )
        for address, words in gained_heads(plan.access)
    ]
    if gained:
        raise Problem(*gained)


def _confirm(plan: Plan, operation: str) -> None:
    """Ask for a yes.

    Raises:
        Problem: the answer is another, or there is nobody to ask.
    """
    from ...resources.diagnostics import Problem

    if not sys.stdin.isatty():
        raise Problem.of(
            "not-confirmed",
            f"{operation} asks before it changes anything, and there is no terminal to ask on",
            hint="run it with --yes, or save the plan and apply that: rolewright plan -o FILE",
        )
    what = "Destroy all of this" if operation == "destroy" else "Do this"
    sys.stderr.write(f"\n{what} in account {plan.account_id} ({plan.region})? Only yes is a yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != "yes":
        raise Problem.of("not-confirmed", "not confirmed: nothing was changed")
