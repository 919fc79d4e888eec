"""Decisions follow AWS's evaluation logic, name the statements that decided, and are quick."""

from __future__ import annotations

import time
from typing import Any

import pytest
from rolewright.resources.policy import parse
from rolewright.resources.policy.caller import certain_context
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluator import (
    Caller,
    CallerKind,
    Deciding,
    Decision,
    Effect,
    Layer,
    NamedPolicy,
    Outcome,
    Policies,
    Request,
    evaluate,
)
from rolewright.resources.policy.trust_evaluation import may_assume, needed_actions
from unit.policy import condition_cases, evaluator_cases, matching_cases, trust_cases
from unit.policy.evaluator_cases import (
    ALLOW,
    ALLOW_IF,
    BOUNDARY,
    DECISIONS,
    DENY,
    DENY_IF,
    FULL,
    GET,
    IDENTITY,
    OBJECT,
    OPEN_DECISIONS,
    PROTECTED,
    RCP,
    RESOURCE,
    SCP,
    SESSION_POLICY,
    both,
    says,
    to,
)
from unit.policy.matching_cases import LAMBDA, OTHER_ROLE, ROLE, ROLE_ARN, SESSION, USER, A, B
from unit.policy.trust_cases import ACCOUNT_CHECK, MAY_ASSUME, SERVICE, TRUSTS, trust

Json = Any
CLOSED, OPEN = Context({}, open=False), Context({}, open=True)


def named(document: Json, name: str = "p") -> NamedPolicy:
    return NamedPolicy(name, parse(document))


def numbered(documents: list[Json]) -> tuple[NamedPolicy, ...]:
    return tuple(named(document, f"p{n}") for n, document in enumerate(documents))


def policies(by_layer: Json) -> Policies:
    def several(layer: Layer) -> tuple[NamedPolicy, ...]:
        return numbered(by_layer.get(layer, ()))

    def single(layer: Layer) -> NamedPolicy | None:
        return named(by_layer[layer]) if layer in by_layer else None

    return Policies(
        identity=several(IDENTITY),
        boundary=single(BOUNDARY),
        session=several(SESSION_POLICY),
        resource=single(RESOURCE),
        service_control=tuple(map(numbered, by_layer.get(SCP, ()))),
        resource_control=several(RCP),
    )


@pytest.mark.parametrize(("caller", "action", "account", "by_layer", "decision", "why"), DECISIONS)
@pytest.mark.parametrize("context", [CLOSED, OPEN], ids=["closed", "open"])
def test_decision(
    caller: Caller,
    action: str,
    account: str | None,
    by_layer: Json,
    decision: str,
    why: list[Layer] | Layer | None,
    context: Context,
) -> None:
    """A request is decided, and told by which statements, or which layer did not allow it."""
    outcome = evaluate(Request(caller, action, OBJECT, account, context), policies(by_layer))

    assert outcome.decision == decision
    assert outcome.depends_on == frozenset()
    if isinstance(why, list):
        assert [found.layer for found in outcome.because] == why
        assert outcome.blocked_by is None
    else:
        assert (outcome.because, outcome.blocked_by) == ((), why)


@pytest.mark.parametrize(("action", "resource", "caller", "decision"), PROTECTED)
def test_what_aws_protects(action: str, resource: str, caller: Caller, decision: str) -> None:
    """What AWS keeps for itself nobody changes, whatever policies say."""
    request = Request(caller, action, resource, None, CLOSED)

    outcome = evaluate(request, policies({IDENTITY: [FULL]}))

    assert outcome.decision == decision
    assert outcome.blocked_by == (None if decision == "allowed" else RESOURCE)


@pytest.mark.parametrize(("by_layer", "decision", "because", "blocked_by"), OPEN_DECISIONS)
def test_open_decision(
    by_layer: Json, decision: str, because: list[Layer], blocked_by: Layer | None
) -> None:
    """Where an unknown key decides, the answer says so, and names it and the statements."""
    outcome = evaluate(Request(ROLE, GET, OBJECT, None, OPEN), policies(by_layer))

    assert outcome.decision == decision
    assert [found.layer for found in outcome.because] == because
    assert outcome.blocked_by == blocked_by
    assert outcome.depends_on == ({"a:x"} if decision == "depends" else set())
    assert outcome.may_be_allowed is (decision in {"allowed", "depends"} and blocked_by is None)


def test_because_names_statements() -> None:
    """A statement is named by its policy, its place and its Sid."""
    document = both(says("Allow", "sqs:*"), ALLOW)
    given_ = Policies(
        identity=(named(FULL, "inline"), named(document, "arn:aws:iam::aws:policy/x"))
    )

    outcome = evaluate(Request(ROLE, GET, OBJECT, None, CLOSED), given_)

    assert outcome == Outcome(
        Decision.ALLOWED,
        (
            Deciding(IDENTITY, "inline", 0, "Allow", Effect.ALLOW),
            Deciding(IDENTITY, "arn:aws:iam::aws:policy/x", 1, "Allow", Effect.ALLOW),
        ),
        None,
        frozenset(),
    )


def test_only_denials_are_named_where_denied() -> None:
    """Of an explicit Deny the Deny statements that apply are named, and nothing else."""
    document = both(ALLOW, DENY, says("Deny", "sqs:*"), DENY_IF)

    outcome = evaluate(Request(ROLE, GET, OBJECT, None, OPEN), policies({IDENTITY: [document]}))

    assert [(found.index, found.effect) for found in outcome.because] == [(1, Effect.DENY)]


@pytest.mark.parametrize(
    ("elements", "action", "resource", "allowed"),
    [
        ({"NotAction": "iam:*"}, GET, OBJECT, True),
        ({"NotAction": "iam:*"}, "iam:GetRole", OBJECT, False),
        ({"NotAction": ["iam:*", "s3:Get*"]}, GET, OBJECT, False),
        ({"NotAction": "iam:*"}, "never:Heard", OBJECT, True),
        ({"Action": "*", "NotResource": OBJECT}, GET, OBJECT, False),
        ({"Action": "*", "NotResource": OBJECT}, GET, f"{OBJECT}x", True),
        ({"Action": "*", "NotResource": [OBJECT, "*"]}, GET, f"{OBJECT}x", False),
        ({"Action": "*", "NotResource": OBJECT}, "s3:ListAllMyBuckets", "*", True),
        ({"Action": "*", "NotResource": "arn:aws:s3:::*"}, "s3:ListAllMyBuckets", "*", True),
        ({"Action": "*", "NotResource": "*"}, "s3:ListAllMyBuckets", "*", False),
        ({"Action": "*", "Resource": "arn:aws:s3:::*"}, "s3:ListAllMyBuckets", "*", False),
        ({"Action": "*", "Resource": "*"}, "s3:ListAllMyBuckets", "*", True),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_elements_of_complement(
    effect: str, elements: Json, action: str, resource: str, *, allowed: bool
) -> None:
    """NotAction and NotResource take in all that they do not name, known or not."""
    statement = {"Effect": effect, "Resource": "*", **elements}
    if "NotResource" in elements:
        del statement["Resource"]
    document = {"Version": "2012-10-17", "Statement": statement}

    outcome = evaluate(
        Request(ROLE, action, resource, None, CLOSED), policies({IDENTITY: [document]})
    )

    reached = Decision.ALLOWED if effect == "Allow" else Decision.EXPLICITLY_DENIED
    assert outcome.decision is (reached if allowed else Decision.IMPLICITLY_DENIED)


def test_missing_variable_in_not_resource_spares_nothing() -> None:
    """A value that never matches leaves nothing out of NotResource."""
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::${a:x}/*"},
    }
    given_ = policies({IDENTITY: [document, FULL]})

    def decide(context: Context) -> Decision:
        return evaluate(Request(ROLE, GET, OBJECT, None, context), given_).decision

    assert decide(CLOSED) is Decision.EXPLICITLY_DENIED
    assert decide(Context({"a:x": "photos"}, open=False)) is Decision.ALLOWED
    assert decide(OPEN) is Decision.DEPENDS


def test_keys_are_named_in_one_spelling() -> None:
    """Two policies that spell a key differently depend on one key."""
    shouting = says("Deny", Condition={"Bool": {"A:X": "true"}})
    given_ = policies({IDENTITY: [ALLOW_IF, shouting]})

    outcome = evaluate(Request(ROLE, GET, OBJECT, None, OPEN), given_)

    assert {key.lower() for key in outcome.depends_on} == {"a:x"}
    assert len(outcome.depends_on) == 1


def test_keys_of_both_sides_are_named() -> None:
    """Where both an Allow and a Deny are open, the keys of both matter."""
    denial = says("Deny", Condition={"Bool": {"a:y": "true"}})

    outcome = evaluate(
        Request(ROLE, GET, OBJECT, None, OPEN), policies({IDENTITY: [ALLOW_IF, denial]})
    )

    assert outcome.depends_on == {"a:x", "a:y"}


@pytest.mark.parametrize("bounded", [True, False])
def test_boundary_undoes_not_principal(*, bounded: bool) -> None:
    """A Deny with NotPrincipal hits everyone who has a boundary, even those that it names."""
    spared = {"AWS": [ROLE_ARN, f"arn:aws:iam::{A}:root"]}
    bucket = says("Deny", NotPrincipal=spared)
    given_ = {IDENTITY: [ALLOW], RESOURCE: bucket} | ({BOUNDARY: FULL} if bounded else {})

    outcome = evaluate(Request(ROLE, GET, OBJECT, None, CLOSED), policies(given_))

    assert (outcome.decision is Decision.EXPLICITLY_DENIED) is bounded


@pytest.mark.parametrize(("document", "caller", "given_", "identity", "decision"), TRUSTS)
def test_trust(
    document: Json, caller: Caller, given_: Json, identity: list[Json], decision: str
) -> None:
    """A service, role, user or federated identity may assume a role or may not."""
    outcome = may_assume(
        parse(document),
        caller,
        Context(given_, open=False),
        role_arn=f"arn:aws:iam::{A}:role/target",
        identity=tuple(map(named, identity)),
    )

    assert outcome.decision == decision


def test_trust_names_its_policy() -> None:
    """The trust policy goes by the ARN of its role, and is a layer of its own."""
    arn = f"arn:aws:iam::{A}:role/target"
    document = parse(trust({"AWS": B}))
    identity = (named(MAY_ASSUME, "inline"),)

    allowed = may_assume(document, OTHER_ROLE, CLOSED, role_arn=arn, identity=identity)
    refused = may_assume(document, LAMBDA, CLOSED, role_arn=arn)

    assert [(found.layer, found.policy) for found in allowed.because] == [
        (Layer.TRUST, arn),
        (IDENTITY, "inline"),
    ]
    assert refused.blocked_by is Layer.TRUST


def test_trust_depends_on_unknown_keys() -> None:
    """At plan time a check of the source account depends on it, unless the binding says which."""
    document, arn = parse(trust(SERVICE, **ACCOUNT_CHECK)), f"arn:aws:iam::{A}:role/target"
    known = certain_context(LAMBDA, more={"aws:SourceAccount": A})

    depends = may_assume(document, LAMBDA, OPEN, role_arn=arn)

    assert depends.decision is Decision.DEPENDS
    assert depends.depends_on == {"aws:SourceAccount"}
    assert may_assume(document, LAMBDA, known, role_arn=arn).decision is Decision.ALLOWED


def test_needed_actions() -> None:
    """Session tags and a source identity each need an action of their own."""
    context = Context({"sts:TransitiveTagKeys": ["a"], "sts:SourceIdentity": "ann"}, open=True)

    assert list(needed_actions(ROLE, context)) == [
        "sts:AssumeRole",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ]
    assert list(needed_actions(ROLE, Context({"aws:TagKeys": []}, open=True))) == ["sts:AssumeRole"]


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (
            ROLE,
            {
                "aws:PrincipalArn": ROLE_ARN,
                "aws:PrincipalAccount": A,
                "aws:PrincipalType": "AssumedRole",
                "aws:PrincipalTag/team": "red",
                "aws:ResourceAccount": A,
                "aws:RequestedRegion": "eu-west-1",
                "aws:SecureTransport": "true",
                "aws:PrincipalIsAWSService": "false",
            },
        ),
        (USER, {"aws:username": "ann", "aws:PrincipalType": "User"}),
        (SESSION, {"aws:PrincipalType": "AssumedRole", "aws:PrincipalAccount": A}),
        (LAMBDA, {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": LAMBDA.arn}),
    ],
)
def test_certain_context(caller: Caller, expected: dict[str, str]) -> None:
    """What is certain about a caller is known before any request is made."""
    context = certain_context(caller, region="eu-west-1", tags={"team": "red"})

    assert {key: context.find(key) for key in expected} == expected


def test_certain_context_gives_way() -> None:
    """What is said expressly wins, also that a key is absent."""
    context = certain_context(
        ROLE, more={"AWS:SecureTransport": "false"}, absent=["aws:principalarn"], open=False
    )

    assert context.find("aws:SecureTransport") == "false"
    assert context.find("aws:PrincipalArn") != ROLE_ARN


def test_there_are_enough_cases() -> None:
    """The tables hold what they promise: three hundred cases or more, none of them twice."""
    tables = [
        table
        for module in (matching_cases, evaluator_cases, condition_cases, trust_cases)
        for name, table in vars(module).items()
        if name.isupper() and isinstance(table, list) and isinstance(table[0], tuple)
    ]

    assert sum(map(len, tables)) >= 300
    for table in tables:
        assert len({repr(case) for case in table}) == len(table)


def test_a_request_is_quick() -> None:
    """A request over policies of realistic size takes well under a millisecond."""
    actions = [f"service{n % 40}:Get{n}*" for n in range(900)]
    statement = {"Effect": "Allow", "Action": [*actions, "s3:Get*"], "Resource": "*"}
    large = {"Version": "2012-10-17", "Statement": [statement]}
    scoped = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::b{n}/${{aws:username, 'x'}}/*" for n in range(10)],
                "Condition": {"StringLike": {"aws:PrincipalTag/a": ["b*", "${aws:username}"]}},
            }
        ],
    }
    given_ = policies({IDENTITY: [large, scoped], BOUNDARY: FULL, RESOURCE: to({"AWS": A})})
    requests = [
        Request(caller, action, f"arn:aws:s3:::b{n}/x/k", None, certain_context(caller))
        for caller in (ROLE, SESSION, USER)
        for action in (GET, "s3:PutObject", "ec2:RunInstances")
        for n in range(10)
    ]
    evaluate(requests[0], given_)

    best = min(_seconds(requests, given_) for _ in range(5))

    print(f"{best / len(requests) * 1e6:.0f} µs a request")
    assert best / len(requests) < 0.001


def _seconds(requests: list[Request], given_: Policies) -> float:
    begin = time.perf_counter()
    for request in requests:
        evaluate(request, given_)
    return time.perf_counter() - begin


def test_account_comes_from_the_arn() -> None:
    """A caller whose account is not given has that of its ARN."""
    caller = Caller(ROLE_ARN, None, CallerKind.ROLE)
    given_ = policies({IDENTITY: [ALLOW]})

    assert evaluate(Request(caller, GET, OBJECT, A, CLOSED), given_).decision is Decision.ALLOWED
    assert (
        evaluate(Request(caller, GET, OBJECT, B, CLOSED), given_).decision
        is Decision.IMPLICITLY_DENIED
    )
