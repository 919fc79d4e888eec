"""Where in the stack file a policy statement stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.diagnostics import Source
from ...resources.kind import Resource
from ...resources.permission_policy import PermissionPolicy
from ...resources.policy import Statement, parse
from ...resources.policy.shape import statements
from ...resources.role import Role
from ...resources.trust_policy import Trust, TrustPolicy
from ..config.declarations import Desired
from ..config.origin import Origin, Path


@dataclass(frozen=True, slots=True)
class _Written:
    """A document of the stack file: its origin, and the way to each of its statements.

    With `whole` it is AWS's: all that there is of it in the file is its name.
    """

    origin: Origin
    statements: tuple[tuple[Path, Statement], ...] = ()
    whole: Path | None = None

    def source(self, statement: Statement) -> Source | None:
        if self.whole is not None:
            return self.origin.source(self.whole)
        for path, written in self.statements:
            if replace(written, sid=None) == replace(statement, sid=None):
                return self.origin.source(path)
        return None


class Places:
    """Finds statements in a stack file by what they say.

    A live policy may differ from the file: a statement that isn't in the file has no place.
    """

    def __init__(self, desired: Desired | None = None) -> None:
        self._written: dict[str, _Written] = {}
        if desired is None:
            return
        for address, resource in desired.resources.items():
            written = _written(address, resource, desired)
            if written is not None:
                self._written[str(address)] = written

    def find(self, policy: str, statement: Statement) -> Source | None:
        """The place of a statement of a policy, which is named by its address.

        The trust policy of a role goes by the role's address.
        """
        written = self._written.get(policy)
        return None if written is None else written.source(statement)


def _written(address: Address, resource: Resource, desired: Desired) -> _Written | None:
    attrs, origin = desired.attributes[address], desired.origins[address]
    match resource:
        case PermissionPolicy(managed_policy=str()):
            return _Written(origin, whole=("managed_policy",))
        case PermissionPolicy(statements=()):
            return _Written(origin, _in_document(attrs["document"], ("document",)))
        case PermissionPolicy():
            return _Written(origin, _in_list(attrs["document"], ("statements",)))
        case Role(trust=Trust() as trust):
            return _trust(trust, attrs, origin, ("trust",))
        case Role(trust=str(name)):
            named = Address.parse(f"{TrustPolicy.kind}.{name}")
            policy = desired.resources[named]
            if isinstance(policy, Trust):
                return _trust(policy, attrs, desired.origins[named], ())
        case _:
            pass
    return None


def _trust(trust: Trust, attrs: Attrs, origin: Origin, path: Path) -> _Written:
    if trust.document is None:
        made = parse(attrs["trust_policy"]).statements
        return _Written(origin, tuple((path, statement) for statement in made))
    return _Written(origin, _in_document(attrs["trust_policy"], (*path, "document")))


def _in_document(document: Attrs, path: Path) -> tuple[tuple[Path, Statement], ...]:
    found = zip(statements(dict(document)), parse(document).statements, strict=True)
    return tuple(((*path, *where), statement) for (where, _), statement in found)


def _in_list(document: Mapping[str, object], path: Path) -> tuple[tuple[Path, Statement], ...]:
    return tuple(
        ((*path, index), statement) for index, statement in enumerate(parse(document).statements)
    )
