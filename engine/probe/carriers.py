"""How calls come to be made under a role: what a carrier is handed, and what it hands back.

A carrier is a function. The prober tries them in order until one can carry the role.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...resources.address import Address
from ...resources.calls import Attrs
from .trials import Answer, Trial


@dataclass(frozen=True, slots=True)
class Bound:
    """A service binding of a role: its address and attributes."""

    address: Address
    attributes: Attrs


@dataclass(frozen=True, slots=True)
class ProbedRole:
    """A role to make calls under, and the service bindings that carry it."""

    address: Address
    name: str
    arn: str
    bindings: tuple[Bound, ...] = ()

    def bound_to(self, service: str) -> tuple[Bound, ...]:
        """The bindings to one service, as `service:` names it."""
        return tuple(b for b in self.bindings if b.attributes["service"] == service)

    def wears(self, caller_arn: str) -> bool:
        """Whether a caller, as STS names it, acts under this role."""
        return f":assumed-role/{self.name}/" in caller_arn


@dataclass(frozen=True, slots=True)
class Report:
    """The answers to the trials, in their order.

    `where` says in words from where the calls were made, `principal` which service has assumed the
    role for it. `left` are AWS CLI commands for what could not be removed again.
    """

    answers: tuple[Answer, ...]
    where: str
    principal: str | None = None
    left: tuple[str, ...] = ()


class CannotCarryError(Exception):
    """A carrier can't make calls under the role; the message says why, as the end of a sentence.

    `left` are AWS CLI commands for what could not be removed again.
    """

    def __init__(self, reason: str, left: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.left = left


class NotBoundError(CannotCarryError):
    """The role is on nothing of the carrier's service."""


Carrier = Callable[[ProbedRole, Sequence[Trial]], Report]
"""Makes the calls under the role.

Raises:
    CannotCarryError: it is not possible for this role.
    Problem: the journal can't be written.
"""
