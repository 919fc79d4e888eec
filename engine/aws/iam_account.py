"""The account-wide reads of IAM: what they cost, and what they tell.

GetAccountAuthorizationDetails tells most of roles and policies, ListRoles the rest of roles,
ListInstanceProfiles the profiles that hold no role. None of them tells the tags of policies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ...resources.aws_managed import is_aws_managed
from ...resources.calls import Attrs
from ...resources.ports import InstanceProfileView, PolicyView, RoleView, Wants
from .iam_calls import IamCalls, Reads, unless_denied
from .iam_views import policy_from_details, profile_view, role_from_details

# AWS cuts pages short as it likes; these are what they may be counted on to hold.
_DETAILS_PAGE = 100
_LIST_PAGE = 500
_MOST_ITEMS = 1000

# Reads of one resource each, for a role with one inline policy.
_ROLE, _POLICY, _PROFILE = 5, 3, 1
# Up to so many, asking for the size of the account would not pay.
_FEW = 12
# The largest account that AWS allows: taken when we may not ask for the size of ours.
_FULL_ACCOUNT = {"Roles": 5000, "Policies": 1500, "InstanceProfiles": 1000}


def sweep_pays(iam: IamCalls, wants: Wants) -> bool:
    """Whether the account-wide reads take fewer calls than one read for each resource.

    Asks for the size of the account, unless there is too little to read for that to pay.
    """
    customer = sum(not is_aws_managed(arn) for arn in wants.policies)
    profiles = len(wants.instance_profiles)
    single = _ROLE * len(wants.roles) + _POLICY * customer + _PROFILE * profiles
    if single <= _FEW:
        return False
    size = unless_denied(partial(iam.get, "GetAccountSummary", "SummaryMap", {}))
    account: Mapping[str, int] = _FULL_ACCOUNT if size is None else size
    sweep = 0
    if wants.roles or customer:
        sweep += _pages(account["Roles"] + account["Policies"], _DETAILS_PAGE)
    if wants.roles:
        sweep += _pages(account["Roles"], _LIST_PAGE)
    if profiles:
        sweep += _pages(account["InstanceProfiles"], _LIST_PAGE)
    return sweep < single


def _pages(items: int, page: int) -> int:
    return max(1, -(-items // page))


@dataclass(frozen=True, slots=True)
class Account:
    """What the account-wide reads told, by name or ARN; None for a wanted one that isn't there."""

    roles: Mapping[str, RoleView | None]
    policies: Mapping[str, PolicyView | None]
    profiles: Mapping[str, InstanceProfileView | None]


def read_account(aws: Reads, iam: IamCalls, wants: Wants) -> Account:
    """Read all that there is of the sorts that are wanted, of AWS's own policies none.

    Raises:
        AwsError: AWS denied one of the reads, or couldn't be reached.
    """
    details, listed, profiles = aws.map(
        _run,
        [
            partial(_read_details, iam, wants),
            partial(_listed, iam, "ListRoles", "Roles", "RoleName", wanted=wants.roles),
            partial(
                _listed,
                iam,
                "ListInstanceProfiles",
                "InstanceProfiles",
                "InstanceProfileName",
                wanted=wants.instance_profiles,
            ),
        ],
    )
    roles = {detail["RoleName"]: detail for sort, detail in details if sort == "RoleDetailList"}
    policies = {detail["Arn"]: detail for sort, detail in details if sort == "Policies"}
    named = dict(profiles)
    return Account(
        roles=_roles(roles, dict(listed), wants.roles),
        policies=_policies(aws, policies, wants.policies),
        profiles={name: profile_view(item, complete=False) for name, item in named.items()}
        | dict.fromkeys(wants.instance_profiles - named.keys()),
    )


def _roles(
    details: Mapping[str, Attrs], listed: Mapping[str, Attrs], wanted: frozenset[str]
) -> dict[str, RoleView | None]:
    # A role that was made or deleted between the two reads is in one of them only: it is left out
    # here, and so read by itself when it is asked for.
    both = details.keys() & listed.keys()
    return {name: role_from_details(details[name], listed[name]) for name in both} | dict.fromkeys(
        wanted - details.keys() - listed.keys()
    )


def _policies(
    aws: Reads, details: Mapping[str, Attrs], wanted: frozenset[str]
) -> dict[str, PolicyView | None]:
    own = f":iam::{aws.identity.account_id}:" if wanted else ""
    absent: dict[str, PolicyView | None] = dict.fromkeys(
        arn for arn in wanted - details.keys() if own in arn
    )
    # AWS has been seen to leave descriptions out. One that is there shows that none is left out.
    told = any("Description" in detail for detail in details.values())
    return absent | {
        arn: policy_from_details(detail, detail.get("Description", "" if told else None))
        for arn, detail in details.items()
    }


EVERYTHING = Wants(*(frozenset({"*"}) for _ in range(3)))
"""Wants for `read_account` where nothing is wanted by name: no object is called so."""

_Items = list[tuple[str, Attrs]]


def _run(work: Callable[[], _Items]) -> _Items:
    return work()


def _read_details(iam: IamCalls, wants: Wants) -> _Items:
    sorts = ["Role"] * bool(wants.roles) + ["LocalManagedPolicy"] * bool(wants.policies)
    if not sorts:
        return []
    parameters = {"Filter": sorts, "MaxItems": _MOST_ITEMS}
    return [
        (sort, detail)
        for page in iam.pages("GetAccountAuthorizationDetails", parameters)
        for sort in ("RoleDetailList", "Policies")
        for detail in page.get(sort, ())
    ]


def _listed(
    iam: IamCalls, operation: str, key: str, name: str, *, wanted: frozenset[str]
) -> _Items:
    if not wanted:
        return []
    return [(item[name], item) for item in iam.all(operation, key, {"MaxItems": _MOST_ITEMS})]
