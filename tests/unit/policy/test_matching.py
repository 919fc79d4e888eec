"""Actions, resources, variables and principals match as AWS's pages say."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy import parse
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluator import Caller
from rolewright.resources.policy.matching import Actions, Patterns, Style
from rolewright.resources.policy.principal_matching import Grant, grant
from unit.policy.evaluator_cases import says
from unit.policy.matching_cases import (
    ACTIONS,
    NEW,
    NOT_PRINCIPALS,
    PRINCIPALS,
    RESOURCES,
    USER,
    VARIABLES,
)

Json = Any
NOTHING = Context({}, open=False)
OPEN = Context({}, open=True)


def resources(*patterns: str, variables: bool = True) -> Patterns:
    return Patterns(patterns, Style.RESOURCE, variables=variables)


@pytest.mark.parametrize(("pattern", "action", "expected"), ACTIONS)
def test_action(pattern: str, action: str, expected: bool) -> None:  # noqa: FBT001
    """A pattern of an Action takes an action or not, alone and beside others."""
    assert Actions([pattern]).matches(action) is expected
    assert Actions(["sqs:Nothing", pattern, "ec2:No*"]).matches(action) is expected


@pytest.mark.parametrize(("pattern", "resource", "expected"), RESOURCES)
def test_resource(pattern: str, resource: str, expected: bool) -> None:  # noqa: FBT001
    """A pattern of a Resource takes an ARN or not, alone and beside others."""
    other = "arn:aws:dynamodb:*:9:table/none-*"

    assert resources(pattern).matches(resource, NOTHING) is expected
    assert resources("arn:x", pattern, other).matches(resource, NOTHING) is expected


@pytest.mark.parametrize(("version", "pattern", "given_", "resource", "expected"), VARIABLES)
def test_variable(
    version: str,
    pattern: str,
    given_: Json,
    resource: str,
    expected: bool,  # noqa: FBT001
) -> None:
    """A variable stands for the text of its key, under the newer version only."""
    patterns = resources(pattern, variables=version == NEW)

    assert patterns.matches(resource, Context(given_, open=False)) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:s3:::b/${a:x}/*", "arn:aws:s3:::b/c/d", {"a:x"}),
        ("arn:aws:s3:::b/${a:x, 'c'}/*", "arn:aws:s3:::b/c/d", {"a:x"}),
        ("arn:aws:s3:::b/${a:x}/*", "arn:aws:s3:::c/c/d", False),
        ("arn:aws:s3:::b/${a:x}-${a:y}", "arn:aws:s3:::b/1-2", {"a:x", "a:y"}),
        ("arn:aws:s3:::b/${a:x}-${a:y}", "arn:aws:s3:::b/1+2", False),
        ("${a:x}:b", "arn:aws:s3:::b", {"a:x"}),
        ("arn:aws:s3:${a:x}", "arn:aws:s3:::b", {"a:x"}),
    ],
)
def test_unknown_variable(pattern: str, resource: str, expected: Json) -> None:
    """Where a variable is unknown, the pattern may match what it could with any text there."""
    assert resources(pattern).matches(resource, OPEN) == expected


def test_known_pattern_beside_unknown() -> None:
    """What matches without the unknown variable is certain."""
    patterns = resources("arn:aws:s3:::b/${a:x}", "arn:aws:s3:::b/*")

    assert patterns.matches("arn:aws:s3:::b/c", OPEN) is True


PIECES = st.lists(st.sampled_from(["a", "b", ":", "/", "*", "?"]), max_size=9).map("".join)
TEXTS = st.lists(st.sampled_from(["a", "b", ":", "/"]), max_size=12).map("".join)


def naive(pattern: str, text: str, style: Style, segment: int = 0) -> bool:
    """The rules one character at a time, with no thought for speed."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    inside = style is not Style.TEXT and segment < 5
    if first == "*":
        ends = style is Style.RESOURCE and (not rest or rest.startswith(":"))
        return any(
            naive(rest, text[size:], style, segment)
            for size in range(len(text) + 1)
            if ends or not inside or ":" not in text[:size]
        )
    if not text or (first != text[0] and not (first == "?" and not (inside and text[0] == ":"))):
        return False
    return naive(rest, text[1:], style, segment + (first == ":"))


@given(pattern=PIECES, text=TEXTS, style=st.sampled_from(Style))
def test_expressions_follow_the_rules(pattern: str, text: str, style: Style) -> None:
    """The quick expressions take the texts that the rules take, one character at a time."""
    while "**" in pattern:
        pattern = pattern.replace("**", "*")
    expected = naive(pattern, text, style)
    if style is Style.ARN and pattern != "*":
        expected = expected and pattern.count(":") >= 5
    elif style is Style.ARN:
        expected = True

    assert Patterns([pattern], style, variables=False).matches(text, NOTHING) is expected


@pytest.mark.parametrize(
    "pattern",
    ["arn:aws:s3:::" + "*a" * 30 + "b", "*" + "a*" * 60 + "b", "arn:" + "*a" * 30 + "b:x"],
)
def test_stars_do_not_multiply(pattern: str) -> None:
    """A pattern of many stars fails quickly, where a naive expression would try for ever."""
    begin = time.perf_counter()

    for style in Style:
        patterns = Patterns([pattern], style, variables=False)
        assert patterns.matches("arn:aws:s3:::" + "a" * 2000, NOTHING) is False

    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize(("principal", "caller", "expected"), PRINCIPALS)
def test_principal(principal: Json, caller: Caller, expected: int) -> None:
    """A Principal names a caller by name, by its role, by its account, or not at all."""
    (statement,) = parse(says("Allow", Principal=principal)).statements

    assert grant(statement, caller, bounded=False) == expected


@pytest.mark.parametrize(("names", "caller", "bounded", "denied"), NOT_PRINCIPALS)
def test_not_principal(names: Json, caller: Caller, bounded: bool, denied: bool) -> None:  # noqa: FBT001
    """NotPrincipal under Deny spares those that it names together with their account."""
    (statement,) = parse(says("Deny", NotPrincipal=names)).statements

    assert bool(grant(statement, caller, bounded=bounded)) is denied


@pytest.mark.parametrize(("names", "caller", "bounded", "denied"), NOT_PRINCIPALS)
def test_not_principal_allows_nobody_it_names(
    names: Json,
    caller: Caller,
    bounded: bool,  # noqa: FBT001
    denied: bool,  # noqa: FBT001
) -> None:
    """Under Allow a name at any level is enough to be left out, so nobody spared is allowed."""
    (statement,) = parse(says("Allow", NotPrincipal=names)).statements

    if not denied:
        assert grant(statement, caller, bounded=bounded) is Grant.NOBODY


def test_statement_without_principal_names_nobody() -> None:
    """In a resource policy a statement that names nobody is for nobody."""
    (statement,) = parse(says("Allow")).statements

    assert grant(statement, USER, bounded=False) is Grant.NOBODY
