"""How actions are shown: symbols and colours that mean the same everywhere. Data only."""

from __future__ import annotations

from ..plan import Action, Change

GREEN, YELLOW, RED, CYAN, DIM, BOLD = "green", "yellow", "red", "cyan", "dim", "bold"
STRONG_RED = "bold red"
MAGENTA = "magenta"

ADDED, CHANGED, REMOVED = "+", "~", "-"
COLOURS = {ADDED: GREEN, CHANGED: YELLOW, REMOVED: RED}

_SYMBOLS = {
    Action.CREATE: (ADDED, GREEN),
    Action.UPDATE: (CHANGED, YELLOW),
    Action.REPLACE: ("-/+", MAGENTA),
    Action.DELETE: (REMOVED, RED),
    Action.IMPORT: ("<", CYAN),
    Action.FORGET: (".", DIM),
    Action.MOVE: ("→", CYAN),
    Action.NO_OP: ("=", DIM),
}


def symbol(change: Change) -> tuple[str, str]:
    """The symbol and the colour of a change; a replacement shows which object comes first."""
    if change.action is Action.REPLACE and not change.deletes_first:
        return "+/-", MAGENTA
    return _SYMBOLS[change.action]


def severity_style(severity: str) -> str:
    """The colour of a finding."""
    return {"critical": STRONG_RED, "high": RED, "medium": YELLOW}.get(severity, CYAN)
