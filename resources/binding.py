"""Service bindings: what puts a role on the AWS thing that carries it. One file a service in `bindings/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .address import Address
from .calls import Attrs
from .kind import Resource, Scope
from .ports import AwsReader, Identity, RoleView
from .role import Role
from .strays import Around, Stray

KeyOf = Callable[[str], str | None]
"""The key in the stack file of a role given by its AWS name or ARN; None where the stack has no such role."""

_NOT_WRITTEN = frozenset({"tags", *Resource.model_fields})


@dataclass(frozen=True, slots=True)
class Carriers:
    """What carries roles in an account.

    `bindings` are the observed attributes of each binding. `others` are what carries a role in a way
    that no binding can declare, by id, with that way in words.
    """

    bindings: tuple[Attrs, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


class ServiceBinding(Resource):
    """The fields that all bindings share."""

    kind: ClassVar[str] = "service_binding"
    principal: ClassVar[str]
    """The service principal that the role's trust policy must name."""

    @classmethod
    def service_name(cls) -> str:
        """The value of `service` that selects this class."""
        return cls.model_fields["service"].default

    @classmethod
    def import_ids(cls, attrs: Attrs, identity: Identity) -> frozenset[str]:
        own = super().import_ids(attrs, identity)
        return own | {f"{cls.service_name()}:{cls.id(attrs)}"}

    @classmethod
    def users_of_roles(
        cls, aws: AwsReader, roles: Mapping[str, Address], around: Around
    ) -> Iterable[Stray]:
        """What of the service carries one of these roles, by ARN, and is declared by nobody.

        In a bounded number of calls for the whole account and region.

        Raises:
            AwsError: a read was refused.
        """
        return ()

    @classmethod
    def carriers(cls, aws: AwsReader, roles: Sequence[RoleView]) -> Carriers:
        """What carries these roles in the account and region, found with account-wide lists.

        Raises:
            AwsError: a read was refused.
        """
        return Carriers()

    @classmethod
    def written(cls, attrs: Attrs, key_of: KeyOf) -> dict[str, Any] | None:
        """The fields that `attributes` makes these attributes of, without defaults and tags.

        None where the stack has none of the roles. This serves a kind whose attributes are called
        as its fields are, and those of roles as ROLE_arn; others override it.
        """
        fields: dict[str, Any] = {}
        bound = False
        for name, field in cls.model_fields.items():
            value = attrs.get(name)
            if name == "role" or name.endswith("_role"):
                carried = attrs.get(f"{name}_arn") or value
                value = key_of(carried) if carried else None
                bound = bound or value is not None
            usual: Any = field.get_default(call_default_factory=True)
            usual = [] if usual == () else usual
            if name == "service" or (name not in _NOT_WRITTEN and value not in (None, usual)):
                fields[name] = value
        return fields if bound else None


def role_name_and_arn(local: str, scope: Scope) -> tuple[str, str]:
    """The AWS name and the ARN of a role of this stack."""
    address = Address.parse(f"{Role.kind}.{local}")
    attrs = scope.attributes(address)
    return attrs["name"], Role.arn(attrs, scope.identity)


def profile_arn(identity: Identity, name: str, path: str = "/") -> str:
    """The ARN of an instance profile of this account."""
    return f"arn:{identity.partition}:iam::{identity.account_id}:instance-profile{path}{name}"


def role_name(arn: str) -> str:
    """The role's name in a role ARN, whatever its path."""
    return arn.rpartition("/")[2]


def existing(observed: Attrs | None) -> Attrs:
    """What was observed of a binding's target, which `missing` has seen to be there."""
    if observed is None:
        raise ValueError("a binding without its target can't be planned")
    return observed


def remembered(prior: Attrs | None, key: str) -> Attrs:
    """A part of what a binding remembers, empty when it remembers nothing."""
    return (prior or {}).get(key, {})
