"""Spacing of IAM writes: the whole account shares one small quota, which other people need as well.

IAM's control plane takes a handful of writes a second before it answers `Throttling`, and it tells nobody how many.
So a run begins with a burst that small stacks stay within, and then keeps to a rate; the adaptive mode of botocore
slows it down further where AWS still asks for it.
Source: IAM user guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST = 40
PER_SECOND = 16.0


class Pace:
    """Lets `BURST` requests pass at once and then `PER_SECOND`, for any number of threads."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._now = now
        self._due = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = self._now()
            self._due = max(self._due, now) + 1 / PER_SECOND
            early = self._due - now - BURST / PER_SECOND
        if early > 0:
            self._sleep(early)
