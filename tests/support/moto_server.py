"""A local AWS for tests: one server a test process, emptied before each test that asks for it.

Fixtures: `sandbox` (a clean account), `aws` (a connection to it), `connect_aws` (makes such).
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.sandbox import Sandbox, ephemeral_sandbox, reset

TRUST: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}

_TIMES = {"CreateDate", "UpdateDate", "RoleLastUsed", "PasswordLastUsed", "registeredAt"}
_IDS = {"RoleId", "UserId", "GroupId", "PolicyId", "InstanceProfileId"}


@cache
def shared_server() -> Sandbox:
    """The server of this test process, started at the first call."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(ephemeral_sandbox())


@pytest.fixture
def sandbox() -> Sandbox:
    """A running sandbox with nothing in its account."""
    server = shared_server()
    reset(server)
    return server


@pytest.fixture
def connect_aws(sandbox: Sandbox) -> Iterator[Callable[..., Aws]]:
    """Makes connections to the clean account from fields of AwsOptions. Retries don't wait."""
    with ExitStack() as stack:

        def make(**options: Any) -> Aws:
            aws = connect(AwsOptions(sandbox_endpoint=sandbox.url, **options), sleep=lambda _: None)
            stack.callback(aws.close)
            return aws

        yield make


@pytest.fixture
def aws(connect_aws: Callable[..., Aws]) -> Aws:
    """A connection to the clean account."""
    return connect_aws()


def account_snapshot(aws: Aws, *, ids: bool = False) -> dict[str, Any]:
    """All that rolewright may touch in an account, equal to an earlier one when nothing changed.

    Without times; with the ids that AWS gives to IAM objects only for `ids`: they change when an
    object is deleted and made again.
    """
    dropped = _TIMES if ids else _TIMES | _IDS
    return _clean(
        {
            **_authorization(aws),
            "instance_profiles": _instance_profiles(aws),
            "associations": _associations(aws),
            "functions": _functions(aws),
            "task_definitions": _task_definitions(aws),
            "services": _services(aws),
        },
        dropped,
    )


def _clean(value: Any, dropped: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _clean(item, dropped) for key, item in sorted(value.items()) if key not in dropped
        }
    if isinstance(value, list):
        return [_clean(item, dropped) for item in value]
    return value


def _all(aws: Aws, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
    return [
        item for page in aws.pages(service, operation, parameters) for item in page.get(key, ())
    ]


def _authorization(aws: Aws) -> dict[str, Any]:
    pages = list(
        aws.pages(
            "iam",
            "GetAccountAuthorizationDetails",
            {"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]},
        )
    )
    listed = {role["RoleName"]: role for role in _all(aws, "iam", "ListRoles", "Roles")}

    def named(sort: str, name: str) -> dict[str, Any]:
        return {item[name]: dict(item) for page in pages for item in page.get(sort, ())}

    roles = named("RoleDetailList", "RoleName")
    for name, role in roles.items():
        role["InstanceProfileList"] = sorted(
            profile["InstanceProfileName"] for profile in role["InstanceProfileList"]
        )
        role["Tags"] = _tags(role.get("Tags", []))
        role["AttachedManagedPolicies"] = _arns(role["AttachedManagedPolicies"])
        role["RolePolicyList"] = _inline(role["RolePolicyList"])
        role["MaxSessionDuration"] = listed[name]["MaxSessionDuration"]
        role["Description"] = listed[name].get("Description", "")
    policies = named("Policies", "Arn")
    for arn, policy in policies.items():
        policy["Tags"] = _tags(_all(aws, "iam", "ListPolicyTags", "Tags", PolicyArn=arn))
        policy["PolicyVersionList"] = {
            version["VersionId"]: version for version in policy["PolicyVersionList"]
        }
    return {
        "roles": roles,
        "policies": policies,
        "users": named("UserDetailList", "UserName"),
        "groups": named("GroupDetailList", "GroupName"),
    }


def _tags(items: list[dict[str, str]]) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in items}


def _arns(items: list[dict[str, str]]) -> list[str]:
    return sorted(item["PolicyArn"] for item in items)


def _inline(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["PolicyName"]: item["PolicyDocument"] for item in items}


def _instance_profiles(aws: Aws) -> dict[str, Any]:
    return {
        profile["InstanceProfileName"]: {
            "Arn": profile["Arn"],
            "InstanceProfileId": profile["InstanceProfileId"],
            "Roles": sorted(role["RoleName"] for role in profile["Roles"]),
            # AWS would not tell them here; moto does, and has no ListInstanceProfileTags.
            "Tags": _tags(profile["Tags"]),
        }
        for profile in _all(aws, "iam", "ListInstanceProfiles", "InstanceProfiles")
    }


def _associations(aws: Aws) -> dict[str, str]:
    return {
        item["InstanceId"]: item["IamInstanceProfile"]["Arn"]
        for item in _all(
            aws,
            "ec2",
            "DescribeIamInstanceProfileAssociations",
            "IamInstanceProfileAssociations",
        )
        if item["State"] in {"associating", "associated"}
    }


def _functions(aws: Aws) -> dict[str, str]:
    return {
        function["FunctionName"]: function["Role"]
        for function in _all(aws, "lambda", "ListFunctions", "Functions")
    }


def _task_definitions(aws: Aws) -> dict[str, Any]:
    arns = _all(aws, "ecs", "ListTaskDefinitions", "taskDefinitionArns", status="ACTIVE")
    return {
        arn: aws.read("ecs", "DescribeTaskDefinition", {"taskDefinition": arn})["taskDefinition"]
        for arn in arns
    }


def _services(aws: Aws) -> dict[str, str]:
    found: dict[str, str] = {}
    for cluster in _all(aws, "ecs", "ListClusters", "clusterArns"):
        for arn in _all(aws, "ecs", "ListServices", "serviceArns", cluster=cluster):
            answer = aws.read("ecs", "DescribeServices", {"cluster": cluster, "services": [arn]})
            found[arn] = answer["services"][0]["taskDefinition"]
    return found
