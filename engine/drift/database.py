"""The SQLite file beside the state: opened for one owner, brought to the present layout, never beyond it.

The file holds what drift looks found and what people said about it: the state doesn't depend on it,
and losing it loses history only.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from pathlib import Path

from ...resources.diagnostics import Problem, Source
from ...state.files import Files
from ...state.paths import StatePaths

_BUSY_SECONDS = 10.0
# Each entry brings the file from the layout of its index to the next one. Entries are only ever added.
_MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        stack TEXT NOT NULL,
        at TEXT NOT NULL,
        seconds REAL NOT NULL,
        checked INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        drifted INTEGER NOT NULL,
        worst TEXT NOT NULL,
        failure TEXT NOT NULL,
        report TEXT
    );
    CREATE INDEX runs_by_stack ON runs (stack, id);
    CREATE TABLE acknowledgements (
        stack TEXT NOT NULL,
        key TEXT NOT NULL,
        address TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        until TEXT NOT NULL,
        reason TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (stack, key)
    );
    CREATE TABLE told (
        stack TEXT NOT NULL,
        channel TEXT NOT NULL,
        key TEXT NOT NULL,
        address TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        severity TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (stack, channel, key)
    );
    """,
)
LAYOUT = len(_MIGRATIONS)


def database_path(state: Path) -> Path:
    """Where the history of a state file is."""
    paths = StatePaths.of(state)
    stem = paths.state.name.removesuffix(".json")
    return paths.directory / ("drift.sqlite3" if stem == "state" else f"{stem}.drift.sqlite3")


@contextlib.contextmanager
def opened(path: Path) -> Generator[sqlite3.Connection]:
    """The file, made where it isn't there; what is done inside is one transaction.

    Raises:
        Problem: `history-newer`, or `history-unusable` with what SQLite or the system said.
    """
    try:
        _make_owned(path)
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(path, error) from error
    try:
        connection.row_factory = sqlite3.Row
        # Not WAL: to enter or leave that mode takes the whole file, and doesn't wait for it.
        connection.execute("BEGIN IMMEDIATE")
        _migrate(connection, path)
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        connection.close()  # what isn't committed by then is undone


def _make_owned(path: Path) -> None:
    """SQLite gives its companion files the mode of the first: it must be the owner's alone from the start."""
    files = Files()
    StatePaths.of(path.with_name("state.json")).prepare(files)
    files.close(files.open_append(path))


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout > LAYOUT:
        raise Problem.of(
            "history-newer",
            f"the drift history has layout {layout}, and this rolewright knows {LAYOUT}",
            detail="A newer rolewright made it. It is left as it is.",
            hint="use that version, or move the file away to begin a new history",
            source=Source(str(path)),
        )
    for step in _MIGRATIONS[layout:]:
        # Not `executescript`: that would commit first, and leave half a layout behind when it fails.
        for statement in filter(str.strip, step.split(";")):
            connection.execute(statement)
    if layout < LAYOUT:
        connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _unusable(path: Path, error: Exception) -> Problem:
    return Problem.of(
        "history-unusable",
        f"the drift history can't be used: {error}",
        detail="Looking for drift does not need it; what was told and acknowledged does.",
        hint="make room or mend its rights; or move the file away to begin a new history",
        source=Source(str(path)),
    )
