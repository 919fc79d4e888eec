"""Credentials, region and endpoint from options; and a sandbox that nothing leads out of."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.clients import Clients
from rolewright.engine.aws.errors import diagnostic
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AssumeRole, AwsOptions, connect
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from support.faulty_server import Faulty, refusal

TRUST = {"AssumeRolePolicyDocument": "{}"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without anything of AWS's."""
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    return monkeypatch


def failed(work: Callable[[], Any]) -> AwsError:
    with pytest.raises(AwsError) as caught:
        work()
    return caught.value


def region_of(aws: Aws) -> str:
    clients: Clients = aws._clients
    return clients.region


def test_without_a_region_it_says_where_to_set_one(bare: pytest.MonkeyPatch) -> None:
    """No region anywhere is an error before the first call."""
    error = failed(lambda: connect(AwsOptions()))

    assert error.code == "NoRegion"
    assert "AWS_REGION" in diagnostic(error).hint


def test_an_unknown_profile_is_said_at_once(bare: pytest.MonkeyPatch) -> None:
    """A profile that doesn't exist is an error even where the region is given."""
    error = failed(lambda: connect(AwsOptions(profile="nobody", region="us-east-1")))

    assert error.code == "ProfileNotFound"
    assert "nobody" in error.message


def test_without_credentials_it_says_so(bare: pytest.MonkeyPatch) -> None:
    """No credentials anywhere is an error at the first call."""
    aws = connect(AwsOptions(region="us-east-1"))

    error = failed(lambda: aws.identity)

    assert (error.code, error.service) == ("NoCredentials", "sts")


def test_the_region_is_found_in_order(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option counts before AWS_REGION, before botocore's variable, before the profile."""
    config = tmp_path / "config"
    config.write_text("[profile p]\nregion = eu-west-4\n")
    bare.setenv("AWS_CONFIG_FILE", str(config))
    found = [region_of(connect(AwsOptions(profile="p")))]
    bare.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    found.append(region_of(connect(AwsOptions(profile="p"))))
    bare.setenv("AWS_REGION", "eu-west-2")
    found.append(region_of(connect(AwsOptions(profile="p"))))
    found.append(region_of(connect(AwsOptions(profile="p", region="eu-west-1"))))

    assert found == ["eu-west-4", "eu-west-3", "eu-west-2", "eu-west-1"]


def test_a_broken_configuration_file_is_said(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An AWS configuration file that can't be parsed is named."""
    config = tmp_path / "config"
    config.write_text("[profile\n")
    bare.setenv("AWS_CONFIG_FILE", str(config))

    error = failed(lambda: connect(AwsOptions(region="us-east-1")))

    assert error.code == "BadConfiguration"
    assert str(config) in error.message


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://127.0.0.1", "http://", "nonsense"])
def test_an_endpoint_must_be_a_url(url: str) -> None:
    """An endpoint without scheme or host is refused with an example."""
    with pytest.raises(Problem, match="is not an endpoint"):
        connect(AwsOptions(endpoint_url=url, region="us-east-1"))


@pytest.mark.parametrize(
    "url",
    [
        "https://iam.amazonaws.com",
        "http://192.168.1.5:5000",
        "http://localhost.example.com:5000",
        "http://127.0.0.1@iam.amazonaws.com",
        "http://0.0.0.0:5000",
    ],
)
def test_a_sandbox_is_on_this_machine(url: str) -> None:
    """A sandbox's endpoint that isn't loopback is refused before anything is sent."""
    with pytest.raises(Problem, match="not on this machine"):
        connect(AwsOptions(sandbox_endpoint=url))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.10"])
def test_loopback_has_several_names(host: str) -> None:
    """Every name of loopback will do for a sandbox."""
    connect(AwsOptions(sandbox_endpoint=f"http://{host}:5000"))


def test_a_sandbox_is_deaf_to_the_environment(
    faulty: Faulty, reach: Callable[[str], Aws], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither profile, configuration, endpoint, proxy nor FIPS of the environment count in it."""
    config = tmp_path / "config"
    config.write_text(
        "[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9\n"
        "use_fips_endpoint = true\nca_bundle = /nowhere\nmax_attempts = 7\n"
        "s3 =\n  addressing_style = virtual\n"
    )
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "nobody",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_RETRY_MODE": "nonsense",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }.items():
        monkeypatch.setenv(name, value)
    aws = reach(faulty.url)

    assert aws.read("iam", "ListRoles", {})["Roles"] == []
    assert region_of(aws) == "us-east-1"


def test_a_request_out_of_the_sandbox_is_stopped(
    faulty: Faulty, reach: Callable[[str], Aws]
) -> None:
    """Should a request ever be addressed elsewhere, it is not sent."""
    aws = reach(faulty.url)
    client = aws._clients.get("iam")

    def lead_astray(request: Any, **_: Any) -> None:
        request.url = "https://iam.amazonaws.com/"

    client.meta.events.register("before-sign.iam", lead_astray)

    with pytest.raises(Problem, match=r"leave the sandbox for iam\.amazonaws\.com"):
        aws.read("iam", "ListRoles", {})
    assert faulty.requests == 0


def test_threads_share_one_client_of_a_sort(reach: Callable[[str], Aws]) -> None:
    """However many threads ask at once, a service has one client for reads and one for changes."""
    clients = reach("http://127.0.0.1:9")._clients

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: clients.get("iam", changing=n % 2 == 0), range(32)))

    assert len({id(client) for client in made}) == 2


def test_a_call_that_aws_does_not_know_is_certain(reach: Callable[[str], Aws]) -> None:
    """Parameters that the API model refuses never leave the machine."""
    error = failed(lambda: reach("http://127.0.0.1:9").call("iam", "CreateRole", {"Name": "r"}))

    assert (error.code, error.uncertain) == ("ParamValidation", False)
    assert "RoleName" in error.message


def test_a_role_that_cannot_be_assumed_is_said(faulty: Faulty) -> None:
    """When AWS denies the role to assume, the error is that of AssumeRole, without the session."""
    message = (
        "User: arn:aws:sts::123456789012:assumed-role/Admin/jane is not authorized to perform: "
        "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/deployer"
    )
    faulty.script = [(403, refusal("AccessDenied", message))]
    role = AssumeRole("arn:aws:iam::123456789012:role/deployer")
    aws = connect(AwsOptions(endpoint_url=faulty.url, region="eu-west-1", assume_role=role))

    error = failed(lambda: aws.call("iam", "CreateRole", {"RoleName": "r"} | TRUST))
    aws.close()

    assert (error.service, error.operation, error.uncertain) == ("sts", "AssumeRole", False)
    assert "jane" not in str(error)
    assert diagnostic(error).hint == (
        "allow sts:AssumeRole on arn:aws:iam::123456789012:role/deployer to the identity that "
        "runs rolewright"
    )


@pytest.mark.parametrize(
    ("where", "mode"), [("endpoint_url", "adaptive"), ("sandbox_endpoint", "standard")]
)
def test_the_rate_is_learnt_from_aws_only(where: str, mode: str) -> None:
    """While AWS throttles botocore slows all calls down; it never sends one again by itself."""
    options: dict[str, Any] = {where: "http://127.0.0.1:9"}
    aws = connect(AwsOptions(region="eu-west-1", parallelism=30, **options))
    configs: list[Any] = [
        aws._clients.get("iam", changing=changing).meta.config for changing in (True, False)
    ]
    aws.close()

    assert [config.retries for config in configs] == [{"total_max_attempts": 1, "mode": mode}] * 2
    assert {config.max_pool_connections for config in configs} == {30}
