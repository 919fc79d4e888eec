"""Where a state is kept: the two protocols, and the store that keeps it in a file.

A state on disk is replaced in one step or not at all, and only by one that follows from it. The
caller holds the lock around everything that ends in `save`; reading needs none.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import tempfile
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ..resources.diagnostics import Problem
from . import integrity, problems
from .clock import timestamp
from .codec import Encoder, decode
from .document import State
from .files import Files, keep_as, replace, temporary_name, write_new
from .paths import KEEP, StatePaths

_SPARE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptState:
    """An earlier state in the history; `saved_at` is when it was written last, ISO 8601 in UTC."""

    serial: int
    saved_at: str
    path: Path


class StateReader(Protocol):
    """What plan, drift and show may do with a state."""

    def load(self) -> State | None:
        """The present state, or None where the stack was never applied; raises Problem."""
        ...

    def history(self) -> list[KeptState]:
        """The earlier states that are kept, the oldest first."""
        ...

    def load_serial(self, serial: int) -> State:
        """The state of an earlier serial, or the present one; raises Problem."""
        ...


class StateStore(StateReader, Protocol):
    """What commands that change the account may do with a state, while they hold its lock."""

    def preflight(self, extra: int = 0) -> None:
        """Make sure that saving will work before AWS is touched; raises Problem.

        `extra` are the bytes that the run will write besides, such as its journal.
        """
        ...

    def save(self, state: State) -> bool:
        """Keep this state durably; False where these bytes are there already. Raises Problem."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    digest: bytes
    state: State


class LocalStore:
    """Keeps a state in a file, and the earlier ones in a folder beside it.

    A store knows the state that it loaded or saved last, and refuses to save over any other. It may
    be called from several threads; which of two states is the newer one is for the caller to order.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        keep: int = KEEP,
        files: Files | None = None,
        elsewhere: Iterable[Path] | None = None,
    ) -> None:
        """Name the state file; `elsewhere` are folders for a copy when it can't be written."""
        self.paths = StatePaths.of(path)
        self._keep = keep
        self._files = files or Files()
        self._places = None if elsewhere is None else tuple(elsewhere)
        self._encoder = Encoder()
        self._mutex = threading.RLock()
        self._seen: _Seen | None = None
        self._met = False
        self._confirmed = True
        self._copy: Path | None = None

    def load(self) -> State | None:
        """The present state, or None where there is no file.

        Raises:
            Problem: `state-unreadable`, or one of those that `decode` raises.
        """
        with self._mutex:
            with _reading(self.paths.state):
                seen = self._present()
            self._know(seen, confirmed=self._confirmed)
            return None if seen is None else seen.state

    def history(self) -> list[KeptState]:
        """The earlier states that are kept, the oldest first; none of them is read."""
        return [
            KeptState(serial, _when(path), path)
            for serial, path in self.paths.kept_states().items()
        ]

    def load_serial(self, serial: int) -> State:
        """The state of an earlier serial, or the present one.

        Raises:
            Problem: `serial-not-kept`, `state-other-lineage`, or one of those that `load` raises.
        """
        with _reading(self.paths.state):
            present = self._present()
        if present is not None and present.state.serial == serial:
            return present.state
        state = self._kept(serial)
        if present is not None and state.lineage != present.state.lineage:
            raise problems.other_lineage(state, present.state, self.paths.kept_state(serial))
        return state

    def _kept(self, serial: int) -> State:
        path = self.paths.kept_state(serial)
        with _reading(path):
            data = self._files.read(path)
        if data is None:
            raise problems.not_kept(serial, list(self.paths.kept_states()), self.paths.state)
        return decode(data, file=path)

    def preflight(self, extra: int = 0) -> None:
        """Make the folders, and really write and remove as many bytes there as a run may need.

        Raises:
            Problem: `state-folder-unwritable`, `state-folder-full`, `state-unreadable`.
        """
        path = self.paths.state
        try:
            self.paths.prepare(self._files)
            for file in list(self.paths.leftovers()):
                self._files.remove(file)
            with _reading(path):
                need = 2 * len(self._files.read(path) or b"") + _SPARE + extra
            room = self._files.room(path.parent)
            if room >= need:
                self._probe(need)
        except OSError as error:
            raise problems.unwritable(path, error) from error
        if room < need:
            raise problems.full(path, need, room)

    def save(self, state: State) -> bool:
        """Put this state in the place of the present one, which a new serial moves to the history.

        Raises:
            Problem: `state-not-saved` (the file is as it was, the message names a copy);
                `state-other-stack`, `-account` or `-lineage`; `state-lower-serial`; `state-moved`
                (somebody else wrote meanwhile); one of those that `load` raises.
        """
        integrity.verify(state)
        with self._mutex:
            data = self._encoder.encode(state)
            try:
                present = self._present()
            except OSError as error:
                raise self._not_saved(error, data, in_place=False) from error
            new = _Seen(_digest(data), state)
            if present is None or present.digest != new.digest:
                self._write(data, new, present)
            elif self._confirmed:
                self._know(new)
                return False
            self._confirm(data)
            self._prune()
            return True

    def _write(self, data: bytes, new: _Seen, present: _Seen | None) -> None:
        if present is not None:
            self._refuse(new.state, present)
        try:
            self.paths.prepare(self._files)
            if present is not None and present.state.serial < new.state.serial:
                kept = self.paths.kept_state(present.state.serial)
                keep_as(self._files, self.paths.state, kept)
            replace(self._files, self.paths.state, data)
        except OSError as error:
            # A network file system may have done what it reports as failed.
            in_place = self._has(new)
            if in_place:
                self._know(new, confirmed=False)
            raise self._not_saved(error, data, in_place=in_place) from error
        self._know(new, confirmed=False)

    def _confirm(self, data: bytes) -> None:
        try:
            self._files.sync_directory(self.paths.directory)
        except OSError as error:
            raise self._not_saved(error, data, in_place=True) from error
        self._confirmed = True

    def _has(self, seen: _Seen) -> bool:
        try:
            return _digest(self._files.read(self.paths.state) or b"") == seen.digest
        except OSError:
            return False

    def _know(self, seen: _Seen | None, *, confirmed: bool = True) -> None:
        self._seen = seen
        self._met = True
        self._confirmed = confirmed

    def _present(self) -> _Seen | None:
        data = self._files.read(self.paths.state)
        if data is None:
            return None
        digest = _digest(data)
        if self._seen is not None and self._seen.digest == digest:
            return self._seen
        return _Seen(digest, decode(data, file=self.paths.state))

    def _refuse(self, new: State, present: _Seen) -> None:
        path, old = self.paths.state, present.state
        integrity.verify_owner(old, stack=new.stack, account_id=new.account_id, file=path)
        if new.lineage != old.lineage:
            raise problems.other_lineage(old, new, path)
        if new.serial < old.serial:
            raise problems.lower_serial(new, old, path)
        if present is not self._seen and (self._met or new.serial == old.serial):
            raise problems.moved(old, path)

    def _prune(self) -> None:
        kept = list(self.paths.kept_states().values())
        for path in kept[: max(0, len(kept) - self._keep)]:
            with contextlib.suppress(OSError):
                self._files.remove(path)

    def _probe(self, size: int) -> None:
        probe = temporary_name(self.paths.state)
        write_new(self._files, probe, bytes(size))
        self._files.remove(probe)

    def _not_saved(self, error: OSError, data: bytes, *, in_place: bool) -> Problem:
        copy = emergency_copy(data, self.paths.state.name, self._elsewhere(), files=self._files)
        if copy is not None and self._copy is not None:
            with contextlib.suppress(OSError):
                self._files.remove(self._copy)
        self._copy = copy or self._copy
        return problems.not_saved(self.paths.state, error, copy, in_place=in_place)

    def _elsewhere(self) -> Iterable[Path]:
        if self._places is not None:
            return self._places
        try:
            return [Path(tempfile.gettempdir())]
        except OSError:
            return []


def emergency_copy(
    data: bytes, name: str, places: Iterable[Path], *, files: Files | None = None
) -> Path | None:
    """Write a state's bytes to the first of these folders that takes them; None where none does."""
    files = files or Files()
    for place in places:
        path = place / f"rolewright-{secrets.token_hex(8)}-{name}"
        with contextlib.suppress(OSError):
            write_new(files, path, data)
            return path
    return None


@contextlib.contextmanager
def _reading(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise problems.unreadable(path, error) from error


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _when(path: Path) -> str:
    return timestamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
