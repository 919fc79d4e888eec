"""Why a request is decided as it is, in words and with the places of the statements. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...resources.policy.document import Document
from ...resources.policy.evaluator import Deciding, Decision, Layer, Outcome
from ...resources.policy.shape import Effect
from .places import Places
from .questions import Because

Documents = Mapping[str, Document]
"""Policies by the names that they have in an outcome."""

_NOBODY = {
    Layer.IDENTITY: "no policy on the role allows",
    Layer.BOUNDARY: "the permissions boundary does not allow",
    Layer.RESOURCE: "the policy of the resource does not allow",
    Layer.TRUST: "the trust policy does not allow",
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Gives reasons. `give` says how somebody gives a context key that nobody knows."""

    places: Places
    give: str

    def of(self, outcome: Outcome, action: str, documents: Documents) -> Iterator[Because]:
        """The statements that decided, then the layer that says nothing, then the unknown keys."""
        for deciding in outcome.because:
            yield self.statement(deciding, outcome.decision, documents.get(deciding.policy))
        if outcome.blocked_by is not None:
            who = _NOBODY.get(outcome.blocked_by, f"no {outcome.blocked_by} allows")
            yield Because(f"{who} {action}", layer=outcome.blocked_by)
        if outcome.decision is Decision.DEPENDS and outcome.may_be_allowed:
            keys = ", ".join(sorted(outcome.depends_on))
            yield Because(f"it depends on {keys}, which no policy says: {self.give}")

    def statement(
        self, deciding: Deciding, decision: Decision, document: Document | None
    ) -> Because:
        """What a statement has to do with a decision."""
        verb = "denies" if deciding.effect is Effect.DENY else "allows"
        under = " if its conditions hold" if decision is Decision.DEPENDS else ""
        sid = f' "{deciding.sid}"' if deciding.sid else ""
        source = None
        if document is not None:
            source = self.places.find(deciding.policy, document.statements[deciding.index])
        return Because(
            f"{_named(deciding)} {verb} it{under}, by statement {deciding.index + 1}{sid}",
            layer=deciding.layer,
            policy=deciding.policy,
            statement=deciding.index,
            sid=deciding.sid,
            effect=deciding.effect.lower(),
            source=source,
        )


def _named(deciding: Deciding) -> str:
    match deciding.layer:
        case Layer.IDENTITY:
            return deciding.policy
        case Layer.BOUNDARY:
            return f"the permissions boundary {deciding.policy}"
        case _:
            return f"the {deciding.layer} of {deciding.policy}"
