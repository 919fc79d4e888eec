"""The file calls and what is built from them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from rolewright.state.files import Files, keep_as, replace, write_new


class SlowFiles(Files):
    """Files whose system takes a few bytes at a time."""

    def write(self, descriptor: int, data: bytes) -> None:
        for start in range(0, len(data), 3):
            super().write(descriptor, data[start : start + 3])


class LinklessFiles(Files):
    """Files on a file system without hard links."""

    def link(self, source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")


def test_replace_takes_the_place(tmp_path: Path) -> None:
    """The bytes are there in one step, for the owner's eyes, with nothing left beside."""
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o644)

    replace(SlowFiles(), path, b"new bytes")

    assert path.read_bytes() == b"new bytes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path] == list(tmp_path.iterdir())


def test_umask_does_not_narrow_files(tmp_path: Path) -> None:
    """A mask that takes everything away would leave a state that even we can't read."""
    before = os.umask(0o777)
    try:
        write_new(Files(), tmp_path / "a", b"x")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_new_file_never_goes_through_a_link(tmp_path: Path) -> None:
    """What somebody laid in the way is not written through."""
    (tmp_path / "a").symlink_to(tmp_path / "target")

    with pytest.raises(FileExistsError):
        write_new(Files(), tmp_path / "a", b"x")
    with pytest.raises(OSError, match="symbolic links"):
        Files().open_append(tmp_path / "a")

    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("files", [Files(), LinklessFiles()])
def test_keep_as_gives_a_second_name(tmp_path: Path, files: Files) -> None:
    """What is kept stays when the first name gets other bytes, with the time it was written."""
    first, kept = tmp_path / "a", tmp_path / "kept"
    write_new(files, first, b"one")
    os.utime(first, (1_000_000, 1_000_000))
    kept.write_text("something older")

    keep_as(files, first, kept)
    replace(files, first, b"two")

    assert (first.read_bytes(), kept.read_bytes()) == (b"two", b"one")
    assert kept.stat().st_mtime == 1_000_000
    assert {first, kept} == set(tmp_path.iterdir())


def test_keep_as_twice_is_fine(tmp_path: Path) -> None:
    """A crash between keeping and replacing leaves two names for one file; again is no harm."""
    write_new(Files(), tmp_path / "a", b"one")

    for _ in range(2):
        keep_as(Files(), tmp_path / "a", tmp_path / "kept")

    assert {"a", "kept"} == {path.name for path in tmp_path.iterdir()}


def test_reading_nothing_is_none(tmp_path: Path) -> None:
    """A missing file is no error; a folder in its place is one."""
    assert Files().read(tmp_path / "missing") is None
    with pytest.raises(IsADirectoryError):
        Files().read(tmp_path)


def test_directory_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    """A file where the folder should be is not taken for it."""
    (tmp_path / "a").touch()

    with pytest.raises(FileExistsError):
        Files().make_directory(tmp_path / "a")
