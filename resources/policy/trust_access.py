"""Who may assume a role after a change of its trust policy and not before, and who not any more.

Everybody whom one of the two policies names is compared by what the statements say of it, and so is
the rest: all others of an account, and anyone. What is written in another way but means the same
makes no difference.
Sources: IAM user guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements:
NotPrincipal", "Methods to assume a role" and "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from .atoms import Conjunction, conjunction, entry
from .caller import Caller, CallerKind
from .compiled import CompiledStatement, compile_document
from .condition_text import conditions_text
from .document import Document, Principal, Statement
from .formulas import Layer, Side, difference
from .principal_matching import Grant, grant, named_account
from .shape import VERSION_2012, Effect, PrincipalType
from .trust_evaluation import (
    ASSUME_ROLE,
    ASSUME_WITH_SAML,
    ASSUME_WITH_WEB_IDENTITY,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
)
from .trust_public import lets_any_identity_in, lets_anybody_in, rests_on_external_id

SET_CONTEXT = "sts:SetContext"
_ASSUMING = (ASSUME_ROLE, ASSUME_WITH_SAML, ASSUME_WITH_WEB_IDENTITY)
_BESIDE = {
    SET_CONTEXT: "pass a context",
    SET_SOURCE_IDENTITY: "set a source identity",
    TAG_SESSION: "tag sessions",
}

Conditions: TypeAlias = tuple[Mapping[str, Any], ...]
"""Conditions that must all hold, in the shape of those of an `AccessItem`."""


class TrustedKind(StrEnum):
    """What sort of principal is trusted; UNKNOWN_ID can't be read, such as that of a deleted role."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    ROLE = "role"
    USER = "user"
    SESSION = "session"
    SERVICE = "service"
    FEDERATED = "federated"
    UNKNOWN_ID = "unknown id"


@dataclass(frozen=True, slots=True)
class TrustItem:
    """Somebody who may assume the role, under conditions, which must all hold.

    `principal`: an ARN, an account id, the name of a service, the ARN or host of an identity
    provider, or `*`. It does not stand for those in it whom one of the two policies names more
    closely; `exceptions` are the ones of these who have no such access. `actions`: all that is
    gained or lost, also such as `sts:TagSession`. `public`: people whom nobody named can do it.
    `exact`: it is certain that there is such access. `otherwise`: the other policy allows it too,
    under other conditions. In another account, and where an account is named, the policies of the
    principal must allow it as well.
    """

    principal: str
    principal_type: TrustedKind
    actions: tuple[str, ...]
    conditions: Conditions
    public: bool
    exact: bool
    exceptions: tuple[str, ...] = ()
    otherwise: bool = False

    @property
    def words(self) -> str:
        """`account 111122223333 may assume the role if …`, with what to mind."""
        said = f"{self._who} may {self._what}{conditions_text(self.conditions)}"
        return f"{said} ({self._note})" if self._note else said

    @property
    def _who(self) -> str:
        kind, name = self.principal_type, self.principal
        who = {
            TrustedKind.ANYONE: "anyone",
            TrustedKind.FEDERATED: f"identities of {name}",
            TrustedKind.UNKNOWN_ID: f"whoever has the id {name}",
        }.get(kind, f"{kind} {name}")
        return f"{who} but {', '.join(self.exceptions)}" if self.exceptions else who

    @property
    def _what(self) -> str:
        assumes = ["assume the role"] if set(self.actions).intersection(_ASSUMING) else []
        found = [*assumes, *(text for name, text in _BESIDE.items() if name in self.actions)]
        return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else found[0]

    @property
    def _note(self) -> str:
        if self.public and self.principal_type is TrustedKind.FEDERATED:
            return "public: everybody can have such an identity"
        if self.public:
            return "public"
        if self.principal_type is TrustedKind.ANYONE and rests_on_external_id(self.conditions):
            return "only the external id keeps others out"
        return ""


@dataclass(frozen=True, slots=True)
class TrustDifference:
    """All who are let in newly, and all who are not let in any more."""

    gained: tuple[TrustItem, ...] = ()
    lost: tuple[TrustItem, ...] = ()

    @property
    def changed(self) -> tuple[TrustItem, ...]:
        """What both policies allow somebody, but under other conditions."""
        return tuple(item for item in (*self.lost, *self.gained) if item.otherwise)

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


def trust_difference(before: Document | None, after: Document | None) -> TrustDifference:
    """Who may newly assume the role, and who not any more; None where there is no role.

    Raises nothing.
    """
    old, new = _Trust(before or _NOBODY), _Trust(after or _NOBODY)
    if before == after:
        return TrustDifference()
    everybody = _everybody((*old.named, *new.named))
    return TrustDifference(_items(new, old, everybody), _items(old, new, everybody))


_NOBODY = Document(VERSION_2012, ())
_NOTHING = Layer(frozenset(), frozenset())
_UNNAMED = "?"
"""A name that no account and no role can have."""

_KINDS: Mapping[str, tuple[TrustedKind, CallerKind]] = {
    ":role/": (TrustedKind.ROLE, CallerKind.ROLE),
    ":user/": (TrustedKind.USER, CallerKind.USER),
    ":assumed-role/": (TrustedKind.SESSION, CallerKind.SESSION),
    ":federated-user/": (TrustedKind.FEDERATED, CallerKind.FEDERATED),
}


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A principal that a policy names, and a caller who stands for it and for nobody closer."""

    kind: TrustedKind
    name: str
    caller: Caller

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that such a principal can use on a role."""
        if self.kind is TrustedKind.ANYONE:
            return (*_ASSUMING, *_BESIDE)
        if not self.caller.stands_alone or self.kind is TrustedKind.SERVICE:
            return (ASSUME_ROLE, *_BESIDE)
        is_saml = ":saml-provider/" in self.name
        return (ASSUME_WITH_SAML if is_saml else ASSUME_WITH_WEB_IDENTITY, *_BESIDE)

    def contains(self, other: _Somebody) -> bool:
        """Whether another one, named more closely, is among those who are meant by this."""
        if self.kind in {TrustedKind.SERVICE, TrustedKind.UNKNOWN_ID} or self == other:
            return False
        statement = Statement(Effect.ALLOW, principal=(Principal(PrincipalType.AWS, self.name),))
        return grant(statement, other.caller, bounded=False) is not Grant.NOBODY

    def is_public(self, conditions: Conditions) -> bool:
        if self.kind is TrustedKind.ANYONE:
            return lets_anybody_in(conditions)
        return self.kind is TrustedKind.FEDERATED and lets_any_identity_in(self.name, conditions)


_ANYONE = _Somebody(TrustedKind.ANYONE, "*", Caller(_UNNAMED, _UNNAMED, CallerKind.ROLE))


def _everybody(principals: Iterable[Principal]) -> tuple[_Somebody, ...]:
    """Everybody who is named, each once, and anyone; those who are meant more widely first."""
    found = {_ANYONE, *map(_somebody, principals)}
    order = {kind: index for index, kind in enumerate(TrustedKind)}
    return tuple(sorted(found, key=lambda each: (order[each.kind], each.name)))


def _somebody(principal: Principal) -> _Somebody:
    name = principal.name
    if principal.type is PrincipalType.SERVICE:
        return _Somebody(TrustedKind.SERVICE, name, Caller(name, None, CallerKind.SERVICE))
    if principal.type is PrincipalType.FEDERATED:
        return _Somebody(TrustedKind.FEDERATED, name, Caller(name, None, CallerKind.FEDERATED))
    if principal.type is PrincipalType.AWS:
        if name == "*":
            return _ANYONE
        if (account := named_account(name)) is not None:
            other = Caller(f"arn:aws:iam::{account}:role/{_UNNAMED}", account, CallerKind.ROLE)
            return _Somebody(TrustedKind.ACCOUNT, account, other)
        for part, (kind, caller_kind) in _KINDS.items():
            if part in name:
                return _Somebody(kind, name, Caller(name, None, caller_kind))
    return _Somebody(TrustedKind.UNKNOWN_ID, name, Caller(name, None, CallerKind.ROLE))


class _Trust:
    """A trust policy, ready to be asked what it says of somebody."""

    def __init__(self, document: Document) -> None:
        self._statements: list[tuple[CompiledStatement, Conjunction]] = []
        for statement in compile_document(document):
            conditions = statement.source.conditions
            literals = conjunction(conditions, variables=document.has_variables)
            if literals is not None:
                self._statements.append((statement, literals))

    @cached_property
    def named(self) -> tuple[Principal, ...]:
        """All principals that stand in it, also those that it denies or leaves out."""
        return tuple(
            principal
            for statement, _ in self._statements
            for names in (statement.source.principal, statement.source.not_principal)
            for principal in names or ()
        )

    @cached_property
    def minds_boundaries(self) -> bool:
        """Whether it matters that a principal has a boundary: a Deny never spares such a one."""
        return any(
            statement.source.effect is Effect.DENY and statement.source.not_principal is not None
            for statement, _ in self._statements
        )

    def sides(self, somebody: _Somebody, action: str, *, bounded: bool) -> list[Side]:
        """What it says of somebody's use of an action, for each way to assume the role.

        What comes beside assuming, such as tagging the session, is of no use without it.
        """
        layer = self._layer(somebody, action, bounded=bounded)
        if action in _ASSUMING:
            return [(layer,)]
        ways = (way for way in somebody.actions if way in _ASSUMING)
        return [(self._layer(somebody, way, bounded=bounded), layer) for way in ways]

    def _layer(self, somebody: _Somebody, action: str, *, bounded: bool) -> Layer:
        found: dict[Effect, set[Conjunction]] = {Effect.ALLOW: set(), Effect.DENY: set()}
        for statement, literals in self._statements:
            source = statement.source
            named = grant(source, somebody.caller, bounded=bounded) is not Grant.NOBODY
            if named and statement.covers_action(action):
                found[source.effect].add(literals)
        return Layer(frozenset(found[Effect.ALLOW]), frozenset(found[Effect.DENY]))

    def may_allow(self, somebody: _Somebody, action: str) -> bool:
        """Whether it allows somebody an action, under whatever conditions."""
        sides = self.sides(somebody, action, bounded=False)
        return any(difference(side, (_NOTHING,) * len(side)) for side in sides)


def _items(new: _Trust, old: _Trust, everybody: Sequence[_Somebody]) -> tuple[TrustItem, ...]:
    """What the one policy allows and the other does not."""
    found: dict[_Somebody, list[TrustItem]] = {}
    for somebody in everybody:
        wider = [
            item for other, items in found.items() if other.contains(somebody) for item in items
        ]
        found[somebody] = [
            item
            for item in _items_of(somebody, new, old, everybody)
            if not any(_says_as_much(other, item) for other in wider)
        ]
    return tuple(item for items in found.values() for item in items)


def _items_of(
    somebody: _Somebody, new: _Trust, old: _Trust, everybody: Sequence[_Somebody]
) -> Iterator[TrustItem]:
    actions: dict[tuple[str, bool], list[str]] = {}
    said: dict[str, Conditions] = {}
    for action in somebody.actions:
        for conditions, exact in _ways(somebody, action, new, old):
            text = conditions_text(conditions)
            said.setdefault(text, conditions)
            actions.setdefault((text, exact), []).append(action)
    for (text, exact), names in sorted(actions.items()):
        yield TrustItem(
            principal=somebody.name,
            principal_type=somebody.kind,
            actions=tuple(sorted(names)),
            conditions=said[text],
            public=somebody.is_public(said[text]),
            exact=exact and somebody.kind is not TrustedKind.UNKNOWN_ID,
            exceptions=_exceptions(somebody, names, new, everybody),
            otherwise=any(old.may_allow(somebody, action) for action in names),
        )


def _ways(
    somebody: _Somebody, action: str, new: _Trust, old: _Trust
) -> Iterable[tuple[Conditions, bool]]:
    """The conditions under which somebody has an action by one policy only; whether certainly."""
    found: dict[str, tuple[Conditions, bool]] = {}
    # Nobody knows whether a principal has a boundary.
    for bounded in (False, True) if new.minds_boundaries or old.minds_boundaries else (False,):
        both = (each.sides(somebody, action, bounded=bounded) for each in (new, old))
        for after, before in zip(*both, strict=True):
            for way in difference(after, before):
                conditions = tuple(sorted(map(entry, way.literals), key=str))
                certain = (conditions, way.exact and not bounded)
                found.setdefault(conditions_text(conditions), certain)
    return found.values()


def _exceptions(
    somebody: _Somebody, actions: Sequence[str], trust: _Trust, everybody: Sequence[_Somebody]
) -> tuple[str, ...]:
    """Those among somebody whom a policy allows none of the actions."""
    found: list[_Somebody] = []
    for other in everybody:
        if somebody.contains(other) and not any(each.contains(other) for each in found):
            asked = set(actions).intersection(other.actions)
            if asked and not any(trust.may_allow(other, action) for action in asked):
                found.append(other)
    return tuple(each.name for each in found)


def _says_as_much(wider: TrustItem, item: TrustItem) -> bool:
    """Whether an item about more principals says all that another one does."""
    same = wider.conditions == item.conditions and wider.exact >= item.exact
    return same and set(item.actions) <= set(wider.actions) and not wider.exceptions
