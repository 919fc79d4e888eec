"""A busy account: three of ten requests, reads and changing calls alike, are refused as throttled."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.outcome import Status
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.sandbox.furnishing import furnish
from support.faults import updated
from support.full import full_stack
from support.runs import Bench, changes
from support.throttling_server import Throttling

SHARE = 0.3


@pytest.fixture
def busy(sandbox: Sandbox) -> Iterator[Throttling]:
    server = Throttling(sandbox.url, SHARE, random.Random(17))
    yield server
    server.close()


def test_a_run_under_steady_throttling_comes_to_its_end_and_never_hammers(
    tmp_path: Path, sandbox: Sandbox, aws: Aws, busy: Throttling
) -> None:
    """All is applied, and each refused request waits longer than the one before it; nobody waits in fact."""
    stack = full_stack(furnish(aws, sandbox.url))
    waits: list[float] = []
    # One request after the other, so that waits and refusals pair up.
    throttled = connect(AwsOptions(sandbox_endpoint=busy.url, parallelism=1), sleep=waits.append)
    bench = Bench(tmp_path, throttled.again)

    for wanted in (stack, updated(stack)):
        session = bench.session("full")
        session.parallelism = 1
        outcome = session.apply(bench.planned(session, wanted))

        assert (outcome.status, outcome.failed) == (Status.APPLIED, ())
        assert changes(bench.plan(wanted)) == {}
    throttled.close()

    refused = sum(request.refused for request in busy.requests)
    taken = len(busy.requests) - refused
    assert {request.service for request in busy.requests if request.refused} >= {"iam", "ec2"}
    assert refused > 0.2 * len(busy.requests) > 20
    assert len(busy.requests) == sum(throttled.requests.values()) < 1.7 * taken
    assert len(waits) == refused
    bounds = list(_bounds(busy))
    assert max(bounds) > bounds[0] * 4
    assert all(bound / 2 <= wait <= bound for bound, wait in zip(bounds, waits, strict=True))


def _bounds(busy: Throttling) -> Iterator[float]:
    """The longest wait after each refusal: twice as long for each that came directly before it, up to 20 seconds."""
    bound = 0.5
    for request in busy.requests:
        if request.refused:
            yield bound
        bound = min(20.0, 2 * bound) if request.refused else 0.5
