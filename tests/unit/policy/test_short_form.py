"""The short form of documents: exact by meaning, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from rolewright.resources.policy import (
    ShortTrust,
    dangling_principals,
    equivalent,
    short_statements,
    short_trust,
    statements_document,
    trust_document,
    without_deleted,
)
from unit.policy.documents import ALMOST_POLICIES, POLICIES, policies

ROOT = "arn:aws:iam::210987654321:root"
READER = "arn:aws:iam::210987654321:role/path/reader"
DELETED = "AROAEXAMPLEDELETED"


@settings(max_examples=60)
@given(POLICIES | ALMOST_POLICIES)
def test_statements_are_exact_or_none(document: Any) -> None:
    short = short_statements(document) if isinstance(document, dict) else None

    assert short is None or equivalent(statements_document(short), document)


@settings(max_examples=60)
@given(policies(trust=True))
def test_trusts_are_exact_or_none(document: Any) -> None:
    short = short_trust(document, "aws")

    assert short is None or equivalent(
        trust_document(short.services, short.accounts, short.roles, conditions=short.conditions),
        document,
    )


def test_a_statement() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Read",
            "Effect": "Deny",
            "NotAction": "s3:GetObject",
            "Resource": ["arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": False}},
        },
    }

    assert short_statements(document) == [
        {
            "sid": "Read",
            "effect": "deny",
            "not_actions": ["s3:GetObject"],
            "resources": ["arn:aws:s3:::b/*"],
            "conditions": {"Bool": {"aws:SecureTransport": False}},
        }
    ]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"},
        {"Effect": "Allow", "Action": [], "Resource": "*"},
        {"Effect": "Allow", "Action": 5, "Resource": "*"},
        {"Effect": "Maybe", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": "x"}},
        "s3:*",
    ],
)
def test_statements_without_a_short_form(statement: Any) -> None:
    assert short_statements({"Version": "2012-10-17", "Statement": statement}) is None


def test_an_older_version_counts_where_there_are_variables() -> None:
    """Under 2008-10-17 `${aws:username}` is plain text, which the short form can't say."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}"}

    assert short_statements({"Version": "2008-10-17", "Statement": [statement]}) is None
    assert short_statements({"Version": "2012-10-17", "Statement": [statement]}) is not None


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_trust_policy() -> None:
    principal = {
        "Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"],
        "AWS": ["123456789012", ROOT, READER],
    }
    conditions = {"StringEquals": {"sts:ExternalId": "x"}}

    assert short_trust(trust(principal, Condition=conditions), "aws") == ShortTrust(
        ("ec2.amazonaws.com", "ssm.amazonaws.com"),
        ("123456789012", "210987654321"),
        (READER,),
        conditions,
    )


@pytest.mark.parametrize(
    "document",
    [
        trust("*"),
        trust({"AWS": "*"}),
        trust({"AWS": "arn:aws:iam::210987654321:user/somebody"}),
        trust({"AWS": "arn:aws-cn:iam::210987654321:root"}),
        trust({"AWS": ["210987654321", DELETED]}),
        trust({"Federated": "accounts.google.com"}, Action="sts:AssumeRoleWithWebIdentity"),
        trust({"Service": "ec2.amazonaws.com"}, Action=["sts:AssumeRole", "sts:TagSession"]),
        trust({"Service": "ec2.amazonaws.com"}, Effect="Deny"),
        trust({"Service": "ec2.amazonaws.com"}, Sid="Instances"),
        {**trust({"Service": "ec2.amazonaws.com"}), "Id": "instances"},
        {
            "Statement": [
                *trust({"Service": "ec2.amazonaws.com"})["Statement"],
                *trust({"AWS": ROOT})["Statement"],
            ]
        },
    ],
)
def test_trusts_without_a_short_form(document: Any) -> None:
    assert short_trust(document, "aws") is None


def test_an_empty_name_is_none() -> None:
    """Terraform writes an empty Sid into most trust policies."""
    document = {**trust({"Service": "ec2.amazonaws.com"}, Sid=""), "Id": ""}

    assert short_trust(document, "aws") == ShortTrust(("ec2.amazonaws.com",))


def test_statements_with_an_id_have_no_short_form() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}

    assert short_statements({**document, "Id": "all"}) is None
    assert short_statements({**document, "Id": ""}) is not None


def test_accounts_of_china() -> None:
    short = short_trust(trust({"AWS": "arn:aws-cn:iam::210987654321:root"}), "aws-cn")

    assert short == ShortTrust(accounts=("210987654321",))


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (trust({"AWS": [ROOT, DELETED]}), [{"AWS": [ROOT]}]),
        (
            trust({"AWS": DELETED, "Service": "ec2.amazonaws.com"}),
            [{"Service": "ec2.amazonaws.com"}],
        ),
        (
            {
                "Statement": [
                    *trust({"AWS": DELETED})["Statement"],
                    *trust({"AWS": ROOT})["Statement"],
                ]
            },
            [{"AWS": ROOT}],
        ),
    ],
)
def test_deleted_principals_are_left_out(document: Any, kept: Any) -> None:
    found = without_deleted(document, dangling_principals(document))

    assert [statement["Principal"] for statement in found["Statement"]] == kept
    assert dangling_principals(found) == ()


def test_nobody_is_left() -> None:
    """A role that only a deleted one could assume can be assumed by nobody."""
    document = trust({"AWS": DELETED})

    found = without_deleted(document, (DELETED,))

    assert found["Statement"] == [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    ]
    assert document == trust({"AWS": DELETED})


def test_a_denial_of_all_but_deleted_ones_is_one_of_all() -> None:
    denial = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [DELETED]},
        "Action": "sts:AssumeRole",
    }
    document = {"Statement": [*trust({"AWS": ROOT})["Statement"], denial]}

    found = without_deleted(document, (DELETED,))

    assert found["Statement"][1] == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
    }
