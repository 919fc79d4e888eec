"""YAML for people: reads back as the same values, and looks as a person would write it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.engine.config.syntax import compose
from rolewright.engine.config.tree import build
from rolewright.engine.importing.yaml_text import comment, entry, scalar

TEXTS = st.text(max_size=20) | st.text(
    "aon0123e.:-#'\"\\ \n\t,[]{}$*&!|>%@`=~<?\x85\u2028\xa0\ufeffé😀\r\0", max_size=20
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def written(value: Any, indent: int = 0) -> str:
    return "\n".join(entry("key", value, indent)) + "\n"


@settings(max_examples=200)
@given(VALUES)
def test_reads_back(value: Any) -> None:
    top, wrong = build(compose(written(value), "", json=False), "")

    assert not wrong
    assert top.value == {"key": value}


@settings(max_examples=100)
@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=4))
def test_texts_read_back_as_texts_by_yaml_1_1(value: Any) -> None:
    """Other programs read the files too: `on` and `0123` are texts to them as well."""
    assert yaml.safe_load(written(value)) == {"key": value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3:GetObject", "s3:GetObject"),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/*"),
        ("Reads the photos", "Reads the photos"),
        ("Lädt Fotos", "Lädt Fotos"),
        ("*", '"*"'),
        ("on", '"on"'),
        ("0123", '"0123"'),
        ("1e3", '"1e3"'),
        ("2012-10-17", '"2012-10-17"'),
        ("123456789012", '"123456789012"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a # b", '"a # b"'),
        ('svc["a"]', 'svc["a"]'),
        ('"a": b', "'\"a\": b'"),
        ("${role.web.arn}", "${role.web.arn}"),
        ("😀", "😀"),
        ("a\tb", r'"a\tb"'),
    ],
)
def test_quotes_where_needed(text: str, expected: str) -> None:
    assert scalar(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["s3:GetObject", "s3:Put*"], "key: [s3:GetObject, s3:Put*]\n"),
        (["${role.web.arn}"], 'key: ["${role.web.arn}"]\n'),
        ({"team": "media"}, "key: {team: media}\n"),
        ({"aws:SourceAccount": "1"}, 'key: {"aws:SourceAccount": "1"}\n'),
        ({"services": ["a"]}, "key: {services: [a]}\n"),
        ({"a": ["b"], "c": 1}, "key:\n  a: [b]\n  c: 1\n"),
        ([{"a": "b", "c": ["d"]}], "key:\n  - a: b\n    c: [d]\n"),
        (["a" * 60, "b" * 60], f"key:\n  - {'a' * 60}\n  - {'b' * 60}\n"),
        ("one\n two\n\nthree", "key: |-\n  one\n   two\n\n  three\n"),
        ("one\ntwo\n", "key: |\n  one\n  two\n"),
        (["one\ntwo"], 'key: ["one\\ntwo"]\n'),
        ([["a", ["b"]]], "key:\n  - - a\n    - [b]\n"),
        ({}, "key: {}\n"),
        (None, "key: null\n"),
    ],
)
def test_layout(value: Any, expected: str) -> None:
    assert written(value) == expected


def test_comments() -> None:
    lines = list(comment("Kept by\nthe \x07team " + "word " * 30, 2))

    assert lines[0].startswith("  # Kept by the team word word")
    assert all(line.startswith("  # ") and len(line) <= 100 for line in lines)
