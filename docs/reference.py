# ruff: noqa: INP001 - a script beside the pages that it writes, no package
"""Writes the reference pages from the code: `python docs/reference.py`.

The commands come from the typer application, the stack file's keys from its JSON Schema, the list of
modules from what each says of itself. The same code gives the same bytes; a test compares them with
the pages that are committed.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from rolewright.engine.cli import command as endings
from rolewright.engine.cli.main import app
from rolewright.engine.cli.options import Common
from rolewright.engine.config.schema import json_schema
from rolewright.resources.registry import SECTIONS
from typer.models import ArgumentInfo, OptionInfo

HERE = Path(__file__).parent
ROOT = HERE.parent
PORTIONS = ("resources", "state", "engine")
MADE = "<!-- Made from the code by `python docs/reference.py`. Change the code, not this page. -->"
SHARED = frozenset(field.name for field in fields(Common))
EXPRESSION = r"\$\{.+\}"

COMMANDS = """\
Every command explains itself: `rolewright COMMAND --help`. What it prints is on standard output; progress, notes and
errors go to standard error.

With `--format json` standard output holds one JSON document and nothing else. Each has `format_version`, `command` and
`stack`, and keys are only ever added. Two commands print their own form whatever `--format` says: `schema` a JSON
Schema, `state pull` the state file. `demo` is for people and has no JSON document.
"""

MEANINGS = {
    "EXIT_DONE": "done, and nothing found",
    "EXIT_ERROR": "an error; nothing was changed unless the message says so",
    "EXIT_FOUND": "done, and something was found",
    "EXIT_ROLLED_BACK": "a call failed, and all that was done before it was undone",
    "EXIT_NOT_ROLLED_BACK": "a call failed, and not all could be undone: what is left is named",
    "EXIT_INTERRUPTED": "interrupted; what was done is recorded",
}
"""What each exit code means; the names are those of the code."""
EVERYWHERE = ("EXIT_DONE", "EXIT_ERROR", "EXIT_INTERRUPTED")

STACK_FILE = """\
The guide is [stack-file.md](stack-file.md); this page lists every key. Unknown keys are errors. `rolewright schema`
prints the same as a JSON Schema, for editors.

Wherever a text is expected, `${…}` may stand in it; wherever something else is, one expression may be the whole value,
such as `instances: ${var.instances}`. Variables, `moved` and `removed` are read as they are written.
"""

MODULES = """\
What each module says of itself; [architecture.md](architecture.md) shows the way through them. Imports point down:
engine, then state, then resources.
"""

EVERY_RESOURCE = ("for_each", "depends_on", "lifecycle")


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its name as it is typed, and the function behind it."""

    name: str
    function: Any

    @property
    def parameters(self) -> Iterator[tuple[inspect.Parameter, Any, OptionInfo | ArgumentInfo]]:
        """Its own parameters: each with its type, and what typer is told of it."""
        for parameter in inspect.signature(self.function).parameters.values():
            if get_origin(parameter.annotation) is Annotated and parameter.name not in SHARED:
                kind, info = get_args(parameter.annotation)
                yield parameter, kind, info

    @property
    def codes(self) -> set[str]:
        """The names of the exit codes that the command's module knows, or that it takes from apply's."""
        return {*EVERYWHERE, *_codes(inspect.unwrap(self.function).__module__)}


def _codes(module: str) -> set[str]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = {name for name in names if name in MEANINGS}
    ends_as_apply = names & {"carry_out", "exit_code"}
    apply = f"{module.rpartition('.')[0]}.apply"
    return found | (_codes(apply) if ends_as_apply and module != apply else set())


def commands(group: typer.Typer = app, prefix: str = "rolewright") -> Iterator[Command]:
    """All commands, those of groups after the others."""
    for one in group.registered_commands:
        yield Command(f"{prefix} {one.name}", one.callback)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            name = f"{prefix} {inner.name}"
            itself = inner.typer_instance.registered_callback
            if itself is not None:
                yield Command(name, itself.callback)
            yield from commands(inner.typer_instance, name)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table; nothing when there are no rows."""
    lines = [_row(cell.replace("|", r"\|") for cell in row) for row in rows]
    if lines:
        yield from (_row(head), f"|{'---|' * len(head)}", *lines, "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def commands_page() -> str:
    """The page with every command."""
    found = list(commands())
    lines = [MADE, "", "# Commands", "", COMMANDS, "## Options of every command", ""]
    lines += ["They work before and after the command.", ""]
    common = inspect.signature(found[0].function).parameters.values()
    options = ((one, *get_args(one.annotation)) for one in common if one.name in SHARED)
    lines += table(("option", "does"), (_option(*option)[:2] for option in options))
    lines += ["## Exit codes", "", *table(("code", "means", "of"), _code_rows(found))]
    lines += [
        "With `--on-failure keep` a failed call ends in 1: what was done stays, and is in the state.",
        "`recover --back` that undoes all ends in 0.",
        "",
    ]
    for command in found:
        lines += _command(command)
    return _page(lines)


def _code_rows(found: Sequence[Command]) -> Iterator[tuple[str, str, str]]:
    for name, meaning in MEANINGS.items():
        of = [f"`{_short(one)}`" for one in found if name in one.codes]
        where = "every command" if name in EVERYWHERE else ", ".join(of)
        yield str(getattr(endings, name)), meaning, where


def _short(command: Command) -> str:
    return command.name.partition(" ")[2]


def _command(command: Command) -> Iterator[str]:
    arguments = [
        (_metavar(parameter, info), info.help or "")
        for parameter, _, info in command.parameters
        if isinstance(info, ArgumentInfo)
    ]
    options = [
        _option(parameter, kind, info)
        for parameter, kind, info in command.parameters
        if isinstance(info, OptionInfo)
    ]
    words = [command.name, *(name for name, _ in arguments), "[OPTIONS]"]
    yield from (f"## {command.name}", "", str(inspect.getdoc(command.function)), "")
    yield from ("```text", " ".join(words), "```", "")
    yield from table(("argument", "is"), ((f"`{name}`", what) for name, what in arguments))
    yield from table(("option", "does", "default"), options)
    codes = sorted(getattr(endings, name) for name in command.codes)
    yield from (f"Exit codes: {', '.join(map(str, codes))}.", "")


def _metavar(parameter: inspect.Parameter, info: ArgumentInfo) -> str:
    return str(info.metavar or parameter.name.upper())


def _option(parameter: inspect.Parameter, kind: Any, info: OptionInfo) -> tuple[str, str, str]:
    """An option's names with its value, what it does, and its default."""
    # Under Annotated the first name stands where a default would.
    written = (info.default, *(info.param_decls or ()))
    names = [name for words in written for name in str(words).split("/")]
    value = "" if bool in _sides(kind) else f" {_value(kind, info)}"
    default = parameter.default
    shown = "" if default is None or default is False else f"`{_number(default)}`"
    shown = "required" if default is inspect.Parameter.empty else shown
    return ", ".join(f"`{name}{value}`" for name in names), info.help or "", shown


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sides(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _value(kind: Any, info: OptionInfo) -> str:
    """What stands for an option's value: its name, its choices or its range."""
    if info.metavar:
        return str(info.metavar)
    for side in _sides(kind):
        if isinstance(side, type) and issubclass(side, Enum):
            return "|".join(str(choice.value) for choice in side)
    return "N" if info.max is None else f"{info.min}…{info.max}"


def stack_file_page() -> str:
    """The page with every field of the stack file."""
    schema = json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    lines = [MADE, "", "# The stack file, key by key", "", STACK_FILE, "## The whole file", ""]
    lines += _fields(schema, schema["properties"])
    lines += ["## What every resource may have", ""]
    lines += ["These three are in every section below.", ""]
    some = definitions["Role"]
    lines += _fields(
        {}, {name: _looked_up(some["properties"][name], definitions) for name in EVERY_RESOURCE}
    )
    used: set[str] = set()
    for section in SECTIONS:
        lines += [f"## `{section}`", "", schema["properties"][section]["description"], ""]
        for name in _models(schema["properties"][section]["additionalProperties"]):
            used.add(name)
            lines += _resource(section, definitions[name])
    lines += ["## The parts", ""]
    for name in sorted(definitions.keys() - used):
        if "properties" in definitions[name]:
            lines += [f"### {_title(name)}", "", definitions[name]["description"], ""]
            lines += _fields(definitions[name], definitions[name]["properties"])
    return _page(lines)


def _resource(section: str, definition: Mapping[str, Any]) -> Iterator[str]:
    properties: dict[str, Any] = definition["properties"]
    service = properties.get("service", {}).get("const")
    if service is not None:
        yield from (f"### `{section}`: {service}", "", definition["description"], "")
    own = {name: value for name, value in properties.items() if name not in EVERY_RESOURCE}
    yield from _fields(definition, own)


def _models(content: Mapping[str, Any]) -> Iterator[str]:
    for choice in content.get("oneOf", (content,)):
        yield _named(choice)


def _named(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _looked_up(value: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    return definitions[_named(value)] if "$ref" in value else value


def _title(name: str) -> str:
    """`PolicyStatement` as `Policy statement`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda match: f" {match[0].lower()}", name)


def _fields(definition: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    required = definition.get("required", ())
    yield from table(
        ("key", "takes", "default", "is"),
        (
            (
                f"`{name}`",
                _section_or_type(name, value),
                "required" if name in required else _default(value),
                value.get("description", ""),
            )
            for name, value in properties.items()
        ),
    )


def _section_or_type(name: str, value: Mapping[str, Any]) -> str:
    # Fields of resources are called as sections are, too: `roles` of a policy is a list.
    section = name in SECTIONS and "propertyNames" in value
    return f"map of [these](#{name})" if section else _type(value)


def _default(value: Mapping[str, Any]) -> str:
    default = value.get("default")
    # pydantic names no default where each instance has a new empty map.
    if isinstance(default, dict) or ("default" not in value and _type(value).startswith("map")):
        return "`{}`"
    return "none" if default is None else f"`{json.dumps(default)}`"


def _type(value: Mapping[str, Any]) -> str:
    """What values a field takes, in words; that most may be expressions is said once on the page."""
    if "anyOf" in value:
        kinds = (_type(choice) for choice in value["anyOf"] if not _implied(choice))
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in value:
        name = _named(value)
        return f"[{_title(name).lower()}](#{_title(name).lower().replace(' ', '-')})"
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    return _plain_type(value)


def _implied(choice: Mapping[str, Any]) -> bool:
    expression = choice.get("$ref") == "#/$defs/Expression" or choice.get("pattern") == EXPRESSION
    return expression or choice.get("type") == "null"


def _plain_type(value: Mapping[str, Any]) -> str:
    sorts = value.get("type", "anything")
    sort = next(one for one in ([sorts] if isinstance(sorts, str) else sorts) if one != "null")
    match sort:
        case "string":
            return f"text matching `{value['pattern']}`" if "pattern" in value else "text"
        case "integer":
            bounds = f", {value['minimum']} to {value['maximum']}" if "minimum" in value else ""
            return f"whole number{bounds}"
        case "boolean":
            return "true or false"
        case "array":
            return f"list of {_type(value['items'])}"
        case "object":
            return _map_type(value)
        case other:
            return str(other)


def _map_type(value: Mapping[str, Any]) -> str:
    inner = value.get("additionalProperties", True)
    return "map" if inner is True else f"map of {_type(inner)}"


def modules_page() -> str:
    """The page with every module, by folder."""
    lines = [MADE, "", "# Modules", "", MODULES]
    for portion in PORTIONS:
        folders = {path.parent for path in (ROOT / portion).rglob("*.py")}
        for folder in sorted(folders):
            lines += [f"## `{folder.relative_to(ROOT).as_posix()}/`", "", _sentence(folder), ""]
            modules = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
            rows = ((f"`{path.stem}`", _sentence(path)) for path in modules)
            lines += table(("module", "is"), rows)
    return _page(lines)


def _sentence(module: Path) -> str:
    """What a module or a package says of itself in its first paragraph."""
    file = module / "__init__.py" if module.is_dir() else module
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split())


def _page(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


def pages() -> dict[Path, str]:
    """All pages, with where they stand."""
    return {
        HERE / "commands.md": commands_page(),
        HERE / "modules.md": modules_page(),
        HERE / "stack-file-reference.md": stack_file_page(),
    }


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
