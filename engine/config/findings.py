"""Findings as a person wants them: in the order of the file, and each one once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...resources.address import Address
from ...resources.diagnostics import Diagnostic


def tidy(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort findings by place; what several instances of a block have in common is said once."""
    merged: dict[Diagnostic, Diagnostic] = {}
    for finding in findings:
        key = replace(finding, address=None)
        known = merged.setdefault(key, finding)
        if known.address and finding.address and known.address != finding.address:
            merged[key] = known.on(_block(known.address))
    return sorted(merged.values(), key=_place)


def _block(address: str) -> Address:
    return Address.parse(address).base


def _place(finding: Diagnostic) -> tuple[str, int, int, str]:
    source = finding.source
    if source is None:
        return "", 0, 0, finding.summary
    return source.file, source.line, source.column, finding.summary
