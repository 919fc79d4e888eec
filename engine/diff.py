"""Comparing attributes: whether two values mean the same, and what differs in words a person can read.

Pure. Equality is decided before any readable difference is worked out, since it is a thousand times cheaper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from deepdiff import DeepDiff

from ..resources.calls import Attrs
from ..resources.kind import Shape
from ..resources.policy import StatementChange, equivalent, statement_changes
from .plan import FieldDelta


def same(shape: Shape, name: str, one: Any, other: Any) -> bool:
    """Whether two values of an attribute mean the same to AWS."""
    if one == other:
        return True
    if not one or not other:
        return False
    if name in shape.documents:
        return equivalent(one, other)
    if name in shape.document_maps:
        return one.keys() == other.keys() and all(equivalent(one[key], other[key]) for key in one)
    if name in shape.sets:
        return set(one) == set(other)
    return False


def differing(shape: Shape, wanted: Attrs, found: Attrs) -> frozenset[str]:
    """The attributes that differ. One that `found` doesn't tell of does not count."""
    return frozenset(
        name
        for name, value in wanted.items()
        if name in found and not same(shape, name, value, found[name])
    )


def told_otherwise(shape: Shape, seen: Attrs | None, now: Attrs | None) -> bool:
    """Whether two reads of one thing contradict each other.

    Reads of the whole account and of one resource don't tell the same: what only one tells is no contradiction.
    """
    if seen is None or now is None:
        return seen is not now
    return any(
        _told(shape, name, seen[name]) != _told(shape, name, now[name])
        for name in seen.keys() & now.keys()
    )


def _told(shape: Shape, name: str, value: Any) -> Any:
    untold = shape.partly_told.get(name)
    if untold is None:
        return value
    return [{key: part for key, part in item.items() if key != untold} for item in value]


def deltas(
    shape: Shape, before: Attrs, after: Attrs, names: Iterable[str]
) -> tuple[FieldDelta, ...]:
    """The readable difference of the named attributes, sorted by path."""
    found: list[FieldDelta] = []
    for name in names:
        found += _delta(shape, name, before.get(name), after.get(name))
    return tuple(sorted(found, key=lambda delta: delta.path))


def _delta(shape: Shape, name: str, before: Any, after: Any) -> Iterable[FieldDelta]:
    if name in shape.documents:
        return _document(name, before, after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _nested(name, cast("Attrs", before), cast("Attrs", after))
    return (FieldDelta(name, before, after),)


def _document(name: str, before: Attrs | None, after: Attrs | None) -> Iterable[FieldDelta]:
    for index, change in enumerate(statement_changes(before, after)):
        path = f"{name}.Statement[{_statement_name(change, index)}]"
        if change.before is None or change.after is None:
            yield FieldDelta(path, change.before, change.after)
        else:
            for element in change.elements:
                yield FieldDelta(
                    f"{path}.{element.element}", list(element.removed), list(element.added)
                )


def _statement_name(change: StatementChange, index: int) -> str:
    return change.sid or str(index)


def _nested(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[FieldDelta]:
    """One delta for each key at which two objects differ, as deepdiff finds them."""
    found = cast(
        "Mapping[str, Iterable[Any]]",
        DeepDiff(
            before,
            after,
            ignore_order=True,
            view="tree",
            threshold_to_diff_deeper=0,
            # A tag may be called __x.
            ignore_private_variables=False,
        ),
    )
    keys = {str(item.path(output_format="list")[0]) for items in found.values() for item in items}
    return (FieldDelta(f"{name}.{key}", before.get(key), after.get(key)) for key in sorted(keys))
