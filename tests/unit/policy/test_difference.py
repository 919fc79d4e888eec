"""The readable difference of two documents."""

from __future__ import annotations

from typing import Any

import pytest
from rolewright.resources.policy import (
    ChangeKind,
    ElementChange,
    StatementChange,
    equivalent,
    statement_changes,
)
from unit.policy import equivalence_cases as cases

READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": cases.BUCKET}
LOGS = {"Sid": "Logs", "Effect": "Allow", "Action": "logs:*", "Resource": "*"}


def changed(before: Any, after: Any) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The elements of the one statement that changed."""
    (change,) = statement_changes(before, after)
    assert change.kind is ChangeKind.CHANGED
    return [(element.element, element.added, element.removed) for element in change.elements]


def kinds(before: Any, after: Any) -> list[tuple[str, str | None]]:
    return [(change.kind.value, change.sid) for change in statement_changes(before, after)]


def test_whole_change() -> None:
    """A change has its statement before and after, and per element what came and went."""
    after = {**READ, "Action": ["s3:ListBucket", "s3:getobject"], "Effect": "Deny"}

    assert statement_changes(cases.document(READ, LOGS), cases.document(LOGS, after)) == (
        StatementChange(
            kind=ChangeKind.CHANGED,
            sid="Read",
            before=READ,
            after=after,
            elements=(
                ElementChange("Effect", ("Deny",), ("Allow",)),
                ElementChange("Action", ("s3:ListBucket",), ()),
            ),
        ),
    )


def test_new_and_gone_document() -> None:
    """All statements of a document come with it and go with it."""
    document = cases.document(READ)
    (came,), (went,) = statement_changes(None, document), statement_changes(document, None)

    assert (came.kind, came.before, came.after) == ("added", None, READ)
    assert (went.kind, went.before, went.after) == ("removed", READ, None)
    assert came.elements[1] == ElementChange("Action", ("s3:GetObject",), ())
    assert went.elements[1] == ElementChange("Action", (), ("s3:GetObject",))
    assert statement_changes(None, None) == ()


@pytest.mark.parametrize("name", {**cases.IDENTICAL, **cases.EQUIVALENT})
def test_equivalent_documents_have_no_changes(name: str) -> None:
    """What AWS overlooks is not shown."""
    one, other = {**cases.IDENTICAL, **cases.EQUIVALENT}[name]
    if not isinstance(one, str) and not isinstance(other, str):
        assert statement_changes(one, other) == ()


# These differ outside their statements, or are no documents.
OUTSIDE = {
    "an unknown element of the document",
    "a Version that does not exist",
    "a document and a list",
    "a statement that is no object",
    "statements that are no objects",
    "null for a statement and none",
}


@pytest.mark.parametrize("name", sorted(cases.DIFFERENT.keys() - OUTSIDE))
def test_different_documents_have_changes(name: str) -> None:
    """Whatever differs is shown, with at least one value that came or went."""
    one, other = cases.DIFFERENT[name]
    if isinstance(one, str) or isinstance(other, str):
        return
    changes = statement_changes(one, other)

    assert changes
    for change in changes:
        assert change.elements
        assert all(element.added or element.removed for element in change.elements)


ELEMENTS: dict[str, tuple[Any, Any, list[tuple[str, tuple[str, ...], tuple[str, ...]]]]] = {
    "an action": (
        cases.action(["s3:GetObject", "s3:PutObject"]),
        cases.action(["s3:GETOBJECT", "s3:DeleteObject"]),
        [("Action", ("s3:DeleteObject",), ("s3:PutObject",))],
    ),
    "a resource": (
        cases.resource(["arn:aws:s3:::a", "arn:aws:s3:::b"]),
        cases.resource("arn:aws:s3:::a"),
        [("Resource", (), ("arn:aws:s3:::b",))],
    ),
    "Action for NotAction": (
        cases.action("s3:*"),
        cases.element("NotAction", "s3:*"),
        [("NotAction", ("s3:*",), ()), ("Action", (), ("s3:*",))],
    ),
    "a service": (
        cases.principal({"Service": "ec2.amazonaws.com"}),
        cases.principal({"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}),
        [("Principal.Service", ("ecs.amazonaws.com",), ())],
    ),
    "an account, however it is written": (
        cases.principal({"AWS": [cases.ACCOUNT, cases.ROLE]}),
        cases.principal({"AWS": [cases.ROOT]}),
        [("Principal.AWS", (), (cases.ROLE,))],
    ),
    "a role that was deleted": (
        cases.principal({"AWS": cases.ROLE}),
        cases.principal({"AWS": "AROAEXAMPLEEXAMPLE123"}),
        [("Principal.AWS", ("AROAEXAMPLEEXAMPLE123",), (cases.ROLE,))],
    ),
    "everybody": (
        cases.principal({"Service": "ec2.amazonaws.com"}),
        cases.principal("*"),
        [("Principal.AWS", ("*",), ()), ("Principal.Service", (), ("ec2.amazonaws.com",))],
    ),
    "a condition": (
        cases.PLAIN,
        cases.when("StringEquals", "123456789012", "aws:SourceAccount"),
        [("Condition.StringEquals.aws:SourceAccount", ("123456789012",), ())],
    ),
    "a value of a condition in other spelling": (
        cases.when("StringEquals", ["a", "b"], "aws:SourceAccount"),
        cases.when("stringequals", ["c", "a"], "AWS:SourceAccount"),
        [("Condition.stringequals.AWS:SourceAccount", ("c",), ("b",))],
    ),
    "a condition's key": (
        cases.when("Bool", True, "aws:a"),
        cases.when("Bool", "true", "aws:b"),
        [("Condition.Bool.aws:b", ("true",), ()), ("Condition.Bool.aws:a", (), ("true",))],
    ),
    "numbers": (
        cases.when("NumericLessThan", 300),
        cases.when("NumericLessThan", "60"),
        [("Condition.NumericLessThan.aws:x", ("60",), ("300",))],
    ),
    "the type of a value": (
        cases.when("StringEquals", True),
        cases.when("StringEquals", "true"),
        [("Condition.StringEquals.aws:x", ("true",), ("true",))],
    ),
    "an empty list": (
        cases.PLAIN,
        cases.when("StringEquals", []),
        [("Condition.StringEquals.aws:x", ("[]",), ())],
    ),
    "the version of the policy language": (
        cases.resource(cases.HOME, None),
        cases.resource(cases.HOME),
        [("Version", ("2012-10-17",), ("2008-10-17",))],
    ),
    "an unknown element": (
        cases.PLAIN,
        cases.document(cases.statement(Comment={"a": 1})),
        [("Comment", ('{"a":1}',), ())],
    ),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_elements(name: str) -> None:
    """What came and went is shown value by value, in the spelling of its author."""
    before, after, expected = ELEMENTS[name]

    assert changed(before, after) == expected
    back = [(element, lost, gained) for element, gained, lost in expected]
    assert sorted((e[0].lower(), *e[1:]) for e in changed(after, before)) == sorted(
        (e[0].lower(), *e[1:]) for e in back
    )


def test_pairs_by_sid() -> None:
    """Statements of the same Sid belong together, however little they share."""
    before = cases.document(READ, LOGS)
    after = cases.document({**LOGS, "Sid": "Read"}, {**READ, "Sid": "Logs", "Action": "s3:*"})

    assert kinds(before, after) == [("changed", "Logs")]
    assert kinds(cases.document(READ), cases.document({**LOGS, "Sid": "Read"})) == [
        ("changed", "Read")
    ]


def test_pairs_by_what_they_share() -> None:
    """Statements without a Sid belong together when they share most."""
    one = cases.statement(Action=["s3:GetObject", "s3:ListBucket"])
    two = cases.statement(Action=["sqs:SendMessage", "sqs:GetQueueUrl"], Resource="arn:aws:sqs:::q")
    one_more = {**one, "Action": [*one["Action"], "s3:PutObject"]}
    two_more = {**two, "Action": [*two["Action"], "sqs:ReceiveMessage"]}
    changes = statement_changes(cases.document(one, two), cases.document(two_more, one_more))

    assert [(change.before, change.after) for change in changes] == [
        (two, two_more),
        (one, one_more),
    ]


def test_a_renamed_statement_is_changed() -> None:
    """A statement with another Sid and another action is the same statement under its new name."""
    after = {**READ, "Sid": "Photos", "Action": ["s3:GetObject", "s3:PutObject"]}

    assert kinds(cases.document(READ), cases.document(after)) == [("changed", "Photos")]


def test_unrelated_statements_are_not_paired() -> None:
    """Statements that share nothing but being on everything come and go, instead of changing."""
    one = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    other = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}

    assert kinds(cases.document(one), cases.document(other)) == [("added", None), ("removed", None)]


def test_order_of_changes() -> None:
    """What came and changed stands in the order of the new document, then what went."""
    gone = {"Sid": "Gone", "Effect": "Deny", "Action": "a:b", "Resource": "arn:aws:a:::b"}
    new = {"Sid": "New", "Effect": "Allow", "Action": "c:d", "Resource": "arn:aws:c:::d"}
    more = {**READ, "Action": "s3:*"}
    before, after = cases.document(gone, READ, LOGS), cases.document(new, LOGS, more)

    assert kinds(before, after) == [("added", "New"), ("changed", "Read"), ("removed", "Gone")]


def test_a_split_statement() -> None:
    """Of a statement that was split one part is the changed one, the other is added."""
    whole = cases.statement(Action=["s3:GetObject", "s3:ListBucket", "s3:PutObject"])
    reads = cases.statement(Action=["s3:GetObject", "s3:ListBucket"])
    writes = cases.statement(Action="s3:PutObject", Resource="arn:aws:s3:::other")

    assert kinds(cases.document(whole), cases.document(writes, reads)) == [
        ("added", None),
        ("changed", None),
    ]
    assert not equivalent(cases.document(whole), cases.document(reads, writes))


def test_duplicates_are_no_changes() -> None:
    """A statement that stands there twice or once is the same; one that changed is shown once."""
    twice, more = cases.document(READ, {**READ, "Sid": "Again"}), {**READ, "Action": "s3:*"}

    assert statement_changes(twice, cases.document(READ)) == ()
    assert kinds(twice, cases.document(more)) == [("changed", "Read")]


def test_only_one_statement_has_been_the_former() -> None:
    """Two new statements under a Sid that AWS would refuse twice are one changed, one added."""
    more, less = {**READ, "Action": "s3:*"}, {**READ, "Action": "s3:ListBucket"}

    assert kinds(cases.document(READ), cases.document(more, less)) == [
        ("changed", "Read"),
        ("added", "Read"),
    ]
