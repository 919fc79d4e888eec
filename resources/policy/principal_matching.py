"""Whether a Principal or NotPrincipal element names a caller, and how closely.

Sources: IAM user guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements:
NotPrincipal" and "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from .caller import Caller, CallerKind, arn_account
from .document import Principal, Statement
from .shape import Effect, PrincipalType

_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?(?P<account>[0-9]{12})(?P<root>:root)?")
_BOUNDED = frozenset({CallerKind.USER, CallerKind.ROLE, CallerKind.SESSION})


class Grant(IntEnum):
    """How closely a statement names a caller, from not at all to by its own name or as anybody.

    ACCOUNT hands the decision to the policies of the account. ROLE names the role of the session.
    """

    NOBODY = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


def grant(statement: Statement, caller: Caller, *, bounded: bool) -> Grant:
    """How closely a statement of a resource or trust policy names a caller.

    A statement without a principal names nobody. `bounded`: the caller has a permissions boundary.
    """
    if statement.principal is not None:
        return max((_named(one, caller) for one in statement.principal), default=Grant.NOBODY)
    if statement.not_principal is None:
        return Grant.NOBODY
    named = [_named(one, caller) for one in statement.not_principal]
    if statement.effect is Effect.ALLOW:
        return Grant.NOBODY if any(named) else Grant.DIRECT
    return Grant.NOBODY if _spared(named, statement, caller, bounded=bounded) else Grant.DIRECT


def _spared(named: list[Grant], statement: Statement, caller: Caller, *, bounded: bool) -> bool:
    """Whether a Deny with NotPrincipal leaves a caller out.

    It must name both the account and the user or role, and never spares one that has a boundary.
    """
    if bounded and caller.kind in _BOUNDED:
        return False
    anybody = Principal(PrincipalType.AWS, "*") in (statement.not_principal or ())
    if anybody or caller.stands_alone or caller.kind is CallerKind.ROOT:
        return any(named)
    return Grant.ACCOUNT in named and max(named) > Grant.ACCOUNT


def _named(principal: Principal, caller: Caller) -> Grant:
    match principal.type:
        case PrincipalType.AWS:
            return _aws(principal.name, caller)
        case PrincipalType.SERVICE:
            named = caller.kind is CallerKind.SERVICE
        case PrincipalType.FEDERATED:
            named = caller.kind is CallerKind.FEDERATED
        case PrincipalType.CANONICAL_USER:
            named = True
    return Grant.DIRECT if named and principal.name == caller.arn else Grant.NOBODY


def _aws(name: str, caller: Caller) -> Grant:
    if name == "*":
        return Grant.DIRECT
    if caller.stands_alone:
        return Grant.NOBODY
    if (account := named_account(name)) is not None:
        if account != caller.home:
            return Grant.NOBODY
        return Grant.DIRECT if caller.kind is CallerKind.ROOT else Grant.ACCOUNT
    if name == caller.arn:
        return Grant.ROLE if caller.kind is CallerKind.ROLE else Grant.DIRECT
    return Grant.ROLE if _is_role_of(name, caller) else Grant.NOBODY


def _is_role_of(name: str, caller: Caller) -> bool:
    """Whether a role is the one of a session, whose ARN leaves out the path of the role."""
    if caller.kind is not CallerKind.SESSION or ":role/" not in name:
        return False
    same_name = name.rpartition("/")[2] == caller.role_name
    return same_name and arn_account(name) == caller.home


@lru_cache(maxsize=4096)
def named_account(name: str) -> str | None:
    """The account that an AWS principal names as such: by its id or by its root user."""
    match = _ACCOUNT.fullmatch(name)
    is_arn = name.startswith("arn:")
    return match["account"] if match and is_arn == (match["root"] is not None) else None
