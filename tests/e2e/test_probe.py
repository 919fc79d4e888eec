"""`verify --probe` as a person runs it, in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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


def document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def put(aws: Aws, name: str, action: str, resource: str) -> None:
    """Put an inline policy on the role."""
    allow = document({"Effect": "Allow", "Action": action, "Resource": resource})
    aws.call(
        "iam", "PutRolePolicy", {"RoleName": "reader", "PolicyName": name, "PolicyDocument": allow}
    )


def test_expectations_are_proved_by_trying(shell: Shell, aws: Aws) -> None:
    """Met ones pass, a write is left unanswered, and a tampered policy is found out; no credentials are logged."""
    for name in ("bucket-a", "bucket-b"):
        aws.call("s3", "CreateBucket", {"Bucket": name})
    shell.write(STACK)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    aws.call(
        "iam", "CreateRole", {"RoleName": "reader", "AssumeRolePolicyDocument": document(trust)}
    )
    put(aws, "read", "s3:ListBucket", "arn:aws:s3:::bucket-a")

    done = shell.run("verify", "--probe", "--format", "json", "--log-level", "debug")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    probed = [result for result in found["results"] if result["method"] == "probe"]
    assert [(one["action"], one["resource"][-1], one["passed"]) for one in probed] == [
        ("s3:ListBucket", "a", True),
        ("s3:ListBucket", "b", True),
    ]
    assert "s3:DeleteBucket" in json.dumps(found["skipped"])

    assert (
        "urllib3" in done.stderr
    )  # it does log, but no credentials: botocore would write them down
    for secret in ("SecretAccessKey", "SessionToken", "Security-Token", "ASIA"):
        assert secret not in done.stderr + done.stdout

    put(aws, "more", "s3:*", "*")

    tampered = shell.json("verify", "--probe", code=2)
    assert [
        (one["resource"], one["decision"])
        for one in tampered["results"]
        if one["method"] == "probe" and not one["passed"]
    ] == [("arn:aws:s3:::bucket-b", "allowed")]
