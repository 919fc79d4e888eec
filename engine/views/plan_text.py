"""A plan as text: what changed outside, what is done, what access that gives, what to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from ...resources.address import Address
from ...resources.registry import SECTIONS
from ..plan import Action, Change, Finding, Plan
from .change_text import Block, Page, block_of, merged
from .drift_text import drift_section
from .lines import BLANK, Line, line, show
from .symbols import BOLD, DIM, YELLOW, severity_style
from .values import many

NOT_REVERSIBLE = "not-exactly-reversible"
"""The rule of findings on what a rollback can't restore: they have a section of their own."""

_KINDS = tuple(SECTIONS.values())
_SEVERITIES = ("critical", "high", "medium", "low", "info")
_COUNTED = (
    (Action.IMPORT, False),
    (Action.CREATE, True),
    (Action.UPDATE, True),
    (Action.REPLACE, True),
    (Action.DELETE, True),
    (Action.MOVE, False),
    (Action.FORGET, False),
)
"""What the summary counts, in its order, and whether it says so when there is none."""


def render_plan(plan: Plan, console: Console, *, calls: bool = False) -> None:
    """Print a plan; `calls` lists every AWS call with its parameters and its undo."""
    show(console, plan_lines(plan, console.width, calls=calls))


def plan_lines(plan: Plan, width: int, *, calls: bool = False) -> list[Line]:
    """A plan as lines for a console of this width."""
    drift, changes = drift_section(plan, width), _changes(plan, width, calls=calls)
    sections = [
        *drift,
        # Without drift above them nobody needs to be told that these are the changes.
        *([line(("Changes:", BOLD)), BLANK] if drift and changes else []),
        *changes,
        *_access(plan),
        *_findings(plan.findings),
        *_not_reversible(plan),
    ]
    if not sections:
        return [_nothing(plan)]
    closing = _summary(plan) if plan.actions else _nothing(plan)
    return [*_heading(plan), *sections, closing]


def _heading(plan: Plan) -> list[Line]:
    where = f"account {plan.account_id}, {plan.region}"
    found = [line((plan.stack, BOLD), (f" · {where} · state serial {plan.serial}", DIM))]
    if plan.targets:
        found.append(line(("Only ", YELLOW), ", ".join(plan.targets), " and what they need"))
    if not plan.refreshed:
        found.append(line(("AWS was not asked what is there now (--no-refresh)", YELLOW)))
    return [*found, BLANK]


def _nothing(plan: Plan) -> Line:
    if plan.operation == "destroy":
        return line(f"Nothing to destroy: the state of {plan.stack} holds no resources.")
    asked = "" if plan.refreshed else " (AWS was not asked: --no-refresh)"
    only = f" (looked at {', '.join(plan.targets)} only)" if plan.targets else ""
    return line(f"No changes: account {plan.account_id} is as {plan.stack} wants it{asked}{only}.")


def _changes(plan: Plan, width: int, *, calls: bool) -> list[Line]:
    ordered = sorted(plan.actions, key=_place)
    page = Page.of(plan, width)
    blocks = [block_of(change, page, calls=calls) for change in ordered]
    return list(_spaced(blocks if calls else merged(blocks)))


def _spaced(blocks: Iterable[Block]) -> Iterable[Line]:
    """Blocks with an empty line after each, but between headings without a body."""
    before: Block | None = None
    for block in blocks:
        if before is not None and (before.body or block.body):
            yield BLANK
        yield block.heading
        yield from block.body
        before = block
    if before is not None:
        yield BLANK


def _place(change: Change) -> tuple[int, Address, int, Address]:
    """Kinds as they depend on each other, and what is done alike to instances side by side."""
    rank = _KINDS.index(change.kind) if change.kind in _KINDS else len(_KINDS)
    address = change.address
    return rank, address.base, list(Action).index(change.action), address


def _access(plan: Plan) -> list[Line]:
    if plan.access is None or not plan.access.roles:
        return []
    # Most plans change no access, and do without what tells of it.
    from .access_text import access_section

    return access_section(plan)


def _findings(findings: Sequence[Finding]) -> list[Line]:
    told = [finding for finding in findings if finding.rule != NOT_REVERSIBLE]
    if not told:
        return []
    found = [line(("Findings:", BOLD))]
    for finding in sorted(told, key=_severity):
        style = severity_style(finding.severity)
        head = (f"! {finding.severity} ", style)
        found.append(
            line(
                head, f"{finding.address}: {finding.message} ", (f"[{finding.rule}]", DIM), indent=2
            )
        )
    return [*found, BLANK]


def _severity(finding: Finding) -> int:
    known = finding.severity in _SEVERITIES
    return _SEVERITIES.index(finding.severity) if known else len(_SEVERITIES)


def _not_reversible(plan: Plan) -> list[Line]:
    notes: dict[str, list[str]] = {}
    for change in plan.actions:
        for note in dict.fromkeys(change.lossy):
            notes.setdefault(note, []).append(str(change.address))
    if not notes:
        return []
    found = [line(("A rollback could not restore exactly:", BOLD))]
    for note, addresses in notes.items():
        found.append(line(("! ", YELLOW), note, (f"  ({_some(addresses)})", DIM), indent=2))
    return [*found, BLANK]


def _some(addresses: Sequence[str]) -> str:
    shown = ", ".join(addresses[:4])
    return shown if len(addresses) <= 4 else f"{shown} and {len(addresses) - 4} more"


def _summary(plan: Plan) -> Line:
    counts = plan.summary
    parts = [
        f"{counts[action.value]} to {action.value}"
        for action, always in _COUNTED
        if always or counts[action.value]
    ]
    calls = sum(len(change.calls) for change in plan.changes)
    return line(("Plan: ", BOLD), f"{', '.join(parts)}. {many(calls, 'AWS call')}.")
