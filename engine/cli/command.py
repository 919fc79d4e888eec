"""What every command shares: the common options, and errors turned into words and an exit code."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import typer

from .options import Common, given

EXIT_DONE, EXIT_ERROR, EXIT_FOUND, EXIT_ROLLED_BACK, EXIT_NOT_ROLLED_BACK, EXIT_INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    130,
)


class Ending:
    """How the command ended: typer itself uses 2 for usage errors, which our contract gives another meaning."""

    code: int | None = None


def command(
    app: typer.Typer, name: str | None = None, **settings: Any
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function that takes a Common first, and returns an exit code, as a command."""

    def register(function: Callable[..., int]) -> Callable[..., int]:
        app.command(name or function.__name__, **settings)(_with_common_options(function))
        return function

    return register


def group(app: typer.Typer) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function as what a group of commands does when none of them is named."""

    def register(function: Callable[..., int]) -> Callable[..., int]:
        app.callback(invoke_without_command=True)(_with_common_options(function))
        return function

    return register


def _with_common_options(function: Callable[..., int]) -> Callable[..., None]:
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    common_hints = get_type_hints(Common, include_extras=True)
    common = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=common_hints[field.name],
        )
        for field in fields(Common)
    ]

    @functools.wraps(function)
    def run(ctx: typer.Context, **values: Any) -> None:
        options = given(values).over(ctx.obj or Common())
        if ctx.invoked_subcommand is not None:
            if any(map(functools.partial(_on_command_line, ctx), values)):
                ctx.fail(f"`{ctx.command_path}` and `{ctx.invoked_subcommand}` are two commands")
            ctx.obj = options
            return
        Ending.code = _guarded(function, ctx.command_path.split(" ", 1)[-1], options, values)

    parameters = [
        inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *(
            parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in own
        ),
        *common,
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _on_command_line(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _guarded(
    function: Callable[..., int], name: str, options: Common, values: dict[str, Any]
) -> int:
    """Run a command; whatever stops it ends as words for a person and an exit code."""
    level = (options.log_level.value if options.log_level else "warning").upper()
    logging.basicConfig(
        level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    # At debug, botocore writes down whole requests and answers: tokens, new keys, secrets of others.
    logging.getLogger("botocore").setLevel(max(logging.INFO, logging.root.level))
    try:
        return function(options, **values)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception as error:  # noqa: BLE001 - a fault of ours, too, ends as words
        return _explain(error, name, options)


def _explain(error: Exception, name: str, options: Common) -> int:
    from ...resources.diagnostics import Diagnostic, Problem
    from ...resources.ports import AwsError
    from .report import report

    if isinstance(error, Problem):
        report(error.diagnostics, name, options)
    elif isinstance(error, AwsError):
        from ..aws.errors import diagnostic

        report((diagnostic(error),), name, options)
    else:
        logging.getLogger("rolewright").debug("internal error", exc_info=error)
        where = traceback.extract_tb(error.__traceback__)[-1]
        report(
            (
                Diagnostic(
                    "internal",
                    f"rolewright failed: {type(error).__name__}: {error}",
                    f"This is a fault of rolewright ({Path(where.filename).name}:{where.lineno}).",
                    "run it again with --log-level debug, and report what it prints",
                ),
            ),
            name,
            options,
        )
    return EXIT_ERROR
