"""The signals of a service: each ends a wait at once, and is looked at between two looks.

A handler only sets a flag. What ends the wait is a byte that Python itself writes to a pipe when a signal
comes: that works whichever thread the system gave the signal to.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from types import FrameType
from typing import Protocol, Self


class Wakeups(Protocol):
    """What a watch waits with. `stop` stays once it was asked for; `take_reload` answers each time once."""

    @property
    def stop(self) -> bool: ...

    def take_reload(self) -> bool: ...

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or when a signal comes."""
        ...


class Signals:
    """SIGTERM and SIGINT stop after the look that is going on, SIGHUP reloads. A context manager.

    A second SIGTERM or SIGINT interrupts the look as well: KeyboardInterrupt.
    """

    _STOPPING = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self.stop = False
        self._reload = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        os.set_blocking(self._reading, False)
        self._wakeup_before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        self._before = {
            one: signal.signal(one, self._handle) for one in (*self._STOPPING, signal.SIGHUP)
        }

    def take_reload(self) -> bool:
        """Whether a reload was asked for since the last time that this was called."""
        asked, self._reload = self._reload, False
        return asked

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or when a signal comes or has come since the last wait."""
        select.select([self._reading], [], [], max(0.0, seconds))
        with contextlib.suppress(BlockingIOError):
            os.read(self._reading, 1024)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._reload = True
        elif self.stop:
            raise KeyboardInterrupt
        else:
            self.stop = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reading)
        os.close(self._writing)
