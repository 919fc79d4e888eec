"""Documents given as JSON text: what is no JSON, and where things stand in it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy import DocumentKind, Fault, check, parse
from rolewright.resources.policy.json_source import read_json

TEXT = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {
      "Effect": "allow",
      "Action": ["s3:Get*",
                 "s3"],
      "Resource": "photos",
      "Effect": "Allow", "Effect": "deny"
    }
  ]
}
"""


def places(faults: list[Fault]) -> list[tuple[str, int | None, int | None]]:
    return [(fault.code, fault.line, fault.column) for fault in faults]


def test_places_of_faults() -> None:
    """Faults of a text come in its order with line and column, keys that stand twice among them."""
    assert places(check(TEXT, DocumentKind.MANAGED)) == [
        ("bad-action", 8, 18),
        ("bad-resource", 9, 7),
        ("duplicate-key", 10, 7),
        ("duplicate-key", 10, 26),
        ("bad-effect", 10, 26),
    ]


def test_summary_of_a_key_that_stands_twice() -> None:
    """A key that stands twice is said with both of its lines."""
    first = check(TEXT, DocumentKind.MANAGED)[2]

    assert first.path == ("Statement", 1, "Effect")
    assert first.summary == '"Effect" stands twice in one object, on lines 6 and 10'


def test_place_of_what_is_missing() -> None:
    """What is missing is reported where the object stands that lacks it."""
    text = '{"Version": "2012-10-17",\n "Statement": [\n   {"Effect": "Allow", "Action": "*"}]}'

    assert places(check(text, DocumentKind.MANAGED)) == [("missing-element", 3, 4)]


BROKEN = {
    "empty": ("", 1, 1, "expected a value"),
    "white space": ("\n  ", 2, 3, "expected a value"),
    "a word": ("hello", 1, 1, "expected a value"),
    "a comma too many": ('{"a": 1,}', 1, 9, "expected a text in double quotes, on one line"),
    "a comma too many in a list": ("[1,]", 1, 4, "expected a value"),
    "a comma too few": ('{"a": 1\n "b": 2}', 2, 2, 'expected "," or "}"'),
    "a comma too few in a list": ("[1 2]", 1, 4, 'expected "," or "]"'),
    "no end": ('{"a": [', 1, 8, "expected a value"),
    "no end of a text": ('{"a": "b}', 1, 7, "expected a text in double quotes, on one line"),
    "no colon": ('{"a" 1}', 1, 6, 'expected a colon after "a"'),
    "single quotes": ("{'a': 1}", 1, 2, "expected a text in double quotes, on one line"),
    "no quotes": ("{a: 1}", 1, 2, "expected a text in double quotes, on one line"),
    "curly quotes": ("{\u201ca\u201d: 1}", 1, 2, "expected a text in double quotes, on one line"),
    "a comment": ('{"a": 1} // x', 1, 10, "expected the end of the text"),
    "two documents": ("{} {}", 1, 4, "expected the end of the text"),
    "Python's words": ('{"a": True}', 1, 7, "expected a value"),
    "no number": ("[NaN]", 1, 2, "expected a value"),
    "a leading zero": ("[01]", 1, 3, 'expected "," or "]"'),
    "a line break in a text": ('["a\nb"]', 1, 2, "expected a text in double quotes, on one line"),
    "an unknown escape": (r'["\x"]', 1, 2, "expected a text in double quotes, on one line"),
    "a number out of all range": ("[1e99999999999999999999]", 1, 2, "a number out of all range"),
    "a nesting without end": ("[" * 1000, 1, 42, "nested too deeply"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_json(name: str) -> None:
    """A text that is no JSON has one fault, which says where it ends to be JSON and why."""
    text, line, column, why = BROKEN[name]
    (fault,) = check(text, DocumentKind.MANAGED)

    assert (fault.code, fault.path, fault.line, fault.column) == ("bad-json", (), line, column)
    assert fault.summary == f"this is not JSON: line {line}, column {column}: {why}"


def test_numbers_keep_their_digits() -> None:
    """Numbers are read to the last digit, however long."""
    digits = "1234567890" * 60

    assert read_json(f"[{digits}, 0.12345678901234567890]").value == [
        Decimal(digits),
        Decimal("0.12345678901234567890"),
    ]


def test_byte_order_mark() -> None:
    """A mark that editors put before the text is none of it."""
    assert read_json('\ufeff{"a": 1}').value == {"a": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}]))
def test_reads_json_like_the_standard_library(value: object, how: dict[str, Any]) -> None:
    """Any JSON text has the value that Python's own reader gives it."""
    source = read_json(json.dumps(value, **how))

    assert source.faults == ()
    assert source.value == value


@given(st.text(alphabet='{}[]",:\\ \n01tfn.e-x'))
def test_reads_what_the_standard_library_reads(text: str) -> None:
    """What Python's reader refuses is refused, and what it takes is taken; nothing crashes."""
    try:
        expected = json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError):
        assert [fault.code for fault in read_json(text).faults][:1] == ["bad-json"]
    else:
        source = read_json(text)
        assert {fault.code for fault in source.faults} <= {"duplicate-key"}
        assert source.value == expected


def test_parse_takes_text() -> None:
    """A document can be read from its text too."""
    document = parse('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')

    assert [statement.effect for statement in document.statements] == ["Deny"]
