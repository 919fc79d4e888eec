"""What holds of all differences, tried on random policies and against the evaluator."""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import parse
from rolewright.resources.policy.access import AccessItem, Permissions, access_difference
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluator import (
    Caller,
    CallerKind,
    Decision,
    NamedPolicy,
    Policies,
    Request,
    evaluate,
)
from rolewright.resources.policy.globs import GlobKind, matches, read_glob
from support.trials import THOROUGH, tries
from unit.policy.catalogues import part_of

SERVICES = ("iam", "s3", "sns", "sqs", "ssm", "sts")
# What is worked out for each action is the same for all services: a few of them do.
CATALOGUE = Catalogue.bundled() if THOROUGH else part_of(Catalogue.bundled(), *SERVICES)
ACCOUNT = "111122223333"
CALLER = Caller(f"arn:aws:iam::{ACCOUNT}:role/r", ACCOUNT, CallerKind.ROLE)

ACTIONS = ["s3:GetObject", "s3:Get*", "s3:*", "S3:PUTOBJECT", "sqs:*", "*", "s3:BrandNew", "s*:*t*"]
RESOURCES = [
    "*",
    "arn:*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::a/b*",
    "arn:aws:s3:::*/c",
    "arn:aws:s3:::a/?",
    "arn:aws:s3:::${k:b}/*",
    "arn:aws:s3:*:b*",
    "arn:aws:s3:::a/${*}",
]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {},
    {"StringEquals": {"k:a": "x"}},
    {"StringNotEquals": {"k:a": "x"}},
    {"StringLike": {"k:a": ["x*", "y"]}},
    {"StringEqualsIfExists": {"k:a": "y"}},
    {"Null": {"k:a": "true"}},
    {"StringEquals": {"k:a": "${k:b}"}},
    {"ForAllValues:StringEquals": {"k:b": ["x", "a"]}},
    {"ForAnyValue:StringNotEquals": {"k:b": "x"}},
]

ASKED_ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:BrandNew", "sqs:SendMessage", "iam:PassRole"]
ASKED_RESOURCES = [
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::b",
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::a/bc/c",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::x/c",
    "arn:aws:s3::x:bc",
    "arn:aws:sqs:r:1:q",
]
CONTEXTS = [
    Context({key: value for key, value in (("k:a", a), ("k:b", b)) if value}, open=False)
    for a, b in product([None, "x", "xy", "y"], ["x", "a", None])
]
ALL_CONTEXTS = [
    Context({key: value for key, value in (("k:a", a), ("k:b", b)) if value}, open=False)
    for a, b in product(
        [None, "x", "xy", "y", "q"],
        [None, "x", "a", "q", ("x", "a"), ("x", "q"), ("a", "q")],
    )
]


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    def some(values: list[str]) -> list[str]:
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))

    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): some(ACTIONS),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): some(RESOURCES),
        "Condition": draw(st.sampled_from(CONDITIONS)),
    }


DOCUMENTS = st.lists(statements(), min_size=1, max_size=4)
BOUNDARIES = st.none() | DOCUMENTS


def document(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": found}


def role(found: list[dict[str, Any]], limit: list[dict[str, Any]] | None = None) -> Permissions:
    boundary = None if limit is None else parse(document(limit))
    return Permissions((NamedPolicy("p", parse(document(found))),), boundary)


ROLES = st.builds(role, DOCUMENTS, BOUNDARIES)


def named(permissions: Permissions) -> set[str]:
    """The actions of statements that can apply at all."""
    documents = [policy.document for policy in permissions.identity]
    documents += [permissions.boundary] if permissions.boundary else []
    return {
        name
        for found in documents
        for statement in found.statements
        if "*" not in (statement.not_resources or ())
        for name in (*(statement.actions or ()), *(statement.not_actions or ()))
    }


def is_allowed(permissions: Permissions, action: str, resource: str, context: Context) -> bool:
    limit = permissions.boundary
    policies = Policies(
        identity=permissions.identity,
        boundary=None if limit is None else NamedPolicy("boundary", limit),
    )
    outcome = evaluate(Request(CALLER, action, resource, ACCOUNT, context), policies)
    assert outcome.decision is not Decision.DEPENDS
    return outcome.decision is Decision.ALLOWED


def covers(item: AccessItem, action: str, resource: str, context: Context) -> bool:
    """Whether a request lies in an item, by what the item says, read here a second time."""
    whole, _, exceptions = item.resource.partition(" except ")
    return (
        action in item.actions
        and all(takes(each, resource, context) for each in whole.split(" and "))
        and not any(takes(each, resource, context) for each in exceptions.split(", ") if each)
        and all(is_met(json.dumps(condition), context) for condition in item.conditions)
    )


@cache
def takes(pattern: str, resource: str, context: Context) -> bool:
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": pattern}
    return is_allowed(role([allow]), "s3:GetObject", resource, context)


@cache
def is_met(text: str, context: Context) -> bool:
    condition = json.loads(text)
    block = {condition["operator"]: {condition["key"]: condition["values"]}}
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": block}
    held = is_allowed(role([allow]), "s3:GetObject", "*", context)
    return held is not condition.get("negated", False)


@given(ROLES)
def test_no_difference_to_itself(permissions: Permissions) -> None:
    (policy,) = permissions.identity
    renamed = Permissions((NamedPolicy("other", policy.document),), permissions.boundary)

    assert not access_difference(permissions, renamed, CATALOGUE)


@given(DOCUMENTS, BOUNDARIES, st.randoms(use_true_random=False))
def test_order_and_expansion_are_no_difference(
    found: list[dict[str, Any]], limit: list[dict[str, Any]] | None, random: Any
) -> None:
    """Statements in another order, one resource each, and known actions instead of wildcards."""
    other: list[dict[str, Any]] = []
    for statement in found:
        actions = statement.get("Action")
        if actions is not None and not {"*", "s*:*t*", "sqs:*", "s3:*"} & set(actions):
            # What has no star for all of a service has no actions that are to come.
            names = [name for each in actions for name in CATALOGUE.expand(each) or (each,)]
            statement = {**statement, "Action": names}  # noqa: PLW2901
        each_alone = [{**statement, "Resource": [text]} for text in statement.get("Resource", ())]
        other += each_alone or [statement]
    random.shuffle(other)

    assert not access_difference(role(found, limit), role(other, limit), CATALOGUE)


@given(ROLES, ROLES)
@settings(max_examples=tries(100))
def test_there_and_back(one: Permissions, other: Permissions) -> None:
    """What is gained on the way there is lost on the way back."""
    there = access_difference(one, other, CATALOGUE)
    back = access_difference(other, one, CATALOGUE)

    assert (there.gained, there.lost) == (back.lost, back.gained)


@given(ROLES, ROLES)
@settings(max_examples=tries(100))
def test_every_request_with_another_answer_lies_in_an_item(
    before: Permissions, after: Permissions
) -> None:
    """The soundness of it; and a request in an exact item does have another answer."""
    found = access_difference(before, after, CATALOGUE)
    # What the catalogue does not know is compared by itself only if a policy names it.
    unknown = {"s3:BrandNew"} - {name for side in (before, after) for name in named(side)}
    for action, resource, context in product(ASKED_ACTIONS, ASKED_RESOURCES, CONTEXTS):
        if action in unknown:
            continue
        request = (action, resource, context)
        then, now = (is_allowed(side, *request) for side in (before, after))
        for items, differs in ((found.gained, now and not then), (found.lost, then and not now)):
            inside = [item for item in items if covers(item, *request)]
            assert bool(inside) or not differs
            assert differs or not any(item.exact for item in inside)


@given(ROLES, ROLES)
@settings(max_examples=tries(100))
def test_witnesses_prove_their_items(before: Permissions, after: Permissions) -> None:
    """Under some context, the witness of an exact item is allowed after and not before."""
    found = access_difference(before, after, CATALOGUE)
    for items, new, old in ((found.gained, after, before), (found.lost, before, after)):
        for item in items:
            asked = [name for name in item.actions if "<" not in name][:1]
            if asked and item.exact and "${k:" not in item.resource + str(item.conditions):
                assert any(
                    is_allowed(new, action, item.witness, context)
                    and not is_allowed(old, action, item.witness, context)
                    for action in asked
                    for context in ALL_CONTEXTS
                )


@given(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=4, unique=True))
def test_witnesses_of_single_patterns_match_them(patterns: list[str]) -> None:
    found = access_difference(
        Permissions(()),
        role([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": patterns}]),
        CATALOGUE,
    )

    assert found.gained
    for item in found.gained:
        glob = read_glob(item.resource.partition(" ")[0], GlobKind.RESOURCE, live=True)
        assert matches(glob, item.witness)
