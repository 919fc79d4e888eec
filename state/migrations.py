"""How a state file of an earlier format becomes one of the present format, one step at a time.

A step takes the whole JSON object of its format and returns that of the next one; it neither reads
nor writes files. Steps stay for good: a file of any earlier release must open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .document import FORMAT

Step: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}
"""The step from format n to n + 1, under n; there is one for each n from 1 to FORMAT - 1."""


def migrate(
    document: dict[str, Any], *, to: int = FORMAT, steps: Mapping[int, Step] = STEPS
) -> dict[str, Any]:
    """The document in the format `to`; its own `format` says where to start.

    Raises:
        LookupError: a step is missing, which is a fault of this program.
    """
    for number in range(document["format"], to):
        document = {**steps[number](document), "format": number + 1}
    return document
