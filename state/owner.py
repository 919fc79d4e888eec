"""Who holds a lock, and whether that process still runs.

A process id alone tells little: it is given away again, and means another process in another
container or after a restart. So a process is known by the boot that it runs under, the namespace
that numbers it, and the moment of its start, as far as the system tells them.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol, cast

_PROC = Path("/proc")
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_ENDED = frozenset({"Z", "X", "x"})


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Who holds a lock. `process_start` is `BOOT/NAMESPACE/START`, empty where unknown."""

    id: str
    who: str
    when: str
    pid: int
    process_start: str
    host: str
    machine: str
    operation: str
    tool_version: str

    def encode(self) -> bytes:
        return json.dumps(asdict(self), indent=2, sort_keys=True).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> LockInfo:
        """Read what `encode` wrote; of anything else, the `UNREADABLE` one."""
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return UNREADABLE
        types = {field.name: int if field.name == "pid" else str for field in fields(cls)}
        if not isinstance(found, dict):
            return UNREADABLE
        values = {key: cast("dict[str, Any]", found).get(key) for key in types}
        fits = all(type(values[key]) is kind for key, kind in types.items())
        return cls(**cast("dict[str, Any]", values)) if fits else UNREADABLE


UNREADABLE = LockInfo("unreadable", "somebody", "an unknown time", 0, "//", "", "", "unknown", "")


class Processes(Protocol):
    """This process, and what it can find out about others on its system."""

    pid: int
    user: str
    host: str
    machine: str
    boot: str
    namespace: str

    def start(self, pid: int) -> str | None:
        """When a process started; empty where that can't be told, None where there is none."""
        ...


class LocalProcesses:
    """The processes of this system, from /proc where it exists."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.user = _user()
        self.host = socket.gethostname()
        self.machine = _machine()
        self.boot = _text(_PROC / "sys/kernel/random/boot_id")
        self.namespace = ""
        with contextlib.suppress(OSError):
            self.namespace = str((_PROC / "self/ns/pid").readlink())

    def start(self, pid: int) -> str | None:
        """When a process started, in the kernel's ticks; one that waits to be reaped is gone."""
        # The name of the program, in parentheses, may hold spaces and parentheses itself.
        facts = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
        if len(facts) > 19:
            return None if facts[0] in _ENDED else facts[19]
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except (OSError, OverflowError):
            return ""
        return ""


class Life(Enum):
    """What is known of a lock's owner."""

    ALIVE = auto()
    DEAD = auto()
    UNKNOWN = auto()


def process_start(here: Processes) -> str:
    """What a lock says of the process that takes it."""
    return f"{here.boot}/{here.namespace}/{here.start(here.pid) or ''}"


def life(owner: LockInfo, here: Processes, *, excludes: Callable[[], bool]) -> Life:
    """Whether the owner still runs, asked by one who holds the operating system's lock.

    `excludes` tells whether that lock keeps others out on this file system. Where it does, holding
    it proves that no process under the same kernel does.
    """
    boot, namespace, start = [*owner.process_start.split("/"), "", ""][:3]
    if boot and boot == here.boot and namespace != here.namespace:
        return Life.DEAD if excludes() else Life.UNKNOWN
    same_machine = owner.host == here.host and owner.machine == here.machine
    if boot and here.boot and boot != here.boot:
        # Two machines may be called alike; one with the same id as well was started anew.
        return Life.DEAD if same_machine and here.machine else Life.UNKNOWN
    if boot != here.boot or not (boot or same_machine):
        return Life.UNKNOWN
    found = here.start(owner.pid)
    return Life.ALIVE if found is not None and found in {"", start} else Life.DEAD


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"uid {os.getuid()}"


def _machine() -> str:
    # Its documentation asks not to show a machine id to others, but a hash of it.
    for path in _MACHINE_IDS:
        if found := _text(path):
            return hashlib.sha256(b"rolewright" + found.encode()).hexdigest()[:16]
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
