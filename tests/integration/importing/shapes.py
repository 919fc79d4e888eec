"""Roles in many shapes, made by plain AWS calls as somebody else's scripts would make them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rolewright.engine.aws.reader import Aws

ACCOUNT = "123456789012"
RESERVED = "AWSReservedSSO_Admin_0123456789abcdef"
"""The role of IAM Identity Center."""
OTHER = "210987654321"
Json = Any
Shape = Callable[["Maker"], None]


def trusting(principal: Json, action: Json = "sts:AssumeRole", **more: Json) -> Json:
    """A trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def service(*names: str) -> Json:
    """A trust policy for services."""
    return trusting({"Service": names[0] if len(names) == 1 else list(names)})


def allowing(action: Json = "s3:GetObject", resource: Json = "*", **more: Json) -> Json:
    """A permission policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


EC2, LAMBDA, ECS = (service(f"{name}.amazonaws.com") for name in ("ec2", "lambda", "ecs-tasks"))


class Maker:
    """Makes what belongs to one shape; everything is called after it."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    def iam(self, operation: str, **parameters: Json) -> Mapping[str, Json]:
        return self.aws.call("iam", operation, parameters)

    def role(self, trust: Json = LAMBDA, name: str = "", **more: Json) -> str:
        """A role; returns its ARN."""
        text = trust if isinstance(trust, str) else json.dumps(trust)
        made = self.iam(
            "CreateRole", RoleName=name or self.name, AssumeRolePolicyDocument=text, **more
        )
        return made["Role"]["Arn"]

    def inline(self, document: Json, policy: str = "inline", role: str = "") -> None:
        text = document if isinstance(document, str) else json.dumps(document)
        self.iam(
            "PutRolePolicy", RoleName=role or self.name, PolicyName=policy, PolicyDocument=text
        )

    def policy(self, document: Json, suffix: str = "", **more: Json) -> str:
        """A customer managed policy; returns its ARN."""
        text = document if isinstance(document, str) else json.dumps(document)
        made = self.iam(
            "CreatePolicy", PolicyName=f"{self.name}-policy{suffix}", PolicyDocument=text, **more
        )
        return made["Policy"]["Arn"]

    def attach(self, arn: str, role: str = "") -> None:
        self.iam("AttachRolePolicy", RoleName=role or self.name, PolicyArn=arn)

    def aws_policy(self, name: str) -> None:
        self.attach(f"arn:aws:iam::aws:policy/{name}")

    def profile(self, name: str = "", role: str = "", **more: Json) -> str:
        """An instance profile with the role in it."""
        name = name or self.name
        self.iam("CreateInstanceProfile", InstanceProfileName=name, **more)
        self.iam("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role or self.name)
        return name

    def instance(self, profile: str) -> str:
        made = self.aws.call(
            "ec2",
            "RunInstances",
            {
                "ImageId": "ami-12c6146b",
                "MinCount": 1,
                "MaxCount": 1,
            },
        )
        instance = made["Instances"][0]["InstanceId"]
        self.aws.call(
            "ec2",
            "AssociateIamInstanceProfile",
            {"InstanceId": instance, "IamInstanceProfile": {"Name": profile}},
        )
        return instance

    def function(self, role: str, suffix: str = "") -> None:
        self.aws.call(
            "lambda",
            "CreateFunction",
            {
                "FunctionName": f"{self.name}{suffix}",
                "Runtime": "python3.12",
                "Role": role,
                "Handler": "index.handler",
                "Code": {"ZipFile": b"not run"},
            },
        )

    def task(self, family: str = "", **more: Json) -> str:
        made = self.aws.call(
            "ecs",
            "RegisterTaskDefinition",
            {
                "family": family or self.name,
                "containerDefinitions": [{"name": "main", "image": "busybox", "memory": 64}],
                **more,
            },
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def service(self, revision: str) -> None:
        self.aws.call("ecs", "CreateCluster", {"clusterName": "shapes"})
        self.aws.call(
            "ecs",
            "CreateService",
            {
                "cluster": "shapes",
                "serviceName": self.name,
                "taskDefinition": revision,
                "desiredCount": 0,
            },
        )


def _full(make: Maker) -> None:
    boundary = make.policy(allowing("*"), "-boundary")
    make.role(
        EC2,
        Path="/team/sub/",
        Description="Every attribute: ünïcödé, “quotes”",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "média"}, {"Key": "cost center", "Value": "12:34=5/@"}],
    )


def _ten_policies(make: Maker) -> None:
    make.role()
    for number in range(10):
        make.attach(
            make.policy(allowing(f"s3:Get{'Object' if number % 2 else 'Bucket'}*"), f"-{number}")
        )


def _five_versions(make: Maker) -> None:
    make.role()
    arn = make.policy(allowing("s3:GetObject"))
    for number in range(4):
        make.iam(
            "CreatePolicyVersion",
            PolicyArn=arn,
            PolicyDocument=json.dumps(allowing("s3:GetObject", f"arn:aws:s3:::v{number}/*")),
            SetAsDefault=number == 1,
        )
    make.attach(arn)


def _shared_by_functions(make: Maker) -> None:
    role = make.role()
    for suffix in ("-a", "-b", "-c"):
        make.function(role, suffix)


def _ec2(instances: int, **profile: Json) -> Shape:
    def shape(make: Maker) -> None:
        make.role(EC2)
        name = make.profile(**profile)
        for _ in range(instances):
            make.instance(name)

    return shape


def _two_profiles(make: Maker) -> None:
    make.role(EC2)
    make.profile(f"{make.name}-one")
    make.profile(f"{make.name}-two", Path="/other/")


def _ecs(*, task: bool, execution: bool, serving: bool = False) -> Shape:
    def shape(make: Maker) -> None:
        roles = {"taskRoleArn": make.role(ECS)} if task else {}
        if execution:
            roles["executionRoleArn"] = make.role(ECS, f"{make.name}-execution")
        revision = make.task(**roles)
        if serving:
            make.service(revision)

    return shape


def _tagged_task(make: Maker) -> None:
    make.task(taskRoleArn=make.role(ECS), tags=[{"key": "team", "value": "media"}])


def _two_revisions(make: Maker) -> None:
    old = make.task(taskRoleArn=make.role(ECS, f"{make.name}-old"))
    make.service(old)
    make.task(taskRoleArn=make.role(ECS))


def _made(_arn: str) -> None:
    """The role is all of the shape."""


def _trusts(document: Json) -> Shape:
    return lambda make: _made(make.role(document))


def _role(**more: Json) -> Shape:
    return lambda make: _made(make.role(**more))


def _inline(*documents: Json) -> Shape:
    def shape(make: Maker) -> None:
        make.role()
        for number, document in enumerate(documents):
            make.inline(document, f"inline-{number}")

    return shape


def _customer(document: Json, **more: Json) -> Shape:
    def shape(make: Maker) -> None:
        make.role()
        make.attach(make.policy(document, **more))

    return shape


def _aws_policies(*names: str) -> Shape:
    def shape(make: Maker) -> None:
        make.role()
        for name in names:
            make.aws_policy(name)

    return shape


def _shared_policy(make: Maker) -> None:
    arn = make.policy(allowing("sqs:SendMessage"))
    for suffix in ("-a", "-b"):
        make.role(name=f"{make.name}{suffix}")
        make.attach(arn, f"{make.name}{suffix}")


def _same_inline_twice(make: Maker) -> None:
    for suffix in ("-a", "-b"):
        make.role(name=f"{make.name}{suffix}")
        make.inline(allowing("sns:Publish"), "shared", f"{make.name}{suffix}")


def _unlike_inline_of_one_name(make: Maker) -> None:
    for suffix, action in (("-a", "sns:Publish"), ("-b", "sqs:SendMessage")):
        make.role(name=f"{make.name}{suffix}")
        make.inline(allowing(action), "own", f"{make.name}{suffix}")


def _trusts_a_sibling(make: Maker) -> None:
    arn = make.role(name=f"{make.name}-outer")
    make.role(trusting({"AWS": arn}))


def _trusts_itself(make: Maker) -> None:
    arn = make.role(LAMBDA)
    make.iam(
        "UpdateAssumeRolePolicy",
        RoleName=make.name,
        PolicyDocument=json.dumps(trusting({"AWS": arn})),
    )


def _condition(operator: str, key: str, value: Json) -> Shape:
    return _inline(allowing("s3:*", "*", Condition={operator: {key: value}}))


_FEDERATED = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}
_GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
_ODD = (
    '{ "Statement" : { "Resource":["*"],\n\t"Action" : "S3:getobject","Effect": "Allow" } ,'
    '"Version":"2012-10-17" }'
)

SHAPES: Mapping[str, Shape] = {
    "bare": _role(),
    "full": _full,
    "path": _role(Path="/service/"),
    "deep-path": _role(Path="/a/b/c/d/"),
    "description": _role(Description="Reads the photo archive"),
    "unicode": _role(Description="Größe ¡olé! çà et là"),
    "yaml-like": _role(Description="yes: no # [a, {b}] 'c' \"d\""),
    "dollar": _role(Description="costs ${var.x} or $5"),
    "session": _role(MaxSessionDuration=43200),
    "tags": _role(Tags=[{"Key": "on", "Value": "off"}, {"Key": "n", "Value": "0123"}]),
    "keyword-tag": _role(Tags=[{"Key": "for", "Value": "if"}, {"Key": "null", "Value": "in"}]),
    "empty-tag": _role(Tags=[{"Key": "flag", "Value": ""}]),
    "many-tags": _role(Tags=[{"Key": f"k{n:02}", "Value": str(n)} for n in range(40)]),
    "odd=name+of.a,role@x_y-z": _role(),
    "0123": _role(),
    "null": _role(),
    "Mixed-Case": _role(),
    "dotted.name.arn": _role(),
    "trust-two-services": _trusts(service("lambda.amazonaws.com", "edgelambda.amazonaws.com")),
    "trust-ec2": _trusts(EC2),
    "trust-account": _trusts(trusting({"AWS": ACCOUNT})),
    "trust-other-account": _trusts(trusting({"AWS": f"arn:aws:iam::{OTHER}:root"})),
    "trust-other-role": _trusts(trusting({"AWS": f"arn:aws:iam::{OTHER}:role/deploy"})),
    "trust-mixed": _trusts(
        trusting({"AWS": [OTHER, f"arn:aws:iam::{ACCOUNT}:root"], "Service": "ec2.amazonaws.com"})
    ),
    "trust-external-id": _trusts(
        trusting({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x-1"}})
    ),
    "trust-mfa": _trusts(
        trusting({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    ),
    "trust-saml": _trusts(
        trusting(
            _FEDERATED,
            "sts:AssumeRoleWithSAML",
            Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        )
    ),
    "trust-oidc": _trusts(
        trusting(
            _GITHUB,
            "sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"},
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            },
        )
    ),
    "trust-deleted-role": _trusts(trusting({"AWS": "AROAEXAMPLEDELETED123"})),
    "trust-deleted-and-live": _trusts(trusting({"AWS": ["AIDAEXAMPLEDELETED123", OTHER]})),
    "trust-session-tags": _trusts(
        trusting({"AWS": OTHER}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    ),
    "trust-two-statements": _trusts(
        {"Version": "2012-10-17", "Statement": [*EC2["Statement"], *LAMBDA["Statement"]]}
    ),
    "trust-sid": _trusts(
        {
            "Version": "2012-10-17",
            "Id": "trust",
            "Statement": [{**LAMBDA["Statement"][0], "Sid": "LambdaMayAssume"}],
        }
    ),
    "trust-worded": _trusts(
        {
            "Id": "who",
            **trusting({"AWS": ACCOUNT}, Sid="Root", Condition={}),
        }
    ),
    "inline-worded": _inline({"Id": "what", **allowing(Sid="", Condition={})}),
    "customer-worded": _customer({"Id": "what", **allowing(Sid="", Condition={})}),
    "trust-2008": _trusts({"Version": "2008-10-17", "Statement": LAMBDA["Statement"]}),
    "trust-single-statement": _trusts(
        {"Version": "2012-10-17", "Statement": LAMBDA["Statement"][0]}
    ),
    "trust-sibling": _trusts_a_sibling,
    "trust-itself": _trusts_itself,
    "inline-one": _inline(allowing()),
    "inline-three": _inline(allowing(), allowing("sqs:*"), allowing("sns:*")),
    "inline-odd-format": _inline(_ODD),
    "inline-spaced": _inline(json.dumps(allowing(), indent=4)),
    "inline-not-action": _inline(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::x"}
            ],
        }
    ),
    "inline-sids": _inline(
        {
            "Version": "2012-10-17",
            "Id": "id",
            "Statement": [
                {"Sid": "A1", "Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]},
                {"Sid": "B2", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
            ],
        }
    ),
    "inline-policy-variables": _inline(
        allowing("s3:*", ["arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::x/${*}"])
    ),
    "inline-dollars": _inline(allowing("s3:GetObject", "arn:aws:s3:::x/${aws:PrincipalTag/t}")),
    "inline-unicode": _inline(allowing("s3:GetObject", "arn:aws:s3:::bucket/größe/*")),
    "inline-percent": _inline(allowing("s3:GetObject", "arn:aws:s3:::bucket/a%20b+c/*")),
    "inline-duplicates": _inline(allowing(["s3:GetObject", "s3:GetObject", "S3:PUTOBJECT"])),
    "inline-same-twice": _same_inline_twice,
    "inline-unlike": _unlike_inline_of_one_name,
    "condition-string": _condition("StringLike", "s3:prefix", ["home/*", "public/*"]),
    "condition-numeric": _condition("NumericLessThan", "s3:max-keys", "10"),
    "condition-bool": _condition("Bool", "aws:SecureTransport", "true"),
    "condition-bool-json": _condition("Bool", "aws:SecureTransport", value=True),
    "condition-date": _condition("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    "condition-ip": _condition("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
    "condition-arn": _condition("ArnLike", "aws:SourceArn", f"arn:aws:s3:::*-{ACCOUNT}"),
    "condition-null": _condition("Null", "aws:TokenIssueTime", "true"),
    "condition-for-all": _condition(
        "ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost center"]
    ),
    "condition-if-exists": _condition("StringEqualsIfExists", "aws:RequestedRegion", "us-east-1"),
    "condition-binary": _condition("BinaryEquals", "aws:key", "QmluYXJ5"),
    "customer": _customer(allowing()),
    "customer-described": _customer(allowing(), Description="Reads: é", Path="/p/"),
    "customer-tagged": _customer(allowing(), Tags=[{"Key": "a", "Value": "b"}]),
    "customer-shared": _shared_policy,
    "customer-versions": _five_versions,
    "ten-policies": _ten_policies,
    "aws-one": _aws_policies("ReadOnlyAccess"),
    "aws-service-role-path": _aws_policies("service-role/AWSLambdaBasicExecutionRole"),
    "aws-three": _aws_policies("ReadOnlyAccess", "AmazonS3FullAccess", "job-function/Billing"),
    "ec2-profile": _ec2(0),
    "ec2-instance": _ec2(1),
    "ec2-instances": _ec2(3),
    "ec2-other-name": _ec2(1, name="profile-of-another-name"),
    "ec2-profile-path": _ec2(0, Path="/profiles/"),
    "ec2-profile-tags": _ec2(0, Tags=[{"Key": "p", "Value": "q"}]),
    "ec2-two-profiles": _two_profiles,
    "lambda-function": lambda make: make.function(make.role()),
    "lambda-shared": _shared_by_functions,
    "ecs-task-role": _ecs(task=True, execution=False),
    "ecs-execution-role": _ecs(task=False, execution=True),
    "ecs-both": _ecs(task=True, execution=True),
    "ecs-service": _ecs(task=True, execution=False, serving=True),
    "ecs-tagged": _tagged_task,
    "ecs-two-revisions": _two_revisions,
}
"""What is made for each shape, by the name of its role."""


def make_account(aws: Aws, names: Mapping[str, Shape] = SHAPES) -> None:
    """An account with all shapes, and with what an import must leave alone."""
    for name, shape in names.items():
        shape(Maker(aws, name))
    other = Maker(aws, "others")
    aws.call("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling.amazonaws.com"})
    other.role(Path="/aws-reserved/sso.amazonaws.com/", name=RESERVED)
    other.iam("CreateInstanceProfile", InstanceProfileName="profile-without-role")
    other.policy(allowing("ec2:*"), "-attached-to-nothing")
