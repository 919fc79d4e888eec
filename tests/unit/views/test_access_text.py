"""How the access that a plan gives and takes is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rolewright.engine.access_changes import (
    AccessChanges,
    AccessEntry,
    DangerEntry,
    RoleAccess,
    TrustEntry,
)
from rolewright.engine.plan import Action, Change
from rolewright.engine.views.access_json import access_json, condition_block
from rolewright.engine.views.access_text import access_section, gained_heads
from rolewright.engine.views.access_words import danger_text
from unit.views import samples
from unit.views.samples import ADMIN, BUCKET, allow, change, document, plan, policy, role

TLS = {"operator": "Bool", "key": "aws:SecureTransport", "values": ["true"]}
ROLE = change("role.photo-reader", Action.NO_OP, before=role(), after=role())


def create(name: str, *statements: Any, **more: Any) -> Change:
    return change(
        f"permission_policy.{name}", Action.CREATE, after=policy(name, *statements, **more)
    )


def update(before: Any, after: Any) -> Change:
    return change("permission_policy.p", Action.UPDATE, before=before, after=after)


def shown(*changes: Change, **documents: Any) -> list[str]:
    """The lines of the section, without its heading."""
    return told(samples.with_access(plan(*changes), **documents).access)


def told(access: AccessChanges | None) -> list[str]:
    lines = [line.text for line in access_section(plan(access=access))]
    assert lines[:1] == ["Access:"][: len(lines)]
    return lines[1:-1]


def of(*gained: AccessEntry, **more: Any) -> list[str]:
    return told(AccessChanges((RoleAccess("role.r", "r", gained, **more),)))


def test_nothing_is_said_of_nothing() -> None:
    """Neither where no access changes nor where nobody worked it out."""
    assert told(None) == []
    assert told(AccessChanges()) == []


def test_few_actions_are_named() -> None:
    """With the resources that they share, in one line, and the policy."""
    found = shown(ROLE, create("p", allow(["s3:GetObject", "s3:PutObject"], [BUCKET, "arn:b"])))

    assert found == [
        "  + photo-reader gains 1 write, 1 read actions",
        f"      + s3: GetObject, PutObject on {BUCKET}  (permission_policy.p)",
    ]


def test_many_actions_are_counted() -> None:
    """The levels stand for the actions, the riskiest first."""
    some = ["s3:Get*", "s3:ListBucket", "s3:PutBucketPolicy", "s3:PutObject"]
    found = shown(ROLE, create("p", allow(some, ["*"])))

    levels = "permissions management, write, read, list"
    assert found == [
        "  + photo-reader gains 1 permissions management, 1 write, 2 read, 1 list actions",
        f"      + s3: {levels} on every resource (5 actions)  (permission_policy.p)",
    ]


def test_everything_is_said_in_words() -> None:
    """Never as a list of actions, with limits where there are some."""
    attached = change(
        "permission_policy.p",
        Action.CREATE,
        after={"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]},
    )
    everything = "ALL actions on ALL resources, including future ones"

    assert shown(ROLE, attached, AdministratorAccess=document(allow(["*"], ["*"]))) == [
        f"  + photo-reader gains {everything}",
        "      ! administrator: Do everything on every resource  (permission_policy.p)",
        f"      + {everything}  (permission_policy.p)",
    ]
    tls = {"Bool": {"aws:SecureTransport": "true"}}
    limited = shown(ROLE, create("p", allow(["*"], ["*"], Condition=tls)))
    assert limited[2].startswith(f"      + {everything} if aws:SecureTransport is true")


def test_a_whole_service_and_all_but_one() -> None:
    """What AWS may add later is part of a whole service, and is said."""
    found = shown(ROLE, create("p", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
    found = [each for each in found if not each.startswith("      ! ")]
    unknown = "all actions of services that AWS does not have yet"
    where = "including future ones, on every resource"

    assert found[1:] == [
        f"      + {unknown} on every resource  (permission_policy.p)",
        f"      + kms: ALL actions, {where} (1 action)  (permission_policy.p)",
        f"      + s3: ALL actions, {where} (8 actions)  (permission_policy.p)",
    ]


def test_many_services_are_one_line() -> None:
    """A policy such as ReadOnlyAccess is a handful of lines."""
    services = [f"s{number}" for number in range(300)]
    entry = AccessEntry(
        {f"{service}:Get*": "Read" for service in services},
        "*",
        services={service: {"Read": 10, "List": 5} for service in services},
    )
    whole = replace(entry, actions={f"{service}:*": "Read" for service in services})

    assert of(entry)[1] == "      + 300 services: 3,000 read, 1,500 list on every resource"
    assert of(whole)[1] == (
        "      + 300 services: ALL actions, including future ones, on every resource (4,500 actions)"
    )


def test_a_changed_condition() -> None:
    """It is neither gained nor lost, but changed."""
    one, other = (
        policy("p", allow(["s3:GetObject"], ["*"], Condition={"StringEquals": {"aws:k": value}}))
        for value in ("a", "b")
    )

    limits = "now if aws:k is b, no longer if aws:k is a"
    assert shown(ROLE, update(one, other)) == [
        "  ~ photo-reader has 1 read action under other conditions",
        f"      ~ s3: GetObject on every resource {limits}  (permission_policy.p)",
    ]


def test_what_is_not_certain() -> None:
    """It is put as something that may be."""
    entry = AccessEntry({"s3:GetObject": "Read"}, "*", exact=False)

    assert of(entry, gained_levels={"Read": 1}) == [
        "  + r may gain 1 read action",
        "      + s3: perhaps GetObject on every resource",
    ]


def test_what_could_not_be_read() -> None:
    """A policy and a boundary go by their names."""
    arn = "arn:aws:iam::123456789012:policy/x"
    entries = (
        AccessEntry({f"policy:{ADMIN}": ""}, f"policy:{ADMIN}", exact=False),
        AccessEntry({f"boundary:{arn}": ""}, f"boundary:{arn}", exact=False),
    )

    assert of(*entries) == [
        "  + r may gain access that can't be told",
        "      + all that the policy AdministratorAccess allows (it could not be read)",
        f"      + all that the boundary {arn} kept back (it could not be read)",
    ]


def test_what_grants_nothing() -> None:
    """It is told only where there is nothing else to tell."""
    idle = AccessEntry({"s3:GetObject": "Read"}, BUCKET, effective=False)
    works = AccessEntry({"s3:ListBucket": "List"}, BUCKET)

    assert of(idle) == [
        "  + r gains nothing that works",
        f"      + s3: GetObject on {BUCKET}: grants nothing, for these actions work on no such resource",
    ]
    assert of(idle, works, gained_levels={"List": 1})[1:] == [f"      + s3: ListBucket on {BUCKET}"]


def test_trust() -> None:
    """Who may assume the role is told with what the role may do; public trust is a danger."""
    one = TrustEntry("lambda.amazonaws.com", "service", "service lambda may assume the role")
    public = TrustEntry("*", "anyone", "anyone may assume the role (public)", public=True)
    access = RoleAccess("role.r", "r", trust_gained=(one, public), trust_lost=(one,))

    assert told(AccessChanges((access,))) == [
        "  + r is opened to 2 principals",
        "      ! anyone may assume the role (public)",
        "      + service lambda may assume the role",
        "  - r is closed to 1 principal",
        "      - service lambda may assume the role",
    ]
    gone = replace(access, trust_gained=(), gone=True)
    assert told(AccessChanges((gone,))) == []


def test_dangers_come_first() -> None:
    """A few of each kind, before all other roles and lines."""
    many = tuple(
        DangerEntry("privilege escalation", f"iam-{n}", f"Way {n}", (), "*", ("p",))
        for n in range(5)
    )
    entry = AccessEntry({"iam:PutRolePolicy": "Permissions management"}, "*")
    read = AccessEntry({"s3:GetObject": "Read"}, "*")
    harmless = RoleAccess("role.a", "a", (read,), gained_levels={"Read": 1})
    levels = {"Permissions management": 1}
    dangerous = RoleAccess("role.r", "r", (entry,), dangers=many, gained_levels=levels)

    assert told(AccessChanges((harmless, dangerous))) == [
        "  + r gains 1 permissions management action",
        "      ! privilege escalation: Way 0 on every resource  (p)",
        "      ! privilege escalation: Way 1 on every resource  (p)",
        "      ! privilege escalation: Way 2 on every resource  (p)",
        "      ! privilege escalation: 2 more ways; --format json has all",
        "      + iam: PutRolePolicy on every resource",
        "  + a gains 1 read action",
        "      + s3: GetObject on every resource",
    ]


def test_a_danger_of_many_actions() -> None:
    """Only the first are named, and what it hangs on is said."""
    actions = tuple(f"s3:Delete{n}" for n in range(5))
    danger = DangerEntry("data destruction", "x", "Delete objects", actions, BUCKET, certain=False)
    limited = replace(danger, actions=actions[:1], conditions=(TLS,))

    assert danger_text(danger) == (
        f"Delete objects (s3:Delete0, s3:Delete1, s3:Delete2 and 2 more) on {BUCKET} perhaps"
    )
    assert danger_text(limited) == (
        f"Delete objects (s3:Delete0) on {BUCKET} if aws:SecureTransport is true"
    )


def services(*keys: str, **more: Any) -> list[Change]:
    found: list[Change] = []
    for key in keys:
        name = f"svc-{key}"
        found += [
            change(f'role.svc["{key}"]', Action.NO_OP, before=role(name), after=role(name)),
            change(
                f'permission_policy.svc["{key}"]',
                Action.CREATE,
                after=policy(name, allow(["s3:PutObject"], [f"arn:{key}/*"]), roles=[name], **more),
            ),
        ]
    return found


def test_instances_of_for_each_are_told_together() -> None:
    """Roles that get the same but for their key are one block; a key that is part of a word stays."""
    assert shown(*services("a", "cart", "search")) == [
        "  + svc-${each.key} gains 1 write action  (role.svc, each of 3)",
        '      + s3: PutObject on arn:${each.key}/*  (permission_policy.svc["${each.key}"])',
    ]


def test_roles_that_get_the_same_are_told_together() -> None:
    """Both are named."""
    other = change("role.b", Action.NO_OP, before=role("b"), after=role("b"))
    both = create("p", allow(["s3:GetObject"], ["*"]), roles=["photo-reader", "b"])

    assert shown(ROLE, other, both)[0] == "  + b and photo-reader gain 1 read action"


def test_gained_comes_first_and_is_cut() -> None:
    """A flood of gains doesn't hide what is lost, and says where the rest is."""
    gained = [AccessEntry({"s3:GetObject": "Read"}, f"arn:{n}", by=(f"p{n}",)) for n in range(50)]
    lost = AccessEntry({"s3:PutObject": "Write"}, "*")
    found = of(*gained, gained_levels={"Read": 1}, lost=(lost,), lost_levels={"Write": 1})

    assert found[20] == "  + … and 31 more lines; --format json has all"
    assert found[21:] == [
        "  - r loses 1 write action",
        "      - s3: PutObject on every resource",
    ]


def test_gained_heads() -> None:
    """What a pipeline is told of each role that gains something, and of no other."""
    access = samples.with_access(plan(*services("a"), samples.DELETE_ROLE)).access
    assert access is not None

    assert list(gained_heads(access)) == [('role.svc["a"]', "svc-a gains 1 write action")]


def test_json_has_an_item_for_each_pattern() -> None:
    """With all that is known of it."""
    entry = AccessEntry(
        {"s3:Get*": "Read", "s3:<future>": ""}, "*", (TLS,), ("a", "b"), changed=True
    )
    found = access_json(AccessChanges((RoleAccess("role.r", "r", (entry,)),), "9"))

    assert found["gained"] == [
        {
            "role": "r",
            "action": action,
            "resource": "*",
            "conditions": {"Bool": {"aws:SecureTransport": ["true"]}},
            "by": "a, b",
            "address": "role.r",
            "level": level,
            "exact": True,
            "effective": True,
            "dangers": [],
        }
        for action, level in (("s3:Get*", "Read"), ("s3:<future>", None))
    ]
    assert (found["lost"], found["catalogue_version"], found["exact"]) == ([], "9", True)


@pytest.mark.parametrize("access", [None, AccessChanges()])
def test_json_of_nothing(access: AccessChanges | None) -> None:
    """All keys are there, whatever there is to say."""
    assert access_json(access) == {
        "gained": [],
        "lost": [],
        "trust": {"gained": [], "lost": []},
        "dangers": [],
        "catalogue_version": None,
        "exact": True,
    }


def test_conditions_that_no_policy_can_hold() -> None:
    """What a condition block has no place for is marked in the operator."""
    like = {"operator": "StringLike", "key": "k"}
    found = condition_block(
        [{**like, "values": ["a*"]}, {**like, "values": ["*b"]}, {**TLS, "negated": True}]
    )

    assert found == {
        "StringLike": {"k": ["a*"]},
        "also StringLike": {"k": ["*b"]},
        "not Bool": {"aws:SecureTransport": ["true"]},
    }
