"""How actions, resources, policy variables and statement ids are written.

Sources: IAM user guide, "IAM JSON policy elements: Action", "… Resource", "… Sid" and "IAM policy
elements: Variables and tags"; IAM Access Analyzer, "Policy check reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .faults import Fault
from .shape import PARTITIONS
from .values import JsonPath, quoted, suggest

_ACTION = re.compile(r"(?:[A-Za-z0-9-]+|\*):[A-Za-z0-9*?_-]+")
_SID = re.compile(r"[A-Za-z0-9]*")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_WILDCARD = re.compile(r"[*?]")
_ARN_FORM = "write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"


def action_faults(action: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with an action: it is `*` or `service:Name`, with wildcards in the name."""
    if action == "*" or _ACTION.fullmatch(action):
        return
    hint = "write service:Name, for example s3:GetObject"
    if action.count(":") > 1:
        hint = "an action has one colon: service:Name"
    elif action.endswith(":") and len(action) > 1:
        hint = f"write {action}* for all actions of the service"
    elif _WILDCARD.search(action.partition(":")[0]) and ":" in action:
        hint = "the service takes no wildcard: write one action for each service"
    yield Fault(path, "bad-action", f"{quoted(action)} is not an action", hint)


def sts_faults(action: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with an action in a trust policy, which speaks of assuming a role only."""
    if action == "*" or (_ACTION.fullmatch(action) and not action.lower().startswith("sts:")):
        summary = f"a trust policy can't allow {quoted(action)}, but actions of sts only"
        hint = "write sts:AssumeRole; what the role may do belongs in a permission policy"
        yield Fault(path, "not-sts-action", summary, hint)


def sid_faults(sid: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with a statement id."""
    if not _SID.fullmatch(sid):
        proposal = re.sub(r"[^A-Za-z0-9]", "", sid)
        hint = f"write {proposal}" if proposal else ""
        summary = f"the Sid {quoted(sid)} has characters other than A-Z, a-z and 0-9"
        yield Fault(path, "bad-sid", summary, hint)


def resource_faults(resource: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with a resource: it is `*` or an ARN.

    A pattern that ends in `*` may be shorter than an ARN, for its wildcard runs over colons.
    """
    if resource == "*":
        return
    # Variables hold colons, and have their value before AWS splits an ARN.
    parts = _VARIABLE.sub("x", resource).split(":", 5)
    problem, hint = _resource_problem(parts)
    if problem:
        yield Fault(path, "bad-resource", f"{quoted(resource)} {problem}", hint)


def _resource_problem(parts: list[str]) -> tuple[str, str]:
    if parts[0] != "arn" or len(parts) < 3:
        return 'is neither an ARN nor "*"', _ARN_FORM
    _, partition, service, *rest = parts
    if not _WILDCARD.search(partition) and partition not in PARTITIONS:
        hint = suggest(partition, PARTITIONS) or _ARN_FORM
        return f"names no partition of AWS: {quoted(partition)}", hint
    if not service:
        return "names no service", _ARN_FORM
    if service != service.lower():
        return "has capitals in its service", f"write {service.lower()}"
    if len(rest) < 3 and not parts[-1].endswith("*"):
        count = len(parts)
        return f"has {count} parts, where an ARN has six", f"{_ARN_FORM}, with all five colons"
    return ("names no resource", _ARN_FORM) if len(rest) == 3 and not rest[2] else ("", "")


def variable_faults(text: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with the policy variables in a text."""
    if "${" not in text:
        return
    if "${" in _VARIABLE.sub("", text):
        summary = f"a policy variable in {quoted(text)} has no closing brace"
        yield Fault(
            path, "bad-variable", summary, "write ${aws:PrincipalTag/team}, ${*} for a star"
        )
    elif "${}" in text:
        yield Fault(path, "bad-variable", f"a policy variable in {quoted(text)} is empty")
