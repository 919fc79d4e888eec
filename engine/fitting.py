"""Whether a plan or an open run still fits the world: what is there, and whose it is."""

from __future__ import annotations

from ..resources.address import Address
from ..resources.diagnostics import Diagnostic, Problem
from ..resources.kind import Claims, KindLookup
from .confirm import Confirmer
from .diff import told_otherwise
from .observe import Subject
from .plan import PROBE, Plan
from .recovery import Direction, Interrupted


def check_world(plan: Plan, confirmer: Confirmer, kinds: KindLookup) -> None:
    """Read all that a plan touches once more.

    Raises:
        Problem: `world-moved`, with each address that is not as the plan saw it.
    """
    readings = {
        (change.address, index): reading
        for change in plan.actions
        for index, reading in enumerate(change.reads)
    }
    subjects: dict[tuple[Address, int], Subject] = {
        key: (key[0], reading.subject) for key, reading in readings.items()
    }
    now = confirmer.read(subjects, Claims(plan.claims))
    shapes = {key: kinds(key[0].kind, reading.subject).shape for key, reading in readings.items()}
    moved = sorted(
        {
            key[0]
            for key, reading in readings.items()
            if told_otherwise(shapes[key], reading.observed, now[key])
        }
    )
    if moved:
        raise Problem(
            *(
                Diagnostic(
                    "world-moved",
                    f"{address} is no longer as the plan saw it",
                    "Somebody else changed it meanwhile. Nothing was done.",
                    "plan again",
                    address=str(address),
                )
                for address in moved
            )
        )


def check_recoverable(
    found: Interrupted, direction: Direction, stack: str, account_id: str
) -> None:
    """See that an open run can be taken up by this stack and account, in this direction.

    Raises:
        Problem: `journal-other-stack`, `journal-other-account`, `no-way-forward` and others.
    """
    if found.plan.stack != stack:
        raise Problem.of(
            "journal-other-stack",
            f'the open run is of stack "{found.plan.stack}", not of "{stack}"',
            hint="recover it with that stack's -c",
        )
    if found.plan.account_id != account_id:
        raise Problem.of(
            "journal-other-account",
            f"the open run is of account {found.plan.account_id}, and these credentials are "
            f"of {account_id}",
            hint="use credentials of that account",
        )
    if direction is Direction.FORWARD and found.goes_back:
        raise Problem.of(
            "no-way-forward",
            "a probe's run has no forward: what it made is only there to be removed"
            if found.plan.operation == PROBE
            else "the run was being rolled back, and can't go forward any more",
            hint="rolewright recover --back",
        )
