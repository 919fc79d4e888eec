"""Variables: where values come from, their types, and what is said of wrong ones."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from support.config import StackFolder

DECLARED = """
    stack: a
    variables:
      text: {default: "d"}
      number: {type: number, default: 1}
      truth: {type: bool, default: false}
      items: {type: list, default: []}
      pairs: {type: map, default: {}}
    """


def _values(folder: StackFolder, **inputs: Any) -> dict[str, Any]:
    return dict(folder.load(DECLARED, **inputs).variables)


def test_defaults(folder: StackFolder) -> None:
    """A variable that nobody sets has its default."""
    expected = {"text": "d", "number": 1, "truth": False, "items": [], "pairs": {}}

    assert _values(folder) == expected


def test_environment(folder: StackFolder) -> None:
    """The environment's texts are read as what the variable takes; unknown ones are not ours."""
    values = _values(
        folder,
        environ={
            "RW_VAR_text": "1",
            "RW_VAR_number": "2.5",
            "RW_VAR_truth": "true",
            "RW_VAR_items": '["a", 1]',
            "RW_VAR_pairs": "{a: {b: c}}",
            "RW_VAR_other": "x",
        },
    )

    assert values == {
        "text": "1",
        "number": 2.5,
        "truth": True,
        "items": ["a", 1],
        "pairs": {"a": {"b": "c"}},
    }


def test_later_wins(folder: StackFolder) -> None:
    """The environment beats the default, files the environment, later ones earlier, `--var` all."""
    folder.write("number: 3\ntext: one\nitems: [one]", "vars/one.yaml")
    folder.write('{"text": "two", "items": ["two"]}', "vars/two.json")

    values = _values(
        folder,
        environ={"RW_VAR_text": "zero", "RW_VAR_number": "0", "RW_VAR_truth": "true"},
        files=["vars/one.yaml", "vars/two.json"],
        variables=["items=[x]", "items=[three, 3]"],
    )

    assert values == {
        "text": "two",
        "number": 3,
        "truth": True,
        "items": ["three", 3],
        "pairs": {},
    }


def test_value_with_equals_sign(folder: StackFolder) -> None:
    """Only the first equals sign parts name and value."""
    assert _values(folder, variables=["text=a=b"])["text"] == "a=b"


def test_wrong_values(folder: StackFolder) -> None:
    """A value of the wrong type is said with where it is, and where the variable is declared."""
    folder.write("truth: maybe\nnumber: '5'\ntext: 5\nitems: {a: b}", "vars/wrong.yaml")

    said = folder.faults(
        DECLARED,
        environ={"RW_VAR_pairs": "[x]"},
        files=["vars/wrong.yaml"],
        variables=["number=five"],
    )

    assert (
        said
        == dedent("""
        stack.yaml:4:3: the variable "number" takes a number, and --var is the text "five"
        stack.yaml:7:3: the variable "pairs" takes a map, and RW_VAR_pairs is the text "[x]"
          write it as JSON: {"a": 1}
        vars/wrong.yaml:1:8: the variable "truth" takes true or false, and vars/wrong.yaml is the text "maybe"
          It is declared at stack.yaml:5:3.
        vars/wrong.yaml:3:7: the variable "text" takes text, and vars/wrong.yaml is the number 5
          It is declared at stack.yaml:3:3.
          put it in quotes: "5"
        vars/wrong.yaml:4:1: the variable "items" takes a list, and vars/wrong.yaml is a map
          It is declared at stack.yaml:6:3.
          write it as JSON: ["a", "b"]
        """).strip()
    )


def test_unknown_names(folder: StackFolder) -> None:
    """A name that the stack doesn't declare is refused, with the nearest one."""
    folder.write("nubmer: 5", "vars/wrong.yaml")

    said = folder.faults(DECLARED, files=["vars/wrong.yaml"], variables=["txet=a", "zzz=b", "text"])

    assert (
        said
        == dedent("""
        --var "text" gives no value
          write --var NAME=VALUE
        there is no variable "txet"
          did you mean "text"?
        there is no variable "zzz"
          known are text, number, truth, items, pairs
        vars/wrong.yaml:1:1: there is no variable "nubmer"
          did you mean "number"?
        """).strip()
    )


def test_bad_files(folder: StackFolder) -> None:
    """A file of variables that isn't there, is broken or is no map is refused."""
    folder.write("[", "vars/broken.yaml")
    folder.write("- a", "vars/list.yaml")
    folder.write("", "vars/empty.yaml")
    names = ["absent", "broken", "list", "empty"]

    said = folder.faults(DECLARED, files=[f"vars/{name}.yaml" for name in names])

    assert (
        said
        == dedent("""
        there is no file vars/absent.yaml
          see --var-file
        vars/broken.yaml:2:1: not valid YAML: did not find expected node content
          Found while parsing a node.
        vars/list.yaml:1:1: a file of variables is a map of names and values
        """).strip()
    )


DECLARATIONS = {
    "no value": (
        "needed: {type: number}",
        """
        3:3: the variable "needed" has no value
          give it with --var needed=…, with RW_VAR_needed, or as its default
        """,
    ),
    "nothing at all": (
        "needed:",
        """
        3:3: the variable "needed" has no value
          give it with --var needed=…, with RW_VAR_needed, or as its default
        """,
    ),
    "unknown type": (
        "a: {type: strng}",
        """
        3:13: type can't be the text "strng"
          It is one of string, number, bool, list, map.
          did you mean "string"?
        """,
    ),
    "unknown key": (
        "a: {defualt: b}",
        """
        3:7: unknown key "defualt"
          did you mean "default"?
        """,
    ),
    "wrong default": (
        "a: {type: list, default: b}",
        """
        3:28: the variable "a" takes a list, and its default is the text "b"
          write it as JSON: ["a", "b"]
        """,
    ),
    "truth is no number": (
        "a: {type: number, default: true}",
        '3:30: the variable "a" takes a number, and its default is true',
    ),
    "value instead of declaration": (
        "a: photos",
        """
        3:3: the variable "a" is the text "photos", and a map was expected
          write a: {type: string, default: …}
        """,
    ),
    "bad name": (
        "a.b: {default: c}",
        """
        3:3: "a.b" can't name a variable
          begin it with a letter, and use letters, digits, _ and -
        """,
    ),
    "computed default": (
        "a: {default: 'x-${region}'}",
        """
        3:16: the default of the variable "a" can't be computed
          Expressions in a value are not replaced.
          write the expression where the variable is used
        """,
    ),
}


@pytest.mark.parametrize("case", DECLARATIONS)
def test_bad_declaration(folder: StackFolder, case: str) -> None:
    """A wrong declaration is one finding, however often the variable is used."""
    declaration, expected = DECLARATIONS[case]
    name = declaration.partition(":")[0]
    uses = f"tags: {{b: '${{var.{name}}}', c: '${{var.{name}}}'}}" if "." not in name else ""

    said = folder.faults(f"stack: a\nvariables:\n  {declaration}\n{uses}\n")

    assert said == f"stack.yaml:{dedent(expected).strip()}"


def test_policy_variables_in_defaults(folder: StackFolder) -> None:
    """IAM's own variables may stand in a default."""
    text = "stack: a\nvariables: {a: {default: '${aws:username}'}}\ntags: {b: 'x${var.a}'}"

    assert folder.resolve(text).settings.tags == {"b": "x${aws:username}"}


def test_variables_in_settings(folder: StackFolder) -> None:
    """Settings may be made of variables, so that one file serves several accounts."""
    text = """
        stack: app-${var.stage}
        region: ${var.region}
        allowed_accounts: ["${var.account}"]
        assume_role: {role_arn: "arn:aws:iam::${var.account}:role/deployer"}
        variables:
          stage: {default: test}
          region: {default: eu-west-1}
          account: {default: "123456789012"}
        """
    settings = folder.load(text).settings

    assert settings.stack == "app-test"
    assert settings.region == "eu-west-1"
    assert settings.allowed_accounts == ("123456789012",)
    assert settings.assume_role is not None
    assert settings.assume_role.role_arn == "arn:aws:iam::123456789012:role/deployer"
    assert settings.variables["stage"].default == "test"
