"""A call that proves an action, what AWS answered to it, and what the answer means. Pure.

Of an answer no more is kept than its error code, whether the refusal was an explicit deny, and the
action that the refusal names: no data that a role can read ever leaves the service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ...resources.calls import Attrs

DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Client.UnauthorizedOperation",
        "ForbiddenException",
        "UnauthorizedOperation",
    }
)
"""The codes with which AWS refuses what no policy allows."""

EXPLICIT = "explicit deny"
"""What the message of a refusal says if a Deny statement was the reason."""

NAMED = r"perform:?\s+([a-z0-9-]+:[A-Za-z0-9*]+)"
"""Where the message of a refusal names the action that was refused."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS answered: an error code, empty for none; of a refusal also why, where AWS tells."""

    code: str = ""
    explicit: bool = False
    named: str = ""

    @classmethod
    def of(cls, code: str, message: str) -> Answer:
        """The answer in an error of AWS."""
        if code not in DENIED:
            return cls(code)
        found = re.search(NAMED, message)
        return cls(code, EXPLICIT in message, found[1] if found else "")


class Verdict(StrEnum):
    """What an answer says of the action."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Trial:
    """One harmless call that proves whether `action` on `resource` is allowed.

    `allowed` are the error codes that AWS answers only after it has let the call through. `witness`
    is a second call: an error that doesn't name the action counts only if that one succeeds.
    `representative` says that the resource is an example for a whole pattern.
    """

    action: str
    resource: str
    service: str
    operation: str
    parameters: Attrs = field(default_factory=dict[str, object])
    allowed: frozenset[str] = frozenset()
    witness: Trial | None = None
    representative: bool = False

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


def judge(trial: Trial, answer: Answer, witness: Answer | None = None) -> tuple[Verdict, str]:
    """What the answer says of the trial's action, and, if it is unclear, why.

    `witness` is the answer to the trial's witness.
    """
    if not answer.code:
        return Verdict.ALLOWED, ""
    denied = answer.code in DENIED
    if not denied and answer.code not in trial.allowed:
        return Verdict.UNCLEAR, f"AWS answered {answer.code}, which says nothing of permissions"
    if answer.named and answer.named.lower() != trial.action.lower():
        return Verdict.UNCLEAR, f"AWS refused {answer.named}, which the call needs as well"
    if not answer.named and trial.witness is not None and not _let_through(witness):
        told = "nothing" if witness is None else witness.code
        why = (
            f"AWS answers {answer.code} to what is forbidden and to what isn't there alike, unless "
            f"{trial.witness.action} is allowed, to which it answered {told}"
        )
        return Verdict.UNCLEAR, why
    return (Verdict.DENIED if denied else Verdict.ALLOWED), ""


def _let_through(answer: Answer | None) -> bool:
    return answer is not None and not answer.code
