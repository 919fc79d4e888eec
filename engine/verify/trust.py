"""Whether a role may be assumed by whom an expectation names. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...resources.policy.caller import Caller, CallerKind, certain_context
from ...resources.policy.document import Document
from ...resources.policy.evaluator import Layer, Outcome
from ...resources.policy.trust_evaluation import ASSUME_ROLE, may_assume
from ..role_policies import RolePolicies
from .questions import ContextKeys
from .requests import Answer, World

_ACCOUNT = re.compile(r"[0-9]{12}")
_PROVIDERS = frozenset({"accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com"})
_KINDS: tuple[tuple[str, CallerKind], ...] = (
    (":assumed-role/", CallerKind.SESSION),
    (":federated-user/", CallerKind.FEDERATED),
    (":saml-provider/", CallerKind.FEDERATED),
    (":oidc-provider/", CallerKind.FEDERATED),
    (":role/", CallerKind.ROLE),
    (":user/", CallerKind.USER),
    (":root", CallerKind.ROOT),
)
_OWN_POLICIES = frozenset({CallerKind.ROLE, CallerKind.USER, CallerKind.SESSION})


def caller_of(text: str, partition: str = "aws") -> Caller:
    """Who is meant by a service principal, an ARN, an account id, or the host of a provider.

    Source: IAM user guide, "AWS JSON policy elements: Principal".
    """
    if _ACCOUNT.fullmatch(text):
        return Caller(f"arn:{partition}:iam::{text}:root", text, CallerKind.ROOT)
    if text == "*":
        return Caller(text, None, CallerKind.ANONYMOUS)
    if not text.startswith("arn:"):
        is_service = ".amazonaws.com" in text and text not in _PROVIDERS
        return Caller(text, None, CallerKind.SERVICE if is_service else CallerKind.FEDERATED)
    kind = next((kind for part, kind in _KINDS if part in text), CallerKind.ROLE)
    return Caller(text, None, kind)


def assume(
    world: World,
    role: RolePolicies,
    assumed_by: str,
    keys: ContextKeys,
    callers: Mapping[str, RolePolicies],
) -> Answer:
    """Whether somebody may assume the role. `callers` are roles by ARN whose policies are known.

    A role or user needs a permission of its own where the trust policy names only its account, or
    where it is of another account. If its policies are not known, neither is the answer.
    """
    caller = caller_of(assumed_by, world.partition)
    own = callers.get(assumed_by)
    context = certain_context(
        caller,
        more=keys,
        resource_account=world.account_id,
        region=world.region,
        tags=None if own is None else own.tags,
    )
    identity = () if own is None else own.identity
    outcome = may_assume(role.trust.document, caller, context, role_arn=role.arn, identity=identity)
    unproven: tuple[str, ...] = ()
    if own is None and caller.kind in _OWN_POLICIES and outcome.blocked_by is Layer.IDENTITY:
        unproven = (f"the policies of {assumed_by}, which must allow it too, are not known",)
    documents: dict[str, Document] = {policy.name: policy.document for policy in identity}
    documents[str(role.address)] = role.trust.document
    named = _readdressed(outcome, role)
    return Answer(ASSUME_ROLE, role.arn, named, named, documents, context, unproven)


def _readdressed(outcome: Outcome, role: RolePolicies) -> Outcome:
    """The trust policy under the role's address, by which people know it."""
    because = tuple(
        replace(each, policy=str(role.address)) if each.layer is Layer.TRUST else each
        for each in outcome.because
    )
    return replace(outcome, because=because)
