"""`rolewright verify`: proves that roles can do what they must, and nothing that they must not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .command import EXIT_DONE, EXIT_ERROR, EXIT_FOUND
from .options import CatalogueFile, Common, LockTimeout, Parallelism, Var, VarFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...resources.policy.catalogue import Catalogue
    from ..config.declarations import Declarations, Desired
    from ..session import Session
    from ..verify import Answers, Question
    from ..verify.roles import Roles

Planned = Annotated[
    bool, typer.Option("--plan", help="Ask about the roles as they will be after the plan.")
]
LiveToo = Annotated[
    bool, typer.Option("--live", help="Ask AWS's policy simulator too, and compare.")
]
Probe = Annotated[
    bool,
    typer.Option(
        "--probe", help="Also try: harmless calls under the roles, from inside their services."
    ),
]


def verify(
    options: Common,
    planned: Planned = False,
    live: LiveToo = False,
    probe: Probe = False,
    parallelism: Parallelism = 10,
    catalogue: CatalogueFile = None,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Prove the expectations of the stack file."""
    from ..aws.policy_simulator import CustomSimulator, PrincipalSimulator
    from ..probe.prober import LEFT
    from ..verify import Answers, Producer
    from ..verify.asking import questions
    from ..verify.live import Live
    from ..verify.offline import Offline
    from ..verify.places import Places
    from ..views.verify_document import verify_document
    from ..views.verify_text import render_answers
    from .asking import callers, stack_roles, world
    from .composition import Inputs, declarations, desired, session_for
    from .report import console, emit, report, stderr_sink

    if live:
        _refuse_sandbox(options)
    if probe and planned:
        _refuse_plan()
    declared = declarations(options, Inputs(var or (), var_file or ()))
    session = session_for(options, declared, stderr_sink(options), parallelism, catalogue)
    found = desired(session, declared)
    if found.warnings:
        report(found.warnings, "verify", options, document=False)
    asked = questions(found)
    here = world(session.aws.identity, session.aws, session.catalogue())
    _check(asked, here.catalogue)
    roles = stack_roles(session, found, planned=planned)
    offline = Offline(here, roles, Places(found), callers(session.aws, asked, roles))
    producers: list[Producer] = [offline]
    if live:
        simulator = CustomSimulator if planned else PrincipalSimulator
        producers.append(Live(simulator(session.aws), offline))
    if probe:
        producers.append(partial(_probed, options, session, declared, found, roles, lock_timeout))
    answers = sum((answer(asked) for answer in producers), Answers())
    if options.json:
        emit(verify_document(answers, session.stack, account_id=here.account_id, planned=planned))
    else:
        render_answers(answers, console(options), planned=planned)
    if any(remark.rule == LEFT for remark in answers.remarks):
        return EXIT_ERROR
    return EXIT_FOUND if answers.unmet else EXIT_DONE


def _probed(
    options: Common,
    session: Session,
    declared: Declarations,
    found: Desired,
    roles: Roles,
    lock_timeout: float,
    asked: Sequence[Question],
) -> Answers:
    """What a probe says. It may make things for a moment, so that it needs the lock and a clean journal.

    Raises:
        Problem: somebody else holds the lock, or an earlier run is open.
    """
    from .composition import lock
    from .probing import ended_gently, prober
    from .stored import refuse_open_run

    with lock(options, "verify", lock_timeout, session.sink), ended_gently():
        refuse_open_run(session.journal)
        return prober(options, session, declared, found, roles)(asked)


def _refuse_plan() -> NoReturn:
    """What isn't there yet can't be tried.

    Raises:
        Problem: always.
    """
    from ...resources.diagnostics import Problem

    raise Problem.of(
        "bad-option",
        "--probe can't try what isn't there yet: --plan asks about roles after the plan",
        hint="apply first, or leave one of them off",
    )


def _check(asked: Sequence[Question], catalogue: Catalogue) -> None:
    """Refuse questions that can't be asked.

    Raises:
        Problem: with all that is wrong.
    """
    from ...resources.diagnostics import Problem
    from ..verify.asking import faults

    found = dict.fromkeys(fault for question in asked for fault in faults(question, catalogue))
    if found:
        raise Problem(*found)


def _refuse_sandbox(options: Common) -> None:
    """The local AWS has no policy simulator, and answers with a fault of its own.

    Raises:
        Problem: the sandbox is in use.
    """
    import os

    from ...resources.diagnostics import Problem
    from .composition import sandbox_wanted

    if sandbox_wanted(options, os.environ):
        raise Problem.of(
            "no-simulator",
            "the sandbox has no policy simulator to ask with --live",
            hint="leave --live out: the offline answers are rolewright's own, or use a real account",
        )
