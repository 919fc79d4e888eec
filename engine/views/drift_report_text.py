"""What a look for drift found, as lines: the worst first, each with what differs, what it gives, and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from ..drift.accept import Accepted
from ..drift.report import Drift, DriftReport, DriftType, Severity
from .attributes_text import FOREIGN
from .deltas_text import by_attribute, delta_lines
from .lines import BLANK, GLUE, Line, line, show
from .policy_words import statements
from .statements_text import document_lines
from .symbols import ADDED, BOLD, COLOURS, DIM, GREEN, REMOVED, severity_style
from .values import is_document, joined, many, text_of

_INDENT = 4
_LONGEST = 6
"""Lines of access that are shown of each drift; JSON has them all."""
_MARKS = {
    DriftType.CHANGED: "~",
    DriftType.MISSING: "-",
    DriftType.UNMANAGED: "+",
    DriftType.REPLACED: "-/+",
}


def render_drift(report: DriftReport, console: Console) -> None:
    """Print a report."""
    show(console, drift_lines(report, console.width))


def drift_lines(report: DriftReport, width: int) -> list[Line]:
    """A report as lines for a console of this width."""
    where = f" · account {report.account_id}, {report.region} · state serial {report.serial}"
    found = [line((report.stack, BOLD), (where, DIM)), BLANK]
    for severity in reversed(Severity):
        drifted = [drift for drift in report.drifted if drift.severity is severity]
        if drifted:
            head = (f"{severity} ", severity_style(severity))
            found += [line(head, (f"({len(drifted)})", DIM)), BLANK]
            found += [each for drift in drifted for each in _drift(drift, width)]
    found += [line(("note: ", DIM), note) for note in report.notes]
    if report.notes:
        found.append(BLANK)
    return [*found, *_summary(report)]


def _summary(report: DriftReport) -> Iterable[Line]:
    looked = f"{many(report.checked, 'resource')} checked, {many(report.calls, 'AWS call')}"
    if not report.drifted:
        yield line(("No drift: ", GREEN), f"AWS is as serial {report.serial} left it. {looked}.")
        return
    counts = ", ".join(f"{count} {severity}" for severity, count in report.by_severity.items())
    yield line((f"{many(len(report.drifted), 'drift')}: ", BOLD), f"{counts}. {looked}.")
    yield line(("back to what the state records: ", DIM), "rolewright drift --fix", hang=2)
    yield line(("take it as it is: ", DIM), "rolewright drift --accept ADDRESS", hang=2)


def _drift(drift: Drift, width: int) -> Iterable[Line]:
    style = severity_style(drift.severity)
    subject = f" {drift.subject}" if drift.subject else ""
    mark = _MARKS[drift.type]
    yield line((f"{mark:>3} {drift.type} {drift.address}", style), (subject, DIM), hang=_INDENT + 2)
    body = [line(part) for part in drift.reason.split("; ")]
    body += difference_lines(drift, width - _INDENT)
    body += _shortened(gained_lines(drift), ADDED)
    body += _shortened(lost_lines(drift), REMOVED)
    body.append(_who(drift))
    yield from (each.deeper(_INDENT) for each in body)
    yield BLANK


def difference_lines(drift: Drift, width: int) -> list[Line]:
    """What differs between recorded and observed; nothing where the type says it all."""
    if drift.type is DriftType.MISSING:
        return []
    found: list[Line] = []
    for name, deltas in by_attribute(drift.diff).items():
        values = [delta.after for _, delta in deltas]
        if name in FOREIGN or (drift.type is DriftType.UNMANAGED and is_document(values[0])):
            for value in values:
                found += _documents(value, width - 2)
        elif drift.type is not DriftType.UNMANAGED:
            found += delta_lines(name, deltas, None, width - 2)
    return [each.deeper(2) for each in found]


def _documents(value: Any, width: int) -> list[Line]:
    """What a policy that came from elsewhere says."""
    return document_lines(value, width, ADDED) if is_document(value) and statements(value) else []


def gained_lines(drift: Drift) -> list[Line]:
    """What roles may do since; who may newly assume one is in the reason."""
    return _access(drift.gained, ADDED, "may now")


def lost_lines(drift: Drift) -> list[Line]:
    """What roles may do no longer."""
    return _access(drift.lost, REMOVED, "may no longer")


def _shortened(lines: list[Line], symbol: str) -> list[Line]:
    if len(lines) <= _LONGEST:
        return lines
    rest = many(len(lines) - _LONGEST, "more line")
    more = line((f"{symbol}{GLUE}… and {rest}; --format json has all", DIM), indent=2)
    return [*lines[:_LONGEST], more]


def _access(items: Sequence[Mapping[str, Any]], symbol: str, verb: str) -> list[Line]:
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for item in items:
        if "principal" in item:  # who may assume a role is in the reason
            continue
        key = (str(item["role"]), str(item["resource"]), _if(item))
        grouped.setdefault(key, []).append(str(item["action"]))
    return [
        line(
            (f"{symbol}{GLUE}{who} {verb} ", COLOURS[symbol]),
            f"{_some(actions)} on {resource}{condition}",
            indent=2,
        )
        for (who, resource, condition), actions in grouped.items()
    ]


def _some(actions: Sequence[str]) -> str:
    if "*" in actions:
        return "do everything"
    shown = ", ".join(actions[:_LONGEST])
    more = len(actions) - _LONGEST
    return f"{shown} and {more} more" if more > 0 else shown


def _if(item: Mapping[str, Any]) -> str:
    texts = [
        f"{'not ' if one.get('negated') else ''}{one['operator']} {one['key']} "
        f"{joined([text_of(value) for value in one['values']])}"
        for one in item["conditions"]
    ]
    return f" if {' and '.join(texts)}" if texts else ""


def _who(drift: Drift) -> Line:
    who = drift.who
    if who is None:
        return line(("by: ", DIM), ("not known", DIM))
    place = f" from {who.source_ip}" if who.source_ip else ""
    event = f" ({who.event} {who.event_id})" if who.event else ""
    return line(("by: ", DIM), f"{who.actor}, {who.time}{place}", (event, DIM))


def render_accepted(accepted: Accepted, console: Console) -> None:
    """Print what was accepted, and what the stack file needs for it."""
    lines = [
        line(("accepted ", GREEN), f"{drift.address} {drift.subject}".strip(), f": {drift.reason}")
        for drift in accepted.drifted
    ]
    lines += [line(("note: ", DIM), note) for note in accepted.notes]
    if accepted.snippet:
        lines += [BLANK, line(("In the stack file, write:", BOLD)), BLANK]
    show(console, lines)
    if accepted.snippet:
        console.print(accepted.snippet, soft_wrap=True, highlight=False, markup=False)
    show(console, [line((f"The state has serial {accepted.state.serial} now.", DIM))])
