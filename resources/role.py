"""IAM roles, with the trust policy that they carry and the exclusive ownership of what hangs on them.

Sources: IAM API reference; IAM and AWS STS quotas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from pydantic import Field

from .address import Address
from .calls import Attrs, Call, now
from .diagnostics import Diagnostic
from .kind import Claims, Context, Hold, Resource, Scope, Shape, Slot
from .naming import ROLE_NAME_LIMIT, check_name, check_path, check_tags, default_name, iam_arn
from .policy import Effect, InvalidDocumentError, PrincipalType, parse
from .ports import AwsReader, Identity, Wants
from .role_calls import (
    add_to_profile,
    attach,
    delete_inline,
    detach,
    put_inline,
    remove_from_profile,
)
from .role_object import (
    boundary_again,
    create_role,
    delete_role,
    set_boundary,
    set_trust,
    still,
    update_role,
)
from .strays import Around, Stray, Use, Watched
from .tags import desired_tags, observed_tags, retag
from .trust_policy import FieldPath, Trust, TrustPolicy

FOREIGN_INLINE = "foreign_inline_policies"
FOREIGN_ATTACHED = "foreign_attached_policies"
FOREIGN_PROFILES = "foreign_instance_profiles"
SERVICE_LINKED = "/aws-service-role/"
"""The path of the roles that AWS's services make for themselves."""


def kept_by_aws(path: str) -> str:
    """Why nobody but AWS may manage a role of this path; empty when anybody may.

    Sources: IAM User Guide, "Service-linked roles"; IAM Identity Center User Guide, "Permission sets".
    """
    if path.startswith("/aws-service-role/"):
        return "service-linked: the service that made it manages it"
    if path.startswith("/aws-reserved/"):
        return "reserved: IAM Identity Center manages it"
    return ""


class Role(Resource):
    """An IAM role."""

    kind: ClassVar[str] = "role"
    shape: ClassVar[Shape] = Shape(
        documents=frozenset({"trust_policy"}),
        document_maps=frozenset({FOREIGN_INLINE}),
        sets=frozenset({FOREIGN_ATTACHED, FOREIGN_PROFILES}),
        replace={
            "name": "AWS can't rename a role",
            "path": "AWS can't move a role to another path",
        },
    )

    trust: str | Trust = Field(description="A trust policy's name, or its fields.")
    name: str | None = Field(
        default=None, description="The role's name in AWS; the key in this file when absent."
    )
    path: str = Field(default="/", description="The role's path, such as /service/.")
    description: str = Field(
        default="", description="What the role is for; at most 1,000 characters."
    )
    max_session_duration: int = Field(
        default=3600, ge=3600, le=43200, description="Seconds that a session may last."
    )
    permissions_boundary: str | None = Field(
        default=None, description="The ARN of the policy that bounds the role."
    )
    tags: Mapping[str, str] = Field(
        default_factory=dict[str, str], description="Tags, over the stack's."
    )
    exclusive: bool = Field(
        default=True, description="Whether policies and profiles that nobody declared are removed."
    )

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        if isinstance(self.trust, str):
            yield ("trust",), Address.parse(f"trust_policy.{self.trust}")
        else:
            yield from ((("trust", *path), address) for path, address in self.trust.trusted_roles())

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        name = self.name or default_name(address)
        yield from ((("name",), d) for d in check_name(name, "role", ROLE_NAME_LIMIT))
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
        if self.permissions_boundary is not None and ":policy/" not in self.permissions_boundary:
            yield (
                ("permissions_boundary",),
                Diagnostic(
                    "bad-boundary",
                    f'"{self.permissions_boundary}" is not the ARN of a managed policy',
                    hint="write for example ${permission_policy.NAME.arn}",
                ),
            )
        if isinstance(self.trust, Trust):
            yield from ((("trust", *path), d) for path, d in self.trust.faults())

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        attrs: dict[str, Any] = {
            "name": self.name or default_name(address),
            "path": self.path,
            "description": self.description,
            "max_session_duration": self.max_session_duration,
            "permissions_boundary": self.permissions_boundary,
            "tags": desired_tags(scope, self.tags),
            "trust_policy": self._trust(scope).to_document(scope),
        }
        if self.exclusive:
            attrs |= {FOREIGN_INLINE: {}, FOREIGN_ATTACHED: [], FOREIGN_PROFILES: []}
        return attrs

    def _trust(self, scope: Scope) -> Trust:
        if isinstance(self.trust, Trust):
            return self.trust
        named = scope.get(TrustPolicy.kind, self.trust)
        return cast("TrustPolicy", named)

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        return attrs["name"]

    @classmethod
    def arn(cls, attrs: Attrs, identity: Identity) -> str:
        return iam_arn(identity, "role", attrs["path"], attrs["name"])

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        return (f"role/{attrs['name'].lower()}",)

    @classmethod
    def holds(cls, attrs: Attrs) -> Iterable[Hold]:
        name = attrs["name"]
        if attrs.get("permissions_boundary"):
            yield Hold(f"the boundary of {name}", attrs["permissions_boundary"])
        yield from (Hold(name, arn) for arn in attrs.get(FOREIGN_ATTACHED, ()))

    @classmethod
    def not_ours(cls, observed: Attrs, stack: str) -> str:
        return kept_by_aws(observed["path"]) or super().not_ours(observed, stack)

    @classmethod
    def wants(cls, attrs: Attrs) -> Wants:
        return Wants(roles=frozenset({attrs["name"]}))

    @classmethod
    def observe(cls, aws: AwsReader, attrs: Attrs, claims: Claims) -> Attrs | None:
        view = aws.role(attrs["name"])
        if view is None:
            return None
        observed: dict[str, Any] = {
            "name": view.name,
            "path": view.path,
            "description": view.description,
            "max_session_duration": view.max_session_duration,
            "permissions_boundary": view.permissions_boundary,
            "trust_policy": view.trust_policy,
            "unique_id": view.unique_id,
            "inline_policies": dict(view.inline_policies),
            "attached_policies": sorted(view.attached_policies),
            "instance_profiles": sorted(view.instance_profiles),
            FOREIGN_INLINE: {
                name: document
                for name, document in view.inline_policies.items()
                if name not in claims.of(view.name, Slot.INLINE)
            },
            FOREIGN_ATTACHED: sorted(
                set(view.attached_policies) - claims.of(view.name, Slot.ATTACHED)
            ),
            FOREIGN_PROFILES: sorted(
                set(view.instance_profiles) - claims.of(view.name, Slot.PROFILE)
            ),
        }
        if view.tags is not None:
            observed["tags"] = observed_tags(view.tags)
        return observed

    @classmethod
    def conflict(cls, desired: Attrs, observed: Attrs | None) -> str:
        return "" if observed is None else f'a role named "{desired["name"]}"'

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        return (create_role(desired, context),)

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        name = desired["name"]
        calls: list[Call] = []
        if "trust_policy" in changed:
            calls.append(
                set_trust(
                    name,
                    desired["trust_policy"],
                    context,
                    before=observed["trust_policy"],
                )
            )
        if changed & {"description", "max_session_duration"}:
            calls.append(update_role(desired, before=observed))
        if "permissions_boundary" in changed:
            calls.append(
                replace(
                    set_boundary(name, desired["permissions_boundary"]),
                    undo=(boundary_again(name, observed["permissions_boundary"]),),
                    expect=still(
                        name,
                        "PermissionsBoundary.PermissionsBoundaryArn",
                        observed["permissions_boundary"],
                    ),
                )
            )
        if "tags" in changed:
            calls += retag("Role", {"RoleName": name}, observed["tags"], desired["tags"])
        if FOREIGN_INLINE in changed:
            calls += [
                delete_inline(name, policy, document)
                for policy, document in observed[FOREIGN_INLINE].items()
            ]
        if FOREIGN_ATTACHED in changed:
            calls += [detach(name, arn) for arn in observed[FOREIGN_ATTACHED]]
        if FOREIGN_PROFILES in changed:
            calls += [remove_from_profile(name, profile) for profile in observed[FOREIGN_PROFILES]]
        return calls

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        name = observed["name"]
        return (
            *(remove_from_profile(name, profile) for profile in observed[FOREIGN_PROFILES]),
            *(detach(name, arn) for arn in observed[FOREIGN_ATTACHED]),
            *(
                delete_inline(name, policy, document)
                for policy, document in observed[FOREIGN_INLINE].items()
            ),
            delete_role(observed, context),
        )

    @classmethod
    def strays(
        cls, aws: AwsReader, watched: Mapping[Address, Watched], around: Around
    ) -> Iterable[Stray]:
        arns = {
            iam_arn(aws.identity, "role", each.observed["path"], each.observed["name"]): address
            for address, each in watched.items()
        }
        for other in aws.neighbours():
            if other.name in around.roles or other.path.startswith(SERVICE_LINKED):
                continue
            for arn in sorted(_trusted_arns(other.trust_policy) & arns.keys()):
                yield Stray(
                    arns[arn],
                    Use.TRUST,
                    other.arn,
                    f'role "{other.name}" of this account lets it in: it may become that role',
                    other.arn,
                )

    @classmethod
    def recreate(cls, desired: Attrs, observed: Attrs, context: Context) -> Sequence[Call]:
        name = desired["name"]
        # What a resource of the stack lets go of is hung on again as well: its own removal comes later, and its undo
        # then finds the role as it was.
        dropped: Attrs = observed if FOREIGN_INLINE in desired else {}
        inline = {
            policy: document
            for policy, document in observed["inline_policies"].items()
            if policy not in dropped.get(FOREIGN_INLINE, ())
        }
        attached = set(observed["attached_policies"]) - set(dropped.get(FOREIGN_ATTACHED, ()))
        profiles = set(observed["instance_profiles"]) - set(dropped.get(FOREIGN_PROFILES, ()))
        away = (
            *(
                remove_from_profile(observed["name"], profile)
                for profile in observed["instance_profiles"]
            ),
            *(detach(observed["name"], arn) for arn in observed["attached_policies"]),
            *(
                delete_inline(observed["name"], policy, document)
                for policy, document in observed["inline_policies"].items()
            ),
            delete_role(observed, context),
        )
        return (
            *(now(call) for call in away),
            create_role(desired, context),
            *(put_inline(name, policy, document) for policy, document in inline.items()),
            *(attach(name, arn) for arn in sorted(attached)),
            *(add_to_profile(name, profile) for profile in sorted(profiles)),
        )


def _trusted_arns(document: Attrs) -> frozenset[str]:
    """Who is named as an AWS principal by the statements of a trust policy that allow."""
    try:
        statements = parse(document).statements
    except InvalidDocumentError:  # what others wrote, and AWS took, in a way that we can't read
        return frozenset()
    return frozenset(
        principal.name
        for statement in statements
        if statement.effect is Effect.ALLOW
        for principal in statement.principal or ()
        if principal.type is PrincipalType.AWS
    )
