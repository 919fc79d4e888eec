"""Resolving: from declarations to what is asked for in one account. Pure.

Every fault of the whole stack is reported at once, and none that only follows from another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.diagnostics import Diagnostic, Problem, Severity
from ...resources.kind import Scope
from ...resources.naming import check_tags
from ...resources.ports import Identity
from ...resources.stack import Expectation, Settings
from .build import Draft, Surroundings
from .collector import collector_paused
from .crosschecks import Finished, cross_check, unused
from .cycles import in_order
from .declarations import Declarations, Desired
from .directory import Directory, Exports
from .expressions import Environment, ExpressionError, interpolate
from .findings import tidy
from .origin import Located, Origin, Path, overlap
from .validation import fit
from .values import as_text, describe, is_map

NO_ACCOUNT = "000000000000"
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def placeholder_identity(settings: Settings, environ: Mapping[str, str]) -> Identity:
    """Who we would be to AWS, as far as that can be told without asking."""
    accounts = settings.allowed_accounts
    region = (
        settings.region
        or environ.get("AWS_REGION")
        or environ.get("AWS_DEFAULT_REGION")
        or "us-east-1"
    )
    partition = next(
        (name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws"
    )
    return Identity(accounts[0] if len(accounts) == 1 else NO_ACCOUNT, partition, region)


def resolve(declarations: Declarations, identity: Identity) -> Desired:
    """What the declarations ask for in the account of `identity`.

    Raises:
        Problem: with all that is wrong, in the order in which it stands in the files.
    """
    desired, faults = _run(declarations, identity)
    faults = faults or _unresolved(declarations, desired)
    if faults:
        raise Problem(*tidy(faults))
    return desired


def find_faults(declarations: Declarations, identity: Identity) -> list[Diagnostic]:
    """What is wrong with declarations besides that for which some are known to be broken."""
    return _run(declarations, identity)[1]


def _run(declarations: Declarations, identity: Identity) -> tuple[Desired, list[Diagnostic]]:
    resolver = _Resolver(declarations, identity)
    with collector_paused():
        return resolver.run(), resolver.faults


def _unresolved(declarations: Declarations, desired: Desired) -> list[Diagnostic]:
    """What was left out without a word: nothing, unless by a mistake of ours."""
    return [
        Diagnostic(
            "unresolved",
            f"{item.address} could not be resolved",
            hint="this is a fault of rolewright: please report it",
            source=item.origin.source(key=True),
            address=str(item.address),
        )
        for item in declarations.items
        if item.address not in desired.resources
    ]


class _Resolver:
    def __init__(self, declarations: Declarations, identity: Identity) -> None:
        self.faults: list[Diagnostic] = []
        self._declarations = declarations
        self._identity = identity
        directory = Directory(declarations)
        exports = Exports(directory, declarations.variables, identity)
        self._around = Surroundings(
            directory, exports, declarations.variables, identity, self.faults
        )

    def run(self) -> Desired:
        declarations = self._declarations
        tags = self._tags()
        drafts = self._drafts()
        order, cycles = in_order({address: draft.needs for address, draft in drafts.items()})
        self.faults += (_cycle(cycle, drafts) for cycle in cycles)
        finished = self._finish(order, drafts, tags)
        asked = self._expectations()
        self.faults += self._check_imports(finished)
        expectations = tuple(expectation for expectation, _ in asked)
        found = [*declarations.warnings, *cross_check(finished), *unused(drafts.values())]
        self.faults += (one for one in found if one.severity is Severity.ERROR)
        settings = declarations.settings.model_copy(
            update={"tags": tags, "expectations": expectations}
        )
        return Desired(
            settings=settings,
            resources={address: one.resource for address, one in finished.items()},
            attributes={address: one.attributes for address, one in finished.items()},
            dependencies={address: frozenset(drafts[address].needs) for address in finished},
            sources={
                address: one.draft.declaration.origin.source(key=True)
                for address, one in finished.items()
            },
            expectations=expectations,
            moved=declarations.moved,
            removed=declarations.removed,
            warnings=tuple(tidy(one for one in found if one.severity is Severity.WARNING)),
            origins={address: one.draft.declaration.origin for address, one in finished.items()},
            expectation_origins=tuple(origin for _, origin in asked),
            imports=frozenset(declarations.imports) & finished.keys(),
        )

    def _check_imports(self, finished: Mapping[Address, Finished]) -> Iterator[Diagnostic]:
        """What is imported must be what is declared: one of them names the wrong thing else."""
        for address, entry in self._declarations.imports.items():
            one = finished.get(address)
            if one is None:
                if self._declarations.blocks.get(address) is not None:
                    hint = f'name one of its instances, such as {address}["KEY"]'
                    summary = f"{address} is several resources"
                    yield Diagnostic("bad-import", summary, hint=hint, source=entry.source(("to",)))
                continue
            kind, attributes = type(one.resource), one.attributes
            if str(entry.value["id"]) not in kind.import_ids(attributes, self._identity):
                yield Diagnostic(
                    "bad-import",
                    f"{address} is declared as {kind.id(attributes)}, and imported as "
                    f"{entry.value['id']}",
                    hint=f"write id: {kind.id(attributes)}, or declare {address} as what the id names",
                    source=entry.source(("id",)),
                    address=str(address),
                )

    def _environment(self) -> Environment:
        around = self._around
        return Environment(around.variables, None, self._identity, around.exports.get)

    def _drafts(self) -> dict[Address, Draft]:
        drafts = {
            declaration.address: Draft(declaration, self._around)
            for declaration in self._declarations.items
        }
        for draft in drafts.values():
            draft.build()
        return drafts

    def _finish(
        self, order: list[Address], drafts: Mapping[Address, Draft], tags: Mapping[str, str]
    ) -> dict[Address, Finished]:
        """The attributes of all resources that are sound, as are those that they need."""
        resources = {
            address: draft.resource
            for address, draft in drafts.items()
            if draft.resource is not None
        }
        scope = Scope(self._declarations.settings.stack, self._identity, tags, resources)
        attributes: dict[Address, Attrs] = {}
        for address in order:
            draft = drafts[address]
            if draft.sound and all(needed in attributes for needed in draft.needs):
                attributes[address] = scope.attributes(address)
        # In the order of the file, whatever the order of the needs.
        return {
            address: Finished(draft, resources[address], attributes[address])
            for address, draft in drafts.items()
            if address in attributes
        }

    def _tags(self) -> dict[str, str]:
        tags: dict[str, str] = {}
        for name, entry in self._declarations.tags.items():
            value, _ = self._interpolated(entry)
            text = as_text(value) if isinstance(entry.value, str) else value
            if isinstance(text, str):
                tags[name] = text
                continue
            summary = f'the tag "{name}" takes text, not {describe(value)}'
            hint = "" if as_text(value) is None else f'put it in quotes: "{as_text(value)}"'
            finding = Diagnostic("wrong-type", summary, hint=hint, source=entry.source())
            self.faults.append(finding)
        for finding in check_tags(tags):
            place = next(iter(self._declarations.tags.values()))
            self.faults.append(finding.at(place.source(key=True)))
        return tags

    def _expectations(self) -> list[tuple[Expectation, Origin]]:
        found: list[tuple[Expectation, Origin]] = []
        for entry in self._declarations.expectations:
            if not is_map(entry.value):
                summary = f"an expectation is a map, not {describe(entry.value)}"
                self.faults.append(Diagnostic("wrong-type", summary, source=entry.source()))
                continue
            value, wrong = self._interpolated(entry)
            expectation = fit(Expectation, value)
            if isinstance(expectation, list):
                self.faults += (
                    misfit.located(entry)
                    for misfit in expectation
                    if misfit.is_missing or not any(overlap(misfit.path, one) for one in wrong)
                )
                continue
            self.faults += self._check_expectation(expectation, entry)
            found.append((expectation, entry.origin))
        return found

    def _check_expectation(self, expectation: Expectation, entry: Located) -> Iterator[Diagnostic]:
        if not (expectation.assumed_by or expectation.can or expectation.cannot):
            hint = "add assumed_by, can or cannot"
            summary = "an expectation that expects nothing"
            yield Diagnostic("empty-expectation", summary, hint=hint, source=entry.source())
        twice = [
            key for key, many in Counter(map(str.lower, expectation.context)).items() if many > 1
        ]
        for key in twice:
            summary = f"the context key {key} is given twice: upper and lower case are the same"
            yield Diagnostic("two-values", summary, source=entry.source(("context",)))
        try:
            self._around.directory.find(Address.parse(f"role.{expectation.role}"))
        except ExpressionError as error:
            if error.finding is not None:
                yield error.finding.at(entry.source(("role",)))
        except ValueError:
            summary = f'"{expectation.role}" can\'t be the name of a role'
            yield Diagnostic("bad-reference", summary, source=entry.source(("role",)))

    def _interpolated(self, entry: Located) -> tuple[Any, list[Path]]:
        """The value with its expressions replaced, and the paths at which that failed."""
        wrong: list[Path] = []

        def report(path: Path, finding: Diagnostic | None) -> None:
            wrong.append(path)
            if finding is not None:
                self.faults.append(finding.at(entry.source(path)))

        return interpolate(entry.value, self._environment(), report), wrong


def _cycle(cycle: list[Address], drafts: Mapping[Address, Draft]) -> Diagnostic:
    closed = [*cycle, cycle[0]]
    places: list[str] = []
    for one, needed in pairwise(closed):
        origin, path = drafts[one].place_of_need(needed)
        places.append(f"{one} names {needed} at {origin.source(path)}")
    origin, path = drafts[cycle[0]].place_of_need(closed[1])
    return Diagnostic(
        "cycle",
        f"{' -> '.join(map(str, closed))} is a cycle",
        f"{'; '.join(places)}.",
        "remove one of these references",
        origin.source(path),
        str(cycle[0]),
    )
