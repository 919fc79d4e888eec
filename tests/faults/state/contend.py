"""Fifty processes that want one state: `contend.py STATE TIMEOUT LOCKS` says what became of each.

Each of them takes the lock, reads the state, adds a role to it under the next serial and saves it.
LOCKS is `system`, or `none` for a folder on which the system's locks keep nobody out.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rolewright.resources.diagnostics import Problem
from rolewright.state.lock import StateLock
from rolewright.state.store import LocalStore
from unit.state.worlds import address, make_record

COUNT = 50
APPLIED, REFUSED = 0, 7


class LocklessLock(StateLock):
    """A lock on a folder without the system's locks."""

    def _exclude(self) -> None:
        return None


def apply(path: Path, timeout: float, kind: type[StateLock]) -> int:
    try:
        with kind(path, operation="apply", tool_version="0").acquire(timeout) as held:
            store = LocalStore(path)
            state = store.load()
            assert state is not None
            name = f"r{os.getpid()}"
            store.save(state.with_record(address(f"role.{name}"), make_record(name)).advanced())
            held.verify()
    except Problem as problem:
        return REFUSED if problem.diagnostics[0].code == "locked" else 1
    return APPLIED


def main(path: Path, timeout: float, kind: type[StateLock]) -> None:
    gate, opener = os.pipe()
    children: list[int] = []
    for _ in range(COUNT):
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)
            os._exit(apply(path, timeout, kind))
        children.append(child)
    os.close(opener)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]))


if __name__ == "__main__":
    kinds = {"system": StateLock, "none": LocklessLock}
    main(Path(sys.argv[1]), float(sys.argv[2]), kinds[sys.argv[3]])
