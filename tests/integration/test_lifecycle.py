"""The life of a stack on the local AWS: made, changed field by field, settled, changed back, destroyed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.sandbox.furnishing import furnish
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from support.full import EDITS, comparable, full_stack
from support.moto_server import account_snapshot
from support.runs import Bench, changes, operations


@pytest.fixture
def instance(aws: Aws, sandbox: Sandbox) -> str:
    """The account as somebody else left it; the id of its instance."""
    return furnish(aws, sandbox.url)


GROUPS = 4
"""The edits are tried on so many accounts, so that several processes share them."""


@pytest.mark.parametrize("group", range(GROUPS))
def test_each_field_changes_once_and_settles(
    bench: Bench, aws: Aws, instance: str, group: int
) -> None:
    """A changed field is planned, applied, then settled; going back is, too; destroy leaves what was."""
    before = account_snapshot(aws)
    stack = full_stack(instance)
    assert bench.apply(stack).status is Status.APPLIED
    made = account_snapshot(aws)
    for name in list(EDITS)[group::GROUPS]:
        there_and_back(bench, stack, name)
        assert comparable(account_snapshot(aws)) == comparable(made), name
    assert bench.destroy("full").status is Status.APPLIED
    assert account_snapshot(aws) == before


def there_and_back(bench: Bench, stack: dict[str, Any], name: str) -> None:
    """Make an edit, and take it back."""
    edit, expected = EDITS[name]
    edited = copy.deepcopy(stack)
    edit(edited)

    session = bench.session(stack["stack"])
    plan = bench.planned(session, edited)
    outcome = session.apply(plan)

    assert changes(plan) == expected, name
    assert (outcome.status, outcome.failed) == (Status.APPLIED, ()), name
    assert changes(bench.plan(edited)) == {}, name
    back = bench.apply(stack)
    assert (back.status, back.failed) == (Status.APPLIED, ()), name
    assert changes(bench.plan(stack)) == {}, name


def test_what_is_to_be_ignored_plans_nothing(bench: Bench, aws: Aws, instance: str) -> None:
    """Tags that somebody else keeps are neither a change nor drift, and stay through other updates."""
    stack = full_stack(instance)
    stack["roles"]["web"]["lifecycle"] = {"ignore_changes": ["tags"]}
    bench.apply(stack)
    aws.call("iam", "TagRole", {"RoleName": "web", "Tags": [{"Key": "owner", "Value": "them"}]})

    assert changes(bench.plan(stack)) == {}
    stack["roles"]["web"]["description"] = "Other"
    assert operations(bench.plan(stack)) == ["iam:UpdateRole"]
    assert bench.apply(stack).failed == ()
    assert changes(bench.plan(stack)) == {}
    assert account_snapshot(aws)["roles"]["web"]["Tags"]["owner"] == "them"


def test_a_revision_of_somebody_else_is_not_retired(bench: Bench, aws: Aws, instance: str) -> None:
    """A deployment copies our revision with its tags; the copy is theirs, whatever becomes of the binding."""
    stack = full_stack(instance)
    bench.apply(stack)
    family = "example-queue-worker"
    ours = aws.read(
        "ecs", "DescribeTaskDefinition", {"taskDefinition": family, "include": ["TAGS"]}
    )
    copied = ("containerDefinitions", "family", "taskRoleArn", "executionRoleArn")
    theirs = aws.call(
        "ecs",
        "RegisterTaskDefinition",
        {name: ours["taskDefinition"][name] for name in copied} | {"tags": ours["tags"]},
    )["taskDefinition"]["taskDefinitionArn"]
    stack["roles"]["task"]["description"] = "Other"
    bench.apply(stack)
    stack["service_bindings"]["task"]["task_role"] = "execution"

    plan = bench.plan(stack)

    assert "ecs:DeregisterTaskDefinition" not in operations(plan)
    assert bench.apply(stack).failed == ()
    assert bench.destroy("full").failed == ()
    status = aws.read("ecs", "DescribeTaskDefinition", {"taskDefinition": theirs})
    assert status["taskDefinition"]["status"] == "ACTIVE"


def test_a_revision_made_meanwhile_stops_the_binding(bench: Bench, aws: Aws, instance: str) -> None:
    """The copy is of the newest revision, also when it is newer than the plan."""
    stack = full_stack(instance)
    session = bench.session("full")
    plan = bench.planned(session, stack)
    aws.call(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": "example-queue-worker",
            "containerDefinitions": [{"name": "x", "image": "new", "memory": 64}],
        },
    )

    outcome = session.apply(plan)

    assert outcome.status is Status.ROLLED_BACK
    assert [failure.code for failure in outcome.failed] == ["ChangedMeanwhile"]


def test_an_unknown_target_is_refused_beside_a_known_one(bench: Bench, instance: str) -> None:
    """A misspelt address is never passed over."""
    known, unknown = Address.parse("role.web"), Address.parse("role.wbe")

    with pytest.raises(Problem, match=r"role\.wbe is neither"):
        bench.plan(full_stack(instance), targets=frozenset({known, unknown}))


def test_a_role_deleted_and_made_again_lets_go_of_what_left_the_file(
    bench: Bench, instance: str
) -> None:
    """What hangs on it and leaves the stack in the same apply is taken off by its own removal."""
    stack = full_stack(instance)
    stack["roles"]["web"]["path"] = "/p/"
    bench.apply(stack)
    stack["roles"]["web"]["path"] = "/"
    del stack["permission_policies"]["inline"], stack["permission_policies"]["logs"]
    del stack["service_bindings"]["web"]

    outcome = bench.apply(stack)

    assert (outcome.status, outcome.failed) == (Status.APPLIED, ())
    assert changes(bench.plan(stack)) == {}
