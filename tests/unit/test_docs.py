"""The pages under docs/: what is made from the code is up to date, links lead somewhere, examples are valid."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import placeholder_identity, resolve
from rolewright.engine.config.source import read_file
from rolewright.resources.address import Address
from rolewright.resources.kind import Claims, Context, Resource
from rolewright.resources.permission_policy import PermissionPolicy
from rolewright.resources.ports import Identity
from rolewright.resources.registry import binding_classes
from rolewright.resources.role import Role
from rolewright.resources.trust_policy import TrustPolicy

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "stack-file.md"
TOUR = DOCS / "architecture.md"
CHANGES = DOCS / "how-changes-are-made.md"
DOCUMENTS = ROOT / "examples" / "ec2-reads-bucket"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AROUND: dict[str, Any] = {
    "stack": "around",
    "variables": {"bucket": {"default": "photos"}},
    "trust_policies": {"ec2": {"services": ["ec2.amazonaws.com"]}},
    "roles": {
        name: {"trust": "ec2"} for name in ("photo-reader", "resizer", "worker", "worker-pull")
    },
    "permission_policies": {
        "ceiling": {"statements": [{"actions": ["s3:*"], "resources": ["*"]}]},
    },
}
"""What the parts of a stack file that the guide shows refer to."""


def _reference() -> ModuleType:
    """The script that makes the reference, which is in no package."""
    spec = importlib.util.spec_from_file_location("docs_reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()


@pytest.mark.parametrize("path", REFERENCE.pages(), ids=lambda path: path.name)
def test_the_reference_is_as_the_code_has_it(path: Path) -> None:
    """A page made from the code is what the code makes now: run `python docs/reference.py`."""
    assert path.read_text(encoding="utf-8") == REFERENCE.pages()[path]


def test_the_reference_names_every_option() -> None:
    """No command and none of its options is left out of the page."""
    page = (DOCS / "commands.md").read_text(encoding="utf-8")

    for command in REFERENCE.commands():
        assert f"## {command.name}\n" in page
        for parameter, kind, info in command.parameters:
            if isinstance(info, REFERENCE.OptionInfo):
                names, _, _ = REFERENCE._option(parameter, kind, info)
                assert names.replace("|", "\\|") in page


def test_the_reference_tells_who_finds_and_who_rolls_back() -> None:
    """Exit codes 2, 3 and 4 are told of the commands that have them."""
    codes = {
        command.name.removeprefix("rolewright "): command.codes for command in REFERENCE.commands()
    }

    assert "EXIT_FOUND" in codes["plan"]
    assert "EXIT_FOUND" not in codes["validate"]
    for name in ("apply", "destroy"):
        assert codes[name] >= {"EXIT_ROLLED_BACK", "EXIT_NOT_ROLLED_BACK"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link leads to a file that is there, and to a heading that it has."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page

        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def _anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page get when it is shown."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _blocks(page: Path, language: str) -> Iterator[Any]:
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        if match[1] == language:
            line = text.count("\n", 0, match.start()) + 2
            yield pytest.param(match[2], id=f"{page.name}:{line}")


@pytest.mark.parametrize("text", [*_blocks(ROOT / "README.md", "yaml"), *_blocks(GUIDE, "yaml")])
def test_examples_in_yaml_are_valid(tmp_path: Path, text: str) -> None:
    """A whole stack resolves as it is, and a part of one among the roles that the guide speaks of."""
    path = tmp_path / "stack.yaml"
    path.write_text(text)
    if not re.search(r"^stack:", text, re.MULTILINE):
        part, faults = read_file(path)
        assert faults == []
        path = tmp_path / "stack.json"
        path.write_text(json.dumps(_laid_over(AROUND, part.value)))

    _check(path)


def _laid_over(around: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A stack with the sections of a part in it."""
    sections = {
        name: {**around.get(name, {}), **content} if isinstance(content, dict) else content
        for name, content in part.items()
    }
    return {**around, **sections}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(pytest.param(*one.values, "stack.json", id=one.id) for one in _blocks(GUIDE, "json")),
        *(pytest.param(*one.values, "stack.py", id=one.id) for one in _blocks(GUIDE, "python")),
    ],
)
def test_examples_in_json_and_python_are_valid(tmp_path: Path, text: str, name: str) -> None:
    """The stacks in other languages resolve as they are."""
    path = tmp_path / name
    path.write_text(text)

    _check(path)


def _check(path: Path) -> None:
    """Resolve a stack beside the documents that the guide names."""
    for name in ("trust.json", "permissions.json"):
        shutil.copy(DOCUMENTS / name, path.parent)
    declared = load(path, environ={})
    found = resolve(declared, placeholder_identity(declared.settings, {}))

    assert found.resources.keys() == {item.address for item in declared.items}


def test_the_binding_that_the_tour_shows_works() -> None:
    """The binding in architecture.md gives the role, undoes that, and puts the former one back on delete."""
    ((text,),) = (one.values for one in _blocks(TOUR, "python"))
    shown = ModuleType("rolewright.resources.bindings.shown")
    shown.__package__ = "rolewright.resources.bindings"
    sys.modules[shown.__name__] = shown
    exec(compile(str(text), str(TOUR), "exec"), vars(shown))
    kind = shown.StepFunctionsBinding
    context = Context(Identity("1", "aws", "r"), "s", Address(kind.kind, "b"), "run", Claims())
    wanted = {"service": "stepfunctions", "machine": "m", "role_arn": "new"}
    found = {**wanted, "role_arn": "old"}
    prior = kind.prior(wanted, found, None)

    (given,) = kind.create(wanted, found, context)
    (back,) = kind.delete(wanted, prior, context)

    assert kind.service_name() == "stepfunctions"
    assert given.parameters == {"stateMachineArn": "m", "roleArn": "new"}
    assert given.undo[0].parameters == back.parameters == {"stateMachineArn": "m", "roleArn": "old"}
    assert kind.create(wanted, wanted, context) == kind.delete(wanted, None, context) == ()


KINDS: dict[str, type[Resource]] = {
    "Trust policies": TrustPolicy,
    "Roles": Role,
    "Permission policies": PermissionPolicy,
    **{f"Service bindings: {name}": kind for name, kind in binding_classes().items()},
}


@pytest.mark.parametrize("title", KINDS)
def test_what_forces_replacement_is_told(title: str) -> None:
    """Each attribute that AWS can't change in place stands in its kind's table."""
    text = CHANGES.read_text(encoding="utf-8")
    _, _, section = text.partition(f"\n## {title}\n")
    section = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]

    for name, reason in KINDS[title].shape.replace.items():
        (row,) = [row for row in rows if row.startswith(f"| `{name}`") and reason in row]
        assert "replaced" in row


def test_calls_that_are_told_are_made() -> None:
    """Every AWS operation that the page on changes names is one that a kind or the preflight asks for."""
    told = set(
        re.findall(r"`(?:iam|ec2|ecs|lambda):([A-Z]\w+)`", CHANGES.read_text(encoding="utf-8"))
    )
    files = [*(ROOT / "resources").rglob("*.py"), ROOT / "engine" / "preflight.py"]
    code = "".join(path.read_text() for path in files)
    built = set(re.findall(r'"([A-Z]\w+)"', code))
    tagging = {f"{verb}{what}" for verb in ("Tag", "Untag") for what in built}

    assert told - built - tagging == set()
