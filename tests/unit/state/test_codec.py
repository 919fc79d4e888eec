"""The state file's bytes: canonical out, untrusting in."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec
from rolewright.state.document import State
from unit.state import worlds
from unit.state.worlds import address, codes, make_record, make_state, shown

FILE = Path("somewhere/state.json")


def rewritten(state: State, **changes: Any) -> bytes:
    """The state's file with keys changed, None taking one away, and a checksum that fits."""
    document = {**json.loads(codec.encode(state)), **changes}
    document = {key: value for key, value in document.items() if value is not None}
    document.pop("checksum", None)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps({**document, "checksum": codec._checksum(text)}).encode()


def refused(data: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        codec.decode(data, file=FILE)
    return caught.value


@given(worlds.states())
def test_round_trip(state: State) -> None:
    """What was written is what is read, to the last attribute."""
    assert state == codec.decode(codec.encode(state))


@given(worlds.states())
def test_bytes_are_plain_sorted_json(state: State) -> None:
    """The pieces are put together to exactly what the standard encoder writes."""
    data = codec.encode(state)
    text = json.dumps(json.loads(data), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    assert text.encode("utf-8", "backslashreplace") == data


@given(worlds.states(), st.randoms())
def test_bytes_do_not_depend_on_order(state: State, random: Any) -> None:
    """Shuffled resources and attributes give the same file."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = list(value.items())
            random.shuffle(items)
            return {key: shuffled(inner) for key, inner in items}
        return [shuffled(inner) for inner in value] if isinstance(value, list) else value

    other = codec.decode(json.dumps(shuffled(json.loads(codec.encode(state)))).encode())

    assert codec.encode(state) == codec.encode(other)


@given(worlds.states(), worlds.states())
def test_encoder_remembers_nothing_wrong(one: State, two: State) -> None:
    """An encoder that has seen other states writes what a new one writes."""
    encoder = codec.Encoder()
    encoder.encode(one)

    mixed = State(**{**_fields(two), "resources": {**one.resources, **two.resources}})

    assert codec.encode(mixed) == encoder.encode(mixed)
    assert codec.encode(two) == encoder.encode(two)


def _fields(state: State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in State.__slots__}


@given(worlds.states(), st.data())
def test_no_altered_byte_goes_unseen(state: State, data: st.DataObject) -> None:
    """A file with one byte changed is refused, or says the same in other white space."""
    good = bytearray(codec.encode(state))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))

    try:
        read = codec.decode(bytes(good))
    except Problem:
        return
    assert state == read


@given(worlds.states(), st.data())
def test_no_cut_file_is_read(state: State, data: st.DataObject) -> None:
    """A file that ends early is refused, but for the newline at its end."""
    good = codec.encode(state)
    length = data.draw(st.integers(0, len(good) - 2))

    with pytest.raises(Problem):
        codec.decode(good[:length])


def test_file_is_for_people() -> None:
    """Two spaces a level, keys in order, letters as they are."""
    state = make_state("café")

    lines = codec.encode(state).decode().splitlines()

    assert lines[:2] == ["{", '  "account_id": "123456789012",']
    assert '    "role.café": {' in lines
    assert lines[-2] == '  "stack": "photo-archive"'


def test_import_is_only_told_of_what_was_imported() -> None:
    """A state without imports is what it was before there were any, to the byte."""
    made, imported = make_record(), make_record(imported=True, untagged=True)

    assert not {"imported", "untagged"} & codec.encode_record(made).keys()
    assert codec.decode_record(codec.encode_record(made)) == made
    assert codec.decode_record(codec.encode_record(imported)) == imported


def test_any_mapping_is_an_object() -> None:
    """A read-only view of a dict is written as the dict."""
    plain = make_record()
    view = make_record(desired=MappingProxyType(dict(plain.desired)))

    assert codec.encode_record(plain)["desired"] == plain.desired
    assert codec.encode(make_state("reader")) == codec.encode(
        make_state().with_record(address("role.reader"), view)
    )


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_what_is_not_json_is_a_fault(value: object) -> None:
    """Attributes that JSON can't hold stop the encoder instead of becoming something else."""
    state = make_state().with_record(address("role.a"), make_record(desired={"x": value}))

    with pytest.raises((TypeError, ValueError)):
        codec.encode(state)


def test_lone_surrogate_survives() -> None:
    """Text that has no UTF-8 form is escaped, not lost, and stops nothing."""
    state = make_state().with_record(address("role.a"), make_record(desired={"x": "\udc80"}))

    assert state == codec.decode(codec.encode(state))


@pytest.mark.parametrize(
    ("data", "summary", "line"),
    [
        (b"", "the state file is empty", 1),
        (b" \n", "the state file is empty", 2),
        (b'{\n "a": 1,\n', "the state file is not JSON: Expecting property name", 3),
        (b"\xff\xfe", "the state file is not JSON: 'utf-8' codec can't decode", 1),
        (b"[" * 100_000, "the state file is not JSON: ", 1),
        (b"9" * 5000, "the state file is not JSON: ", 1),
        (b"[]", "is not a rolewright state: it is no JSON object", 1),
        (b"{}", "is not a rolewright state: it has no format number", 1),
        (b'{"format": true}', "it has no format number", 1),
        (b'{"format": 0}', "it has no format number", 1),
        (b'{"format": "1"}', "it has no format number", 1),
    ],
)
def test_broken_file_is_refused(data: bytes, summary: str, line: int) -> None:
    """What is no state is refused with the place, and with where good copies are."""
    problem = refused(data)

    (found,) = problem.diagnostics
    assert found.code == "state-broken"
    assert summary in found.summary
    assert found.source is not None
    assert (str(FILE), line) == (found.source.file, found.source.line)
    assert "`rolewright state history`" in found.hint


def test_newer_format_is_refused() -> None:
    """A file of a later release says so, whatever else it holds."""
    problem = refused(b'{"format": 2, "surprise": []}')

    assert codes(problem) == ["state-too-new"]
    assert "has format 2, and this rolewright knows up to 1" in shown(problem)
    assert "upgrade rolewright" in shown(problem)


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        ((b'"serial": 1', b'"serial": 2'), "the state file does not match its checksum"),
        ((b'"checksum"', b'"checksun"'), "the state file has no checksum"),
    ],
)
def test_edited_file_is_refused(change: tuple[bytes, bytes], summary: str) -> None:
    """A hand on the file shows."""
    problem = refused(codec.encode(make_state("a")).replace(*change))

    assert codes(problem) == ["state-checksum"]
    assert summary in shown(problem)
    assert "edited by hand, or damaged" in shown(problem)


def test_every_malformed_key_is_named() -> None:
    """All that is wrong with a file is said at once, each with its place."""
    record = {**codec.encode_record(make_record("a")), "kind": 7, "colour": "red"}
    del record["prior"]

    problem = refused(rewritten(make_state(), resources={"role.a": record}, serial="1", stack=None))

    assert codes(problem) == ["state-malformed"] * 5
    summaries = "\n".join(found.summary for found in problem.diagnostics)
    assert '["resources"]["role.a"]["prior"]: Field required' in summaries
    assert '["resources"]["role.a"]["kind"]: Input should be a valid string' in summaries
    assert '["resources"]["role.a"]["colour"]: Extra inputs are not permitted' in summaries
    assert '["serial"]: Input should be a valid integer' in summaries
    assert '["stack"]: Field required' in summaries


@pytest.mark.parametrize("name", ["reader", "role.", "Role.x", 'role.a["'])
def test_strange_address_is_malformed(name: str) -> None:
    """A resource under what is no address is refused by its name."""
    record = codec.encode_record(make_record("a"))

    problem = refused(rewritten(make_state(), resources={name: record}))

    assert codes(problem) == ["state-malformed"]
    assert "is not an address" in shown(problem)


def test_strange_dependency_is_malformed() -> None:
    """So is a dependency that is no address."""
    record = {**codec.encode_record(make_record("a")), "dependencies": ["?"]}

    problem = refused(rewritten(make_state(), resources={"role.a": record}))

    assert codes(problem) == ["state-malformed"]


def test_invalid_content_is_refused_though_its_checksum_fits() -> None:
    """The rules of `integrity` hold for what is read."""
    assert codes(refused(rewritten(make_state(), lineage="x"))) == ["state-invalid"]


def test_reformatted_file_is_read() -> None:
    """White space is not content: the checksum is of what the file says."""
    state = make_state("a")

    assert state == codec.decode(json.dumps(json.loads(codec.encode(state))).encode())


def test_record_of_something_else_is_a_value_error() -> None:
    """A journal line without a proper record can be told from one with."""
    with pytest.raises(ValueError, match="kind"):
        codec.decode_record({"id": "a"})
