"""How an apply that ended is summed up."""

from __future__ import annotations

from dataclasses import replace

from rolewright.engine.outcome import ApplyOutcome, FailedCall, Recreated, Status
from rolewright.engine.views.apply_text import render_outcome
from unit.views.samples import CREATE_ROLE, EVERY_ACTION, REPLACE_ROLE, console, plan, printed

DENIED = FailedCall("service_binding.web", "ec2:X", "UnauthorizedOperation", "Not authorized.")


def told(outcome: ApplyOutcome) -> str:
    on = console()
    render_outcome(outcome, on)
    return printed(on)


def test_applied() -> None:
    """A success says what was done, how long it took, and which serial the state has now."""
    outcome = ApplyOutcome(Status.APPLIED, plan(*EVERY_ACTION), serial=5, seconds=75.2)

    assert told(outcome) == (
        "Applied: 1 imported, 3 created, 3 updated, 2 replaced, 1 deleted, 1 moved, 1 forgotten.\n"
        "    (state serial 5, 1m 15s)\n"
    )


def test_applied_but_not_as_planned() -> None:
    """What came out otherwise than planned is said although every call succeeded."""
    amiss = FailedCall("role.a", "", "NotAsPlanned", "live AWS differs in tags")
    outcome = ApplyOutcome(Status.APPLIED, plan(CREATE_ROLE), failed=(amiss,), serial=5)

    assert told(outcome) == (
        "Applied: 1 created. (state serial 5)\n"
        "Every call succeeded, but AWS is not as planned:\n"
        "  ! role.a: NotAsPlanned: live AWS differs in tags\n"
        "\n"
        "Plan again to see what differs.\n"
    )


def test_no_changes() -> None:
    """Nothing to do is said in a line."""
    assert told(ApplyOutcome(Status.NO_CHANGES, plan())) == (
        "Nothing to do: no call was made, the state stays as it is.\n"
    )


def test_rolled_back() -> None:
    """A failure that was undone says what failed and that all is as before."""
    outcome = ApplyOutcome(
        Status.ROLLED_BACK, plan(CREATE_ROLE), (DENIED,), ("role.photo-reader",), serial=5
    )

    assert told(outcome) == (
        "The apply failed, and was rolled back completely.\n"
        "  ! service_binding.web: ec2:X: UnauthorizedOperation: Not authorized.\n"
        "\n"
        "Undone: role.photo-reader (1 resource)\n"
        "Everything is as it was before the apply. (state serial 5)\n"
    )


def test_rolled_back_but_not_exactly() -> None:
    """What undoing may have restored differently is named."""
    outcome = ApplyOutcome(Status.ROLLED_BACK, plan(REPLACE_ROLE), (DENIED,), ("role.worker",))

    assert (
        'If the apply had come that far: role "worker" would come back under a new unique id\n'
        "Everything else is as it was before the apply."
    ) in told(outcome)


def test_made_again_under_new_ids() -> None:
    """What came back under another id is named with both, with what still uses the old one, and what to do."""
    outcome = ApplyOutcome(
        Status.ROLLED_BACK,
        plan(REPLACE_ROLE),
        (DENIED,),
        ("role.worker",),
        recreated=(
            Recreated("role.worker", "role", "worker", "AROAOLD", "AROANEW", ("role.a", "role.b")),
            Recreated("role.worker", "policy", "read", "", ""),
        ),
    )

    text = told(outcome)

    assert (
        "Made again, under new unique ids:\n"
        '  ! role.worker: role "worker" was AROAOLD, and is AROANEW now\n'
        "    still referred to by the old id: role.a, role.b\n"
        '  ! role.worker: policy "read" has another id now\n'
    ) in text
    assert "save other policies once more by hand" in " ".join(text.split())
    assert "If the apply had come that far" not in text
    assert "Everything else is as it was before the apply." in text


def test_rollback_incomplete() -> None:
    """What could not be undone is left as commands that can be copied from one line."""
    command = "aws iam delete-role --cli-input-json '" + "x " * 80 + "'"
    outcome = ApplyOutcome(
        Status.ROLLBACK_INCOMPLETE, plan(CREATE_ROLE), (DENIED,), ("role.x",), (command,)
    )

    assert f"Left to do:\n  {command}\nThe journal" in told(outcome)


def test_interrupted() -> None:
    """An interrupted apply says whether what was done stays or was undone."""
    kept = ApplyOutcome(Status.INTERRUPTED, plan(CREATE_ROLE))
    undone = replace(kept, rolled_back=("role.photo-reader",))
    failed = replace(kept, failed=(DENIED,))

    assert told(kept).startswith("Interrupted; what was done stays.\n")
    assert told(undone).startswith("Interrupted, and rolled back completely.\n")
    assert told(failed).startswith("The apply failed; what was done stays, as asked.\n")
