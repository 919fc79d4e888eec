"""`rolewright drift install`: ready files for running drift looks where people run such things."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..views.document_head import head
from .command import EXIT_DONE
from .options import Common


class Platform(StrEnum):
    """Where a watch can run."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB_ACTIONS = "github-actions"
    KUBERNETES = "kubernetes"
    EVENTBRIDGE = "eventbridge"


As = Annotated[Platform, typer.Option("--as", help="What runs it.")]
Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="DIR", help="Write the files there instead of printing them."),
]
Schedule = Annotated[
    str, typer.Option("--schedule", metavar="CRON", help="When to look, as a crontab line.")
]
Timezone = Annotated[
    str, typer.Option("--timezone", metavar="NAME", help="The time zone of --schedule.")
]


def install(
    options: Common,
    as_: As,
    write: Write = None,
    schedule: Schedule = "*/15 * * * *",
    timezone: Timezone = "UTC",
) -> int:
    """Print or write ready files that run `rolewright drift` on a schedule."""
    import os
    import sysconfig

    from ..drift.install import Installation, files
    from .composition import Inputs, declarations
    from .report import emit

    declared = declarations(options, Inputs())
    made = files(
        as_.value,
        Installation(
            stack=declared.settings.stack,
            region=declared.settings.region or "us-east-1",
            folder=Path.cwd(),
            stack_file=options.config_path,
            state_folder=options.state_path.parent.absolute(),
            program=Path(sysconfig.get_path("scripts")) / "rolewright",
            user=os.environ.get("USER", "rolewright"),
            schedule=schedule,
            timezone=timezone,
        ),
    )
    if write is not None:
        _write(write, made)
    if options.json:
        emit(
            {
                **head("drift install", declared.settings.stack),
                "files": [{"path": name, "content": text} for name, text in made.items()],
            }
        )
    elif write is None:
        for name, text in made.items():
            sys.stdout.write(f"# ---- {name}\n{text}\n")
    else:
        sys.stdout.writelines(f"{write / name}\n" for name in made)
    return EXIT_DONE


def _write(folder: Path, made: dict[str, str]) -> None:
    """Write the files; none that is there is overwritten.

    Raises:
        Problem: `exists`, or `not-written`.
    """
    from ...resources.diagnostics import Problem

    present = [name for name in made if (folder / name).exists()]
    if present:
        raise Problem.of(
            "exists",
            f"{', '.join(str(folder / name) for name in present)} is there already",
            hint="move it away, or name another folder with --write",
        )
    try:
        for name, text in made.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem.of("not-written", f"{folder}: {error.strerror or error}") from error
