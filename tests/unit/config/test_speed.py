"""Reading a large stack stays quick; the bound leaves room for a busy machine."""

from __future__ import annotations

import gc
import time

from rolewright.engine.config.collector import collector_paused
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from support.config import IDENTITY, StackFolder
from support.stacks import bundle_stack


def test_a_thousand_bundles(folder: StackFolder) -> None:
    """4,000 resources are read and resolved in well under the time that anybody notices."""
    file = folder.write(bundle_stack(1000))

    started = time.perf_counter()
    desired = resolve(load(file, environ={}), IDENTITY)
    seconds = time.perf_counter() - started

    assert len(desired.attributes) == 4000
    assert seconds < 6


def test_garbage_is_collected_again() -> None:
    """The collector that waits while a stack is read is afterwards as it was before."""
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()

    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
