"""Ctrl-C and SIGTERM while AWS is being changed: the first one stops gently, the second at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from ..events import Notice, Sink
from .command import EXIT_INTERRUPTED


@contextmanager
def deferred(interrupt: Callable[[], None], sink: Sink) -> Generator[None, None, None]:
    """Hand the first signal to `interrupt`; a changing call in flight is never cut off by it."""
    seen = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            sink(Notice("stopped at once: the journal has what was under way"))
            os._exit(EXIT_INTERRUPTED)
        seen = True
        sink(
            Notice(
                "interrupted: no further call is started, those under way are let end; once more stops at once"
            )
        )
        interrupt()

    earlier = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
