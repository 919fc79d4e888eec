"""Resources that stand for a pattern: they cover it, and no more than AWS has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.matching import Patterns, Style
from rolewright.resources.policy.samples import samples

OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
BUCKET = "arn:${Partition}:s3:::${BucketName}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
ACCOUNT = "123456789012"
CONTEXT = Context({"aws:PrincipalTag/team": "a*"}, open=True)


def found(pattern: str, *formats: str, told: tuple[str, ...] = ()) -> tuple[str, ...]:
    chosen = samples(
        pattern,
        formats,
        [(text, True) for text in told],
        CONTEXT,
        partition="aws",
        account=ACCOUNT,
    )
    assert chosen.exact
    return chosen.resources


@pytest.mark.parametrize(
    ("pattern", "formats", "told", "count"),
    [
        ("arn:aws:s3:::photos/cat", (OBJECT,), (), 1),
        ("arn:aws:s3:::photos", (OBJECT,), (), 0),
        ("arn:aws:s3:::photos/cat", (BUCKET,), (), 0),
        ("arn:aws:s3:::photos/*", (BUCKET,), (), 0),
        ("arn:aws:s3:::photos/*", (OBJECT,), (), 1),
        ("arn:aws:s3:::photos/*", (OBJECT, BUCKET), (), 1),
        ("arn:aws:s3:::photos*", (OBJECT, BUCKET), (), 2),
        ("arn:aws:s3:::photos/*", (OBJECT,), ("arn:aws:s3:::photos/*",), 1),
        ("arn:aws:s3:::photos/*", (OBJECT,), ("arn:aws:s3:::photos/a*",), 2),
        ("arn:aws:s3:::photos/*", (OBJECT,), ("arn:aws:s3:::photos/a*", "arn:aws:s3:::*b"), 4),
        ("arn:aws:s3:::photos/*", (OBJECT,), ("arn:aws:sqs:*:*:*",), 1),
        ("*", (), (), 1),
        ("arn:aws:s3:::photos/*", (), (), 0),
        ("*", (OBJECT,), ("*",), 1),
        (f"arn:aws:sqs:us-east-1:{ACCOUNT}:*", (QUEUE,), (f"arn:aws:sqs:*:{ACCOUNT}:q",), 2),
    ],
)
def test_how_many_stand_for_a_pattern(
    pattern: str, formats: tuple[str, ...], told: tuple[str, ...], count: int
) -> None:
    assert len(found(pattern, *formats, told=told)) == count


def test_they_are_of_the_account_where_the_pattern_leaves_it_open() -> None:
    assert all(f":{ACCOUNT}:" in one for one in found("arn:aws:sqs:*:*:*", QUEUE))


def test_the_value_of_a_variable_is_taken_literally() -> None:
    """A star in a tag is no wildcard, so that one sample has the very value."""
    told = ("arn:aws:s3:::photos/${aws:PrincipalTag/team}/*",)

    chosen = found("arn:aws:s3:::photos/*", OBJECT, told=told)

    assert sum(one.startswith("arn:aws:s3:::photos/a*/") for one in chosen) == 1
    assert len(chosen) == 2


NAMES = st.text("ab*?", min_size=1, max_size=4)


@given(st.lists(NAMES, min_size=1, max_size=3), NAMES, st.text("abc", min_size=1, max_size=4))
def test_they_cover_every_resource_of_the_pattern(told: list[str], pattern: str, name: str) -> None:
    """Whatever lies in the pattern is matched by the same patterns as one of the samples."""
    arns = [f"arn:aws:s3:::b/{text}" for text in told]
    asked, resource = f"arn:aws:s3:::b/{pattern}", f"arn:aws:s3:::b/{name}"
    chosen = found(asked, OBJECT, told=tuple(arns))

    def vector(text: str) -> list[object]:
        return [
            Patterns([arn], Style.RESOURCE, variables=True).matches(text, CONTEXT) for arn in arns
        ]

    as_regex = re.escape(asked).replace(r"\*", ".*").replace(r"\?", ".")
    assert all(re.fullmatch(as_regex, one) for one in chosen)
    if re.fullmatch(as_regex, resource):
        assert vector(resource) in [vector(one) for one in chosen]
