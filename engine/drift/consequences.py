"""What only says once more that a role is gone: folded into the drift of the role itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ...resources.address import Address
from ...resources.kind import KindLookup
from ...resources.role import Role
from ...state.document import StateRecord
from .found import Found
from .report import DriftType


def without_consequences(
    found: Sequence[Found], records: Mapping[Address, StateRecord], kinds: KindLookup
) -> list[Found]:
    """The drifts without those that only say once more that a role is gone."""
    gone = {
        str(records[each.address].desired["name"])
        for each in found
        if each.type is DriftType.MISSING and each.address.kind == Role.kind
    }
    if not gone:
        return list(found)
    return [each for each in found if not _follows(each, gone, records, kinds)]


def _follows(
    found: Found, gone: set[str], records: Mapping[Address, StateRecord], kinds: KindLookup
) -> bool:
    if found.address.kind == Role.kind:
        return False
    desired = records[found.address].desired
    if found.type is DriftType.MISSING:
        prefixes = tuple(f"role/{name.lower()}/" for name in gone)
        named = kinds(found.address.kind, desired).identities(desired)
        return all(name.startswith(prefixes) for name in named)
    if found.type is not DriftType.CHANGED:
        return False
    return all(_names_gone(delta.before, delta.after, gone) for delta in found.diff)


def _names_gone(before: object, after: object, gone: set[str]) -> bool:
    """Whether a value differs only in that it no longer names roles that are gone."""
    if isinstance(before, list) and isinstance(after, list):
        old, new = set(cast("list[str]", before)), set(cast("list[str]", after))
        return new < old and old - new <= gone
    return before in gone and not after
