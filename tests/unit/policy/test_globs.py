"""Globs as automata, compared with a matcher that tries all texts of a small alphabet."""

from __future__ import annotations

import fnmatch
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.resources.policy.glob_regions import ARNS, regions, walk
from rolewright.resources.policy.globs import (
    GlobKind,
    has_variable,
    includes,
    intersects,
    matches,
    read_glob,
)
from support.trials import tries

# All texts up to five of "a", "b", and "x", which stands for all other characters.
TEXTS = ["".join(letters) for size in range(6) for letters in product("abx", repeat=size)]
PATTERNS = st.text("ab*?", max_size=4)


def by_fnmatch(pattern: str, text: str) -> bool:
    return re.match(fnmatch.translate(pattern), text) is not None


def vector(patterns: list[str], text: str) -> int:
    return sum(1 << i for i, pattern in enumerate(patterns) if by_fnmatch(pattern, text))


@given(PATTERNS, st.text("abx", max_size=6))
def test_matching_agrees_with_fnmatch(pattern: str, text: str) -> None:
    assert matches(read_glob(pattern), text) == by_fnmatch(pattern, text)


@given(st.lists(PATTERNS, max_size=4, unique=True))
@settings(max_examples=tries(300))
def test_regions_are_exactly_the_vectors_of_all_texts(patterns: list[str]) -> None:
    """No vector that a text has is missing, and each region has a text that proves it."""
    found = regions(tuple(map(read_glob, patterns)))

    assert found is not None
    vectors = [region.accepts for region in found]
    assert len(vectors) == len(set(vectors))
    assert {vector(patterns, text) for text in TEXTS} <= set(vectors)
    assert all(vector(patterns, region.witness) == region.accepts for region in found)


@given(PATTERNS, PATTERNS)
@settings(max_examples=tries(500))
def test_inclusion_and_intersection_agree_with_all_texts(one: str, other: str) -> None:
    """Patterns of four places differ, if at all, in a text of at most five characters."""
    first = {text for text in TEXTS if by_fnmatch(one, text)}
    second = {text for text in TEXTS if by_fnmatch(other, text)}

    assert includes(read_glob(one), read_glob(other)) == (second <= first)
    # A text that both match may have up to eight characters.
    found = intersects(read_glob(one), read_glob(other))
    joint = walk((read_glob(one), read_glob(other)), None)
    assert joint is not None
    assert found == (3 in joint)
    assert found or not first & second


@pytest.mark.parametrize(
    ("general", "special", "expected"),
    [
        ("*", "", True),
        ("a*", "a", True),
        ("a*", "ab*c", True),
        ("a*c", "ab*", False),
        ("?*", "*?", True),
        ("a?*b", "a*cb", True),
        ("*a*", "*a?*", True),
        ("*a?*", "*a*", False),
        ("a", "a", True),
        ("a", "?", False),
    ],
)
def test_inclusion(general: str, special: str, *, expected: bool) -> None:
    assert includes(read_glob(general), read_glob(special)) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-east-1:1:t", True),
        # A star within a segment keeps to it, one at its end does not.
        ("arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-x:y-1:1:t", False),
        ("arn:aws:sns:*:t", "arn:aws:sns:us-east-1:1:t", True),
        ("arn:aws:sns:*", "arn:aws:sns:us-east-1:1:t", True),
        ("arn:aws:sns:u?-east-1:1:t", "arn:aws:sns:u:-east-1:1:t", False),
        ("arn:aws:s3:::a?b*c", "arn:aws:s3:::a:b::c", True),
        ("*", "arn:aws:s3:::b", True),
        ("*", "*", True),
    ],
)
def test_wildcards_of_arns_keep_to_their_segment(
    pattern: str, text: str, *, expected: bool
) -> None:
    """IAM user guide, "IAM JSON policy elements: Resource"."""
    assert matches(read_glob(pattern, GlobKind.RESOURCE), text) is expected


def test_letters_in_both_cases_match_where_case_is_ignored() -> None:
    glob = read_glob("Ab*", GlobKind.IGNORE_CASE)

    assert matches(glob, "aBx")
    assert matches(glob, "AB")
    assert not matches(glob, "ba")
    assert not matches(read_glob("Ab*"), "aB")
    # The capital of this letter is two letters.
    assert not matches(read_glob("ß", GlobKind.IGNORE_CASE), "S")
    assert matches(read_glob("a*?", GlobKind.LITERAL_IGNORE_CASE), "A*?")


@pytest.mark.parametrize(
    ("text", "variable", "same"),
    [
        ("a${*}b", False, "a*b"),
        ("a${?}b", False, "a?b"),
        ("a${$}b", False, "a$b"),
        ("${aws:username}", True, "anything: at all"),
        ("home/${aws:username}/*", True, "home/*/x"),
    ],
)
def test_variables_that_are_live(text: str, same: str, *, variable: bool) -> None:
    """Escapes are the character itself, and the value of a variable may be anything."""
    glob = read_glob(text, live=True)

    assert has_variable(text) is variable
    assert matches(glob, same)
    assert not matches(read_glob(text, GlobKind.LITERAL), same)
    assert matches(glob, "axb") == (text == "${aws:username}")


def test_regions_of_arns_are_arns() -> None:
    """In the universe of ARNs, each witness is one, and `arn:*` is everything."""
    texts = ("*", "arn:*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/secret/*", "arn:aws:s3:::b/one")
    globs = tuple(read_glob(text, GlobKind.RESOURCE) for text in texts)
    found = regions(globs, ARNS)

    assert found is not None
    assert sorted(region.accepts for region in found) == [0b00011, 0b00111, 0b01111, 0b10111]
    for region in found:
        assert matches(ARNS, region.witness)
        vector = sum(1 << i for i, glob in enumerate(globs) if matches(glob, region.witness))
        assert vector == region.accepts


def test_a_single_text_takes_its_place_from_the_shortest_of_a_pattern() -> None:
    """`a*` has `a` for its shortest text, which is a region of its own here."""
    found = regions((read_glob("a*"), read_glob("a"), read_glob("aa")))

    assert found is not None
    assert sorted(region.accepts for region in found) == [0b000, 0b001, 0b011, 0b101]


def test_two_readings_of_one_text_are_one_region() -> None:
    found = regions((read_glob("a"), read_glob("a", GlobKind.LITERAL)))

    assert found is not None
    assert sorted(region.accepts for region in found) == [0b00, 0b11]


def test_patterns_that_cover_everything_leave_no_outside() -> None:
    found = regions((read_glob("?*"), read_glob("")))

    assert found is not None
    assert sorted(region.accepts for region in found) == [0b01, 0b10]


def test_too_many_states_are_said() -> None:
    """Each of these asks about another place from the end: 2 to the power of 14 states."""
    globs = tuple(read_glob(f"*a{'?' * size}") for size in range(14))

    assert regions(globs) is None
    few = globs[:5]
    found = regions(few)
    assert found is not None
    assert len(found) == 32


def test_globs_that_never_meet_cost_no_common_states() -> None:
    """Two hundred buckets are as many regions, though each with its objects, and one outside."""
    globs = tuple(read_glob(f"arn:aws:s3:::bucket-{n}/*", GlobKind.RESOURCE) for n in range(200))
    found = regions(globs, ARNS)

    assert found is not None
    assert len(found) == 201


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("arn:aws:s3:::*", "arn:aws:sqs:*", False),
        ("arn:*:s3:::b", "arn:aws:s3:*", True),
        ("arn:aws:s3:::a*", "arn:aws:s3:::*z", True),
        ("arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-e:*-1:1:t", False),
        ("*a", "*b", False),
    ],
)
def test_intersection_of_arns(one: str, other: str, *, expected: bool) -> None:
    first, second = read_glob(one, GlobKind.RESOURCE), read_glob(other, GlobKind.RESOURCE)

    assert intersects(first, second) is expected
    assert intersects(second, first) is expected
