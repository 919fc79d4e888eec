"""The evaluator decides like moto's access control, where that implements the rule.

moto knows Action, NotAction, Resource with `*`, Effect, and of a trust policy the principals under
AWS and StringEquals. It compares actions by case, lets a star pass every colon, takes what does not
match a condition for denied, and knows no other operator: those rules are not compared.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import parse
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
from rolewright.resources.policy.trust_evaluation import may_assume
from support.trials import tries
from unit.policy.evaluator_cases import says
from unit.policy.matching_cases import A

access_control = pytest.importorskip("moto.iam.access_control")

Json = Any
PERMITTED, DENIED, NEUTRAL = (
    access_control.PermissionResult.PERMITTED,
    access_control.PermissionResult.DENIED,
    access_control.PermissionResult.NEUTRAL,
)
SAME = {
    PERMITTED: Decision.ALLOWED,
    DENIED: Decision.EXPLICITLY_DENIED,
    NEUTRAL: Decision.IMPLICITLY_DENIED,
}
CALLER = Caller(f"arn:aws:iam::{A}:user/ann", A, CallerKind.USER)
CLOSED = Context({}, open=False)


def one_or_more(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return values | st.lists(values, min_size=1, max_size=3)


ACTIONS = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "sqs:SendMessage", "iam:GetRole"]
ACTION_PATTERNS = [*ACTIONS, "*", "s3:*", "s3:Get*", "s3:*Object", "s3:*Object*", "sqs:*Message"]
RESOURCES = [
    "*",
    "arn:aws:s3:::photos",
    "arn:aws:s3:::photos/a/b",
    "arn:aws:s3:::photos/ab",
    f"arn:aws:sqs:eu-west-1:{A}:queue",
    f"arn:aws:iam::{A}:role/app/reader",
]
# A star stands at the end of a segment or in the last one, where both let it pass colons.
RESOURCE_PATTERNS = [
    *RESOURCES,
    "arn:aws:s3:::*",
    "arn:aws:s3:::photos/*",
    "arn:aws:s3:::*/b",
    "arn:aws:s3:::photos/*b*",
    "arn:aws:s3:*",
    "arn:aws:sqs:*:*:queue",
    f"arn:aws:sqs:eu-*:{A}:*",
    f"arn:aws:iam::{A}:role/app/*",
]
STATEMENTS = st.sampled_from(["Action", "NotAction"]).flatmap(
    lambda element: st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
            element: one_or_more(st.sampled_from(ACTION_PATTERNS)),
            "Resource": one_or_more(st.sampled_from(RESOURCE_PATTERNS)),
        }
    )
)


def moto(document: Json, *request: Any) -> Any:
    return access_control.IAMPolicy(json.dumps(document)).is_action_permitted(*request)


@settings(max_examples=tries(500))
@given(one_or_more(STATEMENTS), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_identity_policies(statements: Json, action: str, resource: str) -> None:
    """One policy of a user: allowed, denied expressly, or not allowed."""
    document = {"Version": "2012-10-17", "Statement": statements}
    policies = Policies(identity=(NamedPolicy("p", parse(document)),))

    ours = evaluate(Request(CALLER, action, resource, None, CLOSED), policies).decision

    assert ours is SAME[moto(document, action, resource)]


@settings(max_examples=tries(200))
@given(st.lists(one_or_more(STATEMENTS), max_size=3), st.sampled_from(ACTIONS), st.data())
def test_several_policies(listed: list[Json], action: str, data: st.DataObject) -> None:
    """Several policies of a user, as moto puts them together: a Deny in any of them wins."""
    resource = data.draw(st.sampled_from(RESOURCES))
    documents = [{"Version": "2012-10-17", "Statement": found} for found in listed]
    named = tuple(NamedPolicy(f"p{n}", parse(found)) for n, found in enumerate(documents))
    results = {moto(found, action, resource) for found in documents}
    theirs = next((one for one in (DENIED, PERMITTED) if one in results), NEUTRAL)

    ours = evaluate(Request(CALLER, action, resource, None, CLOSED), Policies(identity=named))

    assert ours.decision is SAME[theirs]


ARNS = [f"arn:aws:iam::{A}:user/{name}" for name in ("ann", "bob", "cleo")]


@given(
    one_or_more(st.sampled_from(ARNS)) | st.just("*"),
    st.sampled_from(ARNS),
    one_or_more(st.sampled_from(["sts:AssumeRole", "sts:TagSession", "sts:*"])),
    one_or_more(st.sampled_from(["x", "y"])) | st.none(),
    st.sampled_from(["x", "y", "z"]),
)
def test_trust_policies(
    principals: Json, arn: str, actions: Json, wanted: Json, external_id: str
) -> None:
    """A user of the account that a trust policy names may assume the role, and no other."""
    role = f"arn:aws:iam::{A}:role/target"
    more = {} if wanted is None else {"Condition": {"StringEquals": {"sts:ExternalId": wanted}}}
    document = says("Allow", actions, None, Principal={"AWS": principals}, **more)
    given_ = {"sts:ExternalId": external_id}
    caller = Caller(arn, A, CallerKind.USER)

    ours = may_assume(parse(document), caller, Context(given_, open=False), role_arn=role)
    theirs = moto(document, "sts:AssumeRole", role, arn, given_)

    assert (ours.decision is Decision.ALLOWED) is (theirs is PERMITTED)
