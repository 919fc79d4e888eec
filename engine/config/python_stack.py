"""Stacks in Python: the module is run, and the models in its `stack` go the way of a stack file."""

from __future__ import annotations

import ast
import runpy
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as File
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from ...resources.binding import ServiceBinding
from ...resources.diagnostics import Diagnostic, Problem, Source, did_you_mean
from ...resources.stack import Stack
from .origin import Fixed, Located
from .source import LISTED, NAMED, NO_STACK_FILE, SINGLE, Sources
from .validation import misfits

NAME = "stack"


def read_python(path: File) -> Sources:
    """Run a Python file and take the stack that it defines.

    Raises:
        Problem: there is no such file, it fails, or it defines no stack.
    """
    if not path.is_file():
        raise Problem.of("no-file", f"there is no file {path}", hint=NO_STACK_FILE)
    found = _run(path)
    stack = found.get(NAME)
    if not isinstance(stack, Stack):
        near = did_you_mean(NAME, (name for name in found if not name.startswith("_")))
        example = "write stack = Stack(stack=NAME, roles={…})"
        summary = f"{path.name} defines no {NAME}"
        if NAME in found:
            near, summary = "", f"{NAME} is {_type(stack)}, not a Stack of rolewright.resources"
        raise Problem.of("no-stack", summary, hint=near or example, source=Source(str(path)))
    return _sources(stack, path)


def _type(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _run(path: File) -> Mapping[str, Any]:
    # What the file imports from beside it is found, as when Python runs it.
    beside = str(path.resolve().parent)
    sys.path.insert(0, beside)
    try:
        return runpy.run_path(str(path), run_name="__rolewright__")
    except ValidationError as error:
        raise Problem(*_invalid(error, path)) from error
    except SyntaxError as error:
        source = Source(error.filename or str(path), error.lineno or 1, error.offset or 1)
        raise Problem.of("python-error", f"SyntaxError: {error.msg}", source=source) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        said = str(error)
        name = type(error).__name__
        summary = f"{name}: {said}" if said else name
        raise Problem.of("python-error", summary, source=_place(error, path)) from error
    finally:
        sys.path.remove(beside)


def _place(error: BaseException, path: File) -> Source:
    """The last line of the file itself, or else of its neighbours, that led to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(path)]
    if not own:
        return Source(str(path))
    return Source(str(path), own[-1].lineno or 1, (own[-1].colno or 0) + 1)


def _invalid(error: ValidationError, path: File) -> Iterator[Diagnostic]:
    place = _place(error, path)
    model = _models().get(error.title)
    if model is None:
        yield Diagnostic("python-error", f"{error.title}: {error.errors()[0]['msg']}", source=place)
        return
    for misfit in misfits(error, model, None):
        finding = misfit.finding
        summary = f"{error.title}: {finding.summary}"
        yield Diagnostic(finding.code, summary, finding.detail, finding.hint, place)


def _models() -> Mapping[str, type[BaseModel]]:
    """The models that a stack in Python is made of, by name."""
    from ... import resources

    named = (getattr(resources, name) for name in resources.__all__)
    return {model.__name__: model for model in named if issubclass(model, BaseModel)}


def _sources(stack: Stack, path: File) -> Sources:
    places = _Places(path)
    sources = Sources(str(path))
    content = _plain(stack.model_dump(exclude_unset=True, by_alias=True, serialize_as_any=True))
    for name, value in content.items():
        if name in SINGLE:
            sources.single[name] = Located(value, places.top)
        elif name in LISTED:
            sources.listed[name] = [Located(item, places.top) for item in value]
        elif name in NAMED:
            sources.named[name] = {
                key: Located(item, places.of(key)) for key, item in value.items()
            }
    for key, binding in stack.service_bindings.items():
        if isinstance(binding, ServiceBinding):
            fields = sources.named["service_bindings"][key].value
            # The class says it, so that nobody writes it.
            fields.setdefault("service", binding.service_name())
    return sources


def _plain(value: object) -> Any:
    """A dumped model as YAML and JSON would hold it."""
    match value:
        case Mapping():
            entries = cast("Mapping[object, object]", value)
            return {str(key): _plain(item) for key, item in entries.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in cast("Iterable[object]", value)]
        case _:
            return value


class _Places:
    """Where a Python file names its resources, as far as it does so in plain words."""

    def __init__(self, path: File) -> None:
        self._file = str(path)
        self._keys: dict[str, Source] = {}
        self.top = Fixed(Source(self._file))
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        self._keys.setdefault(key.value, self._source(key))
            elif isinstance(node, ast.Assign):
                targets = [one.id for one in node.targets if isinstance(one, ast.Name)]
                if NAME in targets:
                    self.top = Fixed(self._source(node))

    def _source(self, node: ast.expr | ast.stmt) -> Source:
        return Source(self._file, node.lineno, node.col_offset + 1)

    def of(self, key: str) -> Fixed:
        """The first place where a dictionary has the key."""
        return Fixed(self._keys[key]) if key in self._keys else self.top
