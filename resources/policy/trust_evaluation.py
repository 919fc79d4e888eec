"""Whether somebody may assume a role: a service, a role, a user or a federated identity.

Sources: IAM user guide, "Methods to assume a role", "Pass session tags in AWS STS", "Monitor and
control actions taken with assumed roles" and "How to use an external ID"; STS API reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from .caller import Caller, CallerKind, arn_account
from .context import Context
from .document import Document
from .evaluator import Layer, NamedPolicy, Outcome, Policies, Request, conclude, rule

ASSUME_ROLE = "sts:AssumeRole"
ASSUME_WITH_SAML = "sts:AssumeRoleWithSAML"
ASSUME_WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
TAG_SESSION = "sts:TagSession"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"

_TAGS = ("aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys")
_SOURCE_IDENTITY = "sts:sourceidentity"


def may_assume(
    trust: Document,
    caller: Caller,
    context: Context,
    *,
    role_arn: str,
    identity: tuple[NamedPolicy, ...] = (),
) -> Outcome:
    """Decide whether a caller may assume a role. Raises nothing.

    For a service or a federated identity the trust policy alone decides. A role or user of the
    role's account needs no permission of its own if the trust policy names it or anybody, and needs
    one if that names the account only; one of another account needs both in any case. All actions
    that the call needs must be allowed: see `needed_actions`. What the service sends along, such as
    `sts:ExternalId`, `aws:SourceArn` and `aws:SourceAccount`, stands in the context.
    """
    policies = Policies(identity=identity, resource=NamedPolicy(role_arn, trust))
    account = arn_account(role_arn)
    return conclude(
        tuple(
            rule(Request(caller, action, role_arn, account, context), policies, Layer.TRUST)
            for action in needed_actions(caller, context)
        )
    )


def needed_actions(caller: Caller, context: Context) -> Iterator[str]:
    """The actions that a call to assume a role needs.

    Beside that of assuming: `sts:TagSession` if the context holds session tags, that is a value for
    `aws:RequestTag/…`, `aws:TagKeys` or `sts:TransitiveTagKeys`, and `sts:SetSourceIdentity` if it
    holds `sts:SourceIdentity`.
    """
    if caller.kind is not CallerKind.FEDERATED or not caller.stands_alone:
        yield ASSUME_ROLE
    elif ":saml-provider/" in caller.arn:
        yield ASSUME_WITH_SAML
    else:
        yield ASSUME_WITH_WEB_IDENTITY
    if any(key.startswith(_TAGS) for key in context):
        yield TAG_SESSION
    if _SOURCE_IDENTITY in context:
        yield SET_SOURCE_IDENTITY
