"""Drifts and reports to look at, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rolewright.engine.drift.report import Drift, DriftReport, DriftType, Severity, Who
from rolewright.engine.plan import FieldDelta
from rolewright.state.clock import timestamp

START = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass
class MovingClock:
    """A clock that stands still until somebody waits."""

    moment: datetime = START
    slept: list[float] = field(default_factory=list[float])

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


def drift(address: str = "role.reader", **values: Any) -> Drift:
    """An admin policy that somebody attached, or what `values` say."""
    given: dict[str, Any] = {
        "kind": "role",
        "type": DriftType.UNMANAGED,
        "severity": Severity.CRITICAL,
        "reason": f"{ADMIN} is attached, and nobody declared it",
        "subject": ADMIN,
        "diff": (FieldDelta("foreign_attached_policies", None, [ADMIN]),),
        "gained": ({"role": "reader", "action": "*", "resource": "*", "conditions": {}},),
    }
    return Drift(address=address, **{**given, **values})


def report(*drifted: Drift, at: datetime = START, **values: Any) -> DriftReport:
    """A look that found these."""
    return DriftReport(
        stack="shop",
        account_id="123456789012",
        region="eu-west-1",
        serial=3,
        at=timestamp(at),
        checked=20,
        drifted=drifted,
        calls=5,
        seconds=1.5,
        **values,
    )


WHO = Who(
    "arn:aws:iam::123456789012:user/mallory",
    "2026-11-22T23:00:00Z",
    "203.0.113.7",
    "aws-cli/2.0",
    "b1",
    "iam:AttachRolePolicy",
)
Now = Callable[[], datetime]
