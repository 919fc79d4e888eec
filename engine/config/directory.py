"""What a stack declares, for references to be looked up in: by fields, by `${…}` and by address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...resources.address import Address
from ...resources.aws_managed import managed_policy_arn
from ...resources.diagnostics import Diagnostic, did_you_mean
from ...resources.naming import default_name, iam_arn
from ...resources.ports import Identity
from ...resources.registry import SECTIONS
from .declarations import Declaration, Declarations
from .expressions import Environment, ExpressionError, interpolate
from .values import as_text

_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
MAX_CHAIN = 50
_TOO_LONG = "chain-too-long"
_NAMING_FIELDS = ("name", "path", "managed_policy", "inline")


class Directory:
    """The blocks and instances of a stack."""

    def __init__(self, declarations: Declarations) -> None:
        self._blocks = declarations.blocks
        self._broken = declarations.broken
        self.items: Mapping[Address, Declaration] = {
            item.address: item for item in declarations.items
        }

    def find(self, address: Address) -> Address:
        """The address itself, when there is such a resource.

        Raises:
            ExpressionError: there is none; without a finding where it is one that is itself wrong.
        """
        if address not in self.items:
            raise ExpressionError(None if address.base in self._broken else self._missing(address))
        return address

    def find_all(self, address: Address) -> Iterable[Address]:
        """The resource at an address, or all instances of the block that it names.

        Raises:
            ExpressionError: there is no such resource or block.
        """
        keys = self._blocks.get(address)
        if keys is None:
            return (self.find(address),)
        return (Address(address.kind, address.name, key) for key in keys)

    def _missing(self, address: Address) -> Diagnostic:
        what = f'{address.kind.replace("_", " ")} "{address.name}"'
        if address.base not in self._blocks:
            return Diagnostic(
                "unknown-reference", f"there is no {what}", hint=self._near(address.base)
            )
        keys = self._blocks[address.base]
        if keys is None:
            return Diagnostic(
                "unknown-reference",
                f'{what} has no instance "{address.key}"',
                "It has no for_each.",
                f"write {address.name}",
            )
        forms = [Address(address.kind, address.name, key).local for key in keys]
        listed = _some(forms) or "none: its for_each is empty"
        if address.key is None:
            own = f'{address.name}["${{each.key}}"]'
            return Diagnostic(
                "reference-to-many",
                f"{what} is made by for_each, and an instance of it must be named",
                f"There are {listed}.",
                f"name one of them, or in a block with the same for_each {own}",
            )
        hint = did_you_mean(address.key, keys) or f"there are {listed}"
        return Diagnostic("unknown-reference", f'{what} has no instance "{address.key}"', hint=hint)

    def _near(self, base: Address) -> str:
        prefix = f"{base.kind}."
        if base.name.startswith(prefix):
            return f"write {base.name.removeprefix(prefix)}"
        names = [block.name for block in self._blocks if block.kind == base.kind]
        section = _SECTION_OF.get(base.kind, base.kind)
        known = f"{section} has {_some(names)}" if names else f"declare it under {section}:"
        return did_you_mean(base.name, names) or known


def _some(names: list[str]) -> str:
    more = len(names) - 8
    return ", ".join(names[:8]) + (f" and {more} more" if more > 0 else "")


class Exports:
    """The values that `${role.NAME.arn}` and its like stand for.

    They come from the fields that make a name, so that resources may name each other in any order.
    """

    def __init__(
        self, directory: Directory, variables: Mapping[str, object], identity: Identity
    ) -> None:
        self._directory = directory
        self._variables = variables
        self._identity = identity
        self._known: dict[Address, Mapping[str, str]] = {}
        self._open: set[Address] = set()

    def get(self, address: Address, attribute: str) -> str:
        """The value of an attribute of a resource.

        Raises:
            ExpressionError: there is no such resource, or it has no such attribute.
        """
        self._directory.find(address)
        if address not in self._known:
            # Names that are made of each other are a cycle, which is reported as one.
            if address in self._open:
                raise ExpressionError
            if len(self._open) > MAX_CHAIN:
                summary = f"more than {MAX_CHAIN} names are each made of the next"
                raise ExpressionError(Diagnostic(_TOO_LONG, summary))
            self._open.add(address)
            try:
                self._known[address] = self._export(address)
            finally:
                self._open.discard(address)
        value = self._known[address].get(attribute)
        if value is None:
            summary = f"{address} has no {attribute}"
            kind = "an inline policy" if attribute == "arn" else "an AWS managed policy"
            raise ExpressionError(Diagnostic("bad-expression", summary, f"It is {kind}."))
        return value

    def _export(self, address: Address) -> Mapping[str, str]:
        declaration = self._directory.items[address]
        failed: list[Diagnostic | None] = []
        written = {
            key: declaration.fields[key] for key in _NAMING_FIELDS if key in declaration.fields
        }
        environment = Environment(self._variables, declaration.each, self._identity, self.get)
        fields = interpolate(written, environment, lambda _, finding: failed.append(finding))
        name = as_text(fields.get("name") or default_name(address))
        path = as_text(fields.get("path") or "/")
        managed = fields.get("managed_policy")
        if failed or name is None or path is None or not isinstance(managed, str | None):
            # That declaration reports its faults itself; only a chain is nobody's own.
            chain = (one for one in failed if one is not None and one.code == _TOO_LONG)
            raise ExpressionError(next(chain, None))
        if managed is not None:
            return {"arn": managed_policy_arn(managed, self._identity.partition)}
        if fields.get("inline"):
            return {"name": name}
        sort = "policy" if address.kind == "permission_policy" else address.kind
        return {"name": name, "arn": iam_arn(self._identity, sort, path, name)}
