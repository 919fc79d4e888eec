"""What a journal holds: one frozen value for each thing that may be written, and its line of JSON.

A journal answers three questions after a crash: what was meant to happen, what did happen, and what
is in doubt. Values only; `journal` puts them on disk and `replay` draws the conclusions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias, cast

from ..resources.address import Address
from ..resources.calls import Attrs
from .codec import compact, decode_record, encode_record
from .document import StateRecord
from .redaction import redact


class Outcome(StrEnum):
    """How a run ended."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_INCOMPLETE = "rollback_incomplete"
    KEPT = "kept"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"

    @property
    def settled(self) -> bool:
        """Whether nothing of the run is left for `recover`."""
        return self is not Outcome.ROLLBACK_INCOMPLETE


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first entry. `plan` is the whole plan as JSON: recovery needs nothing besides it."""

    tag: ClassVar[str] = "run_started"

    run: str
    operation: str
    stack: str
    lineage: str
    base_serial: int
    account_id: str
    region: str
    plan_digest: str
    at: str
    pid: int
    host: str
    tool_version: str
    plan: Attrs


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Another process took the run up again, to finish it (`forward`) or to undo it (`back`)."""

    tag: ClassVar[str] = "run_resumed"

    run: str
    direction: str
    at: str
    pid: int
    host: str
    tool_version: str


@dataclass(frozen=True, slots=True)
class CallIntended:
    """A changing call is about to be made.

    `seq` counts the calls of the run. `index` is the call's place in its step or, for a call that
    takes back the one with the number `undo_of`, its place among the undo calls of that one.
    """

    tag: ClassVar[str] = "call_intended"

    run: str
    seq: int
    step: str
    address: Address
    phase: str
    index: int
    call: Attrs
    undo_of: int | None
    at: str


@dataclass(frozen=True, slots=True)
class CallDone:
    """The call took effect; `answer` holds the outputs that later calls refer to."""

    tag: ClassVar[str] = "call_done"

    run: str
    seq: int
    answer: Attrs
    request_id: str
    at: str


@dataclass(frozen=True, slots=True)
class CallFailed:
    """The call was refused; when `uncertain`, no answer came and it may have taken effect."""

    tag: ClassVar[str] = "call_failed"

    run: str
    seq: int
    code: str
    message: str
    uncertain: bool
    at: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """All of a step happened: `record` is what the state says of the address from now on.

    `moved_from` is the address that the record had before a `moved:` block renamed it.
    """

    tag: ClassVar[str] = "step_done"

    run: str
    step: str
    address: Address
    record: StateRecord | None
    at: str
    moved_from: Address | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over; `left` names what it could not put right."""

    tag: ClassVar[str] = "run_ended"

    run: str
    outcome: Outcome
    left: tuple[str, ...]
    at: str


Entry: TypeAlias = (
    RunStarted | RunResumed | CallIntended | CallDone | CallFailed | StepDone | RunEnded
)

_CLASSES: dict[str, type[Entry]] = {
    cls.tag: cls
    for cls in (
        RunStarted,
        RunResumed,
        CallIntended,
        CallDone,
        CallFailed,
        StepDone,
        RunEnded,
    )
}


def encode_entry(entry: Entry) -> bytes:
    """The entry as one line of JSON with a newline at its end, secrets replaced by `***`.

    Raises:
        ValueError, TypeError: a value is not JSON.
    """
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    plain = {key: _write(value) for key, value in values.items()}
    return compact({"type": entry.tag, **plain}) + b"\n"


def decode_entry(line: bytes) -> Entry:
    """The entry of one line.

    Raises:
        ValueError: it is none, with what is wrong.
    """
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - one error for whatever is wrong
    values = cast("dict[str, Any]", found)
    cls = _CLASSES.get(str(values.pop("type", None)))
    if cls is None:
        raise ValueError("it is of no known type")
    known = {field.name: field for field in fields(cls)}
    if unknown := values.keys() - known.keys():
        raise ValueError(f"it has unknown keys: {', '.join(sorted(unknown))}")
    missing = {name for name, field in known.items() if field.default is MISSING} - values.keys()
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    read: dict[str, Any] = {
        key: _read(key, str(known[key].type), value) for key, value in values.items()
    }
    return cls(**read)


def _write(value: object) -> object:
    match value:
        case Address():
            return str(value)
        case StateRecord():
            # Recovery puts records into the state as they are: a changed value would be drift.
            return encode_record(value)
        case Mapping():
            return redact(value)
        case tuple():
            return list(cast("tuple[object, ...]", value))
        case _:
            return value


def _read(key: str, annotation: str, value: object) -> object:
    try:
        return _READERS[annotation](value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{key}: {error}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("is no integer")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("is neither true nor false")
    return value


def _attrs(value: object) -> Attrs:
    if not isinstance(value, dict):
        raise TypeError("is no object")
    return cast("dict[str, Any]", value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("is no list")
    return tuple(_text(item) for item in cast("list[object]", value))


def _address(value: object) -> Address:
    return Address.parse(_text(value))


def _optional(read: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else read(value)


# By the annotation as the classes above have it; a test sees to it that each of them is here.
_READERS: dict[str, Callable[[object], object]] = {
    "str": _text,
    "int": _number,
    "bool": _flag,
    "Attrs": _attrs,
    "tuple[str, ...]": _texts,
    "int | None": _optional(_number),
    "Address": _address,
    "Address | None": _optional(_address),
    "StateRecord | None": _optional(decode_record),
    "Outcome": lambda value: Outcome(_text(value)),
}
