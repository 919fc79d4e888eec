"""What store, journal and lock say when they refuse or fail: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..resources.diagnostics import Diagnostic, Problem, Severity, Source
from .document import State
from .entries import RunEnded, RunStarted
from .owner import UNREADABLE, LockInfo


def reason(error: OSError) -> str:
    """What the system said, in its words."""
    return error.strerror or str(error)


def unreadable(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "state-unreadable",
        f"the state file could not be read: {reason(error)}",
        detail="The file is left as it is.",
        hint="make it a file that you may read, or name another one with --state",
        source=Source(str(path)),
    )


def unwritable(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "state-folder-unwritable",
        f"the folder of the state file can't be written to: {reason(error)}",
        detail=f"What an apply does must be recorded in {path.parent}. Nothing was done.",
        hint="make it writable, or name a state file elsewhere with --state",
        source=Source(str(path)),
    )


def full(path: Path, need: int, room: int) -> Problem:
    return Problem.of(
        "state-folder-full",
        f"the disk of the state file is nearly full: {room:,} bytes are free, {need:,} are needed",
        detail=f"What an apply does must be recorded in {path.parent}. Nothing was done.",
        hint="make room, or name a state file elsewhere with --state",
        source=Source(str(path)),
    )


def not_saved(path: Path, error: OSError, copy: Path | None, *, in_place: bool) -> Problem:
    kept = (
        "The new state is in its place, but the disk did not confirm it."
        if in_place
        else "The file is as it was; what an apply did since is in the journal beside it."
    )
    spare = f" A copy of the new state is {copy}." if copy else " A copy elsewhere failed as well."
    return Problem.of(
        "state-not-saved",
        f"the state could not be saved: {reason(error)}",
        detail=kept + spare,
        hint="make room or mend the disk; after an apply run `rolewright recover`, else try again",
        source=Source(str(path)),
    )


def other_lineage(found: State, wanted: State, path: Path) -> Problem:
    return Problem.of(
        "state-other-lineage",
        f"the state is of lineage {found.lineage}, not of {wanted.lineage}",
        detail=f"Both are of stack {found.stack!r}, but neither was made from the other.",
        hint="find out which of the two describes the account, and name it with --state",
        source=Source(str(path)),
    )


def lower_serial(new: State, present: State, path: Path) -> Problem:
    return Problem.of(
        "state-lower-serial",
        f"the state is at serial {present.serial}, and {new.serial} would go back",
        detail="Another run changed the stack meanwhile. The file is as it was.",
        hint="plan again; `rolewright rollback --to SERIAL` is the way to go back",
        source=Source(str(path)),
    )


def moved(present: State, path: Path) -> Problem:
    return Problem.of(
        "state-moved",
        f"the state was changed by somebody else meanwhile: it is at serial {present.serial}",
        detail="Saving would lose that change. The file is as it was.",
        hint="plan again from the present state",
        source=Source(str(path)),
    )


def not_kept(serial: int, kept: Sequence[int], path: Path) -> Problem:
    ranges = f"{kept[0]} to {kept[-1]}" if kept else "none"
    return Problem.of(
        "serial-not-kept",
        f"no state of serial {serial} is kept",
        detail=f"Earlier serials that are kept: {ranges}.",
        hint="`rolewright state history` lists them",
        source=Source(str(path)),
    )


def journal_unreadable(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "journal-unreadable",
        f"the journal could not be read: {reason(error)}",
        detail="Whether an earlier run was interrupted can't be told.",
        hint="make it a file that you may read",
        source=Source(str(path)),
    )


def journal_broken(path: Path, line: int, what: str) -> Problem:
    return Problem.of(
        "journal-broken",
        f"the journal can't be made sense of: {what}",
        detail=(
            "More is wrong than a last line cut off, so that what the interrupted run did can't be "
            "told from it. The file is left as it is."
        ),
        hint="mend the line if it was edited; else compare the account with the plan by hand, and "
        "move the file away",
        source=Source(str(path), line),
    )


def journal_not_written(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "journal-not-written",
        f"the journal could not be written: {reason(error)}",
        detail="What can't be recorded is not done: no further call is made to AWS.",
        hint="make room or mend the disk, then run `rolewright recover`",
        source=Source(str(path)),
    )


def journal_open(path: Path, started: RunStarted, ended: RunEnded | None) -> Problem:
    how = "could not be rolled back completely" if ended else "was interrupted"
    return Problem.of(
        "journal-open",
        f"an earlier {started.operation} {how}",
        detail=f"Run {started.run}, started at {started.at} by process {started.pid} on "
        f"{started.host}, is not settled.",
        hint="`rolewright recover` finishes or undoes it",
        source=Source(str(path)),
    )


def journal_not_open(path: Path, run: str) -> Problem:
    return Problem.of(
        "journal-not-open",
        f"there is no open run {run} to go on with",
        detail="Another process may have finished or undone it meanwhile.",
        hint="plan again from the present state",
        source=Source(str(path)),
    )


def locked(holder: LockInfo | None) -> Problem:
    if holder is None:
        return Problem.of(
            "locked",
            "the state is locked by another process",
            detail="It is just taking the lock or giving it back, and has not said who it is.",
            hint="try again, or wait for it with --lock-timeout 60",
        )
    return Problem.of(
        "locked",
        f"the state is locked by {holder.who}",
        detail=f"{_described(holder)}.",
        hint="wait for it with --lock-timeout 60; if that process is certainly gone: "
        f"`rolewright state unlock {holder.id}`",
    )


def lock_taken_over(owner: LockInfo) -> Diagnostic:
    return Diagnostic(
        "lock-taken-over",
        f"the lock of {owner.who} was taken over: that process is gone",
        f"{_described(owner)}.",
        severity=Severity.WARNING,
    )


def lock_lost(mine: LockInfo, holder: LockInfo | None) -> Problem:
    now = f"{_described(holder)}." if holder else "Nobody holds it now."
    return Problem.of(
        "lock-lost",
        f"the lock {mine.id} of this command was taken away",
        detail=f"Somebody ran `rolewright state unlock`. {now}",
        hint="nothing more is written; run `rolewright recover` when no other command runs",
    )


def not_locked(path: Path) -> Problem:
    return Problem.of("not-locked", "the state is not locked", source=Source(str(path)))


def lock_other_id(wanted: str, holder: LockInfo) -> Problem:
    return Problem.of(
        "lock-other-id",
        f"the state is not locked under {wanted}",
        detail=f"{_described(holder)}.",
        hint=f"if that process is certainly gone: `rolewright state unlock {holder.id}`",
    )


def lock_unreadable(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "lock-unreadable",
        f"who holds the state's lock could not be read: {reason(error)}",
        hint="make it a file that you may read",
        source=Source(str(path)),
    )


def lock_not_written(path: Path, error: OSError) -> Problem:
    return Problem.of(
        "lock-not-written",
        f"the state could not be locked: {reason(error)}",
        detail="Nothing was done.",
        hint="make the folder writable and see that its disk has room",
        source=Source(str(path)),
    )


def _described(holder: LockInfo) -> str:
    if holder == UNREADABLE:
        return "The file that says who holds the lock can't be made sense of"
    program = f"rolewright {holder.tool_version}".strip()
    return (
        f"`{holder.operation}` ({program}) has held it since {holder.when}, as process "
        f"{holder.pid} on {holder.host}; its id is {holder.id}"
    )
