"""`rolewright can` and `rolewright who-can`: what a role may do, and which roles may do something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .command import EXIT_DONE, EXIT_FOUND
from .options import Common, Var, VarFile

if TYPE_CHECKING:
    from ...resources.policy.catalogue import Catalogue

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
    var: Var = None,
    var_file: VarFile = None,
) -> int:
    """Say whether a role may do something, and why."""
    from ...resources.policy.evaluator import Decision
    from ..verify import Expected, Question
    from ..views.can_text import render_can
    from ..views.verify_document import can_document
    from .composition import Inputs
    from .population import population, source_of
    from .report import console, emit

    source = source_of(live=live, planned=planned, recorded=recorded)
    keys = _keys(context or ())
    found = population(options, source, Inputs(var or (), var_file or ()))
    _check(action, resource, found.world.catalogue)
    chosen = found.one(role)
    question = Question(chosen.address, action, resource, Expected.ALLOW, None, keys)
    offline = found.offline({chosen.address: chosen})
    answer = offline.explain(question)
    if options.json:
        emit(can_document(answer, chosen, found.stack, source=source, named=found.is_named))
    else:
        render_can(answer, chosen, console(options))
    return EXIT_DONE if answer.decision is Decision.ALLOWED else EXIT_FOUND


def who_can(
    options: Common,
    action: ActionText,
    resource: ResourceText,
    context: ContextKeys = None,
    live: Live = False,
    planned: Planned = False,
    recorded: Recorded = False,
    var: Var = None,
    var_file: VarFile = None,
) -> int:
    """List the roles that may do something: of the account, the plan or the state."""
    from ...resources.policy.evaluator import Decision
    from ..verify import Expected, Question
    from ..views.can_text import render_who_can
    from ..views.verify_document import who_can_document
    from .composition import Inputs
    from .population import population, source_of
    from .report import console, emit

    source = source_of(live=live, planned=planned, recorded=recorded)
    keys = _keys(context or ())
    found = population(options, source, Inputs(var or (), var_file or ()))
    _check(action, resource, found.world.catalogue)
    roles = found.all()
    offline = found.offline(roles)
    answers = [
        (role, offline.explain(Question(address, action, resource, Expected.DENY, None, keys)))
        for address, role in sorted(roles.items())
    ]
    may = {Decision.ALLOWED, Decision.DEPENDS}
    listed = [(role, answer) for role, answer in answers if answer.decision in may]
    asked = (action, resource)
    if options.json:
        emit(
            who_can_document(
                listed, asked, found.stack, source=source, named=found.is_named, checked=len(roles)
            )
        )
    else:
        render_who_can(listed, asked, console(options), checked=len(roles))
    return EXIT_DONE


def _check(action: str, resource: str, catalogue: Catalogue) -> None:
    """Refuse what can't be asked.

    Raises:
        Problem: with all that is wrong.
    """
    from ...resources.diagnostics import Problem
    from ..verify.asking import action_faults, resource_faults

    found = [*action_faults(action, catalogue), *resource_faults(resource)]
    if found:
        raise Problem(*found)


def _keys(texts: Sequence[str]) -> Mapping[str, str | Sequence[str]]:
    """Context keys from KEY=VALUE.

    Raises:
        Problem: a text is none.
    """
    from ...resources.diagnostics import Problem

    found: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            hint = "write --context aws:SourceIp=10.0.0.1"
            raise Problem.of("bad-context", f'--context "{text}" is no KEY=VALUE', hint=hint)
        known = next((each for each in found if each.lower() == key.lower()), key)
        found.setdefault(known, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}
