"""Who may newly assume a role, checked by hand, and against the evaluation of trust policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import parse
from rolewright.resources.policy.caller import Caller, CallerKind
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.document import Document
from rolewright.resources.policy.evaluator import Decision, NamedPolicy
from rolewright.resources.policy.trust_access import (
    TrustDifference,
    TrustedKind,
    TrustItem,
    trust_difference,
)
from rolewright.resources.policy.trust_evaluation import may_assume, needed_actions

A, B = "111122223333", "444455556666"
ROLE, USER = f"arn:aws:iam::{A}:role/path/r", f"arn:aws:iam::{A}:user/u"
SESSION = f"arn:aws:sts::{A}:assumed-role/r/s"
OIDC = f"arn:aws:iam::{A}:oidc-provider"
GITHUB_HOST = "token.actions.githubusercontent.com"
GITHUB, OWN = f"{OIDC}/{GITHUB_HOST}", f"{OIDC}/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
SAML = f"arn:aws:iam::{A}:saml-provider/x"
ASSUME, WEB, TAG = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"

Json = Any


def allow(principal: Json, action: Json = ASSUME, condition: Json = None, **more: Json) -> Json:
    """A statement; a principal under `not` is for NotPrincipal."""
    found: Json = {"Effect": "Allow", "Action": action, **more}
    negated = isinstance(principal, dict) and "not" in principal
    found["NotPrincipal" if negated else "Principal"] = principal["not"] if negated else principal
    return {**found, "Condition": condition} if condition else found


def deny(principal: Json, action: Json = "sts:*", condition: Json = None) -> Json:
    return {**allow(principal, action, condition), "Effect": "Deny"}


def trust(*statements: Json) -> Document | None:
    found = {"Version": "2012-10-17", "Statement": list(statements)}
    return parse(found) if statements else None


def lines(found: TrustDifference) -> list[str]:
    return [
        f"{sign} {item.words}{'' if item.exact else ' ?'}{' (otherwise)' if item.otherwise else ''}"
        for sign, items in (("+", found.gained), ("-", found.lost))
        for item in items
    ]


def equals(key: str, *values: str, operator: str = "StringEquals") -> Json:
    return {operator: {key: list(values)}}


EXTERNAL = equals("sts:ExternalId", "x")
MFA = equals("aws:MultiFactorAuthPresent", "true", operator="Bool")
EC2, LAMBDA = {"Service": "ec2.amazonaws.com"}, {"Service": "lambda.amazonaws.com"}
SUBJECT, AUDIENCE = f"{GITHUB_HOST}:sub", f"{GITHUB_HOST}:aud"
NO_MFA = "if not (aws:MultiFactorAuthPresent Bool true)"
EC2_NAME = "service ec2.amazonaws.com"
PUBLIC_IDENTITY = "(public: everybody can have such an identity)"
ANYONE = "+ anyone may assume the role"

# The statements before and after, and what is said of the difference.
CASES: list[tuple[list[Json], list[Json], list[str]]] = [
    ([], [allow(EC2)], ["+ service ec2.amazonaws.com may assume the role"]),
    ([allow(EC2)], [], ["- service ec2.amazonaws.com may assume the role"]),
    (
        [allow(EC2)],
        [allow({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})],
        ["+ service lambda.amazonaws.com may assume the role"],
    ),
    ([allow({"AWS": A})], [allow({"AWS": f"arn:aws:iam::{A}:root"})], []),
    ([allow("*")], [allow({"AWS": ["*", ROLE]})], []),
    ([allow(EC2), allow(LAMBDA)], [allow({"Service": [LAMBDA["Service"], EC2["Service"]]})], []),
    ([allow(EC2, "sts:AssumeRole*")], [allow(EC2)], []),
    ([allow(EC2, [ASSUME, WEB])], [allow(EC2, "STS:assumerole")], []),
    ([allow({"AWS": [A, ROLE]})], [allow({"AWS": A})], []),
    ([allow({"AWS": ROLE})], [allow({"AWS": A})], [f"+ account {A} may assume the role"]),
    ([allow({"AWS": A})], [allow({"AWS": ROLE})], [f"- account {A} may assume the role"]),
    ([], [allow({"AWS": ROLE})], [f"+ role {ROLE} may assume the role"]),
    ([], [allow({"AWS": USER})], [f"+ user {USER} may assume the role"]),
    ([], [allow({"AWS": SESSION})], [f"+ session {SESSION} may assume the role"]),
    ([allow({"AWS": ROLE})], [allow({"AWS": [ROLE, SESSION]})], []),
    ([], [allow({"AWS": "AROAEXAMPLE"})], ["+ whoever has the id AROAEXAMPLE may assume the role ?"]),
    (
        [allow({"AWS": A})],
        [allow({"AWS": A}, condition=MFA)],
        [
            f"- account {A} may assume the role {NO_MFA} (otherwise)"
        ],
    ),
    (
        [allow({"AWS": A}, condition=EXTERNAL)],
        [allow({"AWS": A}, condition=equals("sts:ExternalId", "y"))],
        [
            f"+ account {A} may assume the role if sts:ExternalId StringEquals y (otherwise)",
            f"- account {A} may assume the role if sts:ExternalId StringEquals x (otherwise)",
        ],
    ),
    (
        [allow(EC2)],
        [allow(EC2, [ASSUME, TAG])],
        ["+ service ec2.amazonaws.com may tag sessions"],
    ),
    (
        [],
        [allow(EC2, "sts:*")],
        [
            f"+ {EC2_NAME} may assume the role, pass a context, set a source identity and tag sessions"
        ],
    ),
    ([], [allow(EC2, TAG)], []),
    ([], [allow(EC2, WEB)], []),
    ([], [allow(EC2), deny(EC2)], []),
    ([], [allow(EC2), deny("*")], []),
    ([allow(EC2), deny(EC2, condition=MFA)], [allow(EC2), deny(EC2)],
     [f"- {EC2_NAME} may assume the role {NO_MFA}"]),
    (
        [],
        [allow({"AWS": A}), deny({"AWS": ROLE})],
        [f"+ account {A} but {ROLE} may assume the role"],
    ),
    ([], [allow("*")], [f"{ANYONE} (public)"]),
    ([], [allow({"AWS": "*"})], [f"{ANYONE} (public)"]),
    ([allow({"AWS": A})], [allow("*")], [f"{ANYONE} (public)"]),
    ([], [allow({"not": {"AWS": A}})], [f"+ anyone but {A} may assume the role (public)"]),
    (
        [],
        [allow("*"), deny({"not": {"AWS": [A, ROLE]}})],
        [f"+ role {ROLE} may assume the role"],
    ),
    (
        [allow({"AWS": ROLE}), deny({"not": {"AWS": [A, ROLE]}})],
        [allow({"AWS": ROLE})],
        # One with a boundary was denied before.
        [f"+ role {ROLE} may assume the role ? (otherwise)"],
    ),
    (
        [],
        [allow("*", condition=EXTERNAL)],
        [f"{ANYONE} if sts:ExternalId StringEquals x (only the external id keeps others out)"],
    ),
    (
        [],
        [allow({"Federated": GITHUB}, WEB)],
        [f"+ identities of {GITHUB} may assume the role {PUBLIC_IDENTITY}"],
    ),
    (
        [],
        [allow({"Federated": GITHUB}, WEB, equals(SUBJECT, "repo:o/r:*", operator="StringLike"))],
        [f"+ identities of {GITHUB} may assume the role if {SUBJECT} StringLike repo:o/r:*"],
    ),
    ([], [allow({"Federated": GITHUB})], []),
    ([], [allow({"Federated": OWN}, WEB)], [f"+ identities of {OWN} may assume the role"]),
    (
        [],
        [allow({"Federated": SAML}, "sts:AssumeRoleWithSAML")],
        [f"+ identities of {SAML} may assume the role"],
    ),
    ([], [allow({"Federated": SAML}, WEB)], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_cases(before: list[Json], after: list[Json], expected: list[str]) -> None:
    assert lines(trust_difference(trust(*before), trust(*after))) == expected


NOT_PUBLIC = [
    equals("aws:PrincipalOrgID", "o-abc"),
    equals("aws:PrincipalOrgPaths", "o-abc/*", operator="ForAnyValue:StringLike"),
    equals("aws:PrincipalAccount", A, B),
    equals("aws:SourceAccount", A),
    equals("aws:PrincipalArn", f"arn:aws:iam::{A}:role/*", operator="ArnLike"),
    equals("aws:SourceArn", f"arn:aws:lambda:*:{A}:function:*", operator="ArnLike"),
    equals("aws:SourceArn", "arn:aws:s3:::bucket", operator="ArnEquals"),
    equals("sts:ExternalId", "x") | MFA,
]
STILL_PUBLIC = [
    MFA,
    equals("aws:PrincipalOrgID", "*", operator="StringLike"),
    equals("aws:PrincipalOrgID", "o-*", operator="StringLike"),
    equals("aws:PrincipalOrgID", "o-abc", operator="StringNotEquals"),
    equals("aws:PrincipalOrgID", "o-abc", operator="StringEqualsIfExists"),
    equals("aws:PrincipalOrgPaths", "o-abc/*", operator="ForAllValues:StringLike"),
    equals("aws:PrincipalAccount", "${aws:PrincipalAccount}"),
    equals("aws:PrincipalArn", "arn:aws:iam::*:role/admin", operator="ArnLike"),
    equals("aws:PrincipalArn", f"arn:aws:iam::{A}:role/*", "*", operator="ArnLike"),
    equals("aws:SourceArn", "arn:aws:s3:::*", operator="ArnLike"),
    equals("sts:ExternalId", "*", operator="StringLike"),
    equals("aws:SourceIp", "10.0.0.0/8", operator="IpAddress"),
]


@pytest.mark.parametrize(
    ("condition", "public"),
    [*((each, False) for each in NOT_PUBLIC), *((each, True) for each in STILL_PUBLIC)],
    ids=json.dumps,
)
def test_anyone_is_public_unless_a_condition_says_who(condition: Json, *, public: bool) -> None:
    found = trust_difference(None, trust(allow("*", condition=condition)))

    assert [item.public for item in found.gained] == [public]


@pytest.mark.parametrize(
    ("provider", "condition", "public"),
    [
        (GITHUB, equals(AUDIENCE, "sts.amazonaws.com"), True),
        (GITHUB, equals(SUBJECT, "*", operator="StringLike"), True),
        (GITHUB, equals(SUBJECT, "repo:*", operator="StringLike"), True),
        (GITHUB, equals(SUBJECT, "repo:o/*", operator="StringLike"), False),
        (GITHUB, equals(SUBJECT, "repo:o/r:ref:refs/heads/main"), False),
        (GITHUB_HOST, equals(SUBJECT, "repo:o/*", "repo:*", operator="StringLike"), True),
        ("cognito-identity.amazonaws.com", MFA, True),
        (
            "cognito-identity.amazonaws.com",
            equals("cognito-identity.amazonaws.com:aud", "eu-west-1:1-2"),
            False,
        ),
        ("accounts.google.com", equals("accounts.google.com:aud", "x"), False),
        (OWN, MFA, False),
    ],
)
def test_shared_providers_are_public_unless_a_claim_says_who(
    provider: str, condition: Json, *, public: bool
) -> None:
    found = trust_difference(None, trust(allow({"Federated": provider}, WEB, condition)))

    assert [item.public for item in found.gained] == [public]


def test_changed_is_what_both_allow() -> None:
    both = trust_difference(
        trust(allow(EC2), allow({"AWS": A})), trust(allow({"AWS": A}, condition=MFA), allow(LAMBDA))
    )

    assert [item.principal for item in both.changed] == [A]
    assert bool(both)
    assert not trust_difference(None, None)


PRINCIPALS: list[Json] = [
    "*",
    {"AWS": A},
    {"AWS": f"arn:aws:iam::{A}:root"},
    {"AWS": [ROLE, B]},
    {"AWS": [USER, A]},
    {"AWS": SESSION},
    EC2,
    {"Federated": GITHUB, "Service": "lambda.amazonaws.com"},
    {"Federated": SAML},
]
ACTIONS = [ASSUME, ASSUME, "sts:*", "sts:AssumeRole*", [ASSUME, TAG], WEB, TAG]
CONDITIONS: list[Json] = [
    None,
    None,
    equals("k:a", "x"),
    equals("k:a", "x", operator="StringNotEquals"),
    equals("k:a", "x*", "y", operator="StringLike"),
    equals("k:a", "y", operator="StringEqualsIfExists"),
    equals("k:a", "true", operator="Null"),
]
ACCOUNT_ROLE = f"arn:aws:iam::{A}:role/other"
CALLERS = [
    Caller(ROLE, A, CallerKind.ROLE),
    Caller(ACCOUNT_ROLE, A, CallerKind.ROLE),
    Caller(USER, A, CallerKind.USER),
    Caller(SESSION, A, CallerKind.SESSION),
    Caller(f"arn:aws:iam::{B}:role/b", B, CallerKind.ROLE),
    Caller("arn:aws:iam::777788889999:user/c", "777788889999", CallerKind.USER),
    Caller("ec2.amazonaws.com", None, CallerKind.SERVICE),
    Caller("lambda.amazonaws.com", None, CallerKind.SERVICE),
    Caller("ecs.amazonaws.com", None, CallerKind.SERVICE),
    Caller(GITHUB, None, CallerKind.FEDERATED),
    Caller(SAML, None, CallerKind.FEDERATED),
    Caller(OWN, None, CallerKind.FEDERATED),
    Caller(f"{SAML}-other", None, CallerKind.FEDERATED),
]
TAGS = {"aws:RequestTag/t": "v"}
CONTEXTS = [
    Context({**({"k:a": a} if a else {}), **more}, open=False)
    for a, more in product([None, "x", "xy", "y", "q"], [{}, TAGS])
]
MAY_ALL = NamedPolicy(
    "all",
    parse(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
        }
    ),
)


@st.composite
def statements(draw: st.DrawFn) -> Json:
    principal = draw(st.sampled_from(PRINCIPALS))
    if principal != "*" and draw(st.integers(0, 5)) == 0:
        principal = {"not": principal}
    make = deny if draw(st.integers(0, 3)) == 0 else allow
    return make(principal, draw(st.sampled_from(ACTIONS)), draw(st.sampled_from(CONDITIONS)))


TRUSTS = st.builds(lambda found: trust(*found), st.lists(statements(), max_size=4))


def is_let_in(document: Document | None, caller: Caller, context: Context) -> bool:
    if document is None:
        return False
    role_arn = f"arn:aws:iam::{A}:role/target"
    found = may_assume(document, caller, context, role_arn=role_arn, identity=(MAY_ALL,))
    return found.decision is Decision.ALLOWED


def is_meant(item: TrustItem, caller: Caller) -> bool:
    """Whether an item is about a caller, read here a second time."""
    is_session_of = caller.kind is CallerKind.SESSION and item.principal == ROLE
    return {
        TrustedKind.ANYONE: True,
        TrustedKind.ACCOUNT: item.principal == caller.account,
    }.get(item.principal_type, item.principal == caller.arn or is_session_of)


@cache
def is_met(text: str, context: Context) -> bool:
    condition = json.loads(text)
    block = {condition["operator"]: {condition["key"]: condition["values"]}}
    held = is_let_in(trust(allow(EC2, "sts:*", block)), CALLERS[6], context)
    return held is not condition.get("negated", False)


def covers(item: TrustItem, caller: Caller, context: Context) -> bool:
    return (
        is_meant(item, caller)
        and not set(needed_actions(caller, context)).isdisjoint(item.actions)
        and all(is_met(json.dumps(each), context) for each in item.conditions)
    )


@given(TRUSTS)
@settings(max_examples=25, deadline=None)
def test_no_difference_to_itself(document: Document | None) -> None:
    again = None if document is None else Document(document.version, document.statements[::-1], "x")

    assert not trust_difference(document, again)


@given(TRUSTS, TRUSTS)
@settings(max_examples=25, deadline=None)
def test_there_and_back(one: Document | None, other: Document | None) -> None:
    there, back = trust_difference(one, other), trust_difference(other, one)

    assert (there.gained, there.lost) == (back.lost, back.gained)


@given(TRUSTS, TRUSTS)
@settings(max_examples=30, deadline=None)
def test_every_caller_with_another_answer_lies_in_an_item(
    before: Document | None, after: Document | None
) -> None:
    found = trust_difference(before, after)
    for caller, context in product(CALLERS, CONTEXTS):
        then, now = (is_let_in(each, caller, context) for each in (before, after))
        if now and not then:
            assert any(covers(item, caller, context) for item in found.gained)
        if then and not now:
            assert any(covers(item, caller, context) for item in found.lost)


def stands_for(item: TrustItem) -> Iterable[Caller]:
    """Callers who are meant by an item and by no principal of the tests that is closer."""
    closest = {
        TrustedKind.ANYONE: [CALLERS[5], CALLERS[8], *CALLERS[-2:]],
        TrustedKind.ACCOUNT: [CALLERS[1] if item.principal == A else CALLERS[4]],
    }
    return closest.get(
        item.principal_type, [each for each in CALLERS if each.arn == item.principal]
    )


@given(TRUSTS, TRUSTS)
@settings(max_examples=30, deadline=None)
def test_exact_items_are_proved_by_a_caller(
    before: Document | None, after: Document | None
) -> None:
    """Somebody who is meant is let in by the one policy and not by the other."""
    found = trust_difference(before, after)
    for items, new, old in ((found.gained, after, before), (found.lost, before, after)):
        for item in items:
            assert not item.exact or any(
                is_let_in(new, caller, context) and not is_let_in(old, caller, context)
                for caller, context in product(stands_for(item), [*CONTEXTS, *WITH_IDENTITY])
            ), item


WITH_IDENTITY = [
    Context({**({"k:a": a} if a else {}), "sts:SourceIdentity": "i"}, open=False)
    for a in (None, "x", "xy", "y", "q")
]
