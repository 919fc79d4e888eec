"""Keeps secrets out of the journal, whatever an answer of AWS or a copied parameter brings along.

Calls are built without secrets; this is the guard behind that. A value that was replaced here must
never be sent to AWS again: ask `redacted` first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

HIDDEN = "***"

_SECRET = frozenset(
    {
        "authtoken",
        "clientsecret",
        "password",
        "privatekey",
        "secret",
        "secretaccesskey",
        "secretkey",
        "secretstring",
        "securitytoken",
        "sessiontoken",
    }
)
_ENVIRONMENT = frozenset({"environment"})
# What stands beside a secret in these and is none: tags are public by AWS's own advice.
_PUBLIC = frozenset({"tags"})


def redact(value: Any) -> Any:
    """A JSON value with what its keys call secret, and all environment variables, as `***`."""
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {key: _under(key, inner) for key, inner in items}
    if _is_list(value):
        return [redact(inner) for inner in value]
    return value


def redacted(value: Any) -> bool:
    """Whether `redact` took something out of this value."""
    if isinstance(value, Mapping):
        return any(redacted(inner) for inner in cast("Mapping[str, Any]", value).values())
    if _is_list(value):
        return any(redacted(inner) for inner in value)
    return value == HIDDEN


def _under(key: str, value: Any) -> Any:
    plain = re.sub(r"[-_ ]", "", key).lower()
    if plain in _PUBLIC:
        return value
    if plain in _SECRET and value is not None:
        return HIDDEN
    return _hide_values(value) if plain in _ENVIRONMENT else redact(value)


def _hide_values(value: Any) -> Any:
    # ECS lists variables as {name, value}, Lambda nests a map of them: names stay, values go.
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {key: inner if key == "name" else _hide_values(inner) for key, inner in items}
    if _is_list(value):
        return [_hide_values(inner) for inner in value]
    return HIDDEN if isinstance(value, str) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
