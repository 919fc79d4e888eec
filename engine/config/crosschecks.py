"""What is wrong, or looks wrong, between the resources of a stack. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...resources.address import Address
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.diagnostics import Diagnostic, Severity, did_you_mean
from ...resources.kind import Resource, Slot
from ...resources.policy import size
from ...resources.role import Role
from .build import Draft
from .values import is_list, is_map

MAX_ATTACHED = 10
MAX_INLINE = 10_240
MAX_TAGS = 50
OWN_TAGS = 3
_REFUSED = re.compile(r"[^\t\n\r -~¡-ÿ]")


@dataclass(frozen=True, slots=True)
class Finished:
    """A resource with its attributes, and the draft that knows its places."""

    draft: Draft
    resource: Resource
    attributes: Attrs

    @property
    def address(self) -> Address:
        """The resource's address."""
        return self.draft.declaration.address

    def finding(
        self,
        path: tuple[str | int, ...],
        finding: Diagnostic,
    ) -> Diagnostic:
        """A finding placed in this resource's block."""
        source = self.draft.declaration.origin.source(path, key=not path)
        return finding.at(source).on(self.address)


def cross_check(finished: Mapping[Address, Finished]) -> Iterator[Diagnostic]:
    """All findings between resources; those of severity warning stop nobody."""
    yield from _same_names(finished.values())
    yield from _too_much(finished)
    for one in finished.values():
        yield from _ignored_attributes(one)
        yield from _too_many_tags(one)
        yield from _odd_description(one)
        yield from _untrusted(one, finished)


def unused(drafts: Iterable[Draft]) -> Iterator[Diagnostic]:
    """A warning for each block of a kind without an object of its own that nothing needs."""
    needed: set[Address] = set()
    idle: dict[Address, Draft] = {}
    for draft in drafts:
        needed |= {address.base for address in draft.needs}
        if draft.resource is not None and not draft.resource.live:
            idle.setdefault(draft.declaration.address.base, draft)
    for base, draft in idle.items():
        if base not in needed:
            yield Diagnostic(
                "unused",
                f"{base} is not used",
                hint="remove it, or name it under a role's trust:",
                source=draft.declaration.origin.source(key=True),
                address=str(base),
                severity=Severity.WARNING,
            )


def _same_names(finished: Iterable[Finished]) -> Iterator[Diagnostic]:
    taken: dict[str, Finished] = {}
    for one in finished:
        for name in one.resource.identities(one.attributes):
            first = taken.setdefault(name, one)
            if first is not one:
                place = first.draft.declaration.origin.source(key=True)
                yield one.finding(
                    (),
                    Diagnostic(
                        "same-name",
                        f"{one.address} and {first.address} are the same in AWS: {name}",
                        f"{first.address} is at {place}.",
                        "give one of them another name, or remove it",
                    ),
                )
                break


def _too_much(finished: Mapping[Address, Finished]) -> Iterator[Diagnostic]:
    attached: dict[str, dict[str, Finished]] = {}
    inline: dict[str, dict[str, Finished]] = {}
    slots = {Slot.ATTACHED: attached, Slot.INLINE: inline}
    for one in finished.values():
        for claim in one.resource.claims(one.attributes):
            if claim.slot in slots:
                slots[claim.slot].setdefault(claim.holder, {})[claim.value] = one
    for role, policies in attached.items():
        if len(policies) > MAX_ATTACHED:
            yield _over(
                policies,
                f'the role "{role}" has {len(policies)} managed policies',
                f"AWS attaches at most {MAX_ATTACHED} to a role",
                "put the statements of several policies into one",
            )
    for role, policies in inline.items():
        total = sum(size(one.attributes["document"]) for one in policies.values())
        if total > MAX_INLINE:
            yield _over(
                policies,
                f'the inline policies of the role "{role}" have {total:,} characters',
                f"AWS allows {MAX_INLINE:,} for all of a role, whitespace not counted",
                "make managed policies of some of them: remove inline: true",
            )


def _over(policies: Mapping[str, Finished], summary: str, why: str, hint: str) -> Diagnostic:
    last = list(policies.values())[-1]
    names = ", ".join(str(one.address) for one in policies.values())
    return last.finding((), Diagnostic("over-limit", summary, f"{why}; there are {names}.", hint))


def _too_many_tags(one: Finished) -> Iterator[Diagnostic]:
    """The stack's tags, the resource's own and ours count together."""
    tags = one.attributes.get("tags", {})
    others = len(tags) - 1  # the stack's name is among them
    if others > MAX_TAGS - OWN_TAGS:
        yield one.finding(
            ("tags",),
            Diagnostic(
                "bad-tag",
                f"{one.address} has {others} tags, those of the stack among them",
                f"AWS allows {MAX_TAGS} on an object and rolewright needs {OWN_TAGS}.",
            ),
        )


def _ignored_attributes(one: Finished) -> Iterator[Diagnostic]:
    for index, name in enumerate(one.resource.lifecycle.ignore_changes):
        path = ("lifecycle", "ignore_changes", index)
        if name in one.resource.shape.replace:
            summary = f"{one.address} is told by its {name}, which can't be left alone"
            hint = "remove it; to keep an object under an old name, set that name"
            yield one.finding(path, Diagnostic("bad-ignore", summary, hint=hint))
        elif name.partition(".")[0] not in one.attributes:
            known = [key for key in one.attributes if not key.startswith("foreign_")]
            hint = did_you_mean(name, known) or f"it has {', '.join(known)}"
            summary = f'{one.address} has no attribute "{name}"'
            yield one.finding(path, Diagnostic("unknown-attribute", summary, hint=hint))


def _odd_description(one: Finished) -> Iterator[Diagnostic]:
    """Warn of characters that AWS refuses in a role's description.

    No error: a local AWS takes them, and a role with them may have been imported from there.
    Source: IAM API reference, `CreateRole`.
    """
    if one.address.kind != Role.kind:
        return
    odd = "".join(dict.fromkeys(_REFUSED.findall(one.attributes["description"])))
    if odd:
        yield one.finding(
            ("description",),
            Diagnostic(
                "odd-description",
                f"AWS refuses {odd!r} in the description of a role",
                "It takes the characters of Latin-1 only.",
                "write it with plain quotes and letters",
                severity=Severity.WARNING,
            ),
        )


def _untrusted(one: Finished, finished: Mapping[Address, Finished]) -> Iterator[Diagnostic]:
    """Warn of a binding to a role that the binding's service can't assume."""
    if not isinstance(one.resource, ServiceBinding):
        return
    for path, address in one.resource.references():
        role = finished.get(address)
        if role is None or _trusts(role.attributes.get("trust_policy"), one.resource.principal):
            continue
        yield one.finding(
            path,
            Diagnostic(
                "untrusted-service",
                f"{address} does not trust {one.resource.principal}",
                "The service could not assume the role.",
                f"add {one.resource.principal} to the services of the role's trust policy",
                severity=Severity.WARNING,
            ),
        )


def _trusts(document: object, principal: str) -> bool:
    """Whether a trust policy names a service, or may let it in by a way not looked into here."""
    statements: Any = document.get("Statement") if is_map(document) else None
    for statement in statements if is_list(statements) else [statements]:
        named: Any = statement.get("Principal") if is_map(statement) else "*"
        if not is_map(named):
            return True
        services: Any = named.get("Service", [])
        # In China a service's name may end in .amazonaws.com.cn.
        for service in services if is_list(services) else [services]:
            if str(service).removesuffix(".cn") == principal:
                return True
    return False
