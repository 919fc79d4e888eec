"""What nobody declared and that uses, or lies beside, what a stack owns: found by kinds, weighed by the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .address import Address
from .calls import Attrs, Call
from .kind import Claims

CARRIER_ADVICE = "--fix can't know which role it had: give it another one, or declare it"
OTHERS_ADVICE = "--fix leaves it as it is, since it belongs to others"


class Use(StrEnum):
    """How a stray uses what is ours."""

    HOLDER = "holder"
    """A user, group or role of others that carries our policy, and so what it allows."""
    BOUNDARY = "boundary"
    """A user or role of others that our policy bounds."""
    VERSION = "version"
    """A version of our policy that lies ready: one call makes it the one that counts."""
    CARRIER = "carrier"
    """A function, an instance or a task that carries our role, and so what it may do."""
    TRUST = "trust"
    """A role of others that lets our role assume it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """One such thing. `subject` names it, mostly by ARN; `words` is a sentence about it.

    `shows` is what a difference prints of it, `document` the policy that lies ready in a version.
    `fields` would declare it in the stack file. `repair` are the calls that take it away, each with
    its undo; without any, rolewright can't or must not do that.
    """

    address: Address
    use: Use
    subject: str
    words: str
    shows: Any
    document: Attrs | None = None
    fields: Attrs = field(default_factory=dict[str, Any])
    repair: tuple[Call, ...] = ()

    @property
    def advice(self) -> str:
        """What to do about it where rolewright can't take it away; else empty."""
        if self.repair:
            return ""
        return CARRIER_ADVICE if self.use is Use.CARRIER else OTHERS_ADVICE


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource of the state that is there: as the last apply left it, and as it is now."""

    recorded: Attrs
    observed: Attrs


@dataclass(frozen=True, slots=True)
class Around:
    """What kinds are told when they look for strays.

    `roles` are the addresses of the stack's roles by AWS name, `observed` the attributes of those that
    were looked at. `note` takes a sentence on what could not be looked at.
    """

    claims: Claims
    roles: Mapping[str, Address]
    observed: tuple[Attrs, ...]
    note: Callable[[str], None]
