"""Three-valued logic: true, false, or unknown until certain context keys are known.

The rules are Kleene's: what is unknown stays so unless the other side decides by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | frozenset[str]
"""True, False, or the context keys on which it depends; that set is never empty."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether all are true; true for none at all."""
    unknown: frozenset[str] = frozenset()
    for truth in truths:
        if truth is False:
            return False
        if truth is not True:
            unknown |= truth
    return unknown or True


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether one is true; false for none at all."""
    unknown: frozenset[str] = frozenset()
    for truth in truths:
        if truth is True:
            return True
        if truth is not False:
            unknown |= truth
    return unknown or False


def negate(truth: Truth) -> Truth:
    """The opposite; what is unknown stays unknown."""
    return not truth if isinstance(truth, bool) else truth
