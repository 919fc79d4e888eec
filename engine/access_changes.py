"""The access that a plan gives and takes, as plain data: what is stored in it and shown of it.

Text of AWS stays as AWS writes it: levels are those of the action catalogue (`Write`), conditions
are objects with `operator`, `key`, `values` and, where AWS has no operator for it, `negated`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

POLICY = "policy:"
"""Begins what stands for all that a policy allows whose document is not known: its ARN follows."""

BOUNDARY = "boundary:"
"""Begins what stands for all that a boundary keeps back whose document is not known."""

Condition = Mapping[str, Any]

Levels = Mapping[str, int]
"""How many actions there are of each access level, riskiest first."""


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """Actions on a resource under conditions, which must all hold.

    `actions`: the riskiest level of what each pattern stands for, by pattern; a pattern stands for
    exactly the actions meant, `SERVICE:<future>` for those that the service does not have yet. The
    level of what nobody knows is empty. `services`: the levels by service, `*` for all together.
    `resource`: a pattern, also `p except q, r`. `by`: the policies, by their address, their ARN or
    as `inline NAME`, `boundary` for the boundary. `exact`: that there is such access is certain.
    `effective`: False where the actions work on no such resource, so that AWS grants nothing.
    `changed`: the same actions on the same resource stand on the other side, under other
    conditions. `dangers`: the ids of the dangers to which its actions contribute.
    """

    actions: Mapping[str, str]
    resource: str
    conditions: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()
    exact: bool = True
    effective: bool = True
    changed: bool = False
    services: Mapping[str, Levels] = field(default_factory=dict[str, Levels])
    dangers: tuple[str, ...] = ()

    @property
    def opaque(self) -> str:
        """What stands for the policy or boundary that could not be read; empty for real actions."""
        first = next(iter(self.actions), "")
        return first if first.startswith((POLICY, BOUNDARY)) else ""


@dataclass(frozen=True, slots=True)
class DangerEntry:
    """Something dangerous that a role may newly do.

    `kind` is such as `privilege escalation`, `id` names the way to it, and `title` says it in
    words. `actions` are those that are needed, `by` the policies that allow them. `certain`:
    they do so without conditions.
    """

    kind: str
    id: str
    title: str
    actions: tuple[str, ...]
    resource: str
    by: tuple[str, ...] = ()
    certain: bool = True
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """Somebody who may assume a role, under conditions, which must all hold.

    `principal` is an ARN, an account id, a service, an identity provider or `*`, but for
    `exceptions`; `principal_type` such as `service`; `text` says it in a sentence. `public`: people
    whom nobody named can do it. `otherwise`: before and after, but under other conditions.
    """

    principal: str
    principal_type: str
    text: str
    actions: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    public: bool = False
    exact: bool = True
    exceptions: tuple[str, ...] = ()
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class RoleAccess:
    """What one role gains and loses, and who gains and loses the role.

    `role` is its name in AWS; `gone` says that the plan deletes it. The levels count each action
    once: of what is gained, of what is lost, and of what is allowed on both sides under changed
    conditions.
    """

    address: str
    role: str
    gained: tuple[AccessEntry, ...] = ()
    lost: tuple[AccessEntry, ...] = ()
    trust_gained: tuple[TrustEntry, ...] = ()
    trust_lost: tuple[TrustEntry, ...] = ()
    dangers: tuple[DangerEntry, ...] = ()
    gained_levels: Levels = field(default_factory=dict[str, int])
    lost_levels: Levels = field(default_factory=dict[str, int])
    changed_levels: Levels = field(default_factory=dict[str, int])
    gone: bool = False

    @property
    def gains(self) -> bool:
        """Whether the role may do more, or more may assume it. What is in doubt counts."""
        return bool(self.gained or self.trust_gained)

    @property
    def exact(self) -> bool:
        """Whether all of it is certain."""
        entries = (*self.gained, *self.lost, *self.trust_gained, *self.trust_lost)
        return all(entry.exact for entry in entries)

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.trust_gained or self.trust_lost)


@dataclass(frozen=True, slots=True)
class AccessChanges:
    """All roles whose access changes, by address; `catalogue_version` is empty if none was needed."""

    roles: tuple[RoleAccess, ...] = ()
    catalogue_version: str = ""

    @property
    def exact(self) -> bool:
        """Whether all of it is certain."""
        return all(role.exact for role in self.roles)

    @property
    def gained(self) -> bool:
        """Whether any role may do more, or more may assume it. What is in doubt counts."""
        return any(role.gains for role in self.roles)
