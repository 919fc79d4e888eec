"""Where the files of one state are: all of them in the folder of the state file.

Two states in one folder don't share a journal, a lock or a history: the files of `prod.json` carry
its name.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .files import Files, replace

FOLDER = ".rolewright"
DEFAULT = Path(FOLDER) / "state.json"

KEEP = 50
"""How many earlier states, and how many journals of ended runs, are kept."""


@dataclass(frozen=True, slots=True)
class StatePaths:
    """The paths that belong to a state file."""

    state: Path

    @classmethod
    def of(cls, path: str | Path) -> StatePaths:
        """The paths for a state file, links followed: two ways to one state meet at one lock."""
        return cls(Path(path).expanduser().resolve())

    @property
    def directory(self) -> Path:
        return self.state.parent

    @property
    def history(self) -> Path:
        return self.directory / "history"

    @property
    def journal(self) -> Path:
        return self.directory / f"{self._prefix}journal.jsonl"

    @property
    def lock(self) -> Path:
        """The file that the operating system's lock is on; it stays."""
        return self.directory / f"{self._prefix}lock"

    @property
    def lock_info(self) -> Path:
        """The file that says who holds the lock; it is there only while somebody does."""
        return self.directory / f"{self._prefix}lock.json"

    def kept_state(self, serial: int) -> Path:
        return self.history / f"{self._stem}.{serial}.json"

    def kept_states(self) -> dict[int, Path]:
        """The earlier states that are kept, by serial, the oldest first."""
        found: dict[int, Path] = {}
        for path in self.history.glob(f"{glob.escape(self._stem)}.*.json"):
            serial = path.name.removeprefix(f"{self._stem}.").removesuffix(".json")
            if serial.isascii() and serial.isdecimal():
                found[int(serial)] = path
        return dict(sorted(found.items()))

    def kept_journal(self, run: str) -> Path:
        return self.history / f"{self._prefix}journal.{run}.jsonl"

    def kept_journals(self) -> Iterable[Path]:
        """The journals of ended runs that are kept, the oldest first."""
        found = self.history.glob(f"{glob.escape(self._prefix)}journal.*.jsonl")
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def leftovers(self) -> Iterable[Path]:
        """What a process that was killed while it saved has left half done."""
        name, stem = glob.escape(self.state.name), glob.escape(self._stem)
        yield from self.directory.glob(f".{name}.*.tmp")
        yield from self.history.glob(f".{stem}.*.tmp")

    def prepare(self, files: Files) -> None:
        """Make the folders; raises OSError.

        A folder that is ours, made here or called `.rolewright`, is closed to others and kept out
        of git. Any other folder was there before and is left as it is.
        """
        ours = files.make_directory(self.directory) or self.directory.name == FOLDER
        files.make_directory(self.history)
        if not ours or self.state.exists():
            return
        files.restrict(self.directory)
        ignore = self.directory / ".gitignore"
        if not ignore.exists():
            replace(files, ignore, b"*\n")

    @property
    def _stem(self) -> str:
        return self.state.name.removesuffix(".json")

    @property
    def _prefix(self) -> str:
        return "" if self._stem == "state" else f"{self._stem}."
