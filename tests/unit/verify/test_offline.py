"""Offline answers: patterns as a whole, wildcards in actions, unknown keys, resources, trust."""

from __future__ import annotations

from typing import Any

import pytest
from rolewright.engine.verify import Question, Result
from rolewright.engine.verify.requests import ResourcePolicy
from rolewright.resources.policy.evaluator import Decision

from .roles import (
    ACCOUNT,
    OTHER,
    PHOTOS,
    assumed_by,
    can,
    cannot,
    deny,
    offline,
    policy,
    role,
    statement,
    trust,
)

GET = statement("s3:GetObject", PHOTOS)
QUEUE = f"arn:aws:sqs:us-east-1:{OTHER}:q"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
IP = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
TAGGED = "arn:aws:s3:::photos/${aws:PrincipalTag/team}/*"
REGION = {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}
ALLOWED, DENIED, NOT = (
    Decision.ALLOWED,
    Decision.EXPLICITLY_DENIED,
    Decision.IMPLICITLY_DENIED,
)


def answer(question: Question, *statements: dict[str, Any], **more: Any) -> Result:
    (result,) = offline(role(*statements, **more))([question]).results
    return result


@pytest.mark.parametrize(
    ("question", "statements", "passed", "decision"),
    [
        (can("s3:GetObject"), [GET], True, ALLOWED),
        (can("s3:getobject"), [GET], True, ALLOWED),
        (can("s3:GetObject"), [], False, NOT),
        (cannot("s3:GetObject"), [], True, NOT),
        (cannot("s3:GetObject"), [GET], False, ALLOWED),
        (can("s3:GetObject"), [GET, deny("s3:*")], False, DENIED),
        (cannot("s3:GetObject"), [GET, deny("s3:*")], True, DENIED),
        # All of a pattern must be allowed, and none of it may be.
        (can("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::photos/a/*")], False, NOT),
        (cannot("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::photos/a/*")], False, ALLOWED),
        (cannot("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::p*")], False, ALLOWED),
        (can("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::p*")], True, ALLOWED),
        (can("s3:GetObject"), [GET, deny("s3:*", "arn:aws:s3:::*/secret")], False, DENIED),
        (cannot("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::photos")], True, NOT),
        (cannot("s3:GetObject"), [statement("s3:*", "arn:aws:s3:::photos?")], True, NOT),
        (can("s3:GetObject", "*"), [GET], False, NOT),
        (can("s3:GetObject", "*"), [statement("s3:Get*")], True, ALLOWED),
        (cannot("s3:ListBucket", "arn:aws:s3:::photos*"), [GET], True, NOT),
        # Wildcards in actions: all of them, or none; those count that work on the resource.
        (can("s3:Get*"), [GET], False, NOT),
        (can("s3:Get*"), [statement("s3:Get*", PHOTOS)], True, ALLOWED),
        (cannot("s3:Delete*"), [GET], True, NOT),
        (cannot("s3:Delete*"), [statement("s3:DeleteObject*", PHOTOS)], False, ALLOWED),
        (cannot("s3:Delete*"), [statement("s3:DeleteBucket", "*")], True, NOT),
        (cannot("*", "*"), [], False, ALLOWED),  # sts:GetCallerIdentity
        # Actions that work on no resource.
        (can("ec2:DescribeInstances", "*"), [statement("ec2:Describe*")], True, ALLOWED),
        (can("ec2:DescribeInstances", "*"), [statement("ec2:*", "arn:aws:ec2:*")], False, NOT),
        # What is certain of the role decides.
        (can("s3:PutObject"), [statement("s3:PutObject", TAGGED)], False, NOT),
        (cannot("s3:PutObject"), [statement("s3:PutObject", TAGGED)], False, ALLOWED),
        (
            can("s3:PutObject", "arn:aws:s3:::photos/media/*"),
            [statement("s3:PutObject", TAGGED)],
            True,
            ALLOWED,
        ),
        (can("s3:GetObject"), [statement("s3:*", "*", **REGION)], True, ALLOWED),
        (
            cannot("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
            [statement("sqs:*", "*", **REGION)],
            True,
            NOT,
        ),
        # A key that nobody knows proves nothing, either way.
        (can("s3:GetObject"), [statement("s3:*", "*", **IP)], False, NOT),
        (cannot("s3:GetObject"), [statement("s3:*", "*", **IP)], False, ALLOWED),
        (can("s3:GetObject"), [GET, deny("s3:*", "*", **IP)], False, DENIED),
        (can("s3:GetObject", **{"aws:SourceIp": "10.1.1.1"}), [statement("s3:*", "*", **IP)], True, ALLOWED),
        (cannot("s3:GetObject", **{"aws:SourceIp": "9.9.9.9"}), [statement("s3:*", "*", **IP)], True, NOT),
        (cannot("sqs:SendMessage", "*"), [statement("sqs:*", "*", **REGION)], False, ALLOWED),
        # Nothing is allowed whatever the address: only a Deny hangs on it.
        (cannot("s3:GetObject"), [deny("s3:*", "*", **IP)], True, NOT),
    ],
)  # fmt: skip
def test_verdicts(
    question: Question, statements: list[dict[str, Any]], *, passed: bool, decision: Decision
) -> None:
    result = answer(question, *statements)

    assert (result.passed, result.decision) == (passed, decision)
    assert result.because
    assert result.exact


def test_a_failure_names_a_case() -> None:
    """Of all that a pattern stands for, one that is not as expected, and the statement."""
    result = answer(cannot("s3:Put*"), statement("s3:PutObjectAcl", "arn:aws:s3:::photos/a*"))

    assert result.example_action == "s3:PutObjectAcl"
    assert (result.example or "").startswith("arn:aws:s3:::photos/a")
    assert any(each.statement == 0 and each.effect == "allow" for each in result.because)


def test_unknown_keys_are_named_with_what_to_do() -> None:
    result = answer(can("s3:GetObject"), statement("s3:*", "*", **IP))

    assert result.depends_on == ("aws:SourceIp",)
    assert any("aws:SourceIp" in each.text and "context:" in each.text for each in result.because)


def test_the_boundary_limits() -> None:
    bounded = {"boundary": policy(statement("sqs:*"), name="bound")}

    result = answer(can("s3:GetObject"), GET, **bounded)

    assert not result.passed
    assert [each.layer for each in result.because if each.layer] == ["permissions boundary"]


def test_an_unread_policy_proves_nothing() -> None:
    """A policy whose document nobody may read might deny, and might allow."""
    unread = {"unread": ("arn:aws:iam::aws:policy/X",)}

    assert not answer(can("s3:GetObject"), GET, **unread).passed
    assert not answer(cannot("s3:PutObject"), GET, **unread).passed
    assert answer(cannot("s3:GetObject"), GET, deny("s3:*"), **unread).passed


def test_a_missing_role_proves_nothing() -> None:
    asked = offline(role())

    (result,) = type(asked)(asked.world, {}, asked.places)([cannot("s3:GetObject")]).results

    assert not result.passed
    assert "rolewright apply" in result.because[0].text


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (ResourcePolicy(), True),
        (ResourcePolicy(policy({**deny("s3:*"), "Principal": "*"}, name="b")), False),
        (ResourcePolicy(unknown="denied to us", kind="bucket policy"), True),
    ],
)
def test_the_policy_of_the_resource_has_a_say(found: ResourcePolicy, *, passed: bool) -> None:
    (result,) = offline(role(GET), {PHOTOS: found})([can("s3:GetObject")]).results

    assert result.passed is passed
    assert any("denied to us" in each.text for each in result.because) is bool(found.unknown)


def test_a_policy_of_the_resource_alone_lets_in() -> None:
    """In one account a resource policy that names the role is enough."""
    mine = {**statement("s3:GetObject"), "Principal": {"AWS": role().arn}}

    (result,) = offline(role(), {PHOTOS: ResourcePolicy(policy(mine, name="b"))})(
        [cannot("s3:GetObject")]
    ).results

    assert (result.passed, result.decision) == (False, ALLOWED)
    assert "resource policy of b" in result.because[-1].text


def test_a_key_policy_must_delegate() -> None:
    silent = {KEY: ResourcePolicy(policy({**statement("kms:*"), "Principal": {"AWS": OTHER}}))}
    trusting = {KEY: ResourcePolicy(policy({**statement("kms:*"), "Principal": {"AWS": ACCOUNT}}))}
    mine = role(statement("kms:Decrypt", KEY))

    assert not offline(mine, silent)([can("kms:Decrypt", KEY)]).results[0].passed
    assert offline(mine, trusting)([can("kms:Decrypt", KEY)]).results[0].passed


def test_another_account_has_its_own_say() -> None:
    """What its policy on the resource says isn't known, so that an Allow of ours proves nothing."""
    sends = role(statement("sqs:SendMessage", QUEUE))

    (mine,) = offline(sends)([can("sqs:SendMessage", QUEUE)]).results
    (silent,) = offline(role())([cannot("sqs:SendMessage", QUEUE)]).results

    assert not mine.passed
    assert any(OTHER in each.text for each in mine.because)
    assert silent.passed


def test_an_action_that_does_not_work_on_the_resource_is_remarked() -> None:
    answers = offline(role(GET))([can("s3:GetObject", "arn:aws:s3:::photos")])

    assert [remark.rule for remark in answers.remarks] == ["action-resource-mismatch"]
    assert not answers.results[0].passed


@pytest.mark.parametrize(
    ("question", "trusted", "passed"),
    [
        (assumed_by("ec2.amazonaws.com"), trust({"Service": "ec2.amazonaws.com"}), True),
        (assumed_by("lambda.amazonaws.com"), trust({"Service": "ec2.amazonaws.com"}), False),
        (assumed_by(f"arn:aws:iam::{ACCOUNT}:user/ann"), trust({"AWS": "*"}), True),
        # The account alone is named: it is the user's own policies that decide, and who knows them?
        (assumed_by(f"arn:aws:iam::{ACCOUNT}:user/ann"), trust({"AWS": ACCOUNT}), False),
        (assumed_by(OTHER), trust({"AWS": OTHER}), True),
        (assumed_by(OTHER), trust({"AWS": ACCOUNT}), False),
        (
            assumed_by("ec2.amazonaws.com"),
            trust(
                {"Service": "ec2.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            ),
            False,
        ),
        (
            assumed_by("ec2.amazonaws.com", **{"aws:SourceAccount": ACCOUNT}),
            trust(
                {"Service": "ec2.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            ),
            True,
        ),
    ],
)
def test_trust(question: Question, trusted: Any, *, passed: bool) -> None:
    (result,) = offline(role(trust=trusted))([question]).results

    assert result.passed is passed
    assert result.because
    assert result.target == role().arn


def test_a_role_that_assumes_needs_its_own_permission() -> None:
    """Where the trust policy names only the account."""
    target = role(trust=trust({"AWS": ACCOUNT}))
    able = role(statement("sts:AssumeRole"), arn=f"arn:aws:iam::{ACCOUNT}:role/able")
    unable = role(arn=f"arn:aws:iam::{ACCOUNT}:role/unable")

    found = offline(target, able=able, unable=unable)(
        [assumed_by(able.arn), assumed_by(unable.arn)]
    )

    assert [result.passed for result in found.results] == [True, False]


def test_what_is_asked_of_who_can() -> None:
    """Explaining keeps what depends, which verify settles against the expectation."""
    may = offline(role(statement("s3:*", "*", **IP))).explain(cannot("s3:GetObject"))

    assert may.decision is Decision.DEPENDS
    assert may.depends_on == ("aws:SourceIp",)
