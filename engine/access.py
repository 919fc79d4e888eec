"""What a plan lets roles do that they could not do before, and the reverse. Pure.

Compared is what the policies of a role allow before and after, by what they mean: `resources.policy.access`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..resources.address import Address
from ..resources.permission_policy import PermissionPolicy
from ..resources.policy.access import (
    AccessDifference,
    AccessItem,
    Permissions,
    access_difference,
)
from ..resources.policy.access_folding import by_level, fold
from ..resources.policy.catalogue import Catalogue
from ..resources.policy.dangers import Danger, newly_dangerous
from ..resources.policy.trust_access import TrustItem, trust_difference
from .access_changes import (
    BOUNDARY,
    POLICY,
    AccessChanges,
    AccessEntry,
    DangerEntry,
    Levels,
    RoleAccess,
    TrustEntry,
)
from .access_sides import concerns_access, sides
from .plan import Plan
from .role_policies import Attributes, Documents, RolePolicies, permissions_of, role_policies

ReadDocuments = Callable[[Iterable[str]], Documents]
"""Reads the documents of managed policies by ARN, as far as AWS shows them."""

_BY_ADDRESS = dict[Address, RolePolicies]


def access_changes(
    plan: Plan, recorded: Attributes, read: ReadDocuments, catalogue: Callable[[], Catalogue]
) -> AccessChanges:
    """The access that a plan gives and takes.

    `recorded` is what the state says of all resources, by the addresses from before the plan. Only
    if the policies of a role change, documents are read and the catalogue is asked for.

    Raises:
        AwsError: from `read`.
    """
    if not concerns_access(plan):
        return AccessChanges()
    attributes = sides(plan, recorded)
    old, new = (_policies(plan, side, {}) for side in attributes)
    addresses = sorted({*old, *new})
    changed = [each for each in addresses if _grants(old.get(each)) != _grants(new.get(each))]
    unread = {arn for each in changed for side in (old, new) for arn in _unread(side.get(each))}
    if unread:
        documents = read(sorted(unread))
        old, new = (_policies(plan, side, documents) for side in attributes)
    comparison = _Comparison(catalogue(), _names(attributes)) if changed else None
    found: list[RoleAccess] = []
    for address in addresses:
        before, after = old.get(address), new.get(address)
        access = _whose(address, before, after)
        if comparison is not None and address in changed:
            access = comparison.of(access, before, after)
        found.append(access)
    version = "" if comparison is None else comparison.catalogue.version
    return AccessChanges(tuple(filter(None, found)), version)


def _policies(plan: Plan, attributes: Attributes, documents: Documents) -> _BY_ADDRESS:
    return role_policies(
        attributes, documents, account_id=plan.account_id, partition=plan.partition
    )


def _whose(address: Address, before: RolePolicies | None, after: RolePolicies | None) -> RoleAccess:
    """A role with who gains and loses it."""
    present = after or before
    name = "" if present is None else present.name
    old, new = (None if role is None else role.trust.document for role in (before, after))
    trust = trust_difference(old, new)
    return RoleAccess(
        str(address),
        name,
        trust_gained=tuple(map(_trusted, trust.gained)),
        trust_lost=tuple(map(_trusted, trust.lost)),
        gone=after is None,
    )


def _trusted(item: TrustItem) -> TrustEntry:
    return TrustEntry(
        item.principal,
        item.principal_type.value,
        item.words,
        item.actions,
        item.conditions,
        item.public,
        item.exact,
        item.exceptions,
        item.otherwise,
    )


def _unread(role: RolePolicies | None) -> tuple[str, ...]:
    return () if role is None else role.unread


def _grants(role: RolePolicies | None) -> object:
    """All of a role that says what it may do, to compare."""
    permissions = permissions_of(role)
    documents = frozenset(policy.document for policy in permissions.identity)
    return documents, permissions.boundary, frozenset(_unread(role))


def _names(attributes: Iterable[Attributes]) -> dict[str, str]:
    """The addresses of declared managed policies by ARN."""
    return {
        attrs["arn"]: str(address)
        for side in attributes
        for address, attrs in side.items()
        if address.kind == PermissionPolicy.kind and attrs.get("arn")
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """What two sets of policies allow differently; an entry for each item of the difference."""

    difference: AccessDifference
    gained: tuple[AccessEntry, ...]
    lost: tuple[AccessEntry, ...]
    gained_levels: Levels
    lost_levels: Levels
    changed_levels: Levels


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares roles; those with the same policies, such as of a `for_each`, only once."""

    catalogue: Catalogue
    names: dict[str, str]
    _known: dict[tuple[Permissions, Permissions], _Found] = field(
        default_factory=dict[tuple[Permissions, Permissions], "_Found"]
    )

    def of(
        self, access: RoleAccess, before: RolePolicies | None, after: RolePolicies | None
    ) -> RoleAccess:
        """The role's access with what it gains and loses."""
        pair = permissions_of(before), permissions_of(after)
        if pair not in self._known:
            self._known[pair] = self._compared(*pair)
        found = self._known[pair]
        present = after or before
        arn = None if present is None else present.arn
        dangers = newly_dangerous(*pair, found.difference, self.catalogue, role_arn=arn)
        gained, lost = _marked(found, dangers), found.lost
        # A policy that nobody knows may have allowed it before, or may allow it still.
        if _unread(before) or _unread(after):
            gained, lost = (
                tuple(replace(entry, exact=False) for entry in entries)
                for entries in (gained, lost)
            )
        return replace(
            access,
            gained=(*gained, *self._opaque(before, after)),
            lost=(*lost, *self._opaque(after, before)),
            gained_levels=found.gained_levels,
            lost_levels=found.lost_levels,
            changed_levels=found.changed_levels,
            dangers=tuple(map(_danger, dangers)),
        )

    def _compared(self, before: Permissions, after: Permissions) -> _Found:
        difference = access_difference(before, after, self.catalogue)
        changed = {_key(item) for pair in difference.changed for item in pair}
        return _Found(
            difference=difference,
            gained=tuple(self._entries(difference.gained, changed)),
            lost=tuple(self._entries(difference.lost, changed)),
            gained_levels=self._levels(i for i in difference.gained if _key(i) not in changed),
            lost_levels=self._levels(i for i in difference.lost if _key(i) not in changed),
            changed_levels=self._levels(i for i in difference.gained if _key(i) in changed),
        )

    def _entries(
        self, items: Iterable[AccessItem], changed: set[tuple[object, ...]]
    ) -> Iterator[AccessEntry]:
        for item in items:
            patterns = fold(item.actions, self.catalogue)
            yield AccessEntry(
                actions={pattern: self._level(pattern) for pattern in patterns},
                resource=item.resource,
                conditions=item.conditions,
                by=item.by,
                exact=item.exact,
                effective=item.effective,
                changed=_key(item) in changed,
                services=self._services(item.actions, patterns),
            )

    def _level(self, pattern: str) -> str:
        """The riskiest level of what a pattern stands for."""
        names = self.catalogue.expand(pattern) or (pattern,)
        return next((level.value for level in by_level(names, self.catalogue)), "")

    def _services(self, actions: Sequence[str], patterns: Sequence[str]) -> dict[str, Levels]:
        if "*" in patterns:
            return {"*": self._counts(actions)}
        services: dict[str, list[str]] = {}
        for name in actions:
            services.setdefault(name.partition(":")[0], []).append(name)
        return {service: self._counts(names) for service, names in services.items()}

    def _levels(self, items: Iterable[AccessItem]) -> Levels:
        return self._counts({name for item in items if item.effective for name in item.actions})

    def _counts(self, actions: Iterable[str]) -> Levels:
        return {level.value: count for level, count in by_level(actions, self.catalogue).items()}

    def _opaque(
        self, before: RolePolicies | None, after: RolePolicies | None
    ) -> Iterator[AccessEntry]:
        """What stands for the policies that come, and the boundaries that go, without being known."""
        kept = "" if before is None else before.unread_boundary
        now = "" if after is None else after.unread_boundary
        for arn in _unread(after):
            if arn not in _unread(before) and arn != now:
                yield self._unknown(POLICY + arn, self.names.get(arn, arn))
        if kept and after is not None and kept != now:
            yield self._unknown(BOUNDARY + kept, "boundary")

    def _unknown(self, what: str, by: str) -> AccessEntry:
        return AccessEntry({what: ""}, what, by=(by,), exact=False)


def _key(item: AccessItem) -> tuple[object, ...]:
    return item.actions, item.resource


def _marked(found: _Found, dangers: Sequence[Danger]) -> tuple[AccessEntry, ...]:
    """What is gained, with the dangers to which it contributes."""
    if not dangers:
        return found.gained
    marked: list[AccessEntry] = []
    for entry, item in zip(found.gained, found.difference.gained, strict=True):
        names = {*item.actions, *entry.actions}
        ids = tuple(each.id for each in dangers if not names.isdisjoint(each.actions))
        marked.append(replace(entry, dangers=ids))
    return tuple(marked)


def _danger(danger: Danger) -> DangerEntry:
    return DangerEntry(
        danger.kind.value,
        danger.id,
        danger.title,
        danger.actions,
        danger.resource,
        danger.by,
        danger.certain,
        danger.conditions,
    )
