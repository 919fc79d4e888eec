"""Trust policies: which services, accounts and roles may assume a role.

A trust policy is a document that becomes part of each role that names it; it is no AWS object of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from .address import Address
from .calls import Attrs, Call
from .diagnostics import Diagnostic
from .kind import Context, Resource, Scope, Shape
from .policy import DocumentKind, check, trust_document

FieldPath = tuple[str | int, ...]
_SOME_ROLE = "arn:aws:iam::123456789012:role/some-role"


class Trust(BaseModel):
    """Who may assume a role: principals in short form, or a whole IAM document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = Field(
        default=(), description="Service principals, such as ec2.amazonaws.com."
    )
    accounts: tuple[str, ...] = Field(
        default=(), description="Account ids whose principals may assume the role."
    )
    roles: tuple[str, ...] = Field(
        default=(), description="Roles of this stack, or role ARNs, that may assume the role."
    )
    conditions: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict[str, Mapping[str, Any]],
        description="An IAM Condition block for all principals.",
    )
    document: Mapping[str, Any] | None = Field(
        default=None, description="A whole trust policy as IAM JSON."
    )
    document_file: str | None = Field(
        default=None, description="A file with a whole trust policy as IAM JSON."
    )

    def trusted_roles(self) -> Iterable[tuple[FieldPath, Address]]:
        """The roles of this stack that are named as principals."""
        for index, role in enumerate(self.roles):
            if not role.startswith("arn:"):
                yield ("roles", index), Address.parse(f"role.{role}")

    def faults(self) -> Iterable[tuple[FieldPath, Diagnostic]]:
        """What is wrong with the fields by themselves."""
        short = [name for name in ("services", "accounts", "roles") if getattr(self, name)]
        if self.document is not None and (short or self.conditions):
            yield (
                ("document",),
                Diagnostic(
                    "two-documents",
                    "a trust policy has either a document or services, accounts and roles",
                    hint=f"remove document, or {', '.join([*short, *(['conditions'] if self.conditions else [])])}",
                ),
            )
        elif self.document is None and self.document_file is None and not short:
            yield (
                (),
                Diagnostic(
                    "no-principal",
                    "a trust policy that trusts nobody",
                    hint="add services: [ec2.amazonaws.com], accounts, roles or a document",
                ),
            )
        if self.document is not None:
            for fault in check(self.document, DocumentKind.TRUST):
                yield (
                    ("document", *fault.path),
                    Diagnostic(fault.code, fault.summary, hint=fault.hint),
                )
        elif short:
            yield from self._faults_of_short_form()
        for index, account in enumerate(self.accounts):
            if not (len(account) == 12 and account.isdigit()):
                yield (
                    ("accounts", index),
                    Diagnostic(
                        "bad-account",
                        f'"{account}" is not an account id',
                        hint="write its twelve digits in quotes",
                    ),
                )

    def _faults_of_short_form(self) -> Iterable[tuple[FieldPath, Diagnostic]]:
        """What IAM would say of the document that the short form makes; its accounts and roles are checked apart."""
        arns = [role for role in self.roles if role.startswith("arn:")]
        document = trust_document(
            self.services, roles=[*arns, _SOME_ROLE], conditions=self.conditions
        )
        for fault in check(document, DocumentKind.TRUST):
            match fault.path[2:]:
                case ("Principal", "Service", *rest):
                    path: FieldPath = ("services", *rest)
                case ("Principal", *_):
                    path = ("roles",)
                case ("Condition", *rest):
                    path = ("conditions", *rest)
                case _:
                    path = ()
            yield path, Diagnostic(fault.code, fault.summary, hint=fault.hint)

    def to_document(self, scope: Scope) -> Attrs:
        """The trust policy as IAM JSON, in the author's order."""
        if self.document is not None:
            return self.document
        arns = [role if role.startswith("arn:") else _role_arn(role, scope) for role in self.roles]
        return trust_document(
            services=self.services,
            accounts=self.accounts,
            roles=arns,
            conditions=self.conditions,
            partition=scope.identity.partition,
        )


def _role_arn(local: str, scope: Scope) -> str:
    address = Address.parse(f"role.{local}")
    return scope.resources[address].arn(scope.attributes(address), scope.identity)


class TrustPolicy(Trust, Resource):
    """A named trust policy, for roles to share."""

    kind: ClassVar[str] = "trust_policy"
    shape: ClassVar[Shape] = Shape(documents=frozenset({"document"}))
    live: ClassVar[bool] = False

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        return self.trusted_roles()

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        return self.faults()

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        document = self.to_document(scope)
        return {"name": address.local, "document": document}

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        return attrs["name"]

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> tuple[Call, ...]:
        return ()

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> tuple[Call, ...]:
        return ()

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> tuple[Call, ...]:
        return ()
