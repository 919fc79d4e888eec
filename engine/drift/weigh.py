"""How bad a drift is, by what it lets somebody do: what access it gives and takes. Pure.

The table of docs/drift.md says the same in words. A drift is weighed by itself, and where several are
about one role also by what would go if it alone were repaired: a boundary that goes and a policy that
comes may each be little, and together everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.permission_policy import PermissionPolicy
from ...resources.policy import parse
from ...resources.policy.access import AccessItem, Permissions, access_difference
from ...resources.policy.access_folding import by_level, fold
from ...resources.policy.catalogue import AccessLevel, Catalogue
from ...resources.policy.catalogue_index import FUTURE, OTHER_SERVICES
from ...resources.policy.dangers import Danger, DangerKind, newly_dangerous
from ...resources.policy.evaluator import NamedPolicy
from ...resources.policy.trust_access import TrustedKind, TrustItem, trust_difference
from ...resources.ports import Identity
from ...resources.role import FOREIGN_PROFILES, Role
from ...resources.strays import Stray, Use
from ..role_policies import Documents, RolePolicies, permissions_of, role_policies
from .found import Found
from .report import DriftType, Severity

Attributes = Mapping[Address, Attrs]

_CHANGED: Mapping[str, Severity] = {
    "description": Severity.LOW,
    "tags": Severity.LOW,
    "max_session_duration": Severity.LOW,
    "trust_policy": Severity.LOW,
    "document": Severity.LOW,
    "permissions_boundary": Severity.MEDIUM,
    "roles": Severity.MEDIUM,
}
"""The least that a changed attribute of a role or a policy counts; what its access says may be more."""
_LOST: Mapping[str, Severity] = {
    Role.kind: Severity.HIGH,
    ServiceBinding.kind: Severity.HIGH,
    PermissionPolicy.kind: Severity.MEDIUM,
}
"""What is missing, or another object under the same name: without a role or a binding, things stop."""
_USED: Mapping[Use, Severity] = {
    Use.HOLDER: Severity.LOW,
    Use.BOUNDARY: Severity.LOW,
    Use.VERSION: Severity.LOW,
    Use.CARRIER: Severity.HIGH,
    Use.TRUST: Severity.INFO,
}
_WITHOUT_ACCESS = frozenset({"description", "max_session_duration", "tags"})
_HARMLESS = frozenset({AccessLevel.LIST, AccessLevel.READ})
Items = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """How bad it is, the access that it gives and takes, and what is worth a sentence."""

    severity: Severity
    gained: Items = ()
    lost: Items = ()
    words: tuple[str, ...] = ()

    def __or__(self, other: Weight) -> Weight:
        return Weight(
            max(self.severity, other.severity, key=lambda one: one.rank),
            _distinct((*self.gained, *other.gained)),
            _distinct((*self.lost, *other.lost)),
            tuple(dict.fromkeys((*self.words, *other.words))),
        )


@dataclass(frozen=True, slots=True)
class Scales:
    """Weighs drifts. `before` and `now` are all attributes as recorded and as observed."""

    before: Attributes
    now: Attributes
    documents: Documents
    identity: Identity
    catalogue: Catalogue
    uses: Mapping[str, frozenset[Address]]
    """The policies by the names of the roles that they are on, and by their ARNs; see `uses_of`."""

    def weigh(self, found: Found, shared: Collection[Address] = ()) -> Weight:
        """The weight of a drift; `shared` are the roles that other drifts are about as well."""
        if found.stray is not None:
            return self._stray(found.stray)
        weight = Weight(_floor(found))
        for role in self.roles(found):
            near = {role, found.address, *self._policies_of(role)}
            before = {each: self.before[each] for each in near}
            weight |= self._role(role, before, _patched(before, found, before[role]["name"]))
            if role in shared:
                now = {each: self.now[each] for each in near if each in self.now}
                weight |= self._role(role, _mended(now, before, found), now)
        return weight

    def _policies_of(self, role: Address) -> Iterator[Address]:
        """The recorded policies that a role has or had, those that bound it among them."""
        for side in (self.before, self.now):
            if role in side:
                attrs = side[role]
                yield from self.uses.get(attrs["name"], ())
                yield from self.uses.get(attrs.get("permissions_boundary") or "", ())

    def roles(self, found: Found) -> list[Address]:
        """The recorded roles whose access a drift may change."""
        if found.stray is not None or _WITHOUT_ACCESS.issuperset(found.names):
            return []
        if found.address.kind == Role.kind:
            return [found.address]
        if found.address.kind != PermissionPolicy.kind:
            return []
        recorded = self.before[found.address]
        holders = {*recorded["roles"], *((found.after or {}).get("roles") or ())}
        arn = recorded.get("arn")
        return [
            address
            for address, attrs in self.before.items()
            if address.kind == Role.kind
            and (attrs["name"] in holders or (arn and attrs.get("permissions_boundary") == arn))
        ]

    def _role(self, role: Address, before: Attributes, after: Attributes) -> Weight:
        old, new = self._policies(role, before), self._policies(role, after)
        weight = self._access(old, new) | _trust(role, old, new, self.identity)
        unread = () if new is None else set(new.unread) - set(() if old is None else old.unread)
        if unread:
            told = f"what {', '.join(sorted(unread))} allows could not be read"
            weight |= Weight(Severity.HIGH, words=(told,))
        return weight

    def _policies(self, role: Address, attributes: Attributes) -> RolePolicies | None:
        if role not in attributes:
            return None
        identity = self.identity
        return role_policies(
            attributes, self.documents, account_id=identity.account_id, partition=identity.partition
        )[role]

    def _access(self, old: RolePolicies | None, new: RolePolicies | None) -> Weight:
        either = new or old
        if either is None:
            return Weight(Severity.INFO)
        return self._difference(permissions_of(old), permissions_of(new), either.name, either.arn)

    def _difference(
        self, before: Permissions, after: Permissions, holder: str, arn: str | None = None
    ) -> Weight:
        found = access_difference(before, after, self.catalogue)
        gained = [item for item in found.gained if item.effective]
        lost = [item for item in found.lost if item.effective]
        dangers = newly_dangerous(before, after, found, self.catalogue, role_arn=arn)
        severities = [
            *(_danger(danger) for danger in dangers),
            *(self._item(item) for item in gained),
            *([Severity.MEDIUM] if lost else []),
        ]
        return Weight(
            max(severities, key=lambda one: one.rank, default=Severity.INFO),
            tuple(one for item in gained for one in self._as_json(holder, item)),
            tuple(one for item in lost for one in self._as_json(holder, item)),
            tuple(danger.words for danger in dangers[:3]),
        )

    def _item(self, item: AccessItem) -> Severity:
        levels = by_level(item.actions, self.catalogue).keys()
        return Severity.MEDIUM if levels <= _HARMLESS else Severity.HIGH

    def _as_json(self, holder: str, item: AccessItem) -> Iterator[Mapping[str, Any]]:
        # What takes in services that nobody knows yet is everything, and a list of it helps nobody.
        is_all = f"{OTHER_SERVICES}:{FUTURE}" in item.actions
        for action in ("*",) if is_all else fold(item.actions, self.catalogue):
            yield {
                "role": holder,
                "action": action,
                "resource": item.resource,
                "conditions": list(item.conditions),
                "by": ", ".join(item.by),
            }

    def _stray(self, stray: Stray) -> Weight:
        weight = Weight(_USED[stray.use])
        if stray.use not in {Use.HOLDER, Use.VERSION}:
            return weight
        recorded = self.now.get(stray.address) or self.before[stray.address]
        name = str(stray.address)
        own = Permissions((NamedPolicy(name, parse(recorded["document"])),))
        if stray.use is Use.HOLDER:
            return weight | self._difference(Permissions(()), own, stray.subject)
        ready = Permissions((NamedPolicy(name, parse(stray.document or {})),))
        told = self._difference(own, ready, f"whoever carries {name}")
        # It takes one more call until it counts.
        return weight | replace(told, severity=list(Severity)[max(1, told.severity.rank - 1)])


def uses_of(*sides: Attributes) -> Mapping[str, frozenset[Address]]:
    """The policies among attributes by the names of the roles that they are on, and by their ARNs."""
    found: dict[str, set[Address]] = {}
    for side in sides:
        for address, attrs in side.items():
            if address.kind == PermissionPolicy.kind:
                for name in (*(attrs.get("roles") or ()), attrs.get("arn") or ""):
                    found.setdefault(name, set()).add(address)
    return {name: frozenset(addresses) for name, addresses in found.items() if name}


def _floor(found: Found) -> Severity:
    """What a drift counts whatever access it gives or takes."""
    if found.type in {DriftType.MISSING, DriftType.REPLACED}:
        return _LOST.get(found.address.kind, Severity.MEDIUM)
    if found.type is DriftType.UNMANAGED:
        return Severity.MEDIUM if FOREIGN_PROFILES in found.names else Severity.LOW
    if found.address.kind == ServiceBinding.kind:
        return Severity.LOW if set(found.names) <= {"tags"} else Severity.HIGH
    counted = (_CHANGED.get(name, Severity.MEDIUM) for name in found.names)
    return max(counted, key=lambda one: one.rank)


def _patched(before: Attributes, found: Found, role: str) -> Attributes:
    """All attributes as recorded, but for one drift, as it is for one role."""
    patched = {address: attrs for address, attrs in before.items() if address != found.address}
    if found.after is None:
        return patched
    own: Mapping[str, Attrs] = found.after.get("documents") or {}
    document = {"document": own[role]} if role in own else {}
    return {**patched, found.address: {**found.after, **document}}


def _mended(now: Attributes, before: Attributes, found: Found) -> Attributes:
    """All attributes as observed, but for one drift that is put right."""
    recorded, live = before[found.address], now.get(found.address)
    if live is None:
        return {**now, found.address: recorded}
    back = {name: recorded[name] for name in found.names if name in recorded}
    if found.type is not DriftType.UNMANAGED:
        return {**now, found.address: {**live, **back}}
    (name,) = found.names
    return {**now, found.address: {**live, name: _without(live[name], found)}}


def _without(value: Any, found: Found) -> Any:
    """What is foreign on a role, without the one thing that a drift is about."""
    if isinstance(value, Mapping):
        gone = found.diff[0].path.partition(".")[2]
        items: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {name: document for name, document in items.items() if name != gone}
    return [item for item in value if item not in found.diff[0].after]


def _danger(danger: Danger) -> Severity:
    if danger.kind is DangerKind.DATA_DESTRUCTION or not danger.certain:
        return Severity.HIGH
    return Severity.CRITICAL


def _trust(
    role: Address, old: RolePolicies | None, new: RolePolicies | None, identity: Identity
) -> Weight:
    """What a change of who may assume a role weighs; where the role itself is gone, that says it all."""
    if old is None or new is None or old.trust.document == new.trust.document:
        return Weight(Severity.INFO)
    found = trust_difference(old.trust.document, new.trust.document)
    severities = [
        *(_let_in(item, identity.account_id) for item in found.gained),
        *(_shut_out(item) for item in found.lost),
    ]
    return Weight(
        max(severities, key=lambda one: one.rank, default=Severity.INFO),
        tuple(_trust_json(new, item, role) for item in found.gained),
        tuple(_trust_json(new, item, role) for item in found.lost),
        (
            *(item.words for item in found.gained[:3]),
            *(f"no longer: {item.words}" for item in found.lost[:3] if not item.otherwise),
        ),
    )


def _let_in(item: TrustItem, account_id: str) -> Severity:
    if item.public:
        return Severity.CRITICAL
    match item.principal_type:
        case TrustedKind.SERVICE | TrustedKind.UNKNOWN_ID:
            return Severity.MEDIUM
        case TrustedKind.ANYONE | TrustedKind.FEDERATED:
            return Severity.HIGH
        case _:
            own = account_id in item.principal.split(":")
            return Severity.MEDIUM if own else Severity.HIGH


def _shut_out(item: TrustItem) -> Severity:
    if item.principal_type is TrustedKind.SERVICE and not item.otherwise:
        return Severity.HIGH
    return Severity.MEDIUM


def _trust_json(role: RolePolicies, item: TrustItem, address: Address) -> Mapping[str, Any]:
    return {
        "role": role.name,
        "principal": item.principal,
        "action": ", ".join(item.actions),
        "resource": role.arn,
        "conditions": list(item.conditions),
        "by": str(address),
    }


def _distinct(items: Items) -> Items:
    found: list[Mapping[str, Any]] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)
