"""The inputs of a stack: declared in its file; given there, by the environment, files or hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ...resources.diagnostics import Diagnostic, Problem, Source, did_you_mean
from ...resources.stack import Variable
from .expressions import BROKEN, EXPORTS, has_expressions
from .origin import Located
from .source import read_file
from .syntax import compose
from .tree import build
from .validation import fit
from .values import describe, is_list, is_map

PREFIX = "RW_VAR_"
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where values come from besides the stack file, each before what follows it.

    `assignments` are texts such as `name=value`.
    """

    environ: Mapping[str, str]
    files: Sequence[File] = ()
    assignments: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Given:
    """A value with the words for where it came from; `text` when it has still to be read."""

    value: Any
    by: str
    source: Source | None
    text: bool = False


def is_number(value: object) -> bool:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("text", lambda value: isinstance(value, str)),
    "number": ("a number", is_number),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "list": ("a list", is_list),
    "map": ("a map", is_map),
}
_EXAMPLES = {"list": '["a", "b"]', "map": '{"a": 1}'}


def read_variables(
    declared: Mapping[str, Located], inputs: Inputs, faults: list[Diagnostic]
) -> tuple[dict[str, Variable], dict[str, Any]]:
    """The declarations and the values of all variables; one without a good value is BROKEN."""
    variables: dict[str, Variable] = {}
    for name, where in declared.items():
        try:
            variables[name] = _declaration(name, where)
        except Problem as problem:
            faults += problem.diagnostics
    given = _given(declared, inputs, faults)
    values: dict[str, Any] = dict.fromkeys(declared, BROKEN)
    for name, variable in variables.items():
        try:
            values[name] = _value(name, variable, declared[name], given.get(name))
        except Problem as problem:
            faults += problem.diagnostics
    return variables, values


def _declaration(name: str, where: Located) -> Variable:
    source = where.source(key=True)
    if not _NAME.fullmatch(name):
        hint = "begin it with a letter, and use letters, digits, _ and -"
        raise Problem.of("bad-name", f'"{name}" can\'t name a variable', hint=hint, source=source)
    content: object = where.value or {}
    if not is_map(content):
        summary = f'the variable "{name}" is {describe(content)}, and a map was expected'
        hint = f"write {name}: {{type: string, default: …}}"
        raise Problem.of("wrong-type", summary, hint=hint, source=source)
    variable = fit(Variable, content)
    if isinstance(variable, list):
        raise Problem(*(misfit.located(where) for misfit in variable))
    return variable


def _given(
    declared: Mapping[str, Located], inputs: Inputs, faults: list[Diagnostic]
) -> Mapping[str, _Given]:
    """The last value given for each variable outside the stack file."""
    found = {
        name: _Given(inputs.environ[PREFIX + name], PREFIX + name, None, text=True)
        for name in declared
        if PREFIX + name in inputs.environ
    }
    for file in inputs.files:
        for name, value in _from_file(file, faults):
            found[name] = _Given(value.value, str(file), value.source())
            if name not in declared:
                faults.append(_unknown(name, declared).at(value.source(key=True)))
    for assignment in inputs.assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            summary = f'--var "{assignment}" gives no value'
            faults.append(Diagnostic("bad-variable", summary, hint="write --var NAME=VALUE"))
        elif name not in declared:
            faults.append(_unknown(name, declared))
        else:
            found[name] = _Given(text, "--var", None, text=True)
    return found


def _from_file(file: File, faults: list[Diagnostic]) -> Iterator[tuple[str, Located]]:
    try:
        top, wrong = read_file(file, hint="see --var-file")
    except Problem as problem:
        faults += problem.diagnostics
        return
    faults += wrong
    if is_map(top.value):
        yield from top.items()
    elif top.value is not None:
        summary = "a file of variables is a map of names and values"
        faults.append(Diagnostic("wrong-type", summary, source=top.source()))


def _unknown(name: str, declared: Mapping[str, Located]) -> Diagnostic:
    hint = did_you_mean(name, declared)
    if not hint:
        known = ", ".join(declared)
        hint = f"known are {known}" if known else "the stack file declares no variables"
    return Diagnostic("unknown-variable", f'there is no variable "{name}"', hint=hint)


def _value(name: str, variable: Variable, where: Located, given: _Given | None) -> Any:
    if given is not None:
        return _typed(name, variable, where, given)
    if variable.default is None:
        raise Problem.of(
            "missing-variable",
            f'the variable "{name}" has no value',
            hint=f"give it with --var {name}=…, with {PREFIX}{name}, or as its default",
            source=where.source(key=True),
        )
    default = _Given(variable.default, "its default", where.source(("default",)))
    value = _typed(name, variable, where, default)
    if _is_computed(value):
        raise Problem.of(
            "bad-expression",
            f'the default of the variable "{name}" can\'t be computed',
            detail="Expressions in a value are not replaced.",
            hint="write the expression where the variable is used",
            source=default.source,
        )
    return value


def _is_computed(value: object) -> bool:
    own = (*(f"${{{kind}." for kind in ("var", "each", *EXPORTS)), "${account_id", "${region")
    return has_expressions(value) and any(root in str(value) for root in own)


def _typed(name: str, variable: Variable, where: Located, given: _Given) -> Any:
    words, fits = _TYPES[variable.type]
    value = given.value
    if given.text and variable.type != "string":
        value = _read(value)
    if fits(value):
        return value
    hint = f"write it as JSON: {_EXAMPLES[variable.type]}" if variable.type in _EXAMPLES else ""
    if variable.type == "string" and is_number(value):
        hint = f'put it in quotes: "{value}"'
    declared = where.source(key=True)
    elsewhere = given.source is not None and given.source.file != declared.file
    raise Problem.of(
        "wrong-type",
        f'the variable "{name}" takes {words}, and {given.by} is {describe(given.value)}',
        detail=f"It is declared at {declared}." if elsewhere else "",
        hint=hint,
        source=given.source or declared,
    )


def _read(text: str) -> Any:
    """The value that a text from the command line or the environment stands for."""
    try:
        top, wrong = build(compose(text, "", json=False), "")
    except Problem:
        return text
    return text if wrong else top.value
