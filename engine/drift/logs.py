"""Log lines for programs: one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

_FIELDS = ("run", "failures", "drifted", "checked", "calls", "seconds", "channel", "missed")


class JsonLines(logging.Formatter):
    """A record as `{"time", "level", "event", "message", …}`.

    `event` is a stable word; records of other modules have none.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line. Exceptions are left out: their texts are not ours to vouch for."""
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", ""),
            "message": record.getMessage(),
        }
        content |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        return json.dumps(content, ensure_ascii=False, default=str)
