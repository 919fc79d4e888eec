"""Where statements stand: in each form that a stack file has for them, and nowhere if they drifted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from rolewright.engine.verify.asking import questions
from rolewright.engine.verify.places import Places
from rolewright.resources.policy import parse
from support.config import StackFolder

STACK = """\
stack: s
trust_policies:
  ec2:
    services: [ec2.amazonaws.com]
roles:
  named:
    trust: ec2
  inline:
    trust:
      document:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: a.amazonaws.com}, Action: "sts:AssumeRole"}
          - {Effect: Allow, Principal: {Service: b.amazonaws.com}, Action: "sts:AssumeRole"}
permission_policies:
  short:
    roles: [named]
    statements:
      - actions: [s3:GetObject]
        resources: ["arn:aws:s3:::${account_id}/*"]
      - actions: [sqs:*]
        resources: ["*"]
  whole:
    roles: [named]
    document:
      Version: "2012-10-17"
      Statement:
        Effect: Allow
        Action: s3:*
        Resource: "*"
  filed:
    roles: [named]
    document_file: policy.json
  aws:
    roles: [named]
    managed_policy: ReadOnlyAccess
expectations:
  - role: named
    assumed_by: ec2.amazonaws.com
    can: [s3:GetObject, sqs:SendMessage]
    cannot:
      - s3:PutObject
    on: ["*", "arn:aws:s3:::x/*"]
"""
FILED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
        {"Sid": "Two", "Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    ],
}


def place(tmp_path: Path, policy: str, statement: Mapping[str, object]) -> str | None:
    folder = StackFolder(tmp_path)
    folder.write(json.dumps(FILED, indent=1), "policy.json")
    parsed = parse({"Version": "2012-10-17", "Statement": [statement]}).statements[0]
    found = Places(folder.resolve(STACK)).find(policy, parsed)
    return None if found is None else f"{Path(found.file).name}:{found.line}"


def allow(action: str, resource: str = "*", **more: object) -> Mapping[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(service: str) -> Mapping[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }


@pytest.mark.parametrize(
    ("policy", "statement", "where"),
    [
        (
            "permission_policy.short",
            allow("s3:GetObject", "arn:aws:s3:::123456789012/*"),
            "- actions: [s3:GetObject]",
        ),
        ("permission_policy.short", allow("sqs:*"), "- actions: [sqs:*]"),
        ("permission_policy.short", allow("sqs:*", Sid="Renamed"), "- actions: [sqs:*]"),
        ("permission_policy.whole", allow("s3:*"), "Statement:"),
        ("permission_policy.aws", allow("anything:*"), "managed_policy: ReadOnlyAccess"),
        ("role.named", trusting("ec2.amazonaws.com"), "ec2:"),
        (
            "role.inline",
            trusting("b.amazonaws.com"),
            "- {Effect: Allow, Principal: {Service: b.amazonaws.com}",
        ),
    ],
)
def test_each_form(
    tmp_path: Path, policy: str, statement: Mapping[str, object], where: str
) -> None:
    found = place(tmp_path, policy, statement)

    assert found is not None
    file, line = found.split(":")
    assert file == "stack.yaml"
    assert STACK.splitlines()[int(line) - 1].strip().startswith(where)


def test_a_document_in_its_own_file(tmp_path: Path) -> None:
    """The place is in that file."""
    two = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}

    assert place(tmp_path, "permission_policy.filed", two) == "policy.json:9"


@pytest.mark.parametrize(
    ("policy", "statement"),
    [
        ("permission_policy.short", allow("sqs:*", "arn:aws:sqs:*:*:*")),
        ("role.named", trusting("lambda.amazonaws.com")),
        ("inline tmp", allow("s3:*")),
    ],
)
def test_what_is_not_in_the_file_has_no_place(
    tmp_path: Path, policy: str, statement: Mapping[str, object]
) -> None:
    assert place(tmp_path, policy, statement) is None


def test_questions_know_their_places(tmp_path: Path) -> None:
    """One for each action on each resource, at the line of the action."""
    folder = StackFolder(tmp_path)
    folder.write(json.dumps(FILED), "policy.json")
    lines = STACK.splitlines()

    found = questions(folder.resolve(STACK))

    assert [one.action for one in found] == [
        "sts:AssumeRole",
        *["s3:GetObject"] * 2,
        *["sqs:SendMessage"] * 2,
        *["s3:PutObject"] * 2,
    ]
    places = [lines[one.source.line - 1].strip() for one in found if one.source]
    assert places[0] == "assumed_by: ec2.amazonaws.com"
    assert places[-1] == "- s3:PutObject"
    assert len(places) == len(found)
