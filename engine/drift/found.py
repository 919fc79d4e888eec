"""What differs between what the last apply left of one resource and what is there now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import Resource
from ...resources.policy import equivalent
from ...resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, FOREIGN_PROFILES
from ...resources.strays import Stray
from ...state.document import StateRecord
from ..plan import FieldDelta
from ..remembering import since_recorded
from .report import DriftType

EXISTS = "exists"
_FOREIGN = frozenset({FOREIGN_INLINE, FOREIGN_ATTACHED, FOREIGN_PROFILES})


@dataclass(frozen=True, slots=True)
class Found:
    """One drift before it is weighed.

    `after` are the resource's attributes if this drift alone had happened; None where it is gone.
    """

    address: Address
    type: DriftType
    reason: str
    diff: tuple[FieldDelta, ...]
    after: Attrs | None
    subject: str = ""
    stray: Stray | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that differ, each once."""
        return tuple(dict.fromkeys(delta.path.partition(".")[0] for delta in self.diff))


def compare(
    address: Address,
    record: StateRecord,
    live: Attrs | None,
    kind: type[Resource],
    ignored: Collection[str],
) -> Iterable[Found]:
    """The drifts of one resource: at most one of its own, and one for each thing on it that is foreign."""
    if live is None or not kind.present(live):
        gone = (FieldDelta(EXISTS, before=True, after=False),)
        yield Found(address, DriftType.MISSING, "it is gone from AWS", gone, None)
        return
    own = tuple(
        delta
        for delta in since_recorded(kind, record, live, ignored)
        if delta.path.partition(".")[0] not in _FOREIGN
    )
    recorded = _alone(record.observed, {})
    if not kind.is_same_object(record.observed, live):
        yield _replaced(address, record, live, own)
    elif own:
        names = {delta.path.partition(".")[0] for delta in own}
        after = _alone(record.observed, {name: live[name] for name in names}, live)
        yield Found(address, DriftType.CHANGED, _changed(own), own, after)
    yield from _foreign(address, record, live, recorded, ignored)


def stray_found(stray: Stray) -> Found:
    """A stray as a drift of the resource that it uses."""
    diff = (FieldDelta(str(stray.use), None, stray.shows),)
    reason = "; ".join(filter(None, (stray.words, stray.advice)))
    return Found(stray.address, DriftType.UNMANAGED, reason, diff, None, stray.subject, stray)


def _alone(observed: Attrs, changed: Attrs, live: Attrs | None = None) -> Attrs:
    """The recorded attributes with only these changed.

    What each role has of an inline policy is told where the document itself is among the changes.
    """
    kept = {name: value for name, value in observed.items() if name != "documents"}
    told = {"documents": live["documents"]} if live and "documents" in live else {}
    return {**kept, **(told if "document" in changed else {}), **changed}


def _replaced(
    address: Address, record: StateRecord, live: Attrs, own: tuple[FieldDelta, ...]
) -> Found:
    before, now = record.observed.get("unique_id"), live.get("unique_id")
    ids = (FieldDelta("unique_id", before, now),) if before and now and before != now else ()
    told = f" ({before} is now {now})" if ids else ""
    foreign = {name: value for name, value in record.observed.items() if name in _FOREIGN}
    return Found(
        address,
        DriftType.REPLACED,
        f"it was deleted and made again under its name{told}: all that knew it by its id does not "
        "know this one",
        (*(ids or (FieldDelta("created", _made(record.observed), _made(live)),)), *own),
        {**_alone(record.observed, {}), **live, **foreign},
    )


def _made(attrs: Attrs) -> str | None:
    """When the oldest version of a policy that is kept was made."""
    return next((version["created"] for version in attrs.get("versions") or ()), None)


def _changed(own: Iterable[FieldDelta]) -> str:
    names = dict.fromkeys(delta.path.partition(".")[0].replace("_", " ") for delta in own)
    *most, last = names
    subject = f"{', '.join(most)} and {last}" if most else last
    return f"{subject} changed since the last apply"


def _foreign(
    address: Address, record: StateRecord, live: Attrs, recorded: Attrs, ignored: Collection[str]
) -> Iterable[Found]:
    """What is on an exclusive role that nobody declared and that was not there before."""
    told = _FOREIGN & record.desired.keys() & live.keys() - set(ignored)
    if FOREIGN_ATTACHED in told:
        yield from _listed(
            address, FOREIGN_ATTACHED, record, live, recorded, "attached by others: {}"
        )
    if FOREIGN_PROFILES in told:
        words = "instance profile {} carries the role, and nobody declared it"
        for found in _listed(address, FOREIGN_PROFILES, record, live, recorded, words):
            yield replace(found, subject=f"instance-profile/{found.subject}")
    if FOREIGN_INLINE in told:
        yield from _inline(address, record, live, recorded)


def _listed(  # noqa: PLR0917 - the parts of one record
    address: Address, name: str, record: StateRecord, live: Attrs, recorded: Attrs, words: str
) -> Iterable[Found]:
    before: list[str] = list(record.observed.get(name) or ())
    for item in live[name]:
        if item not in before:
            diff = (FieldDelta(name, [], [item]),)
            after = {**recorded, name: [*before, item]}
            yield Found(address, DriftType.UNMANAGED, words.format(item), diff, after, subject=item)


def _inline(address: Address, record: StateRecord, live: Attrs, recorded: Attrs) -> Iterable[Found]:
    before: Mapping[str, Any] = record.observed.get(FOREIGN_INLINE) or {}
    for name, document in sorted(live[FOREIGN_INLINE].items()):
        earlier = before.get(name)
        if earlier is not None and equivalent(earlier, document):
            continue
        diff = (FieldDelta(f"{FOREIGN_INLINE}.{name}", earlier, document),)
        after = {**recorded, FOREIGN_INLINE: {**before, name: document}}
        words = f'inline policy "{name}" was put on it by others'
        subject = f"inline-policy/{name}"
        yield Found(address, DriftType.UNMANAGED, words, diff, after, subject=subject)
