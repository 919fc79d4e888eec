"""The stack: all that a stack file says, as a model; Python stack files make one under the name `stack`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .kind import Resource
from .permission_policy import PermissionPolicy
from .role import Role
from .trust_policy import TrustPolicy


class Variable(BaseModel):
    """An input of the stack."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["string", "number", "bool", "list", "map"] = Field(
        default="string", description="What values it takes."
    )
    default: Any = Field(
        default=None, description="Its value when none is given; without one a value must be given."
    )
    description: str = Field(default="", description="What it is for.")


class AssumeRole(BaseModel):
    """The role that rolewright itself assumes to do its work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role_arn: str = Field(description="The role's ARN.")
    session_name: str = Field(
        default="rolewright", description="The name that CloudTrail shows for what is done."
    )
    external_id: str | None = Field(
        default=None, description="The external id that the role's trust policy asks for."
    )


class Moved(BaseModel):
    """A resource that goes by another address than before."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: str = Field(alias="from", description="The address in the state.")
    to: str = Field(description="The address in this file.")


class Import(BaseModel):
    """Something that exists in AWS and that the stack takes over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str = Field(description="The address in this file.")
    id: str = Field(
        description="What it is in AWS: a name or an ARN; ROLE:NAME for an inline policy, "
        "SERVICE:NAME for a binding."
    )


class Expectation(BaseModel):
    """What a role must be able to do, and must not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str = Field(description="A role of this stack.")
    assumed_by: str | None = Field(
        default=None, description="A service principal or ARN that must be able to assume it."
    )
    can: tuple[str, ...] = Field(default=(), description="Actions that must be allowed.")
    cannot: tuple[str, ...] = Field(default=(), description="Actions that must not be allowed.")
    on: tuple[str, ...] = Field(default=("*",), description="The ARNs on which.")
    context: Mapping[str, str | bool | int | tuple[str, ...]] = Field(
        default_factory=dict[str, "str | bool | int | tuple[str, ...]"],
        description="Context keys of the requests that no policy says, such as aws:SourceIp, "
        "each with its value or a list.",
    )


class Notify(BaseModel):
    """Whom `rolewright drift --notify` tells of what is new, worse or resolved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: Literal["info", "low", "medium", "high", "critical"] = Field(
        default="medium", description="The lowest severity that is told."
    )
    urls: tuple[str, ...] = Field(
        default=(),
        description="Apprise URLs. What is secret in them comes from the environment: `${env.NAME}`.",
    )


class Settings(BaseModel):
    """The parts of a stack file that are no resources."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    stack: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", description="The stack's name."
    )
    region: str | None = Field(
        default=None, description="The AWS region; the environment's when absent."
    )
    allowed_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that may be changed; any when empty."
    )
    assume_role: AssumeRole | None = Field(
        default=None, description="A role to assume for all calls."
    )
    tags: Mapping[str, str] = Field(
        default_factory=dict[str, str], description="Tags of everything that takes tags."
    )
    variables: Mapping[str, Variable] = Field(
        default_factory=dict[str, Variable], description="Inputs."
    )
    moved: tuple[Moved, ...] = Field(default=(), description="Resources that go by a new address.")
    removed: tuple[str, ...] = Field(
        default=(), description="Addresses to forget without deleting anything."
    )
    import_: tuple[Import, ...] = Field(
        default=(), alias="import", description="What exists in AWS and is taken over."
    )
    expectations: tuple[Expectation, ...] = Field(default=(), description="What verify proves.")
    notify: Notify | None = Field(default=None, description="Whom to tell of drift.")


class Stack(Settings):
    """A whole stack, for stack files in Python."""

    trust_policies: Mapping[str, TrustPolicy] = Field(default_factory=dict[str, TrustPolicy])
    roles: Mapping[str, Role] = Field(default_factory=dict[str, Role])
    permission_policies: Mapping[str, PermissionPolicy] = Field(
        default_factory=dict[str, PermissionPolicy]
    )
    service_bindings: Mapping[str, Resource] = Field(default_factory=dict[str, Resource])

    def sections(self) -> Sequence[tuple[str, Mapping[str, Resource]]]:
        """The resources by section of the stack file."""
        return (
            ("trust_policies", self.trust_policies),
            ("roles", self.roles),
            ("permission_policies", self.permission_policies),
            ("service_bindings", self.service_bindings),
        )
