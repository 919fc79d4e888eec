"""A channel is told what is new, worse, different or gone, once, and nothing of what is silent."""

from __future__ import annotations

from collections.abc import Sequence

from rolewright.engine.drift.history import Told
from rolewright.engine.drift.notices import MOST_LISTED, News, Notice, notice
from rolewright.engine.drift.report import Drift, Severity
from rolewright.engine.plan import FieldDelta
from support.drifts import WHO, drift, report


def told(message: Notice | None) -> dict[str, Told]:
    assert message is not None
    return {one.key: one for one in message.known}


def news(message: Notice | None) -> list[tuple[News, str]]:
    return [] if message is None else [(item.news, item.address) for item in message.items]


def look(
    *drifted: Drift,
    known: dict[str, Told] | None = None,
    loud: Sequence[Drift] | None = None,
    complete: bool = True,
    threshold: Severity = Severity.MEDIUM,
) -> Notice | None:
    found = drifted if loud is None else loud
    return notice(report(*drifted), found, known or {}, threshold, complete=complete)


def test_the_same_thing_is_told_once() -> None:
    """New the first time; nothing when it is found again, by whomever."""
    first = look(drift())

    assert news(first) == [(News.NEW, "role.reader")]
    assert look(drift(who=WHO), known=told(first)) is None


def test_worse_and_different_are_told() -> None:
    """A higher severity is worse; another content of the same or a lower one is a change."""
    mild = drift(severity=Severity.MEDIUM)
    other = drift(severity=Severity.MEDIUM, diff=(FieldDelta("description", "a", "b"),))

    assert news(look(drift(), known=told(look(mild)))) == [(News.WORSE, "role.reader")]
    assert news(look(other, known=told(look(mild)))) == [(News.CHANGED, "role.reader")]
    assert news(look(mild, known=told(look(drift())))) == [(News.CHANGED, "role.reader")]


def test_what_is_gone_is_told_once() -> None:
    """Resolved, in the words in which it was told; then never again."""
    gone = look(known=told(look(drift())))

    assert news(gone) == [(News.RESOLVED, "role.reader")]
    assert gone is not None
    assert "AdministratorAccess is attached" in gone.body
    assert look(known=told(gone)) is None


def test_a_look_that_could_not_see_all_resolves_nothing() -> None:
    """What a refused read hides is not gone: no all-clear, and no second alarm when it shows again."""
    known = told(look(drift()))

    assert look(known=known, complete=False) is None
    found = look(drift("role.other"), known=known, complete=False)
    assert news(found) == [(News.NEW, "role.other")]
    assert look(drift(), drift("role.other"), known=told(found)) is None


def test_what_is_under_the_threshold_is_silent() -> None:
    """Neither when it comes nor when it goes; from above to below is no all-clear, as it is still there."""
    low = drift(severity=Severity.LOW)

    assert look(low) is None
    assert look(low, known=told(look(drift()))) is None
    assert news(look(low, threshold=Severity.LOW)) == [(News.NEW, "role.reader")]


def test_what_is_acknowledged_is_silent_and_told_anew_afterwards() -> None:
    """An acknowledged drift is no longer known to the channel, nor resolved."""
    both = (drift(), drift("role.other"))
    silent = look(*both, known=told(look(drift())), loud=both[1:])

    assert news(silent) == [(News.NEW, "role.other")]
    assert news(look(*both, known=told(silent))) == [(News.NEW, "role.reader")]


def test_the_worst_comes_first_and_names_who() -> None:
    """By severity, what is resolved last; actor, time, address and event in a line below."""
    low = drift("role.a", severity=Severity.MEDIUM)
    message = look(low, drift("role.z", who=WHO), known=told(look(drift("role.b"))))

    assert message is not None
    assert message.title == "rolewright: drift in shop: 2 new, 1 resolved"
    assert [item.address for item in message.items] == ["role.z", "role.a", "role.b"]
    assert message.worst is Severity.CRITICAL
    assert (
        "    by arn:aws:iam::123456789012:user/mallory at 2026-11-22T23:00:00Z from 203.0.113.7 "
        "(iam:AttachRolePolicy)"
    ) in message.body.splitlines()


def test_a_long_list_is_cut() -> None:
    """A hundred drifts make a message that a chat takes, and all of them count as told."""
    message = look(*(drift(f"role.r{number}") for number in range(100)))

    assert message is not None
    assert f"and {100 - MOST_LISTED} more" in message.body
    assert len(message.body) < 10_000
    assert len(message.known) == 100


def test_names_can_t_break_lines() -> None:
    """A name with line breaks, escapes or thousands of characters stays one short line."""
    message = look(drift(reason="bad\n[critical] new: role.admin: all is well\x1b[2J" + "x" * 5000))

    assert message is not None
    assert len([line for line in message.body.splitlines() if line.startswith("[critical]")]) == 1
    assert "\x1b" not in message.body
    assert max(map(len, message.body.splitlines())) <= 400
