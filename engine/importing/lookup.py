"""The one object that `import ADDRESS ID` names, found in AWS, with near names where it is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ...resources.address import Address
from ...resources.aws_managed import is_aws_managed, policy_arns
from ...resources.binding import ServiceBinding
from ...resources.calls import Attrs
from ...resources.diagnostics import Problem, did_you_mean, nearest
from ...resources.kind import Claims, owned_elsewhere
from ...resources.permission_policy import AWS, CUSTOMER, INLINE, PermissionPolicy
from ...resources.policy.caller import arn_account
from ...resources.ports import RoleView, Wants
from ...resources.registry import binding_classes
from ...resources.role import Role
from ...resources.trust_policy import TrustPolicy
from ..near import role_names
from .discover import AccountReader, Discovery, Object, discover
from .selection import not_ours

_ARN_SORTS = {Role.kind: "role", PermissionPolicy.kind: "policy"}
"""The sorts of ARNs that IAM takes for a kind; it refuses others as malformed, not as absent."""
_ID = re.compile(r"[\w+=,.@/:-]+", re.ASCII)


class Lookup:
    """Finds objects for one stack; `roles` are the names of the roles that it has or declares."""

    def __init__(
        self, aws: AccountReader, stack: str, roles: Sequence[str], taken: frozenset[str]
    ) -> None:
        self._aws = aws
        self._stack = stack
        self._roles = roles
        self._taken = taken

    def find(self, address: Address, name: str) -> Discovery:
        """What is to be imported; the object that was asked for is the first.

        Raises:
            Problem: there is no such object, it can't be taken over, or the address can't have it.
            AwsError: a read was refused.
        """
        finders: Mapping[str, Callable[[Address, str], Discovery]] = {
            Role.kind: self._role,
            PermissionPolicy.kind: self._policy,
            ServiceBinding.kind: self._binding,
        }
        if address.kind not in finders:
            raise Problem.of(
                "not-importable",
                f"{address} can't be imported by itself",
                detail="A trust policy is a part of its role, and comes with it."
                if address.kind == TrustPolicy.kind
                else "",
                address=address,
                hint=f"import one of {', '.join(finders)}",
            )
        _refuse_malformed(address, name)
        self._refuse_other_account(address, name)
        return finders[address.kind](address, name)

    def _refuse_other_account(self, address: Address, arn: str) -> None:
        account, own = arn_account(arn), self._aws.identity.account_id
        if account not in (None, own, "aws"):
            raise Problem.of(
                "other-account",
                f"{arn} is in account {account}, and these credentials are of {own}",
                address=address,
                hint="use credentials of that account",
            )

    def _role(self, address: Address, name: str) -> Discovery:
        short = name.rpartition("/")[2] if name.startswith("arn:") else name
        role = self._aws.role(short)
        if role is None or (name.startswith("arn:") and role.arn != name):
            raise self._absent(address, f'role "{name}"', short, role_names(self._aws))
        reason = not_ours(role, self._stack)
        if reason:
            raise _refused(address, name, reason)
        return discover(self._aws, [role], self._stack, self._taken)

    def _policy(self, address: Address, name: str) -> Discovery:
        if ":" in name and not name.startswith("arn:"):
            return self._inline(address, name)
        arn = name if name.startswith("arn:") else self._policy_arn(address, name)
        policy = self._aws.policy(arn)
        if policy is None:
            known = policy_arns(self._aws, "AWS" if is_aws_managed(arn) else "Local")
            raise self._absent(address, f'policy "{name}"', arn.rpartition("/")[2], list(known))
        owner = owned_elsewhere(policy.tags, self._stack)
        if owner:
            raise _refused(address, name, owner)
        attached = [role.name for role in self._own_roles() if arn in role.attached_policies]
        sort = AWS if is_aws_managed(arn) else CUSTOMER
        if sort == AWS and not attached:
            raise _refused(address, name, "it is attached to no role of this stack")
        attributes = {"type": sort, "arn": arn, "roles": attached}
        observed = PermissionPolicy.observe(self._aws, attributes, Claims())
        return Discovery((Object(PermissionPolicy.kind, observed or attributes),))

    def _inline(self, address: Address, name: str) -> Discovery:
        """`ROLE:NAME`, or `ROLE,ROLE:NAME` as plans write it, of which some role has to have it."""
        holders, _, policy = name.partition(":")
        documents: dict[str, Attrs] = {}
        others: list[str] = []
        for holder in holders.split(","):
            role = self._aws.role(holder)
            if role is None:
                raise self._absent(address, f'role "{holder}"', holder, role_names(self._aws))
            if policy in role.inline_policies:
                documents[holder] = role.inline_policies[policy]
            others += role.inline_policies
        if not documents:
            what = f'inline policy "{policy}" on {holders}'
            raise self._absent(address, what, policy, others)
        attributes = {
            "type": INLINE,
            "name": policy,
            "document": next(iter(documents.values())),
            "roles": list(documents),
            "documents": documents,
        }
        return Discovery((Object(PermissionPolicy.kind, attributes),))

    def _policy_arn(self, address: Address, name: str) -> str:
        arns = policy_arns(self._aws, "Local")
        if name not in arns:
            self._refuse_aws_policy(address, name)
            raise self._absent(address, f'policy "{name}"', name, list(arns))
        return arns[name]

    def _refuse_aws_policy(self, address: Address, name: str) -> None:
        arn = policy_arns(self._aws, "AWS").get(name)
        if arn is not None:
            raise Problem.of(
                "import-missing",
                f'there is no policy "{name}" in account {self._aws.identity.account_id}: '
                "AWS has one of that name",
                address=address,
                hint=f"rolewright import '{address}' {arn}",
            )

    def _binding(self, address: Address, name: str) -> Discovery:
        given, _, rest = name.partition(":")
        _refuse_service(address, name)
        services = [given] if given in binding_classes() else sorted(binding_classes())
        wanted = rest if given in binding_classes() else name
        roles = self._own_roles()
        found = [
            Object(ServiceBinding.kind, attributes)
            for service in services
            for attributes in binding_classes()[service].carriers(self._aws, roles).bindings
        ]
        ids = {self._id_of(one): one for one in found}
        named = [
            one
            for one in found
            if wanted in (self._id_of(one), one.attributes.get("arn") or self._id_of(one))
        ]
        if not named:
            what = f'{" or ".join(services)} binding of a role of this stack, "{wanted}",'
            raise self._absent(address, what, wanted, list(ids))
        if len(named) > 1:
            choices = ", ".join(f"{one.attributes['service']}:{wanted}" for one in named)
            raise Problem.of(
                "ambiguous-id",
                f'several services have a "{wanted}"',
                address=address,
                hint=f"write {choices}",
            )
        return Discovery((named[0],))

    @staticmethod
    def _id_of(found: Object) -> str:
        return binding_classes()[found.attributes["service"]].id(found.attributes)

    def _own_roles(self) -> list[RoleView]:
        self._aws.prefetch(Wants(roles=frozenset(self._roles)))
        found = self._aws.map(self._aws.role, self._roles)
        return [role for role in found if role is not None]

    def _absent(self, address: Address, what: str, name: str, known: Sequence[str]) -> Problem:
        where = f"account {self._aws.identity.account_id}"
        return Problem.of(
            "import-missing",
            f"there is no {what} in {where}",
            address=address,
            hint=did_you_mean(name, known) or "ids are names or ARNs, as AWS shows them",
        )


def _refuse_malformed(address: Address, name: str) -> None:
    parts = name.split(":")
    arn = parts[0] == "arn"
    sound = len(parts) >= 6 and parts[-1] if arn else all(parts)
    if not sound or not _ID.fullmatch(name):
        raise Problem.of(
            "bad-id",
            f'"{name}" is neither a name nor an ARN',
            address=address,
            hint="ids are names or ARNs, ROLE:NAME for an inline policy, SERVICE:NAME for a binding",
        )
    sort = _ARN_SORTS.get(address.kind)
    if arn and sort is not None and f":{sort}/" not in name:
        raise Problem.of(
            "bad-id",
            f"{name} is not the ARN of a {sort}",
            address=address,
            hint=f"give the name or the ARN of a {sort}, or another address",
        )


def _refuse_service(address: Address, name: str) -> None:
    """Refuse `SERVICE:NAME` with a service that has no bindings."""
    given, colon, rest = name.partition(":")
    if not colon or given in ("arn", *binding_classes()):
        return
    near = nearest(given, binding_classes())
    raise Problem.of(
        "bad-id",
        f'there are no bindings of a service "{given}"',
        address=address,
        hint=f'did you mean "{near}:{rest}"?'
        if near
        else f"services are {', '.join(sorted(binding_classes()))}",
    )


def _refused(address: Address, name: str, reason: str) -> Problem:
    return Problem.of("import-refused", f"{name} can't be imported: {reason}", address=address)
