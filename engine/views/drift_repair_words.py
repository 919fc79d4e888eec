"""How each drift is put right, as steps for people: what to know first, and the commands to give."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ...resources.strays import CARRIER_ADVICE, OTHERS_ADVICE, Use
from ..drift.report import Drift, DriftType, Severity
from .values import when

_LEFT = {
    CARRIER_ADVICE: "rolewright can't know which role it had before. Give it another role, or declare it in the "
    "stack file as a service binding.",
    OTHERS_ADVICE: "rolewright leaves it alone, since it belongs to others. Ask its owner, or take it away by hand.",
}
_FIXES = {
    DriftType.CHANGED: "Set this address back to what the state records",
    DriftType.MISSING: "Make it again as the state records it",
    DriftType.UNMANAGED: "Take it away, and set all of this address back to what the state records",
    DriftType.REPLACED: "Set the new object to what the state records",
}
_ACCEPTS = {
    DriftType.CHANGED: "Or keep it: the state takes on all drift of this address, and the lines for the stack file "
    "are printed",
    DriftType.MISSING: "Or let it go: the state forgets it, and you take it out of the stack file",
    DriftType.UNMANAGED: "Or keep it: the state takes on all drift of this address, and the lines for the stack file "
    "are printed",
    DriftType.REPLACED: "Or keep it as it is: the state takes on the new object",
}
_NEW_ID = (
    "It stays another object with another id. What knew the old one by its id, such as trust policies of other "
    "accounts, has to be mended there."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence, and the command that does what it says; empty where a person has to."""

    words: str
    command: str = ""


def repair_steps(drift: Drift) -> list[Step]:
    """What to do about a drift, in order. Commands are quoted for a POSIX shell."""
    address = shlex.quote(drift.address)
    steps = [Step(_look_first(drift))] if _is_grave(drift) else []
    left = next((_LEFT[part] for part in drift.reason.split("; ") if part in _LEFT), "")
    if left:
        steps.append(Step(left))
    else:
        steps.append(Step(_FIXES[drift.type], f"rolewright drift --fix --target {address}"))
    if drift.type is DriftType.REPLACED:
        steps.append(Step(_NEW_ID))
    return [*steps, Step(_ACCEPTS[drift.type], f"rolewright drift --accept {address}")]


def _is_grave(drift: Drift) -> bool:
    return drift.severity.rank >= Severity.HIGH.rank and drift.type is not DriftType.MISSING


def _look_first(drift: Drift) -> str:
    """A repair ends the access, and undoes nothing that was done with it."""
    since = f"since {when(drift.who.time)}" if drift.who else "since it changed"
    if any(delta.path == Use.VERSION for delta in drift.diff):
        return f"Find out why the version was made, and whether it was the default {since}."
    if drift.gained:
        return f"Look in CloudTrail at what was done with the new access {since}: a repair doesn't undo that."
    if drift.who is None:
        return "Find out who did it, and what else they did."
    return f"Look in CloudTrail at what else {drift.who.actor} did {since}."
