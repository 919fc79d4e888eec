"""`rolewright import`: takes over what exists in AWS, which is only read."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import EXIT_DONE
from .options import Common, LockTimeout, Parallelism, Var, VarFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...resources.address import Address
    from ..config.declarations import Declarations, Desired
    from ..importing.importer import Importer, Result
    from ..importing.inventory import Inventory
    from ..planner import Wanted
    from ..session import Session
    from .composition import Inputs

AddressArgument = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="The address that it gets: role.reader.")
]
IdArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]",
        help="A name or an ARN; ROLE:NAME for an inline policy, SERVICE:NAME for a binding.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="Import all roles that the filters let through.")]
PathPrefix = Annotated[
    str, typer.Option("--path-prefix", metavar="PATH", help="Only roles below this path.")
]
Name = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="GLOB", help="Only roles named so; may be repeated."),
]
Except = Annotated[
    list[str] | None,
    typer.Option("--except", metavar="GLOB", help="No role named so; may be repeated."),
]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="KEY=VALUE", help="Only roles with this tag; may be repeated."),
]
Service = Annotated[
    list[str] | None,
    typer.Option(
        "--service",
        metavar="PRINCIPAL",
        help="Only roles that this service may assume, such as lambda.amazonaws.com; may be repeated.",
    ),
]
Print = Annotated[
    bool,
    typer.Option(
        "--print", help="Print the declarations as one document instead of writing files."
    ),
]
TagOwnership = Annotated[
    bool,
    typer.Option("--tag-ownership", help="Let the next plan tag what is imported as this stack's."),
]
GroupBy = Annotated[
    str,
    typer.Option(
        "--group-by", metavar="service|tag:KEY|none", help="What the new files are grouped by."
    ),
]
Compact = Annotated[
    bool, typer.Option("--compact", help="Gather roles of one shape under a for_each.")
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack", metavar="NAME", help="The name of a new stack; the folder's when absent."
    ),
]


FromTerraform = Annotated[
    Path | None,
    typer.Option(
        "--from-terraform",
        metavar="FILE|DIR",
        help="Import what a Terraform state owns, under its names there.",
    ),
]
FromCloudFormation = Annotated[
    str | None,
    typer.Option(
        "--from-cloudformation",
        metavar="STACK",
        help="Import what a CloudFormation stack owns, under its logical names.",
    ),
]


def import_(
    options: Common,
    address: AddressArgument = None,
    id_: IdArgument = None,
    all_: All = False,
    from_terraform: FromTerraform = None,
    from_cloudformation: FromCloudFormation = None,
    path_prefix: PathPrefix = "/",
    name: Name = None,
    tag: Tag = None,
    service: Service = None,
    except_: Except = None,
    print_: Print = False,
    tag_ownership: TagOwnership = False,
    group_by: GroupBy = "service",
    compact: Compact = False,
    stack: StackName = None,
    parallelism: Parallelism = 10,
    var: Var = None,
    var_file: VarFile = None,
    lock_timeout: LockTimeout = 0.0,
) -> int:
    """Take over what exists in AWS: record it, and write its declarations. Changes nothing there."""
    from ..importing.importer import Request
    from ..importing.selection import Filters
    from .composition import Inputs, lock, session_for
    from .import_stack import keep, stack_again, stack_of, sweep
    from .report import stderr_sink
    from .stored import refuse_open_run

    _check_filters(path_prefix, service or ())
    filters = Filters(path_prefix, name or (), except_ or (), _tags(tag or ()), service or ())
    several = [all_, from_terraform is not None, from_cloudformation is not None]
    target = _target(address, id_, sum(several), filters)
    inputs = Inputs(var or (), var_file or ())
    sink = stderr_sink(options)
    sweep(options, lock_timeout, sink)
    declared, new = stack_of(options, inputs, stack)
    session = session_for(options, declared, sink, parallelism)
    inventory = _inventory(session, from_terraform, from_cloudformation)
    request = Request(target, id_ or "", filters, tag_ownership, inventory)
    with lock(options, "import", lock_timeout, session.sink):
        refuse_open_run(session.journal)
        # Another import may have begun the stack while this one waited.
        declared, new = stack_again(options, inputs, new, session.stack)
        # What is printed is one document, in which each section stands once.
        grouping = "none" if print_ else group_by
        importer = _importer(options, inputs, session, declared, new, grouping, compact)
        result = importer.run(request)
        files = keep(options, session, result, print_)
    _report(options, result, files, print_, _release(result, from_cloudformation))
    return EXIT_DONE


def _inventory(session: Session, state: Path | None, stack: str | None) -> Inventory | None:
    """What another tool owns in this account and region.

    Raises:
        Problem: its state or stack can't be read, or has nothing to import.
        AwsError: AWS refused a read.
    """
    if state is not None:
        from ..importing.terraform_state import terraform_inventory

        workspace = os.environ.get("TF_WORKSPACE", "")
        found = terraform_inventory(state, session.kinds, workspace)
    elif stack is not None:
        from ...resources.diagnostics import Problem
        from ..importing.cloudformation import cloudformation_inventory

        if not stack:
            raise Problem.of("bad-option", "--from-cloudformation names no stack")

        found = cloudformation_inventory(session.aws, stack, session.kinds)
    else:
        return None
    return found.within(session.aws.identity.account_id, session.aws.identity.region)


def _release(result: Result, stack: str | None) -> str:
    """How the other tool is made to forget what was imported from it."""
    from ..importing.releasing import cloudformation_steps, terraform_steps

    if result.released is None:
        return ""
    if stack is not None:
        return cloudformation_steps(result.released, stack)
    return terraform_steps(result.released)


def _target(address: str | None, id_: str | None, several: int, filters: object) -> Address | None:
    """The address to import to; None for all. `several` counts the options that ask for many.

    Raises:
        Problem: the options ask for neither one thing nor for all.
    """
    from ...resources.diagnostics import Problem
    from ..config.moves import KINDS
    from ..importing.selection import Filters
    from .composition import targets

    if several != (address is None) or (address is None) != (id_ is None):
        raise Problem.of(
            "bad-option",
            "import takes an ADDRESS and an ID, or one of --all, --from-terraform and "
            "--from-cloudformation",
            hint="rolewright import role.reader photo-reader",
        )
    if address is None:
        return None
    if filters != Filters():
        raise Problem.of(
            "bad-option",
            "--path-prefix, --name, --tag, --service and --except choose among all roles",
            hint="leave them out, or import --all",
        )
    (target,) = targets([address])
    if target.kind not in KINDS:
        hint = f"kinds are {', '.join(KINDS)}"
        raise Problem.of("bad-address", f'there is no kind "{target.kind}"', hint=hint)
    return target


def _check_filters(path_prefix: str, services: Sequence[str]) -> None:
    """Refuse what no role can be like.

    Raises:
        Problem: a path that doesn't begin with a slash, a service that is no principal.
    """
    from ...resources.diagnostics import Problem

    if not path_prefix.startswith("/"):
        raise Problem.of(
            "bad-option",
            f'paths of roles begin with a slash, and "{path_prefix}" does not',
            hint=f"--path-prefix /{path_prefix}",
        )
    for service in services:
        if not service:
            raise Problem.of("bad-option", "--service names no service")
        if "." not in service:
            raise Problem.of(
                "bad-option",
                f'"{service}" is no service principal',
                hint=f"--service {service}.amazonaws.com",
            )


def _tags(texts: Sequence[str]) -> dict[str, str]:
    from ...resources.diagnostics import Problem

    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise Problem.of("bad-option", f'--tag takes KEY=VALUE, not "{text}"')
        if found.get(key, value) != value:
            raise Problem.of("bad-option", f'no role has two values of the tag "{key}"')
        found[key] = value
    return found


def _importer(
    options: Common,
    inputs: Inputs,
    session: Session,
    declared: Declarations,
    new: str,
    group_by: str,
    compact: bool,
) -> Importer:
    from ...resources.diagnostics import Problem
    from ..aws.reader import Aws
    from ..config.source import imported_prefix
    from ..importing.importer import Importer
    from ..importing.writing import WritingOptions
    from ..planner import Setting
    from .composition import declarations, desired, wanted

    if re.fullmatch("service|none|tag:.+", group_by) is None:
        raise Problem.of(
            "bad-option", f'--group-by takes service, tag:KEY or none, not "{group_by}"'
        )

    def resolve(texts: Mapping[str, str]) -> tuple[Desired, Wanted]:
        known = declarations(options, inputs, texts) if texts else declared
        found = desired(session, known)
        return found, wanted(found)

    aws = session.aws
    if not isinstance(aws, Aws):
        raise TypeError("an import reads AWS itself")
    tags = desired(session, declared).settings.tags
    return Importer(
        aws,
        session.stack,
        session.state(),
        Setting("import", aws.identity, session.new_id(), session.tool_version),
        session.kinds,
        resolve,
        WritingOptions(
            aws.identity,
            stack=new,
            region=aws.identity.region if new else "",
            group_by=group_by,
            compact=compact,
            prefix=imported_prefix(options.config_path),
            tags=tags,
            variables=list(declared.variables),
        ),
    )


def _report(
    options: Common, result: Result, files: Sequence[Path], printed: bool, release: str
) -> None:
    from ..views.import_text import import_document, render_import
    from .report import console, emit

    names = [str(file) for file in files]
    text = "\n".join(result.files.values()) if printed else None
    if options.json:
        emit(import_document(result, names, text, release))
        return
    if text is not None:
        sys.stdout.write(text)
    render_import(result, names, console(options, stderr=printed))
    if release:
        (sys.stderr if printed else sys.stdout).write(f"\n{release}")
