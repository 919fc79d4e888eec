"""The answers of `can` and `who-can` as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from ...resources.policy.evaluator import Decision
from ..role_policies import RolePolicies
from ..verify import Explained, Remark
from .lines import Line, line, show
from .symbols import BOLD, GREEN, RED, YELLOW
from .values import many
from .verify_text import because_line, remark_line

_WORDS = {
    Decision.ALLOWED: ("yes", GREEN),
    Decision.DEPENDS: ("it depends", YELLOW),
    Decision.IMPLICITLY_DENIED: ("no", RED),
    Decision.EXPLICITLY_DENIED: ("no, it is denied", RED),
}


def render_can(answer: Explained, role: RolePolicies, console: Console) -> None:
    """Print whether a role may do something, and why."""
    word, style = _WORDS[answer.decision]
    asked = answer.question
    show(
        console,
        [
            line((word, style), f": {role.name}, {asked.action} on {asked.resource}"),
            *_reasons(answer),
        ],
    )


def render_who_can(
    answers: Sequence[tuple[RolePolicies, Explained]],
    asked: tuple[str, str],
    console: Console,
    *,
    checked: int,
    remarks: Sequence[Remark],
) -> None:
    """Print the roles that may do something, each with the reason."""
    show(console, who_can_lines(answers, asked, checked=checked, remarks=remarks))


def who_can_lines(
    answers: Sequence[tuple[RolePolicies, Explained]],
    asked: tuple[str, str],
    *,
    checked: int,
    remarks: Sequence[Remark] = (),
) -> Iterable[Line]:
    """The roles as lines."""
    for role, answer in answers:
        word, style = _WORDS[answer.decision]
        yield line((role.name, BOLD), "  ", (word, style))
        yield from (because_line(each).deeper(-2) for each in answer.because)
    yield from map(remark_line, remarks)
    action, resource = asked
    sure = sum(answer.decision is Decision.ALLOWED for _, answer in answers)
    told = f"{sure} of {many(checked, 'role')} can {action} on {resource}"
    if len(answers) > sure:
        told += f", {len(answers) - sure} if conditions hold"
    yield line(told)


def _reasons(answer: Explained) -> Iterable[Line]:
    yield from (because_line(each).deeper(-4) for each in answer.because)
    yield from map(remark_line, answer.remarks)
