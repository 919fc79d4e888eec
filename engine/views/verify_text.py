"""Results of `verify`, `can` and `who-can` as text: one line each, its reasons, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from rich.console import Console

from ..verify import Answers, Because, Expected, Method, Remark, Result, Skipped
from .lines import BLANK, Line, glued, line, show
from .symbols import BOLD, CYAN, DIM, GREEN, RED, YELLOW, severity_style
from .values import many

_MARKS = {True: ("✓", GREEN), False: ("✗", RED)}
_WORDS = {"allowed": "allowed", "implicitly_denied": "not allowed", "explicitly_denied": "denied"}


def render_answers(answers: Answers, console: Console, *, planned: bool = False) -> None:
    """Print all results by role, what was skipped, what there is to know, and the summary."""
    show(console, answer_lines(answers, planned=planned))


def answer_lines(answers: Answers, *, planned: bool = False) -> Iterable[Line]:
    """Answers as lines."""
    if not answers.results and not answers.skipped:
        yield line("The stack file has no expectations, so there is nothing to prove.")
        yield line(("hint: ", CYAN), "write some under expectations:", indent=2, hang=6)
        return
    for role, results in groupby(answers.results, key=lambda result: result.question.role):
        yield line((str(role), BOLD), (" after the plan" if planned else "", DIM))
        for result in results:
            yield from _result_lines(result, planned=planned)
        yield BLANK
    for skipped in answers.skipped:
        yield from _skipped_lines(skipped)
    yield from map(remark_line, answers.remarks)
    if answers.skipped or answers.remarks:
        yield BLANK
    yield _summary(answers)


def _result_lines(result: Result, *, planned: bool) -> Iterable[Line]:
    mark, style = _MARKS[result.passed]
    how = "" if result.method is Method.OFFLINE else f"  ({result.method.value})"
    yield line((f"{mark} ", style), *_question(result), (how, DIM), indent=2)
    if not result.passed:
        state = "it depends" if result.depends_on else _WORDS[result.decision.value]
        yield line((state, style), indent=6)
    yield from (because_line(each) for each in result.because)
    if not result.passed:
        yield line(("hint: ", CYAN), _hint(result, planned=planned), indent=6, hang=6)


def _question(result: Result) -> Iterable[str]:
    question = result.question
    if question.assumed_by is not None:
        yield f"{question.assumed_by} can assume it"
        return
    verb = "can" if question.expected is Expected.ALLOW else "cannot"
    yield f"{verb} {question.action} on {question.resource}"


def because_line(because: Because) -> Line:
    """A reason, with its place in the stack file."""
    place = "" if because.source is None else f" ({because.source.file}:{because.source.line})"
    label = "note: " if because.note else "because "
    return line((label, DIM), because.text, (glued(place), DIM), indent=6)


def _hint(result: Result, *, planned: bool) -> str:
    question = result.question
    where = "" if question.source is None else f", or mend the expectation at {question.source}"
    if result.depends_on:
        keys = ", ".join(f"{key}: …" for key in result.depends_on)
        at = "" if question.source is None else f" at {question.source}"
        return f"add context: {{{keys}}} to the expectation{at}"
    if question.assumed_by is not None:
        return f"let the trust policy of {question.role} allow {question.assumed_by}{where}"
    if question.expected is Expected.ALLOW:
        return f"allow {result.example_action or question.action} to {question.role}{where}"
    again = "" if planned else "; `rolewright plan` shows what was changed by hand"
    return f"take the permission from {question.role}{where}{again}"


def _skipped_lines(skipped: Skipped) -> Iterable[Line]:
    question = skipped.question
    what = question.assumed_by or f"{question.action} on {question.resource}"
    yield line(("- ", YELLOW), f"{question.role}: {what}  ", (f"({skipped.method.value})", DIM))
    label = "left open: " if skipped.tried else "not tried: "
    yield line((label, DIM), skipped.reason, indent=6)


def remark_line(remark: Remark) -> Line:
    """Something to know beside the results."""
    return line((f"{remark.severity} ", severity_style(remark.severity)), remark.message)


def _summary(answers: Answers) -> Line:
    counts = Counter(result.passed for result in answers.results)
    told = [f"{counts[True]} of {many(len(answers.results), 'expectation')} proven"]
    if counts[False]:
        told.append(f"{counts[False]} not")
    tried = Counter(skipped.tried for skipped in answers.skipped)
    if tried[False]:
        told.append(f"{tried[False]} not tried")
    if tried[True]:
        told.append(f"{tried[True]} left open")
    return line((", ".join(told), RED if counts[False] else GREEN))
