"""How an apply ended, in words: what was done, what failed, and what that leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from rich.console import Console

from ..outcome import ApplyOutcome, FailedCall, Status
from ..plan import Action, under_new_id
from .lines import BLANK, Line, glued, line, show
from .symbols import BOLD, DIM, GREEN, RED, STRONG_RED, YELLOW
from .values import many, seconds

_DONE = {
    Action.IMPORT: "imported",
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.MOVE: "moved",
    Action.FORGET: "forgotten",
}


def render_outcome(outcome: ApplyOutcome, console: Console) -> None:
    """Print how an apply ended."""
    show(console, outcome_lines(outcome))


def outcome_lines(outcome: ApplyOutcome) -> Iterable[Line]:
    """How an apply ended, as lines."""
    match outcome.status:
        case Status.APPLIED:
            return _applied(outcome)
        case Status.NO_CHANGES:
            return (line("Nothing to do: no call was made, the state stays as it is."),)
        case Status.ROLLED_BACK:
            return _rolled_back(outcome)
        case Status.ROLLBACK_INCOMPLETE:
            return _incomplete(outcome)
        case Status.INTERRUPTED:
            return _interrupted(outcome)
        case _:
            assert_never(outcome.status)


def _applied(outcome: ApplyOutcome) -> Iterable[Line]:
    counts = outcome.plan.summary
    done = [
        f"{counts[action.value]} {word}" for action, word in _DONE.items() if counts[action.value]
    ]
    style = "bold" if outcome.failed else f"bold {GREEN}"
    yield line(("Applied: ", style), f"{', '.join(done)}.", _closing(outcome))
    if outcome.failed:
        yield line(("Every call succeeded, but AWS is not as planned:", STRONG_RED))
        yield from _failures(outcome)
        yield line("Plan again to see what differs.")


def _rolled_back(outcome: ApplyOutcome) -> Iterable[Line]:
    yield line(("The apply failed, and was rolled back completely.", STRONG_RED))
    yield from _failures(outcome)
    yield from _undone(outcome)
    lossy = _lossy(outcome)
    if lossy:
        yield line(("If the apply had come that far: ", YELLOW), "; ".join(lossy))
    rest = "Everything else" if lossy or outcome.recreated else "Everything"
    yield line(f"{rest} is as it was before the apply.", _closing(outcome))


def _lossy(outcome: ApplyOutcome) -> list[str]:
    """What undoing could not restore exactly, in the changes that were undone."""
    undone = (c for c in outcome.plan.changes if str(c.address) in outcome.rolled_back)
    notes = dict.fromkeys(note for change in undone for note in change.lossy)
    told = {under_new_id(one.what, one.name) for one in outcome.recreated}
    return [note for note in notes if note not in told]


def _recreated(outcome: ApplyOutcome) -> Iterable[Line]:
    """What came back under new ids, and what to do where the old ones are still in use."""
    if not outcome.recreated:
        return
    yield line(("Made again, under new unique ids:", f"bold {YELLOW}"))
    for one in outcome.recreated:
        was = f"was {one.old_id}, and " if one.old_id else ""
        new = f"is {one.new_id} now" if one.new_id else "has another id now"
        told = f': {one.what} "{one.name}" {was}{new}'
        yield line(("! ", YELLOW), (one.address, BOLD), told, indent=2)
        if one.referred_to_by:
            yield line(
                f"still referred to by the old id: {', '.join(one.referred_to_by)}", indent=4
            )
    yield line(
        "A policy elsewhere that names such a role as principal holds the old id, too, and lets nobody in."
        " Plan again to see what this stack has to save again; save other policies once more by hand."
    )


def _incomplete(outcome: ApplyOutcome) -> Iterable[Line]:
    if outcome.committed:
        told = "The apply failed at its very end, after calls that nothing can undo."
    else:
        told = "The apply failed, and could not be rolled back completely."
    yield line((told, STRONG_RED))
    yield from _failures(outcome)
    yield from _undone(outcome)
    if outcome.left:
        yield line(("Left to do:", BOLD))
        # On one line whatever its length, so that it can be copied into a shell.
        yield from (line(glued(command), indent=2) for command in outcome.left)
    if outcome.committed:
        yield line("Or finish it with: rolewright recover --forward")
    yield line("The journal and the state record what is there.", _closing(outcome))


def _interrupted(outcome: ApplyOutcome) -> Iterable[Line]:
    if outcome.failed:
        yield line(("The apply failed; what was done stays, as asked.", STRONG_RED))
    elif outcome.rolled_back:
        yield line(("Interrupted, and rolled back completely.", f"bold {YELLOW}"))
    else:
        yield line(("Interrupted; what was done stays.", f"bold {YELLOW}"))
    yield from _failures(outcome)
    yield from _undone(outcome)
    if not outcome.rolled_back:
        yield line(
            "Everything that was done is in the state; plan again to see what is left to do."
        )
    yield line("No call was cut short.", _closing(outcome))


def _failures(outcome: ApplyOutcome) -> Iterable[Line]:
    if not outcome.failed:
        return
    for failed in outcome.failed:
        yield line(("! ", RED), (failed.address, BOLD), f": {_refusal(failed)}", indent=2)
    yield BLANK


def _refusal(failed: FailedCall) -> str:
    return ": ".join(part for part in (failed.operation, failed.code, failed.message) if part)


def _undone(outcome: ApplyOutcome) -> Iterable[Line]:
    if outcome.rolled_back:
        addresses = ", ".join(outcome.rolled_back)
        yield line(f"Undone: {addresses} ({many(len(outcome.rolled_back), 'resource')})")
    yield from _recreated(outcome)


def _closing(outcome: ApplyOutcome) -> tuple[str, str]:
    took = f", {seconds(outcome.seconds)}" if outcome.seconds else ""
    return f" {glued(f'(state serial {outcome.serial}{took})')}", DIM
