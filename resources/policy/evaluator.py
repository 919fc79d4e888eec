"""Whether a request is allowed, by AWS's published evaluation logic, and which statements decide.

Works without AWS, on documents and on what is known of the request. Where an answer depends on what
is not known, it says so and names the context keys.
Sources: IAM user guide, "Policy evaluation logic", "Policy evaluation for requests within a single
account", "Cross-account policy evaluation logic" and "Permissions boundaries for IAM entities";
KMS developer guide, "Key policies in AWS KMS".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from .caller import Caller, CallerKind, is_service_linked
from .compiled import CompiledStatement, compile_document
from .context import Context
from .document import Document
from .principal_matching import Grant, grant
from .shape import Effect
from .special_cases import is_always_allowed, is_protected, is_under_resource_control
from .truth import Truth, all_of, any_of

__all__ = [
    "Caller",
    "CallerKind",
    "Deciding",
    "Decision",
    "Layer",
    "NamedPolicy",
    "Outcome",
    "Policies",
    "Request",
    "Ruling",
    "conclude",
    "evaluate",
    "rule",
]


class Decision(StrEnum):
    """What becomes of a request; DEPENDS if context keys that are not known decide."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly_denied"
    IMPLICITLY_DENIED = "implicitly_denied"
    DEPENDS = "depends"


class Layer(StrEnum):
    """The sorts of policies that have a say."""

    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    TRUST = "trust policy"


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and what a person knows it by: its ARN, the name of an inline one, an address."""

    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class Deciding:
    """A statement that decided; `index` counts the statements of its policy from 0."""

    layer: Layer
    policy: str
    index: int
    sid: str | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what. `resource` is an ARN, or `*` for an action that has no resource.

    `resource_account` None: the account of the caller.
    """

    caller: Caller
    action: str
    resource: str
    resource_account: str | None
    context: Context


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that have a say in a request.

    `service_control` holds a tuple for each level from the root of the organization down, each of
    which must allow; leave it empty for the management account. `resource` None: the resource has
    no policy, or nobody knows it.
    """

    identity: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    session: tuple[NamedPolicy, ...] = ()
    resource: NamedPolicy | None = None
    service_control: tuple[tuple[NamedPolicy, ...], ...] = ()
    resource_control: tuple[NamedPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision and its grounds.

    `because`: the Deny statements, or the Allow statements of all layers that were needed; for
    DEPENDS those which apply or do not by the keys in `depends_on`. `blocked_by`: the layer that
    gives no Allow, whatever the unknown keys are; it may stand beside DEPENDS, where all that is
    open is whether a Deny applies as well.
    """

    decision: Decision
    because: tuple[Deciding, ...]
    blocked_by: Layer | None
    depends_on: frozenset[str]

    @property
    def may_be_allowed(self) -> bool:
        """Whether the request is allowed, or is for some values of the unknown keys."""
        open_ = self.decision is Decision.DEPENDS and self.blocked_by is None
        return open_ or self.decision is Decision.ALLOWED


@dataclass(frozen=True, slots=True)
class _Vote:
    """A statement that covers the request, or may."""

    deciding: Deciding
    truth: Truth
    grant: Grant = Grant.NOBODY


@dataclass(frozen=True, slots=True)
class _Step:
    """A layer that must allow on the way to being allowed, with its Allow statements."""

    layer: Layer
    truth: Truth
    votes: tuple[_Vote, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policies say about one action, before a decision is made of it."""

    denied: Truth
    allowed: Truth
    denying: tuple[_Vote, ...] = ()
    allowing: tuple[_Vote, ...] = ()
    blocked_by: Layer | None = None


def evaluate(request: Request, policies: Policies) -> Outcome:
    """Decide about a request. Raises nothing.

    A key policy, and the trust policy of a role if it is given as resource policy, must themselves
    allow: what identity policies say counts only if they name the account.
    """
    return conclude((rule(request, policies, Layer.RESOURCE),))


def rule(request: Request, policies: Policies, resource_layer: Layer) -> Ruling:
    """What the policies say; `resource_layer` is what the resource policy is called."""
    if is_always_allowed(request.action):
        return Ruling(denied=False, allowed=True)
    ballot = _Ballot(request, policies, resource_layer)
    always, ways = ballot.always(), ballot.ways()
    allowed = all_of(
        [*(step.truth for step in always), any_of(all_of(s.truth for s in way) for way in ways)]
    )
    open_ways = (way for way in ways if all_of(step.truth for step in way) is not False)
    used = [
        vote
        for way in (always, *open_ways)
        if allowed is not True or all_of(step.truth for step in way) is True
        for step in way
        for vote in step.votes
    ]
    return Ruling(
        denied=any_of(vote.truth for vote in ballot.denying),
        allowed=allowed,
        denying=ballot.denying,
        allowing=tuple(used),
        blocked_by=_blocking(always, ways) if allowed is False else None,
    )


def conclude(rulings: tuple[Ruling, ...]) -> Outcome:
    """The decision about a request that needs several actions, all of them."""
    denied = any_of(ruling.denied for ruling in rulings)
    allowed = all_of(ruling.allowed for ruling in rulings)
    denying = [vote for ruling in rulings for vote in ruling.denying]
    allowing = [vote for ruling in rulings for vote in ruling.allowing]
    blocked_by = next((found.blocked_by for found in rulings if found.blocked_by), None)
    if denied is True:
        return Outcome(Decision.EXPLICITLY_DENIED, _certain(denying), None, frozenset())
    if isinstance(denied, frozenset) or isinstance(allowed, frozenset):
        relevant = denying + (allowing if isinstance(allowed, frozenset) else [])
        because = _distinct(vote for vote in relevant if isinstance(vote.truth, frozenset))
        keys = _keys(denied) | _keys(allowed)
        return Outcome(Decision.DEPENDS, because, blocked_by, _spelt_once(keys))
    if allowed:
        return Outcome(Decision.ALLOWED, _certain(allowing), None, frozenset())
    return Outcome(Decision.IMPLICITLY_DENIED, (), blocked_by, frozenset())


def _certain(votes: Iterable[_Vote]) -> tuple[Deciding, ...]:
    return _distinct(vote for vote in votes if vote.truth is True)


def _distinct(votes: Iterable[_Vote]) -> tuple[Deciding, ...]:
    return tuple(dict.fromkeys(vote.deciding for vote in votes))


def _keys(truth: Truth) -> frozenset[str]:
    return truth if isinstance(truth, frozenset) else frozenset()


def _spelt_once(keys: frozenset[str]) -> frozenset[str]:
    """Keys in one spelling each, since policies may spell them in different cases."""
    return frozenset({key.lower(): key for key in sorted(keys)}.values())


def _blocking(always: list[_Step], ways: list[list[_Step]]) -> Layer | None:
    """The layer that stops a request: on the way that leads furthest, the first that says no."""
    for step in always:
        if step.truth is False:
            return step.layer
    stops = [next(i for i, step in enumerate(way) if step.truth is False) for way in ways]
    furthest = max(range(len(ways)), key=lambda i: (stops[i], i))
    return ways[furthest][stops[furthest]].layer


class _Ballot:
    """The statements that cover a request, and the ways in which they may allow it."""

    def __init__(self, request: Request, policies: Policies, resource_layer: Layer) -> None:
        self._request, self._policies = request, policies
        self._resource_layer = resource_layer
        self._bounded = policies.boundary is not None
        caller = request.caller
        free = caller.stands_alone or is_service_linked(caller.arn)
        self._levels = [
            self._votes(Layer.SERVICE_CONTROL, level)
            for level in (() if free else policies.service_control)
        ]
        self._identity = self._votes(Layer.IDENTITY, policies.identity)
        self._boundary = self._votes(Layer.BOUNDARY, _optional(policies.boundary))
        self._session = self._votes(Layer.SESSION, policies.session)
        self._resource = self._votes(resource_layer, _optional(policies.resource), whom=True)
        controlled = is_under_resource_control(request.action)
        controls = policies.resource_control if controlled and policies.resource_control else ()
        exempt = is_service_linked(caller.arn)
        control = self._votes(Layer.RESOURCE_CONTROL, () if exempt else controls, whom=True)
        cast = (*self._levels, self._identity, self._boundary, self._session, self._resource)
        self.denying = tuple(
            vote
            for votes in (*cast, control)
            for vote in votes
            if vote.deciding.effect is Effect.DENY
        )

    def _votes(
        self, layer: Layer, policies: Iterable[NamedPolicy], *, whom: bool = False
    ) -> tuple[_Vote, ...]:
        """The statements that cover the request; with `whom`, only those that name the caller."""
        request, found = self._request, list[_Vote]()
        for policy in policies:
            for index, statement in self._about(policy):
                named = Grant.NOBODY
                if whom:
                    named = grant(statement.source, request.caller, bounded=self._bounded)
                    if named is Grant.NOBODY:
                        continue
                truth = statement.covers(request.resource, request.context)
                if truth is not False:
                    source = statement.source
                    deciding = Deciding(layer, policy.name, index, source.sid, source.effect)
                    found.append(_Vote(deciding, truth, named))
        return tuple(found)

    def _about(self, policy: NamedPolicy) -> Iterator[tuple[int, CompiledStatement]]:
        action = self._request.action
        for index, statement in enumerate(compile_document(policy.document)):
            if statement.covers_action(action):
                yield index, statement

    def always(self) -> list[_Step]:
        """What must hold on every way."""
        steps = [_allowing(Layer.SERVICE_CONTROL, votes) for votes in self._levels]
        request = self._request
        if is_protected(request.caller, request.action, request.resource):
            steps.append(_Step(self._resource_layer, truth=False))
        return steps

    def ways(self) -> list[list[_Step]]:
        """The ways to be allowed, each a list of layers that must all allow."""
        caller = self._request.caller
        by_resource = self._by_resource(Grant.ACCOUNT, Grant.ROLE, Grant.DIRECT)
        if caller.stands_alone:
            return [[by_resource]]
        limits = self._limits()
        identity = _allowing(Layer.IDENTITY, self._identity)
        if caller.kind is CallerKind.ROOT:
            identity = _Step(Layer.IDENTITY, truth=True)
        if self._request.resource_account not in {None, caller.home}:
            return [[by_resource, identity, *limits]]
        delegated = [self._by_resource(Grant.ACCOUNT)] if self._must_delegate() else []
        return [
            [self._by_resource(Grant.DIRECT)],
            [self._by_resource(Grant.ROLE), *limits],
            [*delegated, identity, *limits],
        ]

    def _by_resource(self, *grants: Grant) -> _Step:
        votes = tuple(vote for vote in self._resource if vote.grant in grants)
        return _allowing(self._resource_layer, votes)

    def _limits(self) -> list[_Step]:
        limits: list[_Step] = []
        if self._policies.boundary is not None:
            limits.append(_allowing(Layer.BOUNDARY, self._boundary))
        if self._policies.session:
            limits.append(_allowing(Layer.SESSION, self._session))
        return limits

    def _must_delegate(self) -> bool:
        """Whether the resource policy rules alone unless it names the account: keys and roles."""
        service = self._request.action.lower().partition(":")[0]
        return self._policies.resource is not None and service in {"kms", "sts"}


def _optional(policy: NamedPolicy | None) -> tuple[NamedPolicy, ...]:
    return () if policy is None else (policy,)


def _allowing(layer: Layer, votes: tuple[_Vote, ...]) -> _Step:
    allows = tuple(vote for vote in votes if vote.deciding.effect is Effect.ALLOW)
    return _Step(layer, any_of(vote.truth for vote in allows), allows)
