"""The change of one resource: from what is wanted, recorded and observed of it to an action with its calls. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..resources.calls import Attrs, Call, Phase
from ..resources.diagnostics import Problem
from ..resources.kind import STACK_TAG
from .case import Case, leaving_alone, managed, without_ownership
from .diff import deltas, differing
from .plan import Action, Change, FieldDelta


def change_of(case: Case) -> Change:
    """What has to happen.

    Raises:
        Problem: something is in the way; nothing may be changed.
    """
    if case.forget and case.record is not None:
        return _forget(case)
    if case.wanted is None:
        return _delete(case)
    if case.record is None:
        taken = case.importing or (case.along and _in_the_way(case))
        return _import(case) if taken else _create(case, "not in state")
    if case.there:
        return _replace(case) if case.forced else _update(case)
    found = case.successor if case.forced else case.current
    return _create(replace(case, successor=found), "deleted outside rolewright")


def _forget(case: Case) -> Change:
    return Change(
        case.address,
        case.address.kind,
        Action.FORGET,
        "listed under removed: AWS keeps it",
        before=case.recorded.desired,
    )


def _in_the_way(case: Case) -> bool:
    """Whether there is something that keeps this from being made anew, or makes that needless."""
    kind, wanted, found = case.new_kind, case.desired, case.successor
    whole = kind.present(found) and not kind.create(wanted, found, case.context)
    return whole or bool(kind.conflict(wanted, found))


def _import(case: Case) -> Change:
    """Take over what is there, and bring to what is wanted where it differs."""
    kind, found = case.new_kind, case.successor
    if not kind.live:
        return replace(_create(case, ""), action=Action.IMPORT)
    if found is None or not kind.present(found):
        raise Problem.of(
            "import-missing",
            f"there is no {kind.id(case.desired)} to import as {case.address}",
            address=case.address,
            hint="correct its name and the id under import, or remove that entry to make a new one",
        )
    reason = kind.not_ours(found, case.context.stack)
    if reason:
        summary = f"{kind.id(case.desired)} can't be imported: {reason}"
        raise Problem.of("import-refused", summary, address=case.address)
    untagged = _untagged(found)
    wanted = leaving_alone(
        without_ownership(case.desired) if untagged else case.desired, found, case.lifecycle
    )
    case.refuse_missing(wanted, found)
    live = differing(kind.shape, wanted, found)
    fixed = live & kind.shape.replace.keys()
    if fixed:
        raise Problem.of(
            "import-differs",
            f"{case.address} can't be imported as declared: {', '.join(sorted(fixed))} of the "
            "one in AWS is another",
            detail="; ".join(kind.shape.replace[name] for name in sorted(fixed)) + ".",
            address=case.address,
            hint="declare it as it is in AWS",
        )
    return Change(
        case.address,
        case.address.kind,
        Action.IMPORT,
        f"is {kind.id(wanted)}",
        before=managed(wanted, found),
        after=wanted,
        diff=deltas(kind.shape, found, wanted, live),
        record=replace(
            replace(case, wanted=wanted).state_record(found, None), imported=True, untagged=untagged
        ),
        **(_by_phase(kind.update(wanted, found, live, case.context)) if live else {}),
    )


def _untagged(observed: Attrs) -> bool:
    """Whether an object that could carry ownership tags has none."""
    return STACK_TAG not in observed.get("tags", {})


def _create(case: Case, reason: str) -> Change:
    wanted, kind = case.desired, case.new_kind
    case.refuse_obstacles(case.successor, in_state=case.record is not None and not case.forced)
    drift = () if case.record is None else (FieldDelta("exists", before=True, after=False),)
    return Change(
        case.address,
        case.address.kind,
        Action.CREATE,
        reason,
        after=wanted,
        diff=tuple(
            FieldDelta(name, None, value)
            for name, value in sorted(wanted.items())
            if value not in (None, "", [], {})
        ),
        drift=drift,
        make=tuple(kind.create(wanted, case.successor, case.context)),
        record=case.state_record(
            case.successor, None if case.record is None else case.record.prior
        ),
        moved_from=case.moved_from,
    )


def _delete(case: Case) -> Change:
    record = case.recorded
    if record.protected or case.lifecycle.prevent_destroy:
        raise case.protected("deleted")
    calls = _removals(case) if case.there else {}
    reason = (
        "no longer in the stack file"
        if case.there
        else "no longer in the stack file, and gone from AWS"
    )
    return Change(
        case.address,
        case.address.kind,
        Action.DELETE,
        reason,
        before=managed(record.desired, case.current),
        diff=(),
        drift=case.drift(),
        **calls,
    )


def _replace(case: Case) -> Change:
    if case.recorded.protected or case.lifecycle.prevent_destroy:
        raise case.protected("replaced")
    wanted, kind, current = case.desired, case.new_kind, case.current or {}
    names = differing(kind.shape, wanted, current) | case.forced
    reasons = "; ".join(f"{name}: {kind.shape.replace[name]}" for name in sorted(case.forced))
    change = Change(
        case.address,
        case.address.kind,
        Action.REPLACE,
        reasons,
        before=managed({**case.recorded.desired, **wanted}, current),
        after=wanted,
        diff=deltas(kind.shape, current, wanted, names),
        drift=case.drift(),
        moved_from=case.moved_from,
        forced_by=tuple(sorted(case.forced)),
    )
    own = kind.identities(wanted)[:1]
    if own and own == case.old_kind.identities(case.recorded.desired)[:1]:
        return replace(
            change,
            make=tuple(kind.recreate(wanted, current, case.context)),
            deletes_first=True,
            record=case.state_record(current, case.recorded.prior),
        )
    case.refuse_obstacles(case.successor, in_state=False)
    return replace(
        change,
        **{**_removals(case), "make": tuple(kind.create(wanted, case.successor, case.context))},
        record=case.state_record(case.successor, _handed_over(case)),
    )


def _update(case: Case) -> Change:
    record, kind = case.recorded, case.new_kind
    current = case.current or {}
    declared = without_ownership(case.desired) if record.untagged else case.desired
    wanted = leaving_alone(declared, current, case.lifecycle)
    case.refuse_missing(wanted, current)
    live = differing(kind.shape, wanted, current)
    recorded = leaving_alone(record.desired, current, case.lifecycle)
    edited = differing(kind.shape, wanted, recorded) | (wanted.keys() ^ recorded.keys())
    bookkeeping = record.protected != case.lifecycle.prevent_destroy
    change = Change(
        case.address,
        case.address.kind,
        Action.NO_OP,
        "as wanted",
        before=managed(wanted, current),
        after=wanted,
        drift=case.drift(),
        record=replace(
            replace(case, wanted=wanted).state_record(current, record.prior),
            imported=record.imported,
            untagged=record.untagged,
        ),
        moved_from=case.moved_from,
    )
    if live:
        return replace(
            change,
            action=Action.UPDATE,
            reason=_reason(live, edited),
            diff=deltas(kind.shape, current, wanted, live),
            **_by_phase(kind.update(wanted, current, live, case.context)),
        )
    if edited or bookkeeping:
        noted = "AWS is as wanted already; the state takes note"
        return replace(
            change,
            action=Action.UPDATE,
            reason=noted if kind.live else "changed in the stack file",
            diff=deltas(kind.shape, recorded, wanted, edited),
        )
    if case.moved_from is not None:
        return replace(change, action=Action.MOVE, reason=f"was {case.moved_from}")
    return change


def _reason(live: frozenset[str], edited: frozenset[str]) -> str:
    changed, drifted = sorted(live & edited), sorted(live - edited)
    return "; ".join(
        [
            *([f"changed in the stack file: {', '.join(changed)}"] if changed else []),
            *([f"changed outside rolewright: {', '.join(drifted)}"] if drifted else []),
        ]
    )


def _handed_over(case: Case) -> Attrs | None:
    """What the successor is told of what its predecessor remembers."""
    old, new = case.old_kind, case.new_kind
    return new.handed_over(case.recorded.desired, case.recorded.prior) if old is new else None


def _by_phase(calls: Sequence[Call]) -> dict[str, Any]:
    """The calls as the fields of a change."""
    return {phase.value: tuple(call for call in calls if call.phase is phase) for phase in Phase}


def _removals(case: Case) -> dict[str, Any]:
    """The calls that delete the recorded object, as the fields of a change: none of them among the first."""
    calls = case.old_kind.delete(case.current or {}, case.recorded.prior, case.context)
    return _by_phase(
        [replace(call, phase=Phase.REMOVE) if call.phase is Phase.MAKE else call for call in calls]
    )
