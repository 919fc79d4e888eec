"""`rolewright sandbox …`: a local AWS to try everything on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..views.document_head import head
from .command import command
from .options import Common

if TYPE_CHECKING:
    from ..sandbox import Sandbox

app = typer.Typer(
    no_args_is_help=True, help="A local AWS to try everything on; it needs no account."
)


Empty = Annotated[
    bool, typer.Option("--empty", help="Without the things that the examples bind roles to.")
]


def start(options: Common, empty: Empty = False) -> int:
    """Start the sandbox in the background."""
    from .. import sandbox

    begun = sandbox.start()
    if not empty and not begun.already_running:
        _furnish(begun.sandbox)
    what = "is running already" if begun.already_running else "is running"
    return _tell(
        options,
        "start",
        begun.sandbox,
        f"The sandbox {what} at {begun.sandbox.url}. Use it with --sandbox, or: export RW_SANDBOX=1",
    )


def stop(options: Common) -> int:
    """Stop the sandbox; its data goes with it."""
    from .. import sandbox

    found = sandbox.stop()
    return _tell(
        options,
        "stop",
        None,
        "The sandbox was not running." if found is None else "The sandbox is stopped.",
    )


def reset(options: Common, empty: Empty = False) -> int:
    """Make the sandbox as it was when it started."""
    from .. import sandbox

    found = sandbox.running()
    sandbox.reset(found)
    if not empty:
        _furnish(found)
    return _tell(options, "reset", found, "The sandbox is as it was when it started.")


def _furnish(found: Sandbox) -> None:
    from ..aws.session import AwsOptions, connect
    from ..sandbox.furnishing import furnish

    furnish(connect(AwsOptions(sandbox_endpoint=found.url)), found.url)


def status(options: Common) -> int:
    """Say whether the sandbox is running, and where."""
    from .. import sandbox

    found = sandbox.status()
    text = (
        "The sandbox is not running."
        if found is None
        else f"The sandbox is running at {found.url} (process {found.pid}, since {found.started})."
    )
    return _tell(options, "status", found, text)


def _tell(options: Common, verb: str, found: Sandbox | None, text: str) -> int:
    if options.json:
        from .report import emit

        document: dict[str, Any] = {
            **head(f"sandbox {verb}", None),
            "running": found is not None,
        }
        emit(
            document
            | (
                {}
                if found is None
                else {"endpoint_url": found.url, "pid": found.pid, "started": found.started}
            )
        )
    else:
        typer.echo(text)
    return 0


for verb in (start, stop, reset, status):
    command(app)(verb)
