"""What AWS's policy simulator says about requests: values, and the port to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...resources.policy.context import Context
from ...resources.policy.evaluator import Decision
from ..role_policies import RolePolicies


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulator's answer about one action on one resource.

    `statements` say in words which statements it names. `missing` are the context keys that it
    misses. `boundary` and `organization` tell whether these layers allow; None where they have no
    say.
    """

    decision: Decision
    statements: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    boundary: bool | None = None
    organization: bool | None = None


class Simulator(Protocol):
    """The simulator, for one role at a time."""

    @property
    def operation(self) -> str:
        """The IAM operation that is asked, for people."""
        ...

    def __call__(
        self, role: RolePolicies, actions: Sequence[str], resource: str, context: Context
    ) -> Mapping[str, Simulated]:
        """The answers by action.

        Raises:
            Problem: the simulator may not be used, or isn't there.
            AwsError: AWS can't be reached, or refused otherwise.
        """
        ...
