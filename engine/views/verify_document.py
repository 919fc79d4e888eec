"""The JSON documents of `verify`, `can` and `who-can`. Pure; keys are only ever added."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ...resources.diagnostics import Source
from ..verify import Answers, Because, Remark, Result, Skipped
from .json_documents import FORMAT_VERSION

Document = dict[str, Any]


def verify_document(answers: Answers, stack: str, *, account_id: str, planned: bool) -> Document:
    """What `verify` prints."""
    counts = Counter(result.passed for result in answers.results)
    return {
        "format_version": FORMAT_VERSION,
        "command": "verify",
        "stack": stack,
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


def _result(result: Result) -> Document:
    question = result.question
    example = None
    if result.example is not None:
        example = {"action": result.example_action, "resource": result.example}
    return {
        "role": question.role.local,
        "assumed_by": question.assumed_by,
        "action": question.action,
        "resource": question.resource or None,
        "expected": question.expected.value,
        "decision": result.decision.value,
        "method": result.method.value,
        "passed": result.passed,
        "because": [because_document(each) for each in result.because],
        "address": str(question.role),
        "depends_on": list(result.depends_on),
        "exact": result.exact,
        "example": example,
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
        "role": question.role.local,
        "assumed_by": question.assumed_by,
        "action": question.action,
        "resource": question.resource or None,
        "expected": question.expected.value,
        "method": skipped.method.value,
        "reason": skipped.reason,
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


def _source(source: Source | None) -> Document | None:
    return None if source is None else {"file": source.file, "line": source.line}
