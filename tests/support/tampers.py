"""The tamper matrix: what others may do behind our back, and what drift must be found for it.

Each is a generator: it tampers, yields while somebody looks, and puts things back. What can't be put
back exactly is marked `mends`: `drift --fix` does it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rolewright.engine.aws.reader import Aws

ACCOUNT = "123456789012"
OTHER = "999988887777"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
READ = f"arn:aws:iam::{ACCOUNT}:policy/read"


def own(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


@dataclass
class World:
    """The account of the matrix, as somebody else who may change it sees it."""

    aws: Aws
    instance: str
    spare: str
    """An instance that no stack knows."""

    def iam(self, operation: str, **parameters: Any) -> Any:
        return self.aws.call("iam", operation, parameters)

    def ec2(self, operation: str, **parameters: Any) -> Any:
        return self.aws.call("ec2", operation, parameters)

    def function(self, operation: str, **parameters: Any) -> Any:
        return self.aws.call("lambda", operation, parameters)

    def ecs(self, operation: str, **parameters: Any) -> Any:
        return self.aws.call("ecs", operation, parameters)

    def trust(self, role: str) -> dict[str, Any]:
        answer = self.aws.read("iam", "GetRole", {"RoleName": role})
        return json.loads(json.dumps(answer["Role"]["AssumeRolePolicyDocument"]))

    def set_trust(self, role: str, document: dict[str, Any]) -> None:
        self.iam("UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=json.dumps(document))

    def document(self, arn: str = READ) -> tuple[str, dict[str, Any]]:
        version = self.aws.read("iam", "GetPolicy", {"PolicyArn": arn})["Policy"][
            "DefaultVersionId"
        ]
        answer = self.aws.read("iam", "GetPolicyVersion", {"PolicyArn": arn, "VersionId": version})
        return version, json.loads(json.dumps(answer["PolicyVersion"]["Document"]))

    def new_version(
        self, document: dict[str, Any], arn: str = READ, *, default: bool = True
    ) -> str:
        answer = self.iam(
            "CreatePolicyVersion",
            PolicyArn=arn,
            PolicyDocument=json.dumps(document),
            SetAsDefault=default,
        )
        return answer["PolicyVersion"]["VersionId"]

    def drop_version(self, new: str, back: str, arn: str = READ) -> None:
        self.iam("SetDefaultPolicyVersion", PolicyArn=arn, VersionId=back)
        self.iam("DeletePolicyVersion", PolicyArn=arn, VersionId=new)

    def inline(self, role: str, name: str) -> dict[str, Any]:
        found = self.aws.read("iam", "GetRolePolicy", {"RoleName": role, "PolicyName": name})
        return json.loads(json.dumps(found["PolicyDocument"]))

    def put_inline(self, role: str, name: str, document: dict[str, Any]) -> None:
        self.iam(
            "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document)
        )

    def association(self, instance: str) -> dict[str, Any] | None:
        for page in self.aws.pages("ec2", "DescribeIamInstanceProfileAssociations", {}):
            for item in page["IamInstanceProfileAssociations"]:
                if item["InstanceId"] == instance and item["State"] == "associated":
                    return item
        return None


Tampering = Callable[[World], Iterator[None]]


@dataclass(frozen=True)
class Tamper:
    """One line of the matrix: what is done, and each drift that has to be found: address, type, severity."""

    area: str
    name: str
    make: Tampering
    expected: tuple[tuple[str, str, str], ...]
    mends: bool = False
    """Put back by `drift --fix` instead of the tampering itself."""
    last: bool = False
    """Can't be put back at all: what is bound to is gone."""


MATRIX: list[Tamper] = []
CHANGED, MISSING, UNMANAGED, REPLACED = "changed", "missing", "unmanaged", "replaced"
INFO, LOW, MEDIUM, HIGH, CRITICAL = "info", "low", "medium", "high", "critical"


def tamper(
    area: str, name: str, *expected: tuple[str, str, str], mends: bool = False, last: bool = False
) -> Callable[[Tampering], Tampering]:
    def register(make: Tampering) -> Tampering:
        MATRIX.append(Tamper(area, name, make, expected, mends, last))
        return make

    return register


def policy(
    action: str | list[str], resource: str = "*", effect: str = "Allow", **more: Any
) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trusting(**principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


# --- roles ---------------------------------------------------------------------------------------

WEB = "role.web"


@tamper("role", "description", (WEB, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("UpdateRole", RoleName="web", Description="Something else", MaxSessionDuration=3600)
    yield
    w.iam("UpdateRole", RoleName="web", Description="Web", MaxSessionDuration=3600)


@tamper("role", "longer sessions", (WEB, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("UpdateRole", RoleName="web", Description="Web", MaxSessionDuration=43200)
    yield
    w.iam("UpdateRole", RoleName="web", Description="Web", MaxSessionDuration=3600)


@tamper("role", "a tag added", (WEB, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("TagRole", RoleName="web", Tags=[{"Key": "rogue", "Value": "yes"}])
    yield
    w.iam("UntagRole", RoleName="web", TagKeys=["rogue"])


@tamper("role", "a tag changed", (WEB, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("TagRole", RoleName="web", Tags=[{"Key": "team", "Value": "thieves"}])
    yield
    w.iam("TagRole", RoleName="web", Tags=[{"Key": "team", "Value": "media"}])


@tamper("role", "a tag removed", (WEB, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("UntagRole", RoleName="web", TagKeys=["team"])
    yield
    w.iam("TagRole", RoleName="web", Tags=[{"Key": "team", "Value": "media"}])


def _trusted(name: str, severity: str, role: str, edit: Callable[[dict[str, Any]], None]) -> None:
    @tamper("trust", name, (f"role.{role}", CHANGED, severity))
    def _(w: World) -> Iterator[None]:
        before = w.trust(role)
        after = json.loads(json.dumps(before))
        edit(after)
        w.set_trust(role, after)
        yield
        w.set_trust(role, before)


def _add(statement: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["Statement"].append(statement)


def _without_conditions(document: dict[str, Any]) -> None:
    for statement in document["Statement"]:
        statement.pop("Condition", None)


def _other_service(document: dict[str, Any]) -> None:
    document["Statement"] = [trusting(Service="glue.amazonaws.com")]


def _narrower(document: dict[str, Any]) -> None:
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": OTHER}}


_trusted("anyone", CRITICAL, "web", _add(trusting(AWS="*")))
_trusted("another account", HIGH, "web", _add(trusting(AWS=f"arn:aws:iam::{OTHER}:root")))
_trusted(
    "a role of another account", HIGH, "web", _add(trusting(AWS=f"arn:aws:iam::{OTHER}:role/x"))
)
_trusted("one more service", MEDIUM, "web", _add(trusting(Service="glue.amazonaws.com")))
_trusted("a role of this account", MEDIUM, "web", _add(trusting(AWS=own("role", "stranger"))))
_trusted("another service in place of ours", HIGH, "web", _other_service)
_trusted("a condition removed", HIGH, "partner", _without_conditions)
_trusted("a condition added", MEDIUM, "web", _narrower)
_trusted(
    "an identity provider",
    HIGH,
    "web",
    _add(
        {
            "Effect": "Allow",
            "Principal": {"Federated": own("oidc-provider", "idp.example.com")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"idp.example.com:aud": "x"}},
        }
    ),
)
_trusted("a deleted role's id", MEDIUM, "web", _add(trusting(AWS="AROAEXAMPLEEXAMPLE123")))


@tamper("boundary", "added", (WEB, CHANGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("PutRolePermissionsBoundary", RoleName="web", PermissionsBoundary=READ_ONLY)
    yield
    w.iam("DeleteRolePermissionsBoundary", RoleName="web")


@tamper("boundary", "removed", ("role.bounded", CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    w.iam("DeleteRolePermissionsBoundary", RoleName="bounded")
    yield
    w.iam("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=READ_ONLY)


@tamper("boundary", "changed", ("role.bounded", CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    w.iam("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=POWER)
    yield
    w.iam("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=READ_ONLY)


@tamper(
    "boundary",
    "removed, and AdministratorAccess attached",
    ("role.bounded", CHANGED, CRITICAL),
    ("role.bounded", UNMANAGED, CRITICAL),
)
def _(w: World) -> Iterator[None]:
    w.iam("DeleteRolePermissionsBoundary", RoleName="bounded")
    w.iam("AttachRolePolicy", RoleName="bounded", PolicyArn=ADMIN)
    yield
    w.iam("DetachRolePolicy", RoleName="bounded", PolicyArn=ADMIN)
    w.iam("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary=READ_ONLY)


def _on_role(name: str, severity: str, document: dict[str, Any]) -> None:
    @tamper("inline policy", name, (WEB, UNMANAGED, severity))
    def _(w: World) -> Iterator[None]:
        w.put_inline("web", "rogue", document)
        yield
        w.iam("DeleteRolePolicy", RoleName="web", PolicyName="rogue")


_on_role("added: everything", CRITICAL, policy("*"))
_on_role("added: a way to more rights", CRITICAL, policy("iam:PutRolePolicy", own("role", "*")))
_on_role("added: writing", HIGH, policy("dynamodb:PutItem"))
_on_role("added: reading", MEDIUM, policy("dynamodb:GetItem"))
_on_role("added: a denial", MEDIUM, policy("s3:*", effect="Deny"))


@tamper("inline policy", "changed", ("permission_policy.inline", CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    before = w.inline("web", "inline")
    w.put_inline("web", "inline", policy("s3:*"))
    yield
    w.put_inline("web", "inline", before)


@tamper("inline policy", "deleted", ("permission_policy.inline", MISSING, MEDIUM))
def _(w: World) -> Iterator[None]:
    before = w.inline("web", "inline")
    w.iam("DeleteRolePolicy", RoleName="web", PolicyName="inline")
    yield
    w.put_inline("web", "inline", before)


@tamper(
    "inline policy", "changed on one of two roles", ("permission_policy.both", CHANGED, CRITICAL)
)
def _(w: World) -> Iterator[None]:
    before = w.inline("task", "both")
    w.put_inline("task", "both", policy("*"))
    yield
    w.put_inline("task", "both", before)


@tamper(
    "inline policy", "deleted from one of two roles", ("permission_policy.both", CHANGED, MEDIUM)
)
def _(w: World) -> Iterator[None]:
    before = w.inline("task", "both")
    w.iam("DeleteRolePolicy", RoleName="task", PolicyName="both")
    yield
    w.put_inline("task", "both", before)


@tamper("managed policy", "AdministratorAccess attached", (WEB, UNMANAGED, CRITICAL))
def _(w: World) -> Iterator[None]:
    w.iam("AttachRolePolicy", RoleName="web", PolicyArn=ADMIN)
    yield
    w.iam("DetachRolePolicy", RoleName="web", PolicyArn=ADMIN)


@tamper("managed policy", "a policy that reads attached", (WEB, UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("AttachRolePolicy", RoleName="web", PolicyArn=READ_ONLY)
    yield
    w.iam("DetachRolePolicy", RoleName="web", PolicyArn=READ_ONLY)


@tamper("managed policy", "detached", ("permission_policy.logs", MISSING, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("DetachRolePolicy", RoleName="web", PolicyArn=LOGS)
    yield
    w.iam("AttachRolePolicy", RoleName="web", PolicyArn=LOGS)


@tamper(
    "managed policy", "ours detached from one role", ("permission_policy.read", CHANGED, MEDIUM)
)
def _(w: World) -> Iterator[None]:
    w.iam("DetachRolePolicy", RoleName="function", PolicyArn=READ)
    yield
    w.iam("AttachRolePolicy", RoleName="function", PolicyArn=READ)


@tamper("managed policy", "ours attached to another role of ours", ("role.task", UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("AttachRolePolicy", RoleName="task", PolicyArn=READ)
    yield
    w.iam("DetachRolePolicy", RoleName="task", PolicyArn=READ)


@tamper("role", "deleted", ("role.partner", MISSING, HIGH), mends=True)
def _(w: World) -> Iterator[None]:
    w.iam("DetachRolePolicy", RoleName="partner", PolicyArn=LOGS)
    w.iam("DeleteRole", RoleName="partner")
    yield


@tamper("role", "deleted and made again", ("role.partner", REPLACED, HIGH), mends=True)
def _(w: World) -> Iterator[None]:
    before = w.trust("partner")
    answer = w.aws.read("iam", "GetRole", {"RoleName": "partner"})["Role"]
    w.iam("DetachRolePolicy", RoleName="partner", PolicyArn=LOGS)
    w.iam("DeleteRole", RoleName="partner")
    w.iam(
        "CreateRole",
        RoleName="partner",
        AssumeRolePolicyDocument=json.dumps(before),
        Tags=answer["Tags"],
    )
    w.iam("AttachRolePolicy", RoleName="partner", PolicyArn=LOGS)
    yield


# --- policies ------------------------------------------------------------------------------------

OURS = "permission_policy.read"


def _versioned(name: str, severity: str, document: dict[str, Any]) -> None:
    @tamper("policy", name, (OURS, CHANGED, severity))
    def _(w: World) -> Iterator[None]:
        before, _ = w.document()
        new = w.new_version(document)
        yield
        w.drop_version(new, before)


_versioned("a new default version: everything", CRITICAL, policy("*"))
_versioned(
    "a new default version: more to read",
    MEDIUM,
    policy(["s3:GetObject", "s3:GetObjectTagging"], "arn:aws:s3:::b/*"),
)
_versioned("a new default version: less", MEDIUM, policy("s3:GetObject", "arn:aws:s3:::b/x/*"))
_versioned(
    "a new default version: other resources", MEDIUM, policy("s3:GetObject", "arn:aws:s3:::c/*")
)


@tamper("policy", "an older version made the default", (OURS, CHANGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    before, _ = w.document()
    w.iam("SetDefaultPolicyVersion", PolicyArn=READ, VersionId="v1")
    yield
    w.iam("SetDefaultPolicyVersion", PolicyArn=READ, VersionId=before)


@tamper("policy", "a dormant version: everything", (OURS, UNMANAGED, HIGH))
def _(w: World) -> Iterator[None]:
    new = w.new_version(policy("*"), default=False)
    yield
    w.iam("DeletePolicyVersion", PolicyArn=READ, VersionId=new)


@tamper("policy", "a dormant version: less", (OURS, UNMANAGED, LOW))
def _(w: World) -> Iterator[None]:
    new = w.new_version(policy("s3:GetObject", "arn:aws:s3:::b/x"), default=False)
    yield
    w.iam("DeletePolicyVersion", PolicyArn=READ, VersionId=new)


@tamper("policy", "a tag changed", (OURS, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("TagPolicy", PolicyArn=READ, Tags=[{"Key": "team", "Value": "thieves"}])
    yield
    w.iam("TagPolicy", PolicyArn=READ, Tags=[{"Key": "team", "Value": "media"}])


@tamper("policy", "attached to a user", (OURS, UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("AttachUserPolicy", UserName="stranger", PolicyArn=READ)
    yield
    w.iam("DetachUserPolicy", UserName="stranger", PolicyArn=READ)


@tamper("policy", "attached to a group", (OURS, UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("AttachGroupPolicy", GroupName="strangers", PolicyArn=READ)
    yield
    w.iam("DetachGroupPolicy", GroupName="strangers", PolicyArn=READ)


@tamper("policy", "attached to a role of others", (OURS, UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("AttachRolePolicy", RoleName="stranger", PolicyArn=READ)
    yield
    w.iam("DetachRolePolicy", RoleName="stranger", PolicyArn=READ)


@tamper("policy", "the boundary of a role of others", (OURS, UNMANAGED, LOW))
def _(w: World) -> Iterator[None]:
    w.iam("PutRolePermissionsBoundary", RoleName="stranger", PermissionsBoundary=READ)
    yield
    w.iam("DeleteRolePermissionsBoundary", RoleName="stranger")


def _delete_policy(w: World, arn: str, roles: list[str]) -> None:
    for role in roles:
        w.iam("DetachRolePolicy", RoleName=role, PolicyArn=arn)
    for version in w.aws.read("iam", "ListPolicyVersions", {"PolicyArn": arn})["Versions"]:
        if not version["IsDefaultVersion"]:
            w.iam("DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
    w.iam("DeletePolicy", PolicyArn=arn)


EXTRA = own("policy", "extra")


@tamper("policy", "deleted", ("permission_policy.extra", MISSING, MEDIUM), mends=True)
def _(w: World) -> Iterator[None]:
    _delete_policy(w, EXTRA, ["task"])
    yield


@tamper(
    "policy", "deleted and made again", ("permission_policy.extra", REPLACED, MEDIUM), mends=True
)
def _(w: World) -> Iterator[None]:
    found = w.aws.read("iam", "GetPolicy", {"PolicyArn": EXTRA})["Policy"]
    _, document = w.document(EXTRA)
    _delete_policy(w, EXTRA, ["task"])
    w.iam(
        "CreatePolicy",
        PolicyName="extra",
        PolicyDocument=json.dumps(document),
        Tags=found["Tags"],
    )
    w.iam("AttachRolePolicy", RoleName="task", PolicyArn=EXTRA)
    yield


# --- who carries the roles -----------------------------------------------------------------------

PROFILE = "service_binding.web"


@tamper("instance profile", "emptied", (PROFILE, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="web", RoleName="web")
    yield
    w.iam("AddRoleToInstanceProfile", InstanceProfileName="web", RoleName="web")


@tamper("instance profile", "holds another role", (PROFILE, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="web", RoleName="web")
    w.iam("AddRoleToInstanceProfile", InstanceProfileName="web", RoleName="stranger")
    yield
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="web", RoleName="stranger")
    w.iam("AddRoleToInstanceProfile", InstanceProfileName="web", RoleName="web")


@tamper("instance profile", "one more that carries our role", (WEB, UNMANAGED, MEDIUM))
def _(w: World) -> Iterator[None]:
    w.iam("CreateInstanceProfile", InstanceProfileName="rogue")
    w.iam("AddRoleToInstanceProfile", InstanceProfileName="rogue", RoleName="web")
    yield
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="rogue", RoleName="web")
    w.iam("DeleteInstanceProfile", InstanceProfileName="rogue")


@tamper("instance profile", "a tag changed", (PROFILE, CHANGED, LOW))
def _(w: World) -> Iterator[None]:
    target = {"InstanceProfileName": "web"}
    w.iam("TagInstanceProfile", **target, Tags=[{"Key": "team", "Value": "thieves"}])
    yield
    w.iam("TagInstanceProfile", **target, Tags=[{"Key": "team", "Value": "media"}])


@tamper("EC2", "the association removed", (PROFILE, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    found = w.association(w.instance)
    assert found is not None
    w.ec2("DisassociateIamInstanceProfile", AssociationId=found["AssociationId"])
    yield
    w.ec2(
        "AssociateIamInstanceProfile",
        InstanceId=w.instance,
        IamInstanceProfile={"Name": "web"},
    )


@tamper("EC2", "the association replaced", (PROFILE, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    found = w.association(w.instance)
    assert found is not None
    new = w.ec2(
        "ReplaceIamInstanceProfileAssociation",
        AssociationId=found["AssociationId"],
        IamInstanceProfile={"Name": "strange"},
    )["IamInstanceProfileAssociation"]
    yield
    w.ec2(
        "ReplaceIamInstanceProfileAssociation",
        AssociationId=new["AssociationId"],
        IamInstanceProfile={"Name": "web"},
    )


@tamper("EC2", "one more instance carries our profile", (WEB, UNMANAGED, HIGH))
def _(w: World) -> Iterator[None]:
    new = w.ec2(
        "AssociateIamInstanceProfile", InstanceId=w.spare, IamInstanceProfile={"Name": "web"}
    )["IamInstanceProfileAssociation"]
    yield
    w.ec2("DisassociateIamInstanceProfile", AssociationId=new["AssociationId"])


@tamper("instance profile", "deleted", (PROFILE, MISSING, HIGH), mends=True)
def _(w: World) -> Iterator[None]:
    found = w.association(w.instance)
    assert found is not None
    w.ec2("DisassociateIamInstanceProfile", AssociationId=found["AssociationId"])
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="web", RoleName="web")
    w.iam("DeleteInstanceProfile", InstanceProfileName="web")
    yield


@tamper("instance profile", "deleted and made again", (PROFILE, REPLACED, HIGH), mends=True)
def _(w: World) -> Iterator[None]:
    found = w.aws.read("iam", "GetInstanceProfile", {"InstanceProfileName": "web"})
    w.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="web", RoleName="web")
    w.iam("DeleteInstanceProfile", InstanceProfileName="web")
    w.iam("CreateInstanceProfile", InstanceProfileName="web", Tags=found["InstanceProfile"]["Tags"])
    w.iam("AddRoleToInstanceProfile", InstanceProfileName="web", RoleName="web")
    yield


@tamper("Lambda", "another role given to the function", ("service_binding.function", CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    name = "example-thumbnailer"
    w.function("UpdateFunctionConfiguration", FunctionName=name, Role=own("role", "stranger"))
    yield
    w.function("UpdateFunctionConfiguration", FunctionName=name, Role=own("role", "function"))


@tamper("Lambda", "another function carries our role", ("role.function", UNMANAGED, HIGH))
def _(w: World) -> Iterator[None]:
    name = "example-table-writer"
    former = own("role", "example-former-role")
    w.function("UpdateFunctionConfiguration", FunctionName=name, Role=own("role", "function"))
    yield
    w.function("UpdateFunctionConfiguration", FunctionName=name, Role=former)


TASK = "service_binding.task"


def register(w: World, family: str, **roles: str) -> str:
    containers = [{"name": "main", "image": "example", "memory": 128}]
    answer = w.ecs(
        "RegisterTaskDefinition", family=family, containerDefinitions=containers, **roles
    )
    return answer["taskDefinition"]["taskDefinitionArn"]


def serve(w: World, revision: str) -> None:
    w.ecs(
        "UpdateService", cluster="example", service="example-queue-worker", taskDefinition=revision
    )


def serving(w: World) -> str:
    answer = w.aws.read(
        "ecs", "DescribeServices", {"cluster": "example", "services": ["example-queue-worker"]}
    )
    return answer["services"][0]["taskDefinition"]


@tamper("ECS", "a revision with other roles", (TASK, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    new = register(w, "example-queue-worker", taskRoleArn=own("role", "stranger"))
    yield
    w.ecs("DeregisterTaskDefinition", taskDefinition=new)


@tamper("ECS", "the service moved to a revision with other roles", (TASK, CHANGED, HIGH))
def _(w: World) -> Iterator[None]:
    before = serving(w)
    serve(w, "example-queue-worker:1")
    yield
    serve(w, before)


@tamper("ECS", "another task definition carries our role", ("role.task", UNMANAGED, HIGH))
def _(w: World) -> Iterator[None]:
    new = register(w, "rogue", taskRoleArn=own("role", "task"))
    yield
    w.ecs("DeregisterTaskDefinition", taskDefinition=new)


@tamper("trust elsewhere", "a role of others lets ours in", (WEB, UNMANAGED, INFO))
def _(w: World) -> Iterator[None]:
    before = w.trust("stranger")
    w.set_trust(
        "stranger", {"Version": "2012-10-17", "Statement": [trusting(AWS=own("role", "web"))]}
    )
    yield
    w.set_trust("stranger", before)


# --- what can't be put back ------------------------------------------------------------------------


@tamper("Lambda", "the function deleted", ("service_binding.function", MISSING, HIGH), last=True)
def _(w: World) -> Iterator[None]:
    w.function("DeleteFunction", FunctionName="example-thumbnailer")
    yield


@tamper("EC2", "the instance terminated", (PROFILE, CHANGED, HIGH), last=True)
def _(w: World) -> Iterator[None]:
    w.ec2("TerminateInstances", InstanceIds=[w.instance])
    yield


@tamper("ECS", "the service deleted", (TASK, CHANGED, HIGH), last=True)
def _(w: World) -> Iterator[None]:
    w.ecs("DeleteService", cluster="example", service="example-queue-worker", force=True)
    yield


@tamper("ECS", "the task definition deregistered", (TASK, MISSING, HIGH), last=True)
def _(w: World) -> Iterator[None]:
    listed = w.aws.read("ecs", "ListTaskDefinitions", {"familyPrefix": "example-queue-worker"})
    for revision in listed["taskDefinitionArns"]:
        w.ecs("DeregisterTaskDefinition", taskDefinition=revision)
    yield
