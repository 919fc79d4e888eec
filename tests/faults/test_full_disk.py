"""A disk that is full from some write on, through a whole apply: account, state and journal are explained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rolewright.engine.outcome import Status
from rolewright.engine.recovery import Direction
from rolewright.resources.diagnostics import Problem
from rolewright.state.entries import Entry
from rolewright.state.journal import Journal
from support.faults import Trial

from .conftest import EVERYTHING

Trials = Callable[..., Trial]


class FullDisk(Journal):
    """A journal that takes so many entries, and then none."""

    def __init__(self, path: Path, entries: int) -> None:
        super().__init__(path)
        self._room = entries

    def append(self, entry: Entry) -> None:
        if self._room == 0:
            raise Problem.of("journal-not-written", "No space left on device")
        self._room -= 1
        super().append(entry)


@pytest.mark.parametrize("name", ["create", "update", "replace", "delete"])
def test_an_apply_on_a_full_disk_is_undone(trial: Trials, name: str) -> None:
    """Whichever entry of the journal finds no room, nothing of the run stays, or recover undoes it."""
    tried = trial(name)
    entries = 3 * len(tried.calls)
    for room in range(0, entries, 1 if EVERYTHING else entries // 4):
        tried.prepare()
        session = tried.session()
        plan = tried.plan(session)
        session.journal = FullDisk(tried.bench.state_path, room)
        try:
            outcome = session.apply(plan)
        except Problem:
            outcome = None
        if outcome is not None and outcome.status is Status.APPLIED:
            tried.at_target()
            tried._ready = False
            break
        if tried.session().journal.open_run() is not None:
            recovered(tried)
        else:
            tried.at_start()


def recovered(tried: Trial) -> None:
    """With room again the run goes back, or forward where it can't go back."""
    try:
        tried.recovered(Direction.BACK)
    except Problem as problem:
        if problem.diagnostics[0].code != "no-way-back":
            raise
        tried.recovered(Direction.FORWARD)
