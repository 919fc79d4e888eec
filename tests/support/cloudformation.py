"""Stacks of CloudFormation on the local AWS."""

from __future__ import annotations

import json
from typing import Any

from rolewright.engine.aws.reader import Aws


def create_stack(aws: Aws, name: str, template: str | dict[str, Any]) -> None:
    """Make a stack of a template: its text, or what is under its `Resources`."""
    body = template if isinstance(template, str) else json.dumps({"Resources": template})
    parameters = {"StackName": name, "TemplateBody": body}
    aws.call(
        "cloudformation", "CreateStack", {**parameters, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    )
