"""How many earlier states are kept is the user's choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.engine.cli.options import Common
from rolewright.engine.cli.stored import KEEP_VARIABLE, store_for
from rolewright.resources.diagnostics import Problem
from rolewright.state.document import State


def serials(folder: Path) -> list[int]:
    """Save six states, and tell which of the earlier ones are left."""
    store = store_for(Common(state=folder / "state.json"))
    state = State.empty("s", "123456789012", "us-east-1", "6f1c1d3e-0b2a-4c5d-8e9f-001122334455")
    for _ in range(6):
        state = state.advanced()
        store.save(state)
    return [kept.serial for kept in store.history()]


def test_as_many_as_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {1, 2, 3, 4, 5} <= set(serials(tmp_path / "all"))

    monkeypatch.setenv(KEEP_VARIABLE, "2")
    few = serials(tmp_path / "few")

    assert 3 not in few
    assert {4, 5} <= set(few)


@pytest.mark.parametrize("text", ["", "0", "-1", "many", "2.5"])
def test_what_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(KEEP_VARIABLE, text)

    with pytest.raises(Problem, match=KEEP_VARIABLE):
        store_for(Common(state=Path("state.json")))
