"""`rolewright can`: whether a role may do something, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from .command import EXIT_DONE, EXIT_FOUND
from .options import CatalogueFile, Common, Var, VarFile

RoleText = Annotated[
    str, typer.Argument(metavar="ROLE", help="A role of the stack, or a live role's name or ARN.")
]
ActionText = Annotated[str, typer.Argument(metavar="ACTION", help="Such as s3:GetObject.")]
ResourceText = Annotated[
    str, typer.Argument(metavar="RESOURCE", help="An ARN, which may have wildcards, or *.")
]
ContextKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--context",
        metavar="KEY=VALUE",
        help="A context key of the request; repeat it for several values of one.",
    ),
]
Live = Annotated[bool, typer.Option("--live", help="Roles as they are in AWS; the default.")]
Planned = Annotated[bool, typer.Option("--plan", help="Roles as they will be after the plan.")]
Recorded = Annotated[
    bool, typer.Option("--recorded", help="Roles as the state has them; AWS is not asked.")
]


def can(
    options: Common,
    role: RoleText,
    action: ActionText,
    resource: ResourceText,
    context: ContextKeys = None,
    live: Live = False,
    planned: Planned = False,
    recorded: Recorded = False,
    catalogue: CatalogueFile = None,
    var: Var = None,
    var_file: VarFile = None,
) -> int:
    """Say whether a role may do something, and why."""
    from ...resources.policy.evaluator import Decision
    from ..verify import Expected, Question
    from ..views.can_text import render_can
    from ..views.verify_document import can_document
    from .composition import Inputs
    from .population import population_asked, source_of
    from .report import console, emit

    source = source_of(live=live, planned=planned, recorded=recorded)
    inputs = Inputs(var or (), var_file or ())
    found, keys = population_asked(
        options, source, inputs, catalogue, (action, resource), context or ()
    )
    chosen = found.one(role)
    question = Question(chosen.address, action, resource, Expected.ALLOW, None, keys)
    offline = found.offline({chosen.address: chosen})
    answer = offline.explain(question)
    if options.json:
        emit(can_document(answer, chosen, found.stack, source=source, named=found.is_named))
    else:
        render_can(answer, chosen, console(options))
    return EXIT_DONE if answer.decision is Decision.ALLOWED else EXIT_FOUND
