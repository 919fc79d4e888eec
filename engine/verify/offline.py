"""Answers by rolewright's own evaluator: exact for patterns, and with their reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...resources.policy.evaluator import Decision
from ...resources.policy.shape import Effect
from ..role_policies import RolePolicies
from .places import Places
from .questions import Answers, Because, Expected, Explained, Method, Question, Remark, Result
from .reasons import Reasons
from .requests import Answer, Requests, World
from .roles import Roles
from .trust import assume

GIVE = "give it under context: in the expectation"

WORST_FIRST: Mapping[Expected, Sequence[Decision]] = {
    Expected.ALLOW: (
        Decision.EXPLICITLY_DENIED,
        Decision.IMPLICITLY_DENIED,
        Decision.DEPENDS,
        Decision.ALLOWED,
    ),
    Expected.DENY: (
        Decision.ALLOWED,
        Decision.DEPENDS,
        Decision.IMPLICITLY_DENIED,
        Decision.EXPLICITLY_DENIED,
    ),
}
AS_EXPECTED = {
    Expected.ALLOW: frozenset({Decision.ALLOWED}),
    Expected.DENY: frozenset({Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """All requests that a question stands for, answered.

    `exact`: they cover all of its pattern. `works`: the action works on a resource of the sort.
    """

    question: Question
    answers: tuple[Answer, ...]
    exact: bool = True
    works: bool = True

    @property
    def decisive(self) -> Answer:
        """The answer that the verdict hangs on: the one furthest from what is expected."""
        order = WORST_FIRST[self.question.expected]
        return min(self.answers, key=lambda answer: order.index(answer.decision))


@dataclass(frozen=True, slots=True)
class Offline:
    """The producer of offline results.

    `callers` are roles by ARN, beside `roles`, whose own policies count when they assume others.
    """

    world: World
    roles: Roles
    places: Places
    callers: Mapping[str, RolePolicies] = field(default_factory=dict[str, RolePolicies])
    give: str = GIVE

    def __call__(self, questions: Sequence[Question]) -> Answers:
        """Answer every question."""
        found = Answers()
        for question in questions:
            asked = self.ask(question)
            if asked is None:
                found += Answers((_missing(question),))
            else:
                found += Answers((self.result(asked),), remarks=tuple(_remarks(asked)))
        return found

    def ask(self, question: Question) -> Asked | None:
        """Decide about all requests that a question stands for; None if its role isn't there.

        Of an action with a wildcard those actions count that work on the resource.
        """
        role = self.roles.get(question.role)
        if role is None:
            return None
        if question.assumed_by is not None:
            callers = {**{one.arn: one for one in self.roles.values()}, **self.callers}
            answer = assume(self.world, role, question.assumed_by, question.context, callers)
            return Asked(question, (answer,))
        requests = Requests(self.world, role, question.context)
        actions = self.world.catalogue.expand(question.action)
        asked = self._ask_all(question, requests, actions)
        if asked.answers:
            return asked
        # It works on nothing of the sort: what the policies say of the text is all there is.
        action, pattern = (actions or (question.action,))[0], question.resource
        return Asked(question, (requests.ask(action, pattern, pattern),), works=False)

    def _ask_all(self, question: Question, requests: Requests, actions: Sequence[str]) -> Asked:
        """All requests, but of the actions that no policy mentions only one: they fare alike."""
        pattern, worst = question.resource, WORST_FIRST[question.expected][0]
        found: list[Answer] = []
        exact, unmentioned = True, False
        for action in actions:
            mentioned = requests.mentions(action, pattern)
            if unmentioned and not mentioned:
                continue
            chosen = requests.samples(action, pattern)
            exact &= chosen.exact
            found += (requests.ask(action, one, pattern) for one in chosen.resources)
            unmentioned |= bool(chosen.resources) and not mentioned
            if any(answer.decision is worst for answer in found[-len(chosen.resources) :]):
                break
        return Asked(question, tuple(found), exact)

    def explain(self, question: Question) -> Explained:
        """What becomes of a question's requests, by the one furthest from what is expected.

        Raises:
            KeyError: the role isn't there.
        """
        asked = self.ask(question)
        if asked is None:
            raise KeyError(question.role)
        decisive = asked.decisive
        passed = decisive.decision in AS_EXPECTED[question.expected]
        several = _differs(question, decisive)
        return Explained(
            question=question,
            decision=decisive.decision,
            because=tuple(dict.fromkeys(self._because(asked, passed=passed))),
            depends_on=_depends_on(decisive),
            exact=asked.exact,
            example=decisive.resource if several else None,
            example_action=decisive.action if several else None,
            remarks=tuple(_remarks(asked)),
        )

    def result(self, asked: Asked) -> Result:
        """The verdict on a question: all that it stands for must be allowed, or none of it."""
        question, decisive = asked.question, asked.decisive
        passed = decisive.decision in AS_EXPECTED[question.expected]
        shows = not passed and question.assumed_by is None
        return Result(
            question=question,
            decision=settled(decisive, question.expected),
            method=Method.OFFLINE,
            passed=passed,
            because=tuple(dict.fromkeys(self._because(asked, passed=passed))),
            depends_on=_depends_on(decisive),
            exact=asked.exact,
            example=decisive.resource if shows else None,
            example_action=decisive.action if shows else None,
            target=None if question.assumed_by is None else decisive.resource,
        )

    def _because(self, asked: Asked, *, passed: bool) -> Iterator[Because]:
        question, decisive = asked.question, asked.decisive
        reasons = Reasons(self.places, self.give)
        if passed:
            for answer in asked.answers:
                for deciding in answer.outcome.because:
                    document = answer.documents.get(deciding.policy)
                    yield reasons.statement(deciding, answer.outcome.decision, document)
        elif question.assumed_by is None and _differs(question, decisive):
            yield Because(f"one case: {decisive.action} on {decisive.resource}", note=True)
        yield from reasons.of(decisive.outcome, decisive.action, decisive.documents)
        for answer in asked.answers if passed else (decisive,):
            yield from map(Because, answer.unproven)
            yield from (Because(text, note=True) for text in answer.notes)
        if not asked.exact:
            yield Because(
                "the resource was compared as text, as AWS's simulator does: the policies have "
                "too many patterns to tell all that it stands for apart",
                note=True,
            )


def _depends_on(answer: Answer) -> tuple[str, ...]:
    """The keys that decide; none where something else isn't known."""
    depends = answer.decision is Decision.DEPENDS
    return tuple(sorted(answer.outcome.depends_on)) if depends else ()


def _differs(question: Question, answer: Answer) -> bool:
    return (question.action.lower(), question.resource) != (answer.action.lower(), answer.resource)


def settled(answer: Answer, expected: Expected) -> Decision:
    """The decision to report: for DEPENDS, the one against what is expected."""
    if answer.decision is not Decision.DEPENDS:
        return answer.decision
    if expected is Expected.DENY:
        return Decision.ALLOWED
    denies = any(each.effect is Effect.DENY for each in answer.outcome.because)
    return Decision.EXPLICITLY_DENIED if denies else Decision.IMPLICITLY_DENIED


def _missing(question: Question) -> Result:
    text = f"there is no such role in AWS: `rolewright apply` makes {question.role}"
    return Result(
        question, Decision.IMPLICITLY_DENIED, Method.OFFLINE, passed=False, because=(Because(text),)
    )


def _remarks(asked: Asked) -> Iterator[Remark]:
    if not asked.works:
        question = asked.question
        yield Remark(
            "action-resource-mismatch",
            "medium",
            f"{question.action} does not work on {question.resource}: AWS never asks about the two "
            "together, so that the answer says what the policies say and no more",
            question,
        )
