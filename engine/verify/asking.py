"""From a stack's expectations to questions, and what is wrong with a question. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic
from ...resources.policy.catalogue import Catalogue
from ...resources.policy.trust_evaluation import ASSUME_ROLE
from ...resources.stack import Expectation
from ..config.declarations import Desired
from ..config.origin import Origin
from .questions import Expected, Question
from .requests import spelt

_ARN_PARTS = 6


def questions(desired: Desired) -> tuple[Question, ...]:
    """What the expectations of a stack ask, in their order."""
    pairs = zip(desired.expectations, desired.expectation_origins, strict=True)
    return tuple(question for pair in pairs for question in _questions(*pair))


def _questions(expectation: Expectation, origin: Origin) -> Iterator[Question]:
    role = Address.parse(f"role.{expectation.role}")
    keys = spelt(expectation.context)
    if expectation.assumed_by is not None:
        source = origin.source(("assumed_by",))
        yield Question(role, ASSUME_ROLE, "", Expected.ALLOW, expectation.assumed_by, keys, source)
    for name, actions, expected in (
        ("can", expectation.can, Expected.ALLOW),
        ("cannot", expectation.cannot, Expected.DENY),
    ):
        for index, action in enumerate(actions):
            source = origin.source((name, index))
            for resource in expectation.on:
                yield Question(role, action, resource, expected, None, keys, source)


def faults(question: Question, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """Why a question can't be asked: its action or its resource is none that AWS knows."""
    if question.assumed_by is not None:
        return
    found = [*action_faults(question.action, catalogue), *resource_faults(question.resource)]
    yield from (each.at(question.source) for each in found)


def action_faults(action: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """Why an action, which may have wildcards, stands for nothing that AWS has."""
    service, colon, name = action.partition(":")
    if catalogue.expand(action):
        return
    if not colon:
        hint = "write SERVICE:ACTION, such as s3:GetObject"
        yield Diagnostic("unknown-action", f'"{action}" is no action', hint=hint)
    elif not (known := catalogue.actions_of(service)) and not _wild(service):
        near = difflib.get_close_matches(service.lower(), catalogue.services(), n=9, cutoff=0.5)
        fits = [one for one in near if catalogue.action(f"{one}:{name}")] or near[:1]
        hint = f"did you mean {fits[0]}:{name}?" if fits else _SOME
        yield Diagnostic("unknown-service", f'AWS has no service "{service}"', hint=hint)
    else:
        near = _near(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else _SOME
        text = f'"{action}" matches no action' if _wild(name) else f'AWS has no action "{action}"'
        yield Diagnostic("unknown-action", text, _SAFE, hint)


_SOME = "the Service Authorization Reference of AWS lists the actions of each service"
_SAFE = "An action that AWS doesn't have is never allowed, so that nothing would be proven."


def _near(name: str, known: tuple[str, ...]) -> list[str]:
    spelled = {full.partition(":")[2].lower(): full for full in known}
    found = difflib.get_close_matches(name.lower(), spelled, n=3, cutoff=0.7)
    return [spelled[each] for each in found]


def resource_faults(resource: str) -> Iterator[Diagnostic]:
    """Why a text is no resource: neither an ARN, with or without wildcards, nor `*`."""
    parts = resource.split(":", _ARN_PARTS - 1)
    if resource == "*" or (len(parts) == _ARN_PARTS and parts[0] == "arn" and all(parts[1:3])):
        return
    hint = "write an ARN such as arn:aws:s3:::bucket/*, or * for all"
    yield Diagnostic("bad-resource", f'"{resource}" is not an ARN', hint=hint)


def _wild(text: str) -> bool:
    return "*" in text or "?" in text
