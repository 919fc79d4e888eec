"""Random stacks, random edits and random faults: a failed apply changes nothing, and a plan after an apply is empty."""

from __future__ import annotations

import contextlib
import copy
import random
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.sandbox import Sandbox, reset
from rolewright.engine.sandbox.furnishing import furnish
from support.faults import Case, Fault, Trial, Unplannable
from support.full import EDITS, full_stack

from .conftest import EVERYTHING

FAULTS = (Fault.DENIED, Fault.AFTER, Fault.BEFORE, Fault.SERVER)
Stack = dict[str, Any]


def _some(stack: Stack, section: str, chance: random.Random) -> None:
    """Leave some resources of a section out."""
    for name in sorted(stack[section]):
        if chance.random() < 0.3:
            del stack[section][name]


def random_stack(instance: str, chance: random.Random) -> Stack:
    """A stack of some policies and bindings on all roles, with some of the edits that there are."""
    stack = full_stack(instance)
    for name in chance.sample(sorted(EDITS), chance.randrange(4)):
        edit, _ = EDITS[name]
        # One edit may have taken away what another one would edit.
        with contextlib.suppress(KeyError):
            edit(stack)
    _some(stack, "permission_policies", chance)
    _some(stack, "service_bindings", chance)
    return stack


@pytest.mark.parametrize("seed", range(60 if EVERYTHING else 4))
def test_apply_and_rollback_of_random_stacks(
    tmp_path: Path, sandbox: Sandbox, aws: Aws, seed: int
) -> None:
    """The account ends at the target or at the start, and what follows plans as it did before."""
    chance = random.Random(seed)
    reset(sandbox)
    instance = furnish(aws, sandbox.url)
    before = random_stack(instance, chance)
    after = copy.deepcopy(random_stack(instance, chance))
    trial = Trial(Case(before, after), tmp_path, sandbox, aws, parallelism=1)
    try:
        trial.learn()
    except Unplannable as error:
        pytest.skip(f"this pair of stacks can't be planned: {error}")
    if not trial.calls:
        pytest.skip("this pair of stacks is the same to AWS")

    for _ in range(3):
        trial.verdict(chance.choice(FAULTS), chance.randrange(len(trial.calls)) + 1)
