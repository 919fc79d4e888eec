"""What holds for the project as a whole: its packages, their size, their imports, its wheel."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("engine", "resources", "state")
PORTIONS = (*CODE, "examples")
MODULES = sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 400

# In brackets, so that this file is no finding itself.
REGISTRY_HOST = re.compile(
    rb"pyp[i]\.org|pythonhost[e]d\.org|npm[j]s\.(org|com)|deb\.debi[a]n\.org"
)


def _relative(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def _setuptools() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def _imported_roots(source: str) -> set[str]:
    """Names the top-level packages that a module imports absolutely."""
    roots: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.split(".")[0])
    return roots


def test_every_package_is_listed() -> None:
    """A package that pyproject.toml does not list would silently be missing from the wheel."""
    in_tree = {
        "rolewright." + ".".join(path.parent.relative_to(ROOT).parts)
        for folder in PORTIONS
        for path in (ROOT / folder).rglob("__init__.py")
    }

    assert sorted(in_tree) == _setuptools()["packages"]


def test_every_portion_is_mapped() -> None:
    """The folders are installed under the name `rolewright`, which has no module of its own."""
    assert _setuptools()["package-dir"] == {f"rolewright.{name}": name for name in PORTIONS}


@pytest.mark.parametrize("name", _relative(MODULES))
def test_module_is_short(name: str) -> None:
    """A module of more than 400 lines holds more than one thing."""
    length = len((ROOT / name).read_text().splitlines())

    assert length <= LONGEST_MODULE


@pytest.mark.parametrize("name", _relative(MODULES))
def test_packages_import_each_other_relatively(name: str) -> None:
    """An absolute import would be followed in the tree by no editor, or make a second copy."""
    imported = _imported_roots((ROOT / name).read_text())

    assert imported.isdisjoint({*PORTIONS, "rolewright"})


@pytest.mark.parametrize("name", _relative(TESTS))
def test_tests_import_what_is_installed(name: str) -> None:
    """`import engine` works in the project folder, and makes a second copy of every class."""
    imported = _imported_roots((ROOT / name).read_text())

    assert imported.isdisjoint(PORTIONS)


def _project_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    # A file that was deleted but not yet committed is still listed.
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the business of the machine that installs them."""
    naming = [path for path in _project_files() if REGISTRY_HOST.search(path.read_bytes())]

    assert _relative(naming) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built offline, from a copy: building litters the tree."""
    source = tmp_path_factory.mktemp("source")
    for name in PORTIONS:
        ignored = shutil.ignore_patterns("__pycache__", ".rolewright")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=source, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (built,) = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    """Code, type markers and data: what works in the tree works installed."""
    expected = {
        f"rolewright/{path.relative_to(ROOT).as_posix()}"
        for path in _project_files()
        if path.relative_to(ROOT).parts[0] in PORTIONS
    }

    assert {f"rolewright/{name}/py.typed" for name in CODE} <= wheel
    assert expected - wheel == set()


def test_wheel_installs_nothing_beside_rolewright(wheel: set[str]) -> None:
    """`engine`, `resources` and `state` are names that other projects may use."""
    beside = {name for name in wheel if not re.match(r"rolewright(-[^/]+\.dist-info)?/", name)}

    assert beside == set()
