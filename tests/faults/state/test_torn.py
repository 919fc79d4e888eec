"""A file that power loss cut off at any byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec
from rolewright.state.entries import Entry, encode_entry
from rolewright.state.journal import Journal
from rolewright.state.paths import DEFAULT, StatePaths
from rolewright.state.store import LocalStore
from unit.state.worlds import (
    codes,
    done,
    intended,
    make_record,
    make_state,
    resumed,
    started,
    step,
)

ENTRIES: list[Entry] = [
    started(),
    intended(1, note="é"),
    done(1, RoleId="AROA"),
    step("role.a", make_record("a")),
]


@pytest.mark.parametrize("count", range(1, len(ENTRIES) + 1))
def test_journal_cut_at_every_byte_of_its_last_line(tmp_path: Path, count: int) -> None:
    """All lines but the last are read, whichever line is the last; the run goes on behind them."""
    paths = StatePaths.of(tmp_path / DEFAULT)
    paths.directory.mkdir()
    kept = ENTRIES[: count - 1]
    head = b"".join(map(encode_entry, kept))
    last = encode_entry(ENTRIES[count - 1])
    for length in range(len(last)):
        paths.journal.write_bytes(head + last[:length])
        journal = Journal(paths.state)

        run = journal.open_run()

        if not kept:
            assert run is None
            continue
        assert run is not None
        assert (tuple(kept), length > 0) == (run.entries, run.torn)
        if length % 17 == 0:
            with journal:
                journal.resume(resumed())
                journal.append(ENTRIES[count - 1])
            again = journal.open_run()
            assert again is not None
            assert (*kept, resumed(), ENTRIES[count - 1]) == again.entries
            assert not again.torn


def test_state_cut_at_every_byte(tmp_path: Path) -> None:
    """A state that is not whole is refused, never read as less, and never written over."""
    path = tmp_path / DEFAULT
    path.parent.mkdir()
    whole = codec.encode(make_state("a"))
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        store = LocalStore(path)

        with pytest.raises(Problem) as caught:
            store.load()

        assert codes(caught.value) == ["state-broken"]
        if length % 41 == 0:
            with pytest.raises(Problem):
                store.save(make_state("a", serial=2))
            assert whole[:length] == path.read_bytes()
