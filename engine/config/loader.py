"""Loading: from the files of a stack to its declarations. Reads files, and asks AWS nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Any

from ...resources.diagnostics import Diagnostic, Problem, Severity
from ...resources.stack import Settings, Variable
from .collector import collector_paused
from .declarations import Declarations
from .expressions import Environment, interpolate
from .findings import tidy
from .instances import Instances
from .moves import Declared, read_imports, read_moves, read_removed
from .notify_urls import check_urls
from .origin import Located, Path
from .resolve import find_faults, placeholder_identity
from .source import Sources, add_texts, read_sources
from .validation import fit
from .variables import Inputs, read_variables

PYTHON = ".py"
NOTIFY = "notify"


def load(
    path: File,
    *,
    environ: Mapping[str, str],
    variable_files: Sequence[File] = (),
    variables: Sequence[str] = (),
    texts: Mapping[str, str] | None = None,
) -> Declarations:
    """Read a stack file, a folder of them, or a stack in Python.

    `variables` are texts such as `name=value`; `texts` are YAML files that are to come beside the
    stack's, by name.

    Raises:
        Problem: with all that is wrong, in the order in which it stands in the files.
    """
    inputs = Inputs(environ, variable_files, variables)
    if path.suffix == PYTHON:
        from .python_stack import read_python

        sources, faults = read_python(path), list[Diagnostic]()
        add_texts(sources, texts or {}, faults)
        declarations = declare(sources, path.parent, inputs, faults)
    else:
        with collector_paused():
            sources, faults = read_sources(path, texts)
            folder = path if path.is_dir() else path.parent
            declarations = declare(sources, folder, inputs, faults)
    if faults:
        # The rest of the file is looked at too, so that one run reports everything.
        identity = placeholder_identity(declarations.settings, environ)
        raise Problem(*tidy([*faults, *find_faults(declarations, identity)]))
    return declarations


def declare(
    sources: Sources, folder: File, inputs: Inputs, faults: list[Diagnostic]
) -> Declarations:
    """The declarations in what was read; what is wrong goes to `faults`."""
    declared, values = read_variables(sources.named.get("variables", {}), inputs, faults)
    settings = _settings(sources, declared, values, faults)
    about_urls = list(check_urls(settings, sources))
    faults += (one for one in about_urls if one.severity is Severity.ERROR)
    instances = Instances(folder, values, faults)
    instances.add(sources)
    addresses = Declared(instances.blocks, (item.address for item in instances.items))
    moved, warnings = read_moves(sources.listed.get("moved", ()), addresses, faults)
    entries = [_filled(entry, values, faults) for entry in sources.listed.get("import", ())]
    imports = read_imports(entries, addresses, faults)
    removed = read_removed(sources.listed.get("removed", ()), addresses, moved, faults)
    return Declarations(
        settings=settings,
        items=tuple(instances.items),
        blocks=instances.blocks,
        broken=frozenset(instances.broken),
        variables=values,
        tags=sources.named.get("tags", {}),
        expectations=tuple(sources.listed.get("expectations", ())),
        moved=moved,
        removed=removed,
        imports=imports,
        warnings=(*warnings, *(one for one in about_urls if one.severity is Severity.WARNING)),
    )


def _filled(entry: Located, values: Mapping[str, Any], faults: list[Diagnostic]) -> Located:
    """An entry with its expressions of variables replaced by what they stand for."""

    def report(path: Path, finding: Diagnostic | None) -> None:
        if finding is not None:
            faults.append(finding.at(entry.source(path)))

    return replace(entry, value=interpolate(entry.value, Environment(values), report))


def _settings(
    sources: Sources,
    declared: Mapping[str, Variable],
    values: Mapping[str, Any],
    faults: list[Diagnostic],
) -> Settings:
    silent: list[Path] = []

    def report(path: Path, finding: Diagnostic | None) -> None:
        silent.append(path)
        if finding is not None:
            faults.append(finding.at(sources.source(path)))

    content: dict[str, Any] = {}
    for name, entry in sources.single.items():
        environment = Environment(values, keeps_env=name == NOTIFY)
        content[name] = interpolate(entry.value, environment, report, (name,))
    settings = fit(Settings, content)
    if isinstance(settings, list):
        known = (misfit for misfit in settings if misfit.path not in silent)
        faults += (
            misfit.finding.at(sources.source(misfit.path, key=misfit.key)) for misfit in known
        )
        return Settings(stack="unknown")
    faults += _check_accounts(settings, sources)
    return settings.model_copy(update={"variables": declared})


def _check_accounts(settings: Settings, sources: Sources) -> Iterable[Diagnostic]:
    for index, account in enumerate(settings.allowed_accounts):
        if not (len(account) == 12 and account.isdecimal()):
            yield Diagnostic(
                "bad-account",
                f'"{account}" is not an account id',
                hint="write its twelve digits in quotes",
                source=sources.source(("allowed_accounts", index)),
            )
