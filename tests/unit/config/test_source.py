"""Reading files: syntax, positions, several files laid together."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.engine.config.slow_parser import SlowParser
from rolewright.engine.config.source import MAX_BYTES, read_file, read_sources
from rolewright.engine.config.syntax import Resolver, compose
from rolewright.engine.config.tree import build
from rolewright.resources.diagnostics import Problem
from support.config import StackFolder

SYNTAX = {
    "unclosed list": (
        "stack: a\nroles: [x\n",
        """
        stack.yaml:3:1: not valid YAML: did not find expected ',' or ']'
          Found while parsing a sequence that begins at line 2.
        """,
    ),
    "tab": (
        "stack: a\nroles:\n\tx: y\n",
        """
        stack.yaml:3:1: not valid YAML: found character that cannot start any token
          Found while scanning for the next token.
          indent with spaces
        """,
    ),
    "bare star": (
        "stack: a\non: [*]\n",
        """
        stack.yaml:2:7: not valid YAML: did not find expected alphabetic or numeric character
          Found while scanning an alias.
          put a text that begins with * in quotes: "*"
        """,
    ),
    "bare expression": (
        "stack: a\nroles: [${var.x}]\n",
        """
        stack.yaml:2:10: not valid YAML: did not find expected ',' or ']'
          Found while parsing a sequence.
          inside [ ] and { } put expressions in quotes: "${…}"
        """,
    ),
    "colon in text": (
        "stack: a\ndescription: a: b\n",
        """
        stack.yaml:2:15: not valid YAML: mapping values are not allowed in this context
          put a text that holds ": " in quotes
        """,
    ),
    "two documents": (
        "stack: a\n---\nstack: b\n",
        """
        stack.yaml:2:1: not valid YAML: a second document begins here
          keep one document a file: remove the line ---
        """,
    ),
    "unknown alias": (
        "stack: *a\n",
        """
        stack.yaml:1:8: not valid YAML: found undefined alias
          put a text that begins with * in quotes: "*"
        """,
    ),
    "control character": (
        "stack: a\nx: \x07\n",
        "stack.yaml:2:4: not valid YAML: control characters are not allowed",
    ),
    "too deep": (
        "[" * 50_000,
        "stack.yaml:1:1: nested more than 100 levels deep",
    ),
    "deep in one line": (
        "- " * 50_000,
        "stack.yaml:1:1: nested more than 100 levels deep",
    ),
    "alias of itself": (
        "stack: &a [*a]\n",
        """
        stack.yaml:1:8: nested more than 100 levels deep
          aliases count each time they are used
        """,
    ),
    "foreign tag": (
        "stack: !!python/name:os.system a\n",
        """
        stack.yaml:1:8: the tag "tag:yaml.org,2002:python/name:os.system" is not accepted here
          remove it
        """,
    ),
    "value not of its tag": (
        "stack: a\nregion: !!int b\n",
        'stack.yaml:2:9: "b" is not of the type int',
    ),
    "key that is a list": ("stack: a\n? [b]\n: c\n", "stack.yaml:2:3: a key must be a plain text"),
    "merge of a text": (
        "stack: a\ntags:\n  <<: b\n",
        "stack.yaml:3:7: << takes a map, or a list of maps",
    ),
    "duplicate key": (
        """
        stack: a
        roles:
          reader: {trust: {services: [ec2.amazonaws.com]}}
          writer: {trust: {services: [ec2.amazonaws.com]}}
          reader: {trust: {services: [ec2.amazonaws.com]}}
        """,
        """
        stack.yaml:5:3: "reader" is defined twice
          keep one of the two; the first is at stack.yaml:3:3
        """,
    ),
    "empty": (
        "# nothing\n",
        """
        stack.yaml:1:1: stack.yaml is empty
          write stack: NAME, or start from rolewright init
        """,
    ),
    "a list": ("- a\n", "stack.yaml:1:1: a stack file is a map that begins with stack: NAME"),
    "section that is a list": (
        "stack: a\nroles: [b]\n",
        "stack.yaml:2:1: expected names with their content under roles",
    ),
    "list that is a map": (
        "stack: a\nmoved: {b: c}\n",
        "stack.yaml:2:1: expected a list under moved",
    ),
}


@pytest.mark.parametrize("case", SYNTAX)
def test_bad_file(folder: StackFolder, case: str) -> None:
    """Whatever is wrong with a file is said with its place, and with what helps."""
    text, expected = SYNTAX[case]

    assert dedent(expected).strip() == folder.faults(text)


JSON = {
    "missing comma": ('{"stack": "a"\n "region": "b"}', "2:2: not valid JSON: expected , or }"),
    "trailing comma": ('{"stack": "a",}', "1:15: not valid JSON: expected a key in double quotes"),
    "comment": ('{"stack": "a"} // b', "1:16: not valid JSON: expected the end of the file"),
    "bare word": ('{"stack": a}', "1:11: not valid JSON: expected a value"),
    "unclosed text": ('{"stack": "a', "1:11: not valid JSON: unterminated string starting at"),
    "missing colon": ('{"stack" "a"}', "1:10: not valid JSON: expected : after the key"),
    "too deep": ("[" * 50_000, "1:1: nested more than 100 levels deep"),
}


@pytest.mark.parametrize("case", JSON)
def test_bad_json(folder: StackFolder, case: str) -> None:
    """A `.json` file is held to JSON, with places."""
    text, expected = JSON[case]

    assert folder.faults(text, "stack.json") == f"stack.json:{expected}"


def test_json_with_tabs_and_surrogates(folder: StackFolder) -> None:
    """JSON is read whole, including what YAML's parser refuses."""
    file = folder.write('\t{\n\t"stack": "a",\n\t"tags": {"b": "\\ud83d\\ude00"}\n}', "stack.json")

    top, faults = read_file(file)

    assert faults == []
    assert top.value == {"stack": "a", "tags": {"b": "😀"}}
    assert (top.source(("tags", "b")).line, top.source(("tags", "b")).column) == (3, 16)


def test_scalars_are_read_as_in_yaml_1_2(folder: StackFolder) -> None:
    """Words such as `on` and dates stay texts, and a number with leading zeros too."""
    file = folder.write(
        """
        on: yes
        version: 2012-10-17
        account: 012345678901
        numbers: [0, -1, 1.5, 1e3, 0x10, 1_000]
        truths: [true, False, no]
        nothing: [~, null, ]
        quoted: ["1", 'true']
        tagged: !!str 1
        endless: [.inf, 1e999]
        """
    )

    assert read_file(file)[0].value == {
        "on": "yes",
        "version": "2012-10-17",
        "account": "012345678901",
        "numbers": [0, -1, 1.5, 1000.0, "0x10", "1_000"],
        "truths": [True, False, "no"],
        "nothing": [None, None],
        "quoted": ["1", "true"],
        "tagged": "1",
        "endless": [".inf", "1e999"],
    }


def test_anchors_and_merge_keys(folder: StackFolder) -> None:
    """A merged map lends its entries where there are none; a fault in one is where it stands."""
    file = folder.write(
        """
        base: &base {a: 1, b: 2}
        other: &other
          c: 3
        one:
          <<: [*base, *other]
          b: 4
        """
    )

    top, faults = read_file(file)

    assert faults == []
    assert top.value["one"] == {"b": 4, "a": 1, "c": 3}
    assert str(top.source(("one", "c"))).endswith("stack.yaml:3:6")


def test_aliases_can_not_blow_up(folder: StackFolder) -> None:
    """A small file whose aliases make a huge value is refused before the memory is full."""
    lines = ["stack: a", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join(10 * [f'*a{n - 1}'])}]" for n in range(1, 9)]

    assert "more than 1,000,000 values" in folder.faults("\n".join(lines))


def test_places_of_keys_and_values(folder: StackFolder) -> None:
    """A scalar stands at its own place, a map or list at its key, an item at its own."""
    file = folder.write(
        """
        roles:
          reader:
            trust: ec2
            tags:
              team: media
            paths:
              - one
              - two: 2
            empty:
        """
    )
    top, _ = read_file(file)

    def at(*path: str | int, key: bool = False) -> str:
        return str(top.source(path, key=key)).rpartition("stack.yaml:")[2]

    assert at("roles") == "1:1"
    assert at("roles", "reader") == "2:3"
    assert at("roles", "reader", "trust") == "3:12"
    assert at("roles", "reader", "trust", key=True) == "3:5"
    assert at("roles", "reader", "tags", "team") == "5:13"
    assert at("roles", "reader", "paths", 0) == "7:9"
    assert at("roles", "reader", "paths", 1, "two") == "8:14"
    assert at("roles", "reader", "empty") == "9:5"
    assert at("roles", "reader", "absent") == "2:3"
    assert at("roles", "reader", "trust", "absent") == "3:12"
    assert at("roles", "reader", "paths", 7) == "6:5"


def test_missing_file(folder: StackFolder) -> None:
    """A file that isn't there is named, with the command that makes one."""
    with pytest.raises(Problem) as caught:
        read_sources(folder.path / "rolewright.yaml")

    assert folder.say(caught.value.diagnostics) == (
        "there is no file rolewright.yaml\n  rolewright init writes a first one; -c names another"
    )


def test_missing_file_with_a_near_one(folder: StackFolder) -> None:
    """Where a file of nearly that name exists, it is named."""
    folder.write("stack: a", "rolewright.yml")

    with pytest.raises(Problem) as caught:
        read_sources(folder.path / "rolewright.yaml")

    assert caught.value.diagnostics[0].hint == 'did you mean "rolewright.yml"?'


def test_folder_without_files(folder: StackFolder) -> None:
    """A folder without stack files says which names are read."""
    folder.write("x", "readme.md")
    folder.write("stack: a", ".hidden.yaml")

    said = folder.faults()

    assert "holds no stack file\n  Of a folder, every *.yaml, *.yml, *.json is read." in said


def test_not_utf_8(folder: StackFolder) -> None:
    """A file in another encoding is refused at the first byte that shows it."""
    file = folder.path / "stack.yaml"
    file.write_bytes(b"stack: a\nx: caf\xe9\n")

    assert folder.faults() == "stack.yaml:2:7: byte 0xe9 is not UTF-8\n  save it as UTF-8"


def test_byte_order_mark(folder: StackFolder) -> None:
    """The mark that some editors write before UTF-8 is no part of the first key."""
    (folder.path / "stack.yaml").write_bytes(b"\xef\xbb\xbfstack: a\n")

    assert folder.faults() == ""


def test_too_large(folder: StackFolder) -> None:
    """A file of an unlikely size is not read."""
    (folder.path / "stack.yaml").write_bytes(b"#" * (MAX_BYTES + 1))

    assert folder.faults().startswith("stack.yaml:1:1: stack.yaml is larger than 10,000,000 bytes")


def test_unreadable_file(folder: StackFolder) -> None:
    """What is no file, or may not be read, is said in the system's words."""
    (folder.path / "a.yaml").symlink_to(folder.path)

    with pytest.raises(Problem) as caught:
        read_file(folder.path / "a.yaml")

    assert "can't be read: Is a directory" in caught.value.diagnostics[0].summary


def test_files_of_a_folder_are_laid_together(folder: StackFolder) -> None:
    """Sections of several files add up, in YAML and JSON alike."""
    folder.write("stack: a\nroles:\n  one: {trust: t}", "a.yaml")
    folder.write("roles:\n  two: {trust: t}\nremoved: [role.x]", "b.yml")
    folder.write(
        '{"trust_policies": {"t": {"services": ["ec2.amazonaws.com"]}}, "removed": ["role.y"]}',
        "c.json",
    )

    desired = folder.resolve()

    assert sorted(map(str, desired.resources)) == ["role.one", "role.two", "trust_policy.t"]
    assert sorted(map(str, desired.removed)) == ["role.x", "role.y"]


def test_names_defined_in_two_files(folder: StackFolder) -> None:
    """A name or a setting that two files define is an error with both places."""
    folder.write("stack: a\ntags: {b: c}\nroles:\n  one: {trust: t}", "a.yaml")
    folder.write("stack: a\ntags: {b: d}\nroles:\n  one: {trust: t}", "b.yaml")
    folder.write("trust_policies: {t: {services: [ec2.amazonaws.com]}}", "c.yaml")

    assert (
        folder.faults()
        == dedent("""
        b.yaml:1:1: "stack" is defined twice
          keep one of the two; the first is at a.yaml:1:1
        b.yaml:2:8: "tags: b" is defined twice
          keep one of the two; the first is at a.yaml:2:8
        b.yaml:4:3: "roles: one" is defined twice
          keep one of the two; the first is at a.yaml:4:3
        """).strip()
    )


def test_all_unreadable_files_are_reported(folder: StackFolder) -> None:
    """One run names every file with bad syntax, and nothing that only follows from that."""
    folder.write("stack: a\nroles:\n  one: {trust: t}", "a.yaml")
    folder.write("b: [", "b.yaml")
    folder.write("{", "c.json")

    said = folder.faults().splitlines()

    assert [line.partition(" ")[0] for line in said if line[0] != " "] == [
        "b.yaml:2:1:",
        "c.json:1:2:",
    ]


def test_policy_documents_among_stack_files(folder: StackFolder) -> None:
    """A policy document in the folder of the stack is for `document_file` to name, not for us."""
    folder.write("stack: a\nroles: {one: {trust: {document_file: trust.json}}}", "a.yaml")
    folder.write(
        """
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
         "Principal": {"Service": "ec2.amazonaws.com"}}]}
        """,
        "trust.json",
    )
    alone = folder.faults('{"Statement": []}', "policy.json").splitlines()

    assert sorted(map(str, folder.resolve().resources)) == ["role.one"]
    assert alone == [
        'policy.json:1:1: the key "stack" is missing',
        'policy.json:1:2: unknown key "Statement"',
        "  this is a policy document: name its file under document_file",
    ]


def test_empty_file_among_others(folder: StackFolder) -> None:
    """A file of a folder may be empty, as long as another one isn't."""
    folder.write("# later", "a.yaml")
    folder.write("stack: a", "b.yaml")

    assert folder.faults() == ""


def test_misspelt_settings(folder: StackFolder) -> None:
    """A misspelt setting is one finding, whether or not the right one stands beside it."""
    said = folder.faults("stakc: a\nregion: us-east-1\nregoin: us-east-1")

    assert said.splitlines() == [
        'stack.yaml:1:1: unknown key "stakc"',
        '  did you mean "stack"?',
        'stack.yaml:3:1: unknown key "regoin"',
        '  did you mean "region"?',
    ]


class _Slow(Resolver, SlowParser):
    pass


def _marks(node: Any) -> list[tuple[int, int, str]]:
    mark = (node.start_mark.line, node.start_mark.column, node.tag)
    if isinstance(node.value, str):
        return [mark]
    items = [item for pair in node.value for item in (pair if isinstance(pair, tuple) else (pair,))]
    return [mark, *(mark for item in items for mark in _marks(item))]


def test_parser_without_libyaml() -> None:
    """PyYAML's own parser, used where libyaml is missing, composes the same nodes."""
    text = "a: [b, {c: d}]\ne: |\n  f\n"

    slow, quick = _marks(_Slow(text).get_single_node()), _marks(compose(text, "", json=False))

    assert slow == quick


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_json_is_read_as_json_reads_it(value: Any) -> None:
    """For any JSON, reading with places gives the value that Python's own reader gives."""
    text = json.dumps(value)

    top, faults = build(compose(text, "x", json=True), "x")

    assert faults == []
    assert top.value == value


@given(st.text() | st.text(alphabet="ab:-?&*!|>%@`{}[],#'\"\n \t<~.0"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text whatever makes the reader fail in another way than with a problem."""
    for json_text in (False, True):
        try:
            build(compose(text, "x", json=json_text), "x")
        except Problem:
            continue


def test_path_is_shown_as_it_was_given(
    folder: StackFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is called what the user called it."""
    folder.write("stack: [", "a.yaml")
    monkeypatch.chdir(folder.path)

    with pytest.raises(Problem) as caught:
        read_sources(Path("a.yaml"))

    assert str(caught.value.diagnostics[0].source) == "a.yaml:2:1"
