"""Hand-checked cases of who may assume a role, as a table: what is asked, and what AWS's rules say."""

from __future__ import annotations

from typing import Any

from rolewright.resources.policy.evaluator import Caller
from unit.policy.evaluator_cases import ALLOWED, EXPLICIT, IMPLICIT, OTHER, both, says
from unit.policy.matching_cases import (
    GOOGLE,
    LAMBDA,
    OIDC,
    OIDC_ARN,
    OTHER_ROLE,
    ROLE,
    ROLE_ARN,
    ROOT,
    ROOT_A,
    SAML,
    SAML_ARN,
    SESSION,
    USER,
    USER_ARN,
    A,
    B,
)

Json = Any

SERVICE = {"Service": "lambda.amazonaws.com"}
ASSUME, TAG = "sts:AssumeRole", "sts:TagSession"
ACCOUNT_CHECK: Json = {"Condition": {"StringEquals": {"aws:SourceAccount": A}}}
ARN_CHECK: Json = {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{A}:function:*"}}}
EXTERNAL: Json = {"Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}
SUBJECT: Json = {
    "Condition": {
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/app:*"},
    }
}
GITHUB = {
    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    "token.actions.githubusercontent.com:sub": "repo:org/app:ref:refs/heads/main",
}
MAY_ASSUME = says("Allow", ASSUME)
TAGS: Json = {"aws:RequestTag/team": "red", "aws:TagKeys": ["team"]}


def trust(principal: Json, action: Json = ASSUME, effect: str = "Allow", **more: Json) -> Json:
    """A trust policy."""
    return says(effect, action, None, Principal=principal, **more)


# The trust policy of the role (in account A), the caller, the context, its own policies, the
# decision. A context is closed.
TRUSTS: list[tuple[Json, Caller, Json, list[Json], str]] = [
    (trust(SERVICE), LAMBDA, {}, [], ALLOWED),
    (trust({"Service": "ec2.amazonaws.com"}), LAMBDA, {}, [], IMPLICIT),
    (trust({"AWS": A}), LAMBDA, {}, [], IMPLICIT),
    (trust("*"), LAMBDA, {}, [], ALLOWED),
    (trust(SERVICE, TAG), LAMBDA, {}, [], IMPLICIT),
    (trust(SERVICE, "sts:*"), LAMBDA, {}, [], ALLOWED),
    (both(trust(SERVICE), trust("*", effect="Deny")), LAMBDA, {}, [], EXPLICIT),
    (trust(SERVICE, **ACCOUNT_CHECK), LAMBDA, {"aws:SourceAccount": A}, [], ALLOWED),
    (trust(SERVICE, **ACCOUNT_CHECK), LAMBDA, {"aws:SourceAccount": B}, [], IMPLICIT),
    (trust(SERVICE, **ACCOUNT_CHECK), LAMBDA, {}, [], IMPLICIT),
    (
        trust(SERVICE, **ARN_CHECK),
        LAMBDA,
        {"aws:SourceArn": f"arn:aws:lambda:eu-west-1:{A}:function:f"},
        [],
        ALLOWED,
    ),
    (
        trust(SERVICE, **ARN_CHECK),
        LAMBDA,
        {"aws:SourceArn": f"arn:aws:lambda:eu-west-1:{B}:function:f"},
        [],
        IMPLICIT,
    ),
    (trust(SERVICE), LAMBDA, TAGS, [], IMPLICIT),
    (trust(SERVICE, [ASSUME, TAG]), LAMBDA, TAGS, [], ALLOWED),
    (
        both(trust(SERVICE, [ASSUME, TAG]), trust(SERVICE, TAG, "Deny")),
        LAMBDA,
        TAGS,
        [],
        EXPLICIT,
    ),
    (trust(SERVICE), LAMBDA, {"sts:SourceIdentity": "ann"}, [], IMPLICIT),
    (trust(SERVICE, "sts:*"), LAMBDA, {"sts:SourceIdentity": "ann"}, [], ALLOWED),
    (trust({"AWS": ROLE_ARN}), ROLE, {}, [], ALLOWED),
    (trust({"AWS": ROLE_ARN}), SESSION, {}, [], ALLOWED),
    (trust({"AWS": USER_ARN}), USER, {}, [], ALLOWED),
    (trust({"AWS": USER_ARN}), ROLE, {}, [], IMPLICIT),
    (trust({"AWS": A}), ROLE, {}, [], IMPLICIT),
    (trust({"AWS": A}), ROLE, {}, [MAY_ASSUME], ALLOWED),
    (trust({"AWS": ROOT_A}), USER, {}, [MAY_ASSUME], ALLOWED),
    (trust({"AWS": ROOT_A}), USER, {}, [OTHER], IMPLICIT),
    (trust(SERVICE), ROLE, {}, [MAY_ASSUME], IMPLICIT),
    (trust({"AWS": ROLE_ARN}), ROLE, {}, [says("Deny", ASSUME)], EXPLICIT),
    (trust("*"), ROLE, {}, [], ALLOWED),
    (trust({"AWS": ROOT_A}), ROOT, {}, [], ALLOWED),
    (trust({"AWS": OTHER_ROLE.arn}), OTHER_ROLE, {}, [], IMPLICIT),
    (trust({"AWS": OTHER_ROLE.arn}), OTHER_ROLE, {}, [MAY_ASSUME], ALLOWED),
    (trust({"AWS": B}), OTHER_ROLE, {}, [MAY_ASSUME], ALLOWED),
    (trust({"AWS": B}), OTHER_ROLE, {}, [], IMPLICIT),
    (trust("*"), OTHER_ROLE, {}, [], IMPLICIT),
    (trust({"AWS": A}), OTHER_ROLE, {}, [MAY_ASSUME], IMPLICIT),
    (
        trust({"AWS": B}, **EXTERNAL),
        OTHER_ROLE,
        {"sts:ExternalId": "secret"},
        [MAY_ASSUME],
        ALLOWED,
    ),
    (trust({"AWS": B}, **EXTERNAL), OTHER_ROLE, {"sts:ExternalId": "x"}, [MAY_ASSUME], IMPLICIT),
    (trust({"AWS": B}, **EXTERNAL), OTHER_ROLE, {}, [MAY_ASSUME], IMPLICIT),
    (trust({"AWS": B}, [ASSUME, TAG]), OTHER_ROLE, TAGS, [MAY_ASSUME], IMPLICIT),
    (
        trust({"AWS": B}, [ASSUME, TAG]),
        OTHER_ROLE,
        TAGS,
        [says("Allow", "sts:*")],
        ALLOWED,
    ),
    (
        trust({"Federated": OIDC_ARN}, "sts:AssumeRoleWithWebIdentity", **SUBJECT),
        OIDC,
        GITHUB,
        [],
        ALLOWED,
    ),
    (
        trust({"Federated": OIDC_ARN}, "sts:AssumeRoleWithWebIdentity", **SUBJECT),
        OIDC,
        {**GITHUB, "token.actions.githubusercontent.com:sub": "repo:org/app2:x"},
        [],
        IMPLICIT,
    ),
    (trust({"Federated": OIDC_ARN}), OIDC, {}, [], IMPLICIT),
    (trust({"Federated": SAML_ARN}, "sts:AssumeRoleWithSAML"), SAML, {}, [], ALLOWED),
    (trust({"Federated": SAML_ARN}, "sts:AssumeRoleWithWebIdentity"), SAML, {}, [], IMPLICIT),
    (trust({"Federated": SAML_ARN}, "sts:AssumeRoleWithSAML"), OIDC, {}, [], IMPLICIT),
    (
        trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity"),
        GOOGLE,
        {},
        [],
        ALLOWED,
    ),
]
