"""Who else uses our customer managed policies, and which of their versions nobody made here.

Sources: IAM API reference, `ListEntitiesForPolicy`; IAM user guide, "Versioning IAM policies".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .address import Address
from .calls import Attrs, Call, Phase
from .customer_policy import delete_version
from .ports import AwsError, AwsReader, Neighbour
from .role_calls import GONE, attachable, detach
from .settle import ATTACH, WRITE
from .strays import Around, Stray, Use, Watched
from .tags import observed_tags

_USERS, _GROUPS, _ROLES = "User", "Group", "Role"


def strays_of_policies(
    aws: AwsReader, watched: Mapping[Address, Watched], around: Around
) -> Iterator[Stray]:
    """The strays of customer managed policies.

    Raises:
        AwsError: a read was refused.
    """
    used = Counter(
        arn
        for role in around.observed
        for arn in (*role["attached_policies"], role["permissions_boundary"])
    )
    others = [other for other in aws.neighbours() if other.name not in around.roles]
    for address, each in watched.items():
        arn = each.observed["arn"]
        found = [*_neighbours(address, arn, others)]
        # The count that AWS keeps is of all holders: what our roles don't account for is somebody else.
        if each.observed["attachments"] > used[arn]:
            found += _holders(aws, address, arn, around)
        yield from {stray.subject: stray for stray in found}.values()
        yield from _versions(aws, address, each)


def _holders(aws: AwsReader, address: Address, arn: str, around: Around) -> Iterator[Stray]:
    """All others that hold a policy, as AWS lists them: who carries it, and whom it bounds.

    Who does both is told of once, for what it may do.
    """
    carrying = _entities(aws, arn, "PermissionsPolicy", around)
    for sort, name in carrying:
        yield _holder(address, sort, name, arn)
    for sort, name in _entities(aws, arn, "PermissionsBoundary", around):
        if (sort, name) not in carrying:
            yield _bounded(address, sort, name)


def _entities(aws: AwsReader, arn: str, usage: str, around: Around) -> list[tuple[str, str]]:
    """The sort and the name of each user, group and role of others that uses a policy so."""
    parameters = {"PolicyArn": arn, "PolicyUsageFilter": usage}
    return [
        (sort, item[f"{sort}Name"])
        for page in aws.pages("iam", "ListEntitiesForPolicy", parameters)
        for sort in (_USERS, _GROUPS, _ROLES)
        for item in page.get(f"Policy{sort}s") or ()
        if sort != _ROLES or item["RoleName"] not in around.roles
    ]


def _neighbours(address: Address, arn: str, others: Iterable[Neighbour]) -> Iterator[Stray]:
    for other in others:
        if arn in (other.attached_policies or ()):
            yield _holder(address, _ROLES, other.name, arn)
        if other.permissions_boundary == arn:
            yield _bounded(address, _ROLES, other.name)


def _holder(address: Address, sort: str, name: str, arn: str) -> Stray:
    who = f"{sort.lower()}/{name}"
    return Stray(
        address,
        Use.HOLDER,
        who,
        f'{sort.lower()} "{name}" carries this policy too, and so may do what it allows',
        who,
        repair=(_detached(sort, name, arn),),
    )


def _bounded(address: Address, sort: str, name: str) -> Stray:
    who = f"{sort.lower()}/{name}"
    words = f'it bounds what {sort.lower()} "{name}" may do, and can\'t be deleted while it does'
    return Stray(address, Use.BOUNDARY, f"boundary of {who}", words, who)


def _detached(sort: str, name: str, arn: str) -> Call:
    """Take the policy off a user, a group or a role."""
    if sort == _ROLES:
        return detach(name, arn)
    target = {f"{sort}Name": name, "PolicyArn": arn}
    back = Call("iam", f"Attach{sort}Policy", target, retry=ATTACH, possible=attachable(arn))
    return Call(
        "iam",
        f"Detach{sort}Policy",
        target,
        phase=Phase.REMOVE,
        retry=WRITE,
        done_if=GONE,
        undo=(back,),
    )


def _versions(aws: AwsReader, address: Address, each: Watched) -> Iterator[Stray]:
    """The versions that lie ready and that the last apply did not leave."""
    recorded = each.recorded.get("versions")
    if recorded is None or not _same_versions(recorded, each.observed["versions"]):
        return
    known = {version["id"] for version in recorded}
    arn = each.observed["arn"]
    for version in each.observed["versions"]:
        if version["id"] in known or version["default"]:
            continue
        document = version.get("document") or _document(aws, arn, version["id"])
        if document is None:
            continue
        gone = delete_version(
            arn,
            {**version, "document": document},
            phase=Phase.REMOVE,
            count=len(each.observed["versions"]),
        )
        yield Stray(
            address,
            Use.VERSION,
            f"{arn}:{version['id']}",
            f"version {version['id']} was made by others and lies ready: one call makes it count",
            document,
            document=document,
            repair=(replace(gone, lossy=""),),
        )


def _document(aws: AwsReader, arn: str, version: str) -> Attrs | None:
    try:
        parameters = {"PolicyArn": arn, "VersionId": version}
        answer = aws.read("iam", "GetPolicyVersion", parameters)
    except AwsError as error:
        if error.code in GONE:
            return None
        raise
    return answer["PolicyVersion"]["Document"]


def with_policy_tags(aws: AwsReader, observed: Attrs) -> Attrs:
    """The attributes of a customer policy with what the account-wide read leaves out: tags, description.

    Raises:
        AwsError: the read was refused.
    """
    if "tags" in observed:
        return observed
    policy = aws.read("iam", "GetPolicy", {"PolicyArn": observed["arn"]})["Policy"]
    live = {tag["Key"]: tag["Value"] for tag in policy.get("Tags", ())}
    return {
        **observed,
        "tags": observed_tags(live),
        "description": policy.get("Description", ""),
        "unique_id": policy["PolicyId"],
    }


def is_same_policy(recorded: Attrs, observed: Attrs) -> bool:
    """Whether the versions that both know were made at the same times: AWS never gives a number again."""
    return _same_versions(recorded.get("versions") or (), observed.get("versions") or ())


def _same_versions(
    recorded: Iterable[Mapping[str, Any]], live: Iterable[Mapping[str, Any]]
) -> bool:
    made = {version["id"]: version["created"] for version in recorded}
    return all(made.get(each["id"], each["created"]) == each["created"] for each in live)
