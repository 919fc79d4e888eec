"""A state as text: all of it, one resource, the list of addresses, and the outputs."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from ...resources.address import Address
from ...resources.registry import SECTIONS
from ...state.document import State, StateRecord
from .attributes_text import attribute_lines, labelled
from .lines import BLANK, Line, glued, line, show
from .symbols import BOLD, DIM
from .values import many, text_of

_KINDS = tuple(SECTIONS.values())
_INDENT = 4


def render_state(state: State, console: Console) -> None:
    """Print everything that a state holds, roles before what hangs on them."""
    show(console, state_lines(state, console.width))


def state_lines(state: State, width: int) -> Iterable[Line]:
    """A state as lines."""
    where = f" · account {state.account_id}, {state.region} · serial {state.serial}"
    yield line((state.stack, BOLD), (where, DIM))
    if not state.resources:
        yield line("It holds no resources.")
        return
    yield BLANK
    for address in sorted(state.resources, key=lambda one: (_rank(one), one)):
        yield from record_lines(address, state.resources[address], width)
        yield BLANK
    yield line(many(len(state.resources), "resource"))


def render_record(address: Address, record: StateRecord, console: Console) -> None:
    """Print one resource of a state."""
    show(console, record_lines(address, record, console.width))


def record_lines(address: Address, record: StateRecord, width: int) -> Iterable[Line]:
    """One resource of a state as lines."""
    note = "  (prevent_destroy)" if record.protected else ""
    yield line((str(address), BOLD), (note, DIM))
    found = attribute_lines(address, record.desired, width - _INDENT)
    if record.arn:
        found = [labelled("arn", record.arn), *found]
    elif record.id not in (address.local, ""):
        found = [labelled("id", record.id), *found]
    told = {name: value for name, value in (record.prior or {}).items() if value}
    if told:
        found.append(labelled("put back when this is deleted", text_of(told)))
    if record.dependencies:
        found.append(labelled("needs", ", ".join(map(str, record.dependencies))))
    yield from (each.deeper(_INDENT) for each in found)


def render_state_list(state: State, console: Console) -> None:
    """Print the addresses of a state, one a line and nothing else."""
    show(console, (line(glued(str(address))) for address in sorted(state.resources)))


def render_outputs(state: State, console: Console) -> None:
    """Print each resource's ARN, or its id where it has no ARN."""
    outputs = outputs_of(state).items()
    show(console, (line(glued(f"{name} = {value}")) for name, value in outputs))


def outputs_of(state: State) -> dict[str, str]:
    """What other tools want to know of a state: each resource's ARN, or else its id."""
    records = sorted(state.resources.items())
    return {str(address): record.arn or record.id for address, record in records}


def _rank(address: Address) -> int:
    return _KINDS.index(address.kind) if address.kind in _KINDS else len(_KINDS)
