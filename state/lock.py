"""The exclusive lock of commands that may write; readers take none.

Two things make the lock. The operating system's lock goes away with its process, but does not work
on every shared folder; a file that only one can create says who, when and where, and works on all,
but stays when its process is killed. Whoever holds both may write.
"""

from __future__ import annotations

import contextlib
import errno
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from ..resources.diagnostics import Diagnostic, Problem
from . import problems
from .clock import Clock, SystemClock, timestamp
from .files import NO_HARD_LINKS, Files, temporary_name, write_new
from .owner import Life, LocalProcesses, LockInfo, Processes, life, process_start
from .paths import StatePaths

_POLL = 0.25
# Between taking the two parts of a lock, or giving them back, nobody can say who holds it.
_GRACE = 2.0
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


class HeldLock:
    """A lock that this process holds until `release`; also a context manager.

    `notices` tells what the user should know about how it was got.
    """

    def __init__(
        self,
        lock: StateLock,
        info: LockInfo,
        exclusion: FileLock | None,
        notices: tuple[Diagnostic, ...],
    ) -> None:
        self.info = info
        self.notices = notices
        self._lock = lock
        self._exclusion = exclusion

    def verify(self) -> None:
        """Do nothing while the lock is still ours.

        Raises:
            Problem: `lock-lost`: somebody unlocked it.
        """
        holder = self._lock.holder()
        if holder is None or holder.id != self.info.id:
            raise problems.lock_lost(self.info, holder)

    def release(self) -> None:
        """Give the lock back; once is enough. A lock that is no longer ours is left alone."""
        with contextlib.suppress(OSError, Problem):
            try:
                self._lock.forget(self.info.id)
            except OSError:
                self._lock.discard(self.info.id)
        if self._exclusion is not None:
            self._exclusion.release()
            self._exclusion = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class StateLock:
    """The lock beside a state file."""

    def __init__(
        self,
        path: str | Path,
        *,
        operation: str,
        tool_version: str,
        files: Files | None = None,
        processes: Processes | None = None,
        clock: Clock | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        """Name the state file, and what the lock is for."""
        self.paths = StatePaths.of(path)
        self._operation = operation
        self._tool_version = tool_version
        self._files = files or Files()
        self._processes = processes
        self._clock = clock or SystemClock()
        self._new_id = new_id

    def acquire(self, timeout: float = 0.0) -> HeldLock:
        """Take the lock, waiting up to `timeout` seconds for it.

        Raises:
            Problem: `locked`, with who holds it, or `lock-not-written`.
        """
        begun = self._clock.monotonic()
        while True:
            found = self._attempt()
            if isinstance(found, HeldLock):
                return found
            patience = max(timeout, _GRACE) if found is None else timeout
            left = begun + patience - self._clock.monotonic()
            if left <= 0:
                raise problems.locked(found)
            self._clock.sleep(min(_POLL, left))

    def holder(self) -> LockInfo | None:
        """Who holds the lock by its file, dead or alive; None where there is no such file.

        Raises:
            Problem: `lock-unreadable`.
        """
        try:
            data = self._files.read(self.paths.lock_info)
        except OSError as error:
            raise problems.lock_unreadable(self.paths.lock_info, error) from error
        return None if data is None else LockInfo.decode(data)

    def unlock(self, lock_id: str) -> LockInfo:
        """Take away somebody's lock, and return whose it was.

        Raises:
            Problem: `not-locked`, `lock-other-id`, `lock-unreadable` or `lock-not-written`.
        """
        holder = self.holder()
        if holder is None:
            raise problems.not_locked(self.paths.lock_info)
        if holder.id != lock_id:
            raise problems.lock_other_id(lock_id, holder)
        try:
            self.forget(lock_id)
        except OSError as error:
            raise problems.lock_not_written(self.paths.lock_info, error) from error
        return holder

    def forget(self, lock_id: str) -> bool:
        """Remove the file that says who holds the lock if it is of this id; raises OSError."""
        path = self.paths.lock_info
        if self._id_in(path) != lock_id:
            return False
        # It may have changed since: moved away and looked at again, it no longer can.
        aside = temporary_name(path)
        try:
            self._files.rename(path, aside)
        except FileNotFoundError:
            return False
        ours = self._id_in(aside) == lock_id
        if not ours:
            with contextlib.suppress(FileExistsError):
                self._files.link(aside, path)
        self._files.remove(aside)
        return ours

    def discard(self, lock_id: str) -> None:
        """Remove the file in one step, as a full disk allows that takes no second name; raises OSError.

        Only where the operating system's lock, which the caller holds, keeps others from making theirs meanwhile.
        """
        path = self.paths.lock_info
        if self._excludes() and self._id_in(path) == lock_id:
            self._files.remove(path)

    def _id_in(self, path: Path) -> str | None:
        data = self._files.read(path)
        return None if data is None else LockInfo.decode(data).id

    def _attempt(self) -> HeldLock | LockInfo | None:
        try:
            self.paths.prepare(self._files)
            exclusion = self._exclude()
        except Timeout:
            return self.holder()
        except OSError as error:
            raise problems.lock_not_written(self.paths.lock, error) from error
        found: HeldLock | LockInfo | None = None
        try:
            found = self._claim(exclusion)
        except OSError as error:
            raise problems.lock_not_written(self.paths.lock_info, error) from error
        finally:
            if exclusion is not None and not isinstance(found, HeldLock):
                exclusion.release()
        return found

    def _exclude(self) -> FileLock | None:
        """Take the operating system's lock; None where the file system has none."""
        lock = FileLock(str(self.paths.lock), timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except NotImplementedError:
            return None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return None
        return lock

    def _excludes(self) -> bool:
        """Whether the lock that we hold keeps others out, which not every file system sees to."""
        other = FileLock(str(self.paths.lock), timeout=0, mode=0o600, thread_local=False)
        try:
            with other:
                return False
        except Timeout:
            return True
        except (OSError, NotImplementedError):
            return False

    def _claim(self, exclusion: FileLock | None) -> HeldLock | LockInfo | None:
        mine = self._mine()
        notices: tuple[Diagnostic, ...] = ()
        if not self._publish(mine):
            other = self.holder()
            if other is None:
                return None
            here = self._here()
            if (
                life(other, here, excludes=lambda: bool(exclusion) and self._excludes())
                is not Life.DEAD
            ):
                return other
            if not self.forget(other.id) or not self._publish(mine):
                return self.holder()
            notices = (problems.lock_taken_over(other),)
        # Where nothing excluded the others, one of them may have taken ours for the dead one's.
        holder = self.holder()
        if holder is None or holder.id != mine.id:
            return holder
        return HeldLock(self, mine, exclusion, notices)

    def _publish(self, info: LockInfo) -> bool:
        """Make the file that says who holds the lock; False where there is one."""
        path = self.paths.lock_info
        temporary = temporary_name(path)
        write_new(self._files, temporary, info.encode())
        try:
            self._files.link(temporary, path)
        except FileExistsError:
            # A network file system may answer like this to its own repetition of a request.
            holder = self.holder()
            return holder is not None and holder.id == info.id
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            return self._publish_unlinked(info)
        finally:
            with contextlib.suppress(OSError):
                self._files.remove(temporary)
        return True

    def _publish_unlinked(self, info: LockInfo) -> bool:
        try:
            write_new(self._files, self.paths.lock_info, info.encode())
        except FileExistsError:
            return False
        return True

    def _mine(self) -> LockInfo:
        here = self._here()
        return LockInfo(
            id=self._new_id(),
            who=f"{here.user}@{here.host}",
            when=timestamp(self._clock.now()),
            pid=here.pid,
            process_start=process_start(here),
            host=here.host,
            machine=here.machine,
            operation=self._operation,
            tool_version=self._tool_version,
        )

    def _here(self) -> Processes:
        # Looked up when it is needed, so that a forked process does not take itself for its parent.
        return self._processes or LocalProcesses()
