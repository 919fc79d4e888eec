"""Written stack files on their way to disk: beside what is there, never over it, all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from ...resources.diagnostics import Problem
from ...state.files import NO_HARD_LINKS, Files, temporary_name, write_new

_MODE = 0o644


def write_files(files: Mapping[str, str], folder: Path, disk: Files | None = None) -> list[Path]:
    """Write each file (name to text) under its name, or with -2, -3… where that is taken.

    A file appears whole or not at all, readable for everybody (0644): it holds no secret and goes
    to a repository. When one can't be written, those before it are removed again, since a second
    try would declare everything twice.

    Raises:
        Problem: the folder or a file can't be written; nothing is left behind.
    """
    disk = disk or Files()
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            written.append(_write(disk, folder / name, text.encode("utf-8")))
        disk.sync_directory(folder)
    except BaseException as error:
        for path in written:
            with contextlib.suppress(OSError):
                disk.remove(path)
        if isinstance(error, OSError):
            raise _unwritable(folder, error) from error
        raise
    return written


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem.of(
        "unwritable-file",
        f"the stack files can't be written to {folder}: {error.strerror or error}",
        detail="None of them is left there.",
        hint="make the folder writable, or print them with --print",
    )


def _write(disk: Files, path: Path, data: bytes) -> Path:
    temporary = temporary_name(path)
    try:
        write_new(disk, temporary, data)
        temporary.chmod(_MODE)
        return next(free for free in _names(path) if _take(disk, temporary, free, data))
    finally:
        with contextlib.suppress(OSError):
            disk.remove(temporary)


def _names(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _take(disk: Files, temporary: Path, path: Path, data: bytes) -> bool:
    """Give the whole file its name; False where another file has it."""
    try:
        disk.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        return _create(disk, path, data)
    return True


def _create(disk: Files, path: Path, data: bytes) -> bool:
    """The same on a file system without links, where a crash may leave half a file."""
    try:
        write_new(disk, path, data)
    except FileExistsError:
        return False
    path.chmod(_MODE)
    return True


def folder_of(config: Path) -> Path:
    """Where new files of a stack go: its folder, or the one in which its only file is."""
    return config if config.is_dir() else config.parent
