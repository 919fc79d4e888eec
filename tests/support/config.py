"""Stack files written, loaded and resolved; and what is said of bad ones, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

from rolewright.engine.config.declarations import Declarations, Desired
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from rolewright.resources.diagnostics import Diagnostic, Problem
from rolewright.resources.ports import Identity

IDENTITY = Identity("123456789012", "aws", "eu-west-1")


class StackFolder:
    """A folder with stack files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str, name: str = "stack.yaml") -> Path:
        """Write a file of the folder, without the indentation that the text has in a test."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def load(
        self,
        text: str | None = None,
        name: str = "stack.yaml",
        *,
        environ: Mapping[str, str] | None = None,
        files: Sequence[str] = (),
        variables: Sequence[str] = (),
    ) -> Declarations:
        """The declarations of one file, or of the folder."""
        path = self.path if text is None else self.write(text, name)
        return load(
            path,
            environ=environ or {},
            variable_files=[self.path / file for file in files],
            variables=variables,
        )

    def resolve(
        self,
        text: str | None = None,
        name: str = "stack.yaml",
        *,
        identity: Identity = IDENTITY,
        environ: Mapping[str, str] | None = None,
        files: Sequence[str] = (),
        variables: Sequence[str] = (),
    ) -> Desired:
        """What one file, or the folder, asks for."""
        declarations = self.load(text, name, environ=environ, files=files, variables=variables)
        return resolve(declarations, identity)

    def faults(
        self,
        text: str | None = None,
        name: str = "stack.yaml",
        *,
        environ: Mapping[str, str] | None = None,
        files: Sequence[str] = (),
        variables: Sequence[str] = (),
    ) -> str:
        """All that is wrong, as text; empty when nothing is."""
        try:
            self.resolve(text, name, environ=environ, files=files, variables=variables)
        except Problem as problem:
            return self.say(problem.diagnostics)
        return ""

    def say(self, findings: Sequence[Diagnostic]) -> str:
        """Findings as text: where, what, and indented why and what to do."""
        lines: list[str] = []
        for finding in findings:
            where = "" if finding.source is None else f"{finding.source}: "
            lines.append(f"{where}{finding.summary}")
            lines += [f"  {more}" for more in (finding.detail, finding.hint) if more]
        return "\n".join(lines).replace(f"{self.path}/", "")
