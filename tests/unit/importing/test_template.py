"""CloudFormation templates as text or objects, and what their functions come to."""

from __future__ import annotations

import pytest
from rolewright.engine.importing.template import Names, parsed_template

NAMES = Names(
    values={"Team": "media", "Role": "photos-Role-1", "AWS::Region": "us-east-1"},
    arns={"Role": "arn:aws:iam::123456789012:role/photos-Role-1"},
)


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
        ({"Fn::If": ["c", "a", "b"]}, None),
        ({"Ref": "Team", "Other": 1}, None),
        (7, None),
    ],
)
def test_what_functions_come_to(value: object, text: str | None) -> None:
    """None is no guess: what can't be told is left to the person."""
    assert NAMES.text(value) == text
