"""`${…}` in texts: values, types, IAM's own variables, escapes, faults."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.engine.config.expressions import (
    BROKEN,
    Each,
    Environment,
    ExpressionError,
    escape,
    interpolate,
    parse,
)
from rolewright.engine.config.origin import Path
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Diagnostic
from support.config import IDENTITY


def _export(address: Address, attribute: str) -> str:
    return f"<{attribute} of {address}>"


ENVIRONMENT = Environment(
    {
        "bucket": "photos",
        "count": 3,
        "half": 0.5,
        "on": True,
        "list": ["a", "b"],
        "map": {"team": {"name": "media"}},
        "broken": BROKEN,
    },
    Each("a", {"path": "/x/", "keys": [1]}),
    IDENTITY,
    _export,
)

VALUES: dict[str, Any] = {
    "no expression": "no expression",
    "${var.bucket}": "photos",
    "${ var.bucket }": "photos",
    "arn:${partition}:s3:::${var.bucket}/*": "arn:aws:s3:::photos/*",
    "${var.count}": 3,
    "${var.half}": 0.5,
    "${var.on}": True,
    "${var.list}": ["a", "b"],
    "${var.map}": {"team": {"name": "media"}},
    "${var.map.team.name}": "media",
    "n-${var.count}-${var.on}-${var.half}": "n-3-true-0.5",
    "${each.key}": "a",
    "${each.value}": {"path": "/x/", "keys": [1]},
    "${each.value.path}": "/x/",
    "${account_id} ${region} ${partition}": "123456789012 eu-west-1 aws",
    "${role.reader.arn}": "<arn of role.reader>",
    "${role.reader.name}s": "<name of role.reader>s",
    "${role.my.reader.arn}": "<arn of role.my.reader>",
    '${role.reader["b"].arn}': '<arn of role.reader["b"]>',
    '${role.reader["a:}b"].arn}': '<arn of role.reader["a:}b"]>',
    '${role.reader["${each.key}"].arn}': '<arn of role.reader["a"]>',
    "${role.reader[each.key].arn}": '<arn of role.reader["a"]>',
    "${permission_policy.read.arn}": "<arn of permission_policy.read>",
    "${aws:PrincipalTag/team}": "${aws:PrincipalTag/team}",
    "${aws:username, 'default'}": "${aws:username, 'default'}",
    "${www.example.com:sub}": "${www.example.com:sub}",
    "a${*}b${?}c${$}": "a${*}b${?}c${$}",
    "${aws:username}/${var.bucket}": "${aws:username}/photos",
    "$${var.bucket}": "${var.bucket}",
    "$${aws:username}": "${aws:username}",
    "a $${b} c": "a ${b} c",
    "$$${var.bucket}": "$${var.bucket}",
    "$ {x} $x }{": "$ {x} $x }{",
}


def _interpolate(
    value: Any, environment: Environment = ENVIRONMENT
) -> tuple[Any, list[tuple[Path, Diagnostic | None]]]:
    found: list[tuple[Path, Diagnostic | None]] = []
    return interpolate(value, environment, lambda *one: found.append(one)), found


@pytest.mark.parametrize("text", VALUES)
def test_value(text: str) -> None:
    """An expression is replaced; one that is a whole text keeps the type of its value."""
    assert _interpolate(text) == (VALUES[text], [])


FAULTS = {
    "${vra.bucket}": 'unknown expression "${vra.bucket}" | did you mean "var"?',
    "${account}": 'unknown expression "${account}" | did you mean "account_id"?',
    "${}": 'unknown expression "${}" | known are ${var.NAME}, ${role.NAME.arn}, '
    "${permission_policy.NAME.arn}, ${each.key}, ${account_id}, ${region}; "
    "$${…} is a literal ${…}",
    "${var}": '"${var}" is not complete | write for example ${var.NAME}',
    "${var.}": '"${var.}" is not complete | write for example ${var.NAME}',
    "${var.a..b}": '"${var.a..b}" is not complete | write for example ${var.NAME}',
    "${each}": '"${each}" is not complete | write for example ${each.key} or ${each.value}',
    "${each.kye}": '"${each.kye}": each has no "kye" | did you mean "key"?',
    "${each.key.x}": '"${each.key.x}": each has no "key" | did you mean "key"?',
    "${region.name}": '"${region.name}" has nothing inside | write ${region}',
    "${role}": '"${role}" is not complete | write for example ${role.NAME.arn}',
    "${role.reader}": '"${role.reader}" is not complete | write for example ${role.NAME.arn}',
    "${role.reader.anr}": '"${role.reader.anr}": a role has no "anr" | did you mean "arn"?',
    "${role.reader.id_}": '"${role.reader.id_}": a role has no "id_" | it has arn and name',
    '${role.reader["\\q"].arn}': '"${role.reader["\\q"].arn}" has a malformed key'
    " | write $${…} for a literal ${…}",
    "a ${var.bucket": '"${var.bucket" has no closing brace | write $${…} for a literal ${…}',
    "${var.bukcet}": 'there is no variable "bukcet" | did you mean "bucket"?',
    "${var.xyz}": 'there is no variable "xyz"'
    " | known are bucket, count, half, on, list, map, broken",
    "${var.map.taem}": '"${var.map.taem}": there is no field "taem" | did you mean "team"?',
    "${var.bucket.x}": '"${var.bucket.x}": the text "photos" has no field "x"'
    " | write $${…} for a literal ${…}",
    "${each.value.pth}": '"${each.value.pth}": there is no field "pth" | did you mean "path"?',
    "a-${var.list}": '"${var.list}" is a list, which can\'t stand inside a text'
    " | let the expression be the whole text, or name a field of the value",
}


@pytest.mark.parametrize("text", FAULTS)
def test_fault(text: str) -> None:
    """What is no expression is left as it is and reported, with what it may have meant."""
    value, found = _interpolate({"a": ["", text]})

    assert value == {"a": ["", text]}
    ((path, finding),) = found
    assert path == ("a", 1)
    assert finding is not None
    assert f"{finding.summary} | {finding.hint}" == FAULTS[text]


def test_fault_that_was_reported_before() -> None:
    """A variable without a good value makes no second finding where it is used."""
    assert _interpolate("x${var.broken}") == ("x${var.broken}", [((), None)])
    assert _interpolate("${var.broken.field}") == ("${var.broken.field}", [((), None)])


@pytest.mark.parametrize("text", ["${account_id}", "${role.a.arn}"])
def test_before_the_account_is_known(text: str) -> None:
    """What depends on the account can't be used in settings."""
    _, found = _interpolate(text, Environment())
    finding = found[0][1]

    assert finding is not None
    assert finding.summary == f'"{text}" can\'t be used here'


def test_each_without_for_each() -> None:
    """`each` has a value only in a block with `for_each`."""
    _, found = _interpolate("${each.key}", Environment())
    finding = found[0][1]

    assert finding is not None
    assert (finding.summary, finding.hint) == (
        '"${each.key}" stands in a block without for_each',
        "add for_each:",
    )


def test_keys_are_no_texts() -> None:
    """Keys of maps are taken as they are."""
    assert _interpolate({"${var.bucket}": "${var.bucket}"}) == ({"${var.bucket}": "photos"}, [])


def test_values_of_variables_are_taken_as_they_are() -> None:
    """A value that looks like an expression is not replaced in turn."""
    environment = Environment({"a": "${var.b}", "b": "c"})

    assert _interpolate("${var.a} ${var.b}", environment) == ("${var.b} c", [])


_TEXTS = st.text() | st.text(alphabet="${}\"[]\\:.,' avr*?") | st.from_regex(r"(\$*\{[^}]*\}?)+")


@given(_TEXTS)
def test_escape_round_trip(text: str) -> None:
    """An escaped text means exactly the text."""
    assert _interpolate(escape(text)) == (text, [])


@given(_TEXTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text whatever makes reading it fail in another way."""
    try:
        parse(text)
    except ExpressionError as error:
        assert error.finding is not None  # noqa: PT017 - either outcome is right
    _interpolate(text)


def test_policy_variables_are_not_escaped() -> None:
    """IAM's own variables need no escape, so that written files read as IAM's documents do."""
    assert escape("${aws:username}-${var.x}") == "${aws:username}-$${var.x}"
