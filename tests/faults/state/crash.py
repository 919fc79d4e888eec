"""An apply in small that is killed at a file call: `crash.py FOLDER` makes all such runs.

One process forks once for each call and each moment around it, so that nothing is imported twice.
Run number N works in FOLDER/N; its file `aws` lists the calls that it made, as AWS would know them.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from rolewright.state.entries import StepDone
from rolewright.state.journal import Journal
from rolewright.state.lock import StateLock
from rolewright.state.paths import DEFAULT
from rolewright.state.replay import fold
from rolewright.state.store import LocalStore
from unit.state.worlds import (
    FailingFiles,
    done,
    ended,
    intended,
    make_record,
    make_state,
    started,
    step,
)

NAMES = ("b", "c")


class KillingFiles(FailingFiles):
    """Files that end the process where `FailingFiles` would raise."""

    def fail(self, what: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def prepare(folder: Path) -> None:
    """A stack that was applied once."""
    store = LocalStore(folder / DEFAULT)
    store.save(make_state("a", serial=1))
    (folder / "aws").touch()


def apply(folder: Path, files: FailingFiles) -> None:
    """Lock, look, announce, call, record and save, as the engine does."""
    path = folder / DEFAULT
    with StateLock(path, operation="apply", tool_version="0", files=files).acquire():
        store, journal = LocalStore(path, files=files), Journal(path, files=files)
        state = store.load()
        assert state is not None
        store.preflight()
        begin = started(base_serial=state.serial)
        journal.begin(begin)
        for seq, name in enumerate(NAMES, 1):
            journal.append(intended(seq, name=name))
            call_aws(folder, seq)
            journal.append(done(seq))
            finished: StepDone = step(f"role.{name}", make_record(name))
            journal.append(finished)
            state = fold(state, [begin, finished])
            store.save(state)
        journal.end(ended())


def call_aws(folder: Path, seq: int) -> None:
    with (folder / "aws").open("a") as calls:
        calls.write(f"{seq}\n")


def killed(folder: Path, at: int, *, after: bool) -> bool:
    """One run in a process of its own; False where it came to its end."""
    child = os.fork()
    if child == 0:
        apply(folder, KillingFiles(at, after=after))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(root: Path) -> None:
    base = root / "base"
    prepare(base)
    number = at = 0
    running = True
    while running:
        at += 1
        for after in (False, True):
            number += 1
            shutil.copytree(base, root / str(number))
            running = killed(root / str(number), at, after=after)
    print(number)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
