"""The access section of plans on the local AWS: what is read for it, and what it says."""

from __future__ import annotations

import json
from typing import Any

from rolewright.engine.access_changes import AccessChanges
from rolewright.engine.aws.reader import Aws
from rolewright.engine.plan import Plan
from rolewright.engine.planfile import decode_plan, encode_plan
from rolewright.engine.views.access_text import access_section
from rolewright.resources.policy.catalogue import Catalogue
from support.runs import Bench, change_at

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
LOGS_ADDRESS = "permission_policy.cloudwatchlogsreadonlyaccess"
EVERYTHING = "ALL actions on ALL resources, including future ones"


def stack(*managed: str, **role: Any) -> dict[str, Any]:
    policies = {name.lower(): {"roles": ["web"], "managed_policy": name} for name in managed}
    trust = {"services": ["ec2.amazonaws.com"]}
    return {
        "stack": "s",
        "region": "us-east-1",
        "roles": {"web": {"trust": trust, **role}},
        "permission_policies": policies,
    }


def text(plan: Plan) -> str:
    return "\n".join(line.text for line in access_section(plan))


def test_administrator_access_is_said_in_words(bench: Bench) -> None:
    """One line for 22,000 actions, and a saved plan that knows it too."""
    bench.apply(stack())
    plan = bench.plan(stack("AdministratorAccess"))

    assert f"  + web gains {EVERYTHING}\n" in text(plan)
    assert plan.access is not None
    assert plan.access.catalogue_version == Catalogue.bundled().version
    assert decode_plan(json.loads(json.dumps(encode_plan(plan)))) == plan


def test_a_large_policy_is_a_handful_of_lines(bench: Bench) -> None:
    """15,000 actions of 400 services are told together, where they share their resources."""
    bench.apply(stack("ReadOnlyAccess"))
    lines = text(bench.plan(stack("PowerUserAccess"))).splitlines()
    wider = [line for line in lines if not line.startswith("      ! ")]

    assert len(wider) < len(lines) <= 20
    assert 6 < len(wider) < 15
    assert any(line.startswith("  + web gains ") for line in wider)
    assert any(line.startswith("      - iam: read, list on every resource (") for line in wider)


def test_a_policy_attached_by_hand_is_lost(bench: Bench, aws: Aws) -> None:
    """The plan that takes it off says what that takes, and by which policy."""
    bench.apply(stack("CloudWatchLogsReadOnlyAccess"))
    aws.call("iam", "AttachRolePolicy", {"RoleName": "web", "PolicyArn": ADMIN})
    plan = bench.plan(stack("CloudWatchLogsReadOnlyAccess"))

    assert plan.access is not None
    (role,) = plan.access.roles
    assert (role.gained, {name for entry in role.lost for name in entry.by}) == ((), {ADMIN})


def test_a_role_that_is_not_exclusive(bench: Bench, aws: Aws) -> None:
    """What somebody hung on it stays, so that declaring less of it gives nothing."""
    bench.apply(stack(exclusive=False))
    aws.call("iam", "AttachRolePolicy", {"RoleName": "web", "PolicyArn": ADMIN})

    access = bench.plan(stack("CloudWatchLogsReadOnlyAccess", exclusive=False)).access
    assert access is not None
    assert access.roles == ()
    declared = bench.plan(stack("AdministratorAccess", exclusive=False))
    assert change_at(declared, "permission_policy.administratoraccess").calls == ()
    assert declared.access is not None
    assert declared.access.roles == ()


def test_a_boundary_is_weighed(bench: Bench) -> None:
    """A boundary that comes takes what it doesn't allow."""
    bench.apply(stack("AdministratorAccess"))
    lines = text(bench.plan(stack("AdministratorAccess", permissions_boundary=LOGS)))

    assert "  - web loses " in lines
    assert " + " not in lines


def test_a_target_leaves_the_rest_as_it_is(bench: Bench) -> None:
    """A policy that isn't selected still allows what it allowed."""
    bench.apply(stack("AdministratorAccess"))
    wanted = stack("AdministratorAccess", "CloudWatchLogsReadOnlyAccess")
    targets = frozenset({change_at(bench.plan(wanted), LOGS_ADDRESS).address})

    access = bench.plan(wanted, targets=targets).access
    assert access is not None
    assert access.roles == ()


def requests_of_a_plan(bench: Bench, wanted: dict[str, Any]) -> dict[str, int]:
    connection = bench.connect()
    connection.requests.clear()
    Bench(bench.folder, lambda: connection).plan(wanted)
    return {operation: count for (_, operation), count in connection.requests.items()}


def test_a_plan_that_changes_no_access_reads_nothing_for_it(bench: Bench) -> None:
    """The documents of AWS's policy and of the boundary would be reads more, and are none."""
    wanted = stack(permissions_boundary=LOGS)
    bench.apply(wanted)
    reads = {
        "GetCallerIdentity": 1,
        "GetRole": 1,
        "ListAttachedRolePolicies": 1,
        "ListInstanceProfilesForRole": 1,
        "ListRolePolicies": 1,
    }

    assert requests_of_a_plan(bench, wanted) == reads
    assert requests_of_a_plan(bench, stack(permissions_boundary=LOGS, description="x")) == reads
    assert bench.plan(wanted).access == AccessChanges()
