"""The file that `drift --html` writes: whole or not at all, and its owner's only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from rolewright.engine.cli.drift_page import save_page
from rolewright.engine.events import Event, Notice
from rolewright.resources.diagnostics import Problem
from support.drift_pages import ATTACHED, report


def save(path: Path) -> list[Event]:
    told: list[Event] = []
    save_page(report(ATTACHED), path, told.append)
    return told


def test_the_page_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    """It names roles and addresses: whatever the older file's mode was, only its owner reads it."""
    path = tmp_path / "drift.html"
    path.write_text("old")
    path.chmod(0o644)

    told = save(path)

    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert [event.message for event in told if isinstance(event, Notice)] == [
        f"the report is in {path}"
    ]


def test_a_link_stays_and_leads_to_the_page(tmp_path: Path) -> None:
    link = tmp_path / "latest.html"
    link.symlink_to("drift.html")

    save(link)

    assert link.is_symlink()
    assert (tmp_path / "drift.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "no ordinary file"), ("none/drift.html", "No such file"), (os.devnull, "no ordinary")],
    ids=["folder", "no folder", "device"],
)
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, why: str) -> None:
    """A device would be replaced by a file if root wrote to it."""
    with pytest.raises(Problem) as refused:
        save(tmp_path / name)

    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "report-not-written"
    assert why in diagnostic.summary
    assert list(tmp_path.iterdir()) == []
