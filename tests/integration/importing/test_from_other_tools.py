"""`import --from-terraform` and `--from-cloudformation`: the other tool's names, an empty plan, the way to forget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from support.cloudformation import create_stack

from .conftest import Desk
from .shapes import EC2, LAMBDA, Maker, allowing

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
    create_stack(aws, "photos", resources)
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
    create_stack(aws, "photos", resources)
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


def test_a_terraform_state(desk: Desk, aws: Aws) -> None:
    """What AWS no longer has is told, and is not among what Terraform is to forget."""
    maker = Maker(aws, "photo-web")
    arn = maker.role()
    maker.inline(allowing())
    gone = arn.replace("photo-web", "gone-role")
    path = terraform_state(
        desk,
        terraform_object("aws_iam_role", "photo_web", name="photo-web", arn=arn),
        terraform_object("aws_iam_role", "gone_role", name="gone-role", arn=gone),
    )
    desk.write(HEAD)

    told = desk.import_(from_terraform=path)

    assert "role.photo_web" in {one["address"] for one in told["imported"]}
    assert [one["id"] for one in told["skipped"]] == ["aws_iam_role.gone_role"]
    assert "from = aws_iam_role.photo_web" in told["release"]
    assert "gone_role" not in told["release"]
    desk.plan()


def terraform_state(desk: Desk, *resources: dict[str, Any]) -> Path:
    path = desk.folder / "terraform.tfstate"
    document = {"version": 4, "serial": 1, "lineage": "l", "resources": list(resources)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def terraform_object(
    type_: str, name: str, key: str | None = None, /, **attributes: Any
) -> dict[str, Any]:
    instance: dict[str, Any] = {"attributes": attributes}
    if key is not None:
        instance["index_key"] = key
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return {
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider": provider,
        "instances": [instance],
    }


def attachment(name: str, role: str, arn: str) -> dict[str, Any]:
    return terraform_object("aws_iam_role_policy_attachment", name, role=role, policy_arn=arn)


@pytest.fixture
def shared(desk: Desk, aws: Aws) -> Path:
    """Two roles made by one for_each, a policy on the first one, another policy on none."""
    maker = Maker(aws, "web-a")
    first = maker.role()
    read = maker.policy(allowing())
    maker.attach(read)
    maker.inline(allowing())
    second = Maker(aws, "web-b").role()
    lone = Maker(aws, "lone").policy(allowing())
    return terraform_state(
        desk,
        terraform_object("aws_iam_role", "web", "a", name="web-a", arn=first),
        terraform_object("aws_iam_role", "web", "b", name="web-b", arn=second),
        terraform_object("aws_iam_policy", "read", arn=read),
        terraform_object("aws_iam_policy", "lone", arn=lone),
        terraform_object("aws_iam_role_policy", "inside", role="web-a", name="inline"),
        attachment("read", "web-a", read),
    )


def test_a_filter_holds_for_all_that_is_imported(desk: Desk, shared: Path) -> None:
    """What nobody asked for is not told as missing, and stays with Terraform."""
    desk.write(HEAD)

    told = desk.import_(from_terraform=shared, name=["web-b"])

    assert [one["id"] for one in told["imported"] if "trust" not in one["address"]] == ["web-b"]
    assert told["skipped"] == []
    assert "removed {" not in told["release"]
    assert """terraform state rm 'aws_iam_role.web["b"]'""" in told["release"]
    assert "lone" not in told["release"]
    desk.plan()


def test_a_second_import_tells_all_that_can_be_forgotten(desk: Desk, shared: Path) -> None:
    """Also what an earlier one took: the text is lost easily."""
    desk.write(HEAD)
    desk.import_(from_terraform=shared, name=["web-b"])

    rest = desk.import_(from_terraform=shared)
    again = desk.import_(from_terraform=shared)

    assert rest["release"] == again["release"]
    assert rest["release"].count("removed {") == 5
    assert "only some instances" not in rest["release"]
    assert again["imported"] == []
    assert [one["id"] for one in again["skipped"]] == ["web-a", "web-b"]
    desk.plan()


def test_a_role_that_is_anothers_keeps_all_that_is_on_it(
    desk: Desk, aws: Aws, shared: Path
) -> None:
    """Its parts are not told as gone."""
    tags = [{"Key": "rolewright:stack", "Value": "theirs"}]
    aws.call("iam", "TagRole", {"RoleName": "web-a", "Tags": tags})
    desk.write(HEAD)

    told = desk.import_(from_terraform=shared)

    assert {one["id"]: one["reason"] for one in told["skipped"]} == {
        "web-a": 'owned by the stack "theirs"',
        "aws_iam_role_policy.inside": "its role web-a is not imported",
        "aws_iam_role_policy_attachment.read": "its role web-a is not imported",
    }
    assert "aws_iam_policy.read" in told["release"]
    assert "aws_iam_role_policy_attachment.read" not in told["release"]


def test_what_was_detached_by_hand_is_not_forgotten_with_its_policy(
    desk: Desk, aws: Aws, shared: Path
) -> None:
    """The policy and its role are imported all the same."""
    (policy,) = [
        policy["PolicyArn"]
        for policy in aws.read("iam", "ListAttachedRolePolicies", {"RoleName": "web-a"})[
            "AttachedPolicies"
        ]
    ]
    aws.call("iam", "DetachRolePolicy", {"RoleName": "web-a", "PolicyArn": policy})
    desk.write(HEAD)

    told = desk.import_(from_terraform=shared)

    (skipped,) = told["skipped"]
    assert skipped["id"] == "aws_iam_role_policy_attachment.read"
    assert skipped["reason"].endswith("is not attached to web-a")
    assert "from = aws_iam_policy.read\n" in told["release"]
    assert "from = aws_iam_role.web\n" in told["release"]
    assert "aws_iam_role_policy_attachment.read" not in told["release"]


def test_a_policy_that_terraform_only_attaches_is_only_attached(desk: Desk, aws: Aws) -> None:
    """It is somebody else's, with or without a tag that says so."""
    maker = Maker(aws, "web")
    arn, theirs = maker.role(), Maker(aws, "theirs").policy(allowing())
    maker.attach(theirs)
    state = terraform_state(
        desk,
        terraform_object("aws_iam_role", "web", name="web", arn=arn, permissions_boundary=theirs),
        attachment("reading", "web", theirs),
    )
    aws.call(
        "iam", "PutRolePermissionsBoundary", {"RoleName": "web", "PermissionsBoundary": theirs}
    )
    desk.write(HEAD)

    told = desk.import_(from_terraform=state)

    record = desk.state().resources[Address("permission_policy", "reading")]
    assert record.desired["type"] == "aws"
    assert "from = aws_iam_role_policy_attachment.reading\n" in told["release"]
    desk.plan()


def test_what_came_onto_an_imported_role_is_told_with_the_command(
    desk: Desk, aws: Aws, shared: Path
) -> None:
    """A second import leaves the role alone, and so what Terraform has put on it since."""
    desk.write(HEAD)
    desk.import_(from_terraform=shared)
    Maker(aws, "web-b").inline(allowing("s3:PutObject"), "later")
    document = json.loads(shared.read_text(encoding="utf-8"))
    document["resources"].append(
        terraform_object("aws_iam_role_policy", "later", role="web-b", name="later")
    )
    shared.write_text(json.dumps(document), encoding="utf-8")

    told = desk.import_(from_terraform=shared)

    (skipped,) = [one for one in told["skipped"] if one["id"] == "aws_iam_role_policy.later"]
    assert skipped["reason"].endswith("rolewright import 'permission_policy.later' 'web-b:later'")
    assert "later" not in told["release"]
    desk.import_("permission_policy.later", "web-b:later")
    assert "aws_iam_role_policy.later" in desk.import_(from_terraform=shared)["release"]
    desk.plan()


def test_what_went_from_an_imported_role_is_told_as_gone(
    desk: Desk, aws: Aws, shared: Path
) -> None:
    """A second import offers no command for what is not there."""
    desk.write(HEAD)
    desk.import_(from_terraform=shared)
    document = json.loads(shared.read_text(encoding="utf-8"))
    read = document["resources"][2]["instances"][0]["attributes"]["arn"]
    document["resources"] += [
        terraform_object("aws_iam_role_policy", "gone", role="web-b", name="gone"),
        attachment("gone", "web-b", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        terraform_object("aws_iam_role", "gone", name="web-c", arn="arn:aws:iam::1:role/web-c"),
        terraform_object("aws_iam_instance_profile", "gone", name="p", role="web-b"),
        attachment("late", "web-b", read),
    ]
    text = json.dumps(document).replace("iam::1:", "iam::123456789012:")
    shared.write_text(text, encoding="utf-8")
    aws.call("iam", "AttachRolePolicy", {"RoleName": "web-b", "PolicyArn": read})

    told = desk.import_(from_terraform=shared)

    assert {one["id"]: one["reason"] for one in told["skipped"] if "aws_" in one["id"]} == {
        "aws_iam_role_policy.gone": "AWS has no web-b:gone",
        "aws_iam_role_policy_attachment.gone": "arn:aws:iam::aws:policy/ReadOnlyAccess is not "
        "attached to web-b",
        "aws_iam_role.gone": "AWS has no web-c",
        "aws_iam_instance_profile.gone": "AWS has no p that carries web-b",
        "aws_iam_role_policy_attachment.late": "its role and its policy are in the state already: "
        "add web-b to the policy's roles",
    }


def test_what_is_left_of_a_role_that_is_gone(desk: Desk, aws: Aws) -> None:
    """Its function is there, and carries nothing that could be imported."""
    maker = Maker(aws, "web")
    arn = maker.role()
    maker.function(arn)
    aws.call("iam", "DeleteRole", {"RoleName": "web"})
    other = Maker(aws, "other").role()
    state = terraform_state(
        desk,
        terraform_object("aws_iam_role", "web", name="web", arn=arn),
        terraform_object("aws_iam_role", "other", name="other", arn=other),
        terraform_object("aws_lambda_function", "f", function_name="web", role=arn),
    )
    desk.write(HEAD)

    told = desk.import_(from_terraform=state)

    assert {one["id"]: one["reason"] for one in told["skipped"]} == {
        "aws_iam_role.web": "AWS has no web",
        "aws_lambda_function.f": "its role web is not in AWS",
    }


HELD = """
Conditions: {Off: !Equals [!Ref "AWS::Region", nowhere]}
Resources:
  Web:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
  User: {Type: AWS::IAM::User}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Web]
      Users: [!Ref User]
      PolicyDocument: &document {Version: "2012-10-17",
        Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}
  Lone:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: lone, Users: [!Ref User], PolicyDocument: *document}
  Mine:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: mine
      Roles: [!Ref Web]
      Users: !If [Off, [joe], !Ref "AWS::NoValue"]
      PolicyDocument: *document
"""


def test_what_users_have_of_a_stack_is_told_as_it_is(desk: Desk, aws: Aws) -> None:
    """They keep what is imported for roles; what is theirs alone stays with CloudFormation."""
    create_stack(aws, "s", HELD)
    desk.write(HEAD)

    told = desk.import_(from_cloudformation="s")

    reasons = {one["id"]: one["reason"] for one in told["skipped"]}
    assert reasons.keys() == {"Shared", "Lone", "User"}
    assert reasons["Shared"].endswith("they keep it, and nothing manages that")
    assert reasons["Lone"] == "of users and groups nothing is imported"
    assert "that deletes Lone, User.\n" in told["release"]


def test_what_is_printed_is_one_stack_file(desk: Desk, aws: Aws) -> None:
    """Of roles of several services, too: no section stands twice."""
    for name, trust in (("a", EC2), ("b", LAMBDA)):
        Maker(aws, name).role(trust)

    told = desk.import_all(print_=True)
    desk.write(told["text"])

    desk.plan()


UNTOLD = """
Conditions: {On: !Equals [!Ref "AWS::Region", us-east-1]}
Mappings: {Names: {us-east-1: {inside: near}}}
Resources:
  Web:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: !FindInMap [Names, !Ref "AWS::Region", inside]
          PolicyDocument: &document {Version: "2012-10-17",
            Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}
  Chosen:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: !If [On, !Select [1, !Split ["-", "an-extra"]], other]
      Roles: [!Ref Web]
      PolicyDocument: *document
  Hidden:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: !Select [5, !Split [":", !GetAtt Bucket.Arn]]
      Roles: [!Ref Web]
      PolicyDocument: *document
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: hidden}}
"""


def test_what_a_template_does_not_tell_is_kept_with_its_role(desk: Desk, aws: Aws) -> None:
    """Deleting the stack would take a policy off a role that is managed here."""
    create_stack(aws, "s", UNTOLD)
    desk.write(HEAD)

    told = desk.import_(from_cloudformation="s")

    assert {one["address"] for one in told["imported"] if "trust" not in one["address"]} == {
        "role.Web",
        "permission_policy.Web-near",
        "permission_policy.Chosen",
        next(one["address"] for one in told["imported"] if one["id"].endswith(":hidden")),
    }
    reasons = {one["id"]: one["reason"] for one in told["skipped"]}
    assert reasons["Hidden"].startswith("its PolicyName can't be worked out from the template")
    for kept in ("Web", "Chosen", "Hidden"):
        assert f"       {kept}\n" in told["release"]
    assert "that deletes Bucket.\n" in told["release"]
    desk.plan()


def test_what_is_one_here_has_the_name_that_several_had(desk: Desk, aws: Aws) -> None:
    """Equal policies of a for_each are one block, called as they were; with --compact the roles too."""
    resources: list[dict[str, Any]] = []
    for key, name in (("eu", "frankfurt"), ("us", "virginia")):
        maker = Maker(aws, f"{name}-worker")
        arn = maker.role()
        maker.inline(allowing(), "p")
        maker.aws_policy("ReadOnlyAccess")
        read = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        resources += [
            terraform_object("aws_iam_role", "job", key, name=maker.name, arn=arn),
            terraform_object("aws_iam_role_policy", "logs", key, role=maker.name, name="p"),
            terraform_object(
                "aws_iam_role_policy_attachment", "see", key, role=maker.name, policy_arn=read
            ),
        ]
    desk.write(HEAD)

    told = desk.import_(from_terraform=terraform_state(desk, *resources), compact=True)

    assert {one["address"] for one in told["imported"] if "trust" not in one["address"]} == {
        'role.job["frankfurt"]',
        'role.job["virginia"]',
        "permission_policy.logs",
        "permission_policy.see",
    }
    desk.plan()


def test_a_stack_without_a_name_is_refused(desk: Desk) -> None:
    """As a variable that is not set makes one."""
    desk.write(HEAD)

    with pytest.raises(Problem, match="names no stack"):
        desk.import_(from_cloudformation="")


def test_one_source_at_a_time(desk: Desk) -> None:
    """--all beside another tool's names would say two things."""
    desk.write(HEAD)

    with pytest.raises(Problem, match="one of --all"):
        desk.import_all(from_cloudformation="photos")
