"""Starts, finds, empties and stops the sandbox's process. Prints nothing."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...resources.diagnostics import Problem
from .process import end_process, process_start

HEALTH = "/rolewright/health"
WITH_PARENT = "--with-parent"

_FORMAT = 1
_START_TIMEOUT = 60.0
_NEEDED = ("moto", "flask", "flask_cors")
_LOG_LINES = 15

# Popen warns of a child that is forgotten while it runs, and only its parent can reap it later.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs.

    `url` is the endpoint for every AWS client; `process_start` tells its process from a later one
    with the same pid; `started` is ISO 8601; `log` is the file that its errors go to.
    """

    url: str
    port: int
    pid: int
    process_start: str
    started: str
    log: str


@dataclass(frozen=True, slots=True)
class Start:
    """What `start` came to: the sandbox, and whether it was running before."""

    sandbox: Sandbox
    already_running: bool


def sandbox_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's folder for the sandbox's record and log.

    `RW_SANDBOX_DIR`, else `rolewright/sandbox` in `XDG_STATE_HOME` or `~/.local/state`.
    """
    if environ.get("RW_SANDBOX_DIR"):
        return Path(environ["RW_SANDBOX_DIR"]).expanduser()
    state = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "rolewright" / "sandbox"


def start(home: Path | None = None) -> Start:
    """Start the user's sandbox in the background, on a free port; or find it running.

    Raises:
        Problem: the `sandbox` extra is missing, the folder can't be written, or the server didn't
            come up.
    """
    folder = home or sandbox_home()
    _check_installed()
    with _alone(folder):
        found = _recorded(folder)
        if found is not None:
            return Start(found, already_running=True)
        sandbox = _launch(folder, with_parent=False)
        _write_record(folder, sandbox)
        return Start(sandbox, already_running=False)


def status(home: Path | None = None) -> Sandbox | None:
    """The user's running sandbox; None when there is none."""
    return _recorded(home or sandbox_home())


def running(home: Path | None = None) -> Sandbox:
    """The user's running sandbox.

    Raises:
        Problem: none is running.
    """
    found = status(home)
    if found is None:
        raise Problem.of(
            "sandbox-not-running",
            "the sandbox isn't running",
            hint="run rolewright sandbox start",
        )
    return found


def stop(home: Path | None = None) -> Sandbox | None:
    """End the user's sandbox; its data goes with it. None when none was running."""
    folder = home or sandbox_home()
    if not folder.exists():
        return None
    with _alone(folder):
        found = _recorded(folder)
        if found is not None:
            _end(found)
        _record_file(folder).unlink(missing_ok=True)
        return found


def reset(sandbox: Sandbox) -> None:
    """Empty a sandbox of everything but AWS's own managed policies.

    Raises:
        Problem: it doesn't answer.
    """
    try:
        code = _request(sandbox, "POST", "/moto-api/reset", timeout=30)
    except OSError as error:
        raise Problem.of(
            "sandbox-silent",
            f"the sandbox at {sandbox.url} doesn't answer",
            detail=str(error),
            hint="run rolewright sandbox stop, then rolewright sandbox start",
        ) from error
    if code != http.client.OK:
        raise Problem.of("sandbox-failed", f"the sandbox answered {code}", detail=_log_end(sandbox))


@contextlib.contextmanager
def ephemeral_sandbox() -> Generator[Sandbox, None, None]:
    """A sandbox of one's own for the time of a `with` block.

    It doesn't touch the user's sandbox, and ends with this process however that ends.

    Raises:
        Problem: the `sandbox` extra is missing, or the server didn't come up.
    """
    _check_installed()
    with tempfile.TemporaryDirectory(prefix="rolewright-sandbox-") as folder:
        sandbox = _launch(Path(folder), with_parent=True)
        try:
            yield sandbox
        finally:
            _end(sandbox)


def _check_installed() -> None:
    if all(importlib.util.find_spec(name) for name in _NEEDED):
        return
    raise Problem.of(
        "sandbox-not-installed",
        "the sandbox isn't installed",
        detail="It needs moto's server, which rolewright installs only on request.",
        hint="run pip install 'rolewright[sandbox]'",
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None, None, None]:
    from filelock import FileLock  # takes longer to load than the rest together

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / "lock", mode=0o600)
        lock.acquire()
    except OSError as error:
        raise Problem.of(
            "sandbox-folder",
            f"the sandbox's folder can't be used: {folder}",
            detail=str(error),
            hint="set RW_SANDBOX_DIR to a folder that you may write to",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _launch(folder: Path, *, with_parent: bool) -> Sandbox:
    # The socket is opened here and handed over: the port is known at once and nobody else can take
    # it, and the first request waits in its queue until the server is ready.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        log = folder / "server.log"
        child = _spawn(listener, log, with_parent=with_parent)
    _children[child.pid] = child
    began = process_start(child.pid)
    sandbox = Sandbox(
        url=f"http://127.0.0.1:{port}",
        port=port,
        pid=child.pid,
        process_start=began or "",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        log=str(log),
    )
    try:
        _wait_until_ready(sandbox)
    except BaseException:
        _end(sandbox)
        raise
    return sandbox


def _spawn(listener: socket.socket, log: Path, *, with_parent: bool) -> subprocess.Popen[bytes]:
    # -P keeps the working folder off the module path: a file named moto.py there must not be run.
    command = [sys.executable, "-P", "-m", f"{__package__}.server", str(listener.fileno())]
    with log.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603 - our own module
            [*command, WITH_PARENT] if with_parent else command,
            stdin=subprocess.PIPE if with_parent else subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            pass_fds=(listener.fileno(),),
            env=_server_environment(listener.getsockname()[1]),
            start_new_session=True,  # Ctrl-C in the terminal isn't meant for it
        )


def _server_environment(port: int) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MOTO_")) and not name.lower().endswith("_proxy")
    }
    # Thousands of images that no binding asks for take longer to load than all else.
    return inherited | {
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "MOTO_PORT": str(port),
    }


def _wait_until_ready(sandbox: Sandbox) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while True:
        try:
            _request(sandbox, "GET", HEALTH, timeout=max(0.1, deadline - time.monotonic()))
        except OSError as error:
            if _alive(sandbox) and time.monotonic() < deadline:
                continue
            raise Problem.of(
                "sandbox-failed",
                "the sandbox's server didn't start",
                detail=_log_end(sandbox) or str(error),
            ) from error
        return


def _alive(sandbox: Sandbox) -> bool:
    return process_start(sandbox.pid) == sandbox.process_start


def _log_end(sandbox: Sandbox) -> str:
    with contextlib.suppress(OSError):
        text = Path(sandbox.log).read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])
    return ""


def _request(sandbox: Sandbox, method: str, path: str, *, timeout: float) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=timeout)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
    return answer.status


def _end(sandbox: Sandbox) -> None:
    end_process(sandbox.pid, sandbox.process_start)
    child = _children.pop(sandbox.pid, None)
    if child is not None:
        child.wait()
        if child.stdin is not None:
            child.stdin.close()


def _record_file(folder: Path) -> Path:
    return folder / "sandbox.json"


def _recorded(folder: Path) -> Sandbox | None:
    try:
        record: dict[str, Any] = json.loads(_record_file(folder).read_text(encoding="utf-8"))
        if record.pop("format") != _FORMAT:
            return None
        sandbox = Sandbox(**record)
        return sandbox if _alive(sandbox) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        # Whatever a crash left here describes no sandbox that runs.
        return None


def _write_record(folder: Path, sandbox: Sandbox) -> None:
    record = _record_file(folder)
    new = record.with_suffix(".new")
    new.write_text(json.dumps({"format": _FORMAT, **asdict(sandbox)}, indent=2) + "\n", "utf-8")
    new.chmod(0o600)
    new.replace(record)
