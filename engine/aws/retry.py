"""Which failed requests are sent again, how often and after what wait.

Takes the place of botocore's own resending, which repeats a changing call whose answer was lost: a
role just made would then seem to be somebody else's. Hangs on botocore's `needs-retry` event, so
that pagination works as always; botocore itself is told to send each request once. Its adaptive
rate limiter stays on: while AWS throttles it slows all calls of a client down.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from botocore import exceptions as aws

from .errors import NOT_IMPLEMENTED, THROTTLED


class Failure(Enum):
    """Why a request failed: how often it is sent at most, the first wait, the longest wait."""

    THROTTLED = (
        12,
        0.5,
        20.0,
    )  # about two minutes in all: as long as IAM's own propagation may take
    UNSENT = (3, 0.2, 1.0)  # no connection came about, so AWS never saw it
    LOST = (4, 0.2, 2.0)  # no answer, or HTTP 5xx but 501: AWS may have carried it out
    FINAL = (1, 0.0, 0.0)


def failure(answer: tuple[Any, dict[str, Any]] | None, error: Exception | None) -> Failure | None:
    """Why a request failed, from what botocore tells `needs-retry`; None when it didn't fail."""
    if isinstance(
        error, aws.EndpointConnectionError | aws.ConnectTimeoutError | aws.ProxyConnectionError
    ):
        return Failure.UNSENT
    if isinstance(error, aws.HTTPClientError):
        return Failure.LOST
    if error is not None or answer is None:
        return Failure.FINAL
    response, parsed = answer
    status = int(response.status_code)
    if parsed.get("Error", {}).get("Code") in THROTTLED or status == 429:
        return Failure.THROTTLED
    if status >= 500 and status != NOT_IMPLEMENTED:
        return Failure.LOST
    return Failure.FINAL if status >= 300 else None


class Resend:
    """Answers `needs-retry` for one client: 0 to send the request again at once, None to leave it.

    The wait happens here, through `sleep`, so that tests need not wait. A `changing` client never
    resends what may have been carried out.
    """

    def __init__(
        self,
        *,
        changing: bool,
        sleep: Callable[[float], None] = time.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._changing = changing
        self._sleep = sleep
        self._chance = chance or random.Random()  # noqa: S311 - jitter is no secret

    def __call__(
        self,
        response: tuple[Any, dict[str, Any]] | None,
        attempts: int,
        caught_exception: Exception | None,
        **_: Any,
    ) -> int | None:
        why = failure(response, caught_exception)
        if why is None or (self._changing and why is Failure.LOST):
            return None
        times, first, longest = why.value
        if attempts >= times:
            return None
        wait = min(longest, first * 2 ** (attempts - 1))
        # Half is left to chance, so that calls that were refused together don't return together.
        self._sleep(wait * (1 + self._chance.random()) / 2)
        return 0
