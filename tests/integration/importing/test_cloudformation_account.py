"""An account that CloudFormation made: imported both ways, and made again from the files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from rolewright.engine.aws.reader import Aws
from support.cloudformation import create_stack
from support.moto_server import account_snapshot

from .conftest import Desk, meaning_of
from .shapes import ACCOUNT, EC2, ECS, LAMBDA, OTHER, allowing, service, trusting

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def role(trust: Any = LAMBDA, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, **properties},
    }


def inline(*names: str) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": allowing(f"s3:Get{name}")} for name in names]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


SINGLE = {"Version": "2012-10-17", "Statement": EC2["Statement"][0]}
RESOURCES: dict[str, Any] = {
    "Bare": role(),
    "Named": role(RoleName="named"),
    "Full": role(
        EC2,
        RoleName="full",
        Path="/team/",
        Description="Größe",
        MaxSessionDuration=7200,
        PermissionsBoundary={"Ref": "Boundary"},
        ManagedPolicyArns=[READ_ONLY, {"Ref": "Shared"}],
        Policies=inline("Object", "ObjectAcl"),
        Tags=[{"Key": "team", "Value": "media"}],
    ),
    "Boundary": resource("IAM::ManagedPolicy", PolicyDocument=allowing("*")),
    "Shared": resource(
        "IAM::ManagedPolicy",
        ManagedPolicyName="shared",
        Path="/p/",
        Description="Shared by two",
        PolicyDocument=allowing(["sqs:*"], ["*"]),
    ),
    "AlsoShared": role(ManagedPolicyArns=[{"Ref": "Shared"}]),
    "ByPolicy": role(),
    "OnTwo": resource(
        "IAM::Policy",
        PolicyName="on-two",
        PolicyDocument=allowing("sns:Publish"),
        Roles=[{"Ref": "ByPolicy"}, {"Ref": "Bare"}],
    ),
    "ByManaged": role(),
    "Managed": resource(
        "IAM::ManagedPolicy",
        PolicyDocument=allowing("sns:Publish", Condition={"Bool": {"aws:SecureTransport": True}}),
        Roles=[{"Ref": "ByManaged"}],
    ),
    "Single": role(SINGLE),
    "TwoServices": role(service("lambda.amazonaws.com", "edgelambda.amazonaws.com")),
    "Account": role(trusting({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}})),
    "External": role(trusting({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
    "Sibling": role(trusting({"AWS": {"Fn::GetAtt": ["Named", "Arn"]}})),
    "Federated": role(
        trusting(
            {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}, "sts:AssumeRoleWithSAML"
        )
    ),
    "Task": role(ECS),
    "Definition": resource(
        "ECS::TaskDefinition",
        Family="worker",
        TaskRoleArn={"Fn::GetAtt": ["Task", "Arn"]},
        ExecutionRoleArn={"Fn::GetAtt": ["Task", "Arn"]},
        ContainerDefinitions=[{"Name": "a", "Image": "b", "Memory": 64}],
    ),
    "Profile": resource("IAM::InstanceProfile", Roles=[{"Ref": "Full"}]),
    "Web": resource(
        "EC2::Instance",
        ImageId="ami-12c6146b",
        InstanceType="t3.micro",
        IamInstanceProfile={"Ref": "Profile"},
    ),
    "Function": resource(
        "Lambda::Function",
        FunctionName="f",
        Runtime="python3.12",
        Handler="i.h",
        Role={"Fn::GetAtt": ["Named", "Arn"]},
        Code={"ZipFile": "x"},
    ),
}


def test_the_account_is_imported_and_made_again(desk: Desk, aws: Aws) -> None:
    """Under its names in AWS and under its logical ones the plan is empty; nothing is changed."""
    create_stack(aws, "photos", RESOURCES)
    before = account_snapshot(aws.again(), ids=True)
    meaning = meaning_of(account_snapshot(aws.again()))

    every, owned = (
        Desk(folder, replace(desk.options, config=folder), desk.capsys)
        for folder in (desk.folder / "every", desk.folder / "owned")
        if folder.mkdir() is None
    )
    imported = every.import_all()["imported"]
    every.plan()
    named = owned.import_(from_cloudformation="photos")
    owned.plan()

    assert account_snapshot(aws.again(), ids=True) == before
    roles = {name for name, one in RESOURCES.items() if one["Type"] == "AWS::IAM::Role"}
    addresses = {one["address"] for one in named["imported"]}
    assert {f"role.{name}" for name in roles} <= addresses
    assert named["skipped"] == []
    kinds = Counter(one["address"].partition(".")[0] for one in imported)
    assert kinds == Counter(address.partition(".")[0] for address in addresses)
    assert kinds["role"] == len(roles) == len(before["roles"])

    every.destroy()
    assert account_snapshot(aws.again())["roles"] == {}
    every.apply()
    assert meaning_of(account_snapshot(aws.again())) == meaning
