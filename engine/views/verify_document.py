"""The JSON documents of `verify`, `can` and `who-can`. Pure; keys are only ever added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ...resources.address import Address
from ...resources.diagnostics import Source
from ..role_policies import RolePolicies
from ..verify import Answers, Because, Explained, Question, Remark, Result, Skipped
from .document_head import head

Document = dict[str, Any]


def verify_document(answers: Answers, stack: str, *, account_id: str, planned: bool) -> Document:
    """What `verify` prints."""
    counts = Counter(result.passed for result in answers.results)
    return {
        **head("verify", stack),
        "account_id": account_id,
        "roles": "planned" if planned else "live",
        "results": [_result(result) for result in answers.results],
        "skipped": [_skipped(skipped) for skipped in answers.skipped],
        "findings": [_remark(remark) for remark in answers.remarks],
        "summary": {
            "passed": counts[True],
            "failed": counts[False],
            "skipped": len(answers.skipped),
        },
    }


def can_document(
    answer: Explained,
    role: RolePolicies,
    stack: str | None,
    *,
    source: str,
    named: Callable[[Address], bool],
) -> Document:
    """What `can` prints; `named` tells whether an address is the stack's."""
    return {
        **head("can", stack),
        "source": str(source),
        **_explained(answer, role, named),
        "action": answer.question.action,
        "resource": answer.question.resource,
        "findings": [_remark(remark) for remark in answer.remarks],
    }


def who_can_document(
    answers: Sequence[tuple[RolePolicies, Explained]],
    asked: tuple[str, str],
    stack: str | None,
    *,
    source: str,
    named: Callable[[Address], bool],
    checked: int,
    remarks: Sequence[Remark],
) -> Document:
    """What `who-can` prints; `checked` is how many roles were asked about."""
    return {
        **head("who-can", stack),
        "action": asked[0],
        "resource": asked[1],
        "source": str(source),
        "roles": [_explained(answer, role, named) for role, answer in answers],
        "checked": checked,
        "findings": [_remark(remark) for remark in remarks],
    }


def _explained(answer: Explained, role: RolePolicies, named: Callable[[Address], bool]) -> Document:
    return {
        "role": role.name,
        "arn": role.arn,
        "address": str(role.address) if named(role.address) else None,
        "decision": answer.decision.value,
        "because": [because_document(each) for each in answer.because],
        "depends_on": list(answer.depends_on),
        "exact": answer.exact,
        "example": _example(answer.example_action, answer.example),
    }


def _asked(question: Question, target: str | None) -> Document:
    """What was asked; `target` is the resource of a question that names none."""
    return {
        "role": question.role.local,
        "assumed_by": question.assumed_by,
        "action": question.action,
        "resource": question.resource or target,
        "expected": question.expected.value,
    }


def _result(result: Result) -> Document:
    question = result.question
    return {
        **_asked(question, result.target),
        "decision": result.decision.value,
        "method": result.method.value,
        "passed": result.passed,
        "because": [because_document(each) for each in result.because],
        "address": str(question.role),
        "depends_on": list(result.depends_on),
        "exact": result.exact,
        "example": _example(result.example_action, result.example),
        "source": _source(question.source),
    }


def because_document(because: Because) -> Document:
    """A reason; what it is not about is null."""
    source = because.source
    return {
        "layer": because.layer,
        "policy": because.policy,
        "statement": because.statement,
        "sid": because.sid,
        "effect": because.effect,
        "file": None if source is None else source.file,
        "line": None if source is None else source.line,
        "text": because.text,
    }


def _skipped(skipped: Skipped) -> Document:
    question = skipped.question
    return {
        **_asked(question, None),
        "method": skipped.method.value,
        "reason": skipped.reason,
        "tried": skipped.tried,
        "address": str(question.role),
    }


def _remark(remark: Remark) -> Document:
    address = None if remark.question is None else str(remark.question.role)
    return {
        "rule": remark.rule,
        "severity": remark.severity,
        "address": address,
        "message": remark.message,
    }


def _example(action: str | None, resource: str | None) -> Document | None:
    return None if resource is None else {"action": action, "resource": resource}


def _source(source: Source | None) -> Document | None:
    return None if source is None else {"file": source.file, "line": source.line}
