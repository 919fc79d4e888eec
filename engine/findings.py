"""What a person should know before saying yes to a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..resources.kind import KindLookup
from ..state.document import State
from .plan import Action, Finding, Plan


def findings_of(plan: Plan, state: State, kinds: KindLookup) -> tuple[Finding, ...]:
    """The findings of a plan, by sort and then in the order of its changes."""
    return (
        *_imported(plan, state),
        *_not_reversible(plan),
        *_outages(plan),
        *_forgotten_claims(plan, state, kinds),
    )


def _imported(plan: Plan, state: State) -> Iterable[Finding]:
    """What would end something that was there before rolewright had it."""
    for change in plan.changes:
        record = state.resources.get(change.moved_from or change.address)
        if record is None or not record.imported:
            continue
        if change.action is Action.DELETE and change.calls:
            text = (
                "it was imported, and others may rely on it; "
                f"`rolewright state rm '{change.address}'` lets go of it and leaves it in AWS"
            )
            yield Finding("imported", "high", str(change.address), text)
        elif change.action is Action.REPLACE:
            text = "it was imported, and others may rely on the one that is replaced"
            yield Finding("imported", "high", str(change.address), text)


def _not_reversible(plan: Plan) -> Iterable[Finding]:
    for change in plan.changes:
        for note in dict.fromkeys(change.lossy):
            text = f"if this is rolled back, {note}"
            yield Finding("not-exactly-reversible", "info", str(change.address), text)
        for call in change.retire:
            text = f"nothing takes back {call}: it is made last of all, when all else is done"
            yield Finding("no-way-back", "info", str(change.address), text)


def _outages(plan: Plan) -> Iterable[Finding]:
    for change in plan.changes:
        if change.deletes_first:
            yield Finding(
                "outage",
                "medium",
                str(change.address),
                "it is deleted before it is made again, since both would have one name: "
                "whatever uses it has no access in between",
            )


def _forgotten_claims(plan: Plan, state: State, kinds: KindLookup) -> Iterable[Finding]:
    for change in plan.changes:
        record = state.resources.get(change.address)
        if change.action is not Action.FORGET or record is None:
            continue
        for claim in kinds(record.kind, record.desired).claims(record.desired):
            yield Finding(
                "forgotten",
                "medium",
                str(change.address),
                f"{claim.value} stays on {claim.holder}, and the next plan takes it off "
                "unless that role says exclusive: false",
            )
