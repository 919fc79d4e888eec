"""The roles that `can` and `who-can` ask about: live ones, those of a plan, those of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ...resources.address import Address
from ...resources.diagnostics import Problem, did_you_mean
from ...resources.policy.catalogue import Catalogue
from ...resources.ports import AwsReader, Identity
from ...resources.role import Role
from ..config.declarations import Declarations, Desired
from ..near import role_names
from ..role_policies import RolePolicies
from ..verify.asking import action_faults, resource_faults
from ..verify.offline import Offline
from ..verify.places import Places
from ..verify.requests import World
from ..verify.roles import Names, Roles, live_roles, planned_roles, recorded_roles
from .asking import world
from .composition import Inputs, aws_for, catalogue_for, declarations, desired, session_for, wanted
from .options import Common
from .report import stderr_sink
from .stored import stored_state

GIVE = "give it with --context KEY=VALUE"


class Source(StrEnum):
    """Where roles come from."""

    LIVE = "live"
    PLAN = "plan"
    STATE = "recorded"


def source_of(*, live: bool, planned: bool, recorded: bool) -> Source:
    """The source that the options ask for; live roles without any.

    Raises:
        Problem: they ask for two.
    """
    chosen = [
        source
        for source, wanted_ in (
            (Source.LIVE, live),
            (Source.PLAN, planned),
            (Source.STATE, recorded),
        )
        if wanted_
    ]
    if len(chosen) > 1:
        given = " and ".join(f"--{source}" for source in chosen)
        raise Problem.of("two-sources", f"{given} exclude each other", hint="leave one of them out")
    return chosen[0] if chosen else Source.LIVE


@dataclass(frozen=True, slots=True)
class Population:
    """The roles to choose from, and what is needed to ask about them.

    `named` are the roles of the stack or of the state with their names in AWS; `roles` are those
    that were read. Other live roles are found in AWS by name.
    """

    source: Source
    stack: str | None
    world: World
    places: Places
    named: Mapping[Address, str]
    names: Names
    aws: AwsReader | None = None
    roles: Roles | None = None

    def offline(self, roles: Roles) -> Offline:
        """The evaluator for some roles."""
        return Offline(self.world, roles, self.places, give=GIVE)

    def one(self, text: str) -> RolePolicies:
        """The role of a name, an address or an ARN.

        Raises:
            Problem: there is none.
            AwsError: AWS refused a read.
        """
        address, name = self._address(text)
        if self.roles is not None:
            found = self.roles.get(address) or next(
                (role for role in self.roles.values() if role.name == name), None
            )
        else:
            found = self._read({address: name}).get(address)
        if found is None:
            raise self._unknown(text)
        return found

    def all(self) -> Roles:
        """All roles: of the stack, the state, or the account.

        Raises:
            AwsError: AWS refused a read.
        """
        if self.roles is not None or self.aws is None:
            return self.roles or {}
        addresses = {name: address for address, name in self.named.items()}
        return self._read(
            {addresses.get(name, Address(Role.kind, name)): name for name in role_names(self.aws)}
        )

    def is_named(self, address: Address) -> bool:
        """Whether an address is the stack's, and not just made from a role's name."""
        return address in self.named

    def _read(self, roles: Mapping[Address, str]) -> Roles:
        return {} if self.aws is None else live_roles(self.aws, roles, self.names)

    def _address(self, text: str) -> tuple[Address, str]:
        """The address and the name of a role that goes by a text."""
        local = text.removeprefix(f"{Role.kind}.")
        for address, name in self.named.items():
            if address.local == local:
                return address, name
        name = local.rpartition("/")[2] if local.startswith("arn:") else local
        addresses = {known: address for address, known in self.named.items()}
        return addresses.get(name, Address(Role.kind, name)), name

    def _unknown(self, text: str) -> Problem:
        known = {address.local for address in self.named} | {*self.named.values()}
        if self.roles is None and self.aws is not None:
            known |= {*role_names(self.aws)}
        where = {
            Source.LIVE: "in AWS",
            Source.PLAN: "in the stack file",
            Source.STATE: "in the state",
        }[self.source]
        made = text.removeprefix(f"{Role.kind}.") in {address.local for address in self.named}
        hint = "`rolewright apply` makes it; --plan asks about the role as it will be"
        return Problem.of(
            "unknown-role",
            f'there is no role "{text}" {where}',
            hint=hint if made and self.source is Source.LIVE else did_you_mean(text, known),
        )


def population(options: Common, source: Source, inputs: Inputs, catalogue: Catalogue) -> Population:
    """The roles of a source. A live role needs no stack file; where there is one, it gives names.

    Raises:
        Problem, AwsError: what is needed isn't there, or AWS refused a read.
    """
    if source is Source.STATE:
        return _recorded(options, catalogue)
    if source is Source.LIVE and not options.config_path.exists():
        aws = aws_for(options, None)
        here = world(aws.identity, aws, catalogue)
        return Population(source, None, here, Places(), {}, Names(), aws)
    return _of_stack(options, declarations(options, inputs), source, catalogue)


def population_asked(
    options: Common,
    source: Source,
    inputs: Inputs,
    catalogue: Path | None,
    request: tuple[str, str],
    context: Sequence[str],
) -> tuple[Population, Mapping[str, str | Sequence[str]]]:
    """The roles of a source, of which a request (action and resource) is asked; and its context keys.

    Raises:
        Problem, AwsError: what is asked can't be, what is needed isn't there, or AWS refused a read.
    """
    keys = _context_keys(context)
    found = population(options, source, inputs, catalogue_for(catalogue))
    _check(*request, found.world.catalogue)
    return found, keys


def _of_stack(
    options: Common, declared: Declarations, source: Source, catalogue: Catalogue
) -> Population:
    session = session_for(options, declared, stderr_sink(options))
    found = desired(session, declared)
    planned: Roles | None = None
    if source is Source.PLAN:
        planned = planned_roles(session.aws, session.plan(wanted(found), "apply"))
    return Population(
        source,
        session.stack,
        world(session.aws.identity, session.aws, catalogue),
        Places(found),
        _named(found),
        Names.of(found.attributes),
        session.aws,
        planned,
    )


def _recorded(options: Common, catalogue: Catalogue) -> Population:
    state = stored_state(options)
    attributes = {address: record.desired for address, record in state.resources.items()}
    arns = (record.arn for record in state.resources.values() if record.arn)
    partition = next(arns, "arn:aws").split(":")[1]
    identity = Identity(state.account_id, partition, state.region)
    return Population(
        Source.STATE,
        state.stack,
        world(identity, None, catalogue),
        Places(),
        {a: attrs["name"] for a, attrs in attributes.items() if a.kind == Role.kind},
        Names.of(attributes),
        roles=recorded_roles(state),
    )


def _named(found: Desired) -> dict[Address, str]:
    return {a: attrs["name"] for a, attrs in found.attributes.items() if a.kind == Role.kind}


def _check(action: str, resource: str, catalogue: Catalogue) -> None:
    """Refuse what can't be asked.

    Raises:
        Problem: with all that is wrong.
    """
    found = [*action_faults(action, catalogue), *resource_faults(resource)]
    if found:
        raise Problem(*found)


def _context_keys(texts: Sequence[str]) -> Mapping[str, str | Sequence[str]]:
    """Context keys from KEY=VALUE.

    Raises:
        Problem: a text is none.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            hint = "write --context aws:SourceIp=10.0.0.1"
            raise Problem.of("bad-context", f'--context "{text}" is no KEY=VALUE', hint=hint)
        known = next((each for each in found if each.lower() == key.lower()), key)
        found.setdefault(known, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}
