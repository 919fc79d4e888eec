"""Old formats forward."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec
from rolewright.state.document import FORMAT
from rolewright.state.migrations import STEPS, migrate
from unit.state.worlds import codes, make_state


def rename_zone(document: dict[str, Any]) -> dict[str, Any]:
    return {("zone" if key == "region" else key): value for key, value in document.items()}


def rename_back(document: dict[str, Any]) -> dict[str, Any]:
    return {("region" if key == "zone" else key): value for key, value in document.items()}


def test_there_is_a_step_for_each_earlier_format() -> None:
    """No format that was ever released is left behind."""
    assert list(range(1, FORMAT)) == sorted(STEPS)


def test_steps_run_one_after_the_other() -> None:
    """A file two formats back takes both steps, and says the new number."""
    seen: list[int] = []

    def step(document: dict[str, Any]) -> dict[str, Any]:
        seen.append(document["format"])
        return document

    document = migrate({"format": 3, "a": 1}, to=5, steps={3: step, 4: step})

    assert seen == [3, 4]
    assert document == {"format": 5, "a": 1}


def test_present_format_takes_no_step() -> None:
    """What is of the format already is left as it is."""
    assert migrate({"format": FORMAT}) == {"format": FORMAT}


def test_old_file_is_read_as_the_state_it_was() -> None:
    """The checksum is checked as it was written, then the content is carried forward."""
    state = make_state("a")
    data = codec.encode(state)

    read = codec.decode(data, known=3, steps={1: rename_zone, 2: rename_back})

    assert state == read


def test_old_file_with_a_bad_checksum_is_refused_before_any_step() -> None:
    """A migration never sees a damaged file."""
    document = {**json.loads(codec.encode(make_state())), "serial": 9}

    with pytest.raises(Problem) as caught:
        codec.decode(json.dumps(document).encode(), known=2, steps={})

    assert codes(caught.value) == ["state-checksum"]


def test_missing_step_is_a_fault_of_the_program() -> None:
    """A hole in the steps stops loudly."""
    with pytest.raises(LookupError):
        migrate({"format": 1}, to=2, steps={})
