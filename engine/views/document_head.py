"""How every JSON document begins."""

from __future__ import annotations

from typing import Any

FORMAT_VERSION = "1.0"


def head(command: str, stack: str | None) -> dict[str, Any]:
    """The first keys of a document; `stack` is None where it isn't known."""
    return {"format_version": FORMAT_VERSION, "command": command, "stack": stack}
