"""From an action and a resource to the one harmless call that proves it, or why there is none. Pure.

Three ways lead there: the table; for actions without resources the operation of the same name, if
it only reads and needs no parameters; and EC2's dry runs, where AWS checks permissions and does
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...resources.ports import Identity
from .harmless_calls import CANARY, CLIENTS, DRY_RUN_PARAMETERS, LISTING, ROWS, Row
from .trials import Trial

DRY_RUN = "DryRun"
_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):(?P<service>[^:]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of an AWS operation: those that it needs, and all that it takes."""

    required: frozenset[str]
    members: frozenset[str]


SignatureOf = Callable[[str, str], Signature | None]
"""The signature of a boto3 client's operation; None if there is no such operation."""


class NotProbeableError(Exception):
    """No harmless call proves this; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Harmless:
    """Finds harmless calls for one account and region.

    Without `dry_runs`, EC2 actions that change something have none: an imitation of AWS might take
    no notice of `DryRun`.
    """

    identity: Identity
    signature_of: SignatureOf
    dry_runs: bool = True

    def trial(self, action: str, resource: str) -> Trial:
        """The call that proves an action on a resource.

        Raises:
            NotProbeableError: there is none.
        """
        prefix, _, name = action.partition(":")
        if not re.fullmatch(r"[\w-]+:\w+", action):
            raise NotProbeableError(f"{action} stands for several actions; name one")
        row = ROWS.get(action.lower())
        if row is not None and (resource != "*" or not row.resource):
            return self._from_table(action, resource, row)
        if prefix.lower() == "ec2":
            return self._dry_run(action, name, resource)
        return self._listing(action, CLIENTS.get(prefix.lower(), prefix.lower()), name, resource)

    def _from_table(self, action: str, resource: str, row: Row) -> Trial:
        service = CLIENTS.get(action.partition(":")[0].lower(), action.partition(":")[0].lower())
        operation, allowed = row.operation, frozenset(row.allowed)
        if not row.resource:
            if resource != "*":
                raise NotProbeableError(f"{action} is allowed or denied on * alone")
            return Trial(action, "*", service, operation, row.parameters, allowed)
        concrete = self._concrete(action, resource, row)
        values = self._values(action, concrete, row)
        witness = None
        if row.witness:
            whole = concrete.partition("/")[0]
            witness = self._from_table(row.witness, whole, ROWS[row.witness.lower()])
        return Trial(
            action,
            concrete,
            service,
            operation,
            cast("Mapping[str, Any]", _filled(row.parameters, values)),
            allowed,
            witness,
            representative=concrete != resource,
        )

    def _concrete(self, action: str, resource: str, row: Row) -> str:
        """The resource with a canary in place of a wildcard at its end."""
        if "?" not in resource and "*" not in resource.removesuffix("*"):
            if not resource.endswith("*"):
                return resource
            if row.open_ended:
                return resource.removesuffix("*") + CANARY
        raise NotProbeableError(f"{resource} stands for many; name one that {action} is about")

    def _values(self, action: str, resource: str, row: Row) -> Mapping[str, str]:
        """What the placeholders of the row stand for."""
        parts = self._here(action, resource)
        found = re.fullmatch(row.resource, parts["rest"])
        if found is None:
            raise NotProbeableError(f"{action} is not about {resource}")
        account = parts["account"] or self.identity.account_id
        named = found.groupdict()
        return {
            **named,
            "arn": resource,
            "account": account,
            "queue_url": f"https://sqs.{self.identity.region}.{self._domain}/{account}/{named.get('name', '')}",
        }

    def _here(self, action: str, resource: str) -> re.Match[str]:
        """The parts of an ARN that can be reached from here."""
        parts = _ARN.fullmatch(resource)
        if parts is None:
            raise NotProbeableError(f"{action} needs a resource to be tried on, and got {resource}")
        if parts["service"] != action.partition(":")[0].lower():
            raise NotProbeableError(f"{action} is not about {resource}")
        if parts["region"] not in ("", self.identity.region):
            raise NotProbeableError(f"{resource} is not in {self.identity.region}")
        # By its name alone, another account's thing would be looked for in this account.
        if parts["account"] not in ("", self.identity.account_id):
            raise NotProbeableError(f"{resource} is another account's")
        return parts

    @property
    def _domain(self) -> str:
        return "amazonaws.com.cn" if self.identity.partition == "aws-cn" else "amazonaws.com"

    def _dry_run(self, action: str, name: str, resource: str) -> Trial:
        """An EC2 call that AWS doesn't carry out, only says whether it would."""
        signature = self.signature_of("ec2", name)
        if signature is None or DRY_RUN not in signature.members:
            raise NotProbeableError(f"{action} has no dry run")
        if not self.dry_runs and not LISTING.fullmatch(name):
            raise NotProbeableError(f"only AWS itself can be trusted with the dry run of {action}")
        parameters: dict[str, Any] = {}
        if resource != "*":
            kind, _, identifier = self._here(action, resource)["rest"].partition("/")
            if re.search(r"[*?]", resource):
                raise NotProbeableError(f"{resource} stands for many; name one")
            one, several = DRY_RUN_PARAMETERS.get(kind, ("", ""))
            if one in signature.members:
                parameters[one] = identifier
            elif several in signature.members:
                parameters[several] = [identifier]
            else:
                raise NotProbeableError(f"no dry run of {action} on {resource} is known")
        if lacking := sorted(signature.required - parameters.keys() - {DRY_RUN}):
            raise NotProbeableError(f"a dry run of {action} would need {', '.join(lacking)}")
        return Trial(
            action,
            resource,
            "ec2",
            name,
            {**parameters, DRY_RUN: True},
            frozenset({"DryRunOperation"}),
        )

    def _listing(self, action: str, service: str, name: str, resource: str) -> Trial:
        """The operation of the action's name, if it reads and needs nothing."""
        if not LISTING.fullmatch(name) or service == "sts":
            raise NotProbeableError(f"no harmless call proves {action}")
        signature = self.signature_of(service, name)
        if signature is None or signature.required or resource != "*":
            raise NotProbeableError(f"no harmless call is known for {action} on {resource}")
        return Trial(action, resource, service, name)


def _filled(value: object, values: Mapping[str, str]) -> object:
    """The parameters with the placeholders in their texts replaced."""
    match value:
        case str():
            return value.format_map(values)
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            return {key: _filled(item, values) for key, item in items}
        case list():
            return [_filled(item, values) for item in cast("Sequence[object]", value)]
        case _:
            return value
