"""What moto leaves out or spoils of roles that CloudFormation makes, put right."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.models import IAMBackend, Role, iam_backends
from moto.utilities.utils import get_partition


def make_roles_whole() -> None:
    """Attach the managed policies that a template names, and keep inline policies as JSON.

    moto ignores ManagedPolicyArns, and keeps the documents of templates as Python objects, over
    which every later read of the role trips.
    """
    create = Role.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]
    put = Role.put_policy

    def create_whole(
        cls: type[Role],
        resource_name: str,
        template: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Role:
        role = create(cls, resource_name, template, account_id, region_name, **more)
        backend: IAMBackend = iam_backends[account_id][get_partition(region_name)]
        for arn in template.get("Properties", {}).get("ManagedPolicyArns", ()):
            backend.attach_role_policy(arn, role.name)
        return role

    def put_text(self: Role, policy_name: str, policy_json: Any) -> None:
        text = policy_json if isinstance(policy_json, str) else _text(policy_json)
        put(self, policy_name, text)

    Role.create_from_cloudformation_json = classmethod(create_whole)  # type: ignore[assignment]
    Role.put_policy = put_text


def _text(document: Any) -> str:
    # The unquoted version of a YAML template, 2012-10-17, has come as a date.
    return json.dumps(document, default=str)
