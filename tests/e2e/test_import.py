"""Taking an account over and giving it back, with the installed command and no options but the needful."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

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


KILLED = """
import os, signal, sys
from rolewright.engine.importing import files
from rolewright.engine.cli.main import main
take = files._take
def take_one_and_die(*given):
    take(*given)
    os.kill(os.getpid(), signal.SIGKILL)
files._take = take_one_and_die
sys.argv = ["rolewright", *sys.argv[1:]]
main()
"""


def test_a_killed_import_is_run_again(shell: Shell, aws: Aws) -> None:
    """The first of its files has appeared, and names a role that the second would have declared."""
    furnish(aws, shell.url)
    arn = f"arn:aws:iam::123456789012:role/{FORMER_ROLE}"
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.call("iam", "CreateRole", {"RoleName": "caller", "AssumeRolePolicyDocument": trust})
    shell.write("stack: s\nregion: us-east-1\n")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "import", "--all", "--sandbox", "--endpoint-url", shell.url],
        cwd=shell.folder,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (shell.folder / "imported-accounts.yaml").exists()
    assert shell.run("plan").returncode == 1

    again = shell.run("import", "--all")

    assert again.returncode == 0, again.stderr
    assert "removed imported-accounts.yaml" in again.stderr
    assert shell.run("plan", "--detailed-exitcode").returncode == 0
    assert sorted(path.name for path in shell.folder.iterdir()) == [
        ".rolewright",
        "imported-accounts.yaml",
        "imported-lambda.yaml",
        "rolewright.yaml",
    ]


def test_a_broken_state_of_terraform_is_not_quoted(shell: Shell) -> None:
    """States hold passwords: the error names the place, and shows none of its text."""
    shell.write('{\n "version": 4,\n "resources": [\n {"password": "hunter2", "x": ', "a.tfstate")

    done = shell.run("import", "--from-terraform", "a.tfstate")

    assert done.returncode == 1
    assert "a.tfstate:4:" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
