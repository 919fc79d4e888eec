"""`rolewright who-can`: which roles of the account, a plan or the state may do something."""

from __future__ import annotations

from .can import ActionText, ContextKeys, Live, Planned, Recorded, ResourceText
from .command import EXIT_DONE
from .options import CatalogueFile, Common, Var, VarFile


def who_can(
    options: Common,
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
    """List the roles that may do something: of the account, the plan or the state."""
    from ...resources.policy.evaluator import Decision
    from ..verify import Expected, Question
    from ..views.can_text import render_who_can
    from ..views.verify_document import who_can_document
    from .composition import Inputs
    from .population import population_asked, source_of
    from .report import console, emit

    source = source_of(live=live, planned=planned, recorded=recorded)
    inputs = Inputs(var or (), var_file or ())
    found, keys = population_asked(
        options, source, inputs, catalogue, (action, resource), context or ()
    )
    roles = found.all()
    offline = found.offline(roles)
    answers = [
        (role, offline.explain(Question(address, action, resource, Expected.DENY, None, keys)))
        for address, role in sorted(roles.items())
    ]
    may = {Decision.ALLOWED, Decision.DEPENDS}
    listed = [(role, answer) for role, answer in answers if answer.decision in may]
    asked = (action, resource)
    remarks = {remark.message: remark for _, answer in answers for remark in answer.remarks}
    told = list(remarks.values())
    if options.json:
        emit(
            who_can_document(
                listed,
                asked,
                found.stack,
                source=source,
                named=found.is_named,
                checked=len(roles),
                remarks=told,
            )
        )
    else:
        render_who_can(listed, asked, console(options), checked=len(roles), remarks=told)
    return EXIT_DONE
