"""Policy documents as lines, from the differences that the engine really finds."""

from __future__ import annotations

from typing import Any

from rolewright.engine.diff import deltas
from rolewright.engine.views.deltas_text import by_attribute, delta_lines
from rolewright.engine.views.statements_text import document_lines
from rolewright.resources.permission_policy import PermissionPolicy
from rolewright.resources.role import Role
from unit.views.samples import BUCKET, allow, document, trust


def changed(before: Any, after: Any, width: int = 90) -> list[str]:
    """The lines for a permission policy's documents."""
    found = deltas(PermissionPolicy.shape, {"document": before}, {"document": after}, ["document"])
    return shown("document", found, {"document": after}, width)


def shown(name: str, found: Any, after: Any, width: int = 90) -> list[str]:
    return [
        line.text
        for attribute, items in by_attribute(found).items()
        for line in delta_lines(attribute, items, after, width)
        if attribute == name
    ]


def test_actions_of_a_named_statement() -> None:
    """Actions that come and go stand behind the statement's Sid."""
    before = document(allow(["s3:GetObject", "s3:ListBucket"], ["*"], sid="ReadPhotos"))
    after = document(allow(["s3:PutObject", "s3:ListBucket"], ["*"], sid="ReadPhotos"))

    assert changed(before, after) == ["~ statement ReadPhotos: + s3:PutObject  - s3:GetObject"]


def test_several_elements() -> None:
    """Where more than one element differs each has a line."""
    before = document(
        allow(
            ["s3:GetObject"],
            [BUCKET],
            sid="Read",
            Condition={"StringEquals": {"aws:PrincipalTag/team": "a b"}},
        )
    )
    after = document(allow(["s3:GetObject", "s3:ListBucket"], [f"{BUCKET}/*"], sid="Read"))

    assert changed(before, after) == [
        "~ statement Read",
        "    actions: + s3:ListBucket",
        f"    resources: + {BUCKET}/*  - {BUCKET}",
        '    conditions: - aws:PrincipalTag/team is "a b"',
    ]


def test_statement_without_a_sid_goes_by_its_place() -> None:
    """Without a Sid a statement is counted, so that it can be found in the file."""
    first = allow(["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:123456789012:q"])
    before = document(first, allow(["s3:GetObject"], [BUCKET]))
    after = document(first, allow(["s3:GetObject", "s3:PutObject"], [BUCKET]))

    assert changed(before, after) == ["~ statement 2: + s3:PutObject"]


def test_effect() -> None:
    """An Allow that becomes a Deny can't be missed."""
    statement = allow(["s3:GetObject"], [BUCKET], sid="Read")
    found = changed(document(statement), document({**statement, "Effect": "Deny"}))

    assert found == ["~ statement Read: effect + Deny  - Allow"]


def test_statements_that_come_and_go() -> None:
    """Whole statements are said in a line where they fit, else in parts."""
    gone = allow(["s3:*"], ["*"], sid="All")
    new = allow(
        ["kms:Decrypt"],
        ["arn:aws:kms:us-east-1:123456789012:key/*"],
        Condition={"Bool": {"aws:SecureTransport": "true"}},
    )

    assert changed(document(gone), document(new), width=60) == [
        "+ allow kms:Decrypt",
        "    on arn:aws:kms:us-east-1:123456789012:key/*",
        "    if aws:SecureTransport is true",
        "- allow s3:* on *",
    ]


def test_same_meaning_is_no_difference() -> None:
    """What only is written differently is not shown."""
    before = document({"Effect": "Allow", "Action": "s3:getobject", "Resource": [BUCKET]})

    assert changed(before, document(allow(["s3:GetObject"], [BUCKET]))) == []


def test_principals_in_words() -> None:
    """A deleted role in a trust policy is called one."""
    before = trust("ec2.amazonaws.com")
    after = trust("ec2.amazonaws.com", "lambda.amazonaws.com")
    before["Statement"][0]["Principal"]["AWS"] = "AROAEXAMPLEID0000000"
    found = deltas(Role.shape, {"trust_policy": before}, {"trust_policy": after}, ["trust_policy"])

    gone = "a deleted role (AROAEXAMPLEID0000000)"
    assert shown("trust_policy", found, {"trust_policy": after}) == [
        "trust policy:",
        f"  ~ statement 1: principals + lambda.amazonaws.com  - {gone}",
    ]


def test_whole_document() -> None:
    """A document shows every statement, with a symbol where one is given."""
    lines = document_lines(document(allow(["a:B"], ["*"]), allow(["c:D"], ["*"])), 80, "+")

    assert [line.text for line in lines] == ["+ allow a:B on *", "+ allow c:D on *"]
