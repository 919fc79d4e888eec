"""Looks for drift: recorded against observed for all that a state holds, and for what is around it.

Reads only. Where nothing has changed, no more is read than a plan reads, and the lists of what
carries roles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...resources.address import Address
from ...resources.calls import Attrs, Call
from ...resources.diagnostics import Diagnostic, Problem, did_you_mean
from ...resources.kind import LAST, PRIOR, Claims, KindLookup, Lifecycle, Resource
from ...resources.policy.catalogue import Catalogue
from ...resources.ports import AwsReader
from ...resources.role import Role
from ...resources.strays import Around, Stray, Watched
from ...state.document import State, StateRecord
from ..diff import same
from ..observe import Subject, observe
from ..remembering import ACCEPTED
from ..role_policies import read_documents, unread_policies
from .around import strays_around
from .consequences import without_consequences
from .found import EXISTS, Found, compare, stray_found
from .report import Drift, DriftType
from .weigh import Scales, Weight, uses_of

READ_ONE_BY_ONE = 50
"""So many resources are read once more for what the account-wide reads leave out, such as tags."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look for drift is made with.

    `targets` limit it; none means everything. `lagging` are the attributes from before an apply that
    has only just ended: a read that still shows them says nothing.
    """

    aws: AwsReader
    state: State
    kinds: KindLookup
    lifecycles: Mapping[Address, Lifecycle] = field(default_factory=dict[Address, Lifecycle])
    targets: frozenset[Address] = frozenset()
    lagging: Mapping[Address, Attrs | None] = field(default_factory=dict[Address, Attrs | None])
    catalogue: Callable[[], Catalogue] = Catalogue.bundled


@dataclass(frozen=True, slots=True)
class Detection:
    """What a look found: the drifts, worst first, with what is behind each by its key.

    `live` are the attributes that were observed. `notes` say what could not be looked at.
    """

    drifted: tuple[Drift, ...]
    found: Mapping[str, Found]
    live: Mapping[Address, Attrs | None]
    checked: int
    notes: tuple[str, ...]

    def repairs(self, address: Address) -> tuple[Call, ...]:
        """The calls that take away what uses a resource and is declared by nobody."""
        strays = (found.stray for found in self.found.values() if found.address == address)
        return tuple(call for stray in strays if stray is not None for call in stray.repair)


def detect(look: Look) -> Detection:
    """Compare a state with live AWS.

    Raises:
        Problem: a target is not in the state, or AWS refused a read of what is in it.
        AwsError: AWS can't be reached, or doesn't accept our credentials.
    """
    return _Detector(look).detection()


class _Detector:
    def __init__(self, look: Look) -> None:
        self._look = look
        self._notes: list[str] = []
        self._records = _selected(look.state, look.targets)
        self._claims = Claims(
            claim
            for address, record in look.state.resources.items()
            for claim in look.kinds(address.kind, record.desired).claims(record.desired)
        )

    def detection(self) -> Detection:
        live = self._observed()
        found = [*self._compared(live), *map(stray_found, self._strays(live))]
        found = without_consequences(found, self._records, self._look.kinds)
        found = [each for each in found if not self._is_accepted(each)]
        weighed = self._weighed(found, live)
        ordered = sorted(weighed, key=lambda drift: (-drift.severity.rank, drift.key))
        return Detection(
            tuple(ordered),
            {_key(each): each for each in found},
            live,
            len(self._records),
            tuple(dict.fromkeys(self._notes)),
        )

    def _observed(self) -> dict[Address, Attrs | None]:
        look = self._look
        subjects: dict[Address, Subject] = {
            address: (
                address,
                {**record.desired, PRIOR: record.prior, LAST: record.observed},
            )
            for address, record in self._records.items()
            if look.kinds(address.kind, record.desired).live
        }
        live = observe(look.aws, subjects, self._claims, look.kinds)
        return {**live, **self._completed(live)}

    def _completed(self, live: Mapping[Address, Attrs | None]) -> Mapping[Address, Attrs]:
        """The attributes of what shared reads did not tell in full, as far as that is few enough."""
        partial = {
            address: attrs
            for address, attrs in live.items()
            if attrs is not None
            and self._kind(address).present(attrs)
            and (self._records[address].desired.keys() - attrs.keys())
        }
        if len(partial) > READ_ONE_BY_ONE:
            self._notes.append(
                f"what account-wide reads leave out of {len(partial)} resources, such as the tags of "
                "policies, was not compared; look at some with --target"
            )
            return {}
        aws = self._look.aws
        whole = aws.map(
            lambda pair: self._kind(pair[0]).completed(aws, pair[1]), [*partial.items()]
        )
        return dict(zip(partial, whole, strict=True))

    def _compared(self, live: Mapping[Address, Attrs | None]) -> Iterable[Found]:
        lagging = 0
        for address, attrs in live.items():
            record, ignored = self._records[address], self._ignored(address)
            for found in compare(address, record, attrs, self._kind(address), ignored):
                if self._lags(found, attrs):
                    lagging += 1
                else:
                    yield found
        if lagging:
            self._notes.append(
                f"{lagging} reads still show what was there before the last apply, which has only "
                "just ended, and don't count yet"
            )

    def _lags(self, found: Found, live: Attrs | None) -> bool:
        """Whether a read shows what was there before an apply that has just ended."""
        if found.address not in self._look.lagging:
            return False
        before, kind = self._look.lagging[found.address], self._kind(found.address)
        if found.type is DriftType.MISSING:
            return not kind.present(before)
        if before is None or live is None:
            return False
        names = [name for name in found.names if name != EXISTS]
        return all(
            name in before and same(kind.shape, name, before[name], live.get(name))
            for name in names
        )

    def _ignored(self, address: Address) -> Collection[str]:
        return self._look.lifecycles.get(address, Lifecycle()).ignore_changes

    def _kind(self, address: Address):
        return self._look.kinds(address.kind, self._records[address].desired)

    def _strays(self, live: Mapping[Address, Attrs | None]) -> Iterable[Stray]:
        look = self._look
        watched: dict[type[Resource], dict[Address, Watched]] = {}
        for address, attrs in live.items():
            kind = self._kind(address)
            if attrs is not None and kind.present(attrs):
                each = Watched(self._records[address].observed, attrs)
                watched.setdefault(kind, {})[address] = each
        roles = {
            str(record.desired["name"]): address
            for address, record in look.state.resources.items()
            if address.kind == Role.kind
        }
        observed = tuple(each.observed for each in watched.get(Role, {}).values())
        around = Around(self._claims, roles, observed, self._notes.append)
        return strays_around(look.aws, watched, around)

    def _is_accepted(self, found: Found) -> bool:
        recorded = self._records[found.address].observed.get(ACCEPTED) or ()
        return accepted_as(found) in recorded

    def _weighed(
        self, found: Sequence[Found], live: Mapping[Address, Attrs | None]
    ) -> Iterable[Drift]:
        if not found:
            return ()
        before = {
            address: {n: v for n, v in record.observed.items() if n != "documents"}
            for address, record in self._look.state.resources.items()
        }
        present = {
            address: {**before[address], **attrs}
            for address, attrs in live.items()
            if attrs is not None and self._kind(address).present(attrs)
        }
        unseen = before.keys() - live.keys()
        now = {**{address: before[address] for address in unseen}, **present}
        uses = uses_of(before, now)
        scales = Scales(before, now, {}, self._look.aws.identity, self._look.catalogue(), uses)
        touched = Counter(role for each in found for role in scales.roles(each))
        shared = frozenset(role for role, count in touched.items() if count > 1)
        arns = _unread(before, touched) | _unread(now, touched)
        scales = replace(scales, documents=read_documents(self._look.aws, arns))
        return [_drift(each, scales.weigh(each, shared)) for each in found]


def _unread(attributes: Mapping[Address, Attrs], roles: Collection[Address]) -> frozenset[str]:
    """The managed policies on these roles whose documents the attributes don't hold."""
    names = {attributes[role]["name"] for role in roles if role in attributes}
    return unread_policies(
        {
            address: attrs
            for address, attrs in attributes.items()
            if address in roles
            or (address.kind != Role.kind and names.intersection(attrs.get("roles") or ()))
        }
    )


def _drift(found: Found, weight: Weight) -> Drift:
    return Drift(
        address=str(found.address),
        kind=found.address.kind,
        type=found.type,
        severity=weight.severity,
        reason="; ".join((found.reason, *weight.words)),
        subject=found.subject,
        diff=found.diff,
        gained=weight.gained,
        lost=weight.lost,
    )


def _key(found: Found) -> str:
    return f"{found.address}|{found.type}|{found.subject}"


def accepted_as(found: Found) -> str:
    """What a record holds of a drift that was accepted: another content is another drift."""
    from hashlib import sha256
    from json import dumps

    content = [[delta.path, delta.before, delta.after] for delta in found.diff]
    digest = sha256(dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{found.type}|{found.subject}|{digest}"


def _selected(state: State, targets: frozenset[Address]) -> dict[Address, StateRecord]:
    """The records to look at.

    Raises:
        Problem: `unknown-target`.
    """
    if not targets:
        return dict(state.resources)
    known = {*state.resources, *(address.base for address in state.resources)}
    unknown = sorted(targets - known)
    if unknown:
        texts = [str(address) for address in known]
        raise Problem(
            *(
                Diagnostic(
                    "unknown-target",
                    f"{target} is not in the state",
                    hint=did_you_mean(str(target), texts)
                    or "`rolewright state list` shows the addresses",
                )
                for target in unknown
            )
        )
    return {
        address: record
        for address, record in state.resources.items()
        if {address, address.base} & targets
    }
