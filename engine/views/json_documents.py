"""The JSON documents of the commands that report plans, applies, states and errors. Pure.

Other programs read them: keys are only ever added, and every document has `format_version`,
`command` and `stack`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...resources.address import Address
from ...resources.calls import Call
from ...resources.diagnostics import Diagnostic, Severity
from ...state.document import State, StateRecord
from ..drift.accept import Accepted
from ..drift.report import Drift, DriftReport
from ..drift.report import Severity as DriftSeverity
from ..outcome import ApplyOutcome
from ..permissions import required_permissions
from ..plan import Change, FieldDelta, Finding, Plan
from .access_json import access_json, condition_block
from .document_head import head
from .state_text import outputs_of

Document = dict[str, Any]

_SUMMARY = ("create", "update", "replace", "delete", "import", "forget", "move", "no_op")


def plan_document(plan: Plan, *, command: str = "plan") -> Document:
    """What `plan` prints."""
    counts = plan.summary
    return {
        **head(command, plan.stack),
        "serial": plan.serial,
        "account_id": plan.account_id,
        "changes": _changes(plan),
        "access": access_json(plan.access),
        "findings": [_finding(finding) for finding in plan.findings],
        "summary": {name: counts[name] for name in _SUMMARY},
        "required_permissions": list(required_permissions(plan)),
    }


def apply_document(outcome: ApplyOutcome, *, command: str = "apply") -> Document:
    """What `apply` and `destroy` print."""
    return {
        **head(command, outcome.plan.stack),
        "status": outcome.status.value,
        "changes": _changes(outcome.plan),
        "failed": [
            {
                "address": failed.address,
                "operation": failed.operation,
                "code": failed.code,
                "message": failed.message,
            }
            for failed in outcome.failed
        ],
        "rolled_back": list(outcome.rolled_back),
        "left": list(outcome.left),
        "serial": outcome.serial,
        "recreated": [
            {
                "address": one.address,
                "what": one.what,
                "name": one.name,
                "old_id": one.old_id,
                "new_id": one.new_id,
                "referred_to_by": list(one.referred_to_by),
            }
            for one in outcome.recreated
        ],
    }


def drift_document(report: DriftReport, *, command: str = "drift") -> Document:
    """What `drift` prints."""
    counts = report.by_severity
    return {
        **head(command, report.stack),
        "serial": report.serial,
        "account_id": report.account_id,
        "region": report.region,
        "at": report.at,
        "drifted": [_drift(drift) for drift in report.drifted],
        "checked": report.checked,
        "summary": {
            severity.value: counts.get(severity, 0) for severity in reversed(DriftSeverity)
        },
        "notes": list(report.notes),
        "calls": report.calls,
        "seconds": report.seconds,
    }


def accepted_document(accepted: Accepted) -> Document:
    """What `drift --accept` prints."""
    return {
        **head("drift", accepted.state.stack),
        "accepted": [_drift(drift) for drift in accepted.drifted],
        "serial": accepted.state.serial,
        "stack_file": accepted.snippet,
        "notes": list(accepted.notes),
    }


def error_document(command: str, stack: str | None, diagnostics: Sequence[Diagnostic]) -> Document:
    """What any command prints that ended in errors; `stack` is None where it isn't known."""
    return {
        **head(command, stack),
        "errors": _diagnostics(diagnostics, Severity.ERROR),
        "warnings": _diagnostics(diagnostics, Severity.WARNING),
    }


def show_document(state: State) -> Document:
    """What `show` prints of a state."""
    return {
        **head("show", state.stack),
        "lineage": state.lineage,
        "serial": state.serial,
        "account_id": state.account_id,
        "region": state.region,
        "resources": [
            _record(address, record) for address, record in sorted(state.resources.items())
        ],
    }


def record_document(
    state: State, address: Address, record: StateRecord, *, command: str = "show"
) -> Document:
    """What `show ADDRESS` prints of one resource of a state."""
    return {
        **head(command, state.stack),
        "serial": state.serial,
        "resource": _record(address, record),
    }


def output_document(state: State) -> Document:
    """What `output` prints."""
    return {**head("output", state.stack), "serial": state.serial, "outputs": outputs_of(state)}


def _changes(plan: Plan) -> list[Document]:
    return [_change(change) for change in plan.changes]


def _change(change: Change) -> Document:
    return {
        "address": str(change.address),
        "kind": change.kind,
        "action": change.action.value,
        "reason": change.reason,
        "before": change.before,
        "after": change.after,
        "diff": _deltas(change.diff),
        "drift": _deltas(change.drift),
        "operations": [_operation(call) for call in change.calls],
    }


def _deltas(deltas: Iterable[FieldDelta]) -> list[Document]:
    return [{"path": d.path, "before": d.before, "after": d.after} for d in deltas]


def _access(items: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Items of access, with their conditions as in a plan's."""
    return [{**item, "conditions": condition_block(item["conditions"])} for item in items]


def _drift(drift: Drift) -> Document:
    who = drift.who
    return {
        "address": drift.address,
        "kind": drift.kind,
        "type": drift.type.value,
        "severity": drift.severity.value,
        "subject": drift.subject,
        "reason": drift.reason,
        "fingerprint": drift.fingerprint,
        "diff": _deltas(drift.diff),
        "access": {"gained": _access(drift.gained), "lost": _access(drift.lost)},
        "who": None
        if who is None
        else {
            "actor": who.actor,
            "time": who.time,
            "source_ip": who.source_ip,
            "event_id": who.event_id,
            "user_agent": who.user_agent,
            "event": who.event,
        },
    }


def _operation(call: Call) -> Document:
    return {
        "service": call.service,
        "operation": call.operation,
        "parameters": call.parameters,
    }


def _finding(finding: Finding) -> Document:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "address": finding.address,
        "message": finding.message,
    }


def _diagnostics(diagnostics: Iterable[Diagnostic], severity: Severity) -> list[Document]:
    return [_diagnostic(each) for each in diagnostics if each.severity is severity]


def _diagnostic(diagnostic: Diagnostic) -> Document:
    source = diagnostic.source
    place = (
        None
        if source is None
        else {"file": source.file, "line": source.line, "column": source.column}
    )
    return {
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "hint": diagnostic.hint,
        "address": diagnostic.address,
        "source": place,
    }


def _record(address: Address, record: StateRecord) -> Document:
    return {
        "address": str(address),
        "kind": record.kind,
        "id": record.id,
        "arn": record.arn,
        "desired": record.desired,
        "observed": record.observed,
        "dependencies": [str(address) for address in record.dependencies],
        "prior": record.prior,
        "protected": record.protected,
        "imported": record.imported,
        "tool_version": record.tool_version,
    }
