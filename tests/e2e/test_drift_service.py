"""Drift as a service: told once, kept, acknowledged, measured; and a watch that a signal ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from support.drifts import ADMIN
from support.trails import MAIL, assumed, record

from .conftest import COMMAND, Shell

STACK = """\
stack: shop
notify:
  urls: ["${env.HOOK}"]
roles:
  reader:
    trust: {services: [ec2.amazonaws.com]}
"""
SECRET = "s3cr3t-hook-t0ken"


@dataclass
class Hook:
    """A web hook on loopback, with all that it was sent."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@pytest.fixture
def hook() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    found = Hook()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with closing(server.socket):
        yield found
        server.shutdown()
    thread.join()


@pytest.fixture
def tampered(shell: Shell, hook: Hook, aws: Aws) -> Shell:
    """A stack whose role somebody made an administrator."""
    shell.write(STACK)
    shell.environment["HOOK"] = f"json://127.0.0.1:{hook.port}/{SECRET}"
    assert shell.run("apply", "--yes").returncode == 0
    role = json.loads(shell.state_file.read_text())["resources"]["role.reader"]["observed"]["name"]
    aws.call("iam", "AttachRolePolicy", {"RoleName": role, "PolicyArn": ADMIN})
    return shell


def test_a_drift_is_told_once_kept_and_acknowledged(tampered: Shell, hook: Hook) -> None:
    """Exit 2 and one notice; nothing more the second time; silent and 0 once it is acknowledged."""
    cause = record(roleName="reader", policyArn=ADMIN, identity=assumed())
    tampered.write(json.dumps({"Records": [cause]}), "trail.json")
    found = tampered.json("drift", "--notify", "--trail", ".", code=2)
    again = tampered.run(
        "drift", "--notify", "--metrics-file", "drift.prom", "--log-level", "debug"
    )

    assert [one["address"] for one in found["drifted"]] == ["role.reader"]
    assert found["drifted"][0]["who"]["actor"] == "arn:aws:iam::123456789012:role/admin"
    assert MAIL not in json.dumps(found)
    assert again.returncode == 2, again.stderr
    assert [one["title"] for one in hook.got] == ["rolewright: drift in shop: 1 new"]
    metrics = (tampered.folder / "drift.prom").read_text()
    assert 'rolewright_drift_resources{severity="critical",stack="shop"} 1.0' in metrics

    runs = tampered.json("drift", "history")["runs"]
    assert [(one["drifted"], one["worst"]) for one in runs] == [(1, "critical")] * 2
    shown = tampered.json("drift", "show", str(runs[-1]["id"]))
    assert shown["drifted"] == found["drifted"]

    words = ("--until", "2999-01-31", "--reason", "break glass")
    done = tampered.run("drift", "ack", "role.reader", *words)
    assert done.returncode == 0, done.stderr
    assert "silent until 2999-02-01 00:00 UTC" in done.stdout
    silent = tampered.run("drift", "--notify")
    assert silent.returncode == 0, silent.stderr
    assert "one drift is acknowledged" in silent.stderr
    assert tampered.run("drift", "unack", "role.reader").returncode == 0
    assert len(hook.got) == 1
    _nothing_tells(SECRET, tampered, again.stdout, again.stderr, silent.stdout, silent.stderr)


def _nothing_tells(secret: str, shell: Shell, *printed: str) -> None:
    """Nothing that is printed or kept holds what the environment put into a URL."""
    kept = [path for path in shell.folder.rglob("*") if path.is_file()]
    assert not [text for text in printed if secret in text]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]
    database = shell.folder / ".rolewright" / "drift.sqlite3"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_a_watch_looks_until_it_is_told_to_stop(tampered: Shell, hook: Hook) -> None:
    """JSON lines on standard error, the drift in them and told; SIGHUP looks again, SIGTERM ends with 0."""
    words = ["drift", "--every", "1h", "--jitter", "0s", "--notify", "--log-format", "json"]
    with subprocess.Popen(
        [COMMAND, *words, "--sandbox", "--endpoint-url", tampered.url],
        cwd=tampered.folder,
        env={**os.environ, **tampered.environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as watch:
        assert watch.stderr is not None
        seen: list[dict[str, Any]] = []
        signals = iter([signal.SIGHUP, signal.SIGTERM])
        for line in watch.stderr:
            seen.append(json.loads(line))
            if seen[-1]["event"] in {"drift-new", "looked"} and _ended(seen):
                watch.send_signal(next(signals))
        code = watch.wait(30)

    assert code == 0, seen
    events = [one["event"] for one in seen]
    assert events[0] == "started"
    assert events.count("looked") == 2
    assert events.count("drift-new") == 1
    assert events[-1] == "stopped"
    assert len(hook.got) == 1


def _ended(seen: list[dict[str, Any]]) -> bool:
    """Whether a look is over: the first one says what is new after it, the second one nothing."""
    looked = sum(one["event"] == "looked" for one in seen)
    return looked == 2 or seen[-1]["event"] == "drift-new"


def test_help_is_quick() -> None:
    """None of the heavy libraries is loaded before it is needed."""
    code = (
        "import sys, rolewright.engine.cli.main\n"
        "print(sorted({'apscheduler', 'apprise', 'prometheus_client', 'botocore'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "[]\n"


def test_contradictions_are_refused(shell: Shell) -> None:
    """A watch changes nothing; and its units are written where they are wanted."""
    shell.write(STACK)
    assert shell.run("drift", "--every", "15m", "--fix").returncode == 1
    written = shell.run("drift", "install", "--as", "systemd", "--write", "units")
    assert written.returncode == 0, written.stderr
    assert len(list((shell.folder / "units").iterdir())) == 2
