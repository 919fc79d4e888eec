"""What `verify`, `can` and `who-can` share: the world, the roles and their policies, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ...resources.address import Address
from ...resources.policy import InvalidDocumentError, parse
from ...resources.policy.catalogue import Catalogue
from ...resources.policy.evaluator import NamedPolicy
from ...resources.ports import AwsReader, Identity
from ...resources.role import Role
from ..aws.resource_policies import ResourcePolicies
from ..config.declarations import Desired
from ..role_policies import RolePolicies
from ..session import Session
from ..verify.questions import Question
from ..verify.requests import ResourcePolicy, World
from ..verify.roles import Names, Roles, live_roles, planned_roles
from .composition import wanted


def world(identity: Identity, aws: AwsReader | None, catalogue: Catalogue) -> World:
    """Where requests are made; with AWS, the policies of resources are read there."""
    found = World(identity.account_id, identity.partition, identity.region, catalogue)
    return found if aws is None else replace(found, resource_policy=resource_policies(aws))


def resource_policies(aws: AwsReader) -> Callable[[str], ResourcePolicy]:
    """The policies of resources as they are in AWS, each read once."""
    read = ResourcePolicies(aws)

    def find(arn: str) -> ResourcePolicy:
        found = read(arn)
        if found.document is None:
            return ResourcePolicy(None, found.unknown, found.kind)
        try:
            policy = NamedPolicy(found.owner, parse(found.document))
        except InvalidDocumentError:
            return ResourcePolicy(None, "it is no policy that rolewright can read", found.kind)
        return ResourcePolicy(policy, "", found.kind)

    return find


def stack_roles(session: Session, found: Desired, *, planned: bool) -> Roles:
    """The roles of a stack, as they are in AWS or as they will be after a plan.

    Raises:
        Problem, AwsError: there can be no plan, or AWS refused a read.
    """
    if planned:
        plan = session.plan(wanted(found), "apply")
        return planned_roles(session.aws, plan)
    names = {
        address: attrs["name"]
        for address, attrs in found.attributes.items()
        if address.kind == Role.kind
    }
    return live_roles(session.aws, names, Names.of(found.attributes))


def callers(
    aws: AwsReader, questions: Iterable[Question], known: Roles
) -> Mapping[str, RolePolicies]:
    """The roles of this account that assume others and are not `known`, by ARN, as they are live.

    Raises:
        AwsError: AWS refused a read.
    """
    own = f":iam::{aws.identity.account_id}:role/"
    have = {role.arn for role in known.values()}
    arns = {
        question.assumed_by
        for question in questions
        if question.assumed_by and own in question.assumed_by and question.assumed_by not in have
    }
    names = {Address(Role.kind, name): name for name in _names(arns)}
    return {role.arn: role for role in live_roles(aws, names, Names()).values()}


def _names(arns: Iterable[str]) -> Sequence[str]:
    return sorted({arn.rpartition("/")[2] for arn in arns})
