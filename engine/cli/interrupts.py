"""Ctrl-C and SIGTERM while AWS is being changed: the first one stops gently, the second at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from ..events import Notice, Sink
from .command import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from ..session import OnInterrupt


def question(again: Callable[[], None]) -> Callable[[], OnInterrupt] | None:
    """Asks what is to become of an interrupted run; None where there is no terminal to ask on."""
    if not sys.stdin.isatty():
        return None

    def ask() -> OnInterrupt:
        from ..session import OnInterrupt

        letters = {choice.value[0]: choice for choice in OnInterrupt}
        while True:
            sys.stderr.write("\nRoll back (r), keep what was done (k), or continue (c)? ")
            sys.stderr.flush()
            answer = sys.stdin.readline()
            if not answer:
                return OnInterrupt.ROLLBACK
            if answer.strip().lower()[:1] in letters:
                again()
                return letters[answer.strip().lower()[:1]]

    return ask


@contextmanager
def deferred(
    interrupt: Callable[[], None], sink: Sink
) -> Generator[Callable[[], None], None, None]:
    """Hand the first signal to `interrupt`; a changing call in flight is never cut off by it.

    Yields what makes the next signal count as the first one again.
    """
    seen = False

    def again() -> None:
        nonlocal seen
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
        yield again
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
