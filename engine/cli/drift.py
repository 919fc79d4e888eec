"""`rolewright drift`: what in AWS is not as the last apply left it, and the way back or on from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import EXIT_DONE, EXIT_FOUND
from .drift_page import Html
from .options import (
    Calls,
    Common,
    Format,
    LockTimeout,
    OnFailureOption,
    Parallelism,
    Target,
    Var,
    VarFile,
    Yes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...resources.address import Address
    from ...resources.kind import Lifecycle
    from ..config.declarations import Declarations
    from ..drift.report import DriftReport
    from ..session import Session

Fix = Annotated[
    bool, typer.Option("--fix", help="Bring AWS back to what the state records, after asking.")
]
AcceptOption = Annotated[
    str | None,
    typer.Option(
        "--accept",
        metavar="ADDRESS",
        help="Take what is there of this one into the state, and print what the stack file needs.",
    ),
]
Schedule = Annotated[
    str | None,
    typer.Option(
        "--schedule", metavar="CRON", help='Go on looking at these times, such as "*/15 * * * *".'
    ),
]
Every = Annotated[
    str | None, typer.Option("--every", metavar="TIME", help="Go on looking so often, such as 15m.")
]
Timezone = Annotated[
    str, typer.Option("--timezone", metavar="NAME", help="The time zone of --schedule.")
]
Jitter = Annotated[
    str | None,
    typer.Option(
        "--jitter",
        metavar="TIME",
        help="The most by which a look begins later; a tenth of the interval, at most 60s.",
    ),
]
NotifyOption = Annotated[
    bool, typer.Option("--notify", help="Tell the channels of the stack file what is new.")
]
Trail = Annotated[
    str,
    typer.Option(
        "--trail",
        metavar="lookup|off|FOLDER|s3://…",
        help="Where CloudTrail says who did it: its history, or log files.",
    ),
]
MetricsPort = Annotated[
    int | None,
    typer.Option("--metrics-port", min=1, max=65535, help="Serve metrics for Prometheus here."),
]
MetricsAddress = Annotated[
    str, typer.Option("--metrics-address", metavar="ADDRESS", help="The address to serve them on.")
]
MetricsFile = Annotated[
    Path | None,
    typer.Option("--metrics-file", metavar="FILE", help="Write metrics into this file, too."),
]
LogFormat = Annotated[
    Format, typer.Option("--log-format", help="What the log lines of a schedule are.")
]


def drift(
    options: Common,
    target: Target = None,
    fix: Fix = False,
    accept: AcceptOption = None,
    yes: Yes = False,
    on_failure: OnFailureOption = "rollback",
    calls: Calls = False,
    parallelism: Parallelism = 10,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
    schedule: Schedule = None,
    every: Every = None,
    timezone: Timezone = "UTC",
    jitter: Jitter = None,
    notify: NotifyOption = False,
    trail: Trail = "lookup",
    metrics_port: MetricsPort = None,
    metrics_address: MetricsAddress = "127.0.0.1",
    metrics_file: MetricsFile = None,
    log_format: LogFormat = Format.TEXT,
    html: Html = None,
) -> int:
    """Compare live AWS with what the last apply left, and with what is around that."""
    from ..drift.examine import examine
    from .composition import Inputs, say_open_run, session_for, targets
    from .drift_page import earlier_looks, save_page
    from .drift_round import Round, RoundOptions, once
    from .report import stderr_sink

    watching = schedule is not None or every is not None
    _refuse_mixtures(
        watching=watching,
        fix=fix,
        accept=accept is not None,
        target=bool(target),
        port=metrics_port is not None,
        page=html is not None,
    )
    wishes = RoundOptions(
        Inputs(var or (), var_file or ()), trail, notify, parallelism, log_drift=watching
    )
    if watching:
        from .drift_watch import Service, serve

        service = Service(
            schedule=schedule,
            every=every,
            timezone=timezone,
            jitter=jitter,
            metrics_port=metrics_port,
            metrics_address=metrics_address,
            metrics_file=metrics_file,
            json_logs=log_format is Format.JSON,
        )
        return serve(options, service, wishes)
    work = Round(options, wishes, measured=metrics_file is not None)
    declared = work.declared
    session = session_for(options, declared, stderr_sink(options), parallelism)
    if accept is not None:
        return _accept(options, session, lifecycles(session, declared), accept, lock_timeout)
    say_open_run(session)
    wanted, known = targets(target), lifecycles(session, declared)
    if fix:
        code = _fix(
            options,
            session,
            known,
            wanted,
            yes=yes,
            on_failure=on_failure,
            calls=calls,
            lock_timeout=lock_timeout,
        )
        if code != EXIT_DONE:
            return code
    seen = once(work, session, examine(session, known, wanted), metrics_file, whole=not wanted)
    show(options, seen.report)
    if html is not None:
        save_page(seen.report, html, session.sink, earlier_looks(options, seen.report))
    _say_acknowledged(session, len(seen.report.drifted) - len(seen.loud))
    return exit_code(replace(seen.report, drifted=seen.loud))


def _refuse_mixtures(
    *, watching: bool, fix: bool, accept: bool, target: bool, port: bool, page: bool
) -> None:
    """Options that contradict each other.

    Raises:
        Problem: `bad-option`.
    """
    from ...resources.diagnostics import Problem

    if fix and accept:
        raise Problem.of("bad-option", "--fix and --accept are opposites: give one of them")
    if page and accept:
        raise Problem.of(
            "bad-option", "--accept changes the state, and makes no page: leave out --html"
        )
    if watching and (fix or accept or target or page):
        raise Problem.of(
            "bad-option", "a schedule looks at everything and changes nothing: leave out the rest"
        )
    if port and not watching:
        raise Problem.of(
            "bad-option",
            "a single look ends before anybody could ask for its metrics",
            hint="use --metrics-file, or --schedule",
        )


def _say_acknowledged(session: Session, count: int) -> None:
    from ..events import Notice

    if count:
        what = "one drift is" if count == 1 else f"{count} drifts are"
        session.sink(Notice(f"{what} acknowledged: `rolewright drift ack --list` shows until when"))


def exit_code(report: DriftReport) -> int:
    """2 where something has drifted; what is only worth knowing is no reason to fail."""
    from ..drift.report import Severity

    worse = any(each.severity is not Severity.INFO for each in report.drifted)
    return EXIT_FOUND if worse else EXIT_DONE


def show(options: Common, report: DriftReport) -> None:
    """Print a report in the form that was asked for."""
    from ..views.drift_report_text import render_drift
    from ..views.json_documents import drift_document
    from .report import console, emit

    if options.json:
        emit(drift_document(report))
    else:
        render_drift(report, console(options))


def lifecycles(session: Session, declared: Declarations) -> Mapping[Address, Lifecycle]:
    """What the stack file leaves alone.

    Raises:
        Problem: the file is wrong.
    """
    from .composition import desired

    found = desired(session, declared)
    return {address: resource.lifecycle for address, resource in found.resources.items()}


def _fix(
    options: Common,
    session: Session,
    known: Mapping[Address, Lifecycle],
    wanted: frozenset[Address],
    *,
    yes: bool,
    on_failure: str,
    calls: bool,
    lock_timeout: float,
) -> int:
    from ..drift.examine import examine
    from ..drift.repair import OPERATION, plan_repair
    from .apply import carry_out

    return carry_out(
        options,
        session,
        OPERATION,
        lambda: plan_repair(session, examine(session, known, wanted), wanted),
        yes=yes,
        on_failure=on_failure,
        calls=calls,
        lock_timeout=lock_timeout,
        document=False,
    )


def _accept(
    options: Common,
    session: Session,
    known: Mapping[Address, Lifecycle],
    address: str,
    lock_timeout: float,
) -> int:
    """Take the drift of one resource into the state, under its lock."""
    from ..drift.accept import accept
    from ..drift.examine import examine
    from ..views.drift_report_text import render_accepted
    from ..views.json_documents import accepted_document
    from .composition import lock
    from .report import console, emit
    from .stored import record_at, refuse_open_run

    with lock(options, "drift --accept", lock_timeout, session.sink):
        refuse_open_run(session.journal)
        found, _ = record_at(session.state(), address)
        examined = examine(session, known, frozenset({found}))
        accepted = accept(found, examined, session)
        session.store.save(accepted.state)
    if options.json:
        emit(accepted_document(accepted))
    else:
        render_accepted(accepted, console(options))
    return EXIT_DONE
