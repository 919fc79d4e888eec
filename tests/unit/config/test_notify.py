"""`notify` in the stack file: who is told, with secrets that only the environment holds."""

from __future__ import annotations

from textwrap import dedent

import pytest
from rolewright.engine.config.notify_urls import filled
from support.config import StackFolder


def test_the_environment_stays_unread(folder: StackFolder) -> None:
    """`${env.NAME}` is kept as it is written, set or not; variables are put in."""
    declared = folder.load(
        """
        stack: shop
        variables:
          place: {default: ops}
        notify:
          threshold: high
          urls: ["${env.SLACK_URL}", "json://example.com/${var.place}/${env.KEY}"]
        """,
        environ={"SLACK_URL": "slack://secret"},
    )

    assert declared.settings.notify is not None
    assert declared.settings.notify.threshold == "high"
    assert declared.settings.notify.urls == (
        "${env.SLACK_URL}",
        "json://example.com/ops/${env.KEY}",
    )
    assert declared.warnings == ()


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "mailtos://me:password@example.com",
        "json://me@example.com",
        "json://example.com/?+X-Token=abc",
        "json://example.com/TIiajkdnlazkcOXrIdevi7FQ",
        "json://[broken",
    ],
)
def test_a_secret_that_is_written_out_is_a_warning(folder: StackFolder, url: str) -> None:
    """It says where, and what to do; the warning doesn't repeat the secret."""
    declared = folder.load(f"stack: shop\nnotify:\n  urls:\n    - '{url}'\n")

    assert folder.say(declared.warnings) == dedent(
        """\
        stack.yaml:4:7: this URL seems to hold a secret
          Who can read the stack file can write to that channel.
          put the URL, or the secret part, into the environment: ${env.NAME}"""
    )


def test_a_plain_address_is_no_secret(folder: StackFolder) -> None:
    """A web hook on a host of one's own needs no warning."""
    declared = folder.load("stack: shop\nnotify: {urls: ['json://localhost:8080/drift']}\n")

    assert declared.warnings == ()


def test_the_environment_is_read_nowhere_else(folder: StackFolder) -> None:
    """A tag from the environment would be another plan on another machine."""
    faults = folder.faults(
        """
        stack: shop
        region: ${env.REGION}
        tags: {who: "${env.USER}"}
        notify: {urls: ["${env.}", "nonsense"], threshold: worst}
        """
    )

    assert faults == dedent(
        """\
        stack.yaml:2:9: "${env.REGION}" can only stand in the URLs under notify
          use a variable: RW_VAR_NAME sets ${var.NAME}
        stack.yaml:3:13: "${env.USER}" can only stand in the URLs under notify
          use a variable: RW_VAR_NAME sets ${var.NAME}
        stack.yaml:4:17: "${env.}" names no environment variable
          write ${env.NAME}
        stack.yaml:4:52: notify.threshold can't be the text "worst"
          It is one of info, low, medium, high, critical."""
    )


def test_what_is_no_url_is_said(folder: StackFolder) -> None:
    """A word without a scheme."""
    assert folder.faults("stack: shop\nnotify: {urls: [nonsense]}\n") == (
        "stack.yaml:2:17: this is no URL\n"
        "  write an Apprise URL such as json://host/path, or ${env.NAME}"
    )


def test_values_are_put_in_encoded() -> None:
    """As a part they can't break out of their place; as the whole they stay as they are."""
    environ = {"A": "p@ss/w?rd", "B": "slack://a/b"}

    assert filled("json://u:${env.A}@host", environ) == "json://u:p%40ss%2Fw%3Frd@host"
    assert filled("${env.B}", environ) == "slack://a/b"
    with pytest.raises(KeyError):
        filled("json://${env.C}", environ)
