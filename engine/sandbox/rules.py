"""Rules of IAM about managed policies in use that moto doesn't hold. Runs inside the server's process alone."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import DeleteConflictException, NotFoundException
from moto.iam.models import IAMBackend, ManagedPolicy


def hold_rules() -> None:
    """Count attachments once and boundaries too, refuse a boundary that isn't there, delete no policy in use.

    Sources: IAM API reference, `Policy`, `CreateRole`, `PutRolePermissionsBoundary`, `DeletePolicy`.
    """
    attach = ManagedPolicy.attach_to
    create, bound, delete = (
        IAMBackend.create_role,
        IAMBackend.put_role_permissions_boundary,
        IAMBackend.delete_policy,
    )

    def create_role(
        self: IAMBackend,
        role_name: str,
        assume_role_policy_document: str,
        path: str,
        permissions_boundary: str | None,
        *given: Any,
        **named: Any,
    ) -> Any:
        _refuse_absent(self, permissions_boundary)
        return create(
            self,
            role_name,
            assume_role_policy_document,
            path,
            permissions_boundary,
            *given,
            **named,
        )

    def put_boundary(self: IAMBackend, role_name: str, permissions_boundary: str) -> None:
        _refuse_absent(self, permissions_boundary)
        bound(self, role_name, permissions_boundary)

    def attach_once(self: ManagedPolicy, obj: Any) -> None:
        if self.arn not in obj.managed_policies:
            attach(self, obj)

    def delete_policy(self: IAMBackend, policy_arn: str) -> None:
        policy = self.get_policy(policy_arn)
        if policy.attachment_count or _bounded(policy):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        delete(self, policy_arn)

    ManagedPolicy.permissions_boundary_usage_count = property(_bounded)  # type: ignore[attr-defined]
    ManagedPolicy.attach_to = attach_once
    IAMBackend.create_role = create_role
    IAMBackend.put_role_permissions_boundary = put_boundary
    IAMBackend.delete_policy = delete_policy


def _bounded(policy: ManagedPolicy) -> int:
    """How many roles have the policy as their boundary."""
    return sum(
        role.permissions_boundary_arn == policy.arn for role in policy.backend.roles.values()
    )


def _refuse_absent(backend: IAMBackend, arn: str | None) -> None:
    if arn and arn not in {policy.arn for policy in backend.managed_policies.values()}:
        raise NotFoundException(f"Scope ARN: {arn} does not exist or is not attachable.")
