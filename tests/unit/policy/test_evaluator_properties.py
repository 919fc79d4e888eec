"""What holds of all decisions, tried on random policies and requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import canonical_document, parse
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.resources.policy.context import Context, Missing, Value
from rolewright.resources.policy.evaluator import (
    Caller,
    CallerKind,
    Decision,
    NamedPolicy,
    Outcome,
    Policies,
    Request,
    evaluate,
)
from support.trials import tries
from unit.policy.documents import PRINCIPALS, disguised, statements
from unit.policy.evaluator_cases import says

Json = Any
HOME, AWAY = "123456789012", "210987654321"

CALLERS = st.sampled_from(
    [
        Caller(f"arn:aws:iam::{HOME}:role/reader", HOME, CallerKind.ROLE),
        Caller(f"arn:aws:sts::{HOME}:assumed-role/reader/s", HOME, CallerKind.SESSION),
        Caller(f"arn:aws:iam::{HOME}:user/ann", HOME, CallerKind.USER),
        Caller("ec2.amazonaws.com", None, CallerKind.SERVICE),
        Caller("*", None, CallerKind.ANONYMOUS),
        Caller(f"arn:aws:iam::{HOME}:root", HOME, CallerKind.ROOT),
    ]
)
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "kms:Decrypt"]
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::photos",
        "arn:aws:s3:::photos/ann/x",
        "arn:aws:s3:::photos/none",
        f"arn:aws-cn:sqs:cn-north-1:{HOME}:queue",
        f"arn:aws:logs:eu-west-1:{HOME}:log-group:x",
    ]
)
KEYS = [
    "aws:SourceAccount",
    "aws:PrincipalTag/Team",
    "s3:prefix",
    "sts:ExternalId",
    "aws:username",
]
FOUND = [
    "ann",
    "a",
    "Bx",
    HOME,
    "5",
    "1000",
    "true",
    "2030-01-01",
    "10.1.1.1",
    "arn:aws:s3:::photos",
]
VALUES = st.sampled_from(FOUND) | st.lists(st.sampled_from(FOUND), max_size=2)
KNOWN = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
SEEDS = st.integers(0, 2**32)


def written(
    statements_: st.SearchStrategy[Json], *, version: bool = True
) -> st.SearchStrategy[Json]:
    versions = st.sampled_from(["2008-10-17", "2012-10-17"] if version else ["2012-10-17"])
    return st.fixed_dictionaries(
        {"Version": versions, "Statement": st.lists(statements_, min_size=1, max_size=3)}
    )


PLAIN = statements(trust=False)
WITH_PRINCIPAL = st.builds(lambda one, who: {**one, "Principal": who}, PLAIN, PRINCIPALS)
IDENTITY_DOCUMENTS, RESOURCE_DOCUMENTS = written(PLAIN), written(WITH_PRINCIPAL)


@dataclass(frozen=True)
class Written:
    """The policies of a request as JSON: lists of documents by the field of `Policies`."""

    identity: list[Json]
    boundary: list[Json]
    session: list[Json]
    resource: list[Json]
    service_control: list[Json]
    resource_control: list[Json]

    def read(self) -> Policies:
        named = {
            field: tuple(
                NamedPolicy(f"{field} {n}", parse(document)) for n, document in enumerate(documents)
            )
            for field, documents in vars(self).items()
        }
        return Policies(
            identity=named["identity"],
            boundary=next(iter(named["boundary"]), None),
            session=named["session"],
            resource=next(iter(named["resource"]), None),
            service_control=tuple((one,) for one in named["service_control"]),
            resource_control=named["resource_control"],
        )


FIELDS = tuple(Written.__dataclass_fields__)


def few(documents: st.SearchStrategy[Json], size: int) -> st.SearchStrategy[list[Json]]:
    return st.lists(documents, max_size=size)


FULL = st.just(says("Allow", "*"))
WRITTEN = st.builds(
    Written,
    identity=few(IDENTITY_DOCUMENTS, 2),
    boundary=few(IDENTITY_DOCUMENTS | FULL, 1),
    session=few(IDENTITY_DOCUMENTS | FULL, 1),
    resource=few(RESOURCE_DOCUMENTS, 1),
    service_control=few(IDENTITY_DOCUMENTS | FULL, 1),
    resource_control=few(RESOURCE_DOCUMENTS, 1),
)
CONTEXTS = st.builds(lambda known, opened: Context(known, open=opened), KNOWN, st.booleans())
REQUESTS = st.builds(
    Request,
    CALLERS,
    st.sampled_from(ACTIONS),
    RESOURCES,
    st.sampled_from([None, HOME, AWAY]),
    CONTEXTS,
)
often = settings(max_examples=tries(200), suppress_health_check=[HealthCheck.too_slow])


def decide(request: Request, policies: Written) -> Outcome:
    return evaluate(request, policies.read())


def with_statement(policies: Written, field: str, statement: Json, place: int) -> Written:
    """The policies with one more statement in the first document of a field, if it has one."""
    documents = getattr(policies, field)
    if not documents:
        return policies
    old = documents[0]["Statement"]
    new = [*old[:place], statement, *old[place:]]
    return replace(policies, **{field: [{**documents[0], "Statement": new}, *documents[1:]]})


@pytest.mark.parametrize("decision", Decision)
def test_random_requests_reach_every_decision(decision: Decision) -> None:
    """The properties below are about requests of all outcomes."""
    pairs = st.tuples(REQUESTS, WRITTEN)

    request, policies = find(
        pairs,
        lambda pair: decide(*pair).decision is decision,
        settings=settings(max_examples=2000, phases=[Phase.generate], database=None),
        random=Random(1),
    )

    assert decide(request, policies).decision is decision


@often
@given(REQUESTS, WRITTEN, st.sampled_from(FIELDS), WITH_PRINCIPAL, st.integers(0, 3))
def test_a_deny_never_allows_more(
    request: Request, policies: Written, field: str, statement: Json, place: int
) -> None:
    """What is allowed with one more Deny was allowed without, and so for what may be allowed."""
    before = decide(request, policies)
    after = decide(request, with_statement(policies, field, {**statement, "Effect": "Deny"}, place))

    assert after.decision is not Decision.ALLOWED or before.decision is Decision.ALLOWED
    assert before.may_be_allowed or not after.may_be_allowed
    if before.decision is Decision.EXPLICITLY_DENIED:
        assert after.decision is Decision.EXPLICITLY_DENIED


@often
@given(REQUESTS, WRITTEN, st.sampled_from(FIELDS), WITH_PRINCIPAL, st.integers(0, 3))
def test_an_allow_never_takes_away(
    request: Request, policies: Written, field: str, statement: Json, place: int
) -> None:
    """What is allowed, or may be, is so with one more Allow in a policy that is there."""
    before = decide(request, policies)
    after = decide(
        request, with_statement(policies, field, {**statement, "Effect": "Allow"}, place)
    )

    assert before.decision is not Decision.ALLOWED or after.decision is Decision.ALLOWED
    assert after.may_be_allowed or not before.may_be_allowed
    if before.decision is Decision.EXPLICITLY_DENIED:
        assert after.decision is Decision.EXPLICITLY_DENIED


@often
@given(REQUESTS, WRITTEN, SEEDS)
def test_order_is_irrelevant(request: Request, policies: Written, seed: int) -> None:
    """The order of statements, and of the policies of a layer, changes nothing."""
    random = Random(seed)
    shuffled = {
        field: [
            {**one, "Statement": random.sample(one["Statement"], len(one["Statement"]))}
            for one in random.sample(found, len(found))
        ]
        for field, found in vars(policies).items()
    }
    before, after = decide(request, policies), decide(request, Written(**shuffled))

    assert after.decision is before.decision
    assert after.depends_on == before.depends_on
    assert after.blocked_by == before.blocked_by
    assert sorted((one.layer, one.effect) for one in after.because) == sorted(
        (one.layer, one.effect) for one in before.because
    )


@often
@given(REQUESTS, WRITTEN, SEEDS)
def test_spelling_is_irrelevant(request: Request, policies: Written, seed: int) -> None:
    """The canonical form of a document, and any other way to write it, decides alike."""
    before = decide(request, policies)
    canonical = {
        field: [canonical_document(one) for one in found] for field, found in vars(policies).items()
    }
    other = {
        field: [disguised(one, Random(seed)) for one in found]
        for field, found in vars(policies).items()
    }

    for spelt in (canonical, other):
        after = decide(request, Written(**spelt))
        assert after.decision is before.decision
        assert after.blocked_by == before.blocked_by
        assert {key.lower() for key in after.depends_on} == {
            key.lower() for key in before.depends_on
        }


def _known(context: Context) -> dict[str, Value]:
    found = {key: context.find(key) for key in KEYS if key.lower() in context}
    return {key: value for key, value in found.items() if not isinstance(value, Missing)}


@often
@given(REQUESTS, WRITTEN, st.lists(KNOWN, min_size=1, max_size=8))
def test_what_is_decided_stays_so(
    request: Request, policies: Written, more: list[dict[str, Json]]
) -> None:
    """What is decided in an open context is decided alike whatever the unknown keys are."""
    known = _known(request.context)
    open_request = replace(request, context=Context(known, open=True))
    outcome = decide(open_request, policies)

    for assignment in [{}, *more]:
        closed = replace(request, context=Context({**assignment, **known}, open=False))
        found = decide(closed, policies)
        assert found.depends_on == frozenset()
        if outcome.decision is not Decision.DEPENDS:
            assert found.decision is outcome.decision
        if not outcome.may_be_allowed:
            assert found.decision is not Decision.ALLOWED


@often
@given(REQUESTS, WRITTEN, st.data())
def test_named_keys_are_all_that_matter(
    request: Request, policies: Written, data: st.DataObject
) -> None:
    """Once the keys are known that an answer depends on, it depends on nothing any more."""
    known = _known(request.context)
    open_request = replace(request, context=Context(known, open=True))
    outcome = decide(open_request, policies)

    assert (outcome.decision is Decision.DEPENDS) == bool(outcome.depends_on)
    more = {key: data.draw(VALUES) for key in sorted(outcome.depends_on)}
    told = replace(request, context=Context({**known, **more}, open=True))
    assert decide(told, policies).decision is not Decision.DEPENDS


KEY_VALUES: list[str | None] = [None, "1", "2", "*", "zz"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Allow", "Deny"]),
            st.sampled_from(["a:x", "a:y", "a:z"]),
            st.sampled_from(
                ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringLike"]
            ),
            st.sampled_from(["1", "2", "*", ["1", "2"]]),
        ),
        max_size=3,
        unique_by=lambda one: one[1],
    )
)
def test_depends_exactly_where_keys_decide(conditions: list[tuple[str, str, str, Json]]) -> None:
    """With each key in one condition, DEPENDS is the answer exactly where two values disagree."""
    document = parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                *(
                    says(effect, Condition={operator: {key: value}})["Statement"][0]
                    for effect, key, operator, value in conditions
                ),
                says("Allow", "sqs:*")["Statement"][0],
            ],
        }
    )
    policies = Policies(identity=(NamedPolicy("p", document),))
    caller = Caller(f"arn:aws:iam::{HOME}:role/reader", HOME, CallerKind.ROLE)

    def decision(context: Context) -> Decision:
        return evaluate(Request(caller, "s3:GetObject", "arn:x", None, context), policies).decision

    worlds = [
        {key: value for key, value in zip(("a:x", "a:y", "a:z"), values, strict=True) if value}
        for values in product(KEY_VALUES, repeat=3)
    ]
    answers = {decision(Context(world, open=False)) for world in worlds}

    assert decision(Context({}, open=True)) is (
        Decision.DEPENDS if len(answers) > 1 else next(iter(answers))
    )


@pytest.mark.parametrize(
    "pattern", ["s3:Get*", "s3:*Acl", "S3:?etObject*", "sqs:*", "s3:PutObject"]
)
def test_expanding_wildcards_changes_nothing(pattern: str) -> None:
    """A wildcard and the actions that it stands for decide alike about every known action."""
    catalogue = Catalogue.bundled()
    caller = Caller(f"arn:aws:iam::{HOME}:role/reader", HOME, CallerKind.ROLE)
    context = Context({}, open=False)

    def allowed(action: str, actions: Json) -> bool:
        policies = Policies(identity=(NamedPolicy("p", parse(says("Allow", actions))),))
        outcome = evaluate(Request(caller, action, "*", None, context), policies)
        return outcome.decision is Decision.ALLOWED

    expanded = list(catalogue.expand(pattern))
    known = [name for service in ("s3", "sqs") for name in catalogue.actions_of(service)]

    assert expanded
    assert [name for name in known if allowed(name, pattern)] == [
        name for name in known if allowed(name, expanded)
    ]
