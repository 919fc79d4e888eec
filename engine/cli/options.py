"""The options that work before and after every command, and those that several commands share."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

STACK_FILE = Path("rolewright.yaml")


class Format(StrEnum):
    """What standard output holds."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """How much of the inner workings goes to standard error."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Common:
    """The options that work before and after every command; None where one was not given."""

    config: Annotated[
        Path | None,
        typer.Option(
            "-c", "--config", metavar="FILE|DIR", help="The stack file, or a folder of them."
        ),
    ] = None
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="FILE",
            help="The state file; .rolewright/state.json beside the stack file.",
        ),
    ] = None
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="A profile of AWS's configuration files."),
    ] = None
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help="The AWS region.")
    ] = None
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", metavar="URL", help="Another endpoint for all AWS calls."),
    ] = None
    sandbox: Annotated[
        bool | None,
        typer.Option(
            "--sandbox/--no-sandbox",
            help="Use the running sandbox; also RW_SANDBOX=1.",
            show_default=False,
        ),
    ] = None
    format: Annotated[
        Format | None, typer.Option("--format", help="What standard output holds.")
    ] = None
    no_color: Annotated[
        bool | None,
        typer.Option("--no-color", help="Plain text; also NO_COLOR.", show_default=False),
    ] = None
    log_level: Annotated[
        LogLevel | None, typer.Option("--log-level", help="What goes to standard error.")
    ] = None

    def over(self, earlier: Common) -> Common:
        """These options, completed by those given before the command."""
        missing = {
            field.name: getattr(earlier, field.name)
            for field in fields(self)
            if getattr(self, field.name) is None
        }
        return replace(self, **missing)

    @property
    def json(self) -> bool:
        """Whether standard output holds one JSON document."""
        return self.format is Format.JSON

    @property
    def config_path(self) -> Path:
        """The stack file or folder."""
        return self.config or STACK_FILE

    @property
    def state_path(self) -> Path:
        """The state file."""
        folder = self.config_path if self.config_path.is_dir() else self.config_path.parent
        return self.state or folder / ".rolewright" / "state.json"


Target = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="ADDRESS", help="Only this resource and what it needs; may be repeated."
    ),
]
Parallelism = Annotated[
    int, typer.Option("--parallelism", min=1, max=100, help="How many calls run at once.")
]
NoRefresh = Annotated[
    bool, typer.Option("--no-refresh", help="Trust the state instead of reading AWS.")
]
Var = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="A variable's value; may be repeated."),
]
VarFile = Annotated[
    list[Path] | None,
    typer.Option("--var-file", metavar="FILE", help="A file of variables; may be repeated."),
]
LockTimeout = Annotated[
    float,
    typer.Option(
        "--lock-timeout", min=0, metavar="SECONDS", help="How long to wait for the state's lock."
    ),
]
Calls = Annotated[
    bool, typer.Option("--calls", help="Show every AWS call, and the calls that would undo it.")
]
CatalogueFile = Annotated[
    Path | None,
    typer.Option(
        "--catalogue",
        metavar="FILE",
        help="Know AWS's actions from this file, not from the data installed with rolewright.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
OnFailureOption = Annotated[
    str,
    typer.Option(
        "--on-failure",
        metavar="rollback|keep",
        help="What happens to what was done when a call fails.",
    ),
]


def given(values: dict[str, Any]) -> Common:
    """The common options out of a command's arguments."""
    return Common(**{field.name: values.pop(field.name) for field in fields(Common)})
