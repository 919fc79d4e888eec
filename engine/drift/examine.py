"""One look for drift at a session's stack: the state, live AWS, and the report of the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import Lifecycle
from ...resources.ports import Wants
from ...state.clock import timestamp
from ...state.document import State
from ...state.journal import Journal
from ..planfile import decode_plan
from ..session import Session
from .detect import Detection, Look, detect
from .report import DriftReport

SETTLING = timedelta(seconds=120)
"""So long after an apply a read may still show what was there before it.

Source: IAM user guide, "Changes that I make are not always immediately visible"; others wait as long.
"""


@runtime_checkable
class CountsRequests(Protocol):
    """A connection with AWS that counts its requests, by service and operation."""

    @property
    def requests(self) -> Counter[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Examined:
    """What one look found, and the state that it was compared with."""

    report: DriftReport
    detection: Detection
    state: State
    lifecycles: Mapping[Address, Lifecycle] = field(default_factory=dict[Address, Lifecycle])


def examine(
    session: Session,
    lifecycles: Mapping[Address, Lifecycle] | None = None,
    targets: frozenset[Address] = frozenset(),
) -> Examined:
    """Look for drift now, whatever the session has read before. Changes nothing and needs no lock.

    `lifecycles` are those of the stack file, for what it leaves alone.

    Raises:
        Problem: the state can't be read, or AWS refused a read of what is in it.
        AwsError: AWS can't be reached, or doesn't accept our credentials.
    """
    begun, before = session.clock.monotonic(), _requests(session)
    state, known = session.state(), lifecycles or {}
    session.aws.fresh(Wants())
    now = session.clock.now()
    detection = detect(
        Look(
            session.aws,
            state,
            session.kinds,
            lifecycles=known,
            targets=targets,
            lagging=lagging(session.journal, now),
        )
    )
    report = DriftReport(
        stack=state.stack,
        account_id=state.account_id,
        region=session.aws.identity.region,
        serial=state.serial,
        at=timestamp(now),
        checked=detection.checked,
        drifted=detection.drifted,
        calls=_requests(session) - before,
        seconds=round(session.clock.monotonic() - begun, 3),
        notes=detection.notes,
    )
    return Examined(report, detection, state, known)


def lagging(journal: Journal, now: datetime) -> Mapping[Address, Attrs | None]:
    """What was there before the last run, if it ended so short ago that reads may still show it.

    Raises:
        Problem: the journal can't be read.
    """
    run = journal.last_ended()
    if run is None or run.ended is None:
        return {}
    since = now - datetime.fromisoformat(run.ended.at)
    if not timedelta() <= since < SETTLING:
        return {}
    try:
        plan = decode_plan(run.started.plan)
    except ValueError:  # another version's: what it did is not known
        return {}
    return {change.address: change.reads[0].observed for change in plan.actions if change.reads}


def _requests(session: Session) -> int:
    aws = session.aws
    return sum(aws.requests.values()) if isinstance(aws, CountsRequests) else 0
