"""`import --from-terraform` and `--from-cloudformation`: the other tool's names, an empty plan, the way to forget."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.resources.diagnostics import Problem

from .conftest import Desk
from .shapes import EC2, Maker, allowing

HEAD = "stack: s\nregion: us-east-1\n"


def managed(action: str) -> dict[str, Any]:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allowing(action)}}


def test_a_cloudformation_stack(desk: Desk, aws: Aws) -> None:
    """Also a policy that is on no role comes along; what is nothing of ours is named."""
    role = {"AssumeRolePolicyDocument": EC2, "ManagedPolicyArns": [{"Ref": "Read"}]}
    resources = {
        "WebRole": {"Type": "AWS::IAM::Role", "Properties": role},
        "Read": managed("s3:GetObject"),
        "Lone": managed("s3:ListBucket"),
        "Bucket": {"Type": "AWS::S3::Bucket"},
    }
    aws.call(
        "cloudformation",
        "CreateStack",
        {
            "StackName": "photos",
            "TemplateBody": json.dumps({"Resources": resources}),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        },
    )
    desk.write(HEAD)

    told = desk.import_(from_cloudformation="photos")

    assert {one["address"] for one in told["imported"]} == {
        "role.WebRole",
        "permission_policy.Read",
        "permission_policy.Lone",
    }
    assert [one["id"] for one in told["skipped"]] == ["Bucket"]
    assert "DeletionPolicy: Retain" in told["release"]
    desk.plan()


def test_a_policy_of_another_stack_is_left_with_the_reason(desk: Desk, aws: Aws) -> None:
    """What is there and can't be taken is not told as gone."""
    resources = {"Lone": managed("s3:ListBucket"), "Other": managed("s3:GetObject")}
    aws.call(
        "cloudformation",
        "CreateStack",
        {"StackName": "photos", "TemplateBody": json.dumps({"Resources": resources})},
    )
    arn = next(
        policy["Arn"]
        for page in aws.pages("iam", "ListPolicies", {"Scope": "Local"})
        for policy in page["Policies"]
        if "-Lone-" in policy["Arn"]
    )
    tags = [{"Key": "rolewright:stack", "Value": "theirs"}]
    aws.call("iam", "TagPolicy", {"PolicyArn": arn, "Tags": tags})
    desk.write(HEAD)

    told = desk.import_(from_cloudformation="photos")

    (skipped,) = told["skipped"]
    assert skipped["id"] == "Lone"
    assert "theirs" in skipped["reason"]


def terraform_role(name: str, arn: str) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": "aws_iam_role",
        "name": name.replace("-", "_"),
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": {"id": name, "name": name, "arn": arn}}],
    }


def test_a_terraform_state(desk: Desk, aws: Aws) -> None:
    """What AWS no longer has is told, and is not among what Terraform is to forget."""
    maker = Maker(aws, "photo-web")
    arn = maker.role()
    maker.inline(allowing())
    resources = [
        terraform_role("photo-web", arn),
        terraform_role("gone-role", arn.replace("photo-web", "gone-role")),
    ]
    document = {
        "version": 4,
        "terraform_version": "1.11.0",
        "serial": 1,
        "lineage": "l",
        "outputs": {},
        "resources": resources,
    }
    path = desk.folder / "terraform.tfstate"
    path.write_text(json.dumps(document), encoding="utf-8")
    desk.write(HEAD)

    told = desk.import_(from_terraform=path)

    assert "role.photo_web" in {one["address"] for one in told["imported"]}
    assert [one["id"] for one in told["skipped"]] == ["aws_iam_role.gone_role"]
    assert "from = aws_iam_role.photo_web" in told["release"]
    assert "gone_role" not in told["release"]
    desk.plan()


def test_one_source_at_a_time(desk: Desk) -> None:
    """--all beside another tool's names would say two things."""
    desk.write(HEAD)

    with pytest.raises(Problem, match="one of --all"):
        desk.import_all(from_cloudformation="photos")
