"""`verify --probe` as a person runs it, in the sandbox."""

from __future__ import annotations

import json

from rolewright.engine.aws.reader import Aws

from .conftest import Shell

STACK = """\
stack: probe
region: us-east-1
roles:
  reader:
    trust: {services: [ec2.amazonaws.com]}
permission_policies:
  read:
    roles: [reader]
    statements: [{actions: [s3:ListBucket], resources: ["arn:aws:s3:::bucket-a"]}]
expectations:
  - {role: reader, can: [s3:ListBucket], cannot: [s3:DeleteBucket], on: ["arn:aws:s3:::bucket-a"]}
  - {role: reader, cannot: [s3:ListBucket], on: ["arn:aws:s3:::bucket-b"]}
"""


def test_expectations_are_proved_by_trying(shell: Shell, aws: Aws) -> None:
    """Met ones pass, a write is left unanswered, and a tampered policy is found out: exit 2."""
    for name in ("bucket-a", "bucket-b"):
        aws.call("s3", "CreateBucket", {"Bucket": name})
    shell.write(STACK)
    assert shell.run("apply", "--yes").returncode == 0

    document = shell.json("verify", "--probe")

    probed = [result for result in document["results"] if result["method"] == "probe"]
    assert [(one["action"], one["resource"][-1], one["passed"]) for one in probed] == [
        ("s3:ListBucket", "a", True),
        ("s3:ListBucket", "b", True),
    ]
    assert "s3:DeleteBucket" in json.dumps(document["skipped"])

    everything = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    aws.call(
        "iam",
        "PutRolePolicy",
        {"RoleName": "reader", "PolicyName": "more", "PolicyDocument": everything},
    )
    tampered = shell.json("verify", "--probe", code=2)
    assert [
        (one["resource"], one["decision"])
        for one in tampered["results"]
        if one["method"] == "probe" and not one["passed"]
    ] == [("arn:aws:s3:::bucket-b", "allowed")]


def test_a_plan_can_not_be_probed(shell: Shell) -> None:
    """What isn't there yet can't be tried."""
    shell.write(STACK)

    refused = shell.run("verify", "--probe", "--plan")

    assert refused.returncode == 1
    assert "--probe" in refused.stderr
