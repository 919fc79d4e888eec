"""pydantic's findings in a stack file's words: what was expected, what was found, what is near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ...resources.diagnostics import Diagnostic, did_you_mean, nearest
from .origin import Located, Path
from .values import describe, is_list, is_map

M = TypeVar("M", bound=BaseModel)

_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a map",
    "mapping_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A fault of a value that doesn't fit its model; `key` when the fault is the key itself."""

    path: Path
    finding: Diagnostic
    key: bool = False
    kind: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether a required key is missing at the path."""
        return self.kind == "missing"

    @property
    def wants_text(self) -> bool:
        """Whether something else stands where a text is wanted."""
        return self.kind == "string_type"

    def located(self, where: Located) -> Diagnostic:
        """The finding at its place."""
        return self.finding.at(where.source(self.path, key=self.key))


def fit(model: type[M], value: Mapping[str, Any], also: Sequence[str] = ()) -> M | list[Misfit]:
    """The model made of a value, or why it can't be; `also` are keys known beside the model's."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        return list(misfits(error, model, value, also))


def misfits(
    error: ValidationError, model: type[BaseModel], value: Any, also: Sequence[str] = ()
) -> Iterator[Misfit]:
    """The findings of a failed validation, one for each place; the value is None if unknown."""
    grouped: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        path = _written(detail, value)
        grouped.setdefault(path, []).append(detail)
    _forget_misspelt(grouped, model)
    for path, details in grouped.items():
        # A value that fits no side of a union is reported for each side, and for the parts of each.
        if not any(len(other) > len(path) and other[: len(path)] == path for other in grouped):
            yield _misfit(path, details, model, also)


def _forget_misspelt(grouped: dict[Path, list[ErrorDetails]], model: type[BaseModel]) -> None:
    """Take out a missing key where an unknown one is its misspelling."""
    unknown = [path for path, details in grouped.items() if details[0]["type"] == "extra_forbidden"]
    for path in unknown:
        meant = (*path[:-1], nearest(str(path[-1]), fields(model, path[:-1])))
        if grouped.get(meant, [{"type": ""}])[0]["type"] == "missing":
            del grouped[meant]


def _written(detail: ErrorDetails, value: Any) -> Path:
    """The path of a fault without the names of union sides that pydantic puts between the keys."""
    path: list[str | int] = []
    steps = detail["loc"]
    if value is None:
        # Names of union sides are those of types; keys begin with a small letter.
        return tuple(step for step in steps if step != "str" and not str(step)[:1].isupper())
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        if is_map(value) and step in value:
            value = value[str(step)]
        elif is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        elif not (last and detail["type"] == "missing"):
            continue
        path.append(step)
    return tuple(path)


def _misfit(
    path: Path, details: list[ErrorDetails], model: type[BaseModel], also: Sequence[str]
) -> Misfit:
    detail = details[0]
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = fields(model, path[:-1])
        if len(path) == 1:
            known += also
        return Misfit(path, unknown_key(str(path[-1]), known), key=True)
    if kind == "missing":
        finding = Diagnostic("missing-key", f'the key "{path[-1]}" is missing')
        return Misfit(path[:-1], finding, key=True, kind=kind)
    found = describe(detail["input"])
    wanted = list(dict.fromkeys(_EXPECTED[d["type"]] for d in details if d["type"] in _EXPECTED))
    if wanted:
        summary = f"{_name(path)} takes {' or '.join(wanted)}, not {found}"
        return Misfit(path, Diagnostic("wrong-type", summary, hint=_advice(detail)), kind=kind)
    return Misfit(path, _wrong_value(path, detail, found))


def _wrong_value(path: Path, detail: ErrorDetails, found: str) -> Diagnostic:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            expected = context["expected"].replace("'", "").replace(" or ", ", ").lower()
            known = list(dict.fromkeys(expected.split(", ")))
            summary = f"{_name(path)} can't be {found}"
            near = did_you_mean(str(detail["input"]), known)
            return Diagnostic("wrong-value", summary, f"It is one of {', '.join(known)}.", near)
        case "greater_than_equal":
            summary = f"{_name(path)} is {found}, and must be at least {context['ge']}"
        case "less_than_equal":
            summary = f"{_name(path)} is {found}, and must be at most {context['le']}"
        case "string_pattern_mismatch":
            summary = f"{_name(path)} can't be {found}"
            return Diagnostic("wrong-value", summary, f"It must match {context['pattern']}")
        case _:
            message = detail["msg"]
            summary = f"{_name(path)}: {message[:1].lower()}{message[1:]}"
    return Diagnostic("wrong-value", summary)


def _name(path: Path) -> str:
    """What to call the field at a path: its key, and the position of an item in a list."""
    *around, last = path or ("this",)
    if isinstance(last, int):
        return f"item {last + 1} of {around[-1]}" if around else f"item {last + 1}"
    return f"{around[-1]}.{last}" if around and isinstance(around[-1], str) else last


def _advice(detail: ErrorDetails) -> str:
    value = detail["input"]
    match detail["type"]:
        case "string_type" if value is None:
            return "remove the key, or give it a value"
        case "string_type" if isinstance(value, bool | int | float):
            return f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
        case "tuple_type" | "list_type" if isinstance(value, str):
            return f"write a list of one: [{value}]"
        case "dict_type" | "mapping_type" if isinstance(value, str) and "{" in value:
            return "write the JSON as it is, without | or quotes"
        case _:
            return ""


def unknown_key(key: str, known: Iterable[str]) -> Diagnostic:
    """The finding for a key that isn't one of those known."""
    names = sorted(known)
    hint = did_you_mean(key, names) or f"known are {', '.join(names)}"
    return Diagnostic("unknown-key", f'unknown key "{key}"', hint=hint)


def fields(model: type[BaseModel], path: Path = ()) -> list[str]:
    """The keys that a stack file may have at a path inside a model."""
    models = [model]
    for step in path:
        if not isinstance(step, int):
            models = [inner for outer in models for inner in _inner(outer, step)]
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _inner(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if key == (field.alias or name):
            yield from _models(field.annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
