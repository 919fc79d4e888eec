"""Terraform state files, read: the resource instances of one, whatever wrote it.

Reads state files of version 4 (Terraform since 0.12, OpenTofu) and what `terraform show -json`
prints of a state. Of anything else it says what it is, and how to come to a state that can be read.
No message quotes a file's content: states hold passwords.

Sources: Terraform's documentation, "State" and "JSON Output Format"; OpenTofu's "State and Plan
Encryption", "Workspaces".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ...resources.diagnostics import Problem, Source
from ..exporting.hcl import quoted
from .foreign_json import Json, inner, text

VERSION = 4
STATE = "terraform.tfstate"
_PULL = "run `terraform state pull > pulled.tfstate` in that folder, and name pulled.tfstate"


@dataclass(frozen=True, slots=True)
class TerraformObject:
    """A resource instance of a Terraform state.

    `module` is empty for the root module, else such as `module.app["eu"]`; `key` is the index of
    `count` or `for_each`; `provider` the provider's address, with its alias where the file tells.
    """

    module: str
    type: str
    name: str
    key: str | int | None
    provider: str
    values: Json
    deposed: bool = False

    @property
    def block(self) -> str:
        """The address of the resource block that made it, with the keys of modules."""
        return ".".join(part for part in (self.module, self.type, self.name) if part)

    @property
    def address(self) -> str:
        """The address in Terraform: `module.app["eu"].aws_iam_role.web["a"]`."""
        return self.block if self.key is None else f"{self.block}[{_index(self.key)}]"


def _index(key: str | int) -> str:
    return quoted(key) if isinstance(key, str) else str(key)


def read_terraform(path: Path, workspace: str = "") -> tuple[TerraformObject, ...]:
    """The managed resource instances of a state, sorted by address; data sources are left out.

    `path` is a state file, the output of `terraform show -json`, or a folder in which Terraform is
    run: then that of `workspace`, or else of the workspace which is selected there.

    Raises:
        Problem: there is no state that can be read: what there is instead, and what to do.
    """
    file = _state_in(path, workspace) if path.is_dir() else path
    document = _parsed(file)
    objects = _shown(document, file) if "format_version" in document else _stored(document, file)
    return tuple(sorted(objects, key=lambda one: (one.address, one.deposed)))


def _state_in(folder: Path, workspace: str) -> Path:
    pointer = folder / ".terraform" / STATE
    type_, path, workspace_dir = _backend(pointer)
    if type_ != "local":
        raise _kept_elsewhere(folder)
    workspaces_in = folder / workspace_dir
    chosen = workspace or _selected(folder)
    if chosen not in ("", "default"):
        file = workspaces_in / chosen / STATE
        if file.is_file():
            return file
        raise _problem(
            "terraform-workspaces",
            folder,
            f'the workspace "{chosen}" is selected here, and has no state in {workspaces_in}',
            hint="`terraform workspace select` another one, or name a state file",
        )
    file = folder / path
    if file.is_file():
        return file
    if pointer.is_file():
        raise _kept_elsewhere(folder)
    workspaces = sorted(one.parent.name for one in workspaces_in.glob(f"*/{STATE}"))
    if workspaces:
        raise _problem(
            "terraform-workspaces",
            folder,
            f"this folder has a state for each of its workspaces: {', '.join(workspaces)}",
            hint=f"name one of them: {workspaces_in / workspaces[0] / STATE}",
        )
    raise _problem(
        "terraform-no-state",
        folder,
        f"there is no {STATE} in this folder",
        hint="name a state file; for a remote one: " + _PULL,
    )


def _backend(pointer: Path) -> tuple[str, str, str]:
    """Where `terraform init` says that the state is kept: the backend's type, its file, its folder.

    The last two are for the local backend, which is the one where nothing is said.
    """
    try:
        document: object = json.loads(pointer.read_bytes())
    except (OSError, ValueError, RecursionError):
        document = None
    backend = inner(document, "backend")
    config = inner(backend, "config")
    return (
        text(backend, "type") or "local",
        text(config, "path") or STATE,
        text(config, "workspace_dir") or f"{STATE}.d",
    )


def _selected(folder: Path) -> str:
    """The workspace that is selected in a folder; empty where none ever was."""
    try:
        return (folder / ".terraform" / "environment").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _kept_elsewhere(folder: Path) -> Problem:
    return _problem(
        "terraform-remote-state", folder, "the state of this folder is kept elsewhere", hint=_PULL
    )


def _parsed(file: Path) -> Json:
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise _problem("terraform-no-state", file, "there is no such file") from error
    except OSError as error:
        summary = f"the file could not be read: {error.strerror or error}"
        raise _problem("terraform-unreadable", file, summary) from error
    if content.startswith(b"PK\x03\x04"):
        raise _problem(
            "terraform-plan",
            file,
            "this is a saved plan of Terraform, not a state",
            hint="name the state file, or the output of `terraform show -json` without a plan",
        )
    if not content.strip():
        raise _problem("terraform-truncated", file, "the file is empty", hint=_BACKUP)
    try:
        document: object = json.loads(content)
    except UnicodeDecodeError as error:
        raise _not_a_state(file, "it is not text in UTF-8") from error
    except RecursionError as error:
        raise _not_a_state(file, "it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise _not_json(file, content, error) from error
    except ValueError as error:
        raise _not_a_state(file, "it holds a number of thousands of digits") from error
    if not isinstance(document, dict):
        raise _not_a_state(file, "it holds no JSON object")
    return cast("Json", document)


_BACKUP = "take the backup beside it (terraform.tfstate.backup), or run `terraform state pull`"


def _not_json(file: Path, content: bytes, error: json.JSONDecodeError) -> Problem:
    if file.suffix in (".tf", ".tofu", ".hcl"):
        return _not_a_state(file, "it is configuration: what Terraform made of it is in the state")
    if content.lstrip().startswith(b"{"):
        return Problem.of(
            "terraform-truncated",
            f"the state is broken: {error.msg}",
            detail="It was probably cut off while it was written. Nothing was imported.",
            hint=_BACKUP,
            source=Source(str(file), error.lineno, error.colno, quoted=False),
        )
    return _not_a_state(file, "it is not JSON")


def _shown(document: Json, file: Path) -> Iterator[TerraformObject]:
    """The instances in what `terraform show -json` prints."""
    major = str(document["format_version"]).partition(".")[0]
    if {"planned_values", "resource_changes"} & document.keys():
        raise _problem(
            "terraform-plan",
            file,
            "this describes a plan, not a state",
            hint="run `terraform show -json > state.json` without a plan file",
        )
    if not major.isdigit() or int(major) > 1:
        raise _newer(file, f"format {document['format_version']} of `show -json`", "1")
    if "values" not in document:
        return
    modules = [(_object(_object(document["values"], file).get("root_module", {}), file), "")]
    while modules:
        module, address = modules.pop()
        for resource in _objects(module.get("resources", ()), file):
            if resource.get("mode") == "managed":
                yield TerraformObject(
                    module=address,
                    type=_text(resource, "type", file),
                    name=_text(resource, "name", file),
                    key=resource.get("index"),
                    provider=str(resource.get("provider_name", "")),
                    values=_object(resource.get("values") or {}, file),
                    deposed="deposed_key" in resource,
                )
        modules += [
            (child, _text(child, "address", file))
            for child in _objects(module.get("child_modules", ()), file)
        ]


def _stored(document: Json, file: Path) -> Iterator[TerraformObject]:
    """The instances in a state file."""
    _check_stored(document, file)
    for resource in _objects(document.get("resources", ()), file):
        if resource.get("mode") != "managed":
            continue
        for instance in _objects(resource.get("instances", ()), file):
            yield TerraformObject(
                module=str(resource.get("module", "")),
                type=_text(resource, "type", file),
                name=_text(resource, "name", file),
                key=instance.get("index_key"),
                provider=str(resource.get("provider", "")),
                values=_object(instance.get("attributes") or {}, file),
                deposed="deposed" in instance,
            )


def _check_stored(document: Json, file: Path) -> None:
    if "encrypted_data" in document:
        raise _problem(
            "terraform-encrypted",
            file,
            "the state is encrypted by OpenTofu",
            detail="Only OpenTofu, with the key that its configuration names, can read it.",
            hint="run `tofu show -json > state.json` in its folder, name state.json, and delete it "
            "afterwards",
        )
    if "backend" in document:
        raise _problem(
            "terraform-remote-state",
            file,
            "this file only says where the state is kept",
            hint=_PULL,
        )
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _not_a_state(file, "it has no version")
    if version > VERSION:
        raise _newer(file, f"version {version}", str(VERSION))
    if version < VERSION:
        raise _problem(
            "terraform-older",
            file,
            f"the state is of version {version}, from before Terraform 0.12",
            hint="`terraform apply` of a current Terraform writes it anew, as version 4",
        )
    if "resources" not in document:
        raise _not_a_state(file, "it has no resources, not even an empty list of them")


def _newer(file: Path, found: str, known: str) -> Problem:
    return _problem(
        "terraform-newer",
        file,
        f"the state is of {found}, and only {known} is understood",
        detail="A newer Terraform wrote it. Nothing was imported.",
        hint="use a newer rolewright, or import object by object: `rolewright import ADDRESS ID`",
    )


def _objects(value: object, file: Path) -> Sequence[Json]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _not_a_state(file, "a list is missing where a state has one")
    return [_object(one, file) for one in cast("Sequence[object]", value)]


def _object(value: object, file: Path) -> Json:
    if not isinstance(value, dict):
        raise _not_a_state(file, "an object is missing where a state has one")
    return cast("Json", value)


def _text(value: Json, key: str, file: Path) -> str:
    if not isinstance(found := value.get(key), str):
        raise _not_a_state(file, f"a resource has no {key}")
    return found


def _not_a_state(file: Path, why: str) -> Problem:
    return _problem(
        "terraform-not-a-state",
        file,
        f"this is no state of Terraform: {why}",
        hint=f"name a {STATE}, or what `terraform show -json` or `terraform state pull` prints",
    )


def _problem(code: str, path: Path, summary: str, *, detail: str = "", hint: str = "") -> Problem:
    return Problem.of(
        code, summary, detail=detail, hint=hint, source=Source(str(path), quoted=False)
    )
