"""Reading the recorded state for the commands that need neither AWS nor a lock."""

from __future__ import annotations

import os

from ...resources.address import Address
from ...resources.diagnostics import Problem, did_you_mean
from ...state.document import State, StateRecord
from ...state.journal import Journal
from ...state.paths import KEEP
from ...state.problems import journal_open
from ...state.store import LocalStore
from .options import Common

KEEP_VARIABLE = "RW_KEEP_SERIALS"


def store_for(options: Common) -> LocalStore:
    """The state's file, and as many earlier states beside it as RW_KEEP_SERIALS says.

    Raises:
        Problem: `bad-setting`: the variable holds no such number.
    """
    text = os.environ.get(KEEP_VARIABLE, str(KEEP))
    if not text.isdecimal() or int(text) < 1:
        raise Problem.of(
            "bad-setting",
            f'{KEEP_VARIABLE} is the number of earlier states to keep, 1 or more, and not "{text}"',
            hint=f"without it, {KEEP} are kept",
        )
    return LocalStore(options.state_path, keep=int(text))


def stored_state(options: Common) -> State:
    """The state on disk.

    Raises:
        Problem: there is none, or it can't be read.
    """
    found = store_for(options).load()
    if found is None:
        raise Problem.of(
            "no-state",
            f"there is no state at {options.state_path}",
            hint="`rolewright apply` makes one; -c or --state name another place",
        )
    return found


def record_at(state: State, text: str) -> tuple[Address, StateRecord]:
    """A resource of the state by its address.

    Raises:
        Problem: it is not in the state.
    """
    known = {str(address): address for address in state.resources}
    if text not in known:
        raise Problem.of(
            "not-in-state",
            f"{text} is not in the state",
            hint=did_you_mean(text, known) or "`rolewright state list` shows what is",
        )
    return known[text], state.resources[known[text]]


def refuse_open_run(journal: Journal) -> None:
    """Keep hands off a state whose last run is not finished.

    Raises:
        Problem: `journal-open`.
    """
    run = journal.open_run()
    if run is not None:
        raise journal_open(journal.paths.journal, run.started, run.ended)
