"""What counts as a difference of attributes, and how it reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rolewright.engine.diff import deltas, differing, same, told_otherwise
from rolewright.engine.plan import FieldDelta
from rolewright.resources.kind import Shape

SHAPE = Shape(
    documents=frozenset({"document"}),
    document_maps=frozenset({"inline"}),
    sets=frozenset({"roles"}),
)


def allow(*actions: str, sid: str = "", resource: str = "*") -> dict[str, Any]:
    named = {"Sid": sid} if sid else {}
    return {**named, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


READ = document(allow("s3:GetObject", "s3:ListBucket"))
READ_OTHERWISE = {
    "Statement": {
        "Resource": ["*"],
        "Action": ["s3:listbucket", "s3:GetObject"],
        "Effect": "Allow",
    },
    "Version": "2012-10-17",
}
WRITE = document(allow("s3:PutObject"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("document", READ, READ_OTHERWISE, True),
        ("document", READ, WRITE, False),
        ("document", READ, None, False),
        ("document", None, READ, False),
        ("document", {}, READ, False),
        ("document", None, None, True),
        ("inline", {"a": READ}, {"a": READ_OTHERWISE}, True),
        ("inline", {"a": READ}, {"b": READ}, False),
        ("inline", {"a": READ}, {"a": WRITE}, False),
        ("inline", {}, {"a": READ}, False),
        ("inline", {"a": READ, "b": WRITE}, {"b": WRITE, "a": READ_OTHERWISE}, True),
        ("roles", ["a", "b"], ["b", "a"], True),
        ("roles", ["a", "a"], ["a"], True),
        ("roles", ["a"], ["a", "b"], False),
        ("roles", [], ["a"], False),
        ("order", ["a", "b"], ["b", "a"], False),
        ("tags", {"a": "1"}, {"a": "2"}, False),
        ("tags", {"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
        ("plain", READ, READ_OTHERWISE, False),
    ],
)
def test_same(name: str, one: Any, other: Any, expected: bool) -> None:  # noqa: FBT001 - a case
    """Documents compare by meaning, sets without order, and all else by value, either way round."""
    assert same(SHAPE, name, one, other) is expected
    assert same(SHAPE, name, other, one) is expected


def test_what_was_not_observed_does_not_count() -> None:
    """An attribute that the read did not tell is no difference; neither is one that nobody wants."""
    wanted = {"tags": {"a": "1"}, "path": "/", "document": READ}

    assert differing(SHAPE, wanted, {}) == frozenset()
    assert differing(SHAPE, wanted, {"path": "/x/", "unique_id": "AROA"}) == {"path"}
    assert differing(SHAPE, wanted, {"document": READ_OTHERWISE, "path": "/"}) == frozenset()


def test_tags_differ_key_by_key() -> None:
    """Of nested objects only the keys that differ are told, each with both values, sorted."""
    before = {"tags": {"same": "x", "gone": "1", "dotted.key": "a", "changed": "a"}}
    after = {"tags": {"same": "x", "new": "2", "dotted.key": "b", "changed": "b"}}

    assert deltas(SHAPE, before, after, ["tags"]) == (
        FieldDelta("tags.changed", "a", "b"),
        FieldDelta("tags.dotted.key", "a", "b"),
        FieldDelta("tags.gone", "1", None),
        FieldDelta("tags.new", None, "2"),
    )


def test_documents_differ_statement_by_statement() -> None:
    """A statement that changed tells which elements, a new or lost one stands whole."""
    before = document(allow("s3:GetObject", "s3:ListBucket", sid="Read"), allow("a:B", sid="Old"))
    after = document(allow("s3:GetObject", "s3:PutObject", sid="Read"), allow("c:D", sid="New"))

    found = {
        delta.path: (delta.before, delta.after)
        for delta in deltas(SHAPE, {"document": before}, {"document": after}, ["document"])
    }

    assert found["document.Statement[Read].Action"] == (["s3:ListBucket"], ["s3:PutObject"])
    assert len(found) > 1
    assert list(found) == sorted(found)


def test_a_document_out_of_nothing() -> None:
    """A document that was not there comes as added statements."""
    found = deltas(SHAPE, {}, {"document": READ}, ["document"])

    assert [(delta.before, bool(delta.after)) for delta in found] == [(None, True)]


def test_plain_values_stand_whole_and_sorted() -> None:
    """Texts, numbers and lists are told as they were and are, ordered by name."""
    before = {"roles": ["a"], "description": "x"}
    after = {"roles": ["a", "b"], "description": "", "path": "/"}

    assert deltas(SHAPE, before, after, ["roles", "path", "description"]) == (
        FieldDelta("description", "x", ""),
        FieldDelta("path", None, "/"),
        FieldDelta("roles", ["a"], ["a", "b"]),
    )


@given(values)
def test_everything_is_the_same_as_itself(value: Any) -> None:
    """No value differs from itself, whatever the attribute."""
    for name in ("document", "inline", "roles", "tags"):
        assert same(SHAPE, name, value, value)


tag_maps = st.dictionaries(st.text(max_size=3), st.text(max_size=2), max_size=5)


@example({}, {"__": "x"})
@given(tag_maps, tag_maps)
def test_tag_deltas_are_exact(before: dict[str, str], after: dict[str, str]) -> None:
    """The differing keys are told, each once and no others, whatever characters they have."""
    expected = sorted(
        f"tags.{key}" for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )

    found = deltas(SHAPE, {"tags": before}, {"tags": after}, ["tags"])

    assert [delta.path for delta in found] == expected


def test_what_only_one_read_tells_is_no_contradiction() -> None:
    """Reads of an account leave out tags; what both tell has to be the same, whatever else is told."""
    shape = Shape(partly_told={"versions": "document"})
    wide = {"name": "a", "versions": [{"id": "v1", "document": {"Statement": []}}]}
    single = {"name": "a", "tags": {"b": "c"}, "versions": [{"id": "v1"}]}

    assert not told_otherwise(shape, wide, single)
    assert not told_otherwise(shape, None, None)
    assert told_otherwise(shape, wide, None)
    assert told_otherwise(shape, wide, {**single, "name": "b"})
    assert told_otherwise(shape, wide, {**single, "versions": [{"id": "v2"}]})
