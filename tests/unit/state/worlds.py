"""Builders, random states and journals, and fakes, for the tests of what is kept on disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from rolewright.resources.address import Address
from rolewright.resources.calls import Attrs
from rolewright.resources.diagnostics import Problem
from rolewright.state.document import State, StateRecord
from rolewright.state.entries import (
    CallDone,
    CallFailed,
    CallIntended,
    Entry,
    Outcome,
    RunEnded,
    RunResumed,
    RunStarted,
    StepDone,
)
from rolewright.state.files import Files

LINEAGE = "7d0c1f6e-4f62-4f3c-9a53-0e8a1b1f2c3d"
ACCOUNT = "123456789012"
AT = "2025-03-01T12:00:00Z"
RUN = "run-1"


def address(text: str) -> Address:
    return Address.parse(text)


def make_record(name: str = "reader", kind: str = "role", **changes: Any) -> StateRecord:
    attrs = {"name": name, "path": "/", "tags": {"team": "media"}}
    values: dict[str, Any] = {
        "kind": kind,
        "id": name,
        "arn": f"arn:aws:iam::{ACCOUNT}:{kind}/{name}",
        "desired": attrs,
        "observed": attrs,
        "tool_version": "0.1.0",
        **changes,
    }
    return StateRecord(**values)


def make_state(*names: str, serial: int = 1, **changes: Any) -> State:
    records = {address(f"role.{name}"): make_record(name) for name in names}
    values: dict[str, Any] = {
        "stack": "photo-archive",
        "lineage": LINEAGE,
        "serial": serial,
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "resources": records,
        **changes,
    }
    return State(**values)


def started(base_serial: int = 0, run: str = RUN, plan: Attrs | None = None) -> RunStarted:
    return RunStarted(
        run=run,
        operation="apply",
        stack="photo-archive",
        lineage=LINEAGE,
        base_serial=base_serial,
        account_id=ACCOUNT,
        region="us-east-1",
        plan_digest="sha256:0",
        at=AT,
        pid=42,
        host="desk",
        tool_version="0.1.0",
        plan=plan or {"changes": []},
    )


def resumed(run: str = RUN) -> RunResumed:
    return RunResumed(run, "back", AT, 43, "desk", "0.1.0")


def intended(seq: int, undo_of: int | None = None, index: int = 0, **call: Any) -> CallIntended:
    where = address("role.reader")
    made = {"service": "iam", "operation": "CreateRole", "parameters": {"RoleName": "r"}, **call}
    return CallIntended(RUN, seq, "s1", where, "make", index, made, undo_of, AT)


def done(seq: int, **answer: Any) -> CallDone:
    return CallDone(RUN, seq, answer, f"request-{seq}", AT)


def failed(seq: int, *, uncertain: bool = False) -> CallFailed:
    return CallFailed(RUN, seq, "Timeout" if uncertain else "LimitExceeded", "no", uncertain, AT)


def step(name: str, record: StateRecord | None, moved_from: str | None = None) -> StepDone:
    source = None if moved_from is None else address(moved_from)
    return StepDone(RUN, "s1", address(name), record, AT, source)


def ended(outcome: Outcome = Outcome.APPLIED, *left: str, run: str = RUN) -> RunEnded:
    return RunEnded(run, outcome, left, AT)


def attempt(action: Callable[[], object]) -> Problem | None:
    """The problem that an action ended with, if any."""
    try:
        action()
    except Problem as problem:
        return problem
    return None


def codes(problem: Problem) -> list[str]:
    return [diagnostic.code for diagnostic in problem.diagnostics]


def shown(problem: Problem) -> str:
    """The text of a problem, as a view would put it together."""
    return "\n".join(
        part
        for diagnostic in problem.diagnostics
        for part in (diagnostic.summary, diagnostic.detail, diagnostic.hint)
        if part
    )


_words = st.text("abcxyz-é", min_size=1, max_size=6)
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_finite = _scalars.filter(lambda value: value not in (float("inf"), float("-inf")))
jsons = st.recursive(
    _finite,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
attrs = st.dictionaries(st.text(), jsons, max_size=4)
addresses = st.builds(
    Address,
    st.sampled_from(["role", "trust_policy", "permission_policy", "service_binding"]),
    _words,
    st.none() | st.text(max_size=4),
)


@st.composite
def records(draw: st.DrawFn, kind: str) -> StateRecord:
    return StateRecord(
        kind=kind,
        id=draw(_words),
        arn=draw(st.text()),
        desired=draw(attrs),
        observed=draw(attrs),
        dependencies=tuple(draw(st.lists(addresses, max_size=3))),
        tool_version=draw(st.text()),
        prior=draw(st.none() | attrs),
        protected=draw(st.booleans()),
        imported=draw(st.booleans()),
        untagged=draw(st.booleans()),
    )


@st.composite
def states(draw: st.DrawFn) -> State:
    names = draw(st.lists(addresses, max_size=5, unique=True))
    return State(
        stack=draw(_words),
        lineage=str(draw(st.uuids())),
        serial=draw(st.integers(0, 10**6)),
        account_id=draw(st.from_regex(r"[0-9]{12}", fullmatch=True)),
        region=draw(st.sampled_from(["us-east-1", "cn-north-1", ""])),
        resources={name: draw(records(name.kind)) for name in names},
    )


@st.composite
def steps(draw: st.DrawFn, places: list[Address]) -> StepDone:
    where = draw(st.sampled_from(places))
    record = draw(st.none() | records(where.kind))
    return StepDone(RUN, "s", where, record, AT)


@st.composite
def journals(draw: st.DrawFn) -> tuple[State, list[Entry]]:
    """A state, and what a run on it may write: moves, then calls and steps in any order."""
    base = draw(states())
    entries: list[Entry] = [
        RunStarted(
            RUN, "apply", base.stack, base.lineage, base.serial, base.account_id, base.region,
            "d", AT, 1, "h", "0", draw(attrs),
        )
    ]  # fmt: skip
    places = [*base.resources, *draw(st.lists(addresses, min_size=1, max_size=4))]
    if base.resources and draw(st.booleans()):
        source = draw(st.sampled_from(list(base.resources)))
        target = Address(source.kind, source.name + "-new")
        if target not in base.resources:
            moved = base.resources[source]
            entries.append(StepDone(RUN, "m", target, moved, AT, moved_from=source))
    for seq in range(1, draw(st.integers(1, 6))):
        call = CallIntended(RUN, seq, "s", places[0], "make", 0, draw(attrs), None, AT)
        outcome = draw(st.sampled_from([None, done(seq), failed(seq), failed(seq, uncertain=True)]))
        entries += [entry for entry in (call, outcome) if entry is not None]
        entries += draw(st.lists(steps(places), max_size=2))
    if draw(st.booleans()):
        entries.append(ended(draw(st.sampled_from(Outcome))))
    return base, entries


class FakeClock:
    """Time that passes only when somebody sleeps; `during` runs in each sleep."""

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        self.seconds = 0.0
        self.during = during

    def now(self) -> datetime:
        return datetime(2025, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.during()


DESK = {
    "user": "ann",
    "host": "desk",
    "machine": "m1",
    "boot": "boot-1",
    "namespace": "pid:[1]",
}


class FakeProcesses:
    """A machine with these processes: when each of them started, by its number."""

    def __init__(
        self,
        pid: int = 100,
        running: Mapping[int, str] | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        self.pid = pid
        self.running = {pid: "5000"} if running is None else running
        known = {**DESK, **(facts or {})}
        self.user = known["user"]
        self.host = known["host"]
        self.machine = known["machine"]
        self.boot = known["boot"]
        self.namespace = known["namespace"]

    def start(self, pid: int) -> str | None:
        return self.running.get(pid)


class FailingFiles(Files):
    """Files of which call number `at`, counted from 1, fails: `after` it took effect, or before.

    A write that fails before its effect has written half. With `lasting`, all later calls that need
    room fail as well, as on a disk that stays full.
    """

    def __init__(
        self, at: int = 0, code: int = errno.ENOSPC, *, after: bool = False, lasting: bool = False
    ) -> None:
        self.at = at
        self.code = code
        self.after = after
        self.lasting = lasting
        self.count = 0
        self.names: list[str] = []

    def create(self, path: Path) -> int:
        with self._strike("create", path):
            return super().create(path)

    def open_append(self, path: Path) -> int:
        with self._strike("open_append", path):
            return super().open_append(path)

    def write(self, descriptor: int, data: bytes) -> None:
        half = (lambda: os.write(descriptor, data[: len(data) // 2])) if not self.after else None
        with self._strike("write", descriptor, half):
            super().write(descriptor, data)

    def truncate(self, descriptor: int, length: int) -> None:
        with self._strike("truncate", descriptor):
            super().truncate(descriptor, length)

    def sync(self, descriptor: int) -> None:
        with self._strike("sync", descriptor):
            super().sync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        with self._strike("rename", target):
            super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        with self._strike("link", target):
            super().link(source, target)

    def remove(self, path: Path) -> None:
        with self._strike("remove", path):
            super().remove(path)

    def make_directory(self, path: Path) -> bool:
        with self._strike("make_directory", path):
            return super().make_directory(path)

    def restrict(self, path: Path) -> None:
        with self._strike("restrict", path):
            super().restrict(path)

    def sync_directory(self, path: Path) -> None:
        with self._strike("sync_directory", path):
            super().sync_directory(path)

    def fail(self, what: object) -> None:
        raise OSError(self.code, os.strerror(self.code), str(what))

    def _strike(self, name: str, what: object, half: Callable[[], object] | None = None) -> _Strike:
        self.count += 1
        self.names.append(name)
        hit = self.count == self.at or (self.lasting and 0 < self.at < self.count)
        if self.lasting and name in {"remove", "truncate"}:
            hit = False  # giving room back works on a full disk
        return _Strike(self, what, hit=hit, half=half)


class _Strike:
    def __init__(
        self, files: FailingFiles, what: object, *, hit: bool, half: Callable[[], object] | None
    ) -> None:
        self.files, self.what, self.hit, self.half = files, what, hit, half

    def __enter__(self) -> None:
        if self.hit and not self.files.after:
            if self.half is not None:
                self.half()
            self.files.fail(self.what)

    def __exit__(self, kind: object, *_: object) -> None:
        if self.hit and self.files.after and kind is None:
            self.files.fail(self.what)
