"""The state in its file."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import Any

import pytest
from rolewright.resources.diagnostics import Problem
from rolewright.state import codec
from rolewright.state.files import Files, temporary_name
from rolewright.state.paths import DEFAULT
from rolewright.state.store import LocalStore, StateStore, emergency_copy
from unit.state.worlds import FailingFiles, codes, make_state, shown

OTHER = "00000000-0000-4000-8000-000000000000"


class FullFiles(Files):
    """Files on a disk with little room, or one that lets nobody write."""

    def __init__(self, room: int = 1000, code: int = 0) -> None:
        self.left = room
        self.code = code

    def room(self, path: Path) -> int:
        return self.left

    def create(self, path: Path) -> int:
        if self.code:
            raise OSError(self.code, "no")
        return super().create(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / DEFAULT


@pytest.fixture
def store(path: Path) -> LocalStore:
    return LocalStore(path)


def refused(store: LocalStore, *args: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        store.save(*args)
    return caught.value


def test_nothing_there_is_none(store: LocalStore, path: Path) -> None:
    """Before the first apply there is no state, and reading makes no file."""
    assert store.load() is None
    assert store.history() == []
    assert not path.parent.exists()


def test_store_fulfils_its_protocol(store: LocalStore) -> None:
    """What the engine is typed against is what the local store does."""
    typed: StateStore = store

    assert typed.save(make_state("a"))
    assert make_state("a") == typed.load()


def test_saved_state_is_the_owners_alone(store: LocalStore, path: Path) -> None:
    """State, history and folders can't be read by others."""
    store.save(make_state("a", serial=1))
    store.save(make_state("a", "b", serial=2))

    modes = {
        str(found.relative_to(path.parent)): stat.S_IMODE(found.stat().st_mode)
        for found in [path.parent, *path.parent.rglob("*")]
    }
    assert modes == {
        ".": 0o700,
        ".gitignore": 0o600,
        "state.json": 0o600,
        "history": 0o700,
        "history/state.1.json": 0o600,
    }


def test_unchanged_state_touches_no_file(store: LocalStore, path: Path) -> None:
    """Saving what is there already writes nothing at all, also from another process."""
    store.save(make_state("a"))
    before = path.stat()

    assert not store.save(make_state("a"))
    assert not LocalStore(path).save(make_state("a"))
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_one_serial_may_grow_step_by_step(store: LocalStore) -> None:
    """Saves within a run replace each other, and the history gets the last of them."""
    for names in ((), ("a",), ("a", "b")):
        store.save(make_state(*names, serial=1))
        assert store.history() == []
    store.save(make_state("c", serial=2))

    assert [kept.serial for kept in store.history()] == [1]
    assert make_state("a", "b", serial=1) == store.load_serial(1)
    assert make_state("c", serial=2) == store.load_serial(2) == store.load()


def test_history_is_bounded(path: Path) -> None:
    """The oldest serials go first."""
    store = LocalStore(path, keep=3)

    for serial in range(8, 14):
        store.save(make_state(serial=serial))

    assert [kept.serial for kept in store.history()] == [10, 11, 12]
    assert store.history()[0].saved_at.endswith("Z")


def test_history_may_be_none(path: Path) -> None:
    """Keeping nothing is a choice."""
    store = LocalStore(path, keep=0)

    for serial in (1, 2, 3):
        store.save(make_state(serial=serial))

    assert store.history() == []


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"serial": 4}, "state-lower-serial", "the state is at serial 5, and 4 would go back"),
        ({"lineage": OTHER}, "state-other-lineage", "neither was made from the other"),
        ({"stack": "web"}, "state-other-stack", "that of stack 'photo-archive', not of 'web'"),
        ({"account_id": "0" * 12}, "state-other-account", "not of 000000000000"),
    ],
)
@pytest.mark.parametrize("loaded", [True, False])
def test_state_that_does_not_follow_is_refused(
    path: Path, *, loaded: bool, changes: dict[str, Any], code: str, text: str
) -> None:
    """Only a state that was made from the one on disk may take its place."""
    LocalStore(path).save(make_state("a", serial=5))
    before = path.read_bytes()
    store = LocalStore(path)
    if loaded:
        store.load()

    problem = refused(store, make_state("b", **{"serial": 6, **changes}))

    assert [code] == codes(problem)
    assert text in shown(problem)
    assert before == path.read_bytes()


def test_change_by_somebody_else_is_not_lost(path: Path) -> None:
    """Who read a state and saves after another did is refused."""
    store, other = LocalStore(path), LocalStore(path)
    store.save(make_state(serial=1))
    other.load()
    other.save(make_state("theirs", serial=2))

    for serial in (2, 3):
        problem = refused(store, make_state("mine", serial=serial))

        assert codes(problem) == ["state-moved"]
        assert "it is at serial 2" in shown(problem)
    assert make_state("theirs", serial=2) == store.load()
    assert store.save(make_state("mine", serial=3))


def test_state_that_appeared_meanwhile_is_not_lost(path: Path) -> None:
    """Who found no state and saves after another made one is refused."""
    store = LocalStore(path)
    store.load()
    LocalStore(path).save(make_state("theirs", serial=1))

    assert codes(refused(store, make_state("mine", serial=2))) == ["state-moved"]


def test_blind_save_needs_a_new_serial(path: Path) -> None:
    """A store that never looked may go on from an earlier serial, not write over its own."""
    LocalStore(path).save(make_state("a", serial=1))

    assert codes(refused(LocalStore(path), make_state("b", serial=1))) == ["state-moved"]
    assert LocalStore(path).save(make_state("b", serial=2))


def test_state_that_vanished_is_written_again(store: LocalStore, path: Path) -> None:
    """The account is described by what the run knows, though somebody removed the file."""
    store.save(make_state("a", serial=1))
    path.unlink()

    assert store.save(make_state("a", "b", serial=2))
    assert make_state("a", "b", serial=2) == store.load()


@pytest.mark.parametrize("garbage", [b"", b"{", b'{"format": 99}'])
def test_broken_state_is_never_replaced(store: LocalStore, path: Path, garbage: bytes) -> None:
    """A file that can't be read is neither loaded nor written over."""
    store.save(make_state("a", serial=1))
    path.write_bytes(garbage)

    refused(store, make_state("a", serial=2))
    with pytest.raises(Problem):
        store.load()

    assert garbage == path.read_bytes()


def test_invalid_state_is_not_written(store: LocalStore, path: Path) -> None:
    """A state that could not be read again is not written either."""
    assert codes(refused(store, make_state(lineage="x"))) == ["state-invalid"]
    assert not path.exists()


def test_folder_in_place_of_the_state(store: LocalStore, path: Path) -> None:
    """What can't be read at all says what the system said."""
    path.mkdir(parents=True)

    with pytest.raises(Problem) as caught:
        store.load()

    assert codes(caught.value) == ["state-unreadable"]
    assert "Is a directory" in shown(caught.value)


def test_serial_that_is_not_kept(store: LocalStore) -> None:
    """Asking for what is gone says what is there."""
    for serial in (3, 4, 5):
        store.save(make_state(serial=serial))

    with pytest.raises(Problem) as caught:
        store.load_serial(1)

    assert codes(caught.value) == ["serial-not-kept"]
    assert "Earlier serials that are kept: 3 to 4." in shown(caught.value)


def test_serial_of_another_lineage(store: LocalStore) -> None:
    """A history that was left behind by an earlier life of the stack is not gone back to."""
    store.save(make_state(serial=1))
    store.save(make_state(serial=2))
    store.paths.kept_state(1).write_bytes(codec.encode(make_state(serial=1, lineage=OTHER)))

    with pytest.raises(Problem) as caught:
        store.load_serial(1)

    assert codes(caught.value) == ["state-other-lineage"]


def test_preflight_leaves_nothing_but_folders(store: LocalStore, path: Path) -> None:
    """Trying the disk takes away what it wrote, and what a killed process left."""
    path.parent.mkdir()
    store.paths.history.mkdir()
    temporary_name(path).write_text("left by a kill")
    temporary_name(store.paths.kept_state(7)).write_text("left by another")

    store.preflight(extra=100_000)

    assert {found.name for found in path.parent.rglob("*")} == {".gitignore", "history"}


def test_preflight_refuses_a_full_disk(path: Path) -> None:
    """Too little room is said with numbers, before any call."""
    with pytest.raises(Problem) as caught:
        LocalStore(path, files=FullFiles(room=1000)).preflight(extra=24)

    assert codes(caught.value) == ["state-folder-full"]
    assert "1,000 bytes are free, 1,048,600 are needed" in shown(caught.value)


def test_preflight_counts_the_state_twice(path: Path) -> None:
    """The new state and the old one need room beside each other."""
    LocalStore(path).save(make_state("a"))
    size = path.stat().st_size

    LocalStore(path, files=FullFiles(room=2 * size + 1024 * 1024)).preflight()
    with pytest.raises(Problem):
        LocalStore(path, files=FullFiles(room=2 * size + 1024 * 1024 - 1)).preflight()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EDQUOT, errno.EACCES])
def test_preflight_believes_only_a_write(path: Path, code: int) -> None:
    """A disk that says it has room and refuses the write is refused."""
    with pytest.raises(Problem) as caught:
        LocalStore(path, files=FullFiles(10**9, code)).preflight()

    assert codes(caught.value) == ["state-folder-unwritable"]
    assert "Nothing was done" in shown(caught.value)


def test_unsaved_state_is_kept_elsewhere(path: Path, tmp_path: Path) -> None:
    """The copy that the message names is a whole state, and only the newest one stays."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    files = FailingFiles()
    store = LocalStore(path, files=files, elsewhere=[tmp_path / "missing", elsewhere])
    store.save(make_state(serial=1))

    for names in (("a",), ("a", "b")):
        files.at = files.count + 1
        problem = refused(store, make_state(*names, serial=2))

    (copy,) = elsewhere.iterdir()
    assert codes(problem) == ["state-not-saved"]
    assert f"A copy of the new state is {copy}." in shown(problem)
    assert "The file is as it was" in shown(problem)
    assert make_state("a", "b", serial=2) == codec.decode(copy.read_bytes())
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert make_state(serial=1) == LocalStore(path).load()


class UnsureFiles(FailingFiles):
    """Files on a disk that does not confirm names while `unsure`."""

    unsure = False

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        if self.unsure:
            self.fail(path)


def test_unconfirmed_state_is_confirmed_by_the_next_save(path: Path) -> None:
    """The same bytes again are no reason to skip what the disk refused the first time."""
    files = UnsureFiles()
    store = LocalStore(path, files=files, elsewhere=[])
    store.save(make_state(serial=1))
    files.unsure = True

    assert "but the disk did not confirm it" in shown(refused(store, make_state("a")))
    files.unsure = False
    files.names.clear()
    assert store.save(make_state("a"))
    assert files.names == ["sync_directory"]
    assert not store.save(make_state("a"))


def test_no_place_for_a_copy(path: Path, tmp_path: Path) -> None:
    """Where nothing can be written at all, the message says so."""
    files = FailingFiles()
    store = LocalStore(path, files=files, elsewhere=[tmp_path / "missing"])
    store.save(make_state(serial=1))
    files.at = files.count + 1

    problem = refused(store, make_state(serial=2))

    assert "A copy elsewhere failed as well." in shown(problem)


def test_emergency_copy_goes_to_the_first_place_that_takes_it(tmp_path: Path) -> None:
    """Folders are tried in order; none at all is None."""
    (tmp_path / "b").mkdir()

    copy = emergency_copy(b"x", "state.json", [tmp_path / "a", tmp_path / "b", tmp_path])

    assert copy is not None
    assert (tmp_path / "b", b"x") == (copy.parent, copy.read_bytes())
    assert emergency_copy(b"x", "state.json", []) is None
