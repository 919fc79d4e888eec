"""Who and when: the latest call in CloudTrail that can have caused each drift. Pure, but for the trail that is asked.

A call is taken for the cause when it is one that changes such a thing, and names the thing; where the
drift has a subject, a call that names that too comes first. Our own applies are no culprits: calls of
rolewright up to the end of the last apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...resources.aws_managed import is_aws_managed
from ...resources.calls import Attrs
from .report import Drift, DriftReport, DriftType, Who
from .trail import Event, Trail

OUR_AGENT = "rolewright/"
LATE = "CloudTrail shows a call up to 15 minutes after it was made: who did the latest changes may not be known yet"

_ROLE = (
    "AddRoleToInstanceProfile AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary "
    "DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary PutRolePolicy "
    "RemoveRoleFromInstanceProfile TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
    "UpdateRoleDescription"
)
_POLICY = (
    "AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreatePolicy CreatePolicyVersion "
    "DeletePolicy DeletePolicyVersion DeleteRolePolicy DetachGroupPolicy DetachRolePolicy "
    "DetachUserPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary "
    "SetDefaultPolicyVersion TagPolicy UntagPolicy"
)
_PROFILE = (
    "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile "
    "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"
)
_FIELDS: Mapping[str, str] = {
    "description": "UpdateRole UpdateRoleDescription",
    "max_session_duration": "UpdateRole",
    "permissions_boundary": "DeleteRolePermissionsBoundary PutRolePermissionsBoundary",
    "trust_policy": "UpdateAssumeRolePolicy",
    "foreign_attached_policies": "AttachRolePolicy",
    "foreign_inline_policies": "PutRolePolicy",
    "foreign_instance_profiles": "AddRoleToInstanceProfile",
    "trust": "CreateRole UpdateAssumeRolePolicy",
    "holder": "AttachGroupPolicy AttachRolePolicy AttachUserPolicy",
    "boundary": "CreateRole CreateUser PutRolePermissionsBoundary PutUserPermissionsBoundary",
    "version": "CreatePolicyVersion SetDefaultPolicyVersion",
}
"""The calls of IAM that change one attribute, or bring one sort of stray about."""
_TAGS = {"role": "TagRole UntagRole", "permission_policy": "TagPolicy UntagPolicy"}
# Values of these attributes name no resource.
_NO_NAMES = frozenset(
    {"description", "document", "path", "region", "service", "statements", "tags", "unique_id"}
)
_MOST_NAMES = 4
_VERSION = re.compile(r"arn:\S+:(v\d+)")
_VERSION_ID = re.compile(r"v\d+")


@dataclass(frozen=True, slots=True)
class Ours:
    """What our own last apply left. `applied` is when it ended; None where that isn't known."""

    applied: datetime | None = None
    agent: str = OUR_AGENT

    def made(self, event: Event) -> bool:
        """Whether a call was ours. An agent can be forged: after our last apply it excuses nobody."""
        claims = self.agent in event.who.user_agent
        return claims and (self.applied is None or event.at <= self.applied)


def attributed(
    report: DriftReport, trail: Trail, records: Mapping[str, Attrs], ours: Ours
) -> DriftReport:
    """The report with who did what, where the trail tells; what it can't tell is in the notes.

    `records` are the recorded attributes by address.
    """
    if not report.drifted:
        return report
    drifted = tuple(
        replace(drift, who=_culprit(drift, trail, records.get(drift.address, {}), ours))
        for drift in report.drifted
    )
    notes = list(dict.fromkeys(trail.notes))
    if not notes and any(drift.who is None for drift in drifted):
        notes.append(LATE)
    return replace(report, drifted=drifted, notes=(*report.notes, *notes))


def _culprit(drift: Drift, trail: Trail, attrs: Attrs, ours: Ours) -> Who | None:
    names, subjects = names_of(drift.kind, attrs), _subject_names(drift.subject)
    # What carries a role is named by itself: a call that starts an instance tells its profile at most.
    about = subjects if _is_carrier(drift) else names
    if not about:
        return None
    causes, holders = _causes(drift), _holders(drift.kind, attrs)
    found: dict[str, Event] = {}
    for name, of_iam in _questions(drift, attrs, names, subjects):
        for event in trail.about(name, of_iam=of_iam):
            if not causes(event) or ours.made(event) or not _names_one(event, about):
                continue
            if not holders or _names_one(event, holders):
                found[event.who.event_id or event.who.time] = event
    if not found:
        return None
    closest = [one for one in found.values() if _names_one(one, subjects)]
    return max(closest or found.values(), key=lambda event: event.at).who


def _holders(kind: str, attrs: Attrs) -> tuple[str, ...]:
    """The roles that an inline policy is a part of: its name alone says little. None of any other resource."""
    if kind != "permission_policy" or attrs.get("arn"):
        return ()
    return tuple(attrs.get("roles", ()))


def names_of(kind: str, attrs: Attrs) -> tuple[str, ...]:
    """The names by which AWS knows a resource itself; of a binding those of all that it binds, but for roles."""
    if kind != "service_binding":
        keys = ("arn",) if kind == "permission_policy" and attrs.get("arn") else ("name", "arn")
    else:
        keys = tuple(sorted(key for key in attrs.keys() - _NO_NAMES if "role" not in key))
    found: dict[str, None] = {}
    for key in keys:
        value: Any = attrs.get(key)
        for text in value if isinstance(value, list | tuple) else (value,):  # pyright: ignore[reportUnknownVariableType]
            if isinstance(text, str) and len(text) > 1:
                found[text] = None
    return tuple(found)


def _subject_names(subject: str) -> tuple[str, ...]:
    """What a subject names, such as `boundary of ARN` or `instance/i-1`: the whole and its last part."""
    version = _VERSION.fullmatch(subject)
    if version is not None:
        return (version[1],)
    last = subject.rpartition(" ")[2]
    return tuple(dict.fromkeys(one for one in (last, re.split(r"[/:]", last)[-1]) if one))


def _questions(
    drift: Drift, attrs: Attrs, names: Sequence[str], subjects: Sequence[str]
) -> Iterable[tuple[str, bool]]:
    """The names to ask for, each with whether IAM's events are meant; few, since CloudTrail is slow."""
    asked = [one for one in subjects if _VERSION_ID.fullmatch(one) is None]
    if drift.kind == "service_binding":
        for name in (*names, *asked)[: 2 * _MOST_NAMES]:
            yield name, ":iam:" in name or "profile" in name
    elif _is_carrier(drift):
        yield from ((name, False) for name in asked)
    else:
        # CloudTrail knows a role by its name and a policy by its ARN; an inline one by its role.
        own = (*_holders(drift.kind, attrs), *names)[:1]
        foreign = () if is_aws_managed(drift.subject) else asked
        chosen = dict.fromkeys((*own, *foreign))
        yield from ((name, True) for name in [*chosen][:_MOST_NAMES])


def _is_carrier(drift: Drift) -> bool:
    return any(delta.path == "carrier" for delta in drift.diff)


def _causes(drift: Drift) -> Callable[[Event], bool]:
    """Tells which calls can have caused such a drift."""
    paths = {delta.path.partition(".")[0] for delta in drift.diff}
    if drift.kind == "service_binding" or _is_carrier(drift):
        profile = _iam(_PROFILE)
        return lambda event: event.name in profile or not event.name.startswith("iam:")
    if drift.type is DriftType.MISSING:
        return _one_of("DeletePolicy DeleteRole DeleteRolePolicy DetachRolePolicy")
    if drift.type is DriftType.REPLACED:
        return _one_of("CreatePolicy CreateRole")
    fields = {**_FIELDS, "tags": _TAGS.get(drift.kind, "")}
    if paths and paths <= fields.keys():
        return _one_of(" ".join(fields[path] for path in paths))
    return _one_of(_POLICY if drift.kind == "permission_policy" else f"{_ROLE} {_POLICY}")


def _one_of(names: str) -> Callable[[Event], bool]:
    wanted = _iam(names)
    return lambda event: event.name in wanted


def _iam(names: str) -> frozenset[str]:
    return frozenset(f"iam:{name}" for name in names.split())


def _names_one(event: Event, names: Iterable[str]) -> bool:
    return any(event.mentions(name) for name in names)
