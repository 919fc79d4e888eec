"""Whether a trust policy lets in anybody: people of accounts and organisations that nobody named.

Sources: IAM user guide, "AWS JSON policy elements: Principal", "How to use an external ID" and
"Identity-provider controls for shared OIDC providers".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from .operators import parse_operator

Condition: TypeAlias = Mapping[str, Any]
"""A condition in the shape of those of an `AccessItem`."""

EXTERNAL_ID = "sts:externalid"

_OPERATORS = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
)
_KIND = re.compile(r"[a-z_]+:")


def _begins(value: str) -> bool:
    """Whether a pattern begins with text, so that it names something."""
    return value[:1] not in {"", "*", "?"} and not value.startswith("${")


def _names_account(value: str) -> bool:
    parts = value.split(":", 5)
    return len(parts) == 6 and re.fullmatch(r"[0-9]{12}", parts[4]) is not None


def _names_source(value: str) -> bool:
    """Whether an ARN is of one account or, as those of S3 buckets, of one resource."""
    parts = value.split(":", 5)
    whole = len(parts) == 6 and parts[2] == "s3" and not parts[4] and _begins(parts[5])
    return whole or _names_account(value)


def _names_organisation(value: str) -> bool:
    return value.startswith("o-") and _begins(value[2:])


def _names_subject(value: str) -> bool:
    """Whether a claim such as `repo:org/app:*` names more than what kind of thing it is."""
    return _begins(_KIND.sub("", value, count=1))


_KEYS: Mapping[str, Callable[[str], bool]] = {
    "aws:principalaccount": _begins,
    "aws:principalarn": _names_account,
    "aws:principalorgid": _names_organisation,
    "aws:principalorgpaths": _names_organisation,
    "aws:sourceaccount": _begins,
    "aws:sourcearn": _names_source,
    "aws:sourceorgid": _names_organisation,
    "aws:sourceorgpaths": _names_organisation,
    "aws:userid": _begins,
    EXTERNAL_ID: _begins,
}

_CLAIMS: Mapping[str, str] = {
    "accounts.google.com": "aud sub",
    "agent.buildkite.com": "sub",
    "api.pulumi.com/oidc": "aud sub",
    "app.terraform.io": "sub",
    "cognito-identity.amazonaws.com": "aud sub",
    "gitlab.com": "sub",
    "graph.facebook.com": "app_id id",
    "oidc-configuration.audit-log.githubusercontent.com": "sub",
    "oidc.codefresh.io": "sub",
    "oidc.vercel.com": "aud sub",
    "proidc.upbound.io": "sub",
    "scalr.io": "sub",
    "token.actions.githubusercontent.com": "sub",
    "tokens.cloud.shisho.dev": "sub",
    "vstoken.actions.githubusercontent.com": "sub",
    "www.amazon.com": "app_id user_id",
}
"""The claims that tell the customers of an identity provider apart which many share."""


def lets_anybody_in(conditions: Iterable[Condition]) -> bool:
    """Whether these conditions on a request by anyone name no account, organisation or source."""
    return not any(_pins(condition, _KEYS) for condition in conditions)


def rests_on_external_id(conditions: Iterable[Condition]) -> bool:
    """Whether nothing but an external id, which is no secret for AWS, keeps others out."""
    pinning = {each["key"].lower() for each in conditions if _pins(each, _KEYS)}
    return pinning == {EXTERNAL_ID}


def is_shared(provider: str) -> bool:
    """Whether everybody can have an identity of a provider, given by ARN or host."""
    return _host(provider) in _CLAIMS


def lets_any_identity_in(provider: str, conditions: Iterable[Condition]) -> bool:
    """Whether a provider that many share lets in the identities of all its customers."""
    host = _host(provider)
    claims = _CLAIMS.get(host, "").split()
    keys = {f"{host}:{claim}": _names_subject for claim in claims}
    return bool(claims) and not any(_pins(condition, keys) for condition in conditions)


def _host(provider: str) -> str:
    return provider.partition(":oidc-provider/")[2] or provider


def _pins(condition: Condition, keys: Mapping[str, Callable[[str], bool]]) -> bool:
    """Whether a condition asks for values that name somebody; all of them must."""
    names = keys.get(condition["key"].lower())
    operator = parse_operator(condition["operator"])
    if names is None or operator is None or condition.get("negated"):
        return False
    # Where the key is absent these hold.
    if operator.if_exists or operator.quantifier == "ForAllValues":
        return False
    values = condition["values"]
    return operator.name in _OPERATORS and bool(values) and all(map(names, values))
