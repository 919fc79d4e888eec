"""The questions of `verify`, answered by really trying: the producer of probe results.

What can't be tried is skipped with its reason; an answer that leaves doubt is no result either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.policy.evaluator import Decision
from ...resources.role import Role
from ..verify import Answers, Because, Expected, Method, Question, Remark, Result, Skipped
from .carriers import Bound, CannotCarryError, Carrier, NotBoundError, ProbedRole, Report
from .harmless import Harmless, NotProbeableError
from .trials import Answer, Trial, Verdict, judge

Limits = Callable[[Question, Trial], str]
"""Why an answer to a trial would not count here, as the end of a sentence; empty where it does."""

LEFT = "probe-left"
"""The rule of a remark on what could not be removed again."""
NOWHERE = "it is bound to no service in which a probe can run"


def no_limits(_question: Question, _trial: Trial) -> str:
    """On AWS itself every answer counts."""
    return ""


def probed_roles(
    attributes: Mapping[Address, Attrs], arns: Mapping[Address, str]
) -> dict[Address, ProbedRole]:
    """The roles that are there, by address, with the bindings of the stack that carry them.

    `attributes` are the stack's, `arns` those of the roles that AWS has.
    """
    bindings = [
        Bound(address, attrs)
        for address, attrs in sorted(attributes.items())
        if address.kind == ServiceBinding.kind
    ]
    return {
        address: ProbedRole(
            address,
            attributes[address]["name"],
            arn,
            tuple(b for b in bindings if _carries(b, attributes[address]["name"], arn)),
        )
        for address, arn in arns.items()
        if address.kind == Role.kind
    }


def _carries(bound: Bound, name: str, arn: str) -> bool:
    """Whether a binding names the role in one of its `role` attributes."""
    return any(
        value in (name, arn) for key, value in bound.attributes.items() if "role" in key.split("_")
    )


@dataclass(frozen=True, slots=True)
class Prober:
    """The producer of probe results. `carriers` are tried in their order."""

    roles: Mapping[Address, ProbedRole]
    harmless: Harmless
    carriers: Sequence[Carrier]
    limits: Limits = no_limits

    def __call__(self, questions: Sequence[Question]) -> Answers:
        """Answer what can be answered.

        Raises:
            Problem: the journal can't be written, or holds an open run.
        """
        found = Answers()
        for address in dict.fromkeys(question.role for question in questions):
            own = tuple(question for question in questions if question.role == address)
            found += self._of_role(address, own)
        if questions and not found.results:
            text = "the probe proved nothing: no question could be tried"
            found += Answers(remarks=(Remark("probe-nothing", "warning", text),))
        return found

    def _of_role(self, address: Address, questions: Sequence[Question]) -> Answers:
        role = self.roles.get(address)
        if role is None:
            return _skipped(questions, "the role is not there")
        asking = _Asking()
        for question in questions:
            self._prepare(question, asking)
        if not asking.tried and not asking.assuming:
            return Answers(skipped=tuple(asking.skipped))
        try:
            report = self._carry(role, asking.calls)
        except CannotCarryError as error:
            asked = (*asking.assuming, *(question for question, _ in asking.tried))
            found = _skipped(asked, str(error)) + Answers(remarks=_left(error.left))
        else:
            found = asking.results(report) + Answers(remarks=_left(report.left))
        return Answers(skipped=tuple(asking.skipped)) + found

    def _prepare(self, question: Question, asking: _Asking) -> None:
        """Find out how a question can be tried."""
        if question.assumed_by is not None:
            asking.assuming.append(question)
            return
        if question.context:
            keys = ", ".join(sorted(question.context))
            asking.skip(question, f"a probe can't choose {keys}")
            return
        try:
            trial = self.harmless.trial(question.action, question.resource)
        except NotProbeableError as error:
            asking.skip(question, str(error))
            return
        limit = self.limits(question, trial)
        if limit:
            asking.skip(question, limit)
        else:
            asking.tried.append((question, trial))

    def _carry(self, role: ProbedRole, calls: Sequence[Trial]) -> Report:
        """Make the calls through the first carrier that can.

        Raises:
            CannotCarryError: none can, with the reasons of all that might have.
        """
        reasons: list[str] = []
        for carrier in self.carriers:
            try:
                return carrier(role, calls)
            except NotBoundError:
                continue
            except CannotCarryError as error:
                reasons.append(str(error))
                if error.left:
                    # The journal is open now, and the next carrier could make nothing.
                    raise CannotCarryError("; ".join(reasons), error.left) from error
        if not role.bindings:
            reasons.append(NOWHERE)
        raise CannotCarryError("; ".join(reasons) or NOWHERE)


@dataclass
class _Asking:
    """The questions about one role: those that are tried, that show by themselves, that are not."""

    tried: list[tuple[Question, Trial]] = field(default_factory=list[tuple[Question, Trial]])
    assuming: list[Question] = field(default_factory=list[Question])
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def skip(self, question: Question, reason: str) -> None:
        self.skipped.append(Skipped(question, Method.PROBE, reason))

    @property
    def calls(self) -> tuple[Trial, ...]:
        """All calls to make: of each question its own, then the witness of those that have one."""
        own = [trial for _, trial in self.tried]
        return (*own, *(trial.witness for trial in own if trial.witness is not None))

    def results(self, report: Report) -> Answers:
        """What the answers to the calls say."""
        own, rest = report.answers[: len(self.tried)], iter(report.answers[len(self.tried) :])
        found = Answers()
        for (question, trial), answer in zip(self.tried, own, strict=True):
            witness = next(rest) if trial.witness is not None else None
            found += _result(question, trial, answer, witness, report)
        for question in self.assuming:
            found += _assumed(question, report)
        return found


def _result(
    question: Question, trial: Trial, answer: Answer, witness: Answer | None, report: Report
) -> Answers:
    verdict, why = judge(trial, answer, witness)
    if verdict is Verdict.UNCLEAR:
        return Answers(skipped=(Skipped(question, Method.PROBE, why, tried=True),))
    allowed = verdict is Verdict.ALLOWED
    refused = Decision.EXPLICITLY_DENIED if answer.explicit else Decision.IMPLICITLY_DENIED
    passed = allowed == (question.expected is Expected.ALLOW)
    result = Result(
        question,
        Decision.ALLOWED if allowed else refused,
        Method.PROBE,
        passed,
        tuple(_because(trial, answer, report)),
        exact=not trial.representative,
        example=trial.resource if trial.representative or not passed else None,
        example_action=trial.action if not passed else None,
    )
    return Answers((result,))


def _because(trial: Trial, answer: Answer, report: Report) -> Iterator[Because]:
    told = answer.code or "no error"
    deny = ", by an explicit deny" if answer.explicit else ""
    yield Because(f"{trial} on {trial.resource}, {report.where}, was answered with {told}{deny}")
    if trial.representative:
        yield Because("one example was tried, not all that the pattern stands for", note=True)


def _assumed(question: Question, report: Report) -> Answers:
    """That a service came up with the role is the proof that it may assume it."""
    if question.assumed_by is None or question.assumed_by != report.principal:
        return _skipped(
            (question,), f"only a service itself shows that, and the calls were made {report.where}"
        )
    text = f"{report.principal} assumed the role for the calls made {report.where}"
    passed = question.expected is Expected.ALLOW
    return Answers((Result(question, Decision.ALLOWED, Method.PROBE, passed, (Because(text),)),))


def _skipped(questions: Sequence[Question], reason: str) -> Answers:
    return Answers(skipped=tuple(Skipped(one, Method.PROBE, reason) for one in questions))


def _left(commands: Sequence[str]) -> tuple[Remark, ...]:
    """What could not be removed again."""
    return tuple(
        Remark(
            LEFT,
            "error",
            f"the probe could not remove what it made; `rolewright recover --back` tries again, "
            f"or do it by hand: {command}",
        )
        for command in commands
    )
