"""The `rolewright` command: all commands under one roof."""

from __future__ import annotations

import inspect
import sys
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

import typer

from . import (
    apply,
    can,
    catalogue,
    demo,
    destroy,
    drift_group,
    export,
    graph,
    import_,
    init,
    output,
    plan,
    recover,
    rollback,
    sandbox,
    schema,
    show,
    state,
    validate,
    verify,
    who_can,
)
from .command import EXIT_DONE, EXIT_ERROR, Ending, command
from .options import Common, given

app = typer.Typer(
    name="rolewright",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help takes a third of the time
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Plan and apply the IAM roles through which AWS services talk to each other.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rolewright {version('rolewright')}")
        raise typer.Exit


def _before(ctx: typer.Context, **values: Any) -> None:
    values.pop("version")
    ctx.obj = given(values)


def _root_signature() -> inspect.Signature:
    hints = get_type_hints(Common, include_extras=True)
    version = Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ]
    return inspect.Signature(
        [
            inspect.Parameter(
                "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
            ),
            *(
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=None,
                    annotation=hints[field.name],
                )
                for field in fields(Common)
            ),
            inspect.Parameter(
                "version", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=version
            ),
        ]
    )


_before.__signature__ = _root_signature()  # type: ignore[attr-defined]
_before.__annotations__ = {p.name: p.annotation for p in _root_signature().parameters.values()}
app.callback()(_before)

command(app)(init.init)
command(app)(validate.validate)
command(app)(plan.plan)
command(app)(apply.apply)
command(app)(destroy.destroy)
command(app, "import")(import_.import_)
command(app)(verify.verify)
command(app)(can.can)
command(app, "who-can")(who_can.who_can)
command(app)(recover.recover)
command(app)(rollback.rollback)
app.add_typer(drift_group.app, name="drift")
command(app)(show.show)
command(app)(output.output)
command(app)(export.export)
command(app)(graph.graph)
command(app)(schema.schema)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(state.app, name="state")
app.add_typer(sandbox.app, name="sandbox")
command(app)(demo.demo)


def main() -> None:
    """Run the command line, and exit as the design page says: 1, not 2, for a usage error."""
    try:
        app()
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else EXIT_DONE
        if Ending.code is None and code not in (EXIT_DONE, 130):
            sys.exit(EXIT_ERROR)
        sys.exit(code if Ending.code is None else Ending.code)
    sys.exit(Ending.code or EXIT_DONE)
