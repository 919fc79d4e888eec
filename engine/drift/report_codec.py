"""A drift report as plain JSON and back, for the history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..plan import FieldDelta
from .report import Drift, DriftReport, DriftType, Severity, Who


def encode_report(report: DriftReport) -> dict[str, Any]:
    """The report as JSON values, without loss."""
    return asdict(report)


def decode_report(content: Mapping[str, Any]) -> DriftReport:
    """The report that `encode_report` made.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    values: dict[str, Any] = dict(content)
    values["drifted"] = tuple(_drift(one) for one in values["drifted"])
    values["notes"] = tuple(values["notes"])
    return DriftReport(**values)


def _drift(content: Mapping[str, Any]) -> Drift:
    values: dict[str, Any] = dict(content)
    values["type"] = DriftType(values["type"])
    values["severity"] = Severity(values["severity"])
    values["diff"] = tuple(FieldDelta(**delta) for delta in values["diff"])
    values["gained"] = tuple(values["gained"])
    values["lost"] = tuple(values["lost"])
    values["who"] = None if values["who"] is None else Who(**values["who"])
    return Drift(**values)
