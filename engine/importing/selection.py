"""Which roles of an account `import --all` takes, and which it leaves to others. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ...resources.diagnostics import did_you_mean
from ...resources.kind import owned_elsewhere
from ...resources.policy import PrincipalType, parse
from ...resources.policy.shape import Effect
from ...resources.ports import PolicyView, RoleView
from ...resources.role import kept_by_aws


@dataclass(frozen=True, slots=True)
class Filters:
    """What a role must be like. `names` and `excepted` are globs; each non-empty part must hold."""

    path_prefix: str = "/"
    names: Sequence[str] = ()
    excepted: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    services: Sequence[str] = ()

    def take(self, role: RoleView) -> bool:
        """Whether the role is asked for."""
        trusted = not self.services or not trusted_services(role).isdisjoint(self.services)
        return trusted and self._take(role.name, role.path, role.tags)

    def take_policy(self, policy: PolicyView) -> bool:
        """Whether a managed policy is asked for that none of the roles brings."""
        return not self.services and self._take(policy.name, policy.path, policy.tags)

    def _take(self, name: str, path: str, tags: Mapping[str, str] | None) -> bool:
        return (
            path.startswith(self.path_prefix)
            and (not self.names or _matches(name, self.names))
            and not _matches(name, self.excepted)
            and all((tags or {}).get(key) == value for key, value in self.tags.items())
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not imported, by its name in AWS or in another tool, and why in words."""

    id: str
    reason: str


def select(
    roles: Iterable[RoleView], filters: Filters, stack: str
) -> tuple[list[RoleView], list[Skipped]]:
    """The roles that are asked for and may be taken, and those that may not."""
    taken: list[RoleView] = []
    skipped: list[Skipped] = []
    for role in roles:
        if not filters.take(role):
            continue
        reason = not_ours(role, stack)
        if reason:
            skipped.append(Skipped(role.name, reason))
        else:
            taken.append(role)
    return taken, skipped


def unmatched(roles: Iterable[RoleView], filters: Filters) -> list[Skipped]:
    """The names that were asked for and that no role has, with the nearest one."""
    names = [role.name for role in roles]
    return [
        Skipped(f"--name {glob}", f"no role is named so. {_near(glob, names)}".rstrip(". "))
        for glob in filters.names
        if not any(_matches(name, [glob]) for name in names)
    ]


def _near(glob: str, names: Sequence[str]) -> str:
    return did_you_mean(re.sub(r"[*?\[\]!]", "", glob), names)


def not_ours(role: RoleView, stack: str) -> str:
    """Why a role can't be taken over by a stack; empty when it can."""
    return kept_by_aws(role.path) or owned_elsewhere(role.tags, stack)


def trusted_services(role: RoleView) -> frozenset[str]:
    """The service principals that may assume a role."""
    return frozenset(
        principal.name
        for statement in parse(role.trust_policy).statements
        if statement.effect is Effect.ALLOW
        for principal in statement.principal or ()
        if principal.type is PrincipalType.SERVICE
    )


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
