"""The sandbox holds IAM's rules for policies in use and for roles that are gone, which moto alone does not."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rolewright.engine.aws.reader import Aws
from rolewright.engine.sandbox import Sandbox
from rolewright.resources.ports import AwsError
from support.moto_server import TRUST

DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def iam(aws: Aws, operation: str, **parameters: Any) -> Any:
    return aws.call("iam", operation, parameters)


def role(aws: Aws, name: str, **more: Any) -> None:
    iam(aws, "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)


@pytest.fixture
def arn(aws: Aws) -> str:
    """A customer managed policy."""
    return iam(aws, "CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)["Policy"]["Arn"]


def test_a_boundary_counts_and_keeps_its_policy(aws: Aws, arn: str) -> None:
    role(aws, "bound", PermissionsBoundary=arn)

    told = aws.read("iam", "GetPolicy", {"PolicyArn": arn})["Policy"]
    assert (told["AttachmentCount"], told["PermissionsBoundaryUsageCount"]) == (0, 1)
    with pytest.raises(AwsError, match="DeleteConflict"):
        iam(aws, "DeletePolicy", PolicyArn=arn)

    iam(aws, "DeleteRolePermissionsBoundary", RoleName="bound")
    iam(aws, "DeletePolicy", PolicyArn=arn)


def test_an_attachment_counts_once_and_keeps_its_policy(aws: Aws, arn: str) -> None:
    role(aws, "holder")
    for _ in range(2):
        iam(aws, "AttachRolePolicy", RoleName="holder", PolicyArn=arn)

    assert aws.read("iam", "GetPolicy", {"PolicyArn": arn})["Policy"]["AttachmentCount"] == 1
    with pytest.raises(AwsError, match="DeleteConflict"):
        iam(aws, "DeletePolicy", PolicyArn=arn)

    iam(aws, "DetachRolePolicy", RoleName="holder", PolicyArn=arn)
    iam(aws, "DeletePolicy", PolicyArn=arn)


def test_a_boundary_has_to_be_there(aws: Aws, arn: str) -> None:
    with pytest.raises(AwsError, match="NoSuchEntity"):
        role(aws, "new", PermissionsBoundary=f"{arn}-gone")
    role(aws, "old", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with pytest.raises(AwsError, match="NoSuchEntity"):
        iam(
            aws,
            "PutRolePermissionsBoundary",
            RoleName="old",
            PermissionsBoundary=f"{arn}-gone",
        )


def test_credentials_of_a_role_that_is_gone_are_no_good(aws: Aws, sandbox: Sandbox) -> None:
    """As in AWS, and in the words of the request's protocol."""
    iam(aws, "CreateRole", RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    arn = "arn:aws:iam::123456789012:role/r"
    given = aws.call("sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"})
    iam(aws, "DeleteRole", RoleName="r")
    keys = given["Credentials"]
    client = boto3.client(
        "iam",
        endpoint_url=sandbox.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client.list_roles()
