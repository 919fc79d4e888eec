"""What holds for every test: no network but loopback, no credentials but invented ones."""

from __future__ import annotations

import gc
import ipaddress
import os
import sys
from typing import Any

import pytest
from hypothesis import settings
from support import models
from support.trials import tries

_FAKE_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # The guard below does not reach into commands that a test starts; a dead proxy does.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost,::1",
}
# Proxy variables count in lower case too, and before those in upper case.
_SCRUBBED = ("AWS_", "BOTO_", "MOTO_", "RW_", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# Colour and width of the output are the test's to say, not the terminal's that it runs in.
_TERMINAL = {"COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR"}
# Where it is set, every command that a test starts compiles all modules anew: a fifth of its time.
_SLOW = {"PYTHONDONTWRITEBYTECODE"}


def _isolate_environment() -> None:
    for name in list(os.environ):
        if name.upper().startswith(_SCRUBBED) or name in _TERMINAL | _SLOW:
            del os.environ[name]
    os.environ |= _FAKE_ENVIRONMENT


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guard_network(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        # A Unix socket's address is its path.
        host = args[1][0] if isinstance(args[1], tuple) else "localhost"
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_loopback(host):
        raise PermissionError(f"a test asked the network for {host!r}: only loopback is allowed")


# At import, not in a fixture: session fixtures and threads that outlive a test are held to it too.
_isolate_environment()
sys.addaudithook(_guard_network)
models.share()

# A machine that is busy with another worker is no reason to fail.
settings.register_profile("rolewright", deadline=None, max_examples=tries(200))
settings.load_profile("rolewright")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare every full garbage collection the thousands of tests that live to the end."""
    gc.collect()
    gc.freeze()
