"""The operating system's file calls of which durable documents are made.

Every call that can fail on a full or a broken disk goes through `Files`, so that tests can hand in
one that fails at any of them. Files made here are the owner's alone (0600), folders too (0700).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Generator
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
# Of file systems that keep no modes: what they are mounted with holds for all files.
_NO_MODES = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS})
_NO_DIRECTORY_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})
NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS})


class Files:
    """One method a file call; each raises OSError as the system does."""

    def read(self, path: Path) -> bytes | None:
        """All bytes of a file, or None where there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def create(self, path: Path) -> int:
        """Open a file that must not exist yet."""
        return self._owned(os.open(path, _NEW, 0o600))

    def open_append(self, path: Path) -> int:
        """Open a file to write at its end, making it where needed."""
        return self._owned(os.open(path, _APPEND, 0o600))

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of `data`."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def truncate(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)

    def sync(self, descriptor: int) -> None:
        """Return only when the file's bytes are on the disk."""
        if sys.platform == "darwin":  # where fsync stops at the drive's cache
            import fcntl

            with contextlib.suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
                return
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, taking the place of what has that name."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; FileExistsError where the name is taken."""
        os.link(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def make_directory(self, path: Path) -> bool:
        """Make a folder for its owner alone, with those above it; False where it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            if not path.is_dir():
                raise
            return False
        self.restrict(path)
        self.sync_directory(path.parent)
        return True

    def restrict(self, path: Path) -> None:
        """Close a folder to everybody but its owner."""
        with _where_modes_exist():
            path.chmod(0o700)

    def sync_directory(self, path: Path) -> None:
        """Return only when the names in a folder are on the disk, where the system can tell."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_DIRECTORY_SYNC:
                raise
        finally:
            os.close(descriptor)

    def room(self, path: Path) -> int:
        """The bytes that may still be written to the file system of `path`."""
        usage = os.statvfs(path)
        return usage.f_bavail * usage.f_frsize

    def _owned(self, descriptor: int) -> int:
        # The mode given to open is narrowed by the umask, and not applied to a file that was there.
        try:
            with _where_modes_exist():
                os.fchmod(descriptor, 0o600)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


@contextlib.contextmanager
def _where_modes_exist() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_MODES:
            raise


def write_new(files: Files, path: Path, data: bytes) -> None:
    """Make a file with these bytes and have them on the disk; a half-made one is removed."""
    descriptor = files.create(path)
    try:
        try:
            files.write(descriptor, data)
            files.sync(descriptor)
        finally:
            files.close(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            files.remove(path)
        raise


def replace(files: Files, path: Path, data: bytes) -> None:
    """Put a file of these bytes in the place of `path` in one step: nobody sees half of it.

    The bytes are on the disk when this returns; that the name is, too, takes `sync_directory`.
    """
    temporary = temporary_name(path)
    try:
        write_new(files, temporary, data)
        files.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            files.remove(temporary)
        raise


def keep_as(files: Files, source: Path, target: Path) -> None:
    """Give a file a second name, in the place of what has it; a copy where links can't be."""
    temporary = temporary_name(target)
    try:
        _second_name(files, source, temporary)
        files.rename(temporary, target)
    finally:
        # A rename between two names of one file leaves both, and a failed one leaves the first.
        with contextlib.suppress(OSError):
            files.remove(temporary)
    files.sync_directory(target.parent)


def _second_name(files: Files, source: Path, target: Path) -> None:
    try:
        files.link(source, target)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        written = source.stat()
        write_new(files, target, source.read_bytes())
        os.utime(target, ns=(written.st_atime_ns, written.st_mtime_ns))


def temporary_name(path: Path) -> Path:
    """A name beside `path` for what is not whole yet."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
