"""Sets of actions that let a principal gain more access, and actions that destroy data for good.

The sets are facts in `escalations.json` and `destructions.json`, which name their sources. Whether
a role has them is asked in `dangers`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Reach(StrEnum):
    """What the resource of the action that matters is.

    PASS: a role that is handed to a service. TARGET: a principal, or a policy of it, that is
    changed or taken over. CARRIER: something that runs with a role. ANY: a role, but only the
    permission for all roles alike is a danger.
    """

    PASS = "pass"  # noqa: S105 - a word of the data, no password
    TARGET = "target"
    CARRIER = "carrier"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Escalation:
    """Actions which together give more access to whoever has all of them.

    `id` is that of pathfinding.cloud, or begins with `rw-`. `scope` is the action whose resource
    matters, `reach` what that resource is, `services` the values of `iam:PassedToService` with
    which the role is passed; none where they are not known.
    """

    id: str
    title: str
    actions: tuple[str, ...]
    scope: str
    reach: Reach
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Destruction:
    """Actions of which each destroys data, backups, keys or evidence, or holds them to ransom."""

    id: str
    title: str
    actions: tuple[str, ...]


@cache
def escalations() -> tuple[Escalation, ...]:
    """All sets, those of IAM itself first."""
    return tuple(
        Escalation(
            id=row["id"],
            title=row["title"],
            actions=tuple(row["actions"]),
            scope=row["scope"],
            reach=Reach(row["reach"]),
            services=tuple(row.get("services", ())),
        )
        for row in _read("escalations.json")["escalations"]
    )


@cache
def destructions() -> tuple[Destruction, ...]:
    """All groups of destroying actions."""
    return tuple(
        Destruction(id=row["id"], title=row["title"], actions=tuple(row["actions"]))
        for row in _read("destructions.json")["destructions"]
    )


def _read(name: str) -> Mapping[str, Any]:
    return json.loads(files(__package__ or "").joinpath(name).read_text(encoding="utf-8"))
