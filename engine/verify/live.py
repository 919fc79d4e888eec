"""Answers by AWS's policy simulator, compared with our own. Pure: the simulator is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...resources.address import Address
from ...resources.policy.context import Context
from ...resources.policy.evaluator import Decision
from .offline import AS_EXPECTED, WORST_FIRST, Asked, Offline, settled
from .questions import Answers, Because, Method, Question, Remark, Result, Skipped
from .requests import Answer
from .simulation import Simulated, Simulator

_WORDS = {
    Decision.ALLOWED: "allowed",
    Decision.IMPLICITLY_DENIED: "not allowed",
    Decision.EXPLICITLY_DENIED: "denied",
}
_NO_TRUST = "AWS's policy simulator knows no trust policies; the offline answer stands"

_Key = tuple[Address, str, Context]
"""What shares a call: a role, a resource and a context."""


_Pair = tuple[Answer, "Simulated | None"]


@dataclass(frozen=True, slots=True)
class Live:
    """The producer of live results: each request that the offline one makes is asked of AWS too."""

    simulator: Simulator
    offline: Offline

    def __call__(self, questions: Sequence[Question]) -> Answers:
        """Answer every question about what a role may do.

        Raises:
            Problem: the simulator may not be used, or isn't there.
            AwsError: AWS refused otherwise, or can't be reached.
        """
        skipped: list[Skipped] = []
        asked: list[Asked] = []
        for question in questions:
            found = self.offline.ask(question)
            if found is not None and question.assumed_by is not None:
                skipped.append(Skipped(question, Method.LIVE, _NO_TRUST))
            elif found is not None:
                asked.append(found)
        told = self._simulate(asked)
        cases = [
            (
                each,
                [(answer, told[_key(each, answer)].get(answer.action)) for answer in each.answers],
            )
            for each in asked
        ]
        return Answers(
            tuple(self._result(each.question, pairs) for each, pairs in cases),
            tuple(skipped),
            tuple(remark for each, pairs in cases for remark in _remarks(each.question, pairs)),
        )

    def _simulate(self, asked: Sequence[Asked]) -> Mapping[_Key, Mapping[str, Simulated]]:
        """All requests, those that share a call together."""
        groups: dict[_Key, dict[str, None]] = {}
        for each in asked:
            for answer in each.answers:
                groups.setdefault(_key(each, answer), {})[answer.action] = None
        return {
            (role, resource, context): self.simulator(
                self.offline.roles[role], list(actions), resource, context
            )
            for (role, resource, context), actions in groups.items()
        }

    def _result(self, question: Question, pairs: Sequence[_Pair]) -> Result:
        order = WORST_FIRST[question.expected]
        answer, simulated = min(pairs, key=lambda pair: order.index(_decision(pair)))
        decision = _decision((answer, simulated))
        passed = decision in AS_EXPECTED[question.expected] and not any(map(_disagree, pairs))
        depends = decision is Decision.DEPENDS
        return Result(
            question=question,
            decision=settled(answer, question.expected) if depends else decision,
            method=Method.LIVE,
            passed=passed,
            because=tuple(self._because(pairs if passed else [(answer, simulated)], passed=passed)),
            depends_on=tuple(sorted(answer.outcome.depends_on)) if depends else (),
            example=None if passed else answer.resource,
            example_action=None if passed else answer.action,
        )

    def _because(self, pairs: Sequence[_Pair], *, passed: bool) -> Iterator[Because]:
        told: dict[str, None] = {}
        for answer, simulated in pairs:
            if simulated is None:
                told[f"iam:{self.simulator.operation} did not answer for {answer.action}"] = None
                continue
            what = "it" if passed else f"{answer.action} on {answer.resource}"
            told[
                f"iam:{self.simulator.operation} says that {what} is {_WORDS[simulated.decision]}"
            ] = None
            told |= dict.fromkeys(f"it names {name}" for name in simulated.statements)
            told |= dict.fromkeys(_layers(simulated))
            if _is_open(answer):
                keys = ", ".join(sorted(answer.outcome.depends_on))
                told[f"it depends on {keys}: {self.offline.give}"] = None
            elif _disagree((answer, simulated)):
                told[
                    f"rolewright's own answer is that it is {_WORDS[answer.identity.decision]}"
                ] = None
        yield from map(Because, told)


def _key(asked: Asked, answer: Answer) -> _Key:
    return asked.question.role, answer.resource, answer.context


def _is_open(answer: Answer) -> bool:
    """Whether keys that nobody gave decide: the simulator takes them for absent."""
    return answer.identity.decision is Decision.DEPENDS and answer.identity.may_be_allowed


def _decision(pair: _Pair) -> Decision:
    answer, simulated = pair
    return Decision.DEPENDS if simulated is None or _is_open(answer) else simulated.decision


def _disagree(pair: _Pair) -> bool:
    """Whether the simulator and we answer differently what both can tell."""
    answer, simulated = pair
    if simulated is None or answer.unproven or answer.identity.decision is Decision.DEPENDS:
        return False
    return simulated.decision is not answer.identity.decision


def _layers(simulated: Simulated) -> Iterator[str]:
    if simulated.boundary is False:
        yield "the permissions boundary does not allow it"
    if simulated.organization is False:
        yield "a service control policy of the organization does not allow it"


def _remarks(question: Question, pairs: Sequence[_Pair]) -> Iterator[Remark]:
    for pair in filter(_disagree, pairs):
        answer, simulated = pair
        if simulated is None:
            continue
        why = "; ".join(_layers(simulated))
        ours, theirs = _WORDS[answer.identity.decision], _WORDS[simulated.decision]
        yield Remark(
            "simulator-disagrees",
            "high",
            f"{answer.action} on {answer.resource} is {ours} by rolewright's evaluation of the "
            f"role's policies, and {theirs} by AWS's simulator{f': {why}' if why else ''}",
            question,
        )
