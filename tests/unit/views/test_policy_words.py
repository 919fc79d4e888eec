"""IAM statements in words."""

from __future__ import annotations

from typing import Any

import pytest
from rolewright.engine.views.policy_words import (
    condition,
    principals,
    statement_text,
    statements,
    trusted,
)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
            "allow s3:GetObject on *",
        ),
        (
            {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "NotResource": ["arn:a", "arn:b"]},
            "deny everything but iam:*, sts:* on everything but arn:a, arn:b",
        ),
        (
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            },
            "allow ec2.amazonaws.com to assume the role",
        ),
        (
            {
                "Effect": "Deny",
                "NotPrincipal": {"AWS": "123456789012"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            },
            "deny anyone but account 123456789012 to sts:AssumeRole, sts:TagSession",
        ),
        (
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {
                    "Bool": {"aws:SecureTransport": True},
                    "IpAddress": {"aws:SourceIp": ["::1/128", "::2"]},
                },
            },
            "allow s3:* on * if aws:SecureTransport is true and aws:SourceIp is in ::1/128 or ::2",
        ),
        ({}, "statement nothing"),
    ],
)
def test_statement(statement: dict[str, Any], words: str) -> None:
    """A statement reads as a sentence that leaves nothing out."""
    assert statement_text(statement) == words


@pytest.mark.parametrize(
    ("operator", "values", "words"),
    [
        ("StringEquals", "a", "k is a"),
        ("StringNotEquals", ["a", "b", "c"], "k is not a, b nor c"),
        ("StringLikeIfExists", ["a*"], "k is like a*, where it is known"),
        ("ForAllValues:StringEquals", ["a", "b"], "every k is a or b"),
        ("ForAnyValue:StringLike", "a*", "some k is like a*"),
        ("NumericLessThanEquals", 5, "k is at most 5"),
        ("DateGreaterThan", "2030-01-01T00:00:00Z", "k is after 2030-01-01T00:00:00Z"),
        ("Null", "true", "k is absent"),
        ("Null", False, "k is present"),
        ("Null", ["true", "false"], "Null k = true, false"),
        ("StringEquals", [], "k is nothing"),
        ("MadeUp", "x y", 'MadeUp k = "x y"'),
        ("ForNoValue:StringEquals", "x", "ForNoValue:StringEquals k = x"),
    ],
)
def test_condition(operator: str, values: Any, words: str) -> None:
    """A condition is said in words, and an unknown one as it is written."""
    assert condition(operator, "k", values) == words


@pytest.mark.parametrize(
    ("principal", "words"),
    [
        ("*", ["anyone"]),
        ({"AWS": "*"}, ["anyone"]),
        (
            {"AWS": ["123456789012", "arn:aws:iam::123456789012:root"]},
            ["account 123456789012", "account 123456789012"],
        ),
        (
            {"AWS": "arn:aws-cn:iam::123456789012:role/team/reader"},
            ["role team/reader of account 123456789012"],
        ),
        ({"AWS": "AROAEXAMPLE"}, ["a deleted role (AROAEXAMPLE)"]),
        ({"AWS": "AIDAEXAMPLE"}, ["a deleted user (AIDAEXAMPLE)"]),
        (
            {"AWS": "arn:aws:sts::123456789012:assumed-role/a/b"},
            ["arn:aws:sts::123456789012:assumed-role/a/b"],
        ),
        ({"Federated": "arn:idp"}, ["federated arn:idp"]),
        ({"CanonicalUser": "79a5"}, ["canonicaluser 79a5"]),
        (None, []),
    ],
)
def test_principals(principal: Any, words: list[str]) -> None:
    """Principals are said in words where their ARN or id has a meaning."""
    assert principals(principal) == words


def test_trusted_names_who_may_assume_a_role() -> None:
    """A trust policy that only lists who may assume the role is said by its list."""
    document = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    }

    assert trusted(document) == "ec2.amazonaws.com, lambda.amazonaws.com"


def test_trusted_is_silent_about_more() -> None:
    """A condition or a Deny would be lost in a list of names."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}

    assert trusted({"Statement": [{**statement, "Condition": {"Bool": {"k": "true"}}}]}) == ""
    assert trusted({"Statement": [{**statement, "Effect": "Deny"}]}) == ""
    assert trusted({"Statement": [{**statement, "Action": "sts:*"}]}) == ""


@pytest.mark.parametrize("document", [None, "text", {}, {"Statement": ["text", 3]}])
def test_what_is_no_document_has_no_statements(document: Any) -> None:
    """Odd values are passed over: a view never stops a plan."""
    assert statements(document) == []
