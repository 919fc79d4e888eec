"""`apply --fail-on-access-gain`: which plans it lets pass."""

from __future__ import annotations

import pytest
from rolewright.engine.access_changes import AccessChanges, AccessEntry, RoleAccess, TrustEntry
from rolewright.engine.cli.apply import refuse_gain
from rolewright.resources.diagnostics import Problem
from unit.views.samples import plan

ENTRY = AccessEntry({"s3:GetObject": "Read"}, "*")
TRUSTED = TrustEntry("*", "anyone", "anyone may assume the role")


@pytest.mark.parametrize(
    "roles", [(), (RoleAccess("role.a", "a", lost=(ENTRY,), trust_lost=(TRUSTED,)),)]
)
def test_a_plan_that_gives_nothing_passes(roles: tuple[RoleAccess, ...]) -> None:
    """Less access is no reason to stop."""
    refuse_gain(plan(access=AccessChanges(roles)))


def test_each_role_that_gains_is_named() -> None:
    """Also one that others may newly assume, and what may be gained only."""
    perhaps = AccessEntry({"policy:x": ""}, "policy:x", exact=False)
    roles = (
        RoleAccess("role.a", "a", (ENTRY,), gained_levels={"Read": 1}),
        RoleAccess("role.b", "b", lost=(ENTRY,)),
        RoleAccess("role.c", "c", trust_gained=(TRUSTED,)),
        RoleAccess("role.d", "d", (perhaps,)),
    )
    with pytest.raises(Problem) as caught:
        refuse_gain(plan(access=AccessChanges(roles)))

    assert [(each.code, each.address, each.summary) for each in caught.value.diagnostics] == [
        ("access-gained", "role.a", "a gains 1 read action"),
        ("access-gained", "role.c", "c is opened to 1 principal"),
        ("access-gained", "role.d", "d may gain access that can't be told"),
    ]


def test_a_plan_of_an_earlier_version_is_refused() -> None:
    """It doesn't say what it gives, so nobody can know that it gives nothing."""
    with pytest.raises(Problem) as caught:
        refuse_gain(plan(access=None))

    assert [each.code for each in caught.value.diagnostics] == ["access-unknown"]
