"""One request of a role, decided by all policies that have a say in it and are known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...resources.policy.caller import Caller, CallerKind, arn_account, certain_context
from ...resources.policy.catalogue import Catalogue
from ...resources.policy.compiled import compile_document
from ...resources.policy.context import Context
from ...resources.policy.document import Document
from ...resources.policy.evaluator import (
    Decision,
    NamedPolicy,
    Outcome,
    Policies,
    Request,
    evaluate,
)
from ...resources.policy.samples import Samples, resource_patterns, samples
from ...resources.policy.special_cases import is_always_allowed
from ..role_policies import RolePolicies
from .questions import ContextKeys

_GLOBAL = frozenset({"cloudfront", "iam", "organizations", "route53"})
"""Services with one endpoint for all regions; in the partition `aws` it is in us-east-1."""


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The policy of a resource. `unknown` says why it isn't known; `kind` is what AWS calls it."""

    policy: NamedPolicy | None = None
    unknown: str = ""
    kind: str = ""


NO_POLICY = ResourcePolicy()


def no_resource_policies(_arn: str) -> ResourcePolicy:
    """For where no resource policies are read."""
    return NO_POLICY


@dataclass(frozen=True, slots=True)
class World:
    """Where requests are made, and how the policy of a resource is found."""

    account_id: str
    partition: str
    region: str
    catalogue: Catalogue
    resource_policy: Callable[[str], ResourcePolicy] = no_resource_policies


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one request.

    `unproven` says what, beside context keys, isn't known and may change the outcome; `notes` what
    isn't known and was left out of it. `identity` is the outcome without the resource's policy,
    which is all that AWS's simulator weighs for a role; `documents` are those of the policies by name.
    """

    action: str
    resource: str
    outcome: Outcome
    identity: Outcome
    documents: Mapping[str, Document]
    context: Context
    unproven: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        """The decision; DEPENDS where anything that isn't known may make it an Allow or a Deny."""
        found = self.outcome.decision
        if found is Decision.DEPENDS and not self.outcome.may_be_allowed:
            return Decision.IMPLICITLY_DENIED
        if self.unproven and found is not Decision.EXPLICITLY_DENIED:
            return Decision.DEPENDS
        return found


@dataclass(frozen=True, slots=True)
class Requests:
    """What a role asks for, in the world."""

    world: World
    role: RolePolicies
    keys: ContextKeys = field(default_factory=dict[str, str])

    @property
    def caller(self) -> Caller:
        """The role; a role stands for any session of it."""
        return Caller(self.role.arn, self.world.account_id, CallerKind.ROLE)

    def samples(self, action: str, pattern: str) -> Samples:
        """The resources to ask about, so that all of a pattern on which the action works is covered."""
        kinds = self.world.catalogue.resource_types(action)
        formats = tuple(form for kind in kinds for form in kind.arn_formats)
        resource_policy = self._resource_policy(action, pattern).policy
        return samples(
            pattern,
            formats,
            resource_patterns(action, [each.document for each in self._policies(resource_policy)]),
            self.context(action, pattern),
            partition=self.world.partition,
            account=_owner(pattern) or self.world.account_id,
        )

    def mentions(self, action: str, pattern: str) -> bool:
        """Whether any policy has a statement about an action; without one it is not allowed."""
        policies = self._policies(self._resource_policy(action, pattern).policy)
        return is_always_allowed(action) or any(
            statement.covers_action(action)
            for policy in policies
            for statement in compile_document(policy.document)
        )

    def ask(self, action: str, resource: str, pattern: str) -> Answer:
        """Decide about one request for one resource, or for `*`.

        `resource` may be made up to stand for others: it is `pattern` that names what has a policy.
        """
        world, role = self.world, self.role
        own = self._resource_policy(action, pattern)
        owner = _owner(resource) or world.account_id
        context = self.context(action, pattern)
        policies = Policies(role.identity, role.boundary, resource=own.policy)
        identity = self._evaluate(action, resource, context, Policies(role.identity, role.boundary))
        unproven = [f"the document of {arn} on the role is not known" for arn in role.unread]
        notes: list[str] = []
        outcome = identity
        if own.policy is not None:
            request = Request(self.caller, action, resource, owner, context)
            outcome = evaluate(request, policies)
        elif owner != world.account_id:
            # Both must allow, so what the role's own policies refuse is refused.
            if identity.may_be_allowed:
                unproven.append(
                    f"{resource} is of account {owner}, whose policy on it must allow this too"
                )
        elif own.unknown:
            notes.append(f"the {own.kind} was not weighed: {own.unknown}")
        documents = {policy.name: policy.document for policy in self._policies(own.policy)}
        return Answer(
            action, resource, outcome, identity, documents, context, tuple(unproven), tuple(notes)
        )

    def context(self, action: str, resource: str) -> Context:
        """The context of requests for a resource, with what is certain and the keys that were given.

        Where the resource says no region, requests are made in the region in use.
        """
        tags = self.role.tags
        return certain_context(
            self.caller,
            more=self.keys,
            resource_account=_owner(resource) or self.world.account_id,
            region=self._region(action, resource),
            tags=tags,
        )

    def _evaluate(
        self, action: str, resource: str, context: Context, policies: Policies
    ) -> Outcome:
        return evaluate(Request(self.caller, action, resource, None, context), policies)

    def _region(self, action: str, resource: str) -> str | None:
        parts = resource.split(":", 5)
        named = parts[3] if len(parts) == 6 else ""
        if named and not _wild(named):
            return named
        if resource == "*" and self._has_regions(action):
            return None
        if action.partition(":")[0].lower() in _GLOBAL:
            return "us-east-1" if self.world.partition == "aws" else None
        return None if named else self.world.region

    def _has_regions(self, action: str) -> bool:
        kinds = self.world.catalogue.resource_types(action)
        return any("${Region}" in form for kind in kinds for form in kind.arn_formats)

    def _resource_policy(self, action: str, resource: str) -> ResourcePolicy:
        """The policy of a resource, where it has a say in the action."""
        service = action.partition(":")[0].lower()
        parts = resource.split(":", 5)
        if len(parts) != 6 or parts[2] not in {service, "iam" if service == "sts" else service}:
            return NO_POLICY
        if parts[2] == "iam" and service != "sts":
            return NO_POLICY
        return self.world.resource_policy(resource)

    def _policies(self, resource: NamedPolicy | None) -> list[NamedPolicy]:
        policies = (*self.role.identity, self.role.boundary, resource)
        return [policy for policy in policies if policy is not None]


def _owner(resource: str) -> str | None:
    """The account that an ARN names; None for one without an account, and for what AWS shares."""
    account = arn_account(resource)
    return account if account is not None and account.isdigit() else None


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def spelt(keys: Mapping[str, object]) -> dict[str, str | tuple[str, ...]]:
    """Context keys as an expectation or a command line gives them, with all values as text."""
    found: dict[str, str | tuple[str, ...]] = {}
    for key, value in keys.items():
        if isinstance(value, tuple | list):
            found[key] = tuple(map(_text, value))  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
        else:
            found[key] = _text(value)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
