"""Terraform as a peer, where it is on the machine with the AWS provider: on the local AWS, without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.trials import THOROUGH

PROVIDERS = os.environ.get("TERRAFORM_PROVIDERS", "")
"""A folder with Terraform's providers, as `terraform providers mirror` makes one."""

needs_terraform = pytest.mark.skipif(
    not THOROUGH or not PROVIDERS or shutil.which("terraform") is None,
    reason="takes FAULTS=all, Terraform, and its providers in the folder TERRAFORM_PROVIDERS",
)


@dataclass(frozen=True, slots=True)
class Terraform:
    """A folder with a configuration, in which `terraform` is run. Its settings lie in the file `rc`."""

    folder: Path
    rc: Path

    @classmethod
    def at(cls, folder: Path, url: str, services: tuple[str, ...]) -> Terraform:
        """Point a configuration's provider at the local AWS, for the services that it uses."""
        endpoints = "".join(f'    {service} = "{url}"\n' for service in services)
        (folder / "override.tf").write_text(
            'provider "aws" {\n  region = "us-east-1"\n  access_key = "test"\n  secret_key = "test"\n'
            f"  endpoints {{\n{endpoints}  }}\n}}\n",
            encoding="utf-8",
        )
        rc = folder.parent / f"{folder.name}.rc"
        rc.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PROVIDERS}"\n  }}\n}}\n',
            encoding="utf-8",
        )
        terraform = cls(folder, rc)
        terraform("init")
        return terraform

    def __call__(self, command: str, *words: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            ["terraform", command, *words],
            cwd=self.folder,
            env={**os.environ, "TF_CLI_CONFIG_FILE": str(self.rc), "TF_CLI_ARGS": "-no-color"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def planned(self) -> list[dict[str, Any]]:
        """The changes of resources that a plan has, no-ops among them."""
        self("plan", "-out=plan")
        return json.loads(self("show", "-json", "plan"))["resource_changes"]
