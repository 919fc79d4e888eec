"""What a stack file declares, before and after the account is known: types only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.diagnostics import Diagnostic, Source
from ...resources.kind import Resource
from ...resources.stack import Expectation, Settings
from .expressions import Each
from .origin import Located, Origin


@dataclass(frozen=True, slots=True)
class Declaration:
    """One resource as it is written, with the expressions in its texts."""

    address: Address
    fields: Mapping[str, Any]
    origin: Origin
    each: Each | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that a stack file says.

    `settings` lack the stack's tags and expectations, whose expressions may need the account.
    `blocks` are the declared names with the keys of their instances, None for a block without
    `for_each`; `broken` are those of them that are wrong as a whole. `imports` are the entries of
    `import` by the address that they lead to.
    """

    settings: Settings
    items: tuple[Declaration, ...]
    blocks: Mapping[Address, tuple[str, ...] | None]
    broken: frozenset[Address]
    variables: Mapping[str, Any]
    tags: Mapping[str, Located]
    expectations: tuple[Located, ...]
    moved: Mapping[Address, Address]
    removed: frozenset[Address]
    imports: Mapping[Address, Located] = field(default_factory=dict[Address, Located])
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Desired:
    """What a stack file asks for in one account, complete and checked.

    `attributes` are what each resource must look like; `dependencies` what each needs there first.
    `moved` leads from addresses of the state to those of the file, `removed` are to be forgotten.
    `origins` tell where each part of a resource is written, `expectation_origins` likewise of each
    of the `expectations`. `imports` are what exists in AWS and is taken over.
    """

    settings: Settings
    resources: Mapping[Address, Resource]
    attributes: Mapping[Address, Attrs]
    dependencies: Mapping[Address, frozenset[Address]]
    sources: Mapping[Address, Source]
    expectations: tuple[Expectation, ...]
    moved: Mapping[Address, Address]
    removed: frozenset[Address]
    warnings: tuple[Diagnostic, ...]
    origins: Mapping[Address, Origin] = field(default_factory=dict[Address, Origin])
    expectation_origins: tuple[Origin, ...] = ()
    imports: frozenset[Address] = frozenset()
