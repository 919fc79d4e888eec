"""One declaration made into a resource: expressions replaced, fields checked, references found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic, Problem, did_you_mean
from ...resources.kind import Resource
from ...resources.ports import Identity
from ...resources.registry import binding_classes, kind_class
from .declarations import Declaration
from .directory import Directory, Exports
from .expressions import Environment, ExpressionError, interpolate
from .instances import FOR_EACH
from .moves import read_address
from .origin import Origin, Path, overlap
from .validation import Misfit, fit
from .values import as_text, is_list, is_map

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a declaration can refer to, and where its faults go."""

    directory: Directory
    exports: Exports
    variables: Mapping[str, Any]
    identity: Identity
    faults: list[Diagnostic]


@dataclass(slots=True)
class Draft:
    """A declaration on its way to a resource.

    `needs` are the resources that it names, each with the path of the field that does, if known.
    `resource` is None when too much is wrong; `sound` tells that nothing is.
    """

    declaration: Declaration
    around: Surroundings
    resource: Resource | None = None
    sound: bool = True
    needs: dict[Address, Path] = field(default_factory=dict[Address, Path])
    _wrong: list[Path] = field(default_factory=list[Path])

    def build(self) -> None:
        """Make the resource, and report all that is wrong with it."""
        fields: dict[str, Any] = interpolate(
            self.declaration.fields, self._environment(), self._report
        )
        kind = self._kind(fields)
        if kind is None:
            return
        self.resource = self._fit(kind, fields)
        if self.resource is None:
            return
        self._find_references(self.resource, fields)
        self._find_dependencies(self.resource)
        for path, finding in self.resource.check(self.declaration.address):
            if not self._is_aftermath(path):
                self._fault(path, finding)

    def _environment(self) -> Environment:
        def export(address: Address, attribute: str) -> str:
            # Names that are made of each other have no value: it is the edges that show why.
            self.needs.setdefault(self.around.directory.find(address), ())
            return self.around.exports.get(address, attribute)

        around = self.around
        return Environment(around.variables, self.declaration.each, around.identity, export)

    def _report(self, path: Path, finding: Diagnostic | None) -> None:
        self.sound = False
        self._wrong.append(path)
        if finding is not None:
            self._fault(path, finding)

    def _fault(self, path: Path, finding: Diagnostic, *, key: bool = False) -> None:
        self.sound = False
        source = self.declaration.origin.source(path, key=key)
        self.around.faults.append(finding.at(source).on(self.declaration.address))

    def _is_aftermath(self, path: Path) -> bool:
        """Whether a finding may only follow from what has been reported before."""
        if not self._wrong:
            return False
        unwritten = bool(path) and path[0] not in self.declaration.fields
        return unwritten or any(overlap(path, wrong) for wrong in self._wrong)

    def _kind(self, fields: Mapping[str, Any]) -> type[Resource] | None:
        try:
            return kind_class(self.declaration.address.kind, fields)
        except (KeyError, TypeError):
            service = fields.get(SERVICE)
        known = sorted(binding_classes())
        hint = did_you_mean(str(service), known) or f"known are {', '.join(known)}"
        if service is None:
            finding = Diagnostic("missing-key", f'the key "{SERVICE}" is missing', hint=hint)
            self._fault((), finding, key=True)
        elif not self._is_aftermath((SERVICE,)):
            summary = f"there is no binding for the service {json.dumps(service)}"
            self._fault((SERVICE,), Diagnostic("unknown-service", summary, hint=hint))
        return None

    def _fit(self, kind: type[Resource], fields: dict[str, Any]) -> Resource | None:
        made = fit(kind, fields, (FOR_EACH,))
        if isinstance(made, list) and self._as_texts(fields, made):
            made = fit(kind, fields, (FOR_EACH,))
        if not isinstance(made, list):
            return made
        for misfit in made:
            if misfit.is_missing or not any(overlap(misfit.path, one) for one in self._wrong):
                self._fault(misfit.path, misfit.finding, key=misfit.key)
        # With what is wrong left out, the rest can still be looked at.
        self._wrong += (misfit.path for misfit in made)
        rest = fit(kind, _without(fields, made))
        return None if isinstance(rest, list) else rest

    def _as_texts(self, fields: dict[str, Any], misfits: list[Misfit]) -> bool:
        """Write numbers and booleans that expressions gave as texts, where texts are wanted."""
        changed = False
        for misfit in misfits:
            written = _at(self.declaration.fields, misfit.path)
            text = as_text(_at(fields, misfit.path))
            if misfit.wants_text and isinstance(written, str) and text is not None:
                _at(fields, misfit.path[:-1])[misfit.path[-1]] = text
                changed = True
        return changed

    def _find_references(self, resource: Resource, fields: Mapping[str, Any]) -> None:
        try:
            for path, address in resource.references():
                self._need(path, address)
        except ValueError as error:
            # The kind says which text it can't read, not where it stands.
            message = str(error)
            path, text = next(
                ((path, text) for path, text in _texts(fields) if f".{text}' is not" in message),
                ((), ""),
            )
            summary = f'"{text}" can\'t be the name of a resource' if text else message
            hint = 'write NAME, or NAME["KEY"] for an instance of for_each'
            if self._is_aftermath(path):
                return
            self._fault(path, Diagnostic("bad-reference", summary, hint=hint))

    def _find_dependencies(self, resource: Resource) -> None:
        for index, text in enumerate(resource.depends_on):
            path = ("depends_on", index)
            try:
                address = read_address(text, self.declaration.origin.source(path))
            except Problem as problem:
                if not self._is_aftermath(path):
                    self._fault(path, problem.diagnostics[0])
                continue
            self._need(path, address, all_of_block=True)

    def _need(self, path: Path, address: Address, *, all_of_block: bool = False) -> None:
        directory = self.around.directory
        try:
            found = directory.find_all(address) if all_of_block else (directory.find(address),)
        except ExpressionError as error:
            self.sound = False
            if error.finding is not None and not self._is_aftermath(path):
                self._fault(path, error.finding)
            return
        for one in found:
            self.needs[one] = self.needs.get(one) or path

    def place_of_need(self, address: Address) -> tuple[Origin, Path]:
        """Where a resource that this one needs is named."""
        path = self.needs.get(address, ())
        if not path:
            mention = f"${{{address.kind}.{address.name}"
            path = next((at for at, text in _texts(self.declaration.fields) if mention in text), ())
        return self.declaration.origin, path


def _at(value: Any, path: Path) -> Any:
    """The value at a path; None where there is nothing."""
    for step in path:
        if is_map(value):
            value = value.get(str(step))
        elif is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All texts inside a value, with their paths."""
    if isinstance(value, str):
        yield path, value
    elif is_map(value):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _without(fields: Mapping[str, Any], misfits: list[Misfit]) -> dict[str, Any]:
    """The fields without unknown keys, and without those in which a value is wrong."""
    rest: dict[str, Any] = dict(fields)
    for misfit in misfits:
        if misfit.path:
            steps = misfit.path if misfit.key and not misfit.is_missing else misfit.path[:1]
            rest = _drop(rest, steps)
    return rest


def _drop(value: Any, path: Path) -> Any:
    """A copy of a value without what is at the path."""
    step, *deeper = path
    if is_map(value) and step in value:
        rest = {key: item for key, item in value.items() if key != step}
        return {**value, str(step): _drop(value[str(step)], tuple(deeper))} if deeper else rest
    if is_list(value) and isinstance(step, int) and step < len(value) and deeper:
        return [*value[:step], _drop(value[step], tuple(deeper)), *value[step + 1 :]]
    return value
