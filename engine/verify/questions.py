"""What is asked of roles, and what comes back: values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ...resources.address import Address
from ...resources.diagnostics import Source
from ...resources.policy.evaluator import Decision

ContextKeys = Mapping[str, str | Sequence[str]]
"""Context keys with their value, or the values of one that takes several."""


class Expected(StrEnum):
    """What an expectation wants of a request."""

    ALLOW = "allow"
    DENY = "deny"


class Method(StrEnum):
    """How an answer was found: by rolewright, by AWS's policy simulator, by really trying."""

    OFFLINE = "offline"
    LIVE = "live"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what is expected of it.

    `action` and `resource` are as they are written, also with wildcards: all that they stand for
    must be allowed, or none of it. With `assumed_by`, a service principal or an ARN, it is that
    caller who asks to assume the role: `action` is `sts:AssumeRole`, and `resource` empty, for the
    role's own ARN. `context` holds the keys that the expectation gives; `source` is where it
    stands.
    """

    role: Address
    action: str
    resource: str
    expected: Expected
    assumed_by: str | None = None
    context: ContextKeys = field(default_factory=dict[str, "str | Sequence[str]"], hash=False)
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Because:
    """A reason in words; where a statement is one, also which and where it stands.

    `layer` is the sort of policy, `policy` its name, `statement` the index of the statement from 0.
    A `note` is not what decided, but what to know of the decision.
    """

    text: str
    layer: str | None = None
    policy: str | None = None
    statement: int | None = None
    sid: str | None = None
    effect: str | None = None
    source: Source | None = None
    note: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """An answer to a question.

    `decision` is never DEPENDS: where keys decide that nobody gave, `depends_on` names them, and
    the decision is the one against the expectation that some of their values lead to. `exact` is
    False where a pattern was compared as text. `example` is the resource (and `example_action` the
    action) that shows a failure; `target` is the ARN of the role where it is the resource.
    """

    question: Question
    decision: Decision
    method: Method
    passed: bool
    because: tuple[Because, ...] = ()
    depends_on: tuple[str, ...] = ()
    exact: bool = True
    example: str | None = None
    example_action: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """What becomes of the requests that a question stands for, whatever was expected.

    `decision` may be DEPENDS. `example_action` on `example` is a request that is decided so, where
    the question stands for several.
    """

    question: Question
    decision: Decision
    because: tuple[Because, ...]
    depends_on: tuple[str, ...]
    exact: bool
    example: str | None = None
    example_action: str | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that a method can't answer, and why; `tried` where it asked and the answer left it open."""

    question: Question
    method: Method
    reason: str
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know beside the results; `rule` and `severity` as in the findings of a plan."""

    rule: str
    severity: str
    message: str
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What one method has to say about all questions."""

    results: tuple[Result, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __add__(self, other: Answers) -> Answers:
        return Answers(
            self.results + other.results,
            self.skipped + other.skipped,
            self.remarks + other.remarks,
        )

    @property
    def unmet(self) -> tuple[Result, ...]:
        """The results that are not as expected."""
        return tuple(result for result in self.results if not result.passed)


Producer = Callable[[Sequence[Question]], Answers]
"""A way of answering questions: `verify` asks each in turn and puts the answers together."""
