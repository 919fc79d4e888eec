"""What moto leaves out or spoils of roles, and of what carries them, in CloudFormation's templates, put right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.ecs.models import TaskDefinition
from moto.iam.models import IAMBackend, Role, iam_backends

Properties = Mapping[str, Any]


def make_templates_whole() -> None:
    """Attach the managed policies that a template names, keep its roles of tasks and its inline policies.

    moto ignores ManagedPolicyArns, TaskRoleArn and ExecutionRoleArn, and keeps the documents of
    templates as Python objects, over which every later read of the role trips.
    """
    _afterwards(Role, _attach)
    _afterwards(TaskDefinition, _set_roles)
    put = Role.put_policy

    def put_text(self: Role, policy_name: str, policy_json: Any) -> None:
        put(self, policy_name, policy_json if isinstance(policy_json, str) else _text(policy_json))

    Role.put_policy = put_text


def _afterwards(model: type[Any], finish: Callable[[Any, Properties], None]) -> None:
    """Finish with its properties what a template has made."""
    create = model.create_from_cloudformation_json.__func__

    def create_whole(
        cls: type[Any],
        resource_name: str,
        template: Mapping[str, Properties],
        *where: str,
        **more: Any,
    ) -> Any:
        made = create(cls, resource_name, template, *where, **more)
        finish(made, template.get("Properties", {}))
        return made

    model.create_from_cloudformation_json = classmethod(create_whole)


def _attach(role: Role, properties: Properties) -> None:
    backend: IAMBackend = iam_backends[role.account_id][role.partition]
    for arn in properties.get("ManagedPolicyArns", ()):
        backend.attach_role_policy(arn, role.name)


def _set_roles(task: TaskDefinition, properties: Properties) -> None:
    if "TaskRoleArn" in properties:
        task.task_role_arn = properties["TaskRoleArn"]
    if "ExecutionRoleArn" in properties:
        task.execution_role_arn = properties["ExecutionRoleArn"]


def _text(document: Any) -> str:
    # The unquoted version of a YAML template, 2012-10-17, has come as a date.
    return json.dumps(document, default=str)
