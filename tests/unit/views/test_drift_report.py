"""A drift report, to the letter of its JSON keys and as a person reads it."""

from __future__ import annotations

from dataclasses import replace

from rolewright.engine.drift.report import Drift, DriftReport, DriftType, Severity, Who
from rolewright.engine.plan import FieldDelta
from rolewright.engine.views.drift_report_text import drift_lines
from rolewright.engine.views.json_documents import drift_document

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = {"role": "web", "action": "*", "resource": "*", "conditions": [], "by": ADMIN}
ATTACHED = Drift(
    "role.web",
    "role",
    DriftType.UNMANAGED,
    Severity.CRITICAL,
    f"attached by others: {ADMIN}; Do everything on *",
    subject=ADMIN,
    diff=(FieldDelta("foreign_attached_policies", [], [ADMIN]),),
    gained=(EVERYTHING,),
    who=Who("arn:aws:iam::123456789012:user/eve", "2026-01-01T00:00:00Z", "192.0.2.1"),
)
RETAGGED = Drift(
    "role.web",
    "role",
    DriftType.CHANGED,
    Severity.LOW,
    "tags changed since the last apply",
    diff=(FieldDelta("tags.team", "media", None),),
)
GONE = Drift(
    "permission_policy.read",
    "permission_policy",
    DriftType.MISSING,
    Severity.MEDIUM,
    "it is gone from AWS",
    diff=(FieldDelta("exists", before=True, after=False),),
    lost=({**EVERYTHING, "action": "s3:GetObject", "by": "permission_policy.read"},),
)


def report(*drifted: Drift, notes: tuple[str, ...] = ()) -> DriftReport:
    return DriftReport(
        "photos",
        "123456789012",
        "us-east-1",
        4,
        "2026-01-02T00:00:00Z",
        checked=7,
        drifted=drifted,
        calls=5,
        notes=notes,
    )


def text(found: DriftReport) -> str:
    return "\n".join(line.text for line in drift_lines(found, 100))


def test_the_document_has_the_keys_of_the_contract() -> None:
    """Those of the design page in their order, and what was added."""
    document = drift_document(report(ATTACHED, RETAGGED))

    assert list(document)[:3] == ["format_version", "command", "stack"]
    assert document.keys() >= {"drifted", "checked", "summary", "serial", "account_id", "at"}
    assert document["summary"] == {"critical": 1, "high": 0, "medium": 0, "low": 1, "info": 0}
    first, second = document["drifted"]
    assert list(first["diff"][0]) == ["path", "before", "after"]
    assert first["access"] == {"gained": [{**EVERYTHING, "conditions": {}}], "lost": []}
    assert (first["type"], first["severity"]) == ("unmanaged", "critical")
    assert first["who"]["actor"] == "arn:aws:iam::123456789012:user/eve"
    assert second["who"] is None


def test_the_worst_comes_first_with_all_that_matters() -> None:
    """Severity, what differs, what it gives and takes, who, and the two ways on."""
    found = text(report(RETAGGED, GONE, ATTACHED, notes=("something was not read",)))

    assert found.index("critical (1)") < found.index("medium (1)") < found.index("low (1)")
    assert f"unmanaged role.web {ADMIN}" in found
    assert "web may now do everything on *" in found
    assert "by: arn:aws:iam::123456789012:user/eve, 2026-01-01T00:00:00Z from 192.0.2.1" in found
    assert "web may no longer s3:GetObject on *" in found
    assert "tags: - team" in found
    assert "by: not known" in found
    assert "note: something was not read" in found
    assert "3 drifts: 1 critical, 1 medium, 1 low. 7 resources checked, 5 AWS calls." in found
    assert "rolewright drift --fix" in found


def test_nothing_is_said_in_one_sentence() -> None:
    """Without drift there is only the summary."""
    assert text(report()).splitlines()[-1] == (
        "No drift: AWS is as serial 4 left it. 7 resources checked, 5 AWS calls."
    )


def test_conditions_are_as_in_a_plan() -> None:
    """One reader serves the access of plans and of drift."""
    told = [{"operator": "StringEquals", "key": "aws:SourceVpc", "values": ["vpc-1"]}]
    found = replace(ATTACHED, gained=({**EVERYTHING, "conditions": told},))

    (drifted,) = drift_document(report(found))["drifted"]

    (gained,) = drifted["access"]["gained"]
    assert gained["conditions"] == {"StringEquals": {"aws:SourceVpc": ["vpc-1"]}}
