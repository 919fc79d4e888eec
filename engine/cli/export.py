"""`rolewright export`: the stack, written for another tool to take over."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..views.document_head import head
from .options import Common

if TYPE_CHECKING:
    from ...state.document import State
    from ..exporting.owned import NotExported, OwnedByStack


class Tool(StrEnum):
    """The tools that a stack can be written for."""

    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


To = Annotated[Tool, typer.Option("--to", help="The tool that takes over.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="DIR",
        help="Write the files into this folder; without it the first is printed.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Terraform's JSON syntax instead of HCL.")]
Live = Annotated[
    bool, typer.Option("--live", help="Read AWS, and write what it shows now, not the state.")
]


def export(
    options: Common, to: To, out: Out = None, as_json: AsJson = False, live: Live = False
) -> int:
    """Write what the stack owns for Terraform or CloudFormation, with what imports it there.

    Changes nothing in AWS, and nothing in the state. No existing file is overwritten.
    """
    from ..exporting.owned import owned_by
    from .report import emit
    from .stored import stored_state

    state = stored_state(options)
    left: tuple[NotExported, ...] = ()
    if live:
        state, left = _renewed(options, state)
    owned = owned_by(state)
    _check(owned)
    files, others = _written(to, owned, as_json=as_json)
    left = (*left, *others)
    if out is not None:
        _write(out, files)
    if options.json:
        emit(
            {
                **head("export", state.stack),
                "to": to.value,
                "files": [
                    {"name": name, "path": None if out is None else str(out / name), "text": text}
                    for name, text in files.items()
                ],
                "left": [{"address": str(one.address), "reason": one.reason} for one in left],
            }
        )
        return 0
    if out is None:
        sys.stdout.write(next(iter(files.values())))
    else:
        sys.stdout.writelines(f"{out / name}\n" for name in files)
    _notes(to, owned, files, left, printed=out is None)
    return 0


def _written(
    to: Tool, owned: OwnedByStack, *, as_json: bool
) -> tuple[Mapping[str, str], tuple[NotExported, ...]]:
    from ..exporting.cloudformation import cloudformation_files, not_in_cloudformation
    from ..exporting.terraform import not_in_terraform, terraform_files

    if to is Tool.TERRAFORM:
        return terraform_files(owned, as_json=as_json), not_in_terraform(owned)
    return cloudformation_files(owned), not_in_cloudformation(owned)


def _check(owned: OwnedByStack) -> None:
    from ...resources.diagnostics import Problem

    if not (owned.roles or owned.customer_policies or owned.profiles):
        raise Problem.of(
            "nothing-to-export",
            f"the stack {owned.stack} owns nothing that could be exported",
            hint="`rolewright state list` shows what is in the state",
        )


def _renewed(options: Common, state: State) -> tuple[State, tuple[NotExported, ...]]:
    """The state with what AWS shows now.

    Raises:
        Problem: the credentials are of another account, or AWS refused a read.
    """
    from ...resources.diagnostics import Problem
    from ...resources.kind import LAST, PRIOR, Claims
    from ...resources.registry import kind_class
    from ..exporting.owned import renewed
    from ..observe import observe
    from .composition import aws_for

    aws = aws_for(options, None)
    if aws.identity.account_id != state.account_id:
        raise Problem.of(
            "other-account",
            f"these credentials are of account {aws.identity.account_id}, and the state is of "
            f"{state.account_id}",
            hint="use other credentials (--profile), or leave out --live",
        )
    records = {
        address: record
        for address, record in state.resources.items()
        if kind_class(record.kind, record.desired).live
    }
    claims = Claims(
        claim
        for record in records.values()
        for claim in kind_class(record.kind, record.desired).claims(record.desired)
    )
    subjects = {
        address: (address, {**record.desired, PRIOR: record.prior, LAST: record.observed})
        for address, record in records.items()
    }
    return renewed(state, observe(aws, subjects, claims, kind_class), kind_class)


def _write(out: Path, files: Mapping[str, str]) -> None:
    from ...resources.diagnostics import Problem, Source

    present = [out / name for name in files if (out / name).exists()]
    if present:
        raise Problem.of(
            "export-exists",
            f"{present[0]} exists already",
            detail="No file was written: an export overwrites nothing.",
            hint="name another folder with -o, or move the file away",
            source=Source(str(present[0])),
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with (out / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise Problem.of(
            "export-not-written",
            f"the files could not be written to {out}: {error.strerror or error}",
            hint="name a folder that you may write to with -o",
        ) from error


def _notes(
    to: Tool,
    owned: OwnedByStack,
    files: Mapping[str, str],
    left: tuple[NotExported, ...],
    *,
    printed: bool,
) -> None:
    """What the files don't say, on standard error."""
    from ..exporting.cloudformation import BODY_LIMIT, TEMPLATE, import_command

    notes = [f"{one.address}: {one.reason}" for one in left]
    if printed:
        first, *others = files
        notes.append(f"{first} is printed; {', '.join(others)} is written with it by -o DIR")
    if to is Tool.CLOUDFORMATION:
        notes.append(f"to import it: {import_command(owned.stack)}")
        if len(files[TEMPLATE].encode()) > BODY_LIMIT:
            notes.append("the template is too long for --template-body: put it into S3 first")
    sys.stderr.writelines(f"{note}\n" for note in notes)
