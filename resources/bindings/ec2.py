"""EC2: an instance profile with the role in it, associated with instances.

Sources: EC2 API reference, `AssociateIamInstanceProfile` and `ReplaceIamInstanceProfileAssociation`; IAM user guide,
"Use instance profiles" (a profile holds one role).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..address import Address
from ..binding import (
    Carriers,
    KeyOf,
    ServiceBinding,
    existing,
    profile_arn,
    remembered,
    role_name_and_arn,
)
from ..calls import Attrs, Call, Phase, now, output
from ..diagnostics import Diagnostic
from ..instance_carriers import launch_templates, profiles_of_roles
from ..instance_profile import (
    ASSOCIATION,
    associate,
    create_profile,
    delete_profile,
    disassociate,
    replace_association,
)
from ..instance_strays import ACTIVE, strays_of_instances, with_profile_tags
from ..kind import PRIOR, Claim, Claims, Context, Scope, Shape, Slot
from ..naming import POLICY_NAME_LIMIT, check_name, check_path, check_tags
from ..ports import AwsError, AwsReader, Identity, RoleView, Wants
from ..role_calls import add_to_profile, remove_from_profile
from ..strays import Around, Stray
from ..tags import desired_tags, observed_tags, retag
from ..trust_policy import FieldPath

READ_TOGETHER = 200


class Ec2Binding(ServiceBinding):
    """A role carried by EC2 instances."""

    principal: ClassVar[str] = "ec2.amazonaws.com"
    shape: ClassVar[Shape] = Shape(
        sets=frozenset({"instances"}),
        replace={
            "service": "another service",
            "instance_profile": "AWS can't rename an instance profile",
            "path": "AWS can't move an instance profile to another path",
        },
    )

    service: Literal["ec2"] = Field(default="ec2", description="ec2")
    role: str = Field(description="The role of this stack that the instances carry.")
    instances: tuple[str, ...] = Field(
        default=(), description="Ids of the instances, such as i-0123456789abcdef0."
    )
    instance_profile: str | None = Field(
        default=None, description="The instance profile's name; the role's when absent."
    )
    path: str = Field(default="/", description="The instance profile's path.")
    tags: Mapping[str, str] = Field(
        default_factory=dict[str, str], description="Tags of the instance profile."
    )

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        return ((("role",), Address.parse(f"role.{self.role}")),)

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        if self.instance_profile is not None:
            yield from (
                (("instance_profile",), d)
                for d in check_name(self.instance_profile, "instance profile", POLICY_NAME_LIMIT)
            )
        yield from ((("path",), d) for d in check_path(self.path))
        yield from ((("tags",), d) for d in check_tags(self.tags))
        for index, instance in enumerate(self.instances):
            if not instance.startswith("i-"):
                text, hint = (
                    f'"{instance}" is not an instance id',
                    "write for example i-0123456789abcdef0",
                )
                yield ("instances", index), Diagnostic("bad-instance", text, hint=hint)

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        role, _ = role_name_and_arn(self.role, scope)
        return {
            "service": "ec2",
            "role": role,
            "instance_profile": self.instance_profile or role,
            "path": self.path,
            "instances": sorted(set(self.instances)),
            "tags": desired_tags(scope, self.tags),
        }

    @classmethod
    def written(cls, attrs: Attrs, key_of: KeyOf) -> dict[str, Any] | None:
        fields = super().written(attrs, key_of)
        if fields is not None and attrs["instance_profile"] == attrs["role"]:
            del fields["instance_profile"]
        return fields

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        return attrs["instance_profile"]

    @classmethod
    def arn(cls, attrs: Attrs, identity: Identity) -> str:
        return profile_arn(identity, attrs["instance_profile"], attrs["path"])

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        return (
            f"instance-profile/{attrs['instance_profile'].lower()}",
            *(f"instance/{instance}" for instance in attrs["instances"]),
        )

    @classmethod
    def claims(cls, attrs: Attrs) -> tuple[Claim, ...]:
        return (
            Claim(attrs["role"], Slot.PROFILE, attrs["instance_profile"]),
            *(Claim(instance, Slot.CARRIED_ROLE, attrs["role"]) for instance in attrs["instances"]),
        )

    @classmethod
    def subject(cls, desired: Attrs, recorded: Attrs) -> Attrs:
        return {**desired, "instances": sorted({*desired["instances"], *recorded["instances"]})}

    @classmethod
    def wants(cls, attrs: Attrs) -> Wants:
        return Wants(instance_profiles=frozenset({attrs["instance_profile"]}))

    @classmethod
    def observe_all(
        cls, aws: AwsReader, items: Sequence[Attrs], claims: Claims
    ) -> list[Attrs | AwsError | None]:
        wanted = sorted({instance for attrs in items for instance in attrs["instances"]})
        try:
            instances = _read_instances(aws, wanted)
            associations = _read_associations(aws, wanted)
        except AwsError as error:
            return [error for _ in items]
        return aws.map(lambda attrs: _observe(aws, attrs, instances, associations), items)

    @classmethod
    def completed(cls, aws: AwsReader, observed: Attrs) -> Attrs:
        return with_profile_tags(aws, observed)

    @classmethod
    def users_of_roles(
        cls, aws: AwsReader, roles: Mapping[str, Address], around: Around
    ) -> Iterable[Stray]:
        return strays_of_instances(aws, roles, around)

    @classmethod
    def carriers(cls, aws: AwsReader, roles: Sequence[RoleView]) -> Carriers:
        items = profiles_of_roles(aws, roles)
        if not items:
            return Carriers()
        found: list[Attrs] = []
        for observed in cls.observe_all(aws, items, Claims()):
            if isinstance(observed, AwsError):
                raise observed
            if observed is not None:
                left = [i for i in observed["instances"] if i not in observed["absent"]]
                found.append({**observed, "instances": left})
        return Carriers(tuple(found), tuple(launch_templates(aws, found)))

    @classmethod
    def present(cls, observed: Attrs | None) -> bool:
        return observed is not None and observed["exists"]

    @classmethod
    def conflict(cls, desired: Attrs, observed: Attrs | None) -> str:
        return (
            f'an instance profile named "{desired["instance_profile"]}"'
            if cls.present(observed)
            else ""
        )

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None, context: Context) -> str:
        absent = (
            [] if observed is None else [i for i in observed["absent"] if i in desired["instances"]]
        )
        return f"EC2 instance {', '.join(absent)}" if absent else ""

    @classmethod
    def prior(cls, desired: Attrs, observed: Attrs | None, earlier: Attrs | None) -> Attrs | None:
        before = dict(remembered(earlier, "instance_profiles"))
        live: Attrs = {} if observed is None else observed["associations"]
        own = (earlier or {}).get("replaced")
        for instance in desired["instances"]:
            if instance not in live or instance in before or not live[instance]["foreign"]:
                continue
            if live[instance]["profile"].rpartition("/")[2] != own:
                before[instance] = live[instance]["profile"]
        kept = {
            instance: arn for instance, arn in before.items() if instance in desired["instances"]
        }
        return {"instance_profiles": kept} if kept else None

    @classmethod
    def handed_over(cls, replaced: Attrs, prior: Attrs | None) -> Attrs | None:
        return {**(prior or {}), "replaced": replaced["instance_profile"]}

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        observed = existing(observed)
        return (
            create_profile(desired, context),
            add_to_profile(desired["role"], desired["instance_profile"]),
            *(
                _associate(instance, desired, observed, context)
                for instance in desired["instances"]
            ),
        )

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        if not observed["exists"]:
            return cls.create(desired, observed, context)
        profile = desired["instance_profile"]
        calls: list[Call] = []
        if "role" in changed:
            if observed["role"]:
                calls.append(now(remove_from_profile(observed["role"], profile)))
            calls.append(add_to_profile(desired["role"], profile))
        if "tags" in changed:
            calls += retag(
                "InstanceProfile",
                {"InstanceProfileName": profile},
                observed["tags"],
                desired["tags"],
            )
        calls += [
            _associate(instance, desired, observed, context)
            for instance in desired["instances"]
            if instance not in observed["instances"]
        ]
        calls += _let_go(observed, observed[PRIOR], context, keep=desired["instances"])
        return calls

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        profile = observed["instance_profile"]
        away = list(_let_go(observed, prior, context, keep=()))
        if not observed["exists"]:
            return away
        if observed["role"]:
            away.append(remove_from_profile(observed["role"], profile))
        away.append(delete_profile(observed, context))
        return away

    @classmethod
    def recreate(cls, desired: Attrs, observed: Attrs, context: Context) -> Sequence[Call]:
        blank = {
            **observed,
            "exists": False,
            "associations": {i: a for i, a in observed["associations"].items() if a["foreign"]},
        }
        bare = Context(context.identity, context.stack, context.address, context.run, Claims())
        return (
            *(now(call) for call in cls.delete({**observed, PRIOR: None}, None, bare)),
            *cls.create(desired, blank, context),
        )


def _read_instances(aws: AwsReader, wanted: Sequence[str]) -> Mapping[str, str]:
    """The instances that exist, with their state."""
    found: dict[str, str] = {}
    for ids in _chunks(wanted):
        for page in aws.pages(
            "ec2", "DescribeInstances", {"Filters": [{"Name": "instance-id", "Values": ids}]}
        ):
            for reservation in page["Reservations"]:
                found |= {
                    i["InstanceId"]: i["State"]["Name"]
                    for i in reservation["Instances"]
                    if i["State"]["Name"] != "terminated"
                }
    return found


def _read_associations(aws: AwsReader, wanted: Sequence[str]) -> Mapping[str, Attrs]:
    """The active association of each instance that has one."""
    found: dict[str, Attrs] = {}
    for ids in _chunks(wanted):
        for page in aws.pages(
            "ec2",
            "DescribeIamInstanceProfileAssociations",
            {"Filters": [{"Name": "instance-id", "Values": ids}]},
        ):
            found |= {
                a["InstanceId"]: a
                for a in page["IamInstanceProfileAssociations"]
                if a["State"] in ACTIVE
            }
    return found


def _chunks(values: Sequence[str]) -> Iterable[list[str]]:
    return (
        list(values[start : start + READ_TOGETHER])
        for start in range(0, len(values), READ_TOGETHER)
    )


def _observe(
    aws: AwsReader, attrs: Attrs, states: Mapping[str, str], live: Mapping[str, Attrs]
) -> Attrs | AwsError:
    name, prior = attrs["instance_profile"], attrs.get(PRIOR)
    try:
        view = aws.instance_profile(name)
        gone = [
            arn
            for arn in sorted(set(remembered(prior, "instance_profiles").values()))
            if aws.instance_profile(arn.rpartition("/")[2]) is None
        ]
    except AwsError as error:
        return error
    own = None if view is None else view.arn
    associations = {
        instance: {
            "id": live[instance]["AssociationId"],
            "profile": live[instance]["IamInstanceProfile"]["Arn"],
            "foreign": live[instance]["IamInstanceProfile"]["Arn"] != own,
            "state": states.get(instance, ""),
        }
        for instance in attrs["instances"]
        if instance in live
    }
    observed: dict[str, Any] = {
        "service": "ec2",
        "exists": view is not None,
        "instance_profile": name,
        "path": attrs["path"] if view is None else view.path,
        "role": view.roles[0] if view is not None and view.roles else "",
        "instances": sorted(instance for instance, a in associations.items() if not a["foreign"]),
        "associations": associations,
        "absent": sorted(instance for instance in attrs["instances"] if instance not in states),
        "arn": own or profile_arn(aws.identity, name, attrs["path"]),
        "gone_profiles": gone,
        PRIOR: prior,
    }
    if view is not None:
        observed["unique_id"] = view.unique_id
    if view is not None and view.tags is not None:
        observed["tags"] = observed_tags(view.tags)
    return observed


def _associate(instance: str, desired: Attrs, observed: Attrs, context: Context) -> Call:
    """Give the instance the profile, in place of the one that it may have."""
    arn = profile_arn(context.identity, desired["instance_profile"], desired["path"])
    label = f"associate-{instance}"
    before = observed["associations"].get(instance)
    if before is None:
        back = disassociate(output(label, ASSOCIATION))
        return associate(instance, arn, label=label, undo=(back,))
    own = output(label, ASSOCIATION)
    back = replace_association(own, instance, before["profile"], instead_of=arn)
    return replace_association(
        before["id"], instance, arn, instead_of=before["profile"], label=label, undo=(back,)
    )


def _let_go(
    observed: Attrs, prior: Attrs | None, context: Context, keep: Sequence[str]
) -> Iterable[Call]:
    """Take the profile off the instances that carry it; the profile from before comes back where it still exists."""
    for instance in observed["instances"]:
        if instance in keep or context.claims.of(instance, Slot.CARRIED_ROLE):
            continue
        association, own = observed["associations"][instance]["id"], observed["arn"]
        before = remembered(prior, "instance_profiles").get(instance)
        if before is not None and before not in observed["gone_profiles"]:
            label = f"restore-{instance}"
            back = replace_association(output(label, ASSOCIATION), instance, own, instead_of=before)
            yield replace_association(
                association,
                instance,
                before,
                instead_of=own,
                label=label,
                phase=Phase.REMOVE,
                undo=(back,),
            )
        else:
            back = associate(instance, own)
            yield disassociate(association, phase=Phase.REMOVE, undo=(back,))
