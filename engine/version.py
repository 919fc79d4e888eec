"""The version of this tool."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def tool_version() -> str:
    """The installed version, such as 0.1.0."""
    return version("rolewright")
