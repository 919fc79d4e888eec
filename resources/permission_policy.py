"""Permission policies: customer managed, inline and AWS managed, with their attachment to roles.

An attachment is identified by role and policy, never by a key of the stack file.
Sources: IAM API reference; IAM user guide, "Versioning IAM policies".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from .address import Address
from .aws_managed import managed_policy_arn, nearest_managed_policy
from .calls import Attrs, Call, Phase
from .customer_policy import (
    CUSTOMER,
    create_policy,
    customer_attributes,
    delete_policy,
    set_document,
)
from .diagnostics import Diagnostic
from .inline_policy import drop_inline, observe_inline, update_inline
from .kind import Claim, Claims, Context, Hold, Resource, Scope, Shape, Slot
from .naming import POLICY_NAME_LIMIT, check_name, check_path, check_tags, default_name, iam_arn
from .policy import DocumentKind, check, statements_document
from .policy_statement import PolicyStatement
from .policy_strays import is_same_policy, strays_of_policies, with_policy_tags
from .ports import AwsReader, Identity, Wants
from .role_calls import attach, detach, put_inline
from .strays import Around, Stray, Watched
from .tags import desired_tags, retag
from .trust_policy import FieldPath

INLINE, AWS = "inline", "aws"


class PermissionPolicy(Resource):
    """What roles may do: a customer managed, an inline or an AWS managed policy."""

    kind: ClassVar[str] = "permission_policy"
    shape: ClassVar[Shape] = Shape(
        documents=frozenset({"document"}),
        sets=frozenset({"roles"}),
        partly_told={"versions": "document"},
        replace={
            "type": "a managed policy can't become an inline one, nor the other way round",
            "name": "AWS can't rename a policy",
            "path": "AWS can't move a policy to another path",
            "description": "AWS can't change a managed policy's description",
            "arn": "it is another policy",
        },
    )

    roles: tuple[str, ...] = Field(
        default=(), description="The roles of this stack that the policy is attached to."
    )
    name: str | None = Field(
        default=None, description="The policy's name in AWS; the key in this file when absent."
    )
    path: str = Field(default="/", description="A customer managed policy's path.")
    description: str = Field(
        default="", description="What a customer managed policy is for; AWS can't change it later."
    )
    inline: bool = Field(
        default=False,
        description="Whether the policy is part of the role instead of an object of its own.",
    )
    managed_policy: str | None = Field(
        default=None, description="An AWS managed policy, by name or ARN."
    )
    statements: tuple[PolicyStatement, ...] = Field(
        default=(), description="The statements, in short form."
    )
    document: Mapping[str, Any] | None = Field(
        default=None, description="A whole policy as IAM JSON."
    )
    document_file: str | None = Field(
        default=None, description="A file with a whole policy as IAM JSON."
    )
    tags: Mapping[str, str] = Field(
        default_factory=dict[str, str], description="Tags of a customer managed policy."
    )

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        return (
            (("roles", index), Address.parse(f"role.{role}"))
            for index, role in enumerate(self.roles)
        )

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        yield from self._check_content()
        if self.managed_policy is None:
            yield from (
                (("name",), d)
                for d in check_name(self.name or default_name(address), "policy", POLICY_NAME_LIMIT)
            )
        yield from ((("path",), d) for d in check_path(self.path))
        yield from ((("tags",), d) for d in check_tags(self.tags))
        if len(self.description) > 1000:
            yield (
                ("description",),
                Diagnostic(
                    "too-long",
                    f"the description has {len(self.description)} characters",
                    "AWS allows 1,000.",
                ),
            )
        if (self.inline or self.managed_policy is not None) and not self.roles:
            yield (
                ("roles",),
                Diagnostic(
                    "no-roles",
                    "an inline or AWS managed policy needs roles to be on",
                    hint="add roles: [NAME]",
                ),
            )

    def _check_content(self) -> Iterable[tuple[FieldPath, Diagnostic]]:
        given = [
            name
            for name, value in (
                ("managed_policy", self.managed_policy),
                ("statements", self.statements),
                ("document", self.document),
            )
            if value
        ]
        if len(given) > 1:
            yield (
                (given[1],),
                Diagnostic(
                    "two-documents",
                    f"a policy has only one of {', '.join(given)}",
                    hint="make two permission policies of it",
                ),
            )
        elif not given and self.document_file is None:
            yield (
                (),
                Diagnostic(
                    "no-document",
                    "a permission policy without content",
                    hint="add statements, document, document_file or managed_policy",
                ),
            )
        elif self.managed_policy is not None:
            for name in ("inline", "name", "description", "tags"):
                if getattr(self, name):
                    text = f"{name} can't be set on an AWS managed policy"
                    yield (name,), Diagnostic("not-ours", text, hint=f"remove {name}")
        else:
            yield from self._check_document()

    def _check_document(self) -> Iterable[tuple[FieldPath, Diagnostic]]:
        kind = DocumentKind.INLINE if self.inline else DocumentKind.MANAGED
        for fault in check(self._document(), kind):
            path = (
                ("document", *fault.path) if self.document is not None else _short_form(fault.path)
            )
            yield path, Diagnostic(fault.code, fault.summary, hint=fault.hint)

    def _document(self) -> Attrs:
        if self.document is not None:
            return self.document
        return statements_document(
            [statement.model_dump(exclude_defaults=True) for statement in self.statements]
        )

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        roles = sorted(
            {scope.attributes(Address.parse(f"role.{role}"))["name"] for role in self.roles}
        )
        if self.managed_policy is not None:
            return {
                "type": AWS,
                "arn": managed_policy_arn(self.managed_policy, scope.identity.partition),
                "roles": roles,
            }
        name = self.name or default_name(address)
        common: dict[str, Any] = {
            "name": name,
            "document": self._document(),
            "roles": roles,
        }
        if self.inline:
            return {"type": INLINE, **common}
        return {
            "type": CUSTOMER,
            **common,
            "path": self.path,
            "description": self.description,
            "tags": desired_tags(scope, self.tags),
            "arn": iam_arn(scope.identity, "policy", self.path, name),
        }

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        match attrs["type"]:
            case "aws":
                return attrs["arn"]
            case "inline":
                return f"{','.join(attrs['roles'])}:{attrs['name']}"
            case _:
                return attrs["name"]

    @classmethod
    def arn(cls, attrs: Attrs, identity: Identity) -> str:
        return attrs.get("arn", "")

    @classmethod
    def import_ids(cls, attrs: Attrs, identity: Identity) -> frozenset[str]:
        if attrs["type"] == INLINE:
            others = {f"{role}:{attrs['name']}" for role in attrs["roles"]}
        else:
            others = {attrs["arn"].rpartition("/")[2]}
        return super().import_ids(attrs, identity) | others

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        if attrs["type"] == CUSTOMER:
            return (f"policy/{attrs['name'].lower()}",)
        on = f"attached/{attrs['arn']}" if attrs["type"] == AWS else f"inline/{attrs['name']}"
        return tuple(f"role/{role.lower()}/{on}" for role in attrs["roles"])

    @classmethod
    def claims(cls, attrs: Attrs) -> tuple[Claim, ...]:
        if attrs["type"] == INLINE:
            return tuple(Claim(role, Slot.INLINE, attrs["name"]) for role in attrs["roles"])
        return tuple(Claim(role, Slot.ATTACHED, attrs["arn"]) for role in attrs["roles"])

    @classmethod
    def makes(cls, attrs: Attrs) -> Iterable[str]:
        return (attrs["arn"],) if attrs["type"] == CUSTOMER else ()

    @classmethod
    def holds(cls, attrs: Attrs) -> Iterable[Hold]:
        return (
            () if attrs["type"] == INLINE else (Hold(name, attrs["arn"]) for name in attrs["roles"])
        )

    @classmethod
    def subject(cls, desired: Attrs, recorded: Attrs) -> Attrs:
        return {**desired, "roles": sorted({*desired["roles"], *recorded["roles"]})}

    @classmethod
    def wants(cls, attrs: Attrs) -> Wants:
        policies = frozenset[str]() if attrs["type"] == INLINE else frozenset({attrs["arn"]})
        return Wants(roles=frozenset(attrs["roles"]), policies=policies)

    @classmethod
    def observe(cls, aws: AwsReader, attrs: Attrs, claims: Claims) -> Attrs | None:
        if attrs["type"] == INLINE:
            return observe_inline(aws, attrs)
        view = aws.policy(attrs["arn"])
        if view is None:
            return (
                {
                    "type": AWS,
                    "arn": "",
                    "roles": [],
                    "nearest": nearest_managed_policy(aws, attrs["arn"]),
                }
                if attrs["type"] == AWS
                else None
            )
        attached = [
            name
            for name in attrs["roles"]
            if (role := aws.role(name)) is not None and view.arn in role.attached_policies
        ]
        if attrs["type"] == AWS:
            return {"type": AWS, "arn": view.arn, "roles": sorted(attached)}
        return customer_attributes(view, attached)

    @classmethod
    def present(cls, observed: Attrs | None) -> bool:
        return observed is not None and (observed["type"] == CUSTOMER or bool(observed["roles"]))

    @classmethod
    def conflict(cls, desired: Attrs, observed: Attrs | None) -> str:
        if observed is None or desired["type"] == AWS or not cls.present(observed):
            return ""
        if desired["type"] == INLINE:
            return f'an inline policy named "{desired["name"]}" on {", ".join(observed["roles"])}'
        return f'a customer managed policy named "{desired["name"]}"'

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None, context: Context) -> str:
        if desired["type"] != AWS or observed is None or observed["arn"]:
            return ""
        if desired["arn"] in context.policies:
            return ""
        nearest = f' (did you mean "{observed["nearest"]}"?)' if observed["nearest"] else ""
        return f"an AWS managed policy {desired['arn']}{nearest}"

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        if desired["type"] == INLINE:
            return tuple(
                put_inline(role, desired["name"], desired["document"]) for role in desired["roles"]
            )
        already = () if observed is None else observed["roles"]
        make = (create_policy(desired, context),) if desired["type"] == CUSTOMER else ()
        return (
            *make,
            *(attach(role, desired["arn"]) for role in desired["roles"] if role not in already),
        )

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        if desired["type"] == INLINE:
            return tuple(update_inline(desired, observed, context))
        calls: list[Call] = []
        if "document" in changed:
            calls += set_document(desired, observed)
        if "tags" in changed:
            calls += retag(
                "Policy", {"PolicyArn": desired["arn"]}, observed["tags"], desired["tags"]
            )
        calls += [
            attach(role, desired["arn"])
            for role in desired["roles"]
            if role not in observed["roles"]
        ]
        calls += _detach_all(observed, context, keep=desired["roles"])
        return calls

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        if observed["type"] == INLINE:
            return tuple(drop_inline(observed, context, keep=()))
        gone = tuple(_detach_all(observed, context, keep=()))
        return (
            gone
            if observed["type"] == AWS
            else (
                *gone,
                *delete_policy(
                    observed, context, detached=context.released.get(observed["arn"], 0)
                ),
            )
        )

    @classmethod
    def is_same_object(cls, recorded: Attrs, observed: Attrs) -> bool:
        return super().is_same_object(recorded, observed) and is_same_policy(recorded, observed)

    @classmethod
    def completed(cls, aws: AwsReader, observed: Attrs) -> Attrs:
        return with_policy_tags(aws, observed) if observed["type"] == CUSTOMER else observed

    @classmethod
    def strays(
        cls, aws: AwsReader, watched: Mapping[Address, Watched], around: Around
    ) -> Iterable[Stray]:
        own = {key: each for key, each in watched.items() if each.observed["type"] == CUSTOMER}
        return strays_of_policies(aws, own, around) if own else ()

    @classmethod
    def recreate(cls, desired: Attrs, observed: Attrs, context: Context) -> Sequence[Call]:
        away = [detach(role, observed["arn"]) for role in observed["roles"]]
        away += delete_policy(observed, context, detached=len(away))
        return (
            *(replace(call, phase=Phase.MAKE) for call in away),
            create_policy(desired, context),
            *(attach(role, desired["arn"]) for role in desired["roles"]),
        )


def _short_form(path: FieldPath) -> FieldPath:
    """The path in a stack file's statements of a fault at `path` of the document made from them."""
    names = {
        "Statement": "statements",
        "Action": "actions",
        "NotAction": "not_actions",
        "Resource": "resources",
        "NotResource": "not_resources",
        "Condition": "conditions",
        "Sid": "sid",
        "Effect": "effect",
    }
    return tuple(names.get(part, part) if isinstance(part, str) else part for part in path)


def _detach_all(observed: Attrs, context: Context, keep: Sequence[str]) -> Iterable[Call]:
    arn = observed["arn"]
    return (
        detach(role, arn)
        for role in observed["roles"]
        if role not in keep and arn not in context.claims.of(role, Slot.ATTACHED)
    )
