"""Signals end a wait at once, and leave the process as they found it."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from rolewright.engine.drift.wakeups import Signals


def test_a_signal_ends_the_wait() -> None:
    """SIGTERM that comes while a service waits stops it now."""
    with Signals() as signals:
        timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        begun = time.monotonic()
        signals.wait(30)
        timer.join()

        assert time.monotonic() - begun < 20
        assert signals.stop


def test_a_signal_before_the_wait_is_not_lost() -> None:
    """One that came during a look ends the next wait; a reload is answered once."""
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
        signals.wait(30)

        assert signals.take_reload()
        assert not signals.take_reload()
        assert not signals.stop


def test_a_second_stop_interrupts_the_look() -> None:
    """Whoever asks twice means it."""
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGINT)
        assert signals.stop
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_the_former_handlers_are_back() -> None:
    """And the pipe is closed."""
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    files = len(list(Path("/dev/fd").iterdir()))

    with Signals():
        pass

    after = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    assert after == before
    assert len(list(Path("/dev/fd").iterdir())) == files
