"""One of several: a lock that lets only one replica look, and passes on when its holder dies."""

from __future__ import annotations

import errno
from pathlib import Path

from filelock import FileLock, Timeout

from ...state.files import Files
from ...state.paths import StatePaths

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def leader_path(state: Path) -> Path:
    """The file beside the state that the leader's lock is on; it stays."""
    paths = StatePaths.of(state)
    stem = paths.state.name.removesuffix(".json")
    return paths.directory / ("drift.lock" if stem == "state" else f"{stem}.drift.lock")


class Leadership:
    """The operating system's lock on a file: it goes away with its process, however that ends.

    Where the file system has no locks, everybody leads: a look too many does less harm than none.
    """

    def __init__(self, path: Path) -> None:
        """Name the file that all replicas share."""
        self._path = path
        self._lock = FileLock(str(path), timeout=0, mode=0o600, thread_local=False)
        self.lockless = False
        """Whether the file system has no locks, so that nobody is kept out."""

    def lead(self) -> bool:
        """Whether this process is the one that looks; once it is, it stays so until `release`.

        Raises:
            OSError: the file can't be made.
        """
        if self.lockless or self._lock.is_locked:
            return True
        StatePaths.of(self._path.with_name("state.json")).prepare(Files())
        try:
            self._lock.acquire()
        except Timeout:
            return False
        except NotImplementedError:
            self.lockless = True
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self.lockless = True
        return True

    def release(self) -> None:
        """Let another replica lead."""
        self._lock.release()
