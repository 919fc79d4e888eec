"""The commands as a person uses them: options in any place, exit codes, JSON documents, mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rolewright.engine.aws.reader import Aws

from .conftest import Shell

STACK = """\
stack: small
region: us-east-1
roles:
  reader:
    trust: {services: [ec2.amazonaws.com]}
    description: Reads
permission_policies:
  read:
    roles: [reader]
    statements: [{actions: [s3:GetObject], resources: ["arn:aws:s3:::b/*"]}]
"""
PLAN_KEYS = {
    "format_version",
    "command",
    "stack",
    "serial",
    "account_id",
    "changes",
    "access",
    "findings",
    "summary",
    "required_permissions",
}
CHANGE_KEYS = {"address", "kind", "action", "reason", "before", "after", "diff", "drift"}
RESULT_KEYS = {
    "role",
    "assumed_by",
    "action",
    "resource",
    "expected",
    "decision",
    "method",
    "passed",
    "because",
}
APPLY_KEYS = {"format_version", "command", "stack", "status", "changes", "failed", "rolled_back"}


def test_help_imports_nothing_heavy() -> None:
    """`--help` answers without boto3, networkx, deepdiff or pydantic."""
    script = (
        "import sys; sys.argv = ['rolewright', '--help']\n"
        "from rolewright.engine.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'boto3', 'botocore', 'networkx', 'deepdiff', 'pydantic', 'yaml'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert "HEAVY []" in done.stderr


def test_the_whole_road_in_json(shell: Shell) -> None:
    """Plan, apply, plan, destroy: keys, actions and exit codes as the contract has them."""
    shell.write(STACK)

    plan = shell.json("plan", "--detailed-exitcode", code=2)
    applied = shell.json("apply", "--yes")
    settled = shell.json("plan", "--detailed-exitcode")
    gone = shell.json("destroy", "--yes")

    assert plan.keys() >= PLAN_KEYS
    assert all(change.keys() >= CHANGE_KEYS | {"operations"} for change in plan["changes"])
    assert plan["summary"]["create"] == 2
    assert plan["required_permissions"] == sorted(plan["required_permissions"])
    assert "iam:CreateRole" in plan["required_permissions"]
    assert applied.keys() >= APPLY_KEYS | {"serial"}
    assert (applied["status"], applied["serial"]) == ("applied", 1)
    assert {change["action"] for change in settled["changes"]} == {"no-op"}
    assert settled["summary"]["no_op"] == 2
    assert (gone["status"], gone["command"]) == ("applied", "destroy")


def test_access_that_a_pipeline_may_not_give(shell: Shell) -> None:
    """`plan` exits 2 and `apply` refuses when something is gained; with less access both go on."""
    shell.write(STACK)
    planned = shell.json("plan", "-o", "p.plan", "--fail-on-access-gain", code=2)
    refused = shell.run("apply", "p.plan", "--fail-on-access-gain")
    assert [item["action"] for item in planned["access"]["gained"]] == ["s3:GetObject"]
    assert refused.returncode == 1
    assert "reader gains 1 read action; is opened to 1 principal" in refused.stderr
    assert not shell.state_file.exists()

    shell.run("apply", "p.plan")
    shell.write(STACK.split("permission_policies", maxsplit=1)[0])
    less = shell.run("plan", "--fail-on-access-gain")
    assert less.returncode == 0
    assert "- reader loses 1 read action" in less.stdout


def test_verify_and_can(shell: Shell) -> None:
    """What must hold is proven or not: exit codes, keys, and text that says what to do."""
    expectations = """\
expectations:
  - {role: reader, assumed_by: ec2.amazonaws.com, can: [s3:GetObject], on: ["arn:aws:s3:::b/*"]}
  - {role: reader, cannot: ["s3:Get*"], on: ["arn:aws:s3:::b/*"]}
"""
    shell.write(STACK + expectations)

    planned = shell.json("verify", "--plan", code=2)
    shell.run("apply", "--yes")
    live = shell.run("verify")
    can = shell.json("can", "reader", "s3:GetObject", "arn:aws:s3:::b/x")
    cannot = shell.run("can", "role.reader", "s3:PutObject", "arn:aws:s3:::b/x")
    who = shell.json("who-can", "s3:GetObject", "arn:aws:s3:::b/x")

    assert planned.keys() >= {"format_version", "command", "stack", "results", "summary"}
    assert all(result.keys() >= RESULT_KEYS for result in planned["results"])
    assert planned["summary"] == {"passed": 2, "failed": 1, "skipped": 0}
    assert live.returncode == 2
    assert "2 of 3 expectations proven, 1 not" in live.stdout
    assert "because permission_policy.read allows it, by statement 1 (rolewright.yaml:10)" in (
        " ".join(live.stdout.split())
    )
    assert "hint: take the permission from role.reader" in live.stdout
    assert (can["command"], can["decision"], can["depends_on"]) == ("can", "allowed", [])
    assert (cannot.returncode, cannot.stdout.splitlines()[0][:3]) == (2, "no:")
    assert [role["role"] for role in who["roles"]] == ["reader"]


def test_options_work_before_and_after_the_command(shell: Shell) -> None:
    """The common options may stand on either side of the command."""
    shell.write(STACK, "other.yaml")
    before = shell.run("-c", "other.yaml", "--format", "json", "validate", sandboxed=False)
    after = shell.run("validate", "-c", "other.yaml", "--format", "json", sandboxed=False)

    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_a_saved_plan_is_applied_once(shell: Shell) -> None:
    """The saved plan is done without a question; afterwards it is stale."""
    shell.write(STACK)
    shell.run("plan", "-o", "p.plan")

    first = shell.run("apply", "p.plan")
    second = shell.run("apply", "p.plan")

    assert first.returncode == 0, first.stderr
    assert second.returncode == 1
    assert "the state has moved on" in second.stderr


def test_a_saved_plan_that_was_edited_is_refused(shell: Shell) -> None:
    """A digest guards the file."""
    shell.write(STACK)
    shell.run("plan", "-o", "p.plan")
    path = shell.folder / "p.plan"
    path.write_text(path.read_text().replace("s3:GetObject", "s3:*"))

    done = shell.run("apply", "p.plan")

    assert (done.returncode, "not as it was saved" in done.stderr) == (1, True)


def test_a_saved_plan_is_refused_when_the_world_has_moved(shell: Shell, aws: Aws) -> None:
    """Somebody's role in the plan's way is seen before the first changing call."""
    shell.write(STACK)
    shell.run("plan", "-o", "p.plan")
    aws.call(
        "iam",
        "CreateRole",
        {
            "RoleName": "reader",
            "AssumeRolePolicyDocument": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"Service": "ec2.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    },
                }
            ),
        },
    )

    done = shell.run("apply", "p.plan")

    assert done.returncode == 1
    assert "role.reader is no longer as the plan saw it" in done.stderr
    assert not shell.state_file.exists()


def test_what_exists_is_not_overwritten(shell: Shell, aws: Aws) -> None:
    """A role of the same name that isn't in the state is an error that says what to do."""
    shell.write(STACK)
    shell.run("apply", "--yes")
    shell.state_file.unlink()

    done = shell.run("apply", "--yes")

    assert done.returncode == 1
    assert 'a role named "reader" exists already' in done.stderr
    assert "import" in done.stderr


def test_without_a_terminal_it_does_not_ask(shell: Shell) -> None:
    """Neither --yes nor a terminal is an error, and nothing happens."""
    shell.write(STACK)

    done = shell.run("apply", answer="yes\n")

    assert (done.returncode, "--yes" in done.stderr) == (1, True)
    assert not shell.state_file.exists()


def test_usage_errors_exit_1(shell: Shell) -> None:
    """2 means that something was found, so a wrong option exits 1."""
    assert shell.run("plan", "--nonsense").returncode == 1
    assert shell.run("nonsense").returncode == 1


def test_state_commands(shell: Shell) -> None:
    """List, show, move, forget and pull."""
    shell.write(STACK)
    shell.run("apply", "--yes")

    listed = shell.run("state", "list").stdout.split()
    moved = shell.run("state", "mv", "permission_policy.read", "permission_policy.reading")
    shown = shell.json("state", "show", "permission_policy.reading")
    forgotten = shell.run("state", "rm", "permission_policy.reading")
    pulled = shell.run("state", "pull").stdout

    assert listed == ["permission_policy.read", "role.reader"]
    assert moved.returncode == forgotten.returncode == 0
    assert shown["resource"]["arn"] == "arn:aws:iam::123456789012:policy/read"
    assert pulled.encode() == shell.state_file.read_bytes()
    assert json.loads(pulled)["serial"] == 3


def test_a_locked_state_is_refused(shell: Shell) -> None:
    """Two applies don't run at once: the second one is told who is at it."""
    shell.write(STACK)
    script = (
        "import sys, time; from rolewright.state.lock import StateLock\n"
        "with StateLock(sys.argv[1], operation='apply', tool_version='1').acquire():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, shell.state_file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = shell.run("apply", "--yes")
        holder.communicate("")

    assert done.returncode == 1
    assert f"{holder.pid}" in done.stderr


BAD_STACKS = {
    "unknown key": ("roles: {a: {trusty: x}}", "rolewright.yaml:3:13"),
    "misspelt reference": (
        "trust_policies: {ec2: {services: [ec2.amazonaws.com]}}\nroles: {a: {trust: ec}}",
        'did you mean "ec2"?',
    ),
    "bad action": (
        STACK.split("region: us-east-1\n")[1].replace("s3:GetObject", "s3 GetObject"),
        "rolewright.yaml",
    ),
}


@pytest.mark.parametrize("name", BAD_STACKS)
def test_mistakes_in_the_stack_file_are_explained(shell: Shell, name: str) -> None:
    """A mistake ends in a message with its place, exit code 1, and no traceback."""
    text, expected = BAD_STACKS[name]
    shell.write(f"stack: small\nregion: us-east-1\n{text}\n")

    done = shell.run("plan")

    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_no_credentials(shell: Shell) -> None:
    """Without credentials it says so and what to do."""
    shell.write(STACK)
    shell.environment = dict.fromkeys(
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), ""
    )

    done = shell.run("plan", "--endpoint-url", shell.url, sandboxed=False)

    assert done.returncode == 1
    assert "credentials" in done.stderr


def test_an_endpoint_that_nobody_listens_on(shell: Shell) -> None:
    """An unreachable endpoint is named."""
    shell.write(STACK)

    done = shell.run("plan", "--endpoint-url", "http://127.0.0.1:9", sandboxed=False)

    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr


def test_an_account_that_is_not_allowed(shell: Shell) -> None:
    """Credentials of another account are refused before anything is read."""
    shell.write(STACK + 'allowed_accounts: ["210987654321"]\n')

    done = shell.run("apply", "--yes")

    assert done.returncode == 1
    assert "123456789012" in done.stderr


def test_a_folder_that_is_full_changes_nothing(shell: Shell, aws: Aws) -> None:
    """Where the state can't be written, no call is made."""
    shell.write(STACK)
    shell.state_file.parent.write_text("in the way")

    done = shell.run("apply", "--yes")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert aws.role("reader") is None


def test_init_writes_a_stack_that_is_valid(shell: Shell) -> None:
    """Each service's starting file passes validate; it never overwrites one."""
    for service in ("ec2", "lambda", "ecs"):
        path = Path(service) / "rolewright.yaml"
        written = shell.run("init", "-c", str(path), "--service", service, sandboxed=False)
        checked = shell.run("validate", "-c", str(path), sandboxed=False)
        again = shell.run("init", "-c", str(path), sandboxed=False)

        assert (written.returncode, checked.returncode, again.returncode) == (0, 0, 1)


def test_graph_in_each_language(shell: Shell) -> None:
    """Mermaid, DOT and SVG, to standard output and to files."""
    shell.write(STACK)

    assert "flowchart" in shell.run("graph", sandboxed=False).stdout
    assert "digraph" in shell.run("graph", "--as", "dot", sandboxed=False).stdout
    shell.run("graph", "-o", "g.svg", sandboxed=False)
    assert "<svg" in (shell.folder / "g.svg").read_text()


def test_environment_of_this_test_has_no_sandbox() -> None:
    """RW_SANDBOX is not set for the tests that go without."""
    assert "RW_SANDBOX" not in os.environ


def test_drift_from_finding_to_repair(shell: Shell, aws: Aws) -> None:
    """None after an apply; found with exit 2; taken on by --accept, or taken away by --fix."""
    shell.write(STACK)
    shell.json("apply", "--yes")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    aws.call("iam", "AttachRolePolicy", {"RoleName": "reader", "PolicyArn": admin})
    found = shell.json("drift", "--html", "drift.html", code=2)
    fixed = shell.json("drift", "--fix", "--yes")
    aws.call("iam", "TagRole", {"RoleName": "reader", "Tags": [{"Key": "a", "Value": "b"}]})
    accepted = shell.json("drift", "--accept", "role.reader")

    assert found.keys() >= {"format_version", "command", "stack", "drifted", "checked", "summary"}
    assert (len(found["drifted"]), found["checked"]) == (1, 2)
    worst = found["drifted"][0]
    assert (worst["address"], worst["type"], worst["severity"], worst["who"]) == (
        "role.reader",
        "unmanaged",
        "critical",
        None,
    )
    assert worst["access"]["gained"][0]["role"] == "reader"
    assert found["summary"]["critical"] == 1
    assert f"<code>{admin}</code>" in (shell.folder / "drift.html").read_text(encoding="utf-8")
    assert fixed["drifted"] == []
    assert yaml.safe_load(accepted["stack_file"]) == {
        "roles": {"reader": {"tags": {"a": "b"}}},
    }
