"""Who asks: a role, a user, a session, a service; and what is certain about a request of theirs.

Sources: IAM user guide, "AWS JSON policy elements: Principal" and "AWS global condition context
keys".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .context import Context


class CallerKind(StrEnum):
    """What sort of principal makes a request."""

    ROLE = "role"
    USER = "user"
    SESSION = "session"
    FEDERATED = "federated"
    SERVICE = "service"
    ANONYMOUS = "anonymous"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    `arn` is the ARN of a role, a user, a role session (`arn:aws:sts::…:assumed-role/ROLE/SESSION`),
    a federated user or the root user, the name of a service, the ARN or host of an identity
    provider, or `*` for an anonymous caller. A ROLE stands for any session of it.
    """

    arn: str
    account: str | None
    kind: CallerKind

    @property
    def home(self) -> str | None:
        """The account of the caller; without `account` the one in its ARN; None if it has none."""
        if self.account is not None:
            return self.account
        return arn_account(self.arn)

    @property
    def stands_alone(self) -> bool:
        """Whether it has no policies of its own: only a resource can let it in.

        A federated user has those of the user who made its session.
        """
        if self.kind is CallerKind.FEDERATED:
            return ":federated-user/" not in self.arn
        return self.kind in {CallerKind.SERVICE, CallerKind.ANONYMOUS}

    @property
    def role_name(self) -> str | None:
        """The name of its role, without a path; None for what is no role and no session of one."""
        return _role_name(self.arn)


def arn_account(arn: str) -> str | None:
    """The account in an ARN; None where it has none, or is no ARN."""
    parts = arn.split(":", 5)
    return parts[4] or None if len(parts) == 6 and parts[0] == "arn" else None


def is_service_linked(arn: str) -> bool:
    """Whether a role is service-linked, which its path says.

    Source: IAM user guide, "Create a service-linked role".
    """
    return ":role/aws-service-role/" in arn


def certain_context(
    caller: Caller,
    *,
    more: Mapping[str, str | Sequence[str]] | None = None,
    absent: Iterable[str] = (),
    resource_account: str | None = None,
    region: str | None = None,
    tags: Mapping[str, str] | None = None,
    open: bool = True,  # noqa: A002 - as in Context
) -> Context:
    """The context of a request with what is certain for a caller, and `more`, which wins.

    `tags` are those of the role or user, all of them: any other tag is absent where asked for by
    `absent` only. Without `resource_account` the resource lies in the caller's account.

    Raises:
        ValueError: a key is given twice.
    """
    known: dict[str, str | Sequence[str]] = {"aws:SecureTransport": "true"}
    known["aws:PrincipalIsAWSService"] = str(caller.kind is CallerKind.SERVICE).lower()
    if caller.kind is CallerKind.SERVICE:
        known["aws:PrincipalServiceName"] = caller.arn
    elif not caller.stands_alone:
        known |= _identity_keys(caller)
    if (account := resource_account or caller.home) is not None:
        known["aws:ResourceAccount"] = account
    if region is not None:
        known["aws:RequestedRegion"] = region
    known |= {f"aws:PrincipalTag/{name}": value for name, value in (tags or {}).items()}
    given, missing = dict(more or {}), tuple(absent)
    decided = {key.lower() for key in (*given, *missing)}
    known = {key: value for key, value in known.items() if key.lower() not in decided}
    return Context({**known, **given}, missing, open=open)


_TYPES = {
    CallerKind.ROLE: "AssumedRole",
    CallerKind.SESSION: "AssumedRole",
    CallerKind.USER: "User",
    CallerKind.FEDERATED: "FederatedUser",
    CallerKind.ROOT: "Account",
}


def _identity_keys(caller: Caller) -> dict[str, str]:
    known = {"aws:PrincipalType": _TYPES[caller.kind]}
    if (account := caller.home) is not None:
        known["aws:PrincipalAccount"] = account
    # The ARN of a session does not say the path of its role, and the key holds the role's ARN.
    if caller.kind is not CallerKind.SESSION:
        known["aws:PrincipalArn"] = caller.arn
    if caller.kind is CallerKind.USER:
        known["aws:username"] = caller.arn.rpartition("/")[2]
    return known


def _role_name(arn: str) -> str | None:
    resource = arn.split(":", 5)[-1]
    kind, _, rest = resource.partition("/")
    if kind == "role":
        return rest.rpartition("/")[2] or None
    if kind == "assumed-role":
        return rest.partition("/")[0] or None
    return None
