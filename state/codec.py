"""The state document as bytes and back: canonical on the way out, untrusting on the way in.

The same state gives the same bytes on every machine. What is read is refused unless every byte is
accounted for; nothing is ever guessed or repaired. Touches no file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from ..resources.address import Address
from ..resources.diagnostics import Diagnostic, Problem, Source
from . import integrity
from .document import FORMAT, State, StateRecord
from .migrations import STEPS, Step, migrate

_RESTORE = (
    "put a good copy back: the `history` folder beside it holds the earlier ones, "
    "`rolewright state history` lists them"
)


class _RecordModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str
    id: str
    arn: str
    desired: dict[str, Any]
    observed: dict[str, Any]
    dependencies: list[str]
    tool_version: str
    prior: dict[str, Any] | None
    protected: bool
    imported: bool = False
    untagged: bool = False

    def record(self) -> StateRecord:
        return StateRecord(
            self.kind,
            self.id,
            self.arn,
            self.desired,
            self.observed,
            tuple(map(Address.parse, self.dependencies)),
            self.tool_version,
            self.prior,
            self.protected,
            self.imported,
            self.untagged,
        )


class _StateModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: int
    stack: str
    lineage: str
    serial: int
    account_id: str
    region: str
    resources: dict[str, _RecordModel]


def encode(state: State) -> bytes:
    """The state as canonical JSON with its checksum and a newline at the end."""
    return Encoder().encode(state)


class Encoder:
    """Encodes states one after another; a record object that was there last time costs nothing."""

    def __init__(self) -> None:
        self._pieces: dict[Address, _Piece] = {}

    def encode(self, state: State) -> bytes:
        """What `encode` gives."""
        self._pieces = {
            address: self._piece(address, record) for address, record in state.resources.items()
        }
        pieces = sorted(self._pieces.values(), key=lambda piece: piece.name)
        head: dict[str, str | int] = {
            "format": FORMAT,
            "stack": state.stack,
            "lineage": state.lineage,
            "serial": state.serial,
            "account_id": state.account_id,
            "region": state.region,
        }
        small = {key: _compact(value) for key, value in head.items()}
        small["resources"] = _object((piece.name, piece.small) for piece in pieces)
        large = {key: _compact(value) for key, value in head.items()}
        large["resources"] = _tall_object(((piece.name, piece.large) for piece in pieces), "  ")
        large["checksum"] = _compact(_checksum(_object(sorted(small.items()))))
        return _bytes(_tall_object(sorted(large.items()), "") + "\n")

    def _piece(self, address: Address, record: StateRecord) -> _Piece:
        known = self._pieces.get(address)
        if known is not None and known.record is record:
            return known
        return _Piece.of(address, record)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A record, its address, and its JSON: `small` for the checksum, `large` for the file."""

    record: StateRecord
    name: str
    small: str
    large: str

    @classmethod
    def of(cls, address: Address, record: StateRecord) -> _Piece:
        value = encode_record(record)
        large = json.dumps(
            value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False, default=_plain
        )
        return cls(record, str(address), _compact(value), large.replace("\n", "\n    "))


def decode(
    data: bytes,
    *,
    file: Path | None = None,
    known: int = FORMAT,
    steps: Mapping[int, Step] = STEPS,
) -> State:
    """Read a state file's bytes; `file` is where they came from, for the messages.

    A document of an earlier format is carried to the format `known`.

    Raises:
        Problem: `state-broken` (no JSON object of ours), `state-too-new`, `state-checksum`,
            `state-malformed` (a key is missing, unknown or of the wrong type), `state-invalid`.
    """
    document = _parse(data, file)
    _refuse_newer(document, known, file)
    _refuse_altered(document, file)
    content = {key: value for key, value in document.items() if key != "checksum"}
    state = _state(migrate(content, to=known, steps=steps), file)
    integrity.verify(state, file=file)
    return state


def encode_record(record: StateRecord) -> dict[str, Any]:
    """A record as a JSON object."""
    return {
        "kind": record.kind,
        "id": record.id,
        "arn": record.arn,
        "desired": record.desired,
        "observed": record.observed,
        "dependencies": list(map(str, record.dependencies)),
        "tool_version": record.tool_version,
        "prior": record.prior,
        "protected": record.protected,
        # Left out where false, as in the states that were written before there was an import.
        **({"imported": True} if record.imported else {}),
        **({"untagged": True} if record.untagged else {}),
    }


def decode_record(value: object) -> StateRecord:
    """The record of a JSON object.

    Raises:
        ValueError: it is not one.
    """
    return _RecordModel.model_validate(value).record()


def compact(value: object) -> bytes:
    """Any JSON value in one line without spaces, keys sorted: the form that digests are made of.

    Raises:
        ValueError, TypeError: the value is not JSON.
    """
    return _bytes(_compact(value))


def _compact(value: object) -> str:
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _bytes(text: str) -> bytes:
    # A lone surrogate has no UTF-8 form; `\udXXX`, which this makes of it, is its JSON escape.
    return text.encode("utf-8", "backslashreplace")


def _object(items: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_compact(key)}:{text}" for key, text in items) + "}"


def _tall_object(items: Iterable[tuple[str, str]], margin: str) -> str:
    lines = ",\n".join(f"{margin}  {_compact(key)}: {text}" for key, text in items)
    return f"{{\n{lines}\n{margin}}}" if lines else "{}"


def _checksum(content: str) -> str:
    return "sha256:" + hashlib.sha256(_bytes(content)).hexdigest()


def _parse(data: bytes, file: Path | None) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        what = "is empty" if not data.strip() else f"is not JSON: {error.msg}"
        raise _problem("state-broken", what, file, error.lineno, error.colno) from error
    except (ValueError, RecursionError) as error:
        raise _problem("state-broken", f"is not JSON: {error}", file) from error
    if not isinstance(document, dict):
        raise _problem("state-broken", "is not a rolewright state: it is no JSON object", file)
    found = cast("dict[str, Any]", document)
    if not _is_count(found.get("format")):
        raise _problem("state-broken", "is not a rolewright state: it has no format number", file)
    return found


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _refuse_newer(document: Mapping[str, Any], known: int, file: Path | None) -> None:
    if document["format"] > known:
        raise _problem(
            "state-too-new",
            f"has format {document['format']}, and this rolewright knows up to {known}",
            file,
            detail="A newer rolewright wrote it.",
            hint="upgrade rolewright: `pip install --upgrade rolewright`",
        )


def _refuse_altered(document: Mapping[str, Any], file: Path | None) -> None:
    content = {key: value for key, value in document.items() if key != "checksum"}
    if document.get("checksum") != _checksum(_compact(content)):
        raise _problem(
            "state-checksum",
            "does not match its checksum" if "checksum" in document else "has no checksum",
            file,
            detail="It was edited by hand, or damaged.",
        )


def _state(content: dict[str, Any], file: Path | None) -> State:
    try:
        model = _StateModel.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        raise Problem(
            *(_malformed(fault["loc"], fault["msg"], file) for fault in faults)
        ) from error
    resources: dict[Address, StateRecord] = {}
    for name, record in model.resources.items():
        try:
            resources[Address.parse(name)] = record.record()
        except ValueError as error:
            raise Problem(_malformed(("resources", name), str(error), file)) from error
    return State(
        model.stack, model.lineage, model.serial, model.account_id, model.region, resources
    )


def _malformed(path: Iterable[str | int], message: str, file: Path | None) -> Diagnostic:
    where = "".join(f"[{json.dumps(part)}]" for part in path)
    return Diagnostic(
        "state-malformed",
        f"the state file is not as rolewright writes it: {where}: {message}",
        hint=_RESTORE,
        source=None if file is None else Source(str(file)),
    )


def _problem(
    code: str,
    what: str,
    file: Path | None,
    line: int = 1,
    column: int = 1,
    *,
    detail: str = "The file is left as it is.",
    hint: str = _RESTORE,
) -> Problem:
    source = None if file is None else Source(str(file), line, column)
    return Problem.of(code, f"the state file {what}", detail=detail, hint=hint, source=source)
