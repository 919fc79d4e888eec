"""What moto's access control takes no notice of, so that a sandbox's answer would say nothing. Pure.

moto looks at the actions of identity policies, and at their resources for S3, for SQS by the
queue's URL and for IAM by a role's name; everywhere else it compares resources with `*`. It knows
neither boundaries nor conditions. Source: moto's `iam/access_control.py`, "the most important
missing features and inaccuracies".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...resources.address import Address
from ..role_policies import RolePolicies
from ..verify import Question
from .trials import Trial

_NAMES = {"sqs": "QueueUrl", "iam": "RoleName"}
"""The parameter by which moto knows the resource of a call."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Limits of probes in a sandbox, for roles with these policies."""

    roles: Mapping[Address, RolePolicies]

    def __call__(self, question: Question, trial: Trial) -> str:
        """Why moto's answer to a trial would say nothing; empty where it does."""
        role = self.roles[question.role]
        if role.boundary is not None:
            return "the sandbox's access control knows no permissions boundaries"
        statements = (s for policy in role.identity for s in policy.document.statements)
        if any(statement.conditions for statement in statements):
            return "the sandbox's access control knows no conditions, and the role's policies have some"
        if trial.service == "s3" or trial.resource == "*":
            return ""
        if _NAMES.get(trial.service) in trial.parameters:
            return ""
        return f"the sandbox's access control takes no notice of the resources of {trial.service}"
