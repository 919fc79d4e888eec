"""What may change in an account without being drift: the other half of the tamper matrix."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from support.tampers import (
    ACCOUNT,
    OTHER,
    READ,
    READ_ONLY,
    Tampering,
    World,
    own,
    policy,
    register,
    serve,
    serving,
    trusting,
)

HARMLESS: list[tuple[str, str, Tampering]] = []
GUARD = own("policy", "guard")


def harmless(area: str, name: str) -> Callable[[Tampering], Tampering]:
    def add(make: Tampering) -> Tampering:
        HARMLESS.append((area, name, make))
        return make

    return add


def _trust(name: str, edit: Callable[[dict[str, Any]], Any], role: str = "partner") -> None:
    @harmless("trust", name)
    def _(w: World) -> Iterator[None]:
        before = w.trust(role)
        after = json.loads(json.dumps(before))
        w.set_trust(role, edit(after) or after)
        yield
        w.set_trust(role, before)


def _policy(name: str, edit: Callable[[dict[str, Any]], Any]) -> None:
    @harmless("policy", name)
    def _(w: World) -> Iterator[None]:
        before, document = w.document(GUARD)
        new = w.new_version(edit(document) or document, GUARD)
        yield
        w.drop_version(new, before, GUARD)


def _first(document: dict[str, Any]) -> dict[str, Any]:
    return document["Statement"][0]


def _reordered(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "Statement": [
            dict(reversed(list(each.items()))) for each in reversed(document["Statement"])
        ],
        "Version": document["Version"],
    }


def _listed(name: str) -> Callable[[dict[str, Any]], None]:
    def edit(document: dict[str, Any]) -> None:
        value = _first(document)[name]
        _first(document)[name] = value[0] if isinstance(value, list) else [value]

    return edit


def _recased(document: dict[str, Any]) -> None:
    for statement in document["Statement"]:
        actions = statement["Action"]
        listed = actions if isinstance(actions, list) else [actions]
        statement["Action"] = [action.upper().replace("STS:", "sts:") for action in listed]


def _recased_keys(document: dict[str, Any]) -> None:
    for statement in document["Statement"]:
        for operator, block in statement.get("Condition", {}).items():
            statement["Condition"][operator] = {key.lower(): text for key, text in block.items()}


def _twice(document: dict[str, Any]) -> None:
    document["Statement"].append(json.loads(json.dumps(_first(document))))


def _account_short(document: dict[str, Any]) -> None:
    _first(document)["Principal"] = {"AWS": OTHER}


_trust("statements and keys in another order", _reordered)
_trust("a string instead of a list", _listed("Action"))
_trust("a Sid", lambda document: _first(document).update(Sid="Other"))
_trust("a statement twice", _twice)
_trust("an account id instead of its root ARN", _account_short)
_trust("a condition key in other case", _recased_keys)
_policy("statements and keys in another order", _reordered)
_policy("a list instead of a string", _listed("Resource"))
_policy("actions in another order", lambda d: _first(d)["Action"].reverse())
_policy("an action twice", lambda d: _first(d)["Action"].append(_first(d)["Action"][0]))
_policy("a Sid", lambda document: _first(document).update(Sid="Other"))
_policy("a statement twice", _twice)
_policy("actions in other case", _recased)
_policy("a condition key in other case", _recased_keys)
_policy(
    "booleans instead of texts in a condition",
    lambda d: _first(d)["Condition"].update(Bool={"aws:SecureTransport": True}),
)
_policy("an Id", lambda document: {**document, "Id": "other"})
_policy("the same, as a new version", lambda document: document)


@harmless("policy", "JSON with other white space")
def _(w: World) -> Iterator[None]:
    before = w.inline("web", "inline")
    w.iam(
        "PutRolePolicy",
        RoleName="web",
        PolicyName="inline",
        PolicyDocument=json.dumps(before, indent=7),
    )
    yield
    w.put_inline("web", "inline", before)


@harmless("inline policy", "rewritten with the same meaning")
def _(w: World) -> Iterator[None]:
    before = w.inline("task", "both")
    after = _reordered(before)
    after["Statement"][0]["Sid"] = "Mine"
    w.put_inline("task", "both", after)
    yield
    w.put_inline("task", "both", before)


@harmless("policy", "an old version deleted that nobody uses")
def _(w: World) -> Iterator[None]:
    w.iam("DeletePolicyVersion", PolicyArn=READ, VersionId="v1")
    yield


@harmless("role", "a tag that ignore_changes names")
def _(w: World) -> Iterator[None]:
    w.iam("TagRole", RoleName="function", Tags=[{"Key": "owner", "Value": "somebody"}])
    yield
    w.iam("UntagRole", RoleName="function", TagKeys=["owner"])


@harmless("role", "a description that ignore_changes names")
def _(w: World) -> Iterator[None]:
    target = {"RoleName": "function", "MaxSessionDuration": 3600}
    w.iam("UpdateRole", **target, Description="Somebody's words")
    yield
    w.iam("UpdateRole", **target, Description="")


@harmless("role", "the tags that say which run and address made it")
def _(w: World) -> Iterator[None]:
    tags = [{"Key": "rolewright:run", "Value": "x"}, {"Key": "rolewright:address", "Value": "x"}]
    w.iam("TagRole", RoleName="web", Tags=tags)
    yield


@harmless("role", "used: the time of last use moves")
def _(w: World) -> Iterator[None]:
    w.aws.call("sts", "AssumeRole", {"RoleArn": own("role", "web"), "RoleSessionName": "somebody"})
    yield


@harmless("role", "policies on a role that is not exclusive")
def _(w: World) -> Iterator[None]:
    w.iam("AttachRolePolicy", RoleName="shared", PolicyArn=READ_ONLY)
    yield
    w.iam("DetachRolePolicy", RoleName="shared", PolicyArn=READ_ONLY)


@harmless("account", "a service-linked role of AWS")
def _(w: World) -> Iterator[None]:
    w.iam("CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com")
    yield


@harmless("account", "a role of others, with rights of its own")
def _(w: World) -> Iterator[None]:
    trust = {"Version": "2012-10-17", "Statement": [trusting(AWS=ACCOUNT)]}
    w.iam("CreateRole", RoleName="another", AssumeRolePolicyDocument=json.dumps(trust))
    w.put_inline("another", "all", policy("*"))
    yield


@harmless("account", "a policy of others, on a user")
def _(w: World) -> Iterator[None]:
    document = json.dumps(policy("*"))
    arn = w.iam("CreatePolicy", PolicyName="another", PolicyDocument=document)["Policy"]["Arn"]
    w.iam("AttachUserPolicy", UserName="stranger", PolicyArn=arn)
    yield


@harmless("EC2", "an instance with a profile of others")
def _(w: World) -> Iterator[None]:
    w.ec2("AssociateIamInstanceProfile", InstanceId=w.spare, IamInstanceProfile={"Name": "strange"})
    yield


@harmless("EC2", "our instance stopped")
def _(w: World) -> Iterator[None]:
    w.ec2("StopInstances", InstanceIds=[w.instance])
    yield


@harmless("Lambda", "the function's other settings")
def _(w: World) -> Iterator[None]:
    w.function("UpdateFunctionConfiguration", FunctionName="example-thumbnailer", Timeout=42)
    yield


@harmless("ECS", "a deployment: a new revision with our roles, and the service on it")
def _(w: World) -> Iterator[None]:
    before = serving(w)
    roles = {"taskRoleArn": own("role", "task"), "executionRoleArn": own("role", "execution")}
    serve(w, register(w, "example-queue-worker", **roles))
    yield
    serve(w, before)


@harmless("ECS", "a task definition of others")
def _(w: World) -> Iterator[None]:
    register(w, "others", taskRoleArn=own("role", "stranger"))
    yield
