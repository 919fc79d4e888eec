"""Answers as text: marks, reasons with their places, what to do next, and the summary."""

from __future__ import annotations

from rolewright.engine.verify import (
    Answers,
    Because,
    Expected,
    Method,
    Question,
    Remark,
    Result,
    Skipped,
)
from rolewright.engine.views.verify_text import answer_lines
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Source
from rolewright.resources.policy.evaluator import Decision

READER = Address.parse("role.reader")
HERE = Source("rolewright.yaml", 7, 3)
CAN = Question(READER, "s3:GetObject", "arn:aws:s3:::b/*", Expected.ALLOW, source=HERE)
CANNOT = Question(READER, "s3:Delete*", "arn:aws:s3:::b/*", Expected.DENY, source=HERE)
ASSUME = Question(READER, "sts:AssumeRole", "", Expected.ALLOW, "ec2.amazonaws.com", source=HERE)
BECAUSE = Because("permission_policy.read allows it, by statement 1", source=HERE)


def text(*results: Result, **more: tuple[Skipped | Remark, ...]) -> list[str]:
    return [line.text for line in answer_lines(Answers(results, **more))]  # type: ignore[arg-type]


def result(question: Question, decision: Decision, *, passed: bool, **more: object) -> Result:
    return Result(question, decision, Method.OFFLINE, passed, (BECAUSE,), **more)  # type: ignore[arg-type]


def test_what_is_proven() -> None:
    lines = text(result(CAN, Decision.ALLOWED, passed=True))

    assert lines == [
        "role.reader",
        "  ✓ can s3:GetObject on arn:aws:s3:::b/*",
        "      because permission_policy.read allows it, by statement 1 (rolewright.yaml:7)",
        "",
        "1 of 1 expectation proven",
    ]


def test_what_is_not_says_what_to_do() -> None:
    hints = {
        CAN: "allow s3:GetObject to role.reader",
        CANNOT: "take the permission from role.reader",
        ASSUME: "let the trust policy of role.reader allow ec2.amazonaws.com",
    }
    for question, hint in hints.items():
        lines = text(result(question, Decision.IMPLICITLY_DENIED, passed=False))
        (found,) = [line for line in lines if "hint:" in line]
        assert hint in found
        assert "rolewright.yaml:7:3" in found
        assert any(line.startswith("  ✗ ") for line in lines)
        assert lines[-1] == "0 of 1 expectation proven, 1 not"


def test_what_depends_says_how_to_give_the_keys() -> None:
    lines = text(
        result(CAN, Decision.IMPLICITLY_DENIED, passed=False, depends_on=("aws:SourceIp",))
    )

    assert "      it depends" in lines
    assert any("add context: {aws:SourceIp: …} to the expectation" in line for line in lines)


def test_what_was_skipped_and_remarked() -> None:
    lines = text(
        result(CAN, Decision.ALLOWED, passed=True),
        skipped=(Skipped(ASSUME, Method.LIVE, "the simulator can't tell"),),
        remarks=(Remark("simulator-disagrees", "high", "they differ", CAN),),
    )

    assert "      not tried: the simulator can't tell" in lines
    assert "high they differ" in lines
    assert lines[-1] == "1 of 1 expectation proven, 1 not tried"


def test_a_stack_without_expectations() -> None:
    assert "no expectations" in text()[0]
