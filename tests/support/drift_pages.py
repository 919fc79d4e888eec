"""A drift report with all that a page of it has to show."""

from __future__ import annotations

from rolewright.engine.drift.report import Drift, DriftReport, DriftType, Severity, Who
from rolewright.engine.plan import FieldDelta
from rolewright.engine.views.drift_html import EarlierRun
from rolewright.resources.strays import CARRIER_ADVICE, OTHERS_ADVICE

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVE = "arn:aws:iam::123456789012:user/eve"
POLICY = "arn:aws:iam::123456789012:policy/photo-read"


def _item(role: str, action: str, resource: str, **more: object) -> dict[str, object]:
    return {"role": role, "action": action, "resource": resource, "conditions": [], **more}


ATTACHED = Drift(
    "role.photo-reader",
    "role",
    DriftType.UNMANAGED,
    Severity.CRITICAL,
    f"attached by others: {ADMIN}; Do everything on *",
    subject=ADMIN,
    diff=(FieldDelta("foreign_attached_policies", [], [ADMIN]),),
    gained=(_item("photo-reader", "*", "*", by=ADMIN),),
    who=Who(
        EVE,
        "2026-11-23T22:41:07Z",
        "203.0.113.50",
        "aws-cli/2.17.4 md/Botocore#2.17.4 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.9",
        "2f1c9f6e-98a4-4d0b-9bf0-2c1d0a9cfa11",
        "iam:AttachRolePolicy",
    ),
)
CARRIED = Drift(
    "role.thumbnailer",
    "role",
    DriftType.UNMANAGED,
    Severity.HIGH,
    f'Lambda function "miner" carries it; {CARRIER_ADVICE}',
    subject="arn:aws:lambda:eu-central-1:123456789012:function:miner",
    diff=(FieldDelta("carrier", None, "miner"),),
    who=Who(
        "arn:aws:sts::123456789012:assumed-role/ci-deploy/session-4711",
        "2026-11-24T06:03:55Z",
        "198.51.100.7",
        "Boto3/1.34.0",
        "77aa",
        "lambda:CreateFunction20150331",
    ),
)
EDITED = Drift(
    "permission_policy.photo-read",
    "permission_policy",
    DriftType.CHANGED,
    Severity.HIGH,
    "document changed since the last apply",
    diff=(
        FieldDelta("document.Statement[Read].Action", [], ["s3:PutObject", "s3:DeleteObject"]),
        FieldDelta(
            "document.Statement[Read].Resource",
            ["arn:aws:s3:::photos/*"],
            ["arn:aws:s3:::photos/*", "arn:aws:s3:::photo-archive-with-a-rather-long-name/*"],
        ),
    ),
    gained=tuple(
        _item("photo-reader", action, f"arn:aws:s3:::{bucket}/*", by="permission_policy.photo-read")
        for bucket in ("photos", "archive", "raw", "thumbs", "exports", "a", "b", "c", "d", "e")
        for action in ("s3:PutObject", "s3:DeleteObject")
    ),
    lost=(_item("photo-reader", "s3:GetObject", "arn:aws:s3:::photos/old/*", by="p"),),
)
REPLACED = Drift(
    "role.partner",
    "role",
    DriftType.REPLACED,
    Severity.HIGH,
    "it was deleted and made again under its name (AROAEXAMPLEA is now AROAEXAMPLEB): all that "
    "knew it by its id does not know this one",
    diff=(FieldDelta("unique_id", "AROAEXAMPLEA", "AROAEXAMPLEB"),),
)
GONE = Drift(
    'permission_policy.logs["eu"]',
    "permission_policy",
    DriftType.MISSING,
    Severity.MEDIUM,
    "it is gone from AWS",
    diff=(FieldDelta("exists", before=True, after=False),),
    lost=(_item("photo-reader", "logs:PutLogEvents", "*", by="permission_policy.logs"),),
    who=Who(
        EVE,
        "2026-11-23T22:44:30Z",
        "203.0.113.50",
        "console.amazonaws.com",
        "8c",
        "iam:DeletePolicy",
    ),
)
RETAGGED = Drift(
    "role.photo-reader",
    "role",
    DriftType.CHANGED,
    Severity.LOW,
    "description and tags changed since the last apply",
    diff=(
        FieldDelta("description", "Reads photos", "Reads photos, and mines a little"),
        FieldDelta("tags.team", "media", "crackers"),
        FieldDelta("tags.cost-centre", "4711", None),
    ),
)
TRUSTED = Drift(
    "role.photo-reader",
    "role",
    DriftType.UNMANAGED,
    Severity.INFO,
    f'role "auditor" of others lets it in; {OTHERS_ADVICE}',
    subject="arn:aws:iam::123456789012:role/auditor",
    diff=(FieldDelta("trust", None, "auditor"),),
)
ALL = (RETAGGED, GONE, TRUSTED, ATTACHED, EDITED, CARRIED, REPLACED)
EARLIER = (
    EarlierRun("2026-11-24T05:45:00Z", {Severity.CRITICAL: 1, Severity.MEDIUM: 1, Severity.LOW: 1}),
    EarlierRun("2026-11-24T06:00:00Z", {}, failure="the credentials have expired"),
    EarlierRun("2026-11-23T22:30:00Z", {Severity.LOW: 1}),
    EarlierRun("2026-11-23T22:15:00Z", {}),
)


def report(
    *drifted: Drift, notes: tuple[str, ...] = (), stack: str = "photo-archive"
) -> DriftReport:
    """A look at a stack that found these."""
    return DriftReport(
        stack,
        "123456789012",
        "eu-central-1",
        17,
        "2026-11-24T06:15:02Z",
        checked=64,
        drifted=drifted,
        calls=11,
        seconds=2.34,
        notes=notes,
    )
