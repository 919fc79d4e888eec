"""What hangs on roles and carries them, read from AWS: the objects of an import, with no address yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...resources.aws_managed import is_aws_managed
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.kind import Claim, Claims, Slot, owned_elsewhere
from ...resources.permission_policy import AWS, CUSTOMER, INLINE, PermissionPolicy
from ...resources.ports import AwsError, AwsReader, PolicyView, RoleView, Wants
from ...resources.registry import binding_classes
from ...resources.role import Role
from .found import policy_identity
from .selection import Skipped


class AccountReader(AwsReader, Protocol):
    """Reads of live AWS, also of all roles of the account."""

    def all_roles(self) -> list[RoleView]: ...

    def complete(self, wants: Wants) -> None:
        """Read what account-wide reads did not tell of policies and instance profiles."""
        ...


@dataclass(frozen=True, slots=True)
class Object:
    """A kind and the observed attributes of one object of it."""

    kind: str
    attributes: Attrs


@dataclass(frozen=True, slots=True)
class Discovery:
    """The objects of an import, and what belongs to them and was left."""

    objects: tuple[Object, ...]
    skipped: tuple[Skipped, ...] = ()


def discover(
    aws: AccountReader,
    roles: Sequence[RoleView],
    stack: str,
    taken: Collection[str] = frozenset(),
    policies: Collection[str] | None = None,
    *,
    known: Sequence[RoleView] = (),
) -> Discovery:
    """The roles with their policies and boundaries, and the bindings that carry them.

    `taken` are the AWS identities that the stack has already: a customer managed policy among them,
    or one of another stack, comes as a mere attachment. So do all customer managed policies whose
    ARNs are not among `policies`, where these are told. `known` are roles that the stack has: of
    these only come the bindings that it does not have, such as those that could not be read before.

    Raises:
        AwsError: a read was refused.
    """
    _complete(aws, roles, known)
    found = [Object(Role.kind, _role(aws, role)) for role in roles]
    found += [_inline(role, name) for role in roles for name in role.inline_policies]
    skipped: list[Skipped] = []
    for arn, names in _attached(roles).items():
        policy = aws.policy(arn)
        owner = owned_elsewhere(None if policy is None else policy.tags, stack)
        if owner:
            skipped.append(Skipped(arn, f"{owner}: its attachment to {', '.join(names)} is taken"))
        asked = policies is None or arn in policies
        owned = asked and policy is not None and not owner and not _is_taken(policy, taken)
        found.append(_managed(aws, arn, names, owned=owned))
    for arn, names in _boundaries(roles, aws.identity.account_id).items():
        if policies is not None and arn not in policies:
            continue
        policy = aws.policy(arn)
        owner = owned_elsewhere(None if policy is None else policy.tags, stack)
        if owner:
            skipped.append(Skipped(arn, f"{owner}: it stays the boundary of {', '.join(names)}"))
        elif policy is not None and not _is_taken(policy, taken):
            found.append(_managed(aws, arn, (), owned=True))
    every = (*roles, *known)
    bound = [_bindings(aws, every, stack, service) for service in sorted(binding_classes())]
    found += [one for part in bound for one in part.objects if not _is_bound(one, taken)]
    skipped += [one for part in bound for one in part.skipped]
    return Discovery(tuple(found), tuple(skipped))


def _bindings(aws: AwsReader, roles: Sequence[RoleView], stack: str, service: str) -> Discovery:
    """What carries the roles in one service; who may not read that imports the rest."""
    kind = binding_classes()[service]
    try:
        carriers = kind.carriers(aws, roles)
    except AwsError as error:
        if not error.denied:
            raise
        what = f"{error.service}:{error.operation} was refused ({error.code})"
        reason = f"{what}: import again when it is allowed, and they are looked for"
        return Discovery((), (Skipped(f"{service} bindings", reason),))
    found: list[Object] = []
    skipped = [Skipped(name, f"{how}, which no binding declares") for name, how in carriers.others]
    for attributes in carriers.bindings:
        owner = kind.not_ours(attributes, stack)
        if owner:
            skipped.append(Skipped(f"{service} binding {kind.id(attributes)}", owner))
        else:
            found.append(Object(ServiceBinding.kind, attributes))
    return Discovery(tuple(found), tuple(skipped))


def _is_bound(found: Object, taken: Collection[str]) -> bool:
    return binding_classes()[found.attributes["service"]].identities(found.attributes)[0] in taken


def _complete(
    aws: AccountReader, roles: Sequence[RoleView], known: Sequence[RoleView] = ()
) -> None:
    aws.complete(
        Wants(
            policies=frozenset(
                arn
                for role in roles
                for arn in (*role.attached_policies, role.permissions_boundary)
                if arn is not None
            ),
            instance_profiles=frozenset(
                name for role in (*roles, *known) for name in role.instance_profiles
            ),
        )
    )


def _role(aws: AwsReader, role: RoleView) -> Attrs:
    """What is observed of a role whose policies and profiles are all declared."""
    claims = Claims(
        [
            *(Claim(role.name, Slot.INLINE, name) for name in role.inline_policies),
            *(Claim(role.name, Slot.ATTACHED, arn) for arn in role.attached_policies),
            *(Claim(role.name, Slot.PROFILE, name) for name in role.instance_profiles),
        ]
    )
    observed = Role.observe(aws, {"name": role.name}, claims)
    if observed is None:
        raise ValueError(f"the role {role.name} was read a moment ago")
    return observed


def _inline(role: RoleView, name: str) -> Object:
    document = role.inline_policies[name]
    return Object(
        PermissionPolicy.kind,
        {
            "type": INLINE,
            "name": name,
            "document": document,
            "roles": [role.name],
            "documents": {role.name: document},
        },
    )


def _attached(roles: Sequence[RoleView]) -> Mapping[str, list[str]]:
    """The names of the roles that each managed policy is attached to."""
    found: dict[str, list[str]] = {}
    for role in roles:
        for arn in role.attached_policies:
            found.setdefault(arn, []).append(role.name)
    return dict(sorted(found.items()))


def _boundaries(roles: Sequence[RoleView], account: str) -> Mapping[str, list[str]]:
    """The names of the roles that each customer managed policy bounds, without those also attached."""
    found: dict[str, list[str]] = {}
    for role in roles:
        boundary = role.permissions_boundary
        if boundary is not None and f":{account}:policy/" in boundary:
            found.setdefault(boundary, []).append(role.name)
    attached = _attached(roles)
    return {arn: names for arn, names in sorted(found.items()) if arn not in attached}


def _is_taken(policy: PolicyView, taken: Collection[str]) -> bool:
    return policy_identity(policy.name) in taken


def _managed(aws: AwsReader, arn: str, names: Sequence[str], *, owned: bool) -> Object:
    customer = owned and not is_aws_managed(arn)
    attributes = {"type": CUSTOMER if customer else AWS, "arn": arn, "roles": sorted(names)}
    observed = PermissionPolicy.observe(aws, attributes, Claims()) if customer else None
    return Object(PermissionPolicy.kind, observed or attributes)
