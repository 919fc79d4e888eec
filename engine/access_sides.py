"""The attributes of roles and policies before and after a plan, for what its roles may do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.permission_policy import PermissionPolicy
from ..resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, Role
from .plan import Action, Change, Plan

if TYPE_CHECKING:  # what it needs takes a while to load, and most plans change no policy
    from .role_policies import Attributes

_KINDS = frozenset({Role.kind, PermissionPolicy.kind})
_KEPT = frozenset({Action.NO_OP, Action.FORGET, Action.MOVE})
"""Actions after which AWS is as before."""


def concerns_access(plan: Plan) -> bool:
    """Whether a plan changes any role or policy in AWS."""
    return any(change.kind in _KINDS and change.action not in _KEPT for change in plan.changes)


def sides(plan: Plan, recorded: Attributes) -> tuple[Attributes, Attributes]:
    """What is live before a plan and after it.

    `recorded` is what the state says of all resources, by the addresses from before the plan: it
    stands for what the plan leaves out (`--target`) or didn't read (`--no-refresh`).
    """
    before: dict[Address, Attrs] = {}
    after: dict[Address, Attrs] = {}
    also: list[Attrs] = []
    moved = {source: Address.parse(target) for source, target in plan.renamed.items()}
    known = {moved.get(str(address), address): attrs for address, attrs in recorded.items()}
    planned = {change.address: change for change in plan.changes}
    for address in sorted({*known, *planned}):
        if address.kind not in _KINDS:
            continue
        change, old = planned.get(address), known.get(address)
        if change is None:
            new = old
        else:
            read = _Reads.of(change, old, refreshed=plan.refreshed)
            old = read.live
            new = old if change.action in _KEPT else _wanted(change, old)
            also += read.also
        if old is not None:
            before[address] = old
        if new is not None:
            after[address] = new
    _attach(before, also)
    return before, after


@dataclass(frozen=True, slots=True)
class _Reads:
    """What a plan saw of a resource; `also` is what was there besides, under its new name."""

    live: Attrs | None
    also: tuple[Attrs, ...] = ()

    @classmethod
    def of(cls, change: Change, recorded: Attrs | None, *, refreshed: bool) -> _Reads:
        found = [read.observed for read in change.reads]
        if not found:
            return cls(change.before if recorded is None else recorded)
        if recorded is None:
            return cls(found[0])
        live = found.pop(0) if refreshed else recorded
        return cls(live, tuple(each for each in found if each))


def _wanted(change: Change, live: Attrs | None) -> Attrs | None:
    """What a resource is like afterwards; what others hung on a role stays if it isn't exclusive."""
    if change.after is None:
        return None
    another = change.action is Action.REPLACE and not change.deletes_first
    kept: Attrs = {} if another or live is None else live
    foreign = {name: kept[name] for name in (FOREIGN_INLINE, FOREIGN_ATTACHED) if name in kept}
    return {**foreign, **change.after}


def _attach(attributes: dict[Address, Attrs], policies: Iterable[Attrs]) -> None:
    """Hang on the roles what is on them of policies that will only be declared."""
    roles = {
        attrs["name"].lower(): address
        for address, attrs in attributes.items()
        if address.kind == Role.kind
    }
    for policy in policies:
        for name in policy.get("roles") or ():
            if policy.get("arn") and name.lower() in roles:
                role = roles[name.lower()]
                attached = attributes[role].get(FOREIGN_ATTACHED) or ()
                attributes[role] = {
                    **attributes[role],
                    FOREIGN_ATTACHED: [*attached, policy["arn"]],
                }
