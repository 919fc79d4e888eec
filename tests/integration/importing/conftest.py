"""A folder in which `import`, `plan` and `apply` are run against the local AWS, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.cli.apply import apply
from rolewright.engine.cli.destroy import destroy
from rolewright.engine.cli.import_ import import_
from rolewright.engine.cli.options import Common, Format
from rolewright.engine.cli.plan import plan
from rolewright.engine.sandbox import Sandbox
from rolewright.resources.policy import canonical_document
from rolewright.state.document import State
from rolewright.state.store import LocalStore


@dataclass
class Desk:
    """The commands as functions; each returns its JSON document, and checks the exit code."""

    folder: Path
    options: Common
    capsys: pytest.CaptureFixture[str]

    def _run(self, command: Callable[..., int], *words: Any, code: int = 0, **named: Any) -> Any:
        self.capsys.readouterr()
        assert command(self.options, *words, **named) == code
        return json.loads(self.capsys.readouterr().out)

    def import_(self, *words: str, **named: Any) -> Any:
        return self._run(import_, *words, **named)

    def import_all(self, **named: Any) -> Any:
        return self._run(import_, all_=True, **named)

    def plan(self, code: int = 0) -> Any:
        return self._run(plan, code=code, detailed_exitcode=True)

    def apply(self) -> Any:
        return self._run(apply, yes=True)

    def destroy(self) -> Any:
        return self._run(destroy, yes=True)

    def write(self, text: str, name: str = "rolewright.yaml") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    @property
    def state_file(self) -> Path:
        return self.folder / ".rolewright" / "state.json"

    def state(self) -> State:
        state = LocalStore(self.state_file).load()
        assert state is not None
        return state


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox, aws: Aws, capsys: pytest.CaptureFixture[str]) -> Desk:
    """An empty folder as the stack, and a clean account."""
    options = Common(
        config=tmp_path,
        sandbox=True,
        endpoint_url=sandbox.url,
        region="us-east-1",
        format=Format.JSON,
    )
    return Desk(tmp_path, options, capsys)


def meaning_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """An account without what says who made it, and without versions that are not in force."""
    for policy in snapshot["policies"].values():
        version = policy["PolicyVersionList"][policy.pop("DefaultVersionId")]
        policy["PolicyVersionList"] = canonical_document(version["Document"])
    for role in snapshot["roles"].values():
        trust = canonical_document(role["AssumeRolePolicyDocument"])
        role["AssumeRolePolicyDocument"] = None if "deleted" in role["RoleName"] else trust
        role["RolePolicyList"] = {
            name: canonical_document(document) for name, document in role["RolePolicyList"].items()
        }
    owned = (*snapshot["policies"].values(), *snapshot["roles"].values())
    for one in (*owned, *snapshot["instance_profiles"].values()):
        one["Tags"] = {
            key: value for key, value in one["Tags"].items() if not key.startswith("rolewright:")
        }
    return snapshot
