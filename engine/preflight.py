"""Before the first call: whether each undo call of a plan could be made, as far as a read tells.

Knows no service: an undo call that may be impossible carries the read.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..resources.address import Address
from ..resources.calls import Call, Verdict
from ..resources.ports import AwsReader
from .calling import judge
from .plan import Finding, Plan


def irreversible(aws: AwsReader, plan: Plan) -> tuple[Finding, ...]:
    """A finding for each undo call that AWS would refuse now. What can't be read is not held against a plan."""
    undos = list(_undos(plan))
    verdicts = aws.map(lambda undo: _possible(aws, undo[1]), undos)
    return tuple(
        Finding(
            "not-reversible",
            "medium",
            str(address),
            f"a rollback could not make {undo} again: what it needs is gone, or AWS has retired it",
        )
        for (address, undo), possible in zip(undos, verdicts, strict=True)
        if not possible
    )


def _undos(plan: Plan) -> Iterable[tuple[Address, Call]]:
    for change in plan.changes:
        for call in change.calls:
            for undo in call.undo:
                if undo.possible is not None:
                    yield change.address, undo


def _possible(aws: AwsReader, undo: Call) -> bool:
    proof = undo.possible
    if proof is None:
        return True
    verdict, _ = judge(aws, Call(undo.service, undo.operation, {}, proof=proof))
    return verdict is not Verdict.NOT_DONE
