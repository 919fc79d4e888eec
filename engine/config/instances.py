"""The blocks of a stack file as single resources: `for_each`, and documents in their own files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic, Problem
from ...resources.registry import SECTIONS
from .declarations import Declaration
from .expressions import Each, Environment, interpolate
from .origin import Grafted, Located, Path
from .source import Sources, read_file
from .values import describe, is_list, is_map

FOR_EACH = "for_each"
DOCUMENT, DOCUMENT_FILE = "document", "document_file"
NAME_PATTERN = "[A-Za-z0-9_+=,.@-]+"
"""What a resource may be called in a stack file: what AWS allows in names."""
_NAME = re.compile(NAME_PATTERN)
_HOLDERS: Mapping[str, Path] = {"trust_policy": (), "permission_policy": (), "role": ("trust",)}
"""Where the blocks of a kind may name a file with a document."""


@dataclass(slots=True)
class Instances:
    """Collects the resources that blocks make. `broken` are blocks of which none can be made."""

    folder: File
    variables: Mapping[str, Any]
    faults: list[Diagnostic]
    items: list[Declaration] = field(default_factory=list[Declaration])
    blocks: dict[Address, tuple[str, ...] | None] = field(
        default_factory=dict[Address, "tuple[str, ...] | None"]
    )
    broken: set[Address] = field(default_factory=set[Address])
    _files: dict[File, Located | None] = field(default_factory=dict[File, "Located | None"])

    def add(self, sources: Sources) -> None:
        """Take in all blocks of all sections."""
        for section, kind in SECTIONS.items():
            for name, block in sources.named.get(section, {}).items():
                base = Address(kind, name)
                self.blocks[base] = None
                try:
                    self._add_block(base, block)
                except Problem as problem:
                    self.faults += (finding.on(base) for finding in problem.diagnostics)
                    self.broken.add(base)

    def _add_block(self, base: Address, block: Located) -> None:
        if not _NAME.fullmatch(base.name):
            hint = "use letters, digits and + = , . @ - _; name: sets another name in AWS"
            summary = f'"{base.name}" can\'t name a resource'
            raise Problem.of("bad-name", summary, hint=hint, source=block.source(key=True))
        content: object = {} if block.value is None else block.value
        if not is_map(content):
            summary = f"expected the fields of {base}, not {describe(content)}"
            raise Problem.of("wrong-type", summary, source=block.source())
        if FOR_EACH not in content:
            self._add_instance(base, content, block, None)
            return
        fields = {key: value for key, value in content.items() if key != FOR_EACH}
        items = list(self._each(block))
        self.blocks[base] = tuple(each.key for each in items)
        for each in items:
            self._add_instance(Address(base.kind, base.name, each.key), fields, block, each)

    def _each(self, block: Located) -> Iterator[Each]:
        value = self._early(block.value[FOR_EACH], block, (FOR_EACH,), None)
        if is_map(value):
            items = value.items()
        elif is_list(value):
            items = _keys(value, block)
        else:
            hint = "write a list of texts, a map, or ${var.NAME} with such a value"
            summary = f"for_each takes a list or a map, not {describe(value)}"
            raise Problem.of("bad-for-each", summary, hint=hint, source=block.source((FOR_EACH,)))
        for key, item in items:
            if not key:
                source = block.source((FOR_EACH,))
                raise Problem.of("bad-for-each", "for_each holds an empty key", source=source)
            yield Each(key, item)

    def _early(self, value: Any, block: Located, path: Path, each: Each | None) -> Any:
        """A value with its expressions replaced before the account is known."""
        found: list[Diagnostic] = []
        failed: list[Path] = []

        def report(at: Path, finding: Diagnostic | None) -> None:
            failed.append(at)
            if finding is not None:
                found.append(finding.at(block.source(at)))

        value = interpolate(value, Environment(self.variables, each), report, path)
        if failed:
            raise Problem(*found)
        return value

    def _add_instance(
        self, address: Address, fields: Mapping[str, Any], block: Located, each: Each | None
    ) -> None:
        instance = Declaration(address, fields, block.origin, each)
        holder = _HOLDERS.get(address.kind)
        if holder is not None:
            try:
                instance = self._with_document(instance, block, holder)
            except Problem as problem:
                self.faults += (finding.on(address) for finding in problem.diagnostics)
        self.items.append(instance)

    def _with_document(self, instance: Declaration, block: Located, path: Path) -> Declaration:
        holder: Any = instance.fields
        for step in path:
            holder = holder.get(step)
        if not is_map(holder) or not isinstance(holder.get(DOCUMENT_FILE), str):
            return instance
        source = block.source((*path, DOCUMENT_FILE))
        if DOCUMENT in holder:
            summary = "document and document_file are both given"
            raise Problem.of("two-documents", summary, hint="remove one of them", source=source)
        name = self._early(holder[DOCUMENT_FILE], block, (*path, DOCUMENT_FILE), instance.each)
        try:
            document = self._document(self.folder / str(name))
        except Problem as problem:
            findings = (one if one.source else one.at(source) for one in problem.diagnostics)
            raise Problem(*findings) from problem
        if document is None:
            return instance
        filled: Any = {**holder, DOCUMENT: document.value}
        for step in reversed(path):
            filled = {**instance.fields, step: filled}
        origin = Grafted(instance.origin, {(*path, DOCUMENT): document.origin})
        return Declaration(instance.address, filled, origin, instance.each)

    def _document(self, file: File) -> Located | None:
        """The policy document in a file; None for one whose faults have been reported."""
        if file not in self._files:
            self._files[file] = None
            top, wrong = read_file(file, hint="document_file is looked for beside the stack file")
            self.faults += wrong
            if not is_map(top.value):
                summary = f"a policy document is a map, not {describe(top.value)}"
                raise Problem.of("wrong-type", summary, source=top.source())
            self._files[file] = top
        return self._files[file]


def _keys(value: list[Any], block: Located) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for index, item in enumerate(value):
        source = block.source((FOR_EACH, index))
        if not isinstance(item, str):
            hint = "use a map where the items are more than names"
            summary = f"a list for for_each holds texts, not {describe(item)}"
            raise Problem.of("bad-for-each", summary, hint=hint, source=source)
        if item in seen:
            raise Problem.of("bad-for-each", f'for_each holds "{item}" twice', source=source)
        seen.add(item)
        yield item, item
