"""The installed command, run as a person runs it: a process of its own on the local AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.sandbox import Sandbox
from support.moto_server import aws, connect_aws, sandbox

__all__ = ["aws", "connect_aws", "sandbox"]
COMMAND = Path(sys.executable).with_name("rolewright")
EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Shell:
    """A folder in which commands are run against the local AWS."""

    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def run(
        self, *words: str, answer: str = "", sandboxed: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `rolewright WORDS`; `answer` is its standard input, which is no terminal."""
        options = ["--sandbox", "--endpoint-url", self.url] if sandboxed else []
        return subprocess.run(
            [COMMAND, *words, *options],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        """Run a command that ends with `code`, and return its one JSON document."""
        done = self.run(*words, "--format", "json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def write(self, text: str, name: str = "rolewright.yaml") -> None:
        (self.folder / name).write_text(text)

    def example(self, name: str) -> None:
        """Copy an example here."""
        shutil.copytree(EXAMPLES / name, self.folder, dirs_exist_ok=True)

    @property
    def state_file(self) -> Path:
        return self.folder / ".rolewright" / "state.json"


@pytest.fixture
def shell(tmp_path: Path, sandbox: Sandbox) -> Shell:
    """An empty folder and a clean account."""
    return Shell(tmp_path, sandbox.url)
