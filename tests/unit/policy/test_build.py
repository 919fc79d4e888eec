"""Documents made from the short form of a stack file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from rolewright.resources.policy import DocumentKind, check, statements_document, trust_document

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"


def test_statement_in_full() -> None:
    """Each field becomes its element, in the order in which AWS's own documents have them."""
    short = {
        "conditions": {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}},
        "resources": ["arn:aws:s3:::b", "arn:aws:s3:::a"],
        "actions": ["s3:PutObject", "s3:GetObject"],
        "effect": "deny",
        "sid": "NoPhotos",
    }
    document = statements_document([short])

    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NoPhotos",
                "Effect": "Deny",
                "Action": ["s3:PutObject", "s3:GetObject"],
                "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::a"],
                "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}},
            }
        ],
    }
    assert list(document["Statement"][0]) == ["Sid", "Effect", "Action", "Resource", "Condition"]
    assert check(document, DocumentKind.MANAGED) == []


def test_exceptions() -> None:
    """The elements that name what is excepted have their fields too."""
    (statement,) = statements_document(
        [{"not_actions": ("iam:*",), "not_resources": ["arn:aws:s3:::a"]}]
    )["Statement"]

    assert statement == {
        "Effect": "Allow",
        "NotAction": ["iam:*"],
        "NotResource": ["arn:aws:s3:::a"],
    }


@pytest.mark.parametrize(
    ("effect", "expected"),
    [("allow", "Allow"), ("Deny", "Deny"), ("DENY", "Deny"), ("", "Allow"), ("permit", "permit")],
)
def test_effect(effect: str, expected: str) -> None:
    """The effect is written in any case, and is allow where there is none; check refuses others."""
    (statement,) = statements_document([{"effect": effect}])["Statement"]

    assert statement["Effect"] == expected


def test_texts_become_lists() -> None:
    """A single text is a list of one, so that adding to it later changes one line."""
    (statement,) = statements_document([{"actions": "s3:*", "resources": "*"}])["Statement"]

    assert (statement["Action"], statement["Resource"]) == (["s3:*"], ["*"])


def test_statements_keep_their_order() -> None:
    """Statements stand in the author's order, empty fields are left out."""
    document = statements_document(
        [{"sid": "B", "actions": [], "conditions": {}}, {"sid": "A", "resources": ()}]
    )

    assert document["Statement"] == [
        {"Sid": "B", "Effect": "Allow"},
        {"Sid": "A", "Effect": "Allow"},
    ]
    assert statements_document([])["Statement"] == []


def test_documents_are_plain_json() -> None:
    """Tuples and mappings of other types become lists and objects, copied from what was given."""
    inner: Mapping[str, Any] = MappingProxyType({"aws:x": ("a", "b")})
    conditions = {"StringEquals": inner}
    (statement,) = statements_document([{"conditions": conditions}])["Statement"]
    block = statement["Condition"]

    assert block == {"StringEquals": {"aws:x": ["a", "b"]}}
    assert type(block["StringEquals"]) is dict
    assert block is not conditions


def test_trust_of_a_service() -> None:
    """The classic case: a service may assume the role."""
    document = trust_document(services=["ec2.amazonaws.com"])

    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["ec2.amazonaws.com"]},
                "Action": ["sts:AssumeRole"],
            }
        ],
    }
    assert check(document, DocumentKind.TRUST) == []


def test_trust_of_several() -> None:
    """Services, accounts and roles share one statement and its conditions."""
    document = trust_document(
        services=("ecs.amazonaws.com", "ec2.amazonaws.com"),
        accounts=("210987654321", ACCOUNT),
        roles=(ROLE,),
        conditions={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        actions=("sts:AssumeRole", "sts:TagSession"),
    )

    assert document["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {
                "Service": ["ecs.amazonaws.com", "ec2.amazonaws.com"],
                "AWS": [
                    "arn:aws:iam::210987654321:root",
                    f"arn:aws:iam::{ACCOUNT}:root",
                    ROLE,
                ],
            },
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ]
    assert check(document, DocumentKind.TRUST) == []


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_trust_in_a_partition(partition: str) -> None:
    """An account is its root ARN in the partition where the role is."""
    document = trust_document(accounts=[ACCOUNT], partition=partition)

    assert document["Statement"][0]["Principal"] == {
        "AWS": [f"arn:{partition}:iam::{ACCOUNT}:root"]
    }
    assert check(document, DocumentKind.TRUST) == []


def test_trust_of_providers() -> None:
    """Identity providers have statements of their own, with the action for their sort."""
    document = trust_document(
        services=["ec2.amazonaws.com"],
        federated=[SAML, OIDC, "accounts.google.com"],
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={"StringEquals": {"aws:x": "a"}},
    )
    service, web, saml = document["Statement"]

    assert service["Principal"] == {"Service": ["ec2.amazonaws.com"]}
    assert web["Principal"] == {"Federated": [OIDC, "accounts.google.com"]}
    assert web["Action"] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    assert saml["Principal"] == {"Federated": [SAML]}
    assert saml["Action"] == ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    assert web["Condition"] == saml["Condition"] == {"StringEquals": {"aws:x": "a"}}
    assert check(document, DocumentKind.TRUST) == []


def test_trust_of_nobody() -> None:
    """Without principals there is no statement, which check refuses."""
    document = trust_document()

    assert [fault.code for fault in check(document, DocumentKind.TRUST)] == ["empty-statement"]
