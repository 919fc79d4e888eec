"""The journal of a run: what is about to happen is on the disk before it happens.

An append-only file beside the state, one JSON object a line. `append` returns only when the line is
durable; when it raises, the line does not count and what it announces must not be done. The caller
holds the state's lock while it writes; reading needs none.
"""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from . import problems
from .entries import Entry, RunEnded, RunResumed, RunStarted, decode_entry, encode_entry
from .files import Files
from .paths import KEEP, StatePaths
from .replay import OpenRun, misplaced

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class _Content:
    """A journal file's entries, and how many of its bytes they are; what follows was cut off."""

    entries: tuple[Entry, ...]
    length: int
    torn: bool


class Journal:
    """The journal beside a state file. Entries may be appended from several threads."""

    def __init__(self, path: str | Path, *, keep: int = KEEP, files: Files | None = None) -> None:
        """Name the state file; `keep` journals of ended runs stay in its history."""
        self.paths = StatePaths.of(path)
        self._keep = keep
        self._files = files or Files()
        self._mutex = threading.Lock()
        self._descriptor: int | None = None
        self._length = 0
        self._ragged = False

    def open_run(self) -> OpenRun | None:
        """The run that has something left for `recover`, or None.

        Raises:
            Problem: `journal-unreadable`, or `journal-broken` for more than a last line cut off.
        """
        run = self.last_run()
        return None if run is None or run.settled else run

    def last_run(self) -> OpenRun | None:
        """The run that the file holds, also one that has just ended; raises as `open_run`."""
        content = self._content()
        return OpenRun(content.entries, content.torn) if content.entries else None

    def last_ended(self) -> OpenRun | None:
        """The newest run that came to its end, also one that is in the history; raises as `open_run`."""
        run = self.last_run()
        if run is not None and run.settled:
            return run
        kept = list(self.paths.kept_journals())
        content = self._content(kept[-1]) if kept else None
        return OpenRun(content.entries, content.torn) if content and content.entries else None

    def begin(self, started: RunStarted) -> None:
        """Start the journal of a run.

        Raises:
            Problem: `journal-open` while an earlier run has something left; `journal-not-written`;
                those of `open_run`.
        """
        if not _RUN.fullmatch(started.run):
            raise ValueError(f"{started.run!r} can't be part of a file name")
        content = self._content()
        if content.entries:
            self._put_away(OpenRun(content.entries))
        self._open(0)
        self.append(started)

    def resume(self, resumed: RunResumed) -> OpenRun:
        """Go on with the open run, and return it as it was before.

        Raises:
            Problem: `journal-not-open`, `journal-not-written`, or those of `open_run`.
        """
        content = self._content()
        run = OpenRun(content.entries, content.torn)
        if not run.entries or run.settled or run.started.run != resumed.run:
            raise problems.journal_not_open(self.paths.journal, resumed.run)
        self._open(content.length)
        self.append(resumed)
        return run

    def append(self, entry: Entry) -> None:
        """Write one entry, and return when it is on the disk.

        Raises:
            Problem: `journal-not-written`; the file is as if this had not been called.
        """
        line = encode_entry(entry)
        with self._mutex:
            descriptor = self._writing()
            try:
                self._trim(descriptor)
                self._ragged = True
                self._files.write(descriptor, line)
                self._files.sync(descriptor)
                self._length += len(line)
            except BaseException as error:
                with contextlib.suppress(OSError):
                    self._trim(descriptor)
                if isinstance(error, OSError):
                    raise problems.journal_not_written(self.paths.journal, error) from error
                raise
            self._ragged = False

    def end(self, ended: RunEnded) -> None:
        """Write the end of the run; a settled one moves to the history.

        Raises:
            Problem: `journal-not-written`: the run counts as open.
        """
        self.append(ended)
        self.close()
        if ended.outcome.settled:
            # The end is on record; where the file can't be moved now, the next `begin` does it.
            with contextlib.suppress(OSError):
                self._rotate(ended.run)

    def close(self) -> None:
        """Let go of the file; the run stays as it is."""
        with self._mutex:
            if self._descriptor is not None:
                descriptor, self._descriptor = self._descriptor, None
                with contextlib.suppress(OSError):
                    self._files.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _content(self, path: Path | None = None) -> _Content:
        path = path or self.paths.journal
        try:
            data = self._files.read(path)
        except OSError as error:
            raise problems.journal_unreadable(path, error) from error
        return _read(data or b"", path)

    def _open(self, length: int) -> None:
        self.close()
        path = self.paths.journal
        try:
            self.paths.prepare(self._files)
            self._descriptor = self._files.open_append(path)
            self._files.sync_directory(path.parent)
        except OSError as error:
            self.close()
            raise problems.journal_not_written(path, error) from error
        # What follows the last good line was never confirmed to anybody.
        self._length, self._ragged = length, True

    def _writing(self) -> int:
        if self._descriptor is None:
            raise RuntimeError("the journal is not open: begin or resume a run first")
        return self._descriptor

    def _trim(self, descriptor: int) -> None:
        if self._ragged:
            self._files.truncate(descriptor, self._length)
            self._ragged = False

    def _put_away(self, earlier: OpenRun) -> None:
        if not earlier.settled:
            raise problems.journal_open(self.paths.journal, earlier.started, earlier.ended)
        try:
            self._rotate(earlier.started.run)
        except OSError as error:
            raise problems.journal_not_written(self.paths.journal, error) from error

    def _rotate(self, run: str) -> None:
        self.paths.prepare(self._files)
        self._files.rename(self.paths.journal, self.paths.kept_journal(run))
        self._files.sync_directory(self.paths.history)
        self._files.sync_directory(self.paths.directory)
        kept = list(self.paths.kept_journals())
        for path in kept[: max(0, len(kept) - self._keep)]:
            with contextlib.suppress(OSError):
                self._files.remove(path)


def _read(data: bytes, path: Path) -> _Content:
    *lines, rest = data.split(b"\n")
    torn = bool(rest)
    if lines and b"\0" in lines[-1]:
        # A file system may give a line its length back after a power loss, but not its bytes.
        lines, torn = lines[:-1], True
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(decode_entry(line))
        except (ValueError, RecursionError) as error:
            raise problems.journal_broken(path, number, str(error)) from error
    if fault := misplaced(entries):
        raise problems.journal_broken(path, *fault)
    return _Content(tuple(entries), sum(len(line) + 1 for line in lines), torn)
