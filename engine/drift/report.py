"""What a look for drift found, as plain data: for views, notices, metrics and the history."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..plan import FieldDelta


class DriftType(StrEnum):
    """How something differs from what the last apply left."""

    CHANGED = "changed"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    """Something of ours is used by, or carries, what nobody declared."""
    REPLACED = "replaced"
    """Deleted and made again under its name: another object, with another unique id."""


class Severity(StrEnum):
    """How bad it is, by what it lets somebody do."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 4 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Who:
    """Who made a change, by CloudTrail. `time` is ISO 8601 in UTC; fields that the event doesn't have are empty."""

    actor: str
    time: str
    source_ip: str = ""
    user_agent: str = ""
    event_id: str = ""
    event: str = ""
    """The API operation, such as `iam:AttachRolePolicy`."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as recorded.

    `address` is that of the resource it is about; `subject` tells apart several drifts of one address, such
    as the ARN of a policy that nobody declared. `diff` goes from recorded to observed. `gained` and
    `lost` are the items of access, as in a plan's JSON. `reason` is a sentence for people.
    """

    address: str
    kind: str
    type: DriftType
    severity: Severity
    reason: str
    subject: str = ""
    diff: tuple[FieldDelta, ...] = ()
    gained: tuple[Mapping[str, Any], ...] = ()
    lost: tuple[Mapping[str, Any], ...] = ()
    who: Who | None = None

    @property
    def key(self) -> str:
        """What it is about, stable from run to run."""
        return f"{self.address}|{self.type}|{self.subject}"

    @property
    def fingerprint(self) -> str:
        """Changes when what is found for the key changes, and not with who or when."""
        content = [
            self.key,
            self.severity,
            [[delta.path, delta.before, delta.after] for delta in self.diff],
        ]
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One look at a stack. `at` is ISO 8601 in UTC; `checked` counts resources; `calls` AWS requests."""

    stack: str
    account_id: str
    region: str
    serial: int
    at: str
    checked: int
    drifted: tuple[Drift, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why, such as CloudTrail refusing to be asked."""

    @property
    def by_severity(self) -> Mapping[Severity, int]:
        """How many drifts there are of each severity, worst first, without those that have none."""
        found = Counter(drift.severity for drift in self.drifted)
        return {one: found[one] for one in reversed(Severity) if found[one]}
