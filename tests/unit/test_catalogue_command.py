"""What the commands ask the catalogue: the file given with --catalogue, and one action of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.engine.cli.catalogue import known_action
from rolewright.engine.cli.composition import catalogue_for
from rolewright.resources.diagnostics import Problem
from rolewright.resources.policy.catalogue import Catalogue

S3 = Catalogue.from_file(
    {
        "version": "1",
        "date": "2026-10-27",
        "services": {
            "s3": {"actions": {name: {"level": "Read"} for name in ("GetObject", "GetObjectAcl")}},
            "sqs": {"actions": {"SendMessage": {"level": "Write"}}},
        },
    }
)


def test_without_a_file_it_is_the_installed_one() -> None:
    assert catalogue_for(None) is Catalogue.bundled()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "can't be read: No such file or directory"),
        ("{", "is no catalogue: Invalid JSON"),
        ('{"version": "1", "date": "soon", "services": {}}', "'soon' is no day"),
    ],
)
def test_a_bad_file_is_a_problem_with_its_name(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "new.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Problem) as caught:
        catalogue_for(path)
    (found,) = caught.value.diagnostics

    assert found.code == "bad-catalogue"
    assert str(path) in found.summary
    assert said in found.summary
    assert "catalogue update" in found.hint


def test_an_action_in_any_case() -> None:
    assert known_action(S3, "S3:getOBJECT").action.name == "s3:GetObject"


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("s3:GetObjekt", "unknown-action", "did you mean s3:GetObject or s3:GetObjectAcl?"),
        ("sq:SendMesage", "unknown-action", "did you mean sqs:SendMessage?"),
        ("nothing", "unknown-action", ""),
        ("", "unknown-action", ""),
        ("s3:Get*", "bad-action", "name one action"),
    ],
)
def test_an_action_that_is_none(name: str, code: str, hint: str) -> None:
    with pytest.raises(Problem) as caught:
        known_action(S3, name)
    (found,) = caught.value.diagnostics

    assert (found.code, found.hint) == (code, hint)
