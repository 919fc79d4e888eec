"""`moved`, `removed` and `import`: what leaves an address, and what comes to one from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic, Problem, Severity, Source, did_you_mean
from ...resources.registry import SECTIONS
from ...resources.stack import Import, Moved
from ...resources.trust_policy import TrustPolicy
from .origin import Located
from .validation import fit
from .values import describe, is_map

KINDS = tuple(SECTIONS.values())


def read_address(text: object, source: Source) -> Address:
    """The address that a text of the stack file names.

    Raises:
        Problem: it is none, or of no kind that there is.
    """
    try:
        address = Address.parse(str(text))
    except ValueError as error:
        hint = 'write KIND.NAME, such as role.reader or role.reader["a"]'
        summary = f"{describe(text)} is no address"
        raise Problem.of("bad-address", summary, hint=hint, source=source) from error
    if address.kind not in KINDS:
        hint = did_you_mean(address.kind, KINDS) or f"kinds are {', '.join(KINDS)}"
        summary = f'"{text}": there is no kind "{address.kind}"'
        raise Problem.of("bad-address", summary, hint=hint, source=source)
    return address


class Declared:
    """The addresses of a stack: its blocks and their instances."""

    def __init__(self, blocks: Iterable[Address], instances: Iterable[Address]) -> None:
        self._known = {*blocks, *instances}

    def __contains__(self, address: Address) -> bool:
        return address in self._known

    def near(self, address: Address) -> str:
        """The declared address that a misspelt one may mean, as a question."""
        same = [str(known) for known in self._known if known.kind == address.kind]
        return did_you_mean(str(address), sorted(same))


def read_moves(
    entries: Iterable[Located], declared: Declared, faults: list[Diagnostic]
) -> tuple[dict[Address, Address], list[Diagnostic]]:
    """The new address of each moved resource, and warnings."""
    moves: dict[Address, Address] = {}
    warnings: list[Diagnostic] = []
    for entry in entries:
        try:
            old, new = _move(entry)
            _check_move(entry, old, new, moves, declared)
        except Problem as problem:
            faults += problem.diagnostics
            continue
        moves[old] = new
        if new not in declared:
            warnings.append(
                Diagnostic(
                    "moved-nowhere",
                    f"{old} is moved to {new}, which this file does not declare",
                    hint=declared.near(new),
                    source=entry.source(("to",)),
                    severity=Severity.WARNING,
                )
            )
    return moves, warnings


def read_imports(
    entries: Iterable[Located], declared: Declared, faults: list[Diagnostic]
) -> dict[Address, Located]:
    """The entry of each address that takes over what exists."""
    found: dict[Address, Located] = {}
    for entry in entries:
        try:
            address = _import(entry, declared)
        except Problem as problem:
            faults += problem.diagnostics
            continue
        if found.setdefault(address, entry) is not entry:
            summary = f"{address} is imported twice"
            faults.append(Diagnostic("bad-import", summary, source=entry.source(("to",))))
    return found


def _import(entry: Located, declared: Declared) -> Address:
    if not is_map(entry.value):
        hint = "write {to: role.a, id: NAME}"
        summary = f"import takes maps, not {describe(entry.value)}"
        raise Problem.of("wrong-type", summary, hint=hint, source=entry.source())
    imported = fit(Import, entry.value)
    if isinstance(imported, list):
        raise Problem(*(misfit.located(entry) for misfit in imported))
    source = entry.source(("to",))
    address = read_address(imported.to, source)
    if address not in declared:
        hint = declared.near(address) or f"`rolewright import '{address}' ID` writes it"
        if address.kind == TrustPolicy.kind:
            hint = "a trust policy comes with its role: import that"
        summary = f"{address} is imported, and this file does not declare it"
        raise Problem.of("bad-import", summary, hint=hint, source=source)
    return address


def _move(entry: Located) -> tuple[Address, Address]:
    if not is_map(entry.value):
        hint = "write {from: role.a, to: role.b}"
        summary = f"moved takes maps, not {describe(entry.value)}"
        raise Problem.of("wrong-type", summary, hint=hint, source=entry.source())
    moved = fit(Moved, entry.value)
    if isinstance(moved, list):
        raise Problem(*(misfit.located(entry) for misfit in moved))
    return (
        read_address(moved.from_, entry.source(("from",))),
        read_address(moved.to, entry.source(("to",))),
    )


def _check_move(
    entry: Located,
    old: Address,
    new: Address,
    moves: dict[Address, Address],
    declared: Declared,
) -> None:
    if old.kind != new.kind:
        summary = f"{old} can't become {new}, which is of another kind"
    elif old in declared:
        summary = f"{old} is moved to {new} and still declared"
    elif old in moves:
        summary = f"{old} is moved twice"
    elif new in moves.values():
        summary = f"two resources are moved to {new}"
    else:
        return
    raise Problem.of("bad-move", summary, source=entry.source(("from",)))


def read_removed(
    entries: Iterable[Located],
    declared: Declared,
    moves: Collection[Address],
    faults: list[Diagnostic],
) -> frozenset[Address]:
    """The addresses to forget without deleting anything."""
    found: set[Address] = set()
    for entry in entries:
        source = entry.source()
        try:
            address = read_address(entry.value, source)
        except Problem as problem:
            faults += problem.diagnostics
            continue
        if address in declared or address in moves:
            reason = "declared" if address in declared else "moved"
            summary = f"{address} is both removed and {reason}"
            faults.append(Diagnostic("bad-removed", summary, hint="keep one", source=source))
        found.add(address)
    return frozenset(found)
