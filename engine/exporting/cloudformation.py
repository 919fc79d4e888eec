"""A stack as a CloudFormation template, and the list by which an import takes the objects over.

Every resource has `DeletionPolicy: Retain`, which CloudFormation asks of what is imported.

Sources: CloudFormation user guide, "Import AWS resources into a CloudFormation stack" and "AWS
resource and property types reference" (`AWS::IAM::…`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from .owned import NotExported, OwnedByStack

TEMPLATE, IMPORTS = "template.json", "resources-to-import.json"
BODY_LIMIT = 51_200
"""The bytes that a template may have in a request; a longer one goes by way of S3."""
_LONGEST = 128
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9]+", re.ASCII)


def cloudformation_files(owned: OwnedByStack) -> Mapping[str, str]:
    """The texts of the files by name: the template, and the list of what it imports."""
    template, imports = _Writing(owned).both()
    return {TEMPLATE: _json(template), IMPORTS: _json(imports)}


def import_command(stack: str) -> str:
    """The command of the AWS CLI that makes the change set of the import."""
    name = _NOT_IN_IDS.sub("-", stack).strip("-") or "imported"
    # A stack's name begins with a letter, and has 128 of its characters at most.
    name = name[:_LONGEST] if name[0].isalpha() else f"stack-{name}"[:_LONGEST]
    return (
        f"aws cloudformation create-change-set --stack-name {name} --change-set-name import "
        f"--change-set-type IMPORT --template-body file://{TEMPLATE} "
        f"--resources-to-import file://{IMPORTS} --capabilities CAPABILITY_NAMED_IAM"
    )


def not_in_cloudformation(owned: OwnedByStack) -> tuple[NotExported, ...]:
    """What a template can't say: tags of some types, and what is made by others."""
    tags = "CloudFormation has no tags for it: it keeps those that it has"
    return (
        *(
            NotExported(address, tags)
            for address, attrs in {**owned.customer_policies, **owned.profiles}.items()
            if attrs.get("tags")
        ),
        *(
            NotExported(carrier.address, f"{carrier.what} is made by others: it keeps its role")
            for carrier in owned.carriers
        ),
    )


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Writing:
    """The template of one stack, with the references between its resources."""

    def __init__(self, owned: OwnedByStack) -> None:
        self._owned = owned
        self._ids: dict[Address, str] = {}
        addresses = (*owned.customer_policies, *owned.roles, *owned.profiles)
        for address in addresses:
            self._ids[address] = self._logical_id(address)

    def both(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        resources: dict[str, Any] = {}
        imports: list[dict[str, Any]] = []
        for type_, address, properties, identifier in (
            *(self._policy(*one) for one in self._owned.customer_policies.items()),
            *(self._role(*one) for one in self._owned.roles.items()),
            *(self._profile(*one) for one in self._owned.profiles.items()),
        ):
            given = {
                name: value for name, value in properties.items() if value not in (None, "", [])
            }
            resources[self._ids[address]] = {
                "Type": type_,
                "DeletionPolicy": "Retain",
                "Properties": given,
            }
            imports.append(
                {
                    "ResourceType": type_,
                    "LogicalResourceId": self._ids[address],
                    "ResourceIdentifier": identifier,
                }
            )
        template = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"What the rolewright stack {self._owned.stack} owns",
            "Resources": resources,
        }
        return template, imports

    def _logical_id(self, address: Address) -> str:
        """A legal id, with a number where another resource has it; `Role` and such is not added."""
        words = _NOT_IN_IDS.split(f"{address.name} {address.key or ''}")
        # CloudFormation allows 255 characters; a number must fit behind.
        name = ("".join(word[:1].upper() + word[1:] for word in words) or "Resource")[:240]
        number, candidate = 1, name
        while candidate in self._ids.values():
            number += 1
            candidate = f"{name}{number}"
        return candidate

    def _policy(self, address: Address, policy: Attrs) -> tuple[str, Address, Attrs, Attrs]:
        properties = {
            "ManagedPolicyName": policy["name"],
            "Path": policy["path"],
            "Description": policy.get("description"),
            "PolicyDocument": policy["document"],
        }
        return "AWS::IAM::ManagedPolicy", address, properties, {"PolicyArn": policy["arn"]}

    def _role(self, address: Address, role: Attrs) -> tuple[str, Address, Attrs, Attrs]:
        name = role["name"]
        properties = {
            "RoleName": name,
            "Path": role["path"],
            "Description": role["description"],
            "MaxSessionDuration": role["max_session_duration"],
            "PermissionsBoundary": self._arn(role["permissions_boundary"]),
            "AssumeRolePolicyDocument": role["trust_policy"],
            "ManagedPolicyArns": [
                self._arn(policy["arn"]) for policy in self._owned.attached_to(name).values()
            ],
            "Policies": [
                {"PolicyName": policy["name"], "PolicyDocument": policy["document"]}
                for policy in self._owned.inline_on(name).values()
            ],
            "Tags": [
                {"Key": key, "Value": value} for key, value in sorted(role.get("tags", {}).items())
            ],
        }
        return "AWS::IAM::Role", address, properties, {"RoleName": name}

    def _profile(self, address: Address, profile: Attrs) -> tuple[str, Address, Attrs, Attrs]:
        role, name = self._owned.role_addresses.get(profile["role"]), profile["instance_profile"]
        properties = {
            "InstanceProfileName": name,
            "Path": profile["path"],
            "Roles": [profile["role"] if role is None else {"Ref": self._ids[role]}],
        }
        return "AWS::IAM::InstanceProfile", address, properties, {"InstanceProfileName": name}

    def _arn(self, arn: str | None) -> object:
        """The ARN of a policy, or a reference to it where it is in the template."""
        address = self._owned.policy_addresses.get(arn or "")
        return arn if address is None else {"Ref": self._ids[address]}
