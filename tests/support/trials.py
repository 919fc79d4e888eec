"""How much random tests try: a sample by default, everything with FAULTS=all in the environment."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("FAULTS") == "all"
"""Whether the run has all the time that it needs."""

_SAMPLE = 5


def tries(count: int) -> int:
    """How many examples to try, where a thorough run tries `count`."""
    return count if THOROUGH else max(1, count // _SAMPLE)
