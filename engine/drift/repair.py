"""The plan that brings drift back to what the state records: what it wanted, and strays taken away."""

from __future__ import annotations

from dataclasses import replace

from ...resources.address import Address
from ..plan import Action, Change, FieldDelta, Plan
from ..planner import Wanted
from ..session import Session
from .examine import Examined
from .report import DriftType

OPERATION = "drift"


def plan_repair(
    session: Session, examined: Examined, targets: frozenset[Address] = frozenset()
) -> Plan:
    """What an apply would do so that AWS is as the state records it.

    What carries our roles and can't be taken away by us stays, and is found again.

    Raises:
        Problem: something is in the way, or AWS refused a read.
    """
    wanted = Wanted.of_records(examined.state.resources, examined.lifecycles)
    plan = session.plan(wanted, OPERATION, targets=targets)
    changes = tuple(_repaired(change, examined) for change in plan.changes)
    return replace(plan, changes=changes)


def _repaired(change: Change, examined: Examined) -> Change:
    """The change with the calls that take strays away, and with a note of a new object's id."""
    detection = examined.detection
    extra = detection.repairs(change.address)
    own = [found for found in detection.found.values() if found.address == change.address]
    taken = [found for found in own if found.stray is not None and found.stray.repair]
    anew = [found for found in own if found.type is DriftType.REPLACED]
    if not taken and not (anew and change.action is Action.NO_OP):
        return change
    notes = [
        *([change.reason] if change.action is not Action.NO_OP else []),
        *(["the state takes note of the new object"] if anew else []),
        *(found.reason for found in taken),
    ]
    gone = tuple(
        FieldDelta(delta.path, delta.after, None) for found in taken for delta in found.diff
    )
    return replace(
        change,
        action=Action.UPDATE if change.action is Action.NO_OP else change.action,
        reason="; ".join(notes),
        diff=(*change.diff, *gone),
        remove=(*change.remove, *extra),
    )
