"""Plans and calls as JSON and back, and the saved plan: a file that `apply` carries out or refuses.

A saved plan holds a digest over its canonical content, so that what is applied is what was shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from ..resources.calls import Call
from ..resources.diagnostics import Problem
from .plan import Plan

PLAN_FORMAT = 1


@cache
def _calls() -> TypeAdapter[Call]:
    return TypeAdapter(Call)


@cache
def _plans() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def encode_call(call: Call) -> dict[str, Any]:
    """A call as JSON, without what is at its default."""
    return _calls().dump_python(call, mode="json", exclude_defaults=True)


def decode_call(value: Mapping[str, Any]) -> Call:
    """The call that `encode_call` wrote.

    Raises:
        ValueError: it is none.
    """
    return _calls().validate_python(value)


def encode_plan(plan: Plan) -> dict[str, Any]:
    """A plan as JSON; `decode_plan` gives it back."""
    return _plans().dump_python(plan, mode="json", exclude_defaults=True)


def decode_plan(value: Mapping[str, Any]) -> Plan:
    """The plan that `encode_plan` wrote.

    Raises:
        ValueError: it is none.
    """
    return _plans().validate_python(value)


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a JSON object in canonical form: sorted keys, no white space."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def write_plan(plan: Plan, path: Path) -> None:
    """Save a plan, readable by its owner only.

    Raises:
        Problem: `plan-not-written`.
    """
    content = encode_plan(plan)
    document = {"format": PLAN_FORMAT, "digest": digest(content), "plan": content}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Problem.of(
            "plan-not-written",
            f"the plan could not be saved to {path}: {error.strerror}",
            hint="name another file after -o",
        ) from error


def read_plan(path: Path) -> Plan:
    """Read a saved plan.

    Raises:
        Problem: `plan-unreadable`, `plan-malformed`, `plan-too-new` or `plan-edited`.
    """
    document = _document(path)
    if not isinstance(document.get("format"), int) or not isinstance(document.get("plan"), dict):
        raise _malformed(path, "it has no plan in it")
    if document["format"] > PLAN_FORMAT:
        raise Problem.of(
            "plan-too-new",
            f"{path} was made by a newer rolewright",
            hint="plan again, or use the version that made it",
        )
    if document.get("digest") != digest(document["plan"]):
        raise Problem.of(
            "plan-edited",
            f"{path} is not as it was saved",
            detail="Its digest does not fit its content: it was edited by hand or is damaged.",
            hint="change the stack file instead, and plan again",
        )
    try:
        return decode_plan(document["plan"])
    except ValidationError as error:
        raise _malformed(path, error.errors()[0]["msg"]) from error


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem.of(
            "plan-unreadable",
            f"{path} can't be read: {error.strerror}",
            hint="save a plan with: rolewright plan -o FILE",
        ) from error
    except ValueError as error:
        raise _malformed(path, str(error)) from error
    if not isinstance(found, dict):
        raise _malformed(path, "it is no JSON object")
    return cast("dict[str, Any]", found)


def _malformed(path: Path, why: str) -> Problem:
    return Problem.of(
        "plan-malformed",
        f"{path} is not a saved plan: {why}",
        hint="save a plan with: rolewright plan -o FILE",
    )
