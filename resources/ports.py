"""What resources need from AWS: the ports that they are handed, and the plain values they get back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .calls import Attrs

T = TypeVar("T")
R = TypeVar("R")


DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)
"""The codes with which AWS says that a permission is missing."""


class AwsError(Exception):
    """AWS refused a call, or could not be reached.

    `code` is AWS's error code (`NoSuchEntity`), or one of ours for what never reached AWS:
    `Unreachable`, `NoCredentials`, `ExpiredToken`, `Timeout`. `uncertain` is true when the call may have
    taken effect although no answer came.
    """

    def __init__(
        self,
        service: str,
        operation: str,
        code: str,
        message: str,
        *,
        uncertain: bool = False,
        request_id: str = "",
    ) -> None:
        super().__init__(f"{service}:{operation}: {code}: {message}")
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.uncertain = uncertain
        self.request_id = request_id

    @property
    def denied(self) -> bool:
        """Whether a permission is missing."""
        return self.code in DENIED


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to AWS: the answer of sts:GetCallerIdentity, and the region in use."""

    account_id: str
    partition: str
    region: str
    caller_arn: str = ""


@dataclass(frozen=True, slots=True)
class LastUse:
    """When (ISO 8601) a role was last used to call AWS, and in which region.

    Source: IAM User Guide, "View last accessed information for roles": of the last 400 days.
    """

    at: str
    region: str


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as IAM shows it, with all that hangs on it. `tags` is None where the read did not tell.

    `last_used` is None for a role of which no use is known.
    """

    name: str
    arn: str
    unique_id: str
    path: str
    description: str
    max_session_duration: int
    trust_policy: Attrs
    permissions_boundary: str | None
    tags: Mapping[str, str] | None
    inline_policies: Mapping[str, Attrs]
    attached_policies: tuple[str, ...]
    instance_profiles: tuple[str, ...]
    last_used: LastUse | None = None


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of a managed policy; `created` is ISO 8601; `document` is None where not read."""

    id: str
    created: str
    is_default: bool
    document: Attrs | None = None


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A managed policy with its default version's document.

    `attachments` counts users, groups, roles and boundaries. `description`, `tags` and `unique_id` are None where the
    read did not tell.
    """

    arn: str
    name: str
    path: str
    description: str | None
    document: Attrs
    versions: tuple[PolicyVersion, ...]
    attachments: int
    tags: Mapping[str, str] | None
    unique_id: str | None


@dataclass(frozen=True, slots=True)
class InstanceProfileView:
    """An instance profile and the names of the roles in it (AWS allows one)."""

    name: str
    arn: str
    path: str
    roles: tuple[str, ...]
    tags: Mapping[str, str] | None
    unique_id: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A role of the account, ours or not, as a list of all of them shows it.

    `permissions_boundary` and `attached_policies` are None where that list did not tell.
    """

    name: str
    arn: str
    path: str
    trust_policy: Attrs
    permissions_boundary: str | None = None
    attached_policies: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wants:
    """The IAM objects that a set of resources will ask for, so that they can be read together."""

    roles: frozenset[str] = field(default_factory=frozenset[str])
    policies: frozenset[str] = field(default_factory=frozenset[str])
    instance_profiles: frozenset[str] = field(default_factory=frozenset[str])

    def __or__(self, other: Wants) -> Wants:
        return Wants(
            self.roles | other.roles,
            self.policies | other.policies,
            self.instance_profiles | other.instance_profiles,
        )


class AwsReader(Protocol):
    """Reads of live AWS. None stands for what AWS says does not exist; every other refusal raises AwsError."""

    @property
    def identity(self) -> Identity: ...

    def prefetch(self, wants: Wants) -> None:
        """Read these IAM objects in as few calls as possible; the three methods below then answer at once."""
        ...

    def complete(self, wants: Wants) -> None:
        """Read what account-wide reads did not tell of these policies and instance profiles: whose they are."""
        ...

    def fresh(self, wants: Wants) -> None:
        """Forget what was read before, and read these anew."""
        ...

    def role(self, name: str) -> RoleView | None: ...

    def policy(self, arn: str) -> PolicyView | None:
        """A managed policy by ARN, customer's or AWS's."""
        ...

    def instance_profile(self, name: str) -> InstanceProfileView | None: ...

    def neighbours(self) -> Iterable[Neighbour]:
        """All roles of the account, in one read where they were not read together before."""
        ...

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        """The answer to one read; raises AwsError."""
        ...

    def pages(self, service: str, operation: str, parameters: Attrs) -> Iterable[Mapping[str, Any]]:
        """The answers of a paginated read, page by page; raises AwsError."""
        ...

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Apply a reading function to all items, several at once, in order."""
        ...


class AwsCaller(Protocol):
    """Changing calls. Makes no retry of its own beyond what botocore does for throttling."""

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        """Make one call and return its answer without ResponseMetadata; raises AwsError."""
        ...
