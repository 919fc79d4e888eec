"""`rolewright init`: a commented stack file to start from."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..views.document_head import head
from .options import Common


class Service(StrEnum):
    """The services that a first stack file can be written for."""

    EC2 = "ec2"
    LAMBDA = "lambda"
    ECS = "ecs"


TARGETS = {
    Service.EC2: ("an instance's id", "i-0123456789abcdef0"),
    Service.LAMBDA: ("the function's name", "my-function"),
    Service.ECS: ("the task definition's family", "my-task"),
}
ServiceOption = Annotated[
    Service | None, typer.Option("--service", help="The service that carries the role.")
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        help="What carries the role: an instance, a function, or a task definition.",
    ),
]
StackOption = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", help="The stack's name; the folder's when absent."),
]


def init(
    options: Common,
    service: ServiceOption = None,
    target: TargetOption = None,
    stack: StackOption = None,
) -> int:
    """Write a commented stack file to start from."""
    from ...resources.diagnostics import Problem
    from .starter import starter

    path = options.config_path
    if path.is_dir():
        path /= "rolewright.yaml"
    if path.exists():
        raise Problem.of(
            "exists",
            f"{path} exists already",
            detail="init never overwrites a file.",
            hint="name another one with -c FILE, or edit that one",
        )
    chosen, name = _choose(service, target, asking=sys.stdin.isatty() and not options.json)
    called = stack or _stack_name(path)
    _write(path, starter(called, chosen.value, name))
    if options.json:
        from .report import emit

        emit(
            {
                **head("init", called),
                "files": [str(path)],
            }
        )
    else:
        typer.echo(
            f"Wrote {path}. Next: edit it, then `rolewright validate` and `rolewright plan`.\n"
            "To try it without an AWS account: `rolewright sandbox start`, and --sandbox on every command."
        )
    return 0


def _choose(service: Service | None, target: str | None, *, asking: bool) -> tuple[Service, str]:
    """The service and what carries the role; where nobody can be asked, an example of it."""
    if service is None:
        question = "Which service carries the role?"
        service = (
            Service(typer.prompt(question, default="ec2", type=Service)) if asking else Service.EC2
        )
    what, example = TARGETS[service]
    if target:
        return service, target
    return service, typer.prompt(f"Which one: {what}?", default=example) if asking else example


def _stack_name(path: Path) -> str:
    import re

    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().parent.name).strip("-._") or "stack"


def _write(path: Path, text: str) -> None:
    from ...resources.diagnostics import Problem

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Problem.of(
            "not-written",
            f"{path} could not be written: {error.strerror}",
            hint="name another file with -c FILE",
        ) from error
