"""Amazon ECS: the task role and the execution role of a task definition, by a new revision of its family.

The new revision copies all else of the newest one at the moment of the call, so that a plan never
holds a container's environment. Sources: ECS API reference, `RegisterTaskDefinition`, `UpdateService`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..address import Address
from ..binding import Carriers, KeyOf, ServiceBinding, existing, remembered, role_name_and_arn
from ..calls import Attrs, Call, Phase, output
from ..diagnostics import Diagnostic
from ..kind import LAST, PRIOR, Claim, Claims, Context, Scope, Shape, Slot, owned_elsewhere
from ..ports import AwsReader, RoleView
from ..strays import Around, Stray
from ..task_definition import (
    REVISION,
    ROLES,
    carries,
    made_revision,
    managed_roles,
    move,
    newest,
    register,
    retire,
    roles_of,
    running_revisions,
    services_of_families,
    task_families,
)
from ..task_strays import strays_of_tasks
from ..trust_policy import FieldPath


class EcsBinding(ServiceBinding):
    """Roles carried by the tasks of an ECS task definition."""

    principal: ClassVar[str] = "ecs-tasks.amazonaws.com"
    shape: ClassVar[Shape] = Shape(
        sets=frozenset({"services"}),
        replace={"service": "another service", "family": "another task definition"},
    )

    service: Literal["ecs"] = Field(default="ecs", description="ecs")
    task_definition: str = Field(description="The family of the task definition.")
    role: str | None = Field(
        default=None, description="The role that the tasks' containers use; the same as task_role."
    )
    task_role: str | None = Field(
        default=None, description="The role that the tasks' containers use."
    )
    execution_role: str | None = Field(
        default=None, description="The role with which ECS pulls images and writes logs."
    )
    services: tuple[str, ...] = Field(
        default=(), description="ECS services to move on to the revision, as CLUSTER/SERVICE."
    )

    def _roles(self) -> Iterable[tuple[str, str, str]]:
        """The field, the attribute and the role's name of each role that is set."""
        for field in ("role", "task_role", "execution_role"):
            if (name := getattr(self, field)) is not None:
                attribute = "task_role_arn" if field == "role" else f"{field}_arn"
                yield field, attribute, name

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        return (((field,), Address.parse(f"role.{name}")) for field, _, name in self._roles())

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        if not list(self._roles()):
            hint = "add task_role or execution_role"
            yield (), Diagnostic("no-role", "an ecs binding without a role", hint=hint)
        if self.role is not None and self.task_role is not None:
            text = "role and task_role mean the same"
            yield ("role",), Diagnostic("two-roles", text, hint="remove role")
        if ":" in self.task_definition:
            text = f'"{self.task_definition}" is not a family'
            hint = "leave the revision off: the newest one is copied"
            yield ("task_definition",), Diagnostic("bad-family", text, hint=hint)
        for index, service in enumerate(self.services):
            if service.count("/") != 1:
                text = f'"{service}" does not name a cluster and a service'
                found = Diagnostic("bad-service", text, hint="write CLUSTER/SERVICE")
                yield ("services", index), found

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        return {
            "service": "ecs",
            "family": self.task_definition,
            "services": sorted(set(self.services)),
            **dict.fromkeys(ROLES),
            **{
                attribute: role_name_and_arn(name, scope)[1] for _, attribute, name in self._roles()
            },
        }

    @classmethod
    def written(cls, attrs: Attrs, key_of: KeyOf) -> dict[str, Any] | None:
        return super().written({**attrs, "task_definition": attrs["family"]}, key_of)

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        return attrs["family"]

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        return (
            f"task-definition/{attrs['family']}",
            *(f"ecs-service/{name}" for name in attrs["services"]),
        )

    @classmethod
    def claims(cls, attrs: Attrs) -> tuple[Claim, ...]:
        return (
            Claim(f"task-definition/{attrs['family']}", Slot.CARRIED_ROLE, attrs["family"]),
            *(
                Claim(f"ecs-service/{name}", Slot.CARRIED_ROLE, attrs["family"])
                for name in attrs["services"]
            ),
        )

    @classmethod
    def subject(cls, desired: Attrs, recorded: Attrs) -> Attrs:
        return {**desired, "services": sorted({*desired["services"], *recorded["services"]})}

    @classmethod
    def observe(cls, aws: AwsReader, attrs: Attrs, claims: Claims) -> Attrs | None:
        latest = newest(aws, attrs["family"])
        if latest is None:
            return None
        revision = latest["taskDefinition"]["taskDefinitionArn"]
        carried = roles_of(latest)
        running = running_revisions(aws, attrs["services"])
        wanted = managed_roles(attrs)
        last: Attrs = attrs.get(LAST) or {}
        settled = all(carried[name] == arn for name, arn in wanted.items())
        # While a change of the roles is due, the services are measured by the roles from before it.
        measure = wanted if settled or not last else managed_roles(last)
        return {
            "service": "ecs",
            "family": attrs["family"],
            "revision": revision,
            "carried": carried,
            **{
                name: arn if attrs.get(name) or arn == last.get(name) else None
                for name, arn in carried.items()
            },
            "services": sorted(
                name
                for name, used in running.items()
                if used is not None and carries(aws, used, measure, latest)
            ),
            "running": {name: used for name, used in running.items() if used is not None},
            "absent": sorted(name for name, used in running.items() if used is None),
            **made_revision(latest, last),
            PRIOR: attrs.get(PRIOR),
            # Not `tags`: no stack file declares them, and a new revision just carries them on.
            "revision_tags": {tag["key"]: tag["value"] for tag in latest.get("tags") or ()},
        }

    @classmethod
    def users_of_roles(
        cls, aws: AwsReader, roles: Mapping[str, Address], around: Around
    ) -> Iterable[Stray]:
        return strays_of_tasks(aws, roles, around)

    @classmethod
    def carriers(cls, aws: AwsReader, roles: Sequence[RoleView]) -> Carriers:
        wanted = {role.arn for role in roles}
        families = task_families(aws)
        answers = zip(families, aws.map(lambda one: newest(aws, one), families), strict=True)
        carried = {
            family: {name: arn for name, arn in roles_of(answer).items() if arn in wanted}
            for family, answer in answers
            if answer is not None
        }
        found = {family: arns for family, arns in carried.items() if arns}
        services = services_of_families(aws, found) if found else {}
        attributes = [
            {
                "service": "ecs",
                "family": family,
                **dict.fromkeys(ROLES),
                **arns,
                "services": services.get(family, []),
            }
            for family, arns in found.items()
        ]
        observed = aws.map(lambda attrs: cls.observe(aws, attrs, Claims()), attributes)
        return Carriers(tuple(one for one in observed if one is not None))

    @classmethod
    def not_ours(cls, observed: Attrs, stack: str) -> str:
        return owned_elsewhere(observed["revision_tags"], stack)

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None, context: Context) -> str:
        if observed is None:
            return f'ECS task definition "{desired["family"]}"'
        absent = [name for name in observed["absent"] if name in desired["services"]]
        return f"ECS service {', '.join(absent)}" if absent else ""

    @classmethod
    def prior(cls, desired: Attrs, observed: Attrs | None, earlier: Attrs | None) -> Attrs | None:
        if observed is None:
            return earlier
        known = earlier or {
            "revision": observed["revision"],
            **observed["carried"],
        }
        running = {**observed["running"], **remembered(earlier, "running")}
        return {
            **known,
            "running": {
                name: used for name, used in running.items() if name in desired["services"]
            },
        }

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        observed = existing(observed)
        return cls._carry(managed_roles(desired), desired, observed, context)

    @classmethod
    def _carry(
        cls, roles: Mapping[str, str | None], desired: Attrs, observed: Attrs, context: Context
    ) -> Sequence[Call]:
        """The calls after which the newest revision and the services carry the roles."""
        if all(observed["carried"][name] == arn for name, arn in roles.items()):
            return tuple(
                move(name, observed["revision"], observed["running"][name])
                for name in desired["services"]
                if name not in observed["services"]
            )
        registered = register(observed, roles, context)
        return (
            registered,
            *(
                move(name, output(registered.label, REVISION), observed["running"][name])
                for name in desired["services"]
            ),
        )

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        # A role that is no longer managed here goes back to the one from before.
        before: Attrs = observed[PRIOR] or {}
        dropped: dict[str, str | None] = {
            name: before.get(name) for name in ROLES if name in changed and desired[name] is None
        }
        roles = {**managed_roles(desired), **dropped}
        calls = list(cls._carry(roles, desired, observed, context))
        ran = remembered(observed[PRIOR], "running")
        calls += [
            move(name, ran[name], observed["running"][name], phase=Phase.REMOVE)
            for name in observed["services"]
            if name not in desired["services"]
            and name in ran
            and not context.claims.of(f"ecs-service/{name}", Slot.CARRIED_ROLE)
        ]
        made = observed["made"]
        if (
            calls
            and calls[0].operation == "RegisterTaskDefinition"
            and made == observed["revision"]
        ):
            calls.append(retire(made))
        return calls

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        if prior is None or context.claims.of(
            f"task-definition/{observed['family']}", Slot.CARRIED_ROLE
        ):
            return ()
        ours = [
            name
            for name in observed["services"]
            if not context.claims.of(f"ecs-service/{name}", Slot.CARRIED_ROLE)
        ]
        if observed["revision"] == observed["made"] != prior["revision"]:
            back = [
                move(
                    name,
                    remembered(prior, "running").get(name, prior["revision"]),
                    observed["running"][name],
                    phase=Phase.REMOVE,
                )
                for name in ours
            ]
            return (*back, retire(observed["made"]))
        roles = {name: prior[name] for name in ROLES if observed[name] is not None}
        if all(observed[name] == arn for name, arn in roles.items()):
            return ()
        registered = register(observed, roles, context, phase=Phase.REMOVE)
        return (
            registered,
            *(
                move(
                    name,
                    output(registered.label, REVISION),
                    observed["running"][name],
                    phase=Phase.REMOVE,
                )
                for name in ours
            ),
        )
