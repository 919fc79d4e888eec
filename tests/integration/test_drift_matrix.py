"""The tamper matrix: every kind of tampering is found for what it is, and nothing harmless is reported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.drift.examine import Examined, examine
from rolewright.engine.drift.repair import plan_repair
from rolewright.engine.drift.report import Drift
from rolewright.engine.outcome import Status
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.sandbox.furnishing import furnish
from rolewright.resources.address import Address
from rolewright.resources.kind import Lifecycle
from support.drift_table import PAGE, page_with_matrix
from support.full import comparable, full_stack
from support.harmless import HARMLESS
from support.moto_server import account_snapshot
from support.runs import Bench
from support.tampers import MATRIX, OTHER, READ_ONLY, World, trusting

LIFECYCLES = {Address("role", "function"): Lifecycle(ignore_changes=("tags.owner", "description"))}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [trusting(Service="ec2.amazonaws.com")]})


def the_stack(instance: str) -> dict[str, Any]:
    stack = full_stack(instance)
    stack["roles"] |= {
        "partner": {
            "trust": {
                "accounts": [OTHER],
                "conditions": {"StringEquals": {"sts:ExternalId": "secret-handshake"}},
            }
        },
        "bounded": {"trust": "ec2", "permissions_boundary": READ_ONLY},
        "shared": {"trust": "ec2", "exclusive": False},
    }
    anywhere = {"resources": ["*"]}
    stack["permission_policies"] |= {
        "both": {
            "roles": ["task", "execution"],
            "inline": True,
            "statements": [{"actions": ["sqs:SendMessage"], **anywhere}],
        },
        "wide": {
            "roles": ["bounded"],
            "inline": True,
            "statements": [{"actions": ["s3:*"], **anywhere}],
        },
        "extra": {"roles": ["task"], "statements": [{"actions": ["sns:Publish"], **anywhere}]},
        "guard": {
            "roles": ["task"],
            "statements": [
                {
                    "actions": ["s3:GetObject", "s3:ListBucket"],
                    "resources": ["arn:aws:s3:::g"],
                    "conditions": {
                        "StringEquals": {"aws:PrincipalTag/team": "media"},
                        "NumericLessThan": {"s3:max-keys": "10"},
                        "Bool": {"aws:SecureTransport": "true"},
                    },
                },
                {"actions": ["s3:GetBucketLocation"], **anywhere},
            ],
        },
        "partner-logs": {
            "roles": ["partner"],
            "managed_policy": "CloudWatchLogsReadOnlyAccess",
        },
    }
    return stack


@pytest.fixture
def instance(aws: Aws, sandbox: Sandbox) -> str:
    """The account with what others have made there, and the id of its instance."""
    return furnish(aws, sandbox.url)


def the_world(bench: Bench, instance: str) -> World:
    """The stack, applied twice so that a policy has an older version, among what others have."""
    aws = bench.connect()
    run = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
    spare = aws.call("ec2", "RunInstances", run)["Instances"][0]["InstanceId"]
    world = World(aws, instance, spare)
    world.iam("CreateUser", UserName="stranger")
    world.iam("CreateGroup", GroupName="strangers")
    world.iam("CreateRole", RoleName="stranger", AssumeRolePolicyDocument=TRUST)
    world.iam("CreateInstanceProfile", InstanceProfileName="strange")
    world.iam("AddRoleToInstanceProfile", InstanceProfileName="strange", RoleName="stranger")
    stack = the_stack(world.instance)
    (statement,) = stack["permission_policies"]["read"]["statements"]
    wanted, statement["resources"] = statement["resources"], ["arn:aws:s3:::b/old/*"]
    assert bench.apply(stack).status is Status.APPLIED
    statement["resources"] = wanted
    assert bench.apply(stack).status is Status.APPLIED
    bench.clock.sleep(3600)
    return world


def look(bench: Bench) -> Examined:
    return examine(bench.session("full"), LIFECYCLES)


def triples(drifted: Iterable[Drift]) -> list[tuple[str, str, str]]:
    return sorted((drift.address, drift.type.value, drift.severity.value) for drift in drifted)


def said(drifted: Iterable[Drift]) -> str:
    return "\n".join(
        f"    {drift.address} {drift.type} {drift.severity} {drift.subject}: {drift.reason}"
        for drift in drifted
    )


def mend(bench: Bench) -> None:
    """Bring all back as `drift --fix` does."""
    session = bench.session("full")
    plan = plan_repair(session, examine(session, LIFECYCLES))
    assert session.apply(plan).status is Status.APPLIED
    bench.clock.sleep(3600)


def test_every_tampering_is_found(bench: Bench, instance: str) -> None:
    """Each with its address, type and severity, and nothing besides; put back, nothing is left."""
    world = the_world(bench, instance)
    assert triples(look(bench).report.drifted) == []
    wrong: list[str] = []
    known: set[str] = set()

    for tamper in sorted(MATRIX, key=lambda each: each.last):
        steps = tamper.make(world)
        next(steps)
        drifted = [each for each in look(bench).report.drifted if each.key not in known]
        if triples(drifted) != sorted(tamper.expected):
            wrong.append(f"{tamper.area}: {tamper.name}\n{said(drifted) or '    nothing'}")
        if tamper.last:
            known |= {each.key for each in drifted}
            continue
        next(steps, None)
        if tamper.mends:
            mend(bench)

    assert not wrong, "\n".join(wrong)


def test_nothing_harmless_is_reported(bench: Bench, instance: str) -> None:
    """Cosmetic rewrites, and what is not ours, are no drift."""
    world = the_world(bench, instance)
    wrong: list[str] = []

    for area, name, make in HARMLESS:
        steps = make(world)
        next(steps)
        if drifted := look(bench).report.drifted:
            wrong.append(f"{area}: {name}\n{said(drifted)}")
        next(steps, None)

    assert not wrong, "\n".join(wrong)


def test_the_matrix_is_as_large_as_it_says() -> None:
    """45 kinds of tampering and 25 harmless ones at least, none of them twice."""
    assert len(MATRIX) >= 45
    assert len(HARMLESS) >= 25
    names = Counter((each.area, each.name) for each in MATRIX)
    names.update((area, name) for area, name, _ in HARMLESS)
    assert set(names.values()) == {1}


MENDED = {
    "description",
    "anyone",
    "removed, and AdministratorAccess attached",
    "added: everything",
    "deleted from one of two roles",
    "AdministratorAccess attached",
    "detached",
    "a new default version: everything",
    "a dormant version: everything",
    "attached to a user",
    "attached to a group",
    "attached to a role of others",
    "emptied",
    "one more that carries our role",
    "the association replaced",
    "one more instance carries our profile",
    "another role given to the function",
    "a revision with other roles",
}
"""A sample, made together; what is deleted and made again the matrix itself mends."""


def test_fixing_brings_the_account_back(bench: Bench, instance: str) -> None:
    """After a repair of many drifts at once there is none, and the account is as before."""
    world = the_world(bench, instance)
    before = comparable(account_snapshot(world.aws))
    chosen = [tamper for tamper in MATRIX if tamper.name in MENDED]
    assert {type_ for tamper in chosen for _, type_, _ in tamper.expected} == {
        "changed",
        "missing",
        "unmanaged",
    }
    started = [tamper.make(world) for tamper in chosen]
    for steps in started:
        next(steps)
    assert len(look(bench).report.drifted) >= 15

    mend(bench)

    assert said(look(bench).report.drifted) == ""
    assert comparable(account_snapshot(world.aws)) == before


def test_the_page_shows_the_matrix() -> None:
    """docs/drift.md has the matrix as it is: `PYTHONPATH=tests python -m support.drift_table`."""
    page = PAGE.read_text(encoding="utf-8")

    assert page == page_with_matrix(page)
