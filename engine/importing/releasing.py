"""How another tool is made to forget what was imported from it, without deleting anything: text to paste.

Sources: Terraform's documentation, "Remove resources from state" and "removed block reference";
CloudFormation user guide, "DeletionPolicy attribute".
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from .inventory import Released

_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')

_TERRAFORM_HEAD = """\
# Make Terraform forget what rolewright manages now; nothing is deleted in AWS.
# 1. Delete the blocks of these resources from the configuration. Where another block refers to
#    one of them, write the name or the ARN itself.
# 2. Put this file in the folder (Terraform 1.7 or newer), and run `terraform apply`.
#    It must say "0 destroyed". Then this file can go.
"""
_STATE_RM_HEAD = """\
# With an older Terraform: delete the blocks of these from the configuration, and run, instead of
# putting that file there:
"""
_PARTLY_HEAD = """\
# Of these resources only some instances are forgotten, which no `removed` block can say. Keep their
# blocks: without them Terraform would destroy the other instances. Run these commands, and change
# for_each or count, theirs or their module's, so that it leaves these instances out. With count
# the ones that stay come first: `terraform state mv` gives them the lowest numbers. Then
# `terraform plan` must say "0 to destroy", and add none of these again.
"""
_ORPHANED_HEAD = """\
# These are on other roles, too, where nothing manages them any more until those are imported:
"""
_CARRIERS_HEAD = """\
# These stay in Terraform. Where they refer to what is forgotten, write its name or ARN itself, and
# let rolewright say which one it is:
"""


def terraform_steps(released: Released) -> str:
    """All that makes Terraform forget what was released: blocks, commands, and what to do by hand."""
    if not released.owners:
        return ""
    whole = _whole(released)
    entire = [one for one in released.owners if _block(one) in whole]
    partly = [one for one in released.owners if _block(one) not in whole]
    parts = [
        _removed_blocks(whole),
        _orphaned(released.orphaned),
        _kept(released.carriers),
        _commands(_PARTLY_HEAD, partly),
        _commands(_STATE_RM_HEAD, entire),
    ]
    return "\n".join(part for part in parts if part)


def _removed_blocks(resources: Sequence[str]) -> str:
    """`removed` blocks: each names a whole resource, for there are none of one instance."""
    if not resources:
        return ""
    blocks = (
        f"removed {{\n  from = {address}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
        for address in resources
    )
    return "\n".join([_TERRAFORM_HEAD, *blocks])


def _commands(head: str, addresses: Iterable[str]) -> str:
    """`terraform state rm` for a POSIX shell, one a line."""
    lines = [f"terraform state rm {shlex.quote(address)}\n" for address in addresses]
    return head + "".join(lines) if lines else ""


def _whole(released: Released) -> Sequence[str]:
    """The resources of which every known instance is released, without keys."""
    staying = {_block(name) for name in released.staying}
    return sorted({_block(name) for name in released.owners} - staying)


def _block(address: str) -> str:
    return _KEY.sub("", address)


def _orphaned(orphaned: Mapping[str, Sequence[str]]) -> str:
    lines = (f"#   {owner}: {', '.join(roles)}\n" for owner, roles in orphaned.items())
    return _ORPHANED_HEAD + "".join(lines) if orphaned else ""


def _kept(carriers: Mapping[str, Sequence[str]]) -> str:
    if not carriers:
        return ""
    attributes: dict[str, dict[str, None]] = {}
    for address, names in carriers.items():
        attributes.setdefault(_block(address), {}).update(dict.fromkeys(names))
    lines = (
        f"#   {block}: lifecycle {{ ignore_changes = [{', '.join(names)}] }}\n"
        for block, names in attributes.items()
    )
    return _CARRIERS_HEAD + "".join(lines)


def cloudformation_steps(released: Released, stack: str) -> str:
    """The steps that make CloudFormation forget the released resources of a stack."""
    if not released.owners:
        return ""
    name, resources = shlex.quote(stack), "".join(f"       {one}\n" for one in released.owners)
    rest = (
        f"that deletes {', '.join(released.staying)}"
        if released.staying
        else "nothing else is in it"
    )
    text = f"""\
Make CloudFormation forget what rolewright manages now; nothing is deleted in AWS.
  1. Fetch the template:
       aws cloudformation get-template --stack-name {name} --query TemplateBody
  2. In each of these resources write  DeletionPolicy: Retain  (beside Type), and update the stack:
{resources}\
  3. Take the resources out of the template. Where another resource refers to one of them with
     Ref or Fn::GetAtt, write its name or ARN itself. Update the stack again: it says
     DELETE_SKIPPED for each of them, and AWS keeps them.
  To give up the whole stack, delete it after step 2: {rest}.
"""
    if released.orphaned:
        several = "; ".join(f"{one}: {', '.join(on)}" for one, on in released.orphaned.items())
        text += (
            f"  On these roles nothing manages them any more until they are imported: {several}\n"
        )
    if released.carriers:
        staying = ", ".join(released.carriers)
        text += f"  These stay in the stack, with the role's name or ARN written out: {staying}\n"
    return text
