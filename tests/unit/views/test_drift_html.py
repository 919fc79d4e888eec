"""The page of a drift report: what it says, that it needs nothing else, and that nothing in it acts."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from rolewright.engine.drift.report import Drift, DriftReport, Severity, Who
from rolewright.engine.plan import FieldDelta
from rolewright.engine.views.drift_html import EarlierRun, drift_page
from rolewright.engine.views.drift_repair_words import repair_steps
from support.drift_pages import (
    ADMIN,
    ALL,
    ATTACHED,
    CARRIED,
    EARLIER,
    EVE,
    GONE,
    REPLACED,
    RETAGGED,
    report,
)

VOID = {"meta", "br", "hr", "img", "link", "input"}
PARTED = {"dt", "dd", "th", "td", "li"}
LOADS = {
    "src",
    "srcset",
    "data",
    "poster",
    "action",
    "formaction",
    "background",
    "ping",
    "xlink:href",
}
HOSTILE = "</style><script>alert(1)</script>\"><img src=x onerror=alert(2)>'{{ 7*7 }}{% raw %}"
BIDI = "user/\u202egnp.exe\u2066 \u200b\x00\x1b[31m\ud800"


class Page(HTMLParser):
    """The elements of a page, and that each of them is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag in PARTED:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).replace("\u00a0", " ").split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def page(found: DriftReport, earlier: tuple[EarlierRun, ...] = ()) -> Page:
    return Page(drift_page(found, earlier))


def hostile() -> DriftReport:
    """A report in which everything that AWS tells is an attack."""
    drift = Drift(
        f"role.{HOSTILE}",
        "role",
        ATTACHED.type,
        Severity.CRITICAL,
        f"attached by others: {HOSTILE}; {BIDI}",
        subject=HOSTILE,
        diff=(FieldDelta("foreign_inline_policies.x", None, {"Statement": [{"Effect": HOSTILE}]}),),
        gained=({**ATTACHED.gained[0], "role": HOSTILE, "resource": BIDI, "action": HOSTILE},),
        who=Who(HOSTILE, HOSTILE, HOSTILE, BIDI, HOSTILE, HOSTILE),
    )
    described = replace(
        RETAGGED,
        reason=HOSTILE,
        diff=(
            FieldDelta("description", HOSTILE, BIDI),
            FieldDelta(f"tags.{HOSTILE}", BIDI, HOSTILE),
        ),
    )
    return report(drift, described, notes=(HOSTILE, BIDI), stack=HOSTILE)


def test_all_of_a_report_is_on_the_page() -> None:
    """The summary, and each drift with its difference, access, doer and repair."""
    found = page(report(*ALL, notes=("lambda:ListFunctions was refused",)), EARLIER).text

    for told in (
        "7 things have drifted The worst is critical.",
        "1 critical 3 high 1 medium 1 low 1 info",
        "Account 123456789012 Region eu-central-1 Looked at 2026-11-24 06:15:02 UTC",
        "State serial 17 Checked 64 resources Cost 11 AWS calls, 2.3s",
        "lambda:ListFunctions was refused",
        f"unmanaged: attached by others: {ADMIN}; Do everything on * {EVE}",
        f"attached by others: {ADMIN} Do everything on *",
        "Access gained + photo-reader may now do everything on *",
        "Access lost - photo-reader may no longer logs:PutLogEvents on *",
        'description: "Reads photos" → "Reads photos, and mines a little"',
        "tags: ~ team = media → crackers - cost-centre",
        f"Actor {EVE} Time 2026-11-23 22:41:07 UTC Source address 203.0.113.50 User agent aws-cli",
        "Event iam:AttachRolePolicy Event id 2f1c9f6e-98a4-4d0b-9bf0-2c1d0a9cfa11",
        "Not known: CloudTrail was not asked, or told of no event.",
        "rolewright drift --fix --target role.photo-reader",
    ):
        assert told in found


def test_the_worst_comes_first_and_the_timeline_is_in_order() -> None:
    """Articles by severity, events by time with this look at the end, and what has no event is counted."""
    found = page(report(*ALL))

    badges = [attrs["class"] for attrs in found.all("article")]
    assert badges == ["critical", "high", "high", "high", "medium", "low", "info"]
    times = [attrs["datetime"] for attrs in found.all("time")]
    assert times == [
        "2026-11-23T22:41:07Z",
        "2026-11-23T22:44:30Z",
        "2026-11-24T06:03:55Z",
        "2026-11-24T06:15:02Z",
    ]
    assert "4 drifts are not on the timeline" in found.text


def test_nobody_is_named_where_nobody_is_known() -> None:
    """Without any event there is no column of doers, and each drift says that it isn't known."""
    found = page(report(RETAGGED, REPLACED))

    assert [attrs.get("class") for attrs in found.all("th")].count("doer") == 0
    assert not found.all("time")
    assert "2 drifts are not on the timeline" in found.text
    assert found.text.count("Who Not known: CloudTrail was not asked") == 2


def test_earlier_looks_are_told_from_the_newest_to_the_oldest() -> None:
    """In whatever order they are given; a look that failed says why."""
    found = page(report(), EARLIER).text

    assert "When critical high medium low info" in found
    assert "2026-11-24 06:00:00 UTC failed: the credentials have expired" in found
    assert "2026-11-24 05:45:00 UTC 1 0 1 1 0" in found
    assert found.index("05:45:00") < found.index("22:30:00") < found.index("22:15:00")


def test_no_drift_is_a_calm_page() -> None:
    """One sentence and the facts: no empty headings, and nothing to repair."""
    found = page(report())

    assert "✓ No drift AWS is as serial 17 left it." in found.text
    assert "64 resources" in found.text
    assert len(found.all("h2")) == 1
    assert not found.all("article")
    assert "--fix" not in found.text


@pytest.mark.parametrize(
    "found", [report(*ALL), report(), hostile()], ids=["full", "calm", "hostile"]
)
def test_the_page_loads_and_runs_nothing(found: DriftReport) -> None:
    """No script, no handler, no request: links lead inside the page only."""
    text = drift_page(found, EARLIER)
    parsed = Page(text)

    tags = {tag for tag, _ in parsed.elements}
    assert tags.isdisjoint(
        {"script", "img", "link", "iframe", "object", "embed", "svg", "form", "base"}
    )
    for _, attrs in parsed.elements:
        assert not LOADS & attrs.keys()
        assert not [name for name in attrs if name.startswith("on")]
    assert all((attrs["href"] or "").startswith("#") for attrs in parsed.all("a"))
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "://" not in text
    policies = [a["content"] for a in parsed.all("meta") if a.get("http-equiv")]
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_hostile_texts_are_shown_as_they_are() -> None:
    """Markup and templates are text; what turns the direction of writing or can't be seen is spelled out."""
    text = drift_page(hostile())
    found = Page(text)

    assert found.texts.count(HOSTILE) >= 10
    assert "user/\\u202egnp.exe\\u2066 \\u200b\\x00\\x1b[31m\\ud800" in found.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", text)
    assert text.encode()


def test_letters_of_any_script_stay() -> None:
    """Only what can't be seen is spelled out."""
    described = replace(RETAGGED, reason="Übersicht — 写真 תמונות 📷")

    assert "Übersicht — 写真 תמונות 📷" in page(report(described)).text


def test_many_lines_of_access_are_folded_and_none_is_left_out() -> None:
    """The terminal names the first six; the page has them all."""
    gained = tuple({**ATTACHED.gained[0], "resource": f"arn:{n}"} for n in range(50))
    found = page(report(replace(ATTACHED, gained=gained)))

    assert all(f"on arn:{n} " in found.text for n in range(50))
    assert "42 more lines" in found.text
    assert len(found.all("details")) == 1


def test_the_page_can_be_read_by_all() -> None:
    """A language, one h1, no level of headings left out, heads of rows and columns, targets of all links."""
    found = page(report(*ALL, notes=("a note",)), EARLIER)

    assert found.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {attrs.get("scope") for attrs in found.all("th")} == {"row", "col"}
    assert len(found.all("caption")) == len(found.all("table")) == 2
    ids = [attrs["id"] for _, attrs in found.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = {attrs["aria-labelledby"] for _, attrs in found.elements if "aria-labelledby" in attrs}
    linked = {(attrs["href"] or "")[1:] for attrs in found.all("a")}
    assert named | linked <= set(ids)


def _palettes() -> list[dict[str, str]]:
    """The colours of the light scheme, of the dark one, and of paper."""
    sheet = files("rolewright.engine.views").joinpath("drift.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return [found[0], {**found[0], **found[1]}, {**found[0], **found[2]}]


def _luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "paper"])
def test_all_texts_have_contrast(scheme: int) -> None:
    """4.5:1 or more for every ink on every ground that it stands on (WCAG 2.2, 1.4.3)."""
    colours = _palettes()[scheme]
    severities = [severity.value for severity in Severity]
    pairs = [
        *(
            (ink, ground)
            for ink in ("text", "quiet", "link")
            for ground in ("ground", "card", "inset")
        ),
        *((ink, "inset") for ink in ("add", "del", "chg")),
        *((name, "card") for name in (*severities, "clean")),
        *((f"{name}-ink", name) for name in severities),
    ]

    assert [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


def test_the_steps_of_a_repair_fit_the_drift() -> None:
    """First what to look at, then the repair where rolewright can, and what to do where it can't."""
    attached, carried, gone = (repair_steps(drift) for drift in (ATTACHED, CARRIED, GONE))

    assert "since 2026-11-23 22:41:07 UTC" in attached[0].words
    assert [step.command for step in attached] == [
        "",
        "rolewright drift --fix --target role.photo-reader",
        "rolewright drift --accept role.photo-reader",
    ]
    assert [step.command for step in carried][:2] == ["", ""]
    assert "can't know which role" in carried[1].words
    assert gone[0].command == "rolewright drift --fix --target 'permission_policy.logs[\"eu\"]'"
