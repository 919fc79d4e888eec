"""`rolewright drift history`, `show`, `ack` and `unack`: what looks found, and what people said about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ..views.document_head import head
from .command import EXIT_DONE
from .options import Common

if TYPE_CHECKING:
    from ..drift.history import History

Limit = Annotated[
    int, typer.Option("--limit", min=1, max=10_000, help="How many looks, the newest first.")
]
RunArgument = Annotated[int, typer.Argument(metavar="RUN", help="A number that `history` shows.")]
AckAddress = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="What has drifted, such as role.reader.")
]
UnackAddress = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="What was acknowledged, such as role.reader.")
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE", help="The last day of silence (UTC), or an ISO 8601 time."
    ),
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why it may stay as it is.")
]
ListThem = Annotated[bool, typer.Option("--list", help="List what is acknowledged.")]


def history(options: Common, limit: Limit = 20) -> int:
    """List past looks for drift."""
    from .report import emit

    kept = _history(options)
    runs = kept.runs(limit)
    if options.json:
        emit({**head("drift history", kept.stack), "runs": [_plain(one) for one in runs]})
        return EXIT_DONE
    for one in runs:
        found = f"{one.drifted} drifted, worst {one.worst}" if one.drifted else "nothing drifted"
        what = f"failed: {one.failure}" if one.failure else f"{found}, of {one.checked}"
        typer.echo(f"{one.id:6}  {one.at}  {what}")
    if not runs:
        typer.echo("No look for drift has been kept yet: `rolewright drift` makes the first one.")
    return EXIT_DONE


def show(options: Common, run: RunArgument) -> int:
    """Show what a past look found."""
    from .drift import show as show_report

    show_report(options, _history(options).report(run))
    return EXIT_DONE


def ack(
    options: Common,
    address: AckAddress = None,
    until: Until = None,
    reason: Reason = None,
    list_: ListThem = False,
) -> int:
    """Keep the present drift of a resource silent until it changes or the date has passed."""
    from ...resources.diagnostics import Problem, did_you_mean

    kept = _history(options)
    if list_:
        return _list(options, kept)
    if address is None or until is None or not (reason or "").strip():
        raise Problem.of(
            "bad-option",
            "an acknowledgement needs an address, --until and --reason",
            hint='rolewright drift ack role.reader --until 2027-01-31 --reason "until the move"',
        )
    now = datetime.now(UTC)
    latest = kept.latest()
    drifted = () if latest is None else latest.drifted
    chosen = [one for one in drifted if one.address == address]
    if not chosen:
        raise Problem.of(
            "nothing-to-acknowledge",
            f"the last look found no drift of {address}",
            hint=did_you_mean(address, {one.address for one in drifted})
            or "`rolewright drift` looks again",
        )
    end = end_of_silence(until, now)
    kept.acknowledge(chosen, until=end, reason=str(reason).strip(), now=now)
    return _said(
        options,
        kept,
        "drift ack",
        address,
        len(chosen),
        f"{_count(len(chosen))} of {address} is silent until {end:%Y-%m-%d %H:%M} UTC, "
        "unless it changes.",
    )


def unack(options: Common, address: UnackAddress) -> int:
    """Take back what was acknowledged of a resource."""
    from ...resources.diagnostics import Problem

    kept = _history(options)
    count = kept.unacknowledge(address)
    if not count:
        raise Problem.of(
            "not-acknowledged",
            f"nothing of {address} is acknowledged",
            hint="`rolewright drift ack --list` shows what is",
        )
    return _said(
        options, kept, "drift unack", address, count, f"{_count(count)} of {address} counts again."
    )


def end_of_silence(text: str, now: datetime) -> datetime:
    """The moment until which something is silent: a day in UTC counts to its end.

    Raises:
        Problem: it is no date, or has passed.
    """
    from ...resources.diagnostics import Problem

    try:
        if len(text) == len("2027-01-31"):
            end = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
        else:
            end = datetime.fromisoformat(text)
            end = end.replace(tzinfo=UTC) if end.tzinfo is None else end.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem.of(
            "bad-date", f'"{text}" is no date', hint="write for example 2027-01-31"
        ) from error
    if end <= now:
        raise Problem.of("bad-date", f"{text} has passed", hint="name a day that is to come")
    return end


def _history(options: Common) -> History:
    from ..drift.database import database_path
    from ..drift.history import History
    from .stored import stored_state

    return History(database_path(options.state_path), stored_state(options).stack)


def _list(options: Common, kept: History) -> int:
    from ...state.clock import timestamp
    from .report import emit

    found = kept.acknowledgements()
    if options.json:
        emit({**head("drift ack", kept.stack), "acknowledged": [_plain(one) for one in found]})
        return EXIT_DONE
    now = timestamp(datetime.now(UTC))
    for one in found:
        over = "" if now < one.until else " (over)"
        typer.echo(f"{one.address}  until {one.until}{over}: {one.reason}")
    if not found:
        typer.echo("Nothing is acknowledged.")
    return EXIT_DONE


def _said(
    options: Common, kept: History, command: str, address: str, count: int, words: str
) -> int:
    from .report import emit

    if options.json:
        emit({**head(command, kept.stack), "address": address, "drifts": count})
    else:
        typer.echo(words)
    return EXIT_DONE


def _count(number: int) -> str:
    return "The drift" if number == 1 else f"All drift ({number})"


def _plain(value: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(value)  # type: ignore[call-overload]
