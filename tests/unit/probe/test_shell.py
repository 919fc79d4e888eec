"""The scripts for the AWS CLI, run by a real shell with a stand-in for `aws`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from rolewright.engine.probe.carriers import CannotCarryError
from rolewright.engine.probe.harmless import Harmless
from rolewright.engine.probe.shell import (
    check_exit,
    exit_script,
    identity_script,
    read_exit,
    read_report,
    report_script,
)
from rolewright.engine.probe.trials import Answer, Trial

from .conftest import bound_role

ROLE = bound_role(service="ec2")
AWS = """\
#!/bin/sh
echo "$@" >> "$0.log"
env | grep '^AWS_' >> "$0.env"
fail() {{ echo "An error occurred ($1) when calling the $2 operation: $3" >&2; exit 254; }}
refused="User: x is not authorized to perform:"
case "$*" in
  "sts get-caller-identity "*) echo 'arn:aws:sts::123456789012:assumed-role/{role}/session' ;;
  *get-item*)
    fail AccessDeniedException GetItem "$refused dynamodb:GetItem on y with an explicit deny in z" ;;
  *describe-table*) echo '{{"Table": "a secret"}}' ;;
  *head-object*) fail 404 HeadObject 'Not Found' ;;
  *get-queue-attributes*) fail AccessDenied GetQueueAttributes "$refused kms:Decrypt on y" ;;
  *) echo 'Could not connect to the endpoint URL' >&2; exit 255 ;;
esac
"""
EXPECTED = {
    "dynamodb:DescribeTable": Answer(),
    "dynamodb:GetItem": Answer("AccessDeniedException", explicit=True, named="dynamodb:GetItem"),
    "s3:GetObject": Answer("404"),
    "sqs:GetQueueAttributes": Answer("AccessDenied", named="kms:Decrypt"),
    "sns:ListTopics": Answer("NoAnswer"),
}
ON = {
    "dynamodb:DescribeTable": "arn:aws:dynamodb:eu-west-1:123456789012:table/events",
    "dynamodb:GetItem": "arn:aws:dynamodb:eu-west-1:123456789012:table/events",
    "s3:GetObject": "arn:aws:s3:::photos/it's $(here)/*",
    "sqs:GetQueueAttributes": "arn:aws:sqs:eu-west-1:123456789012:jobs",
    "sns:ListTopics": "*",
}


@pytest.fixture
def trials(harmless: Harmless) -> list[Trial]:
    return [harmless.trial(action, resource) for action, resource in ON.items()]


def run(folder: Path, script: str, *, role: str = "reader", cli: bool = True) -> tuple[int, str]:
    """Run a script as SSM or ECS would; its exit code and what it printed."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    if cli:
        (tools / "aws").write_text(AWS.format(role=role))
        (tools / "aws").chmod(0o755)
    for name in ("sed", "head", "env", "grep"):
        (tools / name).unlink(missing_ok=True)
        (tools / name).symlink_to(Path("/usr/bin") / name)
    environment = {"PATH": str(tools), "AWS_ACCESS_KEY_ID": "another", "AWS_PROFILE": "another"}
    done = subprocess.run(
        ["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_a_report_tells_an_answer_to_each_call(tmp_path: Path, trials: list[Trial]) -> None:
    """Codes and names come through, data does not, and no credentials of the machine are used."""
    code, printed = run(tmp_path, report_script(trials, "eu-west-1"))

    assert code == 0
    assert read_report(printed, ROLE, len(trials)) == tuple(EXPECTED.values())
    assert "secret" not in printed
    seen = (tmp_path / "tools" / "aws.env").read_text()
    assert "another" not in seen
    assert "AWS_DEFAULT_REGION=eu-west-1" in seen
    called = (tmp_path / "tools" / "aws.log").read_text()
    assert "it's $(here)/rolewright-probe" in called


@pytest.mark.parametrize("action", EXPECTED)
def test_an_exit_code_tells_one_answer(tmp_path: Path, harmless: Harmless, action: str) -> None:
    """All that a verdict needs fits into the exit code of a container."""
    trial = harmless.trial(action, ON[action])
    code, printed = run(tmp_path, exit_script(trial, ROLE, "eu-west-1"))

    expected = EXPECTED[action]
    if expected.named and expected.named != action:
        expected = Answer(expected.code, named="another action")
    assert read_exit(code, trial, ROLE) == expected
    assert "secret" not in printed


def test_another_role_is_noticed(tmp_path: Path, trials: list[Trial]) -> None:
    """What an instance does under a role of somebody else says nothing of ours."""
    _, printed = run(tmp_path, report_script(trials, "eu-west-1"), role="other")
    code, _ = run(tmp_path, exit_script(trials[0], ROLE, "eu-west-1"), role="other")

    with pytest.raises(CannotCarryError, match="does not act under reader"):
        read_report(printed, ROLE, len(trials))
    with pytest.raises(CannotCarryError, match="does not act under reader"):
        read_exit(code, trials[0], ROLE)


def test_a_container_that_makes_no_call_shows_its_role(tmp_path: Path) -> None:
    """The last container of a task tells whether the task has the role at all."""
    script = identity_script(ROLE, "eu-west-1")

    check_exit(run(tmp_path, script)[0], ROLE)
    with pytest.raises(CannotCarryError, match="does not act under reader"):
        check_exit(run(tmp_path, script, role="other")[0], ROLE)
    with pytest.raises(CannotCarryError, match="exit code 127"):
        check_exit(127, ROLE)


def test_an_instance_without_the_cli(tmp_path: Path, trials: list[Trial]) -> None:
    """It is said, instead of taken for a refusal."""
    _, printed = run(tmp_path, report_script(trials, "eu-west-1"), cli=False)

    with pytest.raises(CannotCarryError, match="AWS CLI is not installed"):
        read_report(printed, ROLE, len(trials))


@pytest.mark.parametrize("code", [126, 127, 137, 255])
def test_an_exit_code_of_something_else(harmless: Harmless, code: int) -> None:
    """A container that could not be run, or was killed, has answered nothing."""
    with pytest.raises(CannotCarryError, match=f"exit code {code}"):
        read_exit(code, harmless.trial("sns:ListTopics", "*"), ROLE)


def test_a_report_that_was_cut_off(trials: list[Trial]) -> None:
    """Half of the answers are none."""
    printed = "caller arn:aws:sts::123456789012:assumed-role/reader/i-1\n0 ok\n"

    with pytest.raises(CannotCarryError, match="only 1 of 5"):
        read_report(printed, ROLE, len(trials))
