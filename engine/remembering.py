"""What the state remembers of a live object, and what has changed since then. Pure."""

from __future__ import annotations

from collections.abc import Collection

from ..resources.calls import Attrs
from ..resources.kind import Resource, Shape
from ..state.document import StateRecord
from .diff import deltas, differing, same
from .plan import FieldDelta

ACCEPTED = "accepted"
"""Where a record's observed attributes hold the drift that somebody accepted as it is."""


def remembered(
    shape: Shape, observed: Attrs | None, wanted: Attrs, earlier: Attrs | None = None
) -> Attrs:
    """What the state keeps of a live object that is as wanted, and of what was kept `earlier`.

    A policy document that means what is wanted is kept as it is worded in AWS.
    """
    kept = (earlier or {}).get(ACCEPTED)
    found = {name: value for name, value in (observed or {}).items() if not name.startswith("$")}
    return {
        **found,
        **as_worded(shape, wanted, found),
        **({ACCEPTED: kept} if kept else {}),
    }


def as_worded(shape: Shape, wanted: Attrs, found: Attrs) -> Attrs:
    """What is wanted, with each policy document in the words that were found, where they mean the same."""
    return {
        name: found[name]
        if name in shape.documents and name in found and same(shape, name, value, found[name])
        else value
        for name, value in wanted.items()
    }


def since_recorded(
    kind: type[Resource], record: StateRecord, current: Attrs, ignored: Collection[str]
) -> tuple[FieldDelta, ...]:
    """What differs between what the last apply left and what is there, among what it managed.

    `ignored` are attributes, or keys of one such as `tags.team`.
    """
    base = {
        name: value
        for name, value in record.observed.items()
        if name in record.desired and name not in ignored
    }
    found = deltas(kind.shape, base, current, differing(kind.shape, base, current))
    return tuple(delta for delta in found if delta.path not in ignored)
