"""From a Terraform state to an inventory: which roles, policies and bindings it owns.

Only names, ids and ARNs are read; what is imported is read from AWS, under Terraform's names. A
resource `aws_iam_role.web` becomes `role.web`, `module.app.aws_iam_role.web["eu"]` becomes
`role.app-web-eu`. Policies made by `aws_iam_policy_document` are plain text in the state, and need
nothing here.

Source: the Terraform AWS provider's documentation of the resources that are named below.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import cast

from ...resources.diagnostics import Problem, Source
from ...resources.kind import KindLookup
from .foreign_json import text, texts
from .gathering import Gathering, account_of
from .inventory import Inventory
from .naming import legal
from .terraform_file import TerraformObject, read_terraform

_MODULE = re.compile(r'module\.([\w-]+)(?:\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\])?')
_ROLE_ATTRIBUTES = (
    "role",
    "role_arn",
    "iam_role",
    "iam_role_arn",
    "service_role",
    "service_role_arn",
    "execution_role_arn",
    "node_role_arn",
)
"""The attributes in which resources of the provider carry a role, by its name or its ARN."""
_NO_IAM_ROLES = frozenset({"aws_grafana_role_association"})
"""Types whose roles are another service's own."""

_UNFINISHED = "it has no {}: Terraform didn't finish making it"


def terraform_inventory(path: Path, kinds: KindLookup, workspace: str = "") -> Inventory:
    """What a Terraform state owns of the kinds that rolewright manages.

    `workspace` is the one to read of a folder; the selected one when empty.

    Raises:
        Problem: there is no state that can be read, or nothing in it can be imported.
    """
    objects = read_terraform(path, workspace)
    inventory = _Reading(objects, kinds).inventory(str(path))
    if not inventory.owned:
        raise Problem.of(
            "terraform-nothing",
            "nothing in this Terraform state can be imported",
            detail=f"It has {len(objects)} resources, and no role, policy or instance profile "
            "with a role among them.",
            hint="name the state that has the roles; `terraform state list` shows what one has",
            source=Source(str(path), quoted=False),
        )
    return inventory


def logical_name(one: TerraformObject) -> str:
    """The name for a stack file: modules, keys and the resource's own name, made legal."""
    modules = [
        part
        for match in _MODULE.finditer(one.module)
        for part in match.groups()
        if part is not None
    ]
    key = [] if one.key is None else [str(one.key)]
    return legal(*modules, one.name, *key)


class _Reading:
    """One pass over the objects of a state, in the order in which they need each other."""

    def __init__(self, objects: Iterable[TerraformObject], kinds: KindLookup) -> None:
        self._gathering = Gathering(kinds)
        self._objects: list[TerraformObject] = []
        self._roles: set[str] = set()
        for one in objects:
            self._gathering.know(one.address)
            if one.deposed:
                reason = "it is deposed: Terraform was about to delete it"
                self._gathering.skip(one.address, reason)
            else:
                self._objects.append(one)
        self._accounts = _accounts(self._objects)

    def inventory(self, source: str) -> Inventory:
        steps: Mapping[str, Callable[[TerraformObject], None]] = {
            "aws_iam_role": self._role,
            "aws_iam_policy": self._policy,
            "aws_iam_role_policy": self._role_policy,
            "aws_iam_role_policy_attachment": self._attachment,
            "aws_iam_policy_attachment": self._shared_attachment,
            "aws_iam_role_policies_exclusive": self._exclusive,
            "aws_iam_role_policy_attachments_exclusive": self._exclusive,
            "aws_iam_instance_profile": self._profile,
            "aws_instance": self._instance,
            "aws_lambda_function": self._function,
            "aws_ecs_task_definition": self._task_definition,
        }
        for kind, step in steps.items():
            for one in self._objects:
                if one.type == kind:
                    step(one)
        for one in self._objects:
            if one.type == "aws_iam_role":
                self._inside(one)
            elif one.type not in steps:
                self._other(one)
        return self._gathering.inventory(source)

    def _role(self, one: TerraformObject) -> None:
        role, arn = text(one.values, "name"), text(one.values, "arn")
        if not role:
            self._gathering.skip(one.address, _UNFINISHED.format("name"))
        elif "/aws-service-role/" in arn:
            self._gathering.skip(one.address, "it is a service-linked role, which its service owns")
        else:
            self._gathering.role(logical_name(one), role, one.address, account_of(arn))
            self._roles.add(role)

    def _policy(self, one: TerraformObject) -> None:
        arn = text(one.values, "arn")
        if not arn:
            self._gathering.skip(one.address, _UNFINISHED.format("ARN"))
            return
        self._gathering.customer_policy(logical_name(one), arn, one.address)

    def _role_policy(self, one: TerraformObject) -> None:
        role, policy = text(one.values, "role"), text(one.values, "name")
        account = self._account(one, role)
        if not policy:
            self._gathering.skip(one.address, _UNFINISHED.format("name"))
        elif self._has(role, one, account):
            self._gathering.inline_policy(logical_name(one), role, policy, one.address, account)

    def _attachment(self, one: TerraformObject) -> None:
        role = text(one.values, "role")
        if self._has(role, one, self._account(one, role)):
            self._attached(one, role, logical_name(one))

    def _shared_attachment(self, one: TerraformObject) -> None:
        """All holders of a policy: its roles are imported, users and groups can't be."""
        holders = [*texts(one.values, "users"), *texts(one.values, "groups")]
        known = [
            role
            for role in texts(one.values, "roles")
            if self._has(role, one, self._account(one, role))
        ]
        for role in known:
            self._attached(one, role, legal(logical_name(one), *([role] if len(known) > 1 else ())))
        if holders:
            reason = f"{', '.join(holders)}: of users and groups nothing is imported; they keep it"
            self._gathering.skip(one.address, reason)

    def _attached(self, one: TerraformObject, role: str, name: str) -> None:
        arn = text(one.values, "policy_arn")
        self._gathering.attachment(name, role, arn, one.address, self._account(one, role))

    def _exclusive(self, one: TerraformObject) -> None:
        """No object of AWS: a rule that roles follow here by themselves."""
        role = text(one.values, "role_name")
        account = self._account(one, role)
        if self._has(role, one, account):
            self._gathering.role(logical_name(one), role, one.address, account)

    def _profile(self, one: TerraformObject) -> None:
        role, profile = text(one.values, "role"), text(one.values, "name")
        account = account_of(text(one.values, "arn"))
        if not role:
            self._gathering.skip(one.address, "there is no role in this instance profile")
        elif self._has(role, one, account):
            self._gathering.instance_profile(
                logical_name(one), profile, one.address, account, role=role
            )

    def _instance(self, one: TerraformObject) -> None:
        profile, account = text(one.values, "iam_instance_profile"), self._account(one)
        if not profile:
            return
        if not self._gathering.has_profile(profile, account):
            reason = f"its instance profile {profile} is not in this state, or not imported from it"
            self._gathering.skip(one.address, reason)
            return
        name = logical_name(one)
        self._gathering.instance_profile(name, profile, one.address, account, forget=False)
        self._gathering.carries_profile(one.address, "iam_instance_profile", profile, account)

    def _function(self, one: TerraformObject) -> None:
        arn, role = text(one.values, "arn"), _role_name(text(one.values, "role"))
        if self._has(role, one, self._account(one)):
            function = text(one.values, "function_name")
            self._gathering.function(logical_name(one), function, one.address, arn, role)
            self._gathering.carries_role(one.address, "role", role, self._account(one))

    def _task_definition(self, one: TerraformObject) -> None:
        account = self._account(one)
        carried = {
            name: role
            for name in ("task_role_arn", "execution_role_arn")
            if (role := _role_name(text(one.values, name)))
        }
        known = [role for role in carried.values() if self._gathering.has_role(role, account)]
        if known:
            family, arn = text(one.values, "family"), text(one.values, "arn")
            name = logical_name(one)
            self._gathering.task_definition(name, family, one.address, arn, known)
        for name, role in carried.items():
            if self._has(role, one, account):
                self._gathering.carries_role(one.address, name, role, account)

    def _inside(self, one: TerraformObject) -> None:
        """The policies that a role's own block writes, where no resource of their own does."""
        role, account = text(one.values, "name"), account_of(text(one.values, "arn"))
        if not role or not self._gathering.has_role(role, account):
            return
        for policy in _inline_names(one.values):
            name = legal(logical_name(one), policy)
            self._gathering.inline_policy(name, role, policy, one.address, account, forget=False)
        for arn in texts(one.values, "managed_policy_arns"):
            name = legal(logical_name(one), arn.rpartition("/")[2])
            self._gathering.attachment(name, role, arn, one.address, account, forget=False)

    def _other(self, one: TerraformObject) -> None:
        """Say of IAM's other objects, and of what carries an imported role, that it stays."""
        if one.type.startswith("aws_iam_"):
            self._gathering.skip(one.address, f"{one.type} is nothing that rolewright manages")
            return
        if not one.type.startswith("aws_") or one.type in _NO_IAM_ROLES:
            return
        for attribute in _ROLE_ATTRIBUTES:
            value = text(one.values, attribute)
            role, account = _role_name(value), account_of(value) or self._account(one)
            if role in self._roles and self._gathering.has_role(role, account):
                self._gathering.skip(one.address, f"there is no binding for {one.type}")
                self._gathering.carries_role(one.address, attribute, role, account)
                return

    def _has(self, role: str, one: TerraformObject, account: str) -> bool:
        """Whether the role is imported too; what hangs on another role is not."""
        if not role:
            self._gathering.skip(one.address, "it has no role")
        elif not self._gathering.has_role(role, account):
            self._gathering.skip(one.address, f"its role {role} is not in this state")
        elif not account and len(self._gathering.accounts_of(role)) > 1:
            reason = (
                "several accounts have a role {}: import from the state file, which tells whose"
            )
            self._gathering.skip(one.address, f"{reason.format(role)} it is")
        else:
            return True
        return False

    def _own_account(self, one: TerraformObject) -> str:
        """The account of an object by its ARN; of an attachment by that of a customer's policy."""
        arns = (text(one.values, name) for name in ("arn", "policy_arn"))
        told = (account for arn in arns if (account := account_of(arn)) not in ("", "aws"))
        return next(told, "")

    def _account(self, one: TerraformObject, role: str = "") -> str:
        """The account of an object: its own, that of its provider's others, or that of its role."""
        if own := self._own_account(one):
            return own
        accounts = self._accounts[one.provider]
        if len(accounts) != 1:
            accounts = self._gathering.accounts_of(role)
        return next(iter(accounts)) if len(accounts) == 1 else ""


def _inline_names(role: Mapping[str, object]) -> Iterator[str]:
    """The names of the policies in a role's `inline_policy` blocks; an empty block has none."""
    blocks = role.get("inline_policy")
    for block in cast("list[object]", blocks) if isinstance(blocks, list) else ():
        if name := text(block, "name"):
            yield name


def _accounts(objects: Iterable[TerraformObject]) -> Mapping[str, AbstractSet[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in objects:
        if one.type in ("aws_iam_role", "aws_iam_policy", "aws_iam_instance_profile"):
            account = account_of(text(one.values, "arn"))
            found[one.provider] |= {account} - {"", "aws"}
    return found


def _role_name(name_or_arn: str) -> str:
    """A role's name, from its name or its ARN; empty for an ARN of something else."""
    if not name_or_arn.startswith("arn:"):
        return name_or_arn
    return name_or_arn.rpartition("/")[2] if ":role/" in name_or_arn else ""
