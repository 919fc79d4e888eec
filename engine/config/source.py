"""The files of a stack, read and laid together. Knows the sections, not what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path as File

from ...resources.diagnostics import Diagnostic, Problem, Source, did_you_mean, nearest
from ...resources.registry import SECTIONS
from .origin import Located, Path
from .syntax import compose
from .tree import build
from .values import is_map

MAX_BYTES = 10_000_000
SUFFIXES = (".yaml", ".yml", ".json")
MAIN = "rolewright"
"""The name, without its suffix, of a stack file that nobody named otherwise."""
IMPORTED = "imported"

SINGLE = ("stack", "region", "allowed_accounts", "assume_role", "notify")
"""What a stack has once."""
NAMED = ("tags", "variables", *SECTIONS)
"""Sections of named entries, which files add to."""
LISTED = ("moved", "removed", "import", "expectations")
"""Sections of entries without a name, which files add to."""
STATEMENT = "Statement"
TOP = (*SINGLE, *NAMED, *LISTED)


@dataclass(slots=True)
class Sources:
    """All that the files of a stack say, laid together."""

    file: str
    single: dict[str, Located] = field(default_factory=dict[str, Located])
    named: dict[str, dict[str, Located]] = field(default_factory=dict[str, dict[str, Located]])
    listed: dict[str, list[Located]] = field(default_factory=dict[str, list[Located]])

    def source(self, path: Path, *, key: bool = False) -> Source:
        """The place of a setting, or of what is at a path inside it."""
        name, *inside = path or ("",)
        setting = self.single.get(str(name))
        return Source(self.file) if setting is None else setting.source(tuple(inside), key=key)

    def add(self, top: Located, faults: list[Diagnostic]) -> None:
        """Lay one more file's content on top; what it defines for a second time is a fault."""
        for written, entry in top.items():
            name = written
            if name not in TOP:
                faults.append(_unknown(name, top))
                # What stands under a misspelt section is used: else all that names it seems wrong.
                name = nearest(name, TOP)
            if name in SINGLE and name == written:
                self._put(self.single, name, entry, name, faults)
            elif name in SINGLE:
                self.single.setdefault(name, entry)
            elif name in NAMED:
                for key, item in _entries(name, entry, dict, faults):
                    self._put(self.named.setdefault(name, {}), key, item, f"{name}: {key}", faults)
            elif name in LISTED:
                found = _entries(name, entry, list, faults)
                self.listed.setdefault(name, []).extend(item for _, item in found)

    @staticmethod
    def _put(
        into: dict[str, Located], key: str, item: Located, what: str, faults: list[Diagnostic]
    ) -> None:
        first = into.setdefault(key, item)
        if first is not item:
            faults.append(
                Diagnostic(
                    "defined-twice",
                    f'"{what}" is defined twice',
                    hint=f"keep one of the two; the first is at {first.source(key=True)}",
                    source=item.source(key=True),
                )
            )


def _entries(
    name: str, entry: Located, kind: type, faults: list[Diagnostic]
) -> Iterator[tuple[str, Located]]:
    if entry.value is None:
        return
    if not isinstance(entry.value, kind):
        wanted = "names with their content" if kind is dict else "a list"
        summary = f"expected {wanted} under {name}"
        faults.append(Diagnostic("wrong-type", summary, source=entry.source(key=True)))
    elif kind is dict:
        yield from entry.items()
    else:
        for index in range(len(entry.value)):
            yield "", entry.at(index)


def _unknown(name: str, top: Located) -> Diagnostic:
    hint = did_you_mean(name, TOP) or f"known are {', '.join(TOP)}"
    if STATEMENT in top.value:
        hint = "this is a policy document: name its file under document_file"
    return Diagnostic(
        "unknown-key", f'unknown key "{name}"', hint=hint, source=top.source((name,), key=True)
    )


def read_sources(
    path: File, texts: Mapping[str, str] | None = None
) -> tuple[Sources, list[Diagnostic]]:
    """Read a stack file with what imports wrote beside it, or all of a folder, and lay them together.

    `texts` are YAML files, by name, that are to come beside them; where they are given, there need
    not be any other yet.

    Raises:
        Problem: there is nothing to read, or a file can't be read.
    """
    faults: list[Diagnostic] = []
    unread: list[Diagnostic] = []
    empty: list[Diagnostic] = []
    found: list[Located] = []
    reads = [
        *(partial(read_file, file) for file in _files(path, alone=not texts)),
        *(partial(_read_text, name, text) for name, text in (texts or {}).items()),
    ]
    for read in reads:
        try:
            top, wrong = read()
        except Problem as problem:
            unread += problem.diagnostics
            continue
        faults += wrong
        if top.value is None:
            empty += [] if wrong else [_empty(top)]
        elif not is_map(top.value):
            summary = "a stack file is a map that begins with stack: NAME"
            faults.append(Diagnostic("wrong-type", summary, source=top.source()))
        elif not (path.is_dir() and _is_document(top.value)):
            found.append(top)
    if not found:
        unread += empty
    # Without a file whatever names something in it would seem wrong.
    if unread or not found:
        raise Problem(*unread, *faults)
    sources = Sources(found[0].source().file)
    for top in found:
        sources.add(top, faults)
    return sources, faults


def _is_document(content: Mapping[str, object]) -> bool:
    """Whether a file beside the stack's is a policy document, for a `document_file` to name."""
    return STATEMENT in content and not content.keys() & set(TOP)


def _empty(top: Located) -> Diagnostic:
    hint = "write stack: NAME, or start from rolewright init"
    source = top.source()
    name = File(source.file).name
    return Diagnostic("empty-file", f"{name} is empty", hint=hint, source=source)


def _read_text(name: str, text: str) -> tuple[Located, list[Diagnostic]]:
    return build(compose(text, name, json=False), name)


def imported_prefix(path: File) -> str:
    """What the names of the files begin with that an import writes for a stack.

    In a folder, and beside `rolewright.yaml`, `imported`; beside `photos.yaml`, `photos.imported`,
    so that stacks in one folder stay apart.
    """
    return IMPORTED if path.is_dir() or path.stem == MAIN else f"{path.stem}.{IMPORTED}"


def _files(path: File, *, alone: bool) -> Iterable[File]:
    """The files of a stack; unless they are `alone`, there may be none."""
    if not path.is_dir():
        own = (path,) if alone or path.exists() else ()
        return (*own, *_imported_beside(path))
    found = sorted(readable(path))
    if not found and alone:
        raise Problem.of(
            "no-stack-file",
            f"{path} holds no stack file",
            detail=f"Of a folder, every {', '.join('*' + suffix for suffix in SUFFIXES)} is read.",
            hint="rolewright init writes a first one",
        )
    return found


def add_texts(sources: Sources, texts: Mapping[str, str], faults: list[Diagnostic]) -> None:
    """Lay YAML texts, by name, on top of what was read."""
    for name, text in texts.items():
        top, wrong = _read_text(name, text)
        faults += wrong
        sources.add(top, faults)


def _imported_beside(path: File) -> list[File]:
    """The files that imports wrote for a stack file of its own."""
    prefix = imported_prefix(path)
    return sorted(
        file
        for file in (readable(path.parent) if path.parent.is_dir() else ())
        if file.name != path.name and (file.stem == prefix or file.name.startswith(f"{prefix}-"))
    )


def readable(folder: File) -> Iterator[File]:
    """The files in a folder that a stack may consist of.

    Raises:
        Problem: it can't be listed.
    """
    try:
        listed = list(folder.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem.of("unreadable-file", f"{folder} can't be listed: {reason}") from error
    for file in listed:
        if file.suffix in SUFFIXES and not file.name.startswith(".") and file.is_file():
            yield file


NO_STACK_FILE = "rolewright init writes a first one; -c names another"


def read_file(file: File, *, hint: str = NO_STACK_FILE) -> tuple[Located, list[Diagnostic]]:
    """The content of one YAML or JSON file, and what is wrong in it beyond its syntax.

    Raises:
        Problem: the file can't be read; `hint` says what to do about one that isn't there.
    """
    text = _text(file, hint)
    return build(compose(text, str(file), json=file.suffix == ".json"), str(file))


def _beside(file: File) -> dict[str, str]:
    """The names, without and with suffix, of the files among which one is missing."""
    try:
        others = sorted(other for other in file.parent.iterdir() if other.suffix in SUFFIXES)
    except OSError:
        return {}
    return {other.stem: other.name for other in others}


def _text(file: File, hint: str) -> str:
    source = Source(str(file))
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        beside = _beside(file)
        near = beside.get(nearest(file.stem, beside))
        hint = f'did you mean "{near}"?' if near else hint
        raise Problem.of("no-file", f"there is no file {file}", hint=hint) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem.of("unreadable-file", f"{file} can't be read: {reason}") from error
    if len(data) > MAX_BYTES:
        summary = f"{file.name} is larger than {MAX_BYTES:,} bytes"
        hint = "split it into several files in one folder, and name the folder with -c"
        raise Problem.of("too-large", summary, hint=hint, source=source)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        summary = f"byte {data[error.start]:#04x} is not UTF-8"
        source = Source(str(file), line, column)
        raise Problem.of("not-utf-8", summary, hint="save it as UTF-8", source=source) from error
