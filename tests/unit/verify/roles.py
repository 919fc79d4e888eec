"""Roles and worlds for tests of verify."""

from __future__ import annotations

from typing import Any

from rolewright.engine.role_policies import RolePolicies
from rolewright.engine.verify import Expected, Question
from rolewright.engine.verify.offline import Offline
from rolewright.engine.verify.places import Places
from rolewright.engine.verify.requests import ResourcePolicy, World
from rolewright.resources.address import Address
from rolewright.resources.policy import parse
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.resources.policy.evaluator import NamedPolicy

ACCOUNT, OTHER = "123456789012", "210987654321"
READER = Address.parse("role.reader")
PHOTOS = "arn:aws:s3:::photos/*"


def policy(*statements: dict[str, Any], name: str = "permission_policy.read") -> NamedPolicy:
    return NamedPolicy(name, parse({"Version": "2012-10-17", "Statement": list(statements)}))


def statement(
    actions: str | list[str], resources: str | list[str] = "*", **more: Any
) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str, resources: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**statement(actions, resources, **more), "Effect": "Deny"}


def trust(principal: Any, **more: Any) -> NamedPolicy:
    document = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return policy(document, name="role.reader")


def role(*statements: dict[str, Any], **more: Any) -> RolePolicies:
    found: dict[str, Any] = {
        "address": READER,
        "name": "reader",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/reader",
        "trust": trust({"Service": "ec2.amazonaws.com"}),
        "identity": (policy(*statements),) if statements else (),
        "tags": {"team": "media"},
    }
    return RolePolicies(**found | more)


def offline(
    one: RolePolicies, resources: dict[str, ResourcePolicy] | None = None, **callers: RolePolicies
) -> Offline:
    world = World(
        ACCOUNT,
        "aws",
        "us-east-1",
        Catalogue.bundled(),
        lambda arn: (resources or {}).get(arn, ResourcePolicy()),
    )
    return Offline(world, {one.address: one}, Places(), {r.arn: r for r in callers.values()})


def can(action: str, resource: str = PHOTOS, **context: Any) -> Question:
    return Question(READER, action, resource, Expected.ALLOW, None, context)


def cannot(action: str, resource: str = PHOTOS, **context: Any) -> Question:
    return Question(READER, action, resource, Expected.DENY, None, context)


def assumed_by(who: str, **context: Any) -> Question:
    return Question(READER, "sts:AssumeRole", "", Expected.ALLOW, who, context)
