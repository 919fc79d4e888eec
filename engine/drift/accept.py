"""Accepting drift: the state takes what is there, and the stack file is told what goes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.diagnostics import Problem
from ...resources.kind import STACK_TAG
from ...resources.permission_policy import PermissionPolicy
from ...resources.registry import SECTIONS
from ...resources.role import FOREIGN_ATTACHED, FOREIGN_INLINE, Role
from ...state.document import State, StateRecord
from ..remembering import ACCEPTED, remembered
from ..session import Session
from .detect import accepted_as
from .examine import Examined
from .found import Found
from .report import Drift, DriftType

_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted: the next state, and the part of the stack file that goes with it, as YAML.

    `notes` are what the file has to say that YAML to add can't.
    """

    drifted: tuple[Drift, ...]
    state: State
    snippet: str
    notes: tuple[str, ...]


def accept(address: Address, examined: Examined, session: Session) -> Accepted:
    """Take all drift of one address into the state, which the caller saves under its lock.

    Raises:
        Problem: `no-drift`.
    """
    detection = examined.detection
    drifted = tuple(drift for drift in detection.drifted if drift.address == str(address))
    if not drifted:
        raise Problem.of(
            "no-drift",
            f"{address} is as the last apply left it: there is nothing to accept",
            hint="`rolewright drift` lists the addresses that have drifted",
        )
    taking = _Taking(examined, session)
    for drift in drifted:
        taking.take(detection.found[drift.key])
    snippet = yaml.safe_dump(taking.file, sort_keys=False, width=100) if taking.file else ""
    return Accepted(drifted, taking.state.advanced(), snippet, tuple(taking.notes))


class _Taking:
    def __init__(self, examined: Examined, session: Session) -> None:
        self.state = examined.state
        self.file: dict[str, dict[str, dict[str, Any]]] = {}
        self.notes: list[str] = []
        self._live = examined.detection.live
        self._identity = session.aws.identity
        self._kinds = session.kinds
        self._tool_version = session.tool_version

    def take(self, found: Found) -> None:
        """Take one drift."""
        match found.type:
            case DriftType.MISSING:
                self._forget(found.address)
            case DriftType.CHANGED | DriftType.REPLACED:
                self._adopt(found)
            case DriftType.UNMANAGED:
                self._own(found)

    def _forget(self, address: Address) -> None:
        self.state = self.state.with_record(address, None)
        section = _SECTION_OF[address.kind]
        self.notes.append(f"remove {address.local} from {section}: it is no longer in the state")

    def _adopt(self, found: Found) -> None:
        address, record = found.address, self.state.resources[found.address]
        live = self._live[address] or {}
        names = [name for name in found.names if name in record.desired]
        changed = {name: live[name] for name in names}
        desired = {**record.desired, **changed}
        kind = self._kinds(address.kind, desired)
        seen = {**record.observed, **live}
        observed = remembered(kind.shape, seen, desired, record.observed)
        foreign = {n: v for n, v in record.observed.items() if n.startswith("foreign_")}
        self._put(
            address,
            replace(
                record,
                desired=desired,
                observed={**observed, **foreign},
                id=kind.id(desired),
                arn=kind.arn(desired, self._identity),
            ),
        )
        self._say(address, self._fields(changed))

    def _own(self, found: Found) -> None:
        """A policy on a role that nobody declared is declared now; all else is only known from now on."""
        (name,) = {delta.path.partition(".")[0] for delta in found.diff}
        if found.stray is None and name in {FOREIGN_ATTACHED, FOREIGN_INLINE}:
            self._declare(found, inline=name == FOREIGN_INLINE)
            return
        record = self.state.resources[found.address]
        known = sorted({*(record.observed.get(ACCEPTED) or ()), accepted_as(found)})
        self._put(found.address, replace(record, observed={**record.observed, ACCEPTED: known}))
        if found.stray is not None and found.stray.fields:
            local = _slug(str(found.stray.shows))
            self._say(Address("service_binding", local), found.stray.fields)
        else:
            self.notes.append(
                f"the state knows {found.subject} now; the stack file has nothing to say of it"
            )

    def _declare(self, found: Found, *, inline: bool) -> None:
        role = self.state.resources[found.address].desired["name"]
        attrs: dict[str, Any]
        fields: dict[str, Any] = {"roles": [found.address.local]}
        if inline:
            policy = found.subject.partition("/")[2]
            document = found.diff[0].after
            attrs = {"type": "inline", "name": policy, "document": document, "roles": [role]}
            fields |= {"inline": True, "document": document}
        else:
            policy = found.subject.rpartition("/")[2]
            attrs = {"type": "aws", "arn": found.subject, "roles": [role]}
            fields |= {"managed_policy": found.subject}
        address = self._free(_slug(policy))
        if inline and address.name != policy:
            fields["name"] = policy
        self._put(
            address,
            StateRecord(
                PermissionPolicy.kind,
                id=PermissionPolicy.id(attrs),
                arn=PermissionPolicy.arn(attrs, self._identity),
                desired=attrs,
                observed=attrs,
                dependencies=(found.address,),
                tool_version=self._tool_version,
            ),
        )
        self._say(address, fields)

    def _free(self, name: str) -> Address:
        taken = {address.name for address in self.state.resources}
        names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
        return Address(PermissionPolicy.kind, next(each for each in names if each not in taken))

    def _put(self, address: Address, record: StateRecord) -> None:
        self.state = self.state.with_record(address, record)

    def _say(self, address: Address, fields: Mapping[str, Any]) -> None:
        if not fields:
            return
        section = self.file.setdefault(_SECTION_OF[address.kind], {})
        if address.key is not None:
            self.notes.append(
                f"{address} is one of the instances of {address.base}: what it alone has has to be "
                "written for its key"
            )
        section.setdefault(address.name, {}).update(fields)

    def _fields(self, changed: Attrs) -> dict[str, Any]:
        """Attributes as the fields of a stack file."""
        found: dict[str, Any] = {}
        for name, value in changed.items():
            if name == "trust_policy":
                found["trust"] = {"document": value}
            elif name == "tags":
                found["tags"] = {key: text for key, text in value.items() if key != STACK_TAG}
            elif name == "roles":
                found["roles"] = [self._role(role) for role in value]
            elif name.endswith("role_arn") or name == "role":
                found[name.removesuffix("_arn")] = self._role(value) if value else None
            else:
                found[name] = value
        return found

    def _role(self, name: str) -> str:
        """A role's name in the stack file, of its name or ARN in AWS."""
        for address, record in self.state.resources.items():
            if address.kind == Role.kind and name in {record.desired["name"], record.arn}:
                return address.local
        self.notes.append(f"{name} is no role of this stack: import or declare it first")
        return name


def _slug(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-") or "accepted"
