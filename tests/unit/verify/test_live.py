"""Live answers: the simulator's decisions, and what it means when they are not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from rolewright.engine.role_policies import RolePolicies
from rolewright.engine.verify import Answers, Method, Question
from rolewright.engine.verify.live import Live
from rolewright.engine.verify.requests import ResourcePolicy
from rolewright.engine.verify.simulation import Simulated
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluator import Decision

from .roles import PHOTOS, assumed_by, can, cannot, deny, offline, policy, role, statement

GET = statement("s3:GetObject", PHOTOS)
ALLOWED, DENIED, NOT = (
    Decision.ALLOWED,
    Decision.EXPLICITLY_DENIED,
    Decision.IMPLICITLY_DENIED,
)


@dataclass
class Says:
    """A simulator that gives one answer to all, and takes notes."""

    answer: Simulated
    asked: list[tuple[list[str], str]] = field(default_factory=list[tuple[list[str], str]])
    operation: str = "SimulatePrincipalPolicy"

    def __call__(
        self, role: RolePolicies, actions: Sequence[str], resource: str, context: Context
    ) -> Mapping[str, Simulated]:
        self.asked.append((list(actions), resource))
        return dict.fromkeys(actions, self.answer)


def live(says: Simulated, question: Question, one: RolePolicies) -> Answers:
    return Live(Says(says), offline(one))([question])


@pytest.mark.parametrize(
    ("question", "says", "passed", "disagrees"),
    [
        (can("s3:GetObject"), ALLOWED, True, False),
        (can("s3:GetObject"), NOT, False, True),
        (can("s3:GetObject"), DENIED, False, True),
        (cannot("s3:GetObject"), ALLOWED, False, False),
        (cannot("s3:PutObject"), NOT, True, False),
        (cannot("s3:PutObject"), ALLOWED, False, True),
        # As expected all the same, but one of the two must be wrong.
        (cannot("s3:PutObject"), DENIED, False, True),
    ],
)
def test_verdicts(question: Question, says: Decision, *, passed: bool, disagrees: bool) -> None:
    answers = live(Simulated(says), question, role(GET))
    (result,) = answers.results

    assert (result.passed, result.decision, result.method) == (passed, says, Method.LIVE)
    assert bool(answers.remarks) is disagrees
    assert any("own answer" in each.text for each in result.because) is disagrees


def test_a_disagreement_names_the_request_and_the_layer() -> None:
    says = Simulated(NOT, organization=False)

    (remark,) = live(says, can("s3:GetObject"), role(GET)).remarks

    assert (remark.rule, remark.severity) == ("simulator-disagrees", "high")
    assert "s3:GetObject on arn:aws:s3:::photos/" in remark.message
    assert "service control policy" in remark.message


def test_the_policy_of_the_resource_is_left_out_of_the_comparison() -> None:
    """For roles the simulator weighs none: what only that policy allows is not allowed there."""
    mine = {**statement("s3:GetObject"), "Principal": {"AWS": role().arn}}
    ours = offline(role(), {PHOTOS: ResourcePolicy(policy(mine))})

    answers = Live(Says(Simulated(NOT)), ours)([can("s3:GetObject")])

    assert answers.remarks == ()


def test_an_unknown_key_proves_nothing_live_either() -> None:
    """The simulator takes a key that nobody gives for absent."""
    ip = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    says = Simulated(ALLOWED, missing=("aws:SourceIp",))

    answers = live(says, can("s3:GetObject"), role(GET, deny("s3:*", "*", **ip)))
    (result,) = answers.results

    assert (result.passed, result.depends_on) == (False, ("aws:SourceIp",))
    assert answers.remarks == ()


def test_trust_is_not_simulated() -> None:
    answers = live(Simulated(ALLOWED), assumed_by("ec2.amazonaws.com"), role())

    assert answers.results == ()
    assert [skipped.method for skipped in answers.skipped] == [Method.LIVE]


def test_requests_for_one_resource_share_a_call() -> None:
    says = Says(Simulated(NOT))
    asks = [can("s3:GetObject"), cannot("s3:PutObject"), cannot("s3:DeleteObject")]

    Live(says, offline(role(GET)))(asks)

    assert [actions for actions, _ in says.asked] == [
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    ]
