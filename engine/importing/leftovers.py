"""What a killed import left beside the stack file: known by a mark beside the state, and removed by the next import.

One file may refer to what stands in another that never appeared, so that nothing could be read any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Generator, Mapping
from pathlib import Path

from ...state.files import Files, replace

MARK = ".importing.json"
"""The mark has the name of the state, with this suffix."""


def mark_of(state: Path) -> Path:
    """Where the mark of an import into this state lies."""
    return state.with_suffix(MARK)


@contextlib.contextmanager
def marked(
    mark: Path, files: Mapping[str, str], folder: Path, serial: int, disk: Files | None = None
) -> Generator[None]:
    """Leave a mark of the files (name to text) that are to come, until the state of a serial is saved.

    Raises:
        OSError: the mark can't be written.
    """
    disk = disk or Files()
    told = {
        "folder": str(folder.resolve()),
        "serial": serial,
        "files": {name: _digest(text.encode()) for name, text in files.items()},
    }
    replace(disk, mark, json.dumps(told, indent=2).encode())
    try:
        yield
    finally:
        disk.remove(mark)


def remove_leftovers(mark: Path, serial: int, disk: Files | None = None) -> list[Path]:
    """Remove what the marked import left, if its state was not saved; `serial` is the state's now.

    Only files that still are as they were written go: whoever edited one has made it theirs.

    Raises:
        OSError: one of them can't be removed.
        ValueError: the mark can't be read.
    """
    disk = disk or Files()
    told = json.loads(mark.read_bytes())
    folder, digests = Path(told["folder"]), set(told["files"].values())
    removed: list[Path] = []
    if serial < told["serial"] and folder.is_dir():
        for file in sorted(folder.iterdir()):
            unfinished = file.suffix == ".tmp" and any(
                file.name.startswith(f".{name}.") for name in told["files"]
            )
            if file.is_file() and (unfinished or _digest(file.read_bytes()) in digests):
                disk.remove(file)
                removed.append(file)
    disk.remove(mark)
    return removed


def is_unfinished(mark: Path, serial: int) -> bool:
    """Whether an import began to write files, and its state was not saved; `serial` is the state's now."""
    try:
        told = json.loads(mark.read_bytes())
        return serial < told["serial"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
