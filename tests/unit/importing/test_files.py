"""Stack files on disk: beside what is there, all or none."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest
from rolewright.engine.importing.files import write_files
from rolewright.resources.diagnostics import Problem
from rolewright.state.files import Files

FILES = {"imported-lambda.yaml": "roles: {}\n", "imported-ec2.yaml": "# é\n"}


class WithoutLinks(Files):
    """A file system that knows no second names."""

    def link(self, source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")


class FullAfter(Files):
    """A disk that is full after some files."""

    def __init__(self, files: int) -> None:
        self._left = files

    def write(self, descriptor: int, data: bytes) -> None:
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(descriptor, data)


@pytest.mark.parametrize("disk", [Files(), WithoutLinks()])
def test_new_names_beside_what_is_there(tmp_path: Path, disk: Files) -> None:
    (tmp_path / "imported-lambda.yaml").write_text("mine\n")
    (tmp_path / "imported-lambda-2.yaml").symlink_to("nowhere")

    paths = write_files(FILES, tmp_path, disk)

    assert [path.name for path in paths] == ["imported-lambda-3.yaml", "imported-ec2.yaml"]
    assert paths[1].read_bytes() == "# é\n".encode()
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o644}
    assert (tmp_path / "imported-lambda.yaml").read_text() == "mine\n"
    assert len(list(tmp_path.iterdir())) == 4


def test_the_folder_is_made(tmp_path: Path) -> None:
    paths = write_files(FILES, tmp_path / "a" / "b")

    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("after", [0, 1])
def test_all_or_none(tmp_path: Path, after: int) -> None:
    with pytest.raises(Problem, match="No space left on device"):
        write_files(FILES, tmp_path, FullAfter(after))

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Problem, match="can't be written"):
        write_files(FILES, tmp_path / "file")
