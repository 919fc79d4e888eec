"""CloudFormation templates as text or objects, and what their functions come to."""

from __future__ import annotations

import pytest
from rolewright.engine.importing.template import Names, parsed_template

NAMES = Names(
    values={
        "Team": "media",
        "Teams": ["media", "mail"],
        "Role": "photos-Role-1",
        "AWS::Region": "us-east-1",
    },
    attributes={"Role.Arn": "arn:aws:iam::123456789012:role/photos-Role-1"},
    mappings={"ByRegion": {"us-east-1": {"name": "near", "all": ["x", "y"]}}},
    conditions={
        "Media": {"Fn::Equals": [{"Ref": "Team"}, "media"]},
        "Far": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]},
        "Hidden": {"Fn::Equals": [{"Ref": "Secret"}, "x"]},
        "Both": {"Fn::And": [{"Condition": "Media"}, {"Condition": "Far"}]},
        "Either": {"Fn::Or": [{"Condition": "Hidden"}, {"Condition": "Media"}]},
        "NotBoth": {"Fn::And": [{"Condition": "Hidden"}, {"Condition": "Far"}]},
        "Maybe": {"Fn::And": [{"Condition": "Hidden"}, {"Condition": "Media"}]},
        "Circle": {"Condition": "Circle"},
        "Flag": {"Fn::Equals": [True, "true"]},
        "Odd": {"Fn::Equals": "x"},
        "New": {"Fn::Later": [{"Condition": "Media"}]},
    },
)


def chosen(condition: str) -> dict[str, object]:
    return {"Fn::If": [condition, "yes", "no"]}


@pytest.mark.parametrize(
    "body",
    [
        '{"A": {"Ref": "Team"}, "B": {"Fn::GetAtt": "Role.Arn"}, "C": {"Fn::Join": ["-", ["x"]]}}',
        "A: !Ref Team\nB: !GetAtt Role.Arn\nC: !Join ['-', [x]]\n",
        {"A": {"Ref": "Team"}, "B": {"Fn::GetAtt": "Role.Arn"}, "C": {"Fn::Join": ["-", ["x"]]}},
    ],
)
def test_short_and_long_forms_are_one(body: object) -> None:
    """JSON, YAML with tags, and what boto3 has parsed already."""
    assert parsed_template(body) == {
        "A": {"Ref": "Team"},
        "B": {"Fn::GetAtt": "Role.Arn"},
        "C": {"Fn::Join": ["-", ["x"]]},
    }


@pytest.mark.parametrize("body", ["[1]", "{", "a: [", "", 7])
def test_what_is_no_template_is_refused(body: object) -> None:
    """The caller makes a finding of it."""
    with pytest.raises(ValueError, match="it "):
        parsed_template(body)


def test_yaml_makes_nothing_but_text() -> None:
    """Neither dates nor objects of Python come from a template."""
    assert parsed_template("V: 2012-10-17\nW: !python/object:os.system x\n") == {
        "V": "2012-10-17",
        "W": {"Fn::python/object:os.system": "x"},
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"Ref": "Role"}, "photos-Role-1"),
        ({"Ref": "Unknown"}, None),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::123456789012:role/photos-Role-1"),
        ({"Fn::GetAtt": ["Role", "RoleId"]}, None),
        ({"Fn::Sub": "${Team}-${AWS::Region}-${!kept}"}, "media-us-east-1-${kept}"),
        ({"Fn::Sub": "${Role.Arn}"}, "arn:aws:iam::123456789012:role/photos-Role-1"),
        ({"Fn::Sub": ["${a}", {"a": {"Ref": "Team"}}]}, "media"),
        ({"Fn::Sub": "${Unknown}"}, None),
        ({"Fn::Join": ["-", ["a", {"Ref": "Team"}]]}, "a-media"),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, None),
        ({"Fn::Join": ["-", {"Ref": "Teams"}]}, "media-mail"),
        ({"Fn::Select": ["1", {"Ref": "Teams"}]}, "mail"),
        ({"Fn::Select": [0, {"Fn::Split": ["/", "a/b"]}]}, "a"),
        ({"Fn::Select": [2, ["a", "b"]]}, None),
        ({"Fn::Select": ["x", ["a", "b"]]}, None),
        ({"Fn::Select": [0, [{"Ref": "Unknown"}, "b"]]}, None),
        ({"Fn::Select": [1, [{"Ref": "Unknown"}, "b"]]}, "b"),
        ({"Fn::Split": ["/", {"Ref": "Unknown"}]}, None),
        ({"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "name"]}, "near"),
        ({"Fn::FindInMap": ["ByRegion", "eu-west-1", "name"]}, None),
        ({"Fn::FindInMap": ["None", "a", "b", {"DefaultValue": "c"}]}, "c"),
        ({"Fn::If": ["Unknown", "a", "b"]}, None),
        ({"Fn::If": ["Unknown", "a", "a"]}, "a"),
        ({"Fn::If": "Media"}, None),
        (chosen("Media"), "yes"),
        (chosen("Far"), "no"),
        (chosen("Hidden"), None),
        (chosen("Both"), "no"),
        (chosen("Either"), "yes"),
        (chosen("NotBoth"), "no"),
        (chosen("Maybe"), None),
        (chosen("Circle"), None),
        (chosen("Flag"), "yes"),
        (chosen("Odd"), None),
        (chosen("New"), None),
        ({"Fn::ImportValue": "x"}, None),
        ("{{resolve:ssm:name}}", None),
        ({"Fn::Sub": "{{resolve:ssm:${Team}}}"}, None),
        ({"Ref": "AWS::NoValue"}, None),
        ({"Ref": "Team", "Other": 1}, None),
        (7, "7"),
        (True, "true"),
        ({"Fn::Join": ["-", ["p", 1, {"Ref": "Team"}]]}, "p-1-media"),
        ({"Fn::Sub": ["p-${a}", {"a": 5}]}, "p-5"),
        ([], None),
    ],
)
def test_what_functions_come_to(value: object, text: str | None) -> None:
    """None is no guess: what can't be told is left to the person."""
    assert NAMES.text(value) == text


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        ({"Ref": "AWS::NoValue"}, []),
        ({"Ref": "Teams"}, ["media", "mail"]),
        (["a", {"Ref": "AWS::NoValue"}, chosen("Media")], ["a", "yes"]),
        ({"Fn::If": ["Media", ["a"], {"Ref": "AWS::NoValue"}]}, ["a"]),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["ByRegion", "us-east-1", "all"]}, ["x", "y"]),
        (["a", {"Ref": "Unknown"}], None),
        ({"Fn::GetAZs": ""}, None),
        ("a", None),
    ],
)
def test_what_lists_come_to(value: object, texts: list[str] | None) -> None:
    """What has no value is left out; one unknown text makes the list unknown."""
    assert NAMES.texts(value) == texts


def test_what_is_known_of_a_list_is_told() -> None:
    """One unknown item or object says nothing of its neighbours."""
    blocks = [{"PolicyName": {"Ref": "Team"}}, {"Fn::If": ["Hidden", {"PolicyName": "x"}, "y"]}]

    assert NAMES.items(["a", {"Ref": "Unknown"}]) == ["a", None]
    assert NAMES.objects(blocks) == [{"PolicyName": "media"}]
    assert NAMES.objects(None) == []
