"""When two documents mean the same to AWS."""

from __future__ import annotations

import copy
import json
import timeit
from itertools import product

import pytest
from rolewright.resources.policy import (
    Verdict,
    canonical_document,
    compare,
    dangling_principals,
    equivalent,
)
from unit.policy import equivalence_cases as cases


@pytest.mark.parametrize("name", cases.IDENTICAL)
def test_identical(name: str) -> None:
    """Documents that are equal as JSON are identical, whichever comes first."""
    one, other = cases.IDENTICAL[name]

    assert (compare(one, other), compare(other, one)) == (Verdict.IDENTICAL, Verdict.IDENTICAL)


@pytest.mark.parametrize("name", cases.EQUIVALENT)
def test_equivalent(name: str) -> None:
    """Documents that differ only in what AWS overlooks are equivalent, whichever comes first."""
    one, other = cases.EQUIVALENT[name]

    assert compare(one, other) is Verdict.EQUIVALENT
    assert compare(other, one) is Verdict.EQUIVALENT
    assert equivalent(one, other)


@pytest.mark.parametrize("name", cases.DIFFERENT)
def test_different(name: str) -> None:
    """Documents that mean something else are different, whichever comes first."""
    one, other = cases.DIFFERENT[name]

    assert compare(one, other) is Verdict.DIFFERENT
    assert compare(other, one) is Verdict.DIFFERENT
    assert not equivalent(one, other)


@pytest.mark.parametrize("name", {**cases.EQUIVALENT, **cases.DIFFERENT})
def test_canonical_documents_decide(name: str) -> None:
    """Documents are equivalent exactly if their canonical documents are equal as JSON."""
    one, other = {**cases.EQUIVALENT, **cases.DIFFERENT}[name]

    same = repr(canonical_document(one)) == repr(canonical_document(other))
    assert same == (name in cases.EQUIVALENT)


def test_table_is_complete() -> None:
    """The table of pairs keeps the length that was asked for, and no pair is there twice."""
    tables = (cases.IDENTICAL, cases.LISTS, cases.CASE, cases.COSMETIC, cases.PRINCIPALS)
    count = sum(map(len, (*tables, cases.VALUES, cases.DIFFERENT)))

    assert count >= 150
    assert len({**cases.IDENTICAL, **cases.EQUIVALENT, **cases.DIFFERENT}) == count


def test_canonical_document() -> None:
    """The canonical document is sorted, in lists and in one spelling, without what is cosmetic."""
    document = {
        "Id": "photos",
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Read",
            "Resource": "arn:aws:s3:::photos",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root", "Service": []},
            "Action": ["S3:ListBucket", "s3:GetObject", "s3:getobject"],
            "Effect": "Allow",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": ["300.0", 60]},
                "StringEquals": {"aws:x": [True, 1.5, 2]},
            },
        },
    }

    assert canonical_document(document) == {
        "Statement": [
            {
                "Action": ["s3:getobject", "s3:listbucket"],
                "Condition": {
                    "arnequals": {"aws:sourcearn": ["arn:aws:sns:*:*:*"]},
                    "numericlessthan": {"aws:multifactorauthage": ["3e2", "6e1"]},
                    "stringequals": {"aws:x": [True, 1.5, 2]},
                },
                "Effect": "Allow",
                "Principal": {"AWS": ["123456789012"]},
                "Resource": ["arn:aws:s3:::photos"],
            }
        ]
    }


def test_comparing_changes_nothing() -> None:
    """Comparing and the canonical form leave the documents as they were."""
    for one, other in cases.EQUIVALENT.values():
        before = copy.deepcopy((one, other))
        compare(one, other)
        canonical_document(one)

        assert (one, other) == before


def test_deep_documents_are_different() -> None:
    """What nests beyond all policies is different from all but itself, instead of a crash."""
    deep: list[object] = []
    other: list[object] = []
    for _ in range(200_000):
        deep, other = [deep], [other]
    document, copied = {"Statement": deep}, {"Statement": other}

    assert compare(document, document) is Verdict.IDENTICAL
    assert compare(document, copied) is Verdict.DIFFERENT
    assert compare(document, json.dumps({})) is Verdict.DIFFERENT
    with pytest.raises(ValueError, match="no policy"):
        canonical_document(document)


def test_deep_texts_are_different() -> None:
    """A text that nests beyond all policies is different from all but itself, and names nobody."""
    text = '{"Statement":' + "[" * 100_000

    assert compare(text, text + " ") is Verdict.DIFFERENT
    assert dangling_principals(text) == ()


def test_one_key_asked_in_many_ways() -> None:
    """However often a condition asks for one key in different case, all of it counts."""
    keys = ["".join(letters) for letters in product("aA", "wW", "sS")]
    block = {f"{key}:x": f"v{number}" for number, key in enumerate(keys)}
    document = cases.condition({"Bool": block})
    fewer = cases.condition({"Bool": dict(list(block.items())[1:])})
    canonical = canonical_document(document)

    assert sum(map(len, canonical["Statement"][0]["Condition"].values())) == 8
    assert equivalent(document, canonical)
    assert not equivalent(document, fewer)


def test_unchanged_documents_are_compared_quickly() -> None:
    """A plan compares hundreds of unchanged policies: some microseconds each, not milliseconds."""
    statement = cases.statement(Condition={"StringEquals": {"aws:SourceAccount": cases.ACCOUNT}})
    document = cases.document(*({**statement, "Sid": f"S{number}"} for number in range(5)))
    copied = copy.deepcopy(document)

    took = min(timeit.repeat(lambda: compare(document, copied), number=100, repeat=5)) / 100
    assert took < 200e-6


DELETED = {
    "a role": ({"AWS": "AROAEXAMPLEEXAMPLE123"}, ("AROAEXAMPLEEXAMPLE123",)),
    "a user": ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, ("AIDACKCEVSQ6C2EXAMPLE",)),
    "both in a list": (
        {"AWS": ["AROAEXAMPLE1", cases.ROLE, "AIDAEXAMPLE2", "AROAEXAMPLE1"]},
        ("AROAEXAMPLE1", "AIDAEXAMPLE2"),
    ),
    "nobody": ({"AWS": [cases.ROLE, cases.ACCOUNT, "*"]}, ()),
    "a role whose name begins so": ({"AWS": f"arn:aws:iam::{cases.ACCOUNT}:role/AROAX"}, ()),
    "another sort of id": ({"AWS": "ANPAEXAMPLE"}, ()),
    "a service of that name": ({"Service": "AROAEXAMPLE"}, ()),
    "everybody": ("*", ()),
    "no names": ({"AWS": 5}, ()),
}


@pytest.mark.parametrize("name", DELETED)
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_dangling_principals(name: str, element: str) -> None:
    """What is left of deleted roles and users is found by its unique id, each once, in order."""
    principal, expected = DELETED[name]

    assert dangling_principals(cases.principal(principal, element)) == expected


@pytest.mark.parametrize("document", [{}, "", "{", "[]", {"Statement": 5}, {"Statement": [None]}])
def test_no_policy_has_no_dangling_principals(document: cases.Json) -> None:
    """What is no policy names nobody."""
    assert dangling_principals(document) == ()
