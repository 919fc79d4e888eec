"""IAM's objects, read in as few calls as possible and remembered until asked to forget.

Reads only; whoever changes IAM asks for `fresh` values afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ...resources.aws_managed import is_aws_managed
from ...resources.ports import (
    AwsError,
    InstanceProfileView,
    Neighbour,
    PolicyView,
    RoleView,
    Wants,
)
from .errors import hopeless
from .iam_account import EVERYTHING, read_account, sweep_pays
from .iam_calls import IamCalls, Reads, unless_absent, unless_denied
from .iam_single import read_instance_profile, read_policy, read_role
from .iam_views import listed_neighbour, neighbour, tags


class IamReads:
    """IAM's roles, managed policies and instance profiles of one account."""

    def __init__(self, aws: Reads) -> None:
        self._aws = aws
        self._iam = IamCalls(aws)
        self._roles: dict[str, RoleView | None] = {}
        self._policies: dict[str, PolicyView | None] = {}
        self._profiles: dict[str, InstanceProfileView | None] = {}
        self._may_sweep = True
        self._swept_roles = False

    def prefetch(self, wants: Wants) -> None:
        """Read these objects together; what isn't there is remembered as absent.

        A read of one object that AWS refuses is left for when that one is asked for.

        Raises:
            AwsError: AWS can't be reached or doesn't accept our credentials.
        """
        todo = self._unknown(wants)
        if self._may_sweep and sweep_pays(self._iam, todo):
            self._sweep(todo)
            todo = self._unknown(wants)
        work: list[Callable[[], object]] = [
            *(partial(self.role, name) for name in sorted(todo.roles)),
            *(partial(self.policy, arn) for arn in sorted(todo.policies)),
            *(partial(self.instance_profile, name) for name in sorted(todo.instance_profiles)),
        ]
        self._aws.map(_try, work)

    def fresh(self, wants: Wants) -> None:
        """Forget everything but AWS's own policies, and read these objects again."""
        self._roles = {}
        self._swept_roles = False
        self._profiles = {}
        self._policies = {arn: view for arn, view in self._policies.items() if is_aws_managed(arn)}
        self.prefetch(wants)

    def all_roles(self) -> list[RoleView]:
        """Every role of the account, sorted by name; policies and profiles are remembered, too.

        Raises:
            AwsError: AWS refused one of the account-wide reads.
        """
        account = read_account(self._aws, self._iam, EVERYTHING)
        self._roles.update(account.roles)
        self._policies.update(account.policies)
        self._profiles.update(account.profiles)
        found = (view for view in account.roles.values() if view is not None)
        return sorted(found, key=lambda view: view.name)

    def complete(self, wants: Wants) -> None:
        """Read what the account-wide reads did not tell of these policies and instance profiles.

        Raises:
            AwsError: AWS refused a read.
        """
        policies = [arn for arn in sorted(wants.policies) if not is_aws_managed(arn)]
        self._aws.map(self._complete_policy, policies)
        self._aws.map(self._complete_profile, sorted(wants.instance_profiles))

    def _complete_policy(self, arn: str) -> None:
        view = self.policy(arn)
        if view is None or (view.tags is not None and view.description is not None):
            return
        policy = self._iam.get("GetPolicy", "Policy", {"PolicyArn": arn})
        self._policies[arn] = replace(
            view, description=policy.get("Description", ""), tags=tags(policy.get("Tags"))
        )

    def _complete_profile(self, name: str) -> None:
        view = self.instance_profile(name)
        if view is not None and view.tags is None:
            self._profiles[name] = read_instance_profile(self._iam, name)

    def role(self, name: str) -> RoleView | None:
        """A role, remembered or read now; None when there is none."""
        if name not in self._roles:
            self._roles[name] = unless_absent(partial(read_role, self._iam, name))
        return self._roles[name]

    def policy(self, arn: str) -> PolicyView | None:
        """A managed policy, remembered or read now; None when there is none."""
        if arn not in self._policies:
            self._policies[arn] = unless_absent(partial(read_policy, self._iam, arn))
        return self._policies[arn]

    def instance_profile(self, name: str) -> InstanceProfileView | None:
        """An instance profile, remembered or read now; None when there is none."""
        if name not in self._profiles:
            read = partial(read_instance_profile, self._iam, name)
            self._profiles[name] = unless_absent(read)
        return self._profiles[name]

    def neighbours(self) -> list[Neighbour]:
        """All roles of the account: those of the account-wide read, or listed now."""
        if self._swept_roles:
            return [neighbour(view) for view in self._roles.values() if view is not None]
        listed = self._iam.all("ListRoles", "Roles", {"MaxItems": 1000})
        return [listed_neighbour(role) for role in listed]

    def _unknown(self, wants: Wants) -> Wants:
        return Wants(
            wants.roles - self._roles.keys(),
            wants.policies - self._policies.keys(),
            wants.instance_profiles - self._profiles.keys(),
        )

    def _sweep(self, wants: Wants) -> None:
        account = unless_denied(partial(read_account, self._aws, self._iam, wants))
        if account is None:
            self._may_sweep = False
            return
        self._roles.update(account.roles)
        self._swept_roles = bool(wants.roles)
        self._policies.update(account.policies)
        self._profiles.update(account.profiles)


def _try(work: Callable[[], object]) -> None:
    try:
        work()
    except AwsError as error:
        if hopeless(error):
            raise
