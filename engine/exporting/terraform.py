"""A stack as Terraform configuration with `import` blocks: what it plans is to import, and no change.

Each object has a resource of its own; roles that are exclusive get the exclusive resources, too.
Tried with Terraform 1.11 and the AWS provider 5.100.

Source: the AWS provider's documentation of the `aws_iam_…` resources (their import ids).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ...resources.address import Address
from ...resources.binding import role_name
from ...resources.calls import Attrs
from .hcl import Block, Document, Identifiers, Reference, Value, block_text, json_document
from .owned import Carrier, NotExported, OwnedByStack, exclusive

MAIN, PROVIDER = "rolewright.tf", "rolewright-provider.tf"
_CARRIED = {"lambda": "role"}
"""The attribute of Terraform's resource where it is called otherwise than in the binding."""
_REFUSED = "“‘"  # noqa: RUF001 - these are the quotation marks that the provider's check names
"""What the AWS provider refuses in descriptions of roles, and AWS takes."""


def terraform_files(owned: OwnedByStack, *, as_json: bool = False) -> Mapping[str, str]:
    """The texts of the files by name, the one with the resources first.

    The second file has the provider's settings; a folder that has some of its own takes over its
    `ignore_tags`: what rolewright made carries tags that Terraform is not to remove.
    """
    blocks = terraform_blocks(owned)
    provider: Mapping[str, Any] = {
        "terraform": {
            "required_version": ">= 1.5",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.100"}},
        },
        "provider": {
            "aws": {
                "region": owned.region,
                "allowed_account_ids": [owned.account_id],
                "ignore_tags": {"key_prefixes": ["rolewright:"]},
            }
        },
    }
    if as_json:
        return {
            f"{MAIN}.json": _json(json_document(blocks)),
            f"{PROVIDER}.json": _json(provider),
        }
    parts = [_head(owned), *(block_text(block) for block in blocks), _carriers(owned, blocks)]
    return {
        MAIN: "\n".join(part for part in parts if part),
        PROVIDER: _PROVIDER.format(region=json.dumps(owned.region), account=owned.account_id),
    }


_PROVIDER = """\
terraform {{
  required_version = ">= 1.5" # the first with import blocks

  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }}
  }}
}}

provider "aws" {{
  region              = {region}
  allowed_account_ids = ["{account}"]

  # What rolewright made carries its tags. Without this, Terraform plans to remove them.
  ignore_tags {{
    key_prefixes = ["rolewright:"]
  }}
}}
"""


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _head(owned: OwnedByStack) -> str:
    return (
        f"# What the rolewright stack {owned.stack} owns in account {owned.account_id}.\n"
        "# `terraform plan` must say: some to import, 0 to add, 0 to change, 0 to destroy.\n"
        "# After `terraform apply` the import blocks can go, and rolewright is to forget its stack:\n"
        "# delete the state, not the stack. Never let both apply.\n"
    )


def terraform_blocks(owned: OwnedByStack) -> tuple[Block, ...]:
    """The resources, each after those that it refers to."""
    return tuple(_Writing(owned).blocks())


class _Writing:
    """The blocks of one stack, with the references between them."""

    def __init__(self, owned: OwnedByStack) -> None:
        self._owned = owned
        self._names = Identifiers()
        self._policies: dict[str, Block] = {}
        self._roles: dict[str, Block] = {}

    def blocks(self) -> Iterable[Block]:
        for address, policy in self._owned.customer_policies.items():
            block = self._policies[policy["arn"]] = self._customer_policy(address, policy)
            yield block
        for address, role in self._owned.roles.items():
            block = self._roles[role["name"]] = self._role(address, role)
            yield block
        for role in self._owned.roles.values():
            yield from self._on(role)
        for address, profile in self._owned.profiles.items():
            yield self._profile(address, profile)

    def _block(
        self, type_: str, parts: Iterable[str], arguments: Mapping[str, Value], import_id: str
    ) -> Block:
        given = {name: value for name, value in arguments.items() if value not in (None, "", {})}
        return Block(type_, self._names.make(type_, *parts), given, import_id)

    def _customer_policy(self, address: Address, policy: Attrs) -> Block:
        return self._block(
            "aws_iam_policy",
            _parts(address),
            {
                "name": policy["name"],
                "path": _path(policy),
                "description": policy.get("description"),
                "tags": policy.get("tags"),
                "policy": Document(policy["document"]),
            },
            policy["arn"],
        )

    def _role(self, address: Address, role: Attrs) -> Block:
        duration = role["max_session_duration"]
        return self._block(
            "aws_iam_role",
            _parts(address),
            {
                "name": role["name"],
                "path": _path(role),
                "description": role["description"],
                "max_session_duration": None if duration == 3600 else duration,
                "permissions_boundary": self._policy_arn(role["permissions_boundary"]),
                "tags": role.get("tags"),
                "assume_role_policy": Document(role["trust_policy"]),
            },
            role["name"],
        )

    def _on(self, role: Attrs) -> Iterable[Block]:
        """What hangs on a role: its policies, and that it has no others."""
        name, block = role["name"], self._roles[role["name"]]
        inline = [
            self._block(
                "aws_iam_role_policy",
                (block.name, *_parts(address)),
                {
                    "name": policy["name"],
                    "role": block.ref("name"),
                    "policy": Document(policy["document"]),
                },
                f"{name}:{policy['name']}",
            )
            for address, policy in self._owned.inline_on(name).items()
        ]
        attached = [
            self._block(
                "aws_iam_role_policy_attachment",
                (block.name, *_parts(address)),
                {"role": block.ref("name"), "policy_arn": self._policy_arn(policy["arn"])},
                f"{name}/{policy['arn']}",
            )
            for address, policy in self._owned.attached_to(name).items()
        ]
        yield from inline
        yield from attached
        if exclusive(role):
            yield self._exclusive(block, "policies", "policy_names", inline, "name")
            yield self._exclusive(
                block, "policy_attachments", "policy_arns", attached, "policy_arn"
            )

    def _exclusive(
        self, role: Block, what: str, argument: str, members: Iterable[Block], attribute: str
    ) -> Block:
        references = [member.ref(attribute) for member in members]
        return self._block(
            f"aws_iam_role_{what}_exclusive",
            (role.name,),
            {"role_name": role.ref("name"), argument: references},
            role.import_id,
        )

    def _profile(self, address: Address, profile: Attrs) -> Block:
        role = self._roles.get(profile["role"])
        return self._block(
            "aws_iam_instance_profile",
            _parts(address),
            {
                "name": profile["instance_profile"],
                "path": _path(profile),
                "tags": profile.get("tags"),
                "role": profile["role"] if role is None else role.ref("name"),
            },
            profile["instance_profile"],
        )

    def _policy_arn(self, arn: str | None) -> Reference | str | None:
        if arn in self._policies:
            return self._policies[arn].ref("arn")
        return arn


def _parts(address: Address) -> tuple[str, ...]:
    return (address.name,) if address.key is None else (address.name, address.key)


def _path(attrs: Attrs) -> str | None:
    return None if attrs["path"] == "/" else attrs["path"]


def not_in_terraform(owned: OwnedByStack) -> tuple[NotExported, ...]:
    """What carries roles, which Terraform's resource for it is to refer to; what Terraform refuses."""
    carriers = (
        NotExported(carrier.address, f"{carrier.what} is made by others: let it refer to its role")
        for carrier in owned.carriers
    )
    refused = (
        NotExported(
            address, f"Terraform's AWS provider refuses {' and '.join(_REFUSED)} in its description"
        )
        for address, role in owned.roles.items()
        if not set(_REFUSED).isdisjoint(role["description"] or "")
    )
    return (*refused, *carriers)


def _carriers(owned: OwnedByStack, blocks: Iterable[Block]) -> str:
    """What else of Terraform may refer to these resources, as a comment."""
    by_name = {
        (block.type, block.import_id): block
        for block in blocks
        if block.type in ("aws_iam_role", "aws_iam_instance_profile")
    }
    lines = [line for carrier in owned.carriers for line in _carrier(carrier, by_name)]
    if not lines:
        return ""
    head = "# These carry the roles, and are made by others. Where Terraform makes them, write there:\n"
    return head + "".join(f"#   {line}\n" for line in lines)


def _carrier(carrier: Carrier, blocks: Mapping[tuple[str, str], Block]) -> Iterable[str]:
    for attribute, held in carrier.attributes.items():
        if attribute == "instance_profile":
            block, what, name = blocks["aws_iam_instance_profile", held], "name", "iam_" + attribute
        else:
            role = blocks.get(("aws_iam_role", role_name(held)))
            block, what, name = role, "arn", _CARRIED.get(carrier.service, attribute)
        if block is not None:
            yield f"{carrier.what}: {name} = {block.ref(what).text}"
