"""The snapshot that tests of applies compare an account by."""

from __future__ import annotations

import json
from typing import Any

from rolewright.engine.aws.reader import Aws
from support.moto_server import TRUST, account_snapshot

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def test_an_empty_account_is_empty(aws: Aws) -> None:
    """Nothing in the account, nothing in the snapshot."""
    assert not any(account_snapshot(aws).values())


def test_everything_that_may_be_touched_is_in_it(aws: Aws) -> None:
    """Roles, policies, profiles, associations, functions, tasks and services are seen."""
    populate(aws)

    snapshot = account_snapshot(aws)
    role = snapshot["roles"]["r"]
    policy = snapshot["policies"]["arn:aws:iam::123456789012:policy/p"]

    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    assert (role["Tags"], role["InstanceProfileList"]) == ({"k": "v"}, ["ip"])
    assert policy["Tags"] == {"k": "v"}
    assert list(policy["PolicyVersionList"]) == ["v1", "v2"]
    assert snapshot["instance_profiles"]["ip"]["Roles"] == ["r"]
    assert list(snapshot["associations"].values()) == [
        "arn:aws:iam::123456789012:instance-profile/ip"
    ]
    assert snapshot["functions"] == {"f": "arn:aws:iam::123456789012:role/r"}
    assert [arn.rpartition("/")[2] for arn in snapshot["task_definitions"]] == ["t:1"]
    assert [arn.rpartition("/")[2] for arn in snapshot["services"].values()] == ["t:1"]


def test_it_is_equal_until_something_changes(aws: Aws) -> None:
    """Snapshots of an unchanged account are equal; a role made anew differs by its id only."""
    populate(aws)
    before, before_ids = account_snapshot(aws), account_snapshot(aws, ids=True)
    other = {"RoleName": "other", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    aws.call("iam", "CreateRole", other)
    between = account_snapshot(aws)
    between_ids = account_snapshot(aws, ids=True)
    aws.call("iam", "DeleteRole", {"RoleName": "other"})
    after, after_ids = account_snapshot(aws), account_snapshot(aws, ids=True)
    aws.call("iam", "CreateRole", other)

    assert before == after
    assert before_ids == after_ids
    assert before != between
    assert account_snapshot(aws) == between
    assert account_snapshot(aws, ids=True) != between_ids


def populate(aws: Aws) -> None:
    tags = [{"Key": "k", "Value": "v"}]
    role = "arn:aws:iam::123456789012:role/r"

    def iam(operation: str, **parameters: Any) -> Any:
        return aws.call("iam", operation, parameters)

    iam(
        "CreateRole",
        RoleName="r",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Description="d",
        MaxSessionDuration=7200,
        Tags=tags,
    )
    policy = iam("CreatePolicy", PolicyName="p", PolicyDocument=POLICY, Tags=tags)
    arn = policy["Policy"]["Arn"]
    iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    iam("AttachRolePolicy", RoleName="r", PolicyArn=arn)
    iam("PutRolePolicy", RoleName="r", PolicyName="i", PolicyDocument=POLICY)
    iam("CreateInstanceProfile", InstanceProfileName="ip", Tags=tags)
    iam("AddRoleToInstanceProfile", InstanceProfileName="ip", RoleName="r")
    run = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}
    instance = aws.call("ec2", "RunInstances", run)["Instances"][0]["InstanceId"]
    aws.call(
        "ec2",
        "AssociateIamInstanceProfile",
        {"InstanceId": instance, "IamInstanceProfile": {"Name": "ip"}},
    )
    aws.call(
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Runtime": "python3.12",
            "Role": role,
            "Handler": "f.f",
            "Code": {"ZipFile": b"zip"},
        },
    )
    container = {"name": "c", "image": "i", "memory": 64}
    task = {"family": "t", "containerDefinitions": [container], "taskRoleArn": role}
    aws.call("ecs", "RegisterTaskDefinition", task)
    aws.call("ecs", "CreateCluster", {"clusterName": "c"})
    aws.call(
        "ecs",
        "CreateService",
        {"cluster": "c", "serviceName": "s", "taskDefinition": "t", "desiredCount": 1},
    )
