"""A stack file is read with the files that imports wrote for it, and with no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from rolewright.engine.config.loader import load
from rolewright.engine.config.source import imported_prefix
from rolewright.resources.diagnostics import Problem

ROLE = "roles: {{{name}: {{trust: {{services: [ec2.amazonaws.com]}}}}}}\n"


def roles_of(path: Path) -> set[str]:
    """The names of the roles in a stack."""
    declared = load(path, environ={})
    return {item.address.name for item in declared.items if item.address.kind == "role"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stacks and a file of neither, with what was imported into each."""
    for name in ("rolewright", "photos"):
        (tmp_path / f"{name}.yaml").write_text(f"stack: {name}\n" + ROLE.format(name=name))
    for name in (
        "imported.yaml",
        "imported-ec2.yml",
        "imported-ec2-2.json",
        "photos.imported.yaml",
        "photos.imported-ec2.yaml",
        "important.yaml",
        "imported.txt",
        ".imported.yaml",
    ):
        key = name.replace(".", "_")
        text = ROLE.format(name=key)
        if name.endswith(".json"):
            text = f'{{"roles": {{"{key}": {{"trust": {{"services": ["ec2.amazonaws.com"]}}}}}}}}'
        (tmp_path / name).write_text(text)
    (tmp_path / "imported-folder.yaml").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "rolewright.yaml",
            {"rolewright", "imported_yaml", "imported-ec2_yml", "imported-ec2-2_json"},
        ),
        ("photos.yaml", {"photos", "photos_imported_yaml", "photos_imported-ec2_yaml"}),
    ],
)
def test_each_stack_has_its_own(folder: Path, name: str, expected: set[str]) -> None:
    assert roles_of(folder / name) == expected


def test_names_that_an_import_gives_are_names_that_are_read(folder: Path) -> None:
    """In a folder all files are read."""
    assert imported_prefix(folder / "rolewright.yaml") == imported_prefix(folder) == "imported"
    assert imported_prefix(folder / "photos.yaml") == "photos.imported"


def test_a_name_defined_in_both_is_told_with_both_places(folder: Path) -> None:
    (folder / "imported.yaml").write_text(ROLE.format(name="rolewright"))

    with pytest.raises(Problem) as caught:
        load(folder / "rolewright.yaml", environ={})

    (finding,) = caught.value.diagnostics
    assert finding.code == "defined-twice"
    assert finding.source is not None
    assert finding.source.file.endswith("imported.yaml")
    assert "rolewright.yaml:2" in finding.hint


def test_a_folder_that_cannot_be_listed_is_no_empty_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was imported would seem to be declared no longer."""

    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(Problem, match="can't be listed: Permission denied"):
        load(folder / "rolewright.yaml", environ={})
