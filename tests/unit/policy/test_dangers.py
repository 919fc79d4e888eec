"""What is dangerous in what a role may do, checked by hand, and against the evaluator."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import parse
from rolewright.resources.policy.access import Permissions, access_difference
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.dangers import Danger, DangerKind, dangers_of, newly_dangerous
from rolewright.resources.policy.escalations import Reach, destructions, escalations
from rolewright.resources.policy.evaluator import (
    Caller,
    CallerKind,
    Decision,
    NamedPolicy,
    Policies,
    Request,
    evaluate,
)

CATALOGUE = Catalogue.bundled()
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/*"
TEAM = {"StringEquals": {"aws:PrincipalTag/team": "a"}}

Json = dict[str, Any]
NOBODY = Permissions(())


def statement(
    effect: str, actions: Any, resource: Any = "*", condition: Json | None = None
) -> Json:
    """A statement; actions that begin with `not ` are for NotAction."""
    names = [actions] if isinstance(actions, str) else list(actions)
    element = "NotAction" if names[0].startswith("not ") else "Action"
    found: Json = {"Effect": effect, element: [each.removeprefix("not ") for each in names]}
    return {**found, "Resource": resource, "Condition": condition or {}}


def allow(actions: Any, resource: Any = "*", condition: Json | None = None) -> Json:
    return statement("Allow", actions, resource, condition)


def deny(actions: Any, resource: Any = "*", condition: Json | None = None) -> Json:
    return statement("Deny", actions, resource, condition)


def role(*statements: Json, boundary: Iterable[Json] | None = None) -> Permissions:
    def policy(found: Iterable[Json]) -> Any:
        return parse({"Version": "2012-10-17", "Statement": list(found)})

    named = (NamedPolicy("main", policy(statements)),)
    return Permissions(named, None if boundary is None else policy(boundary))


def change(before: Permissions, after: Permissions) -> tuple[Danger, ...]:
    difference = access_difference(before, after, CATALOGUE)
    return newly_dangerous(before, after, difference, CATALOGUE, role_arn=ROLE)


def said(found: Iterable[Danger]) -> list[str]:
    return [f"{each.id} on {each.resource}" + ("" if each.certain else " ?") for each in found]


def passed_to(*services: str, operator: str = "StringEquals") -> Json:
    return {operator: {"iam:PassedToService": [f"{name}.amazonaws.com" for name in services]}}


LAMBDA = ["lambda:CreateFunction", "lambda:InvokeFunction"]
PASS = "iam:PassRole"
ADMIN = ["administrator on *"]

STANDING: list[tuple[str, Permissions, list[str]]] = [
    ("nothing", role(allow("s3:GetObject")), []),
    ("all", role(allow("*")), ADMIN),
    ("all by another name", role(allow("*:*", "*")), ADMIN),
    ("all but what is denied", role(allow("*"), deny("organizations:*")), ADMIN),
    ("all if", role(allow("*", "*", TEAM)), ["administrator on * ?"]),
    ("all in two layers", role(allow("*"), boundary=[allow("*")]), ADMIN),
    ("all of one service", role(allow("iam:CreatePolicyVersion")), ["iam-001 on *"]),
    ("boundary of nothing", role(allow("*"), boundary=[allow("s3:GetObject")]), []),
    ("boundary of one", role(allow("*"), boundary=[allow("iam:PutRolePolicy")]), ["iam-005 on *"]),
    ("boundary alone", role(allow("s3:Get*"), boundary=[allow("*")]), []),
    ("denied", role(allow("iam:PutRolePolicy"), deny("iam:Put*")), []),
    (
        "denied elsewhere",
        role(allow("iam:PutRolePolicy"), deny("iam:Put*", OTHER)),
        [f"iam-005 on * except {OTHER}"],
    ),
    ("on itself", role(allow("iam:PutRolePolicy", ROLE)), [f"iam-005 on {ROLE}"]),
    ("on no role", role(allow("iam:PutRolePolicy", "arn:aws:s3:::b")), []),
    ("case", role(allow("IAM:putrolepolicy")), ["iam-005 on *"]),
    ("if", role(allow("iam:PutRolePolicy", "*", TEAM)), ["iam-005 on * ?"]),
    ("pass and create", role(allow([PASS, *LAMBDA])), ["lambda-001 on *"]),
    ("pass alone", role(allow(PASS)), []),
    ("create alone", role(allow(LAMBDA)), []),
    ("pass itself", role(allow(PASS, ROLE), allow(LAMBDA)), []),
    ("pass another", role(allow(PASS, OTHER), allow(LAMBDA)), [f"lambda-001 on {OTHER}"]),
    ("pass both", role(allow(PASS, [ROLE, OTHER]), allow(LAMBDA)), [f"lambda-001 on {OTHER}"]),
    ("pass to it", role(allow(PASS, "*", passed_to("lambda")), allow(LAMBDA)), ["lambda-001 on *"]),
    ("pass to another", role(allow(PASS, "*", passed_to("ec2")), allow(LAMBDA)), []),
    (
        "pass to any but it",
        role(allow(PASS, "*", passed_to("lambda", operator="StringNotEquals")), allow(LAMBDA)),
        [],
    ),
    (
        "pass to any but another",
        role(allow(PASS), deny(PASS, "*", passed_to("ec2")), allow(LAMBDA)),
        ["lambda-001 on *"],
    ),
    (
        "pass to a service not known by name",
        role(
            allow(PASS, "*", passed_to("ec2")),
            allow(["datapipeline:*PipelineDefinition", "datapipeline:*tePipeline"]),
        ),
        ["datapipeline-001 on * ?"],
    ),
    (
        "pass to it if",
        role(allow(PASS, "*", passed_to("lambda") | {"Null": {"k:a": "false"}}), allow(LAMBDA)),
        ["lambda-001 on * ?"],
    ),
    (
        "larger sets are left out",
        role(allow(["iam:AttachRolePolicy", "sts:AssumeRole"], OTHER)),
        [f"iam-009 on {OTHER}"],
    ),
    ("assume one", role(allow("sts:AssumeRole", OTHER)), []),
    ("assume any", role(allow("sts:AssumeRole", ROLES)), [f"sts-001 on {ROLES}"]),
    (
        "assume any but",
        role(allow("sts:AssumeRole"), deny("sts:*", OTHER)),
        [f"sts-001 on * except {OTHER}"],
    ),
    (
        "destroy",
        role(allow("s3:DeleteObject", "arn:aws:s3:::b/*")),
        ["destroy-s3 on arn:aws:s3:::b/*"],
    ),
    ("destroy what it is not for", role(allow("s3:DeleteBucket", "arn:aws:s3:::b/*")), []),
    ("destroy if", role(allow("kms:DisableKey", "*", TEAM)), ["destroy-kms on * ?"]),
    (
        "destroy much",
        role(allow("s3:DeleteObject", [f"arn:aws:s3:::{name}/*" for name in "abcde"])),
        ["destroy-s3 on arn:aws:s3:::a/*, arn:aws:s3:::b/*, arn:aws:s3:::c/* and 2 more"],
    ),
    ("destroy nothing", role(allow("s3:*"), deny(["s3:Delete*", "s3:Put*", "s3:Bypass*"])), []),
]


@pytest.mark.parametrize(
    ("_case", "permissions", "expected"), STANDING, ids=lambda each: str(each)[:30]
)
def test_standing(_case: str, permissions: Permissions, expected: list[str]) -> None:
    assert said(dangers_of(permissions, CATALOGUE, role_arn=ROLE)) == expected


FUNCTION = role(allow(LAMBDA))
CHANGES: list[tuple[str, Permissions, Permissions, list[str]]] = [
    ("no role", NOBODY, role(allow(PASS), allow(LAMBDA)), ["lambda-001 on *"]),
    ("completed", FUNCTION, role(allow(LAMBDA), allow(PASS)), ["lambda-001 on *"]),
    (
        "completed from the other side",
        role(allow(PASS)),
        role(allow([PASS, *LAMBDA])),
        ["lambda-001 on *"],
    ),
    (
        "there before",
        role(allow([PASS, *LAMBDA])),
        role(allow([PASS, *LAMBDA, "s3:GetObject"])),
        [],
    ),
    ("written in another way", role(allow([PASS, *LAMBDA])), role(allow(PASS), allow(LAMBDA)), []),
    ("taken", role(allow([PASS, *LAMBDA])), FUNCTION, []),
    (
        "more roles",
        role(allow(PASS, OTHER), allow(LAMBDA)),
        role(allow([PASS, *LAMBDA])),
        [f"lambda-001 on * except {OTHER}"],
    ),
    (
        "more functions",
        role(allow(PASS), allow(LAMBDA, "arn:aws:lambda:*:*:function:f")),
        role(allow([PASS, *LAMBDA])),
        [],
    ),
    (
        "another service",
        role(allow(PASS, "*", passed_to("ec2")), allow(LAMBDA)),
        role(allow(PASS, "*", passed_to("ec2", "lambda")), allow(LAMBDA)),
        ["lambda-001 on *"],
    ),
    (
        "no condition any more",
        role(allow("iam:PutRolePolicy", "*", TEAM)),
        role(allow("iam:PutRolePolicy")),
        ["iam-005 on *"],
    ),
    (
        "a condition more",
        role(allow("iam:PutRolePolicy")),
        role(allow("iam:PutRolePolicy", "*", TEAM)),
        [],
    ),
    (
        "no Deny any more",
        role(allow("iam:Put*"), deny("iam:*")),
        role(allow("iam:PutRolePolicy")),
        ["iam-005 on *"],
    ),
    (
        "no boundary any more",
        role(allow("iam:PutRolePolicy"), boundary=[allow("s3:*")]),
        role(allow("iam:PutRolePolicy")),
        ["iam-005 on *"],
    ),
    ("administrator now", role(allow("s3:*")), role(allow("*")), ADMIN),
    ("administrator before", role(allow("*")), role(allow("*"), allow("iam:*", ROLE)), []),
    ("administrator without a Deny", role(allow("*"), deny("iam:*")), role(allow("*")), ADMIN),
    ("administrator at any time", role(allow("*", "*", TEAM)), role(allow("*")), ADMIN),
    (
        "destroy more",
        role(allow("s3:DeleteObject", "arn:aws:s3:::a/*")),
        role(allow("s3:DeleteObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])),
        ["destroy-s3 on arn:aws:s3:::b/*"],
    ),
    (
        "destroy as before",
        role(allow("s3:DeleteObject", "arn:aws:s3:::a/*")),
        role(allow("s3:*Object", "arn:aws:s3:::a/*")),
        [],
    ),
]


@pytest.mark.parametrize(
    ("_case", "before", "after", "expected"), CHANGES, ids=lambda each: str(each)[:30]
)
def test_changes(_case: str, before: Permissions, after: Permissions, expected: list[str]) -> None:
    assert said(change(before, after)) == expected


def test_words_say_if() -> None:
    permissions = role(
        allow(PASS, OTHER, passed_to("lambda")), allow(LAMBDA, "*", TEAM), allow("kms:DisableKey")
    )

    lambda_, kms = (danger.words for danger in dangers_of(permissions, CATALOGUE))
    assert lambda_ == (
        "Pass a role to a new Lambda function and invoke it (iam:PassRole, lambda:CreateFunction, "
        f"lambda:InvokeFunction) on {OTHER} if aws:PrincipalTag/team StringEquals a"
    )
    assert kms == "Make all that a key encrypts unreadable (kms:DisableKey) on *"
    (everything,) = dangers_of(role(allow("*"), deny("ec2:*")), CATALOGUE)
    assert everything.words == "Do everything but what is denied on *"


def test_policies_are_named() -> None:
    policies = [
        NamedPolicy(name, parse({"Version": "2012-10-17", "Statement": [allow(actions)]}))
        for name, actions in (("a", PASS), ("b", LAMBDA), ("c", "s3:GetObject"))
    ]

    (danger,) = dangers_of(Permissions(tuple(policies)), CATALOGUE)

    assert danger.by == ("a", "b")
    assert (danger.kind, danger.certain) == (DangerKind.PRIVILEGE_ESCALATION, True)


def test_boundary_is_named() -> None:
    """What goes away with the boundary comes about by the policy, which it held back."""
    before = role(allow("iam:PutRolePolicy"), boundary=[allow("s3:*")])
    after = role(allow("iam:PutRolePolicy"), boundary=[allow(["s3:*", "iam:*"])])

    (danger,) = change(before, after)

    assert "boundary" in danger.by


@pytest.mark.parametrize("row", [*escalations(), *destructions()], ids=lambda row: row.id)
def test_actions_are_those_of_aws(row: Any) -> None:
    spelled = [CATALOGUE.action(name) for name in row.actions]

    assert [None if each is None else each.name for each in spelled] == list(row.actions)
    assert len(set(row.actions)) == len(row.actions)


def test_sets_are_sound() -> None:
    rows = escalations()

    assert len(rows) >= 60
    assert sum(not row.id.startswith("rw-") for row in rows) >= 60
    for found in (rows, destructions()):
        assert len({row.id for row in found}) == len({row.title for row in found}) == len(found)
    assert len({frozenset(row.actions) for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"rw-[a-z0-9-]+|[a-z0-9]+-[0-9]{3}", row.id)
        assert row.scope in row.actions
        assert (row.scope == PASS) == (row.reach is Reach.PASS)
        assert not row.services or row.reach is Reach.PASS


@pytest.mark.parametrize("row", escalations(), ids=lambda row: row.id)
def test_each_set_is_found_when_it_is_all_there_is(row: Any) -> None:
    """Alone it is reported, or a smaller one that is part of it; without one action it is not."""
    (danger,) = dangers_of(role(allow(list(row.actions))), CATALOGUE)[:1]
    assert set(danger.actions) <= set(row.actions)
    for missing in row.actions:
        less = role(allow(list(row.actions)), deny(missing))
        assert row.id not in {each.id for each in dangers_of(less, CATALOGUE)}


@pytest.mark.parametrize(
    "permissions",
    [
        role(allow("*")),
        role(allow(["not iam:*", "organizations:*", "account:*"])),
        role(allow("*:*e*")),
    ],
    ids=["administrator", "power user", "pattern"],
)
def test_wide_policies_are_fast(permissions: Permissions) -> None:
    """AdministratorAccess and PowerUserAccess take a few milliseconds; half a second is the limit."""
    dangers_of(permissions, CATALOGUE)  # loads what the catalogue says of the actions
    start = process_time()
    assert dangers_of(permissions, CATALOGUE)

    assert process_time() - start < 0.5


ACTIONS = [
    PASS,
    "iam:*",
    "iam:Put*",
    "lambda:*",
    "lambda:CreateFunction",
    "*",
    "*:*Role*",
    "ec2:Run*",
]
RESOURCES = ["*", ROLE, OTHER, ROLES, "arn:aws:*:*:*:*", "arn:aws:lambda:*:*:function:*"]
CONDITIONS: list[Json] = [
    {},
    {},
    TEAM,
    passed_to("lambda"),
    passed_to("ec2", operator="StringNotEquals"),
    passed_to("lambda", operator="StringEqualsIfExists"),
]
ASKED = [row for row in escalations() if row.id in {"lambda-001", "ec2-001", "iam-005", "iam-012"}]
TARGETS = {
    "iam": [ROLE, OTHER],
    "lambda": ["arn:aws:lambda:eu-west-1:111122223333:function:f"],
    "ec2": ["arn:aws:ec2:eu-west-1:111122223333:instance/i"],
}


@st.composite
def statements(draw: st.DrawFn) -> Json:
    names = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True)
    found = statement(
        draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        draw(names),
        draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2, unique=True)),
        draw(st.sampled_from(CONDITIONS)),
    )
    if draw(st.integers(0, 4)) == 0:
        found["NotAction"] = found.pop("Action")
    return found


POLICIES = st.lists(statements(), min_size=1, max_size=4)
PERMISSIONS = st.builds(
    lambda found, limit: role(*found, boundary=limit), POLICIES, st.none() | st.none() | POLICIES
)


def is_allowed(permissions: Permissions, action: str, resource: str, context: Context) -> bool:
    limit = permissions.boundary
    bounds = None if limit is None else NamedPolicy("boundary", limit)
    request = Request(Caller(ROLE, ACCOUNT, CallerKind.ROLE), action, resource, ACCOUNT, context)
    found = evaluate(request, Policies(identity=permissions.identity, boundary=bounds))
    return found.decision is Decision.ALLOWED


def may(permissions: Permissions, row: Any, context: Context) -> bool:
    """Whether the evaluator allows every action of a set, each on some resource."""
    return all(
        any(
            is_allowed(permissions, action, resource, context)
            for resource in TARGETS[action.partition(":")[0]]
        )
        for action in row.actions
    )


def contexts(row: Any) -> list[Context]:
    known = [{"iam:PassedToService": name} for name in row.services] or [{}]
    tags: list[dict[str, str]] = [{}, {"aws:PrincipalTag/team": "a"}]
    return [Context({**one, **two}, open=False) for one, two in product(known, tags)]


@given(PERMISSIONS)
@settings(max_examples=30, deadline=None)
def test_what_the_evaluator_allows_is_found(permissions: Permissions) -> None:
    """And what is certain is allowed, whatever the context is."""
    found = dangers_of(permissions, CATALOGUE)
    for row in ASKED:
        answers = [may(permissions, row, context) for context in contexts(row)]
        about = [
            each
            for each in found
            if each.kind is DangerKind.ADMINISTRATOR or set(each.actions) <= set(row.actions)
        ]
        assert about or not any(answers)
        certain = [each for each in found if each.id == row.id and each.certain]
        # The evaluator is asked about two roles of one account only.
        if certain and certain[0].resource in {"*", ROLE, OTHER, ROLES}:
            assert all(answers)


@given(PERMISSIONS)
@settings(max_examples=8, deadline=None)
def test_all_is_new_for_a_new_role_and_nothing_without_a_change(permissions: Permissions) -> None:
    standing = dangers_of(permissions, CATALOGUE, role_arn=ROLE)
    new = change(NOBODY, permissions)

    assert [(each.id, each.certain) for each in new] == [
        (each.id, each.certain) for each in standing
    ]
    assert change(permissions, permissions) == ()


@given(PERMISSIONS, PERMISSIONS)
@settings(max_examples=8, deadline=None)
def test_what_is_new_stands_after_the_change(before: Permissions, after: Permissions) -> None:
    standing = dangers_of(after, CATALOGUE, role_arn=ROLE)
    for new in change(before, after):
        if new.kind is DangerKind.DATA_DESTRUCTION:
            (same,) = (each for each in standing if each.id == new.id)
            assert set(new.actions) <= set(same.actions)
        else:
            # A larger set may be new where a smaller one stood before.
            assert any(set(each.actions) <= set(new.actions) for each in standing)
