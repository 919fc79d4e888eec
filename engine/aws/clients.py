"""The botocore clients of one account: made once, shared by all threads, their requests counted."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session

from ...resources.diagnostics import Problem
from .pace import Pace
from .retry import Resend


@dataclass(frozen=True, slots=True)
class Wiring:
    """How clients reach AWS. `only` is the one endpoint that they may talk to, in a sandbox."""

    region: str
    endpoint_url: str | None = None
    only: str | None = None
    connections: int = 10
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    chance: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials, kept in memory alone: no text made of them shows a part."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def client_config(wiring: Wiring) -> Config:
    """The botocore settings of every client, over those of the environment and AWS's files."""
    inside: Mapping[str, Any] = {} if wiring.only is None else _SANDBOXED
    return Config(
        connect_timeout=wiring.connect_timeout,
        read_timeout=wiring.read_timeout,
        max_pool_connections=max(10, wiring.connections),
        # Each request once: `retry` decides what is sent again. A sandbox has no rate to learn.
        retries={
            "total_max_attempts": 1,
            "mode": "adaptive" if wiring.only is None else "standard",
        },
        user_agent_extra=f"rolewright/{_version()}",
        **inside,
    )


# Each of these would let the environment send a request elsewhere, or refuse a loopback endpoint.
_SANDBOXED: Mapping[str, Any] = {
    "proxies": {},
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
    "inject_host_prefix": False,
    "s3": {"addressing_style": "path"},
}


def _version() -> str:
    try:
        return version("rolewright")
    except PackageNotFoundError:
        return "0"


class Clients:
    """Two clients for each service that is asked for: one for reads, one for changing calls.

    They differ in which failed requests they send again: see `retry`.
    """

    def __init__(
        self, session: Session, wiring: Wiring, credentials: Credentials | None = None
    ) -> None:
        """Use these credentials instead of the session's own, where some are given."""
        self._credentials = credentials
        self.requests: Counter[tuple[str, str]] = Counter()
        """The HTTP requests sent so far, resent ones included, by service and operation."""
        self._session = session
        self._wiring = wiring
        self._config = client_config(wiring)
        self._made: dict[tuple[str, bool], BaseClient] = {}
        # Sessions, unlike clients, are not made for several threads at once.
        self._lock = threading.RLock()
        self._pace = Pace(sleep=wiring.sleep)

    def under(self, credentials: Credentials) -> Clients:
        """Clients wired in the same way that act under other credentials."""
        return Clients(self._session, self._wiring, credentials)

    @property
    def region(self) -> str:
        """The region of all clients."""
        return self._wiring.region

    def get(self, service: str, *, changing: bool = False) -> BaseClient:
        """The client of a service.

        Raises:
            BotoCoreError: there is no such service, or the AWS configuration can't be used.
        """
        made = self._made.get((service, changing))
        if made is not None:
            return made
        with self._lock:
            if (service, changing) not in self._made:
                self._made[service, changing] = self._make(service, changing=changing)
            return self._made[service, changing]

    def close(self) -> None:
        """Close all connections; the clients can't be used any more."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()

    def _make(self, service: str, *, changing: bool) -> BaseClient:
        given = self._credentials
        client = self._session.create_client(
            service,
            region_name=self._wiring.region,
            endpoint_url=self._wiring.endpoint_url,
            config=self._config,
            aws_access_key_id=given and given.access_key,
            aws_secret_access_key=given and given.secret_key,
            aws_session_token=given and given.token,
        )
        resend: Any = Resend(
            changing=changing, sleep=self._wiring.sleep, chance=self._wiring.chance
        )
        client.meta.events.register("needs-retry", resend)
        client.meta.events.register("before-send", self._watch(service))
        if changing and service == "iam" and self._wiring.only is None:
            client.meta.events.register("before-send", self._in_turn)
        return client

    def _in_turn(self, **_: Any) -> None:
        self._pace.wait()

    def _watch(self, service: str) -> Callable[..., None]:
        def before_send(request: Any, event_name: str, **_: Any) -> None:
            if self._wiring.only is not None:
                _keep_inside(request.url, self._wiring.only)
            with self._lock:
                self.requests[service, event_name.rpartition(".")[2]] += 1

        return before_send


def _keep_inside(url: str, only: str) -> None:
    target, allowed = urlsplit(url), urlsplit(only)
    if (target.scheme, target.netloc) != (allowed.scheme, allowed.netloc):
        raise Problem.of(
            "sandbox-escape",
            f"a call was about to leave the sandbox for {target.netloc}",
            detail=f"With the sandbox in use, calls go to {only} and nowhere else.",
        )
