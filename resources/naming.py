"""The names, paths and tags that IAM accepts, and the ARNs they make.

Sources: IAM and AWS STS quotas; the API model of IAM (`roleNameType`, `policyNameType`, `pathType`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .address import Address
from .diagnostics import Diagnostic
from .ports import Identity

ROLE_NAME_LIMIT = 64
POLICY_NAME_LIMIT = 128
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_FORBIDDEN_IN_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)


def default_name(address: Address) -> str:
    """The AWS name of a resource that sets none: its key in the stack file, with `-KEY` for `for_each`."""
    return address.name if address.key is None else f"{address.name}-{address.key}"


def check_name(name: str, what: str, limit: int) -> Iterable[Diagnostic]:
    """Say why IAM would refuse a name."""
    if not name or len(name) > limit:
        yield Diagnostic(
            "bad-name",
            f'{what} name "{name}" has {len(name)} characters',
            f"AWS allows 1 to {limit}.",
            "set a shorter one with name:",
        )
    bad = sorted(set(_FORBIDDEN_IN_NAME.findall(name)))
    if bad:
        yield Diagnostic(
            "bad-name",
            f'{what} name "{name}" has characters that AWS refuses: {" ".join(map(repr, bad))}',
            "Allowed are letters, digits and + = , . @ - _",
            "set another one with name:",
        )


def check_path(path: str) -> Iterable[Diagnostic]:
    """Say why IAM would refuse a path."""
    if len(path) > 512 or not _PATH.fullmatch(path):
        yield Diagnostic(
            "bad-path",
            f'path "{path}" is not one that AWS accepts',
            "A path begins and ends with /, is at most 512 characters long and has no spaces.",
            "write for example path: /service/",
        )


def check_tags(tags: Mapping[str, str]) -> Iterable[Diagnostic]:
    """Say why AWS would refuse tags, and keep rolewright's own apart."""
    for key, value in tags.items():
        if key.lower().startswith(("aws:", "rolewright:")):
            yield Diagnostic(
                "bad-tag", f'tag "{key}" has a reserved prefix', hint="choose another key"
            )
        if not 1 <= len(key) <= 128 or len(value) > 256:
            yield Diagnostic(
                "bad-tag",
                f'tag "{key}" is too long',
                "AWS allows 128 characters for a key and 256 for a value.",
            )


def iam_arn(identity: Identity, sort: str, path: str, name: str) -> str:
    """The ARN of an IAM object of this account: `arn:aws:iam::123456789012:role/path/name`."""
    return f"arn:{identity.partition}:iam::{identity.account_id}:{sort}{path}{name}"
