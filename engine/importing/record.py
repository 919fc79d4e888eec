"""The state after an import: what exists is recorded as it is, and nothing of it changes in AWS. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import KindLookup
from ...state.document import State, StateRecord
from ..diff import differing
from ..plan import Action, Change
from ..planner import CURRENT, SUCCESSOR, Planner, Setting, Wanted
from ..remembering import remembered

Observed = Mapping[Address, Attrs | None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The new state, what came into it, and what the next plan changes of that."""

    state: State
    addresses: tuple[Address, ...]
    pending: tuple[Change, ...]


def record(
    wanted: Wanted,
    observed: Observed,
    state: State,
    setting: Setting,
    kinds: KindLookup,
    *,
    tag_ownership: bool = False,
) -> Recorded:
    """Take what `wanted` declares, and nothing else, into the state, as it was observed.

    Where the declaration wants something else, the state keeps what there is: the next plan shows
    the difference. `tag_ownership` lets it set the ownership tags, too.

    Raises:
        Problem: something isn't there, or is other than declared in what can't be changed.
    """
    alone = replace(state, resources={})
    wanted = replace(wanted, imports=frozenset(wanted.attributes))
    snapshot = {(address, SUCCESSOR): found for address, found in observed.items()}
    plan = Planner(wanted, alone, setting, kinds).plan(snapshot)
    records = {
        change.address: _as_it_is(
            change, observed.get(change.address), kinds, tag_ownership=tag_ownership
        )
        for change in plan.changes
        if change.record is not None
    }
    new = replace(state, resources={**state.resources, **records})
    return Recorded(
        new.advanced() if records else state,
        tuple(sorted(one for one in records if observed.get(one) is not None)),
        _pending(wanted, observed, replace(alone, resources=records), setting, kinds),
    )


def _as_it_is(
    change: Change, found: Attrs | None, kinds: KindLookup, *, tag_ownership: bool
) -> StateRecord:
    made = change.record
    if made is None:
        raise ValueError(f"{change.address} has no record")
    kind = kinds(change.kind, made.desired)
    other = differing(kind.shape, made.desired, found or {})
    desired = {**made.desired, **{name: (found or {})[name] for name in other}}
    return replace(
        made,
        desired=desired,
        observed=remembered(kind.shape, found, desired),
        untagged=made.untagged and not tag_ownership,
    )


def _pending(
    wanted: Wanted, observed: Observed, state: State, setting: Setting, kinds: KindLookup
) -> tuple[Change, ...]:
    """What a plan right after the import does to what was imported."""
    planner = Planner(replace(wanted, imports=frozenset()), state, setting, kinds)
    subjects = planner.subjects()
    plan = planner.plan(
        {key: {**(observed[key[0]] or {})} for key in subjects if key[1] == CURRENT}
    )
    return tuple(change for change in plan.changes if change.action is not Action.NO_OP)
