"""A drift report as one HTML page that needs nothing else: no script, no request, no font.

The page is made from `drift.html.j2`, which escapes all that it is given. Characters that a reader
can't see, such as those that turn the direction of writing, are spelled out as on a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..drift.report import Drift, DriftReport, DriftType, Severity, Who
from ..version import tool_version
from .drift_repair_words import Step, repair_steps
from .drift_report_text import difference_lines, gained_lines, lost_lines
from .lines import GLUE, Line, printable
from .symbols import ADDED, CHANGED, COLOURS, DIM, REMOVED
from .values import many, seconds, when

_WIDTH = 96
"""The columns that a difference is written for; a narrower window breaks its lines."""
_NO_BREAK = "\u00a0"
_SHOWN = 8
"""Lines of access that are open to be read; the rest is folded away, and printed."""
_CLASSES = {COLOURS[ADDED]: "add", COLOURS[CHANGED]: "chg", COLOURS[REMOVED]: "del", DIM: "dim"}
_TYPES = {
    DriftType.CHANGED: "not as the last apply left it",
    DriftType.MISSING: "gone from AWS",
    DriftType.UNMANAGED: "nobody declared it",
    DriftType.REPLACED: "deleted and made again",
}


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A look from the history. `at` is ISO 8601 in UTC; `counts` has the severities that were found.

    `failure` says in a line why the look came to no end; then there are no counts.
    """

    at: str
    counts: Mapping[Severity, int]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """A piece of a line; `style` is a class of the page's style sheet, or empty.

    `mark` stands before the text and is not parted from it, as `-` from what is gone.
    """

    mark: str
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class _Row:
    indent: int
    pieces: tuple[_Text, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One drift as the page shows it. `id` is its anchor, `number` what people call it by."""

    number: int
    id: str
    drift: Drift
    means: str
    reasons: tuple[str, ...]
    difference: tuple[_Row, ...]
    gained: tuple[_Row, ...]
    lost: tuple[_Row, ...]
    who: Sequence[tuple[str, str]]
    steps: Sequence[Step]


def drift_page(report: DriftReport, earlier: Sequence[EarlierRun] = ()) -> str:
    """A report as a page of HTML.

    `earlier` are the looks before this one, in any order; they fill the table of earlier looks.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible,
        loader=PackageLoader("rolewright.engine.views", ""),
    )
    items = _items(report)
    return environment.get_template("drift.html.j2").render(
        report=report,
        items=items,
        events=sorted((item for item in items if item.drift.who), key=_time),
        runs=sorted(earlier, key=lambda run: run.at, reverse=True),
        severities=tuple(reversed(Severity)),
        worst=next(iter(report.by_severity), None),
        counts=[(one, report.by_severity.get(one, 0)) for one in reversed(Severity)],
        facts=_facts(report),
        shown=_SHOWN,
        many=many,
        when=when,
        version=tool_version(),
    )


def _visible(value: Any) -> Any:
    """What a template prints: texts with all their characters to be seen; markup is left alone."""
    return printable(value).replace(GLUE, _NO_BREAK) if type(value) is str else value


def _facts(report: DriftReport) -> Sequence[tuple[str, str]]:
    took = f", {seconds(report.seconds)}" if report.seconds else ""
    return (
        ("Account", report.account_id),
        ("Region", report.region),
        ("Looked at", when(report.at)),
        ("State", f"serial {report.serial}"),
        ("Checked", many(report.checked, "resource")),
        ("Cost", f"{many(report.calls, 'AWS call')}{took}"),
    )


def _items(report: DriftReport) -> list[_Item]:
    worst_first = sorted(report.drifted, key=lambda drift: -drift.severity.rank)
    return [_item(number, drift) for number, drift in enumerate(worst_first, start=1)]


def _item(number: int, drift: Drift) -> _Item:
    return _Item(
        number,
        f"drift-{number}",
        drift,
        _TYPES[drift.type],
        tuple(part for part in drift.reason.split("; ") if not part.startswith("--fix ")),
        _rows(difference_lines(drift, _WIDTH)),
        _rows(gained_lines(drift)),
        _rows(lost_lines(drift)),
        () if drift.who is None else _who(drift.who),
        repair_steps(drift),
    )


def _who(who: Who) -> Sequence[tuple[str, str]]:
    told = (
        ("Actor", who.actor),
        ("Time", when(who.time)),
        ("Source address", who.source_ip),
        ("User agent", who.user_agent),
        ("Event", who.event),
        ("Event id", who.event_id),
    )
    return tuple((name, value) for name, value in told if value)


def _time(item: _Item) -> str:
    return item.drift.who.time if item.drift.who else ""


def _rows(lines: Sequence[Line]) -> tuple[_Row, ...]:
    """Lines of a terminal as rows of a page, as far in as the least indented one allows."""
    least = min((line.indent for line in lines), default=0)
    return tuple(
        _Row(
            line.indent - least,
            tuple(_text(text, style) for text, style in line.segments),
        )
        for line in lines
    )


def _text(text: str, style: str) -> _Text:
    mark, glue, rest = text.partition(GLUE)
    if mark not in COLOURS:
        mark, glue, rest = "", "", text
    return _Text(mark + glue, rest, _CLASSES.get(style, ""))
