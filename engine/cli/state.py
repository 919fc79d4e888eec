"""`rolewright state …`: care for the state."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..views.document_head import head
from .command import command
from .options import Common, LockTimeout

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at the state and mend it."
)
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as role.reader.")]
Target = Annotated[str, typer.Argument(metavar="NEW_ADDRESS", help="The address that it gets.")]
LockId = Annotated[str, typer.Argument(metavar="ID", help="The lock's id.")]
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
                **head("state list", state.stack),
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
        emit(record_document(state, found, record, command="state show"))
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
    from .composition import lock
    from .report import emit, stderr_sink
    from .stored import record_at, refuse_open_run, store_for, stored_state

    with lock(options, f"state {verb}", timeout, stderr_sink(options)):
        refuse_open_run(Journal(options.state_path))
        store = store_for(options)
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
                **head(f"state {verb}", state.stack),
                "serial": state.serial,
                "address": address,
                "new_address": None if target is None else str(target),
            }
        )
    else:
        typer.echo(f"{message} (serial {state.serial})")
    return 0


def history(options: Common) -> int:
    """List the serials that are kept, the present one last."""
    from .report import emit
    from .stored import store_for, stored_state

    state = stored_state(options)
    kept = [(one.serial, one.saved_at) for one in store_for(options).history()]
    if options.json:
        emit(
            {
                **head("state history", state.stack),
                "serial": state.serial,
                "history": [{"serial": serial, "saved_at": at} for serial, at in kept],
            }
        )
        return 0
    for serial, at in kept:
        typer.echo(f"{serial:6}  written last {at}")
    typer.echo(f"{state.serial:6}  the present one, {len(state.resources)} resources")
    return 0


def unlock(options: Common, lock_id: LockId) -> int:
    """Take away a lock whose owner is gone; its id is in the message that names it."""
    from ...state.lock import StateLock
    from ..version import tool_version
    from .report import emit

    lock = StateLock(options.state_path, operation="state unlock", tool_version=tool_version())
    info = lock.unlock(lock_id)
    if options.json:
        emit(
            {
                **head("state unlock", None),
                "id": info.id,
                "who": info.who,
                "when": info.when,
                "operation": info.operation,
            }
        )
    else:
        typer.echo(f"The lock of {info.who} ({info.operation}, {info.when}) is gone.")
    return 0


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
command(app)(history)
command(app)(unlock)
