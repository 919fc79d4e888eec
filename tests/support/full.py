"""A stack with every kind and every binding, and one edit for each of its fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Edit = Callable[[dict[str, Any]], None]
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"


def full_stack(instance: str) -> dict[str, Any]:
    """A stack with every kind and every binding."""
    return {
        "stack": "full",
        "region": "us-east-1",
        "tags": {"team": "media"},
        "trust_policies": {"ec2": {"services": ["ec2.amazonaws.com"]}},
        "roles": {
            "web": {"trust": "ec2", "description": "Web"},
            "function": {"trust": {"services": ["lambda.amazonaws.com"]}},
            "task": {"trust": {"services": ["ecs-tasks.amazonaws.com"]}},
            "execution": {"trust": {"services": ["ecs-tasks.amazonaws.com"]}},
        },
        "permission_policies": {
            "read": {
                "roles": ["web", "function"],
                "description": "Reads",
                "statements": [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}],
            },
            "inline": {
                "roles": ["web"],
                "inline": True,
                "statements": [{"actions": ["s3:ListBucket"], "resources": ["arn:aws:s3:::b"]}],
            },
            "logs": {"roles": ["web"], "managed_policy": "CloudWatchLogsReadOnlyAccess"},
        },
        "service_bindings": {
            "web": {"service": "ec2", "role": "web", "instances": [instance]},
            "function": {
                "service": "lambda",
                "role": "function",
                "function": "example-thumbnailer",
            },
            "task": {
                "service": "ecs",
                "task_definition": "example-queue-worker",
                "task_role": "task",
                "execution_role": "execution",
                "services": ["example/example-queue-worker"],
            },
        },
    }


def setting(*path: str, to: Any) -> Edit:
    """An edit that sets one value of a stack file."""

    def edit(stack: dict[str, Any]) -> None:
        for part in path[:-1]:
            stack = stack.setdefault(part, {})
        stack[path[-1]] = to

    return edit


ROLE, POLICY, BINDING = "roles", "permission_policies", "service_bindings"
EDITS: dict[str, tuple[Edit, dict[str, str]]] = {
    "stack tags": (
        setting("tags", "team", to="video"),
        {
            **dict.fromkeys(["role.web", "role.function", "role.task", "role.execution"], "update"),
            "permission_policy.read": "update",
            "service_binding.web": "update",
        },
    ),
    "trust policy services": (
        setting("trust_policies", "ec2", "services", to=["ec2.amazonaws.com", "ssm.amazonaws.com"]),
        {"trust_policy.ec2": "update", "role.web": "update"},
    ),
    "trust policy accounts": (
        setting("trust_policies", "ec2", "accounts", to=["210987654321"]),
        {"trust_policy.ec2": "update", "role.web": "update"},
    ),
    "trust policy conditions": (
        setting(
            "trust_policies",
            "ec2",
            "conditions",
            to={"StringEquals": {"aws:SourceAccount": "123456789012"}},
        ),
        {"trust_policy.ec2": "update", "role.web": "update"},
    ),
    "trust policy document": (
        setting(
            "trust_policies",
            "ec2",
            to={
                "document": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"Service": "ssm.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    },
                }
            },
        ),
        {"trust_policy.ec2": "update", "role.web": "update"},
    ),
    "role trust": (
        setting(ROLE, "task", "trust", "services", to=["ecs.amazonaws.com"]),
        {"role.task": "update"},
    ),
    "role trusts a role": (
        setting(ROLE, "task", "trust", to={"roles": ["web"]}),
        {"role.task": "update"},
    ),
    "role description": (
        setting(ROLE, "web", "description", to="Other"),
        {"role.web": "update"},
    ),
    "role session duration": (
        setting(ROLE, "web", "max_session_duration", to=7200),
        {"role.web": "update"},
    ),
    "role boundary": (
        setting(ROLE, "web", "permissions_boundary", to=BOUNDARY),
        {"role.web": "update"},
    ),
    "role tags": (setting(ROLE, "web", "tags", to={"a": "b"}), {"role.web": "update"}),
    "role exclusive": (setting(ROLE, "web", "exclusive", to=False), {"role.web": "update"}),
    "role name": (
        setting(ROLE, "web", "name", to="web-2"),
        {
            "role.web": "replace",
            "permission_policy.read": "update",
            "permission_policy.inline": "update",
            "permission_policy.logs": "update",
            "service_binding.web": "replace",
        },
    ),
    "case of a role's name": (
        setting(ROLE, "execution", "name", to="Execution"),
        {"role.execution": "replace", "service_binding.task": "update"},
    ),
    "role path": (setting(ROLE, "web", "path", to="/p/"), {"role.web": "replace"}),
    "path of a role that a function carries": (
        setting(ROLE, "function", "path", to="/p/"),
        {"role.function": "replace", "service_binding.function": "update"},
    ),
    "policy statements": (
        setting(
            POLICY,
            "read",
            "statements",
            to=[{"actions": ["s3:GetObject", "s3:PutObject"], "resources": ["arn:aws:s3:::b/*"]}],
        ),
        {"permission_policy.read": "update"},
    ),
    "policy roles": (
        setting(POLICY, "read", "roles", to=["web", "task"]),
        {"permission_policy.read": "update"},
    ),
    "policy tags": (
        setting(POLICY, "read", "tags", to={"a": "b"}),
        {"permission_policy.read": "update"},
    ),
    "policy name": (
        setting(POLICY, "read", "name", to="read-2"),
        {"permission_policy.read": "replace"},
    ),
    "policy path": (
        setting(POLICY, "read", "path", to="/p/"),
        {"permission_policy.read": "replace"},
    ),
    "policy description": (
        setting(POLICY, "read", "description", to="Other"),
        {"permission_policy.read": "replace"},
    ),
    "managed policy becomes inline": (
        setting(
            POLICY,
            "read",
            to={
                "roles": ["web"],
                "inline": True,
                "statements": [{"actions": ["s3:GetObject"], "resources": ["*"]}],
            },
        ),
        {"permission_policy.read": "replace"},
    ),
    "inline statements": (
        setting(
            POLICY, "inline", "statements", to=[{"actions": ["s3:PutObject"], "resources": ["*"]}]
        ),
        {"permission_policy.inline": "update"},
    ),
    "inline roles": (
        setting(POLICY, "inline", "roles", to=["task"]),
        {"permission_policy.inline": "update"},
    ),
    "inline name": (
        setting(POLICY, "inline", "name", to="inline-2"),
        {"permission_policy.inline": "replace"},
    ),
    "AWS managed policy": (
        setting(POLICY, "logs", "managed_policy", to="ReadOnlyAccess"),
        {"permission_policy.logs": "replace"},
    ),
    "AWS managed policy roles": (
        setting(POLICY, "logs", "roles", to=["task"]),
        {"permission_policy.logs": "update"},
    ),
    "instance profile name": (
        setting(BINDING, "web", "instance_profile", to="other"),
        {"service_binding.web": "replace"},
    ),
    "instance profile path": (
        setting(BINDING, "web", "path", to="/p/"),
        {"service_binding.web": "replace"},
    ),
    "instance profile tags": (
        setting(BINDING, "web", "tags", to={"a": "b"}),
        {"service_binding.web": "update"},
    ),
    "instances": (
        setting(BINDING, "web", "instances", to=[]),
        {"service_binding.web": "update"},
    ),
    "instance role": (
        setting(BINDING, "web", "role", to="task"),
        {"service_binding.web": "replace"},
    ),
    "function": (
        setting(BINDING, "function", "function", to="example-table-writer"),
        {"service_binding.function": "replace"},
    ),
    "function role": (
        setting(BINDING, "function", "role", to="task"),
        {"service_binding.function": "update"},
    ),
    "task definition": (
        setting(
            BINDING,
            "task",
            to={"service": "ecs", "task_definition": "example-indexer", "task_role": "task"},
        ),
        {"service_binding.task": "replace"},
    ),
    "task role": (
        setting(BINDING, "task", "task_role", to="execution"),
        {"service_binding.task": "update"},
    ),
    "execution role": (
        setting(BINDING, "task", "execution_role", to="task"),
        {"service_binding.task": "update"},
    ),
    "no execution role": (
        lambda stack: stack[BINDING]["task"].pop("execution_role"),
        {"service_binding.task": "update"},
    ),
    "execution role alone": (
        lambda stack: stack[BINDING]["task"].pop("task_role"),
        {"service_binding.task": "update"},
    ),
    "ECS services": (
        setting(BINDING, "task", "services", to=[]),
        {"service_binding.task": "update"},
    ),
    "binding service": (
        setting(
            BINDING,
            "web",
            to={"service": "lambda", "role": "web", "function": "example-table-writer"},
        ),
        {"service_binding.web": "replace"},
    ),
}


def comparable(snapshot: dict[str, Any]) -> str:
    """A snapshot without what rightly differs after there and back: versions, revisions and runs."""
    kept = json.loads(json.dumps(snapshot))
    for role in kept["roles"].values():
        role["Tags"].pop("rolewright:run", None)
    for policy in kept["policies"].values():
        policy["Tags"].pop("rolewright:run", None)
        policy["PolicyVersionList"] = [
            version["Document"]
            for version in policy["PolicyVersionList"].values()
            if version["IsDefaultVersion"]
        ]
        policy.pop("DefaultVersionId")
    for part in ("task_definitions", "services", "instance_profiles", "associations"):
        kept.pop(part)
    return json.dumps(kept, sort_keys=True)
