"""How another tool is made to forget what was imported from it, without deleting anything: text to paste.

Sources: Terraform's documentation, "Remove resources from state" and "removed block reference";
CloudFormation user guide, "DeletionPolicy attribute".
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from .inventory import Inventory

_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')

_TERRAFORM_HEAD = """\
# Make Terraform forget what rolewright manages now; nothing is deleted in AWS.
# 1. Delete the blocks of these resources from the configuration. Where another block refers to
#    one of them, write the name or the ARN itself.
# 2. Put this file in the folder (Terraform 1.7 or newer), and run `terraform apply`.
#    It must say "0 destroyed". Then this file can go.
"""
_STATE_RM_HEAD = """\
# With an older Terraform: delete the blocks from the configuration, and run these instead.
"""
_CARRIERS_HEAD = """\
# These stay in Terraform. Where they refer to what is forgotten, write its name or ARN itself, and
# let rolewright say which one it is:
"""


def removed_blocks(inventory: Inventory) -> str:
    """`removed` blocks for Terraform 1.7 or newer, with a comment on how to use them.

    A block names a whole resource, not one instance of it; a resource of which something is not
    imported has none, and is forgotten by `state_rm`.
    """
    whole = _whole(inventory)
    blocks = (
        f"removed {{\n  from = {address}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
        for address in whole
    )
    partly = [one for one in inventory.released if _block(one) not in whole]
    parts = [_TERRAFORM_HEAD, "\n".join(blocks)]
    if partly:
        lines = _state_rm(partly)
        parts.append("# Of these only some instances are forgotten, which no block can say; run:\n")
        parts[-1] += "".join(f"#   {line}\n" for line in lines)
    parts.append(_kept(inventory.carriers))
    return "\n".join(part for part in parts if part)


def state_rm(inventory: Inventory) -> str:
    """`terraform state rm` commands for a POSIX shell, one a line, for any version of Terraform."""
    return _STATE_RM_HEAD + "".join(f"{line}\n" for line in _state_rm(inventory.released))


def _state_rm(addresses: Iterable[str]) -> list[str]:
    return [f"terraform state rm {shlex.quote(address)}" for address in addresses]


def _whole(inventory: Inventory) -> Sequence[str]:
    """The resources of which every known instance is released, without keys."""
    staying = {
        _block(name)
        for name in (*inventory.carriers, *(skipped.id for skipped in inventory.skipped))
        if name not in inventory.released
    }
    return sorted({_block(name) for name in inventory.released} - staying)


def _block(address: str) -> str:
    return _KEY.sub("", address)


def _kept(carriers: Mapping[str, str]) -> str:
    if not carriers:
        return ""
    attributes: dict[str, str] = {}
    for address, attribute in carriers.items():
        attributes.setdefault(_block(address), attribute)
    lines = (
        f"#   {block}: lifecycle {{ ignore_changes = [{attribute}] }}\n"
        for block, attribute in attributes.items()
    )
    return _CARRIERS_HEAD + "".join(lines)


def retain_steps(inventory: Inventory, stack: str) -> str:
    """The steps that make CloudFormation forget the released resources of a stack."""
    if not inventory.released:
        return ""
    name, resources = shlex.quote(stack), "".join(f"       {one}\n" for one in inventory.released)
    text = f"""\
Make CloudFormation forget what rolewright manages now; nothing is deleted in AWS.
  1. Fetch the template:
       aws cloudformation get-template --stack-name {name} --query TemplateBody
  2. In each of these resources write  DeletionPolicy: Retain  (beside Type), and update the stack:
{resources}\
  3. Take the resources out of the template. Where another resource refers to one of them with
     Ref or Fn::GetAtt, write its name or ARN itself. Update the stack again: it says
     DELETE_SKIPPED for each of them, and AWS keeps them.
  To give up the whole stack, delete it after step 2: only what has no such policy is deleted.
"""
    if inventory.carriers:
        staying = ", ".join(inventory.carriers)
        text += f"  These stay in the stack, with the role's name or ARN written out: {staying}\n"
    return text
