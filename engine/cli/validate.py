"""`rolewright validate`: the stack file is checked without touching AWS."""

from __future__ import annotations

import os

import typer

from .options import Common, Var, VarFile


def validate(options: Common, var: Var = None, var_file: VarFile = None) -> int:
    """Check the stack file without touching AWS."""
    from ..config.resolve import placeholder_identity, resolve
    from ..views.json_documents import error_document
    from .composition import Inputs, declarations
    from .report import emit, report

    declared = declarations(options, Inputs(var or (), var_file or ()))
    found = resolve(declared, placeholder_identity(declared.settings, os.environ))
    if options.json:
        emit(
            {
                **error_document("validate", found.settings.stack, found.warnings),
                "valid": True,
                "resources": sorted(str(address) for address in found.resources),
            }
        )
        return 0
    if found.warnings:
        report(found.warnings, "validate", options, document=False)
    count = len(found.resources)
    typer.echo(
        f"{options.config_path} is valid: {count} resource{'' if count == 1 else 's'} "
        f'of stack "{found.settings.stack}".'
    )
    return 0
