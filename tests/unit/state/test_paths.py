"""Where the files are, and who may see them."""

from __future__ import annotations

import stat
from pathlib import Path

from rolewright.state.files import Files, temporary_name
from rolewright.state.paths import DEFAULT, StatePaths


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_default_files(tmp_path: Path) -> None:
    """The files of the default state have plain names, all in its folder."""
    paths = StatePaths.of(tmp_path / DEFAULT)
    names = [
        paths.journal,
        paths.lock,
        paths.lock_info,
        paths.kept_state(7),
        paths.kept_journal("r"),
    ]

    assert [str(path.relative_to(tmp_path / ".rolewright")) for path in names] == [
        "journal.jsonl",
        "lock",
        "lock.json",
        "history/state.7.json",
        "history/journal.r.jsonl",
    ]


def test_states_in_one_folder_share_nothing(tmp_path: Path) -> None:
    """Every file of `prod.json` carries its name."""
    one, two = StatePaths.of(tmp_path / "state.json"), StatePaths.of(tmp_path / "prod.json")

    assert two.journal.name == "prod.journal.jsonl"
    for paths in (one, two):
        paths.prepare(Files())
        paths.kept_state(3).write_text("")
        paths.kept_journal("r").write_text("")

    assert {3: one.kept_state(3)} == one.kept_states()
    assert [two.kept_journal("r")] == list(two.kept_journals())


def test_links_lead_to_one_state(tmp_path: Path) -> None:
    """Two ways to a state file meet at the same lock."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "state.json").write_text("")
    (tmp_path / "way").symlink_to(tmp_path / "real")

    assert StatePaths.of(tmp_path / "real/state.json") == StatePaths.of(tmp_path / "way/state.json")


def test_kept_states_are_in_order_of_their_numbers(tmp_path: Path) -> None:
    """Serial 10 comes after 9, and what has no number is somebody else's."""
    paths = StatePaths.of(tmp_path / "s/state.json")
    paths.prepare(Files())
    for name in (
        "state.10.json",
        "state.9.json",
        "state.x.json",
        "state.1.json.bak",
        "prod.2.json",
    ):
        (paths.history / name).write_text("")

    assert list(paths.kept_states()) == [9, 10]


def test_strange_names_are_no_patterns(tmp_path: Path) -> None:
    """Brackets in a state's name do not make it find another's history."""
    odd, plain = StatePaths.of(tmp_path / "[ab].json"), StatePaths.of(tmp_path / "a.json")
    odd.prepare(Files())
    plain.kept_state(1).write_text("")
    odd.kept_state(2).write_text("")

    assert list(odd.kept_states()) == [2]


def test_leftovers_are_known_by_their_names(tmp_path: Path) -> None:
    """Temporary files of a state and its history are found, those of another are not."""
    mine, other = StatePaths.of(tmp_path / "[a].json"), StatePaths.of(tmp_path / "a.json")
    mine.prepare(Files())
    for paths in (mine, other):
        temporary_name(paths.state).touch()
        temporary_name(paths.kept_state(3)).touch()
        temporary_name(paths.lock_info).touch()

    assert [path.name[:8] for path in mine.leftovers()] == [".[a].jso", ".[a].3.j"]


def test_new_folder_is_closed_and_ignored(tmp_path: Path) -> None:
    """A folder that we make is the owner's alone, and kept out of git."""
    paths = StatePaths.of(tmp_path / "deep/er/state.json")

    paths.prepare(Files())

    assert [mode(paths.directory), mode(paths.history)] == [0o700, 0o700]
    assert (paths.directory / ".gitignore").read_text() == "*\n"
    assert mode(paths.directory / ".gitignore") == 0o600


def test_our_folder_is_closed_though_somebody_else_made_it(tmp_path: Path) -> None:
    """`.rolewright` is ours by its name."""
    paths = StatePaths.of(tmp_path / DEFAULT)
    paths.directory.mkdir(mode=0o755)

    paths.prepare(Files())

    assert mode(paths.directory) == 0o700
    assert (paths.directory / ".gitignore").exists()


def test_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder that was there keeps its mode, and gets no .gitignore."""
    tmp_path.chmod(0o755)

    StatePaths.of(tmp_path / "state.json").prepare(Files())

    assert mode(tmp_path) == 0o755
    assert not (tmp_path / ".gitignore").exists()


def test_removed_gitignore_stays_removed(tmp_path: Path) -> None:
    """Who wants the state in git may have it: the file is written once."""
    paths = StatePaths.of(tmp_path / DEFAULT)
    paths.prepare(Files())
    paths.state.write_text("{}")
    (paths.directory / ".gitignore").unlink()

    paths.prepare(Files())

    assert not (paths.directory / ".gitignore").exists()
