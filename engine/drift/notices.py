"""What is worth telling a channel, by what it was told before. Pure.

Only what is new, worse, different or gone is told, and never the same thing twice. What is under the
threshold, or acknowledged, is not told; and when a look could not see everything, what it does not
show is not taken for gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .history import Told
from .report import Drift, DriftReport, Severity

MOST_LISTED = 20
_LONGEST_LINE = 400


class News(StrEnum):
    """Why something is told."""

    NEW = "new"
    WORSE = "worse"
    CHANGED = "changed"
    """What is found is another thing, and no worse."""
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news; `drift` is None of what is resolved."""

    news: News
    address: str
    severity: Severity
    reason: str
    drift: Drift | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for one channel, and what the channel knows once it has it."""

    title: str
    body: str
    worst: Severity
    items: tuple[Item, ...]
    known: tuple[Told, ...]


def notice(
    report: DriftReport,
    loud: Sequence[Drift],
    told: Mapping[str, Told],
    threshold: Severity,
    *,
    complete: bool = True,
) -> Notice | None:
    """What to tell a channel after a look; None when there is nothing.

    `loud` are the drifts of the report that nobody has acknowledged; `complete` tells whether the look
    saw everything. A drift that was told and then acknowledged counts as never told, so that it is
    told again when the acknowledgement ends.
    """
    wanted = {drift.key: drift for drift in loud if drift.severity.rank >= threshold.rank}
    found = [
        Item(news, drift.address, drift.severity, drift.reason, drift)
        for drift in wanted.values()
        if (news := _news(drift, told.get(drift.key))) is not None
    ]
    present = {drift.key for drift in report.drifted}
    gone = [one for key, one in told.items() if key not in present] if complete else []
    found += [Item(News.RESOLVED, one.address, one.severity, one.reason) for one in gone]
    if not found:
        return None
    found.sort(key=_order)
    worst = max((item.severity for item in found), key=lambda one: one.rank)
    return Notice(
        title=_title(report.stack, found),
        body=_body(report, found),
        worst=worst,
        items=tuple(found),
        known=known_after(report, wanted.values(), told, complete=complete),
    )


def known_after(
    report: DriftReport, wanted: Iterable[Drift], told: Mapping[str, Told], *, complete: bool
) -> tuple[Told, ...]:
    """What a channel knows after it was told all that is wanted of a look."""
    now = {
        drift.key: Told(drift.key, drift.address, drift.fingerprint, drift.severity, drift.reason)
        for drift in wanted
    }
    present = {drift.key for drift in report.drifted}
    unseen = () if complete else (one for key, one in told.items() if key not in present)
    return (*now.values(), *unseen)


def _news(drift: Drift, told: Told | None) -> News | None:
    if told is None:
        return News.NEW
    if drift.fingerprint == told.fingerprint:
        return None
    return News.WORSE if drift.severity.rank > told.severity.rank else News.CHANGED


def _order(item: Item) -> tuple[bool, int, str]:
    return (item.news is News.RESOLVED, -item.severity.rank, item.address)


def _title(stack: str, items: Sequence[Item]) -> str:
    counts = [
        f"{number} {news}" for news in News if (number := sum(one.news is news for one in items))
    ]
    return f"rolewright: drift in {stack}: {', '.join(counts)}"


def _body(report: DriftReport, items: Sequence[Item]) -> str:
    lines = [line for item in items[:MOST_LISTED] for line in _lines(item)]
    if len(items) > MOST_LISTED:
        lines.append(f"and {len(items) - MOST_LISTED} more: `rolewright drift` shows them all")
    where = f"account {report.account_id}, {report.region}"
    return "\n".join([*lines, "", f"Seen at {report.at} in {where}."])


def _lines(item: Item) -> Iterable[str]:
    yield _short(f"[{item.severity}] {item.news}: {item.address}: {item.reason}")
    who = item.drift.who if item.drift else None
    if who is not None:
        source = f" from {who.source_ip}" if who.source_ip else ""
        yield _short(f"    by {who.actor} at {who.time}{source} ({who.event})")


def _short(text: str) -> str:
    """A line of a message, whatever the names in it hold."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable if len(printable) <= _LONGEST_LINE else printable[: _LONGEST_LINE - 1] + "…"
