"""AWS calls as data: what to call, how to undo it, which errors pass by themselves.

A kind builds these from what was observed; the executor makes them without knowing the kind.
All values are JSON, so that a plan can be printed, saved, compared and rolled back.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias, cast

Attrs: TypeAlias = Mapping[str, Any]
"""A JSON object: the attributes of a resource, the parameters or the answer of a call."""


class Phase(StrEnum):
    """When a call runs: everything that gives access runs before anything that takes it away.

    `RETIRE` is for what nothing can undo: it runs last of all, when nothing else can fail any more.
    """

    MAKE = "make"
    REMOVE = "remove"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Retry:
    """An error that passes by itself while IAM catches up: a code, and a part of its message."""

    code: str
    message: str = ""
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Wait:
    """A read to repeat after a call until the value at `path` (JMESPath) is one of `until`.

    A value in `failed` ends the wait as an error; so do `seconds` without either.
    """

    service: str
    operation: str
    parameters: Attrs
    path: str
    until: tuple[Any, ...]
    failed: tuple[Any, ...] = ()
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Template:
    """Parameters copied from a read made directly before the call, so that a plan need not hold them.

    The object at `path` (JMESPath) of the answer, without the keys in `omit`, is laid under the call's
    own parameters; `also` maps a parameter to the path of a further value.
    """

    service: str
    operation: str
    parameters: Attrs
    path: str
    omit: tuple[str, ...] = ()
    also: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """A read made directly before a call; any other value at `path` (JMESPath) than `value` is somebody else's change.

    `document` compares the value as a policy document, by meaning. `absent` lists the error codes that stand for
    None: a read that answers with one of them found nothing.
    """

    service: str
    operation: str
    parameters: Attrs
    path: str
    value: Any
    document: bool = False
    absent: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What became of a call whose answer was lost."""

    DONE = "done"
    NOT_DONE = "not_done"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    """The read that would tell was refused itself."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A read that tells what became of a call whose answer was lost.

    It took effect when the value at `path` (JMESPath) is one of `done`, and did not when it is one of
    `not_done` or the read answers with a code in `absent`; an error code in `gone` is what a delete leaves behind.
    Any other value means `otherwise`. `outputs` maps paths of the call's own answer to paths of this read's.
    """

    service: str
    operation: str
    parameters: Attrs
    path: str
    done: tuple[Any, ...] = ()
    not_done: tuple[Any, ...] = ()
    otherwise: Verdict = Verdict.FOREIGN
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    outputs: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Says of a call that it makes something again that was deleted, which AWS then gives another unique id.

    `what` and `name` are its sort and name; `arn` is what policies name it by as a principal, empty for what is none.
    `old_id` is the unique id that it had; the new one stands at `new_id` (JMESPath) of the call's answer.
    Source: IAM user guide, "IAM identifiers" (unique identifiers).
    """

    what: str
    name: str
    old_id: str
    new_id: str
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One changing AWS call.

    `service` is the boto3 client, `operation` the API operation as AWS writes it. `parameters` may hold
    `output(label, path)` placeholders for the answer of an earlier call of the same resource.
    `undo` are the calls that take it back, in the order in which they run. `done_if` are error codes which
    mean that the wanted effect is already there. `lossy` says what an undo can't restore.
    A call without a `proof` may be made twice: the second time changes nothing. `possible` is the read that
    tells before a run whether an undo call could be made now. `again` marks an undo call which makes something
    that comes back under another unique id.
    """

    service: str
    operation: str
    parameters: Attrs
    label: str = ""
    phase: Phase = Phase.MAKE
    undo: tuple[Call, ...] = ()
    retry: tuple[Retry, ...] = ()
    done_if: tuple[str, ...] = ()
    wait: Wait | None = None
    template: Template | None = None
    expect: Expect | None = None
    proof: Proof | None = None
    possible: Proof | None = None
    again: Again | None = None
    permissions: tuple[str, ...] = ()
    lossy: str = ""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


def now(call: Call) -> Call:
    """The call as one of the first phase, for what has to be out of the way before something new can stand there."""
    return replace(call, phase=Phase.MAKE)


def output(label: str, path: str) -> dict[str, str]:
    """A placeholder for the value at `path` (JMESPath) of the answer to the call labelled `label`."""
    return {"$output": label, "path": path}


def binary(data: bytes) -> dict[str, str]:
    """Bytes as a parameter: calls are JSON, so that a journal can hold them."""
    return {"$base64": base64.b64encode(data).decode("ascii")}


def with_bytes(value: Any) -> Any:
    """A parameter with what `binary` made of bytes as bytes again, as botocore takes them."""
    match value:
        case {"$base64": str(text)}:
            return base64.b64decode(text)
        case Mapping():
            items = cast("Mapping[str, Any]", value).items()
            return {key: with_bytes(inner) for key, inner in items}
        case list() | tuple():
            return [with_bytes(inner) for inner in cast("Sequence[Any]", value)]
        case _:
            return value
