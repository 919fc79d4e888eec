"""The lines of a journal."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from rolewright.state import entries
from rolewright.state.document import State
from rolewright.state.entries import Entry, Outcome, decode_entry, encode_entry
from rolewright.state.redaction import redact
from unit.state import worlds
from unit.state.worlds import (
    address,
    done,
    ended,
    failed,
    intended,
    make_record,
    resumed,
    started,
    step,
)

ALL: list[Entry] = [
    started(plan={"changes": [{"address": "role.reader"}]}),
    resumed(),
    intended(1),
    intended(2, undo_of=1, index=3),
    done(1, RoleId="AROA", nested={"a": [1]}),
    failed(2, uncertain=True),
    step("role.reader", make_record(dependencies=(address("trust_policy.t"),))),
    step("role.reader", None),
    step('role.b["x"]', make_record("b"), moved_from="role.a"),
    ended(Outcome.ROLLBACK_INCOMPLETE, "role.reader: iam:DeleteRole"),
]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.tag)
def test_round_trip(entry: Entry) -> None:
    """Every entry is one line, and is read as what was written."""
    line = encode_entry(entry)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert entry == decode_entry(line)


@given(worlds.journals())
def test_any_entry_survives(journal: tuple[State, list[Entry]]) -> None:
    """So are entries with any attributes, but for the secrets in them."""
    for entry in journal[1]:
        values = {field.name: getattr(entry, field.name) for field in fields(entry)}
        plain = {
            key: redact(value) if isinstance(value, dict) else value
            for key, value in values.items()
        }

        assert type(entry)(**plain) == decode_entry(encode_entry(entry))


def test_every_class_can_be_read() -> None:
    """No entry has a field of a type that nobody reads, and each class has its own tag."""
    classes = {type(entry) for entry in ALL}

    assert classes == set(entries._CLASSES.values())
    for cls in classes:
        assert {str(field.type) for field in fields(cls)} <= set(entries._READERS)


def test_secrets_do_not_reach_the_line() -> None:
    """Parameters, answers and the plan go through the guard; state records stay as they are."""
    password = {"Password": "hunter2"}
    lines = [
        encode_entry(intended(1, parameters=password)),
        encode_entry(done(1, **password)),
        encode_entry(started(plan={"calls": [password]})),
    ]
    record = make_record(desired={"tags": password, "x": password})

    assert not any(b"hunter2" in line for line in lines)
    assert record == decode_entry(encode_entry(step("role.a", record))).record  # type: ignore[union-attr]


def line_with(**changes: Any) -> bytes:
    values = {**json.loads(encode_entry(failed(1))), **changes}
    return json.dumps({key: value for key, value in values.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "Expecting property name"),
        (b"[1]", "it is no JSON object"),
        (b"{}", "it is of no known type"),
        (line_with(type="call_lost"), "it is of no known type"),
        (line_with(type=["call_failed"]), "it is of no known type"),
        (line_with(seq="1"), "seq: is no integer"),
        (line_with(seq=True), "seq: is no integer"),
        (line_with(code=1), "code: is no text"),
        (line_with(uncertain=0), "uncertain: is neither true nor false"),
        (line_with(code=..., at=...), "it lacks at, code"),
        (line_with(colour="red"), "it has unknown keys: colour"),
        (encode_entry(intended(1)).replace(b"role.reader", b"reader"), "is not an address"),
        (encode_entry(ended()).replace(b"applied", b"appalled"), "outcome: "),
        (encode_entry(ended()).replace(b'"left":[]', b'"left":{}'), "left: is no list"),
        (encode_entry(done(1)).replace(b'"answer":{}', b'"answer":[]'), "answer: is no object"),
        (encode_entry(step("role.a", make_record())).replace(b'"arn"', b'"arm"'), "record: "),
    ],
)
def test_strange_line_is_refused(line: bytes, message: str) -> None:
    """What nobody wrote is not read as something else."""
    with pytest.raises(ValueError, match=message):
        decode_entry(line)


def test_only_an_incomplete_rollback_is_unsettled() -> None:
    """All other ends leave nothing to recover."""
    assert [found for found in Outcome if not found.settled] == [Outcome.ROLLBACK_INCOMPLETE]
