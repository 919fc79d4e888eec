"""To and from other tools: CloudFormation on the local AWS, and Terraform where it is on the machine."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.exporting.cloudformation import cloudformation_files
from rolewright.engine.exporting.owned import owned_by
from rolewright.engine.exporting.terraform import terraform_files
from rolewright.engine.importing.cloudformation import cloudformation_inventory
from rolewright.engine.importing.releasing import cloudformation_steps
from rolewright.engine.outcome import Status
from rolewright.engine.sandbox import Sandbox, reset
from rolewright.engine.sandbox.furnishing import furnish
from rolewright.resources.diagnostics import Problem
from rolewright.resources.registry import kind_class
from support.cloudformation import create_stack
from support.full import full_stack
from support.moto_server import account_snapshot
from support.runs import Bench
from support.terraform import Terraform, needs_terraform

TEMPLATE = """
Parameters: {Team: {Type: String, Default: media}}
Resources:
  WebRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
      ManagedPolicyArns: [!Ref Read, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
      Policies:
        - {PolicyName: !Sub "${Team}-inside", PolicyDocument: &document {Version: "2012-10-17",
           Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}}
  Read: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: *document}}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: !Join ["-", [extra, !Ref Team]]
      Roles: [!Ref WebRole]
      PolicyDocument: *document
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref WebRole]}}
  Web:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-12c6146b, InstanceType: t3.micro, IamInstanceProfile: !Ref Profile}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: worker
      TaskRoleArn: !GetAtt WebRole.Arn
      ContainerDefinitions: [{Name: a, Image: b, Memory: 64}]
  Bucket: {Type: AWS::S3::Bucket}
"""


def test_a_stack_of_cloudformation_is_read_under_its_logical_ids(aws: Aws) -> None:
    """Names come from the list of resources and from the template's functions."""
    create_stack(aws, "photos", TEMPLATE)

    inventory = cloudformation_inventory(aws, "photos", kind_class)
    (role,) = inventory.roles
    released = inventory.released({owned.identity for owned in inventory.owned})
    seen = aws.role(role)
    assert seen is not None

    found = {str(owned.address): owned.id for owned in inventory.owned}
    read = found["permission_policy.Read"].rpartition("/")[2]
    assert {address: id_.removeprefix(f"{role}:") for address, id_ in found.items()} == {
        "role.WebRole": role,
        "permission_policy.Read": found["permission_policy.Read"],
        "permission_policy.WebRole-ReadOnlyAccess": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "permission_policy.WebRole-media-inside": "media-inside",
        f"permission_policy.WebRole-{read}": found["permission_policy.Read"],
        "permission_policy.Extra": "extra-media",
        "service_binding.Profile": seen.instance_profiles[0],
        "service_binding.Task": "worker",
    }
    assert aws.policy(found["permission_policy.Read"]) is not None
    assert set(seen.inline_policies) == {"media-inside", "extra-media"}
    assert set(seen.attached_policies) == {
        found["permission_policy.Read"],
        found["permission_policy.WebRole-ReadOnlyAccess"],
    }
    assert [one.id for one in inventory.skipped] == ["Bucket"]
    assert released.owners == ("Extra", "Profile", "Read", "WebRole")
    assert dict(released.carriers) == {
        "Task": ("TaskRoleArn",),
        "Web": ("IamInstanceProfile",),
    }
    steps = cloudformation_steps(released, "photos")
    assert "DeletionPolicy: Retain" in steps
    assert "delete it after step 2: that deletes Bucket, Task, Web.\n" in steps


def test_a_stack_that_is_not_there_is_said_with_the_nearest_name(aws: Aws) -> None:
    """A misspelt name is the usual reason."""
    create_stack(aws, "photos", TEMPLATE)

    with pytest.raises(Problem) as raised:
        cloudformation_inventory(aws, "photo", kind_class)

    (finding,) = raised.value.diagnostics
    assert (finding.code, finding.hint) == ("cloudformation-no-stack", 'did you mean "photos"?')


def test_a_stack_without_roles_is_refused(aws: Aws) -> None:
    """An import of nothing is a mistake."""
    create_stack(aws, "store", {"B": {"Type": "AWS::S3::Bucket"}})

    with pytest.raises(Problem, match="nothing in the stack store can be imported"):
        cloudformation_inventory(aws, "store", kind_class)


def stack_with_edges(instance: str) -> dict[str, Any]:
    """Every kind, and texts that another language would read as its own."""
    stack = copy.deepcopy(full_stack(instance))
    stack["permission_policies"]["cap"] = {
        "statements": [{"actions": ["s3:*"], "resources": ["*"]}]
    }
    stack["permission_policies"]["inline"]["statements"] += [
        {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/${aws:username}/*"]}
    ]
    stack["roles"]["web"] |= {
        "description": 'a "b" \\ $${c} %{d}',
        "max_session_duration": 7200,
        "path": "/a/",
        "permissions_boundary": "${permission_policy.cap.arn}",
        "tags": {"Na me": "a = é @"},
    }
    return stack


def roles_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Roles as a snapshot has them, without rolewright's tags and the versions' dates."""
    kept = json.loads(json.dumps(snapshot["roles"]))
    for role in kept.values():
        role["Tags"] = {k: v for k, v in role["Tags"].items() if not k.startswith("rolewright:")}
        role["RolePolicyList"] = dict(sorted(role["RolePolicyList"].items()))
    return {name: role for name, role in kept.items() if name != "example-former-role"}


def test_cloudformation_makes_equal_roles_of_an_exported_template(
    bench: Bench, aws: Aws, sandbox: Sandbox
) -> None:
    """In an empty account the template makes what the stack had made."""
    assert bench.apply(stack_with_edges(furnish(aws, sandbox.url))).status is Status.APPLIED
    before = account_snapshot(aws)
    files = cloudformation_files(owned_by(bench.state()))
    reset(sandbox)

    fresh = aws.again()
    create_stack(fresh, "full", files["template.json"])

    after = account_snapshot(fresh)
    assert roles_of(after) == roles_of(before)
    assert after["policies"].keys() == before["policies"].keys()
    profile = after["instance_profiles"]["web"]
    assert profile["Roles"] == before["instance_profiles"]["web"]["Roles"] == ["web"]


@needs_terraform
@pytest.mark.parametrize("as_json", [False, True])
def test_terraform_plans_only_imports(
    bench: Bench, aws: Aws, sandbox: Sandbox, tmp_path: Path, *, as_json: bool
) -> None:
    """Of all that is exported Terraform would change nothing."""
    assert bench.apply(stack_with_edges(furnish(aws, sandbox.url))).status is Status.APPLIED
    folder = tmp_path / "terraform"
    folder.mkdir()
    for name, text in terraform_files(owned_by(bench.state()), as_json=as_json).items():
        (folder / name).write_text(text, encoding="utf-8")

    terraform = Terraform.at(folder, sandbox.url, ("iam", "sts"))
    terraform("validate")
    if not as_json:
        terraform("fmt", "-check", "rolewright.tf")
    changes = terraform.planned()

    assert {tuple(one["change"]["actions"]) for one in changes} == {("no-op",)}
    assert all("importing" in one["change"] for one in changes)
