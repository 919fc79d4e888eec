from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from support.faulty_server import Faulty


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    server = Faulty()
    yield server
    server.close()


@pytest.fixture
def waits() -> list[float]:
    """The waits between requests that were sent again; nobody waits in fact."""
    return []


@pytest.fixture
def reach(waits: list[float]) -> Iterator[Callable[[str], Aws]]:
    """Makes a connection to a URL on loopback, with short timeouts."""
    opened: list[Aws] = []

    def make(url: str) -> Aws:
        options = AwsOptions(sandbox_endpoint=url, connect_timeout=0.5, read_timeout=0.2)
        opened.append(connect(options, sleep=waits.append))
        return opened[-1]

    yield make
    for aws in opened:
        aws.close()
