"""What a killed import left is removed by its mark, and nothing that is anybody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.engine.importing.leftovers import MARK, marked, remove_leftovers

FILES = {"imported-ec2.yaml": "roles: {a: 1}\n", "imported-lambda.yaml": "roles: {b: 2}\n"}


class Killed(BaseException):
    """Stands for a signal: nothing after it runs."""


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The mark of an import that was killed when all its files had appeared."""
    mark = tmp_path / ".rolewright" / f"state{MARK}"
    mark.parent.mkdir()
    with marked(mark, FILES, tmp_path, serial=3):
        left = mark.read_bytes()
        for name, text in FILES.items():
            (tmp_path / name).write_text(text)
    assert not mark.exists()
    mark.write_bytes(left)
    return mark


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.is_file()}


def test_what_was_left_goes(tmp_path: Path, mark: Path) -> None:
    """Also under the second name that it got, and what was not whole yet."""
    (tmp_path / "imported-ec2.yaml").rename(tmp_path / "imported-ec2-2.yaml")
    (tmp_path / ".imported-lambda.yaml.0123456789abcdef.tmp").write_text("rol")
    (tmp_path / ".other.yaml.0123456789abcdef.tmp").write_text("mine")
    (tmp_path / "rolewright.yaml").write_text("stack: s\n")

    removed = remove_leftovers(mark, serial=2)

    assert {file.name for file in removed} == {
        "imported-ec2-2.yaml",
        "imported-lambda.yaml",
        ".imported-lambda.yaml.0123456789abcdef.tmp",
    }
    assert names(tmp_path) == {"rolewright.yaml", ".other.yaml.0123456789abcdef.tmp"}
    assert not mark.exists()


def test_what_somebody_edited_stays(tmp_path: Path, mark: Path) -> None:
    (tmp_path / "imported-ec2.yaml").write_text("roles: {mine: 1}\n")

    remove_leftovers(mark, serial=2)

    assert names(tmp_path) == {"imported-ec2.yaml"}


@pytest.mark.parametrize("serial", [3, 4])
def test_what_is_in_the_state_stays(tmp_path: Path, mark: Path, serial: int) -> None:
    """The kill came after the state was saved."""
    assert remove_leftovers(mark, serial) == []

    assert names(tmp_path) == set(FILES)
    assert not mark.exists()


def test_a_failure_that_is_handled_leaves_no_mark(tmp_path: Path) -> None:
    mark = tmp_path / f"state{MARK}"

    with pytest.raises(Killed), marked(mark, FILES, tmp_path, serial=1):
        raise Killed

    assert not mark.exists()
