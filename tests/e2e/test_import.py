"""Taking an account over and giving it back, with the installed command and no options but the needful."""

from __future__ import annotations

import json

from rolewright.engine.aws.reader import Aws
from rolewright.engine.sandbox.furnishing import FORMER_ROLE, furnish
from support.moto_server import account_snapshot

from .conftest import Shell


def test_an_account_is_taken_over_and_given_back(shell: Shell, aws: Aws) -> None:
    """In an empty folder: import, an empty plan, an export; nothing in AWS is touched."""
    furnish(aws, shell.url)
    before = account_snapshot(aws, ids=True)

    done = shell.json("import", "--all")

    assert f"role.{FORMER_ROLE}" in {one["address"] for one in done["imported"]}
    assert sorted(done["files"]) == ["imported-lambda.yaml", "rolewright.yaml"]
    assert shell.run("plan", "--detailed-exitcode").returncode == 0
    exported = shell.run("export", "--to", "terraform")
    assert exported.returncode == 0, exported.stderr
    assert f'id = "{FORMER_ROLE}"' in exported.stdout
    assert account_snapshot(aws, ids=True) == before


def test_a_misspelt_name_changes_nothing(shell: Shell, aws: Aws) -> None:
    """The stack file and the state stay as they are, to the byte, and no file appears."""
    furnish(aws, shell.url)
    shell.write("stack: s\nregion: us-east-1\n")
    assert shell.run("import", f"role.{FORMER_ROLE}", FORMER_ROLE).returncode == 0
    kept = {path: path.read_bytes() for path in shell.folder.glob("*") if path.is_file()}
    state = shell.state_file.read_bytes()

    done = shell.run("import", "role.other", "exampel-former-role")

    assert done.returncode == 1
    assert f'did you mean "{FORMER_ROLE}"?' in done.stderr
    assert "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in shell.folder.glob("*") if path.is_file()} == kept
    assert shell.state_file.read_bytes() == state
    assert json.loads(state)["serial"] == 1
