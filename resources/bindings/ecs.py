"""Amazon ECS: the task role and the execution role of a task definition, by a new revision of its family.

The new revision copies all else of the newest one at the moment of the call, so that a plan never
holds a container's environment. Sources: ECS API reference, `RegisterTaskDefinition`, `UpdateService`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..address import Address
from ..binding import ServiceBinding, existing, remembered, role_name_and_arn
from ..calls import Attrs, Call, Phase, Proof, Retry, Template, Verdict, output
from ..diagnostics import Diagnostic
from ..kind import (
    ADDRESS_TAG,
    LAST,
    PRIOR,
    RUN_TAG,
    STACK_TAG,
    Claim,
    Claims,
    Context,
    Scope,
    Shape,
    Slot,
)
from ..ports import AwsError, AwsReader
from ..tags import as_list
from ..trust_policy import FieldPath

ROLES = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}
ANSWER_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
)
NEW_ROLE = (
    Retry(
        "InvalidParameterException",
        "verify that the ECS service role being passed has the proper permissions",
        240,
    ),
    Retry("InvalidParameterException", "does not have an associated load balancer", 240),
)
REVISION = "taskDefinition.taskDefinitionArn"


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
            **{
                attribute: role_name_and_arn(name, scope)[1] for _, attribute, name in self._roles()
            },
        }

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
        newest = _newest(aws, attrs["family"])
        if newest is None:
            return None
        revision = newest["taskDefinition"]["taskDefinitionArn"]
        running = _services(aws, attrs["services"])
        wanted = {name: attrs[name] for name in ROLES if name in attrs}
        last: Attrs = attrs.get(LAST) or {}
        return {
            "service": "ecs",
            "family": attrs["family"],
            "revision": revision,
            **_roles_of(newest),
            "services": sorted(
                name
                for name, used in running.items()
                if used is not None and _carries(aws, used, wanted, newest)
            ),
            "running": {name: used for name, used in running.items() if used is not None},
            "absent": sorted(name for name, used in running.items() if used is None),
            "made": last.get("revision"),
            PRIOR: attrs.get(PRIOR),
            "tags": newest.get("tags") or [],
        }

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None) -> str:
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
            **{name: observed[name] for name in ROLES},
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
        roles = {name: desired[name] for name in ROLES if name in desired}
        if all(observed[name] == arn for name, arn in roles.items()):
            return tuple(
                _move(name, observed["revision"], observed["running"][name])
                for name in desired["services"]
                if name not in observed["services"]
            )
        register = _register(observed, roles, context)
        return (
            register,
            *(
                _move(name, output(register.label, REVISION), observed["running"][name])
                for name in desired["services"]
            ),
        )

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        calls = list(cls.create(desired, observed, context))
        before = remembered(observed[PRIOR], "running")
        calls += [
            _move(name, before[name], observed["running"][name], phase=Phase.REMOVE)
            for name in observed["services"]
            if name not in desired["services"]
            and name in before
            and not context.claims.of(f"ecs-service/{name}", Slot.CARRIED_ROLE)
        ]
        made = observed["made"]
        if (
            calls
            and calls[0].operation == "RegisterTaskDefinition"
            and made == observed["revision"]
        ):
            calls.append(_deregister(made, phase=Phase.REMOVE))
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
                _move(
                    name,
                    remembered(prior, "running").get(name, prior["revision"]),
                    observed["running"][name],
                    phase=Phase.REMOVE,
                )
                for name in ours
            ]
            return (*back, _deregister(observed["made"], phase=Phase.REMOVE))
        roles = {name: prior[name] for name in ROLES}
        if all(observed[name] == arn for name, arn in roles.items()):
            return ()
        register = _register(observed, roles, context, phase=Phase.REMOVE)
        return (
            register,
            *(
                _move(
                    name,
                    output(register.label, REVISION),
                    observed["running"][name],
                    phase=Phase.REMOVE,
                )
                for name in ours
            ),
        )


def _newest(aws: AwsReader, family: str) -> Mapping[str, Any] | None:
    """The newest active revision of a family, or None when it has none."""
    answer = _describe(aws, family)
    if answer is None or answer["taskDefinition"]["status"] == "ACTIVE":
        return answer
    pages = aws.pages("ecs", "ListTaskDefinitions", {"familyPrefix": family, "status": "ACTIVE"})
    listed = [revision for page in pages for revision in page["taskDefinitionArns"]]
    newest = max(listed, key=lambda arn: int(arn.rpartition(":")[2]), default=None)
    return None if newest is None else _describe(aws, newest)


def _describe(aws: AwsReader, name: str) -> Mapping[str, Any] | None:
    try:
        return aws.read(
            "ecs", "DescribeTaskDefinition", {"taskDefinition": name, "include": ["TAGS"]}
        )
    except AwsError as error:
        if (
            error.code == "ClientException"
            and "Unable to describe task definition" in error.message
        ):
            return None
        raise


def _roles_of(answer: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        name: answer["taskDefinition"].get(parameter) or None for name, parameter in ROLES.items()
    }


def _services(aws: AwsReader, names: Sequence[str]) -> dict[str, str | None]:
    """The revision that each named service runs, or None for a service that isn't there."""

    def one(name: str) -> str | None:
        cluster, service = name.split("/")
        try:
            answer = aws.read(
                "ecs", "DescribeServices", {"cluster": cluster, "services": [service]}
            )
        except AwsError as error:
            if error.code == "ClusterNotFoundException":
                return None
            raise
        return next(
            (s["taskDefinition"] for s in answer["services"] if s["status"] == "ACTIVE"), None
        )

    return {name: one(name) for name in names}


def _carries(
    aws: AwsReader, used: str, wanted: Mapping[str, str], newest: Mapping[str, Any]
) -> bool:
    """Whether the revision that a service runs has the wanted roles."""
    answer = (
        newest if used == newest["taskDefinition"]["taskDefinitionArn"] else _describe(aws, used)
    )
    found = {} if answer is None else _roles_of(answer)
    return all(found.get(name) == arn for name, arn in wanted.items())


def _register(
    observed: Attrs, roles: Mapping[str, str | None], context: Context, *, phase: Phase = Phase.MAKE
) -> Call:
    """Copy the newest revision under other roles; a role of None is left out."""
    label = f"register-{phase}"
    own = {STACK_TAG: context.stack, ADDRESS_TAG: str(context.address), RUN_TAG: context.run}
    kept = {tag["key"]: tag["value"] for tag in observed["tags"]} | own
    dropped = tuple(ROLES[name] for name, arn in roles.items() if arn is None)
    back = _deregister(output(label, REVISION))
    return Call(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": observed["family"],
            "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in as_list(kept)],
            **{ROLES[name]: arn for name, arn in roles.items() if arn is not None},
        },
        label=label,
        phase=phase,
        undo=(back,),
        permissions=("iam:PassRole", "ecs:TagResource"),
        proof=Proof(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": observed["family"], "include": ["TAGS"]},
            f"taskDefinition.status=='ACTIVE' && tags[?key=='{RUN_TAG}'].value | [0]",
            done=(context.run,),
            otherwise=Verdict.NOT_DONE,
            outputs={REVISION: REVISION},
        ),
        lossy="a revision that was registered stays listed as INACTIVE after its undo",
        template=Template(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": observed["revision"]},
            "taskDefinition",
            omit=(*ANSWER_ONLY, *dropped),
        ),
    )


def _deregister(revision: Any, *, phase: Phase = Phase.MAKE) -> Call:
    return Call(
        "ecs",
        "DeregisterTaskDefinition",
        {"taskDefinition": revision},
        phase=phase,
        lossy="" if phase is Phase.MAKE else f"{revision} can't be made active again",
    )


def _move(name: str, revision: Any, before: str, *, phase: Phase = Phase.MAKE) -> Call:
    """Put a service on to a revision."""
    cluster, service = name.split("/")
    target = {"cluster": cluster, "service": service}
    return Call(
        "ecs",
        "UpdateService",
        {**target, "taskDefinition": revision},
        phase=phase,
        retry=NEW_ROLE,
        undo=(Call("ecs", "UpdateService", {**target, "taskDefinition": before}, retry=NEW_ROLE),),
    )
