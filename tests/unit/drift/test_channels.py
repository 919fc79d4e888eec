"""Notices reach each channel once, a failing one does no harm, and no secret is ever written down."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.drift.channels import ATTEMPTS, AppriseSender, Messenger, channels
from rolewright.engine.drift.history import History
from rolewright.engine.drift.notices import Notice
from rolewright.engine.drift.report import Severity
from support.drifts import MovingClock, drift, report

# Apprise loads an old module of Python's with its plug-in for e-mail.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
SECRET = "xoxb-5ecret-t0ken"


@dataclass
class Fake:
    """A sender that answers as it is told, the last answer over and over."""

    answers: list[str] = field(default_factory=lambda: [""])
    sent: list[tuple[str, Notice]] = field(default_factory=list[tuple[str, Notice]])

    def __call__(self, url: str, message: Notice) -> str:
        self.sent.append((url, message))
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / ".rolewright" / "drift.sqlite3", "shop")


def messenger(history: History, send: Any, *urls: str, **environ: str) -> Messenger:
    return Messenger(channels(urls), Severity.MEDIUM, history, send, environ, MovingClock().sleep)


def test_each_channel_is_told_once(history: History) -> None:
    """The second look with the same drift sends nothing, in this process or in the next one."""
    send = Fake()
    for _ in range(2):
        teller = messenger(history, send, "json://a", "json://b")
        teller.tell(report(drift()), [drift()])
        teller.tell(report(drift()), [drift()])

    assert [url for url, _ in send.sent] == ["json://a", "json://b"]


def test_a_failing_channel_is_retried_and_then_told_next_time(history: History) -> None:
    """Four tries with growing waits; the other channel has it, and only the failing one gets it again."""
    clock = MovingClock()
    bad, good = Fake(["HTTP 500"]), Fake()
    send = lambda url, message: (bad if url == "json://bad" else good)(url, message)  # noqa: E731
    teller = Messenger(
        channels(["json://bad", "json://good"]), Severity.LOW, history, send, {}, clock.sleep
    )

    first = teller.tell(report(drift()), [drift()])
    bad.answers = [""]
    second = teller.tell(report(drift()), [drift()])

    assert [(one.channel, one.failure) for one in first] == [
        ("json (url 1)", "HTTP 500"),
        ("json (url 2)", ""),
    ]
    assert [(one.channel, one.failure) for one in second] == [("json (url 1)", "")]
    assert len(bad.sent) == ATTEMPTS + 1
    assert len(clock.slept) == ATTEMPTS - 1
    assert clock.slept == sorted(clock.slept)
    assert len(good.sent) == 1


def test_secrets_come_from_the_environment(history: History) -> None:
    """A variable is the whole URL, or a part of it that is encoded; one that isn't set is said."""
    send = Fake()
    urls = ("${env.SLACK_URL}", "mailtos://me:${env.PW}@example.com", "json://h/${env.NONE}")
    teller = messenger(history, send, *urls, SLACK_URL="slack://a/b/c", PW="p@ss/word", NONE="")

    done = teller.tell(report(drift()), [drift()])

    assert [url for url, _ in send.sent] == [
        "slack://a/b/c",
        "mailtos://me:p%40ss%2Fword@example.com",
    ]
    assert [(one.channel, one.failure) for one in done] == [
        ("${env.SLACK_URL}", ""),
        ("mailtos (url 2)", ""),
        ("json (url 3)", "the environment has no NONE"),
    ]


@dataclass
class Receiver:
    """A web hook on loopback."""

    port: int
    status: int = 200
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            hook.got.append((self.path, json.loads(self.rfile.read(size))))
            self.send_response(hook.status)
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with closing(server.socket):
        yield hook
        server.shutdown()
    thread.join()


def test_apprise_delivers(history: History, receiver: Receiver) -> None:
    """A real Apprise posts title, body and sort to a real server."""
    teller = messenger(history, AppriseSender(), f"json://127.0.0.1:{receiver.port}/hook")

    done = teller.tell(report(drift()), [drift()])

    assert [one.failure for one in done] == [""]
    ((path, message),) = receiver.got
    assert path == "/hook"
    assert message["title"] == "rolewright: drift in shop: 1 new"
    assert "role.reader" in message["message"]
    assert message["type"] == "failure"


def test_no_secret_is_written_down(
    history: History,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With a server that refuses, at debug level: not in logs, output, history, failures or files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    receiver.status = 403
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    url = f"json://user:{SECRET}@127.0.0.1:{receiver.port}/{SECRET}?+X-Key={SECRET}"
    teller = messenger(
        history, AppriseSender(), "${env.HOOK}", "${env.ODD}", HOOK=url, ODD=f"odd://{SECRET}"
    )

    done = teller.tell(report(drift()), [drift()])
    history.append(report(drift()))

    assert [one.failure for one in done] == [
        "it answered HTTP 403",
        "Apprise does not know this sort of URL",
    ]
    written = [caplog.text, "".join(capfd.readouterr()), repr(done)]
    written += [
        path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()
    ]
    assert receiver.got
    assert not [text for text in written if SECRET in text]
    assert logging.getLogger("apprise").propagate


def test_a_closed_door_is_no_end(history: History) -> None:
    """A host where nobody listens is a failure like any other."""
    teller = messenger(history, AppriseSender(), "json://127.0.0.1:9/x")

    (done,) = teller.tell(report(drift()), [drift()])

    assert done.failure == "it did not take the message"
