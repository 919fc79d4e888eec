"""`rolewright state …`: care for the state."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .command import command
from .options import Common, LockTimeout

if TYPE_CHECKING:
    from ...state.journal import Journal

app = typer.Typer(no_args_is_help=True, help="Look at the state and mend it.")
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as role.reader.")]
Target = Annotated[str, typer.Argument(metavar="NEW_ADDRESS", help="The address that it gets.")]
Prefix = Annotated[
    str | None, typer.Argument(metavar="[PREFIX]", help="Only addresses that begin so.")
]


def list_(options: Common, prefix: Prefix = None) -> int:
    """List the addresses in the state."""
    from .report import emit
    from .stored import stored_state

    state = stored_state(options)
    found = [
        str(address) for address in sorted(state.resources) if str(address).startswith(prefix or "")
    ]
    if options.json:
        emit(
            {
                "format_version": "1.0",
                "command": "state list",
                "stack": state.stack,
                "serial": state.serial,
                "resources": found,
            }
        )
    else:
        sys.stdout.writelines(f"{address}\n" for address in found)
    return 0


def show(options: Common, address: AddressArgument) -> int:
    """Show one resource of the state."""
    from ..views.json_documents import record_document
    from ..views.state_text import render_record
    from .report import console, emit
    from .stored import record_at, stored_state

    state = stored_state(options)
    found, record = record_at(state, address)
    if options.json:
        emit(record_document(state, found, record))
    else:
        render_record(found, record, console(options))
    return 0


def mv(
    options: Common, address: AddressArgument, new_address: Target, lock_timeout: LockTimeout = 0.0
) -> int:
    """Give a resource of the state another address."""
    from ...resources.address import Address
    from ...resources.diagnostics import Problem

    try:
        target = Address.parse(new_address)
    except ValueError as error:
        raise Problem.of("bad-address", str(error)) from error
    return _edit(options, "mv", address, target, lock_timeout, f"{address} is now {new_address}")


def rm(options: Common, address: AddressArgument, lock_timeout: LockTimeout = 0.0) -> int:
    """Forget a resource; AWS keeps it."""
    return _edit(
        options, "rm", address, None, lock_timeout, f"{address} is forgotten; AWS keeps it"
    )


def _edit(
    options: Common, verb: str, address: str, target: object, timeout: float, message: str
) -> int:
    """Change the state under its lock, as a serial of its own."""
    from ...resources.address import Address
    from ...state.journal import Journal
    from ...state.store import LocalStore
    from .composition import lock
    from .report import emit, stderr_sink
    from .stored import record_at, stored_state

    with lock(options, f"state {verb}", timeout, stderr_sink(options)):
        refuse_open_run(Journal(options.state_path))
        store = LocalStore(options.state_path)
        state = store.load() or stored_state(options)
        found, _ = record_at(state, address)
        state = (
            state.moved(found, target)
            if isinstance(target, Address)
            else state.with_record(found, None)
        )
        state = state.advanced()
        store.save(state)
    if options.json:
        emit(
            {
                "format_version": "1.0",
                "command": f"state {verb}",
                "stack": state.stack,
                "serial": state.serial,
                "address": address,
                "new_address": None if target is None else str(target),
            }
        )
    else:
        typer.echo(f"{message} (serial {state.serial})")
    return 0


def refuse_open_run(journal: Journal) -> None:
    """Keep hands off a state whose last run is not finished.

    Raises:
        Problem: `journal-open`.
    """
    from ...state.problems import journal_open

    run = journal.open_run()
    if run is not None:
        raise journal_open(journal.paths.journal, run.started, run.ended)


def pull(options: Common) -> int:
    """Print the state file as it is."""
    from ...state.codec import encode
    from .stored import stored_state

    sys.stdout.write(encode(stored_state(options)).decode())
    return 0


command(app, "list")(list_)
command(app)(show)
command(app)(mv)
command(app)(rm)
command(app)(pull)
