"""The garbage collector, told to wait."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Generator[None]:
    """Collect no garbage meanwhile.

    Reading a large stack makes a million small objects that all live on; looking through them again
    and again for garbage took longer than the reading itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
