"""The composition root: from a command's options to a session with everything of the outside world in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.diagnostics import Diagnostic, Problem
from ...resources.permission_policy import PermissionPolicy
from ...resources.policy.catalogue import Catalogue
from ...resources.registry import kind_class
from ...state.clock import SystemClock
from ...state.journal import Journal
from ...state.lock import HeldLock, StateLock
from ..aws.reader import Aws
from ..aws.session import AssumeRole, AwsOptions, connect
from ..config.declarations import Declarations, Desired
from ..config.loader import load
from ..config.resolve import resolve
from ..events import Notice, Sink
from ..graph import Graph
from ..importing.leftovers import is_unfinished, mark_of
from ..planner import Wanted
from ..recovery import explain
from ..session import Session
from ..version import tool_version
from .options import Common
from .report import stderr_sink
from .stored import store_for


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where a stack's variables come from."""

    variables: Sequence[str] = ()
    files: Sequence[Path] = ()


def declarations(
    options: Common, inputs: Inputs, texts: Mapping[str, str] | None = None
) -> Declarations:
    """The stack file, read but not resolved; `texts` are files (by name) to come beside it.

    Raises:
        Problem: with all that is wrong.
    """
    _tell_of_unfinished_import(options)
    return load(
        options.config_path,
        environ=os.environ,
        variable_files=inputs.files,
        variables=inputs.variables,
        texts=texts,
    )


def _tell_of_unfinished_import(options: Common) -> None:
    """Say that files beside the stack may be those of an import that was killed.

    Raises:
        Problem: the state, which tells, can't be read.
    """
    mark = mark_of(options.state_path)
    if not mark.exists():
        return
    state = store_for(options).load()
    if is_unfinished(mark, 0 if state is None else state.serial):
        text = (
            "an import is under way or did not come to its end, and what it wrote is not all there"
        )
        stderr_sink(options)(Notice(f"{text}: run it again, which clears that up first"))


def sandbox_wanted(options: Common, environ: Mapping[str, str]) -> bool:
    """Whether the sandbox stands for AWS."""
    if options.sandbox is not None:
        return options.sandbox
    return environ.get("RW_SANDBOX", "").lower() in {"1", "true", "yes", "on"}


def aws_for(options: Common, declared: Declarations | None, parallelism: int = 10) -> Aws:
    """The connection with AWS, or with the running sandbox.

    Raises:
        Problem, AwsError: it can't be made.
    """
    settings = None if declared is None else declared.settings
    if sandbox_wanted(options, os.environ):
        from ..sandbox import running

        return connect(
            AwsOptions(
                region=options.region or (settings.region if settings else None),
                sandbox_endpoint=options.endpoint_url or running().url,
                parallelism=parallelism,
            )
        )
    role = None if settings is None else settings.assume_role
    return connect(
        AwsOptions(
            profile=options.profile,
            region=options.region or (settings.region if settings else None),
            endpoint_url=options.endpoint_url,
            parallelism=parallelism,
            assume_role=None
            if role is None
            else AssumeRole(role.role_arn, role.session_name, role.external_id),
        )
    )


def session_for(
    options: Common,
    declared: Declarations,
    sink: Sink,
    parallelism: int = 10,
    catalogue: Path | None = None,
) -> Session:
    """Everything that plan and apply need; `catalogue` is a file of AWS's actions.

    Raises:
        Problem, AwsError: there are no credentials, or they are of an account that the stack does not allow;
            the catalogue can't be read.
    """
    actions = catalogue_for(catalogue)
    aws = aws_for(options, declared, parallelism)
    allowed, account = declared.settings.allowed_accounts, aws.identity.account_id
    if allowed and account not in allowed:
        raise Problem.of(
            "account-not-allowed",
            f"these credentials are of account {account}, and the stack allows only "
            f"{', '.join(allowed)}",
            detail="Nothing was read or changed.",
            hint="use other credentials (--profile), or change allowed_accounts",
        )
    return Session(
        stack=declared.settings.stack,
        aws=aws,
        store=store_for(options),
        journal=Journal(options.state_path),
        clock=SystemClock(),
        sink=sink,
        kinds=kind_class,
        new_id=lambda: str(uuid.uuid4()),
        tool_version=tool_version(),
        parallelism=parallelism,
        catalogue=lambda: actions,
    )


def desired(session: Session, declared: Declarations) -> Desired:
    """The stack, resolved for the session's account.

    Raises:
        Problem: with all that is wrong.
    """
    return resolve(declared, session.aws.identity)


def wanted(found: Desired) -> Wanted:
    """What the planner takes of a resolved stack."""
    return Wanted(
        attributes=found.attributes,
        dependencies=after_permissions(found),
        lifecycles={address: resource.lifecycle for address, resource in found.resources.items()},
        moved=found.moved,
        removed=found.removed,
        imports=found.imports,
        along=_on_imported_roles(found),
    )


def _on_imported_roles(found: Desired) -> frozenset[Address]:
    """The policies and bindings of the roles that are imported."""
    kinds = (PermissionPolicy.kind, ServiceBinding.kind)
    return frozenset(
        address
        for address, needed in found.dependencies.items()
        if address.kind in kinds and needed & found.imports and address not in found.imports
    )


def catalogue_for(file: Path | None) -> Catalogue:
    """The actions of AWS: those of a file given with --catalogue, else the installed ones.

    The installed ones are read when the catalogue is first asked, the file at once.

    Raises:
        Problem: the file can't be read, or is no catalogue.
    """
    if file is None:
        return Catalogue.bundled()
    hint = "`rolewright catalogue update -o FILE` writes one from AWS's own list"
    try:
        return Catalogue.from_file(file)
    except OSError as error:
        summary = f"the catalogue {file} can't be read: {error.strerror or error}"
        raise Problem.of("bad-catalogue", summary, hint=hint) from error
    except ValueError as error:
        raise Problem.of("bad-catalogue", str(error), hint=hint) from error


def after_permissions(found: Desired) -> Mapping[Address, frozenset[Address]]:
    """The dependencies, with each binding also after all that gives its roles permissions.

    A service tries its new role at once, and some refuse one that can't do yet what they need.
    A policy that itself waits for a binding, by `depends_on`, is left out: it would be a cycle.
    """
    bindings = [address for address in found.dependencies if address.kind == ServiceBinding.kind]
    waiting = Graph(found.dependencies).with_dependents(bindings)
    policies: dict[Address, set[Address]] = {}
    for address, needed in found.dependencies.items():
        if address.kind == PermissionPolicy.kind and address not in waiting:
            for role in needed:
                policies.setdefault(role, set()).add(address)
    return {
        address: needed
        if address.kind != ServiceBinding.kind
        else needed.union(*(policies.get(role, ()) for role in needed))
        for address, needed in found.dependencies.items()
    }


def targets(texts: Sequence[str] | None) -> frozenset[Address]:
    """The addresses given with --target.

    Raises:
        Problem: one of them is no address.
    """
    found: set[Address] = set()
    faults: list[Diagnostic] = []
    for text in texts or ():
        try:
            found.add(Address.parse(text))
        except ValueError as error:
            faults.append(
                Diagnostic(
                    "bad-address", str(error), hint="`rolewright state list` shows addresses"
                )
            )
    if faults:
        raise Problem(*faults)
    return frozenset(found)


def lock(options: Common, operation: str, timeout: float, sink: Sink) -> HeldLock:
    """The state's lock, for commands that may write.

    Raises:
        Problem: somebody else holds it.
    """
    held = StateLock(options.state_path, operation=operation, tool_version=tool_version()).acquire(
        timeout
    )
    for notice in held.notices:
        sink(Notice(notice.summary))
    return held


def say_open_run(session: Session) -> None:
    """Tell of a run that did not come to its end, where there is one.

    Raises:
        Problem: the journal, which tells, can't be read.
    """
    open_run = session.journal.open_run()
    if open_run is not None:
        session.sink(
            Notice(f"{explain(open_run)}; `rolewright recover` finishes or undoes it first")
        )
