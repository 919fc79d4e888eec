"""Names in an account that are like one which is not there: for the person who mistyped it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..resources.address import Address
from ..resources.aws_managed import policy_arns
from ..resources.calls import Attrs
from ..resources.diagnostics import Diagnostic, Problem, did_you_mean
from ..resources.permission_policy import CUSTOMER, INLINE, PermissionPolicy
from ..resources.ports import AwsError, AwsReader
from ..resources.role import Role


def role_names(aws: AwsReader) -> list[str]:
    """The names of all roles of the account, sorted.

    Raises:
        AwsError: the read was refused.
    """
    return sorted(role.name for role in aws.neighbours())


def with_near_names(problem: Problem, aws: AwsReader, declared: Mapping[Address, Attrs]) -> Problem:
    """The problem, with the nearest name for each object that was to be imported and is not there."""
    return Problem(*(_with_near_name(one, aws, declared) for one in problem.diagnostics))


def _with_near_name(
    found: Diagnostic, aws: AwsReader, declared: Mapping[Address, Attrs]
) -> Diagnostic:
    if found.code != "import-missing" or found.address is None:
        return found
    address = Address.parse(found.address)
    attributes = declared[address]
    try:
        known = _known(aws, address.kind, attributes)
    except AwsError:
        return found
    near = did_you_mean(attributes["name"], known) if known else ""
    return replace(found, hint=f"{near} {found.hint}".strip())


def _known(aws: AwsReader, kind: str, attributes: Attrs) -> list[str]:
    if kind == Role.kind:
        return role_names(aws)
    if kind != PermissionPolicy.kind:
        return []
    if attributes["type"] == CUSTOMER:
        return list(policy_arns(aws, "Local"))
    if attributes["type"] != INLINE:
        return []
    roles = (aws.role(name) for name in attributes["roles"])
    return [name for role in roles if role is not None for name in role.inline_policies]
