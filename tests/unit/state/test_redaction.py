"""What never reaches the journal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from rolewright.state.redaction import redact, redacted
from unit.state import worlds

LAMBDA = {"Environment": {"Variables": {"TOKEN": "t", "name": "kept"}}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"SecretAccessKey": "x", "AccessKeyId": "y"},
            {"SecretAccessKey": "***", "AccessKeyId": "y"},
        ),
        ({"Credentials": {"SessionToken": "x"}}, {"Credentials": {"SessionToken": "***"}}),
        ([{"password": ["a", "b"]}], [{"password": "***"}]),
        (
            {"secret_access_key": "x", "Secret-Key": 3},
            {"secret_access_key": "***", "Secret-Key": "***"},
        ),
        ({"Password": None}, {"Password": None}),
        ({"MaxPasswordAge": 3, "TokenCode": "1"}, {"MaxPasswordAge": 3, "TokenCode": "1"}),
        ({"tags": {"password": "public"}}, {"tags": {"password": "public"}}),
        (
            {"environment": [{"name": "DB_PASSWORD", "value": "x"}]},
            {"environment": [{"name": "DB_PASSWORD", "value": "***"}]},
        ),
        ({"Environment": {"Variables": {"A": "x"}}}, {"Environment": {"Variables": {"A": "***"}}}),
        ({"variables": {"bucket": "photos"}}, {"variables": {"bucket": "photos"}}),
    ],
)
def test_secrets_are_replaced(value: Any, expected: Any) -> None:
    """Secrets go by the name of their key, environment variables all of them; tags stay."""
    assert expected == redact(value)


@pytest.mark.parametrize("value", [{"a": [{"Password": "x"}]}, {"environment": {"A": "x"}}])
def test_what_was_replaced_can_be_told(value: Any) -> None:
    """A value with something missing must not be sent to AWS, so it says so."""
    assert not redacted(value)
    assert redacted(redact(value))


@given(worlds.attrs)
def test_once_is_enough(value: Any) -> None:
    """Replacing twice changes nothing more, and nothing is replaced where nothing is secret."""
    once = redact(value)

    assert once == redact(once)
    assert once == value or redacted(once)
