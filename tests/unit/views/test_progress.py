"""The progress of a run, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from rolewright.engine.events import (
    CallRetried,
    CallUndone,
    Event,
    Notice,
    RollbackStarted,
    RunStarted,
    StepDone,
    StepFailed,
    StepStarted,
    UndoFailed,
    Verifying,
)
from rolewright.engine.views.progress import Progress
from rolewright.resources.address import Address
from unit.views.samples import console, printed

READER = Address("role", "photo-reader")
WEB = Address("service_binding", "web")
ASSOCIATE = "ec2:AssociateIamInstanceProfile"


def progress(*timed: tuple[float, Event], width: int = 100) -> Sequence[str]:
    """What is printed for events at these seconds."""
    now = [0.0]
    on = console(width)
    sink = Progress(on, clock=lambda: now[0])
    for at, event in timed:
        now[0] = at
        sink(event)
    return printed(on).splitlines()


def test_apply_with_retry_and_rollback() -> None:
    """A run tells what is done, what is waited for, what failed and what is undone."""
    code, message = "InvalidParameterValue", "Invalid IAM Instance Profile name"
    lines = progress(
        (0, RunStarted("run-1", 3)),
        (0, StepStarted(READER, "create", "make")),
        (0.4, StepDone(READER, "create", "make", 0.4)),
        (0.5, StepStarted(WEB, "create", "make")),
        (1.5, CallRetried(WEB, ASSOCIATE, code, message, 2.0, 1.0)),
        (12.8, CallRetried(WEB, ASSOCIATE, code, message, 4.0, 12.3)),
        (18, StepFailed(WEB, ASSOCIATE, "UnauthorizedOperation", "Not allowed to do so.")),
        (18, RollbackStarted(2)),
        (18.2, CallUndone(READER, "iam:DetachRolePolicy")),
        (19, UndoFailed(READER, "iam:DeleteRole", "AccessDenied", "No.")),
    )

    waiting = "service_binding.web: waiting for IAM: EC2 does not know the profile yet"
    assert lines == [
        "role.photo-reader: creating…",
        "role.photo-reader: created (0.4s) [1/3]",
        "service_binding.web: creating…",
        f"{waiting} (1.0s, again in 2.0s)",
        f"{waiting} (12s, again in 4.0s)",
        f"service_binding.web: failed: {ASSOCIATE}: UnauthorizedOperation: Not allowed to",
        "    do so.",
        "Rolling back: 2 calls to undo",
        "role.photo-reader: undone by iam:DetachRolePolicy",
        "role.photo-reader: could not be undone: iam:DeleteRole: AccessDenied: No.",
    ]


def test_phases_of_a_replacement() -> None:
    """A replacement first makes the new object and at the end deletes the old one."""
    lines = progress(
        (0, RunStarted("run-1", 2)),
        (0, StepStarted(READER, "replace", "make")),
        (1, StepDone(READER, "replace", "make", 1)),
        (1, StepStarted(READER, "replace", "remove")),
        (126, StepDone(READER, "replace", "remove", 125)),
    )

    assert lines == [
        "role.photo-reader: making the new one…",
        "role.photo-reader: made the new one (1.0s) [1/2]",
        "role.photo-reader: deleting the old one…",
        "role.photo-reader: deleted the old one (2m 05s) [2/2]",
    ]


def test_long_silent_step_is_mentioned_again() -> None:
    """Whoever watches learns on the next event that a step still runs, and not too often."""
    lines = progress(
        (0, StepStarted(READER, "create", "make")),
        (9, StepStarted(WEB, "create", "make")),
        (12, Notice("something else")),
        (13, Notice("again")),
    )

    assert lines[2:] == [
        "note: something else",
        "role.photo-reader: still creating… (12s)",
        "note: again",
    ]


def test_failed_step_is_not_mentioned_again() -> None:
    """What has failed does not run any more."""
    lines = progress(
        (0, StepStarted(READER, "create", "make")),
        (1, StepFailed(READER, "", "NotAsPlanned", "it differs")),
        (60, Verifying(1)),
    )

    assert lines[1:] == [
        "role.photo-reader: failed: NotAsPlanned: it differs",
        "Checking 1 resource in AWS once more…",
    ]


def test_unknown_reason_to_wait_is_told_as_aws_told_it() -> None:
    """A retry whose reason has no words of ours shows AWS's."""
    lines = progress((0, CallRetried(READER, "iam:X", "Odd", "as it says", 0, 3)))

    assert lines == ["role.photo-reader: waiting for AWS: Odd: as it says (3.0s)"]


def test_throttling_is_told() -> None:
    """AWS's wish for fewer calls is no waiting for IAM."""
    lines = progress((0, CallRetried(READER, "iam:X", "Throttling", "Rate exceeded", 1, 3)))

    assert "waiting for AWS: it asks for fewer calls" in lines[0]
