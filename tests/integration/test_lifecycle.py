"""The life of a stack on the local AWS: made, changed field by field, settled, changed back, destroyed."""

from __future__ import annotations

import copy

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.sandbox.furnishing import furnish
from support.full import EDITS, comparable, full_stack
from support.moto_server import account_snapshot
from support.runs import Bench, changes


@pytest.fixture
def instance(aws: Aws, sandbox: Sandbox) -> str:
    """The account as somebody else left it; the id of its instance."""
    return furnish(aws, sandbox.url)


@pytest.mark.parametrize("name", EDITS)
def test_each_field_changes_once_and_settles(
    bench: Bench, aws: Aws, instance: str, name: str
) -> None:
    """A changed field is planned, applied, then settled; going back is, too; destroy leaves what was."""
    before = account_snapshot(aws)
    stack = full_stack(instance)
    assert bench.apply(stack).status is Status.APPLIED
    made = account_snapshot(aws)
    edit, expected = EDITS[name]
    edited = copy.deepcopy(stack)
    edit(edited)

    plan = bench.plan(edited)
    outcome = bench.apply(edited)

    assert changes(plan) == expected
    assert (outcome.status, outcome.failed) == (Status.APPLIED, ())
    assert changes(bench.plan(edited)) == {}
    back = bench.apply(stack)
    assert (back.status, back.failed) == (Status.APPLIED, ())
    assert changes(bench.plan(stack)) == {}
    assert comparable(account_snapshot(aws)) == comparable(made)
    assert bench.destroy("full").status is Status.APPLIED
    assert account_snapshot(aws) == before
