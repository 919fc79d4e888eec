"""The JSON documents, to the letter of their keys."""

from __future__ import annotations

import json
from typing import Any

from rolewright.engine.outcome import ApplyOutcome, FailedCall, Recreated, Status
from rolewright.engine.plan import Finding
from rolewright.engine.views.json_documents import (
    apply_document,
    error_document,
    output_document,
    plan_document,
    record_document,
    show_document,
)
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Diagnostic, Severity, Source
from rolewright.state.document import State
from unit.views import samples
from unit.views.samples import plan, record, role

HEAD = ["format_version", "command", "stack"]
CHANGE = [
    "address",
    "kind",
    "action",
    "reason",
    "before",
    "after",
    "diff",
    "drift",
    "operations",
]
ACCESS = [
    "role",
    "action",
    "resource",
    "conditions",
    "by",
    "address",
    "level",
    "exact",
    "effective",
    "dangers",
]
TRUST = [
    "role",
    "principal",
    "principal_type",
    "actions",
    "conditions",
    "public",
    "address",
    "exceptions",
    "exact",
]


def keys(value: Any) -> list[str]:
    return list(value)


def test_plan() -> None:
    """A plan has exactly the keys of the contract, in their order."""
    finding = Finding("outage", "medium", "role.batch", "it is deleted first")
    made = plan(*samples.EVERY_ACTION, samples.GONE_POLICY, findings=(finding,))
    found = plan_document(samples.with_access(made))

    assert keys(found) == [
        *HEAD,
        "serial",
        "account_id",
        "changes",
        "access",
        "findings",
        "summary",
        "required_permissions",
    ]
    assert found["format_version"] == "1.0"
    assert (found["command"], found["stack"], found["serial"]) == ("plan", "photo-archive", 4)
    assert all(keys(change) == CHANGE for change in found["changes"])
    assert keys(found["access"]) == [
        "gained",
        "lost",
        "trust",
        "dangers",
        "catalogue_version",
        "exact",
    ]
    assert all(keys(each) == TRUST for each in found["access"]["trust"]["gained"])
    assert (found["access"]["catalogue_version"], found["access"]["exact"]) == ("1", False)
    items = (*found["access"]["gained"], *found["access"]["lost"])
    assert items
    assert all(keys(item) == ACCESS for item in items)
    assert found["findings"] == [
        {
            "rule": "outage",
            "severity": "medium",
            "address": "role.batch",
            "message": "it is deleted first",
        }
    ]
    assert found["summary"] == {
        "create": 4,
        "update": 3,
        "replace": 2,
        "delete": 1,
        "import": 1,
        "forget": 1,
        "move": 1,
        "no_op": 1,
    }
    assert "iam:CreateRole" in found["required_permissions"]


def test_change() -> None:
    """A change holds its attributes, differences and calls as plain JSON."""
    (found,) = plan_document(plan(samples.GONE_POLICY))["changes"]

    assert json.loads(json.dumps(found)) == {
        "address": "permission_policy.logs",
        "kind": "permission_policy",
        "action": "create",
        "reason": "deleted outside rolewright",
        "before": None,
        "after": {
            "type": "aws",
            "arn": "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess",
            "roles": ["photo-reader"],
        },
        "diff": [],
        "drift": [{"path": "exists", "before": True, "after": False}],
        "operations": [
            {
                "service": "iam",
                "operation": "AttachRolePolicy",
                "parameters": {"RoleName": "photo-reader"},
            }
        ],
    }


def test_actions_are_written_as_the_contract_has_them() -> None:
    """The action of a change is one of the eight words."""
    found = plan_document(plan(*samples.EVERY_ACTION))["changes"]

    assert {change["action"] for change in found} == {
        "create",
        "update",
        "replace",
        "delete",
        "import",
        "forget",
        "move",
        "no-op",
    }


def test_apply() -> None:
    """The outcome of an apply has exactly the keys of the contract."""
    failed = FailedCall("role.a", "iam:CreateRole", "AccessDenied", "No.")
    found = apply_document(
        ApplyOutcome(
            Status.ROLLED_BACK,
            plan(samples.CREATE_ROLE),
            (failed,),
            ("role.b",),
            serial=7,
            recreated=(Recreated("role.b", "role", "b", "AROAOLD", "AROANEW", ("role.c",)),),
        ),
        command="destroy",
    )

    assert keys(found) == [
        *HEAD,
        "status",
        "changes",
        "failed",
        "rolled_back",
        "left",
        "serial",
        "recreated",
    ]
    assert found["recreated"] == [
        {
            "address": "role.b",
            "what": "role",
            "name": "b",
            "old_id": "AROAOLD",
            "new_id": "AROANEW",
            "referred_to_by": ["role.c"],
        }
    ]
    assert (found["command"], found["status"], found["serial"]) == ("destroy", "rolled_back", 7)
    assert found["failed"] == [
        {
            "address": "role.a",
            "operation": "iam:CreateRole",
            "code": "AccessDenied",
            "message": "No.",
        }
    ]
    assert found["rolled_back"] == ["role.b"]
    assert keys(found["changes"][0]) == CHANGE


def test_error() -> None:
    """Errors and warnings are told apart, each with its place."""
    found = error_document(
        "validate",
        None,
        [
            Diagnostic("bad", "wrong", "why", "do", Source("f.yaml", 2, 3), "role.a"),
            Diagnostic("odd", "strange", severity=Severity.WARNING),
        ],
    )

    assert found == {
        "format_version": "1.0",
        "command": "validate",
        "stack": None,
        "errors": [
            {
                "code": "bad",
                "summary": "wrong",
                "detail": "why",
                "hint": "do",
                "address": "role.a",
                "source": {"file": "f.yaml", "line": 2, "column": 3},
            }
        ],
        "warnings": [
            {
                "code": "odd",
                "summary": "strange",
                "detail": "",
                "hint": "",
                "address": None,
                "source": None,
            }
        ],
    }


READER = Address("role", "photo-reader")
STATE = State(
    "photo-archive",
    "lineage-1",
    5,
    samples.ACCOUNT,
    "us-east-1",
    {READER: record("role", role(), arn="arn:reader", dependencies=(Address("role", "x"),))},
)


def test_show() -> None:
    """A state is shown with all that it records of each resource."""
    found = show_document(STATE)

    assert keys(found) == [*HEAD, "lineage", "serial", "account_id", "region", "resources"]
    assert keys(found["resources"][0]) == [
        "address",
        "kind",
        "id",
        "arn",
        "desired",
        "observed",
        "dependencies",
        "prior",
        "protected",
        "imported",
        "tool_version",
    ]
    assert found["resources"][0]["dependencies"] == ["role.x"]
    assert json.loads(json.dumps(found))["command"] == "show"


def test_record() -> None:
    """One resource is shown as in the whole state."""
    found = record_document(STATE, READER, STATE.resources[READER], command="state show")

    assert keys(found) == [*HEAD, "serial", "resource"]
    assert found["command"] == "state show"
    assert found["resource"] == show_document(STATE)["resources"][0]


def test_output() -> None:
    """The outputs are ARNs by address."""
    assert output_document(STATE) == {
        "format_version": "1.0",
        "command": "output",
        "stack": "photo-archive",
        "serial": 5,
        "outputs": {"role.photo-reader": "arn:reader"},
    }
