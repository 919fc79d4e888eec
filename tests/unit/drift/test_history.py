"""The history keeps what was found, acknowledged and told, for its owner alone and not for ever."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from rolewright.engine.drift.database import LAYOUT, database_path, opened
from rolewright.engine.drift.history import History, Told, unacknowledged
from rolewright.engine.drift.report import Severity
from rolewright.engine.plan import FieldDelta
from rolewright.resources.diagnostics import Problem
from support.drifts import START, WHO, drift, report


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(database_path(tmp_path / ".rolewright" / "state.json"), "shop")


def test_a_report_comes_back_as_it_was(history: History) -> None:
    """Everything of a look is kept: differences, access, who did it, notes."""
    found = report(drift(who=WHO), drift("role.writer"), notes=("CloudTrail was not asked",))

    number = history.append(found)

    assert history.report(number) == found
    assert history.latest() == found


def test_looks_are_listed_newest_first(history: History) -> None:
    """A look that failed is listed with why; the last one that ended is still the latest."""
    history.append(report(drift(severity=Severity.LOW), drift("role.b"), at=START))
    history.append_failure(START + timedelta(hours=1), 2.0, "ExpiredToken: the token has expired")

    newest, oldest = history.runs(10)

    assert (newest.failure, newest.drifted) == ("ExpiredToken: the token has expired", 0)
    assert (oldest.drifted, oldest.worst, oldest.checked) == (2, "critical", 20)
    assert history.latest() is not None
    with pytest.raises(Problem, match="the token has expired"):
        history.report(newest.id)
    with pytest.raises(Problem, match="no run 99"):
        history.report(99)


def test_stacks_don_t_mix(history: History) -> None:
    """Another stack in the same file sees nothing of this one's."""
    number = history.append(report(drift()))
    other = History(history.path, "other")

    assert other.runs(10) == []
    assert other.latest() is None
    with pytest.raises(Problem):
        other.report(number)


def test_only_so_many_looks_are_kept(history: History) -> None:
    """Runs beyond the number or the age are dropped, of this stack only; numbers are not given again."""
    few = History(history.path, "shop", max_runs=3, max_age=timedelta(days=2))
    other = History(history.path, "other")
    other.append(report())
    numbers = [few.append(report(at=START + timedelta(hours=hour))) for hour in range(5)]

    assert [run.id for run in few.runs(10)] == numbers[:1:-1]
    late = few.append(report(at=START + timedelta(days=3)))
    assert [run.id for run in few.runs(10)] == [late]
    assert len(other.runs(10)) == 1


def test_an_acknowledged_drift_is_silent_until_the_date(history: History) -> None:
    """The same drift is silent before the date, and back when it comes."""
    known = drift()
    until = START + timedelta(days=7)
    history.acknowledge([known], until=until, reason="moving to SSO", now=START)
    acks = history.acknowledgements()

    assert [one.reason for one in acks] == ["moving to SSO"]
    assert unacknowledged([known], acks, START) == ()
    assert unacknowledged([known], acks, until - timedelta(seconds=1)) == ()
    assert unacknowledged([known], acks, until) == (known,)


def test_an_acknowledged_drift_is_back_when_it_changes(history: History) -> None:
    """Another severity or another content is another drift; who and when are not."""
    known = drift()
    history.acknowledge([known], until=START + timedelta(days=7), reason="-", now=START)
    acks = history.acknowledgements()
    other = drift(diff=(FieldDelta("foreign_attached_policies", None, ["x"]),))

    assert unacknowledged([drift(who=WHO)], acks, START) == ()
    assert unacknowledged([other], acks, START) == (other,)
    assert unacknowledged([drift("role.other")], acks, START) != ()


def test_an_acknowledgement_can_be_taken_back(history: History) -> None:
    """`unack` makes the drift loud again."""
    history.acknowledge([drift()], until=START + timedelta(days=7), reason="-", now=START)

    assert history.unacknowledge("role.reader") == 1
    assert history.unacknowledge("role.reader") == 0
    assert history.acknowledgements() == ()


def test_what_was_told_is_kept_by_channel(history: History) -> None:
    """Each channel has its own list, replaced as a whole."""
    told = Told("k", "role.reader", "f", Severity.HIGH, "because")
    history.set_told("a", [told])
    history.set_told("b", [])
    history.set_told("a", [told])

    assert history.told("a") == {"k": told}
    assert history.told("b") == {}


def test_the_file_is_the_owners_alone(history: History) -> None:
    """Mode 0600 for the file and its companions, in a folder that git ignores."""
    history.append(report())
    with opened(history.path) as connection:
        connection.execute("DELETE FROM told")
        modes = {path.name: path.stat().st_mode for path in history.path.parent.glob("drift.*")}

    assert len(modes) > 1
    assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o600}
    assert (history.path.parent / ".gitignore").read_text() == "*\n"


def test_the_states_of_one_folder_have_histories_of_their_own(tmp_path: Path) -> None:
    """As with journals and locks, the history of prod.json carries its name."""
    assert database_path(tmp_path / "state.json").name == "drift.sqlite3"
    assert database_path(tmp_path / "prod.json").name == "prod.drift.sqlite3"


def test_a_newer_layout_is_left_alone(history: History) -> None:
    """A file of a later rolewright is refused, and not a byte of it changed."""
    history.append(report())
    with sqlite3.connect(history.path) as connection:
        connection.execute(f"PRAGMA user_version = {LAYOUT + 1}")
    connection.close()

    with pytest.raises(Problem, match=f"layout {LAYOUT + 1}"):
        history.append(report())
    with sqlite3.connect(history.path) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    connection.close()


def test_a_file_that_is_no_database_says_so(history: History) -> None:
    """Garbage is reported with the file's name, and left as it is."""
    history.path.parent.mkdir(parents=True)
    history.path.write_bytes(b"no database" * 100)

    with pytest.raises(Problem) as caught:
        history.append(report())

    assert caught.value.diagnostics[0].code == "history-unusable"
    assert str(caught.value.diagnostics[0].source).startswith(str(history.path))
    assert history.path.read_bytes() == b"no database" * 100


def test_an_error_inside_undoes_all(history: History) -> None:
    """A transaction that fails leaves nothing behind."""

    def twice() -> None:
        with opened(history.path) as connection:
            for _ in range(2):
                connection.execute("INSERT INTO told VALUES ('s', 'c', 'k', 'a', 'f', 'low', 'r')")

    with pytest.raises(Problem):
        twice()

    with opened(history.path) as connection:
        assert connection.execute("SELECT count(*) FROM told").fetchone()[0] == 0


def test_several_may_write_at_once(history: History) -> None:
    """A watch and a person write at the same time, and nothing is lost."""
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: history.append(report()), range(16)))

    assert len(set(numbers)) == len(history.runs(100)) == 16
