"""From a CloudFormation stack to an inventory: which roles, policies and bindings it owns.

What the resources are called in AWS comes from the stack's list of them, and from its template
where the list doesn't tell. A resource with the logical id `WebRole` becomes `role.WebRole`.

Sources: CloudFormation API reference, `ListStackResources` and `GetTemplate`; CloudFormation user
guide, "AWS resource and property types reference" (what Ref and the physical id are of each type).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...resources.binding import role_name
from ...resources.diagnostics import Problem, did_you_mean
from ...resources.kind import KindLookup
from ...resources.ports import AwsError, AwsReader
from .foreign_json import Json, inner, part
from .gathering import Gathering
from .inventory import Inventory
from .naming import legal
from .template import Names, parsed_template

_ON_OTHERS = "of users and groups nothing is imported: they keep it, and nothing manages that"
_GONE = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})


@dataclass(frozen=True, slots=True)
class _StackResource:
    logical: str
    physical: str
    type: str
    properties: Json


def cloudformation_inventory(aws: AwsReader, stack: str, kinds: KindLookup) -> Inventory:
    """What a stack owns of the kinds that rolewright manages; `stack` is its name or ARN.

    Raises:
        Problem: there is no such stack, it is being changed, its template can't be read, or nothing
            in it can be imported.
        AwsError: AWS refused a read.
    """
    described = _described(aws, stack)
    listed = [
        one
        for page in aws.pages("cloudformation", "ListStackResources", {"StackName": stack})
        for one in page["StackResourceSummaries"]
        if one["ResourceStatus"] not in _GONE
    ]
    template = _template(aws, stack)
    made = inner(template, "Resources")
    resources = [
        _StackResource(
            one["LogicalResourceId"],
            one.get("PhysicalResourceId", ""),
            one["ResourceType"],
            inner(inner(made, one["LogicalResourceId"]), "Properties"),
        )
        for one in listed
    ]
    names = _names(aws, described, template, resources)
    inventory = _Reading(resources, names, kinds).inventory(f"stack {described['StackName']}")
    if not inventory.owned:
        raise Problem.of(
            "cloudformation-nothing",
            f"nothing in the stack {stack} can be imported",
            detail=f"It has {len(resources)} resources, and no role or policy among them.",
            hint="nested stacks are imported by themselves",
        )
    return inventory


def _described(aws: AwsReader, stack: str) -> Mapping[str, Any]:
    try:
        answer = aws.read("cloudformation", "DescribeStacks", {"StackName": stack})
        found: list[Mapping[str, Any]] = answer["Stacks"]
    except AwsError as error:
        if error.code != "ValidationError" or "does not exist" not in error.message:
            raise
        found = []
    if not found:
        known = [
            one["StackName"]
            for page in aws.pages("cloudformation", "DescribeStacks", {})
            for one in page["Stacks"]
        ]
        raise Problem.of(
            "cloudformation-no-stack",
            f"there is no CloudFormation stack {stack}",
            detail=f"Looked in account {aws.identity.account_id}, {aws.identity.region}.",
            hint=did_you_mean(stack, known)
            or "--region names another region, --profile an account",
        )
    if found[0]["StackStatus"].endswith("_IN_PROGRESS"):
        raise Problem.of(
            "cloudformation-in-progress",
            f"the stack {stack} is being changed: {found[0]['StackStatus']}",
            detail="What it owns is not settled. Nothing was imported.",
            hint="try again when CloudFormation has finished",
        )
    return found[0]


def _template(aws: AwsReader, stack: str) -> Json:
    """The template after its macros, where resources have the logical ids of the stack's list."""
    answer = aws.read(
        "cloudformation", "GetTemplate", {"StackName": stack, "TemplateStage": "Processed"}
    )
    try:
        return parsed_template(answer["TemplateBody"])
    except ValueError as error:
        raise Problem.of(
            "cloudformation-template",
            f"the template of the stack {stack} can't be read: {error}",
            hint="import object by object: `rolewright import ADDRESS ID`",
        ) from error


def _names(
    aws: AwsReader, described: Mapping[str, Any], template: Json, resources: list[_StackResource]
) -> Names:
    who = aws.identity
    pseudo = {
        "AWS::AccountId": who.account_id,
        "AWS::Region": who.region,
        "AWS::Partition": who.partition,
        "AWS::URLSuffix": "amazonaws.com.cn" if who.partition == "aws-cn" else "amazonaws.com",
        "AWS::StackName": described["StackName"],
        "AWS::StackId": described["StackId"],
    }
    return Names(
        values={
            **pseudo,
            **_parameters(described, template),
            **{one.logical: one.physical for one in resources},
        },
        attributes={
            f"{one.logical}.{attribute}": value
            for one in resources
            for attribute, value in _attributes(one, f"arn:{who.partition}:iam::{who.account_id}")
        },
        mappings=inner(template, "Mappings"),
        conditions=inner(template, "Conditions"),
    )


def _parameters(described: Mapping[str, Any], template: Json) -> dict[str, str | list[str]]:
    """The values of a stack's parameters, lists as lists; without those that it keeps secret."""
    found: dict[str, str | list[str]] = {}
    for one in described.get("Parameters", ()):
        value = one.get("ResolvedValue", one.get("ParameterValue", ""))
        if value == "****":  # NoEcho
            continue
        declared = part(inner(template, "Parameters").get(one["ParameterKey"]), "Type")
        several = "List" in str(declared)
        parts = [part.strip() for part in value.split(",")] if several else value
        found[one["ParameterKey"]] = parts
    return found


def _attributes(one: _StackResource, prefix: str) -> Iterable[tuple[str, str]]:
    """What GetAtt gives of a resource that others may name. ARNs are without their path.

    The stack's list doesn't tell that, and only the name at the end is ever used.
    """
    sorts = {"AWS::IAM::Role": "role", "AWS::IAM::InstanceProfile": "instance-profile"}
    if one.type in sorts:
        yield "Arn", f"{prefix}:{sorts[one.type]}/{one.physical}"
    elif one.type == "AWS::IAM::ManagedPolicy":
        yield "PolicyArn", one.physical


class _Reading:
    """One pass over the resources of a stack, in the order in which they need each other."""

    def __init__(self, resources: list[_StackResource], names: Names, kinds: KindLookup) -> None:
        self._gathering = Gathering(kinds)
        self._resources = resources
        self._names = names

    def inventory(self, source: str) -> Inventory:
        steps: Mapping[str, Callable[[_StackResource], None]] = {
            "AWS::IAM::Role": self._role,
            "AWS::IAM::ManagedPolicy": self._managed_policy,
            "AWS::IAM::Policy": self._policy,
            "AWS::IAM::RolePolicy": self._role_policy,
            "AWS::IAM::InstanceProfile": self._profile,
            "AWS::EC2::Instance": self._instance,
            "AWS::Lambda::Function": self._function,
            "AWS::ECS::TaskDefinition": self._task_definition,
        }
        for kind, step in steps.items():
            for one in self._resources:
                if one.type == kind and one.physical:
                    step(one)
        for one in self._resources:
            self._gathering.know(one.logical)
            if not one.physical:
                self._gathering.skip(one.logical, "CloudFormation didn't make it")
            elif one.type == "AWS::IAM::Role":
                self._inside(one)
            elif one.type == "AWS::CloudFormation::Stack":
                reason = f"a nested stack: --from-cloudformation {one.physical} imports it"
                self._gathering.skip(one.logical, reason)
            elif one.type not in steps:
                self._gathering.skip(one.logical, f"{one.type} is nothing that rolewright manages")
        return self._gathering.inventory(source)

    def _role(self, one: _StackResource) -> None:
        self._gathering.role(legal(one.logical), one.physical, one.logical)

    def _managed_policy(self, one: _StackResource) -> None:
        self._gathering.customer_policy(legal(one.logical), one.physical, one.logical)
        for role in self._names.items(one.properties.get("Roles")):
            if role is not None and not self._gathering.has_role(role):
                reason = (
                    f"{role} is not in this stack: it keeps the policy, and nothing manages that"
                )
                self._gathering.skip(one.logical, reason)
        if self._on_others(one):
            self._gathering.skip(one.logical, _ON_OTHERS)

    def _policy(self, one: _StackResource) -> None:
        """An inline policy, on any number of roles, users and groups."""
        roles = self._names.items(one.properties.get("Roles"))
        if self._on_others(one):
            reason = _ON_OTHERS if roles else "of users and groups nothing is imported"
            self._gathering.skip(one.logical, reason)
        if roles:
            policy = self._names.text(one.properties.get("PolicyName"))
            self._inline(one, policy, self._names.texts(one.properties.get("Roles")))

    def _on_others(self, one: _StackResource) -> bool:
        """Whether a policy is on users or groups, too, or may be."""
        names = (self._names.items(one.properties.get(kind)) for kind in ("Users", "Groups"))
        return any(names)

    def _role_policy(self, one: _StackResource) -> None:
        """Its physical id is `PolicyName|RoleName`."""
        policy, _, role = one.physical.partition("|")
        policy = self._names.text(one.properties.get("PolicyName")) or (policy if role else None)
        role = self._names.text(one.properties.get("RoleName")) or role
        self._inline(one, policy, [role] if role else None)

    def _inline(self, one: _StackResource, policy: str | None, roles: list[str] | None) -> None:
        if policy is None or roles is None:
            self._unknown(one, "PolicyName" if policy is None else "roles", roles)
            return
        known = [role for role in roles if self._has(role, one)]
        for role in known:
            name = legal(one.logical, *([role] if len(known) > 1 else ()))
            self._gathering.inline_policy(name, role, policy, one.logical)

    def _unknown(self, one: _StackResource, what: str, roles: list[str] | None) -> None:
        """A policy of which only AWS says what it is, and came with a role: kept when that goes."""
        every = {other.physical for other in self._resources if other.type == "AWS::IAM::Role"}
        for role in every if roles is None else every.intersection(roles):
            self._gathering.release_with(one.logical, role)
        self._gathering.skip(
            one.logical,
            f"its {what} can't be worked out from the template: on a role that is imported it came "
            "along, under its name in AWS",
        )

    def _profile(self, one: _StackResource) -> None:
        roles = self._names.texts(one.properties.get("Roles"))
        if roles == []:
            self._gathering.skip(one.logical, "there is no role in this instance profile")
        elif roles is None or self._has(roles[0], one):
            self._gathering.instance_profile(
                legal(one.logical), one.physical, one.logical, role=roles[0] if roles else ""
            )

    def _instance(self, one: _StackResource) -> None:
        value = one.properties.get("IamInstanceProfile")
        if value is None:
            return
        profile = self._names.text(value)
        if profile is None or not self._gathering.has_profile(profile):
            reason = "its instance profile is not in this stack, or not imported from it"
            self._gathering.skip(one.logical, reason)
        else:
            self._gathering.carries_profile(one.logical, "IamInstanceProfile", profile)

    def _function(self, one: _StackResource) -> None:
        arn = self._names.text(one.properties.get("Role"))
        role = "" if arn is None else role_name(arn)
        if arn is None or self._has(role, one):
            self._gathering.function(legal(one.logical), one.physical, one.logical, role=role)
            if role:
                self._gathering.carries_role(one.logical, "Role", role)

    def _task_definition(self, one: _StackResource) -> None:
        carried: list[str] = []
        unknown = False
        for attribute in ("TaskRoleArn", "ExecutionRoleArn"):
            if attribute not in one.properties:
                continue
            arn = self._names.text(one.properties[attribute])
            if arn is None:
                unknown = True
            elif self._has(role_name(arn), one):
                carried.append(role_name(arn))
                self._gathering.carries_role(one.logical, attribute, role_name(arn))
        if carried or unknown:
            family = one.physical.rpartition("/")[2].partition(":")[0]
            self._gathering.task_definition(legal(one.logical), family, one.logical, roles=carried)

    def _inside(self, one: _StackResource) -> None:
        """The policies that a role's own block writes, where no resource of their own does."""
        role = one.physical
        for block in self._names.objects(one.properties.get("Policies")):
            if isinstance(policy := block.get("PolicyName"), str):
                name = legal(one.logical, policy)
                self._gathering.inline_policy(name, role, policy, one.logical, forget=False)
        for arn in self._names.items(one.properties.get("ManagedPolicyArns")):
            if arn is not None:
                name = legal(one.logical, arn.rpartition("/")[2])
                self._gathering.attachment(name, role, arn, one.logical, forget=False)

    def _has(self, role: str, one: _StackResource) -> bool:
        if self._gathering.has_role(role):
            return True
        self._gathering.skip(one.logical, f"its role {role} is not in this stack")
        return False
