"""What must hold of every state, checked when one is read and before one is written.

Broken, so that nothing is done with the state:

1. `stack` is named.
2. `lineage` is a UUID.
3. `serial` is not negative.
4. `account_id` is twelve digits.
5. A record is of the kind that its address says.

Odd, but the account can still be managed, so that the finding is a warning and the state is used:

6. Every dependency is in the state. `state rm`, `removed:` and an interrupted destroy leave one
   that is not; dependencies only order deletions, and what the state lacks is never deleted.
7. Dependencies make no cycle. A `--target` apply between two edits of a stack file can leave one.
8. No two records of a kind have one id. Blocks that attach one policy to several roles share theirs
   rightly, and only the kinds can tell, so that this is never a reason to refuse a state.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from ..resources.address import Address
from ..resources.diagnostics import Diagnostic, Problem, Severity, Source
from .document import State

_ACCOUNT = re.compile(r"[0-9]{12}")
_SHARED = re.compile(r"arn:[^:]*:iam::aws:")


def check(state: State) -> tuple[Diagnostic, ...]:
    """Every finding, faults as errors and oddities as warnings; empty for a sound state."""
    return (*_broken(state), *_odd(state))


def verify(state: State, *, file: Path | None = None) -> None:
    """Do nothing if the state can be worked with.

    Raises:
        Problem: `state-invalid`, once for each broken rule.
    """
    faults = tuple(_broken(state))
    if faults:
        source = None if file is None else Source(str(file))
        raise Problem(*(fault.at(source) for fault in faults))


def verify_owner(state: State, *, stack: str, account_id: str, file: Path | None = None) -> None:
    """Do nothing if the state is that of this stack in this account.

    Raises:
        Problem: `state-other-stack`, `state-other-account`, or both.
    """
    source = None if file is None else Source(str(file))
    found: list[Diagnostic] = []
    if state.stack != stack:
        found.append(
            Diagnostic(
                "state-other-stack",
                f"the state is that of stack {state.stack!r}, not of {stack!r}",
                "What it lists belongs to another stack, whose resources would be deleted.",
                "name this stack's own state with --state, or give the stack its old name back",
                source,
            )
        )
    if state.account_id != account_id:
        found.append(
            Diagnostic(
                "state-other-account",
                f"the state is that of account {state.account_id}, not of {account_id}",
                "What it lists is not in the account that the credentials belong to.",
                "use credentials of that account, or name this account's own state with --state",
                source,
            )
        )
    if found:
        raise Problem(*found)


def _broken(state: State) -> Iterator[Diagnostic]:
    if not state.stack:
        yield _fault("the state names no stack")
    if not _is_uuid(state.lineage):
        yield _fault(f"the state's lineage {state.lineage!r} is not a UUID")
    if state.serial < 0:
        yield _fault(f"the state's serial {state.serial} is negative")
    if not _ACCOUNT.fullmatch(state.account_id):
        yield _fault(f"the state's account {state.account_id!r} is not twelve digits")
    for address, record in state.resources.items():
        if record.kind != address.kind:
            yield _fault(f"{address} has a record of kind {record.kind!r}").on(address)


def _odd(state: State) -> Iterator[Diagnostic]:
    yield from _missing(state)
    yield from _cycle(state)
    yield from _shared(state)


def _missing(state: State) -> Iterator[Diagnostic]:
    for address, record in sorted(state.resources.items()):
        gone = [str(name) for name in record.dependencies if name not in state.resources]
        if gone:
            yield _oddity(
                "state-dependency-missing",
                f"{address} depends on {_listed(gone)}, which the state does not have",
                "It may have been removed from the state, or an apply may have stopped halfway.",
                "the next apply of the whole stack records the dependencies anew",
            ).on(address)


def _cycle(state: State) -> Iterator[Diagnostic]:
    graph = {
        address: [name for name in record.dependencies if name in state.resources]
        for address, record in sorted(state.resources.items())
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        path: list[Address] = error.args[1]
        yield _oddity(
            "state-dependency-cycle",
            "the recorded dependencies make a cycle: " + " → ".join(map(str, path)),
            "Applies of parts of a stack, between edits, can leave one.",
            "the next apply of the whole stack records the dependencies anew",
        )


def _shared(state: State) -> Iterator[Diagnostic]:
    holders: dict[tuple[str, str], list[str]] = {}
    for address, record in sorted(state.resources.items()):
        if not _SHARED.match(record.id):
            holders.setdefault((record.kind, record.id), []).append(str(address))
    for (kind, name), addresses in holders.items():
        if len(addresses) > 1:
            yield _oddity(
                "state-shared-id",
                f"{_listed(addresses)} are one {kind} in AWS: {name}",
                "Deleting one of them may take away what the others stand for.",
                "if they are one resource, forget all but one of them with `rolewright state rm`",
            )


def _fault(summary: str) -> Diagnostic:
    return Diagnostic(
        "state-invalid",
        summary,
        "rolewright never writes a state like that.",
        "put a good copy back: `rolewright state history` lists the earlier ones",
    )


def _oddity(code: str, summary: str, detail: str, hint: str) -> Diagnostic:
    return Diagnostic(code, summary, detail, hint, severity=Severity.WARNING)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
