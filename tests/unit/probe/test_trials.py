"""What AWS's answers say of an action, and what they leave open."""

from __future__ import annotations

import pytest
from rolewright.engine.probe.harmless import Harmless
from rolewright.engine.probe.trials import Answer, Verdict, judge

ON_A_TABLE = ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/events")
ON_AN_OBJECT = ("s3:GetObject", "arn:aws:s3:::photos/*")
ON_A_QUEUE = ("sqs:GetQueueAttributes", "arn:aws:sqs:eu-west-1:123456789012:jobs")
DRY_RUN = ("ec2:DescribeInstances", "*")
NOT_ALLOWED = (
    "User: arn:aws:sts::123456789012:assumed-role/reader/x is not authorized to perform: {} on "
    "resource: arn because no identity-based policy allows the {} action"
)


@pytest.mark.parametrize(
    ("asked", "code", "message", "witness", "verdict"),
    [
        (ON_A_TABLE, "", "", None, Verdict.ALLOWED),
        (ON_A_TABLE, "ValidationException", "the key does not fit", None, Verdict.ALLOWED),
        (ON_A_TABLE, "AccessDeniedException", "no", None, Verdict.DENIED),
        (
            ON_A_TABLE,
            "AccessDeniedException",
            NOT_ALLOWED.format(*["dynamodb:GetItem"] * 2),
            None,
            Verdict.DENIED,
        ),
        (
            ON_A_TABLE,
            "AccessDeniedException",
            NOT_ALLOWED.format(*["kms:Decrypt"] * 2),
            None,
            Verdict.UNCLEAR,
        ),
        (ON_A_TABLE, "ThrottlingException", "slow down", None, Verdict.UNCLEAR),
        (ON_A_TABLE, "ExpiredToken", "expired", None, Verdict.UNCLEAR),
        (
            ON_A_QUEUE,
            "AWS.SimpleQueueService.NonExistentQueue",
            "or you do not have access",
            None,
            Verdict.UNCLEAR,
        ),
        (DRY_RUN, "DryRunOperation", "would have succeeded", None, Verdict.ALLOWED),
        (DRY_RUN, "UnauthorizedOperation", "no", None, Verdict.DENIED),
        (ON_AN_OBJECT, "404", "Not Found", Answer(), Verdict.ALLOWED),
        (ON_AN_OBJECT, "404", "Not Found", Answer("NoSuchBucket"), Verdict.UNCLEAR),
        (ON_AN_OBJECT, "403", "Forbidden", Answer(), Verdict.DENIED),
        (ON_AN_OBJECT, "403", "Forbidden", Answer("AccessDenied"), Verdict.UNCLEAR),
        (ON_AN_OBJECT, "403", "Forbidden", None, Verdict.UNCLEAR),
        (
            ON_AN_OBJECT,
            "AccessDenied",
            NOT_ALLOWED.format(*["s3:GetObject"] * 2),
            Answer("AccessDenied"),
            Verdict.DENIED,
        ),
    ],
)
def test_verdicts(
    harmless: Harmless,
    asked: tuple[str, str],
    code: str,
    message: str,
    witness: Answer | None,
    verdict: Verdict,
) -> None:
    """Only what AWS says of this very action counts, and whatever is unclear says why."""
    found, why = judge(harmless.trial(*asked), Answer.of(code, message), witness)

    assert found is verdict
    assert bool(why) is (verdict is Verdict.UNCLEAR)


def test_an_answer_keeps_no_more_than_facts() -> None:
    """Of a refusal remain its code, the action that it names, and whether it is an explicit deny."""
    message = NOT_ALLOWED.format("s3:GetObject", "s3:GetObject") + " with an explicit deny"

    assert Answer.of("AccessDenied", message) == Answer("AccessDenied", True, "s3:GetObject")
    assert Answer.of("NoSuchKey", "no such key: secret.txt") == Answer("NoSuchKey")
