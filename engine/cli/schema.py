"""`rolewright schema`: the JSON Schema of the stack file, for editors."""

from __future__ import annotations

from .options import Common


def schema(options: Common) -> int:  # noqa: ARG001 - every command takes them
    """Print the JSON Schema of the stack file, for editors."""
    from ..config.schema import json_schema
    from .report import emit

    emit(json_schema())
    return 0
