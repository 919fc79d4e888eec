"""What a writer of stack files is asked for, and what it gives back: values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...resources.address import Address
from ...resources.ports import Identity
from ..config.source import IMPORTED
from .found import Found

SERVICE, TAG, NONE = "service", "tag:", "none"
"""How resources are grouped into files: by service, by `tag:KEY`, or not at all."""


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """How stack files are written.

    `stack` is the name of a new stack, and empty where a stack file declares one already: then no
    settings are written, for a setting that stands twice is an error. `existing` is what that stack
    has (with its trust policies): it is referred to and not written again, and its addresses are
    taken. `tags` and `variables` are that stack's tags and the names of its variables. `recorded` is what
    its state has and its files don't declare (any more): taken, and nothing to refer to. `prefix` begins
    the names of the files. `notes` are comments for the block of an address, such as when a role was
    last used. `named` tells that the addresses are names which people gave, and to be kept.
    """

    identity: Identity
    stack: str = ""
    region: str = ""
    group_by: str = SERVICE
    compact: bool = False
    header: str = ""
    prefix: str = IMPORTED
    existing: Sequence[Found] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    variables: Sequence[str] = ()
    recorded: Sequence[Found] = ()
    named: bool = False
    notes: Mapping[Address, Sequence[str]] = field(default_factory=dict[Address, "Sequence[str]"])

    @property
    def taken(self) -> list[Address]:
        """The addresses that new blocks can't have."""
        return [one.address for one in (*self.existing, *self.recorded)]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was found and can't be declared, with the reason in words."""

    found: Found
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """The files (name to text), and what they declare.

    `declared` has the final addresses, with equal inline policies as one, and the trust policies
    (attributes `name` and `document`). `addresses` leads from each address that was handed in to
    the final one.
    """

    files: Mapping[str, str]
    declared: tuple[Found, ...]
    addresses: Mapping[Address, Address]
    left_out: tuple[LeftOut, ...] = ()
