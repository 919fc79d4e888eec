"""References between the blocks of written stack files: never one that closes a circle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...resources.address import Address
from ...resources.permission_policy import PermissionPolicy
from ...resources.policy.values import is_list, is_map
from ...resources.ports import Identity
from ...resources.role import Role
from ..config.expressions import escape
from .found import Found


class Links:
    """Who is called what in the files, and which block needs which.

    A role that may assume itself, or two that assume each other, would be a circle, which a stack
    file can't have: there the ARN is written out.
    """

    def __init__(self, found: Iterable[Found], identity: Identity) -> None:
        self._roles: dict[str, Address] = {}
        self._arns: dict[str, Address] = {}
        self._needs: dict[Address, set[Address]] = {}
        for one in found:
            if one.address.kind == Role.kind:
                self._roles[one.attributes["name"].lower()] = one.address
                self._arns[Role.arn(one.attributes, identity)] = one.address
            elif one.address.kind == PermissionPolicy.kind and (
                one.attributes["type"] == "customer"
            ):
                self._arns[one.attributes["arn"]] = one.address

    def role(self, name_or_arn: str) -> Address | None:
        """The address of a role given by its name (of any case, as in AWS) or ARN."""
        if name_or_arn.startswith("arn:"):
            found = self._arns.get(name_or_arn)
            return found if found is not None and found.kind == Role.kind else None
        return self._roles.get(name_or_arn.lower())

    def policy(self, arn: str) -> Address | None:
        """The address of a customer managed policy."""
        found = self._arns.get(arn)
        return found if found is not None and found.kind == PermissionPolicy.kind else None

    def need(self, source: Address, target: Address) -> None:
        """Note that a block names another, which can't be avoided."""
        self._needs.setdefault(source, set()).add(target)

    def may_need(self, source: Address, target: Address) -> bool:
        """Note that a block names another, unless that needs the first one already."""
        if self._reaches(target, source):
            return False
        self.need(source, target)
        return True

    def _reaches(self, start: Address, end: Address) -> bool:
        seen: set[Address] = set()
        waiting = [start]
        while waiting:
            address = waiting.pop()
            if address == end:
                return True
            if address not in seen:
                seen.add(address)
                waiting += self._needs.get(address, ())
        return False

    def trusted(self, source: Address, arns: Sequence[str]) -> list[str]:
        """Role ARNs of a trust policy as its `roles` takes them: keys where that is possible."""
        return [
            address.local
            if (address := self.role(arn)) is not None and self.may_need(source, address)
            else escape(arn)
            for arn in arns
        ]

    def text(self, source: Address, value: str) -> str:
        """A text for the file: a reference where it is the ARN of a block, else as it is."""
        target = self._arns.get(value)
        if target is not None and self.may_need(source, target):
            return f"${{{target}.arn}}"
        return escape(value)

    def value(self, source: Address, value: Any) -> Any:
        """`text` for all texts inside a value; keys of maps are no expressions and stay."""
        if isinstance(value, str):
            return self.text(source, value)
        if is_map(value):
            return {key: self.value(source, item) for key, item in value.items()}
        if is_list(value):
            return [self.value(source, item) for item in value]
        return value


def literal(value: Any) -> Any:
    """A value for the file that means itself, with nothing in it filled in."""
    return _PLAIN.value(Address("", ""), value)


_PLAIN = Links((), Identity("", "", ""))
