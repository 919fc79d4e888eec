"""IAM read in both ways: one resource a read, and the whole account."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from rolewright.engine.aws.iam_reads import IamReads
from rolewright.engine.aws.reader import Aws
from rolewright.resources.ports import AwsError, PolicyView, RoleView, Wants
from support.moto_server import TRUST

TRUST_TEXT = json.dumps(TRUST)
SWEEP = ("iam", "GetAccountAuthorizationDetails")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(bucket: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        ],
    }


def arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"


@pytest.fixture
def account(aws: Aws) -> Wants:
    """Five roles, policies and profiles with all that can hang on them; more than `few` to read."""
    for number in range(5):
        name = f"n{number}"
        aws.call("iam", "CreatePolicy", {"PolicyName": name, "PolicyDocument": text(name)})
        aws.call(
            "iam",
            "CreateRole",
            {
                "RoleName": name,
                "Path": "/apps/",
                "AssumeRolePolicyDocument": TRUST_TEXT,
                "Description": f"Réads {name}: 100%",
                "MaxSessionDuration": 3600 + 60 * number,
                "PermissionsBoundary": arn(name),
                "Tags": [{"Key": "team", "Value": "media"}],
            },
        )
        aws.call("iam", "PutRolePolicy", inline(name, "in-line", text("a+b%2F")))
        for policy in (arn(name), READ_ONLY):
            aws.call("iam", "AttachRolePolicy", {"RoleName": name, "PolicyArn": policy})
        aws.call("iam", "CreateInstanceProfile", {"InstanceProfileName": name})
        if number:
            aws.call("iam", "AddRoleToInstanceProfile", in_profile(name))
    aws.requests.clear()
    names = frozenset(f"n{number}" for number in range(5))
    return Wants(names, frozenset({READ_ONLY, *map(arn, names)}), names)


def text(bucket: str) -> str:
    return json.dumps(document(bucket))


def inline(role: str, policy: str, content: str) -> dict[str, str]:
    return {"RoleName": role, "PolicyName": policy, "PolicyDocument": content}


def in_profile(name: str) -> dict[str, str]:
    return {"InstanceProfileName": name, "RoleName": name}


def views(aws: Aws, wants: Wants) -> dict[str, Any]:
    return {
        **{name: aws.role(name) for name in wants.roles},
        **{name: aws.policy(name) for name in wants.policies},
        **{f"profile {name}": aws.instance_profile(name) for name in wants.instance_profiles},
    }


def comparable(view: Any) -> Any:
    """Without what only one of the two ways tells: tags, documents of versions and, of moto, ids of policies."""
    if isinstance(view, PolicyView):
        versions = tuple(replace(version, document=None) for version in view.versions)
        kept = replace(view, versions=versions, document=dict(view.document))
        return replace(kept, tags=None, unique_id=None)
    return view if isinstance(view, RoleView) else replace(view, tags=None)


def test_both_ways_tell_the_same(connect_aws: Callable[..., Aws], account: Wants) -> None:
    """Reads of the whole account and reads of each resource give equal values."""
    wide, single = connect_aws(), connect_aws()
    wide.prefetch(account)

    expected = {key: comparable(view) for key, view in views(single, account).items()}
    actual = {key: comparable(view) for key, view in views(wide, account).items()}

    assert expected == actual
    assert wide.requests[SWEEP] == 1
    assert single.requests[SWEEP] == 0


def test_a_role_has_all_that_hangs_on_it(aws: Aws, account: Wants) -> None:
    """A role's view tells its fields, policies, boundary, tags and profiles, decoded."""
    aws.prefetch(account)
    role = aws.role("n2")
    assert role is not None

    assert role.path == "/apps/"
    assert role.arn == "arn:aws:iam::123456789012:role/apps/n2"
    assert role.unique_id.startswith("AROA")
    assert role.description == "Réads n2: 100%"
    assert role.max_session_duration == 3720
    assert role.trust_policy == TRUST
    assert role.permissions_boundary == arn("n2")
    assert role.tags == {"team": "media"}
    assert role.inline_policies == {"in-line": document("a+b%2F")}
    assert role.attached_policies == (arn("n2"), READ_ONLY)
    assert role.instance_profiles == ("n2",)


def test_the_account_is_read_in_few_calls(aws: Aws, account: Wants) -> None:
    """However much is wanted, five requests and one for each of AWS's policies read it."""
    aws.prefetch(account)
    views(aws, account)

    assert dict(aws.requests) == {
        ("iam", "GetAccountSummary"): 1,
        SWEEP: 1,
        ("iam", "ListRoles"): 1,
        ("iam", "ListInstanceProfiles"): 1,
        ("sts", "GetCallerIdentity"): 1,
        ("iam", "GetPolicy"): 1,
    }


def test_a_few_resources_are_read_by_themselves(aws: Aws, account: Wants) -> None:
    """For a role alone nothing asks for the account, nor for its size."""
    aws.prefetch(Wants(roles=frozenset({"n1"})))
    aws.role("n1")

    assert dict(aws.requests) == {
        ("iam", "GetRole"): 1,
        ("iam", "ListRolePolicies"): 1,
        ("iam", "GetRolePolicy"): 1,
        ("iam", "ListAttachedRolePolicies"): 1,
        ("iam", "ListInstanceProfilesForRole"): 1,
    }


def test_wanted_things_that_are_missing_cost_no_call(aws: Aws, account: Wants) -> None:
    """After a prefetch, what isn't there is known not to be there."""
    missing = Wants(frozenset({"no"}), frozenset({arn("no")}), frozenset({"no"}))
    aws.prefetch(account | missing)
    before = aws.requests.total()

    assert aws.role("no") is None
    assert aws.policy(arn("no")) is None
    assert aws.instance_profile("no") is None
    assert aws.requests.total() == before


def test_missing_things_are_none_one_by_one(aws: Aws) -> None:
    """Without a prefetch, AWS's NoSuchEntity is None."""
    assert aws.role("no") is None
    assert aws.policy(arn("no")) is None
    assert aws.policy("arn:aws:iam::aws:policy/No") is None
    assert aws.instance_profile("no") is None


def test_what_was_not_wanted_is_read_when_asked_for(aws: Aws, account: Wants) -> None:
    """A name outside of the prefetch is read by itself, as it may be new."""
    aws.prefetch(account)
    aws.call("iam", "CreateRole", {"RoleName": "new", "AssumeRolePolicyDocument": TRUST_TEXT})

    assert aws.role("new") is not None


def test_fresh_forgets(aws: Aws, account: Wants) -> None:
    """Values are remembered until fresh ones are asked for."""
    aws.prefetch(account)
    aws.call("iam", "DeleteRolePolicy", {"RoleName": "n1", "PolicyName": "in-line"})

    remembered = aws.role("n1")
    aws.fresh(account)
    read_again = aws.role("n1")

    assert remembered is not None
    assert remembered.inline_policies == {"in-line": document("a+b%2F")}
    assert read_again is not None
    assert read_again.inline_policies == {}


@pytest.mark.parametrize("way", ["single", "wide"])
def test_the_version_that_the_next_one_pushes_out_is_known(
    aws: Aws, account: Wants, way: str
) -> None:
    """At five versions the oldest one that isn't the default comes with its document."""
    for number in range(4):
        aws.call(
            "iam",
            "CreatePolicyVersion",
            {"PolicyArn": arn("n1"), "PolicyDocument": text(f"v{number + 2}")},
        )
    aws.call("iam", "SetDefaultPolicyVersion", {"PolicyArn": arn("n1"), "VersionId": "v3"})
    if way == "wide":
        aws.prefetch(account)

    policy = aws.policy(arn("n1"))

    assert policy is not None
    assert policy.document == document("v3")
    assert [version.id for version in policy.versions] == ["v1", "v2", "v3", "v4", "v5"]
    assert [version.id for version in policy.versions if version.is_default] == ["v3"]
    assert policy.versions[0].document == document("n1")
    assert policy.versions[0].created < policy.versions[4].created


def test_tags_of_policies_are_told_by_their_own_read_only(aws: Aws, account: Wants) -> None:
    """The account-wide reads don't tell the tags of policies, which is not the same as none."""
    single = aws.policy(arn("n1"))
    aws.fresh(account)
    wide = aws.policy(arn("n1"))

    assert single is not None
    assert single.tags == {}
    assert wide is not None
    assert wide.tags is None


def test_the_document_of_an_aws_policy_is_read_when_looked_into(aws: Aws) -> None:
    """That AWS's policy exists takes one read; its document a second one, once."""
    policy = aws.policy(READ_ONLY)
    assert policy is not None
    before = aws.requests["iam", "GetPolicyVersion"]

    assert policy.name == "ReadOnlyAccess"
    assert policy.document["Version"] == "2012-10-17"
    assert len(policy.document["Statement"]) > 0
    assert (before, aws.requests["iam", "GetPolicyVersion"]) == (0, 1)


def test_a_dangling_principal_passes_through(aws: Aws) -> None:
    """A deleted principal's unique id stays in the trust document as AWS shows it."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "AROAABCDEFGHIJKLMNOPQ"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    aws.call("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps(trust)})

    role = aws.role("r")

    assert role is not None
    assert role.trust_policy == trust


class Limited:
    """An AWS that denies some operations and changes some answers."""

    def __init__(self, aws: Aws, *denied: str, change: Mapping[str, Any] | None = None) -> None:
        self._aws = aws
        self._denied = denied
        self._change = change or {}
        self.identity = aws.identity
        self.map = aws.map

    def read(self, service: str, operation: str, parameters: Any) -> Any:
        self._check(service, operation)
        return self._changed(operation, self._aws.read(service, operation, parameters))

    def pages(self, service: str, operation: str, parameters: Any) -> Any:
        self._check(service, operation)
        for page in self._aws.pages(service, operation, parameters):
            yield self._changed(operation, page)

    def _check(self, service: str, operation: str) -> None:
        if operation in self._denied:
            raise AwsError(service, operation, "AccessDenied", f"not authorized: {operation}")

    def _changed(self, operation: str, answer: Any) -> Any:
        return self._change[operation](answer) if operation in self._change else answer


@pytest.mark.parametrize("denied", ["GetAccountAuthorizationDetails", "ListRoles"])
def test_without_the_account_wide_reads_each_is_read_by_itself(
    aws: Aws, account: Wants, denied: str
) -> None:
    """Who may not read the whole account still gets every value."""
    reads = IamReads(Limited(aws, denied))
    reads.prefetch(account)
    before = aws.requests.total()

    assert reads.role("n3") == aws.role("n3")
    assert all(reads.role(name) for name in account.roles)
    assert aws.requests["iam", "GetRole"] == 6
    assert aws.requests.total() == before + 5


def test_without_the_summary_the_account_is_taken_for_large(aws: Aws, account: Wants) -> None:
    """Who may not ask for the size of the account reads it whole only for very much."""
    reads = IamReads(Limited(aws, "GetAccountSummary"))
    reads.prefetch(account)

    assert aws.requests[SWEEP] == 0
    assert all(reads.role(name) for name in account.roles)


def test_denied_is_never_absent(aws: Aws, account: Wants) -> None:
    """A role that we may not read raises when it is asked for; the others are read all the same."""
    reads = IamReads(Limited(aws, "GetAccountAuthorizationDetails", "GetRole"))
    reads.prefetch(account)

    assert reads.instance_profile("n1") is not None
    with pytest.raises(AwsError, match="AccessDenied") as caught:
        reads.role("n1")
    assert caught.value.operation == "GetRole"


def test_descriptions_that_aws_leaves_out_are_unknown(aws: Aws, account: Wants) -> None:
    """Where the account-wide read tells no policy's description, it is unknown rather than empty."""

    def without_descriptions(answer: Any) -> Any:
        for policy in answer["Policies"]:
            policy.pop("Description", None)
        return answer

    described = {"PolicyName": "described", "PolicyDocument": text("x"), "Description": "Hello"}
    aws.call("iam", "CreatePolicy", described)
    wants = account | Wants(policies=frozenset({arn("described")}))
    reads = IamReads(Limited(aws, change={"GetAccountAuthorizationDetails": without_descriptions}))
    reads.prefetch(wants)
    before = aws.requests.total()
    policy = reads.policy(arn("described"))

    assert policy is not None
    assert (policy.description, policy.tags) == (None, None)
    assert aws.requests[SWEEP] == 1
    assert aws.requests.total() == before


def test_a_role_seen_by_one_of_the_two_lists_is_read_by_itself(aws: Aws, account: Wants) -> None:
    """A role made between the account-wide reads is neither absent nor half known."""

    def without_n1(answer: Any) -> Any:
        answer["Roles"] = [role for role in answer["Roles"] if role["RoleName"] != "n1"]
        return answer

    reads = IamReads(Limited(aws, change={"ListRoles": without_n1}))
    reads.prefetch(account)
    role = reads.role("n1")

    assert role is not None
    assert role.description == "Réads n1: 100%"
    assert aws.requests["iam", "GetRole"] == 1
