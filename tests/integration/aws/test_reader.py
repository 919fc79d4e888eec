"""Reads, changing calls and who we are, against the local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AssumeRole, AwsOptions, connect
from rolewright.engine.sandbox import Sandbox
from rolewright.resources.ports import AwsCaller, AwsError, AwsReader, Identity
from support.moto_server import TRUST

ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps(TRUST)}


def test_it_is_both_ports(aws: Aws) -> None:
    """One connection reads and changes; the type checker holds it to the ports."""
    reader: AwsReader = aws
    caller: AwsCaller = aws

    assert reader is caller


def test_who_we_are_is_asked_once(aws: Aws) -> None:
    """Account, partition and region are known after one call, for any number of threads."""
    found = aws.map(lambda _: aws.identity, range(20))

    assert set(found) == {
        Identity("123456789012", "aws", "us-east-1", "arn:aws:sts::123456789012:user/moto")
    }
    assert aws.requests["sts", "GetCallerIdentity"] == 1


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_is_the_regions(
    connect_aws: Callable[..., Aws], region: str, partition: str
) -> None:
    """The partition is what AWS answers from that region."""
    identity = connect_aws(region=region).identity

    assert (identity.partition, identity.region) == (partition, region)


def test_times_are_text(aws: Aws) -> None:
    """An answer holds JSON values only: times are ISO 8601."""
    answer = aws.call("iam", "CreateRole", ROLE)

    assert json.loads(json.dumps(answer)) == answer
    assert answer["Role"]["CreateDate"].endswith("+00:00")
    assert answer["Role"]["AssumeRolePolicyDocument"] == TRUST
    assert answer.request_id


def test_a_refusal_is_an_aws_error(aws: Aws) -> None:
    """What AWS refuses keeps its code and says which call it was."""
    aws.call("iam", "CreateRole", ROLE)

    with pytest.raises(AwsError) as caught:
        aws.call("iam", "CreateRole", ROLE)

    error = caught.value
    assert (error.service, error.operation) == ("iam", "CreateRole")
    assert (error.code, error.uncertain) == ("EntityAlreadyExists", False)
    assert error.request_id


def test_long_lists_come_in_pages(aws: Aws) -> None:
    """All pages of a list are read, one request each."""
    for number in range(5):
        aws.call("iam", "CreateRole", {**ROLE, "RoleName": f"r{number}"})
    aws.requests.clear()

    pages = list(aws.pages("iam", "ListRoles", {"MaxItems": 2}))

    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]
    assert not any("ResponseMetadata" in page for page in pages)
    assert aws.requests["iam", "ListRoles"] == 3


def test_a_read_without_pages_is_one_page(aws: Aws) -> None:
    """A read that AWS doesn't page can be asked for pages all the same."""
    aws.call("iam", "CreateRole", ROLE)

    pages = list(aws.pages("iam", "GetRole", {"RoleName": "r"}))

    assert [page["Role"]["RoleName"] for page in pages] == ["r"]


def test_refused_pages_are_aws_errors(aws: Aws) -> None:
    """A list that AWS refuses raises when it is walked."""
    pages = aws.pages("iam", "ListRolePolicies", {"RoleName": "nobody"})

    with pytest.raises(AwsError, match="NoSuchEntity"):
        list(pages)


def test_map_keeps_order_and_may_be_nested(connect_aws: Callable[..., Aws]) -> None:
    """Results come in the order of the items; a map within a map doesn't wait for itself."""
    aws = connect_aws(parallelism=2)

    def row(number: int) -> list[int]:
        return aws.map(lambda other: number * other, range(5))

    assert aws.map(row, range(20)) == [[n * m for m in range(5)] for n in range(20)]


def test_map_ends_with_the_first_error(aws: Aws) -> None:
    """A read that fails in a map raises from it as it is."""

    def read(name: str) -> object:
        return aws.read("iam", "GetRole", {"RoleName": name})

    with pytest.raises(AwsError, match="NoSuchEntity"):
        aws.map(read, ["a", "b", "c"])


def test_a_role_is_assumed_for_all_calls(aws: Aws, sandbox: Sandbox) -> None:
    """With a role to assume, AWS sees that role; what it is called by is not told in errors."""
    aws.call("iam", "CreateRole", ROLE)
    reads = {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}
    aws.call("iam", "AttachRolePolicy", reads)
    role = AssumeRole("arn:aws:iam::123456789012:role/r", session_name="secret-name")
    options = AwsOptions(endpoint_url=sandbox.url, region="eu-west-1", assume_role=role)
    assumed = connect(options)

    identity = assumed.identity
    names = [role["RoleName"] for role in assumed.read("iam", "ListRoles", {})["Roles"]]
    assumed.close()

    assert identity.caller_arn.endswith(":assumed-role/r/secret-name")
    assert identity.region == "eu-west-1"
    assert names == ["r"]
