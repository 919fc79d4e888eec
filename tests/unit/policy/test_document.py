"""Documents as frozen values."""

from __future__ import annotations

from typing import Any

import pytest
from rolewright.resources.policy import (
    Condition,
    Document,
    Effect,
    Family,
    InvalidDocumentError,
    Operator,
    Principal,
    PrincipalType,
    Statement,
    parse,
    parse_operator,
)
from rolewright.resources.policy.operators import OPERATORS
from unit.policy import broken_documents as broken
from unit.policy import equivalence_cases as cases

SHAPE = {
    "bad-effect",
    "bad-operator",
    "bad-version",
    "both-elements",
    "empty-list",
    "empty-statement",
    "unknown-element",
    "wrong-type",
}
SYNTAX = {
    "bad-action",
    "bad-character",
    "bad-condition-key",
    "bad-resource",
    "bad-sid",
    "bad-value",
    "bad-variable",
    "duplicate-key",
    "duplicate-sid",
    "forbidden-element",
}
NO_JSON = {"a set", "infinity", "a number of a thousand digits", "a number as key"}


def only(codes: set[str]) -> list[str]:
    """The broken permission policies all of whose faults are among these."""
    cases_of = broken.PERMISSION.items()
    return [name for name, (_, faults) in cases_of if {code for code, _ in faults} <= codes]


def test_every_element() -> None:
    """Every element of a document has its place, in the author's order and spelling."""
    document = parse(
        {
            "Version": "2012-10-17",
            "Id": "photos",
            "Statement": [
                {
                    "Sid": "Read",
                    "Effect": "Allow",
                    "Principal": {
                        "Service": "ec2.amazonaws.com",
                        "AWS": [cases.ROLE, cases.ACCOUNT],
                        "Federated": "accounts.google.com",
                        "CanonicalUser": "79a5",
                    },
                    "Action": ["S3:GetObject", "s3:List*"],
                    "Resource": cases.BUCKET,
                    "Condition": {
                        "ForAnyValue:stringlikeIfExists": {"aws:TagKeys": ["a", "b"]},
                        "Bool": {"aws:SecureTransport": True},
                        "NumericLessThan": {"aws:MultiFactorAuthAge": [300, 1.5]},
                    },
                },
                {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "a:*", "NotResource": ["*"]},
            ],
        }
    )

    assert document == Document(
        version="2012-10-17",
        id="photos",
        statements=(
            Statement(
                effect=Effect.ALLOW,
                sid="Read",
                principal=(
                    Principal(PrincipalType.SERVICE, "ec2.amazonaws.com"),
                    Principal(PrincipalType.AWS, cases.ROLE),
                    Principal(PrincipalType.AWS, cases.ACCOUNT),
                    Principal(PrincipalType.FEDERATED, "accounts.google.com"),
                    Principal(PrincipalType.CANONICAL_USER, "79a5"),
                ),
                actions=("S3:GetObject", "s3:List*"),
                resources=(cases.BUCKET,),
                conditions=(
                    Condition(
                        Operator("StringLike", "ForAnyValue", if_exists=True),
                        "aws:TagKeys",
                        ("a", "b"),
                    ),
                    Condition(Operator("Bool"), "aws:SecureTransport", ("true",)),
                    Condition(
                        Operator("NumericLessThan"), "aws:MultiFactorAuthAge", ("300", "1.5")
                    ),
                ),
            ),
            Statement(
                effect=Effect.DENY,
                not_principal=(Principal(PrincipalType.AWS, "*"),),
                not_actions=("a:*",),
                not_resources=("*",),
            ),
        ),
    )


@pytest.mark.parametrize("version", [None, cases.OLD, cases.NEW])
def test_version(version: str | None) -> None:
    """A missing Version is the older one, under which there are no variables."""
    document = parse(cases.document(cases.statement(), version=version))

    assert document.version == (version or cases.OLD)
    assert document.has_variables is (version == cases.NEW)


def test_values_can_be_keys() -> None:
    """The values are frozen, so that an evaluator can cache by them."""
    assert len({parse(cases.PLAIN), parse(cases.document(cases.statement()))}) == 1


@pytest.mark.parametrize("name", sorted(set(only(SHAPE)) - NO_JSON))
def test_refuses_another_shape(name: str) -> None:
    """What has not the shape of a policy is refused with every fault that check finds."""
    document, expected = broken.PERMISSION[name]
    with pytest.raises(InvalidDocumentError) as caught:
        parse(document)

    assert [(fault.code, fault.path) for fault in caught.value.faults] == expected
    assert str(caught.value)


@pytest.mark.parametrize("name", only(SYNTAX))
def test_takes_what_has_the_shape(name: str) -> None:
    """What only AWS would refuse can be read, for it may be a live document of another kind."""
    document, _ = broken.PERMISSION[name]

    assert parse(document).statements


def test_refuses_what_lacks_an_element() -> None:
    """Effect and Action can't be done without, in whatever kind of policy."""
    with pytest.raises(InvalidDocumentError) as caught:
        parse({"Statement": {}})

    assert [fault.code for fault in caught.value.faults] == ["missing-element"] * 2


def test_refuses_text_that_is_no_json() -> None:
    """A text that is no JSON is no document."""
    with pytest.raises(InvalidDocumentError, match="not JSON: line 1, column 2"):
        parse("{")


@pytest.mark.parametrize("name", OPERATORS)
def test_operator(name: str) -> None:
    """Every operator is read in any case, with every quantifier and IfExists."""
    for quantifier in ("", "ForAllValues", "ForAnyValue"):
        for if_exists in (False, True):
            operator = Operator(name, quantifier, if_exists)
            refused = name == "Null" and if_exists
            expected = None if refused else operator
            assert parse_operator(str(operator)) == expected
            assert parse_operator(str(operator).upper()) == expected


def test_operators_of_each_family() -> None:
    """AWS has 27 operators in eight families."""
    count = {family: list(OPERATORS.values()).count(family) for family in Family}

    assert count == {
        "string": 6,
        "numeric": 6,
        "date": 6,
        "bool": 1,
        "binary": 1,
        "ip": 2,
        "arn": 4,
        "null": 1,
    }


UNKNOWN: list[Any] = [
    "",
    ":",
    "StringEqual",
    "Foo:Bool",
    "IfExists",
    "ForAnyValue:",
    "Bool:",
    "a:b:Bool",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_operator(name: str) -> None:
    """What AWS does not know is no operator."""
    assert parse_operator(name) is None
