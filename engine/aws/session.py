"""From a person's options to a connection with AWS: credentials, region, endpoint.

All of botocore's credential chain, which is boto3's: environment, profiles, SSO, processes,
containers, instances. In a sandbox none of it: neither environment nor AWS's files are looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError
from botocore.session import Session
from botocore.utils import parse_timestamp

from ...resources.diagnostics import Problem
from ...resources.ports import AwsError
from .clients import Clients, Wiring, client_config
from .errors import RAISED, translate
from .reader import Aws

SANDBOX_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class AssumeRole:
    """The role that rolewright itself assumes for all its calls."""

    role_arn: str
    session_name: str = "rolewright"
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class AwsOptions:
    """How to reach AWS; timeouts are in seconds.

    With `sandbox_endpoint`, profile, endpoint and role don't count.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    assume_role: AssumeRole | None = None
    sandbox_endpoint: str | None = None
    parallelism: int = 10
    connect_timeout: float = 10.0
    read_timeout: float = 60.0


def connect(options: AwsOptions, *, sleep: Callable[[float], None] = time.sleep) -> Aws:
    """Prepare the connection; the first call is made when something is asked.

    `sleep` waits before a request is sent again.

    Raises:
        AwsError: `ProfileNotFound`, `NoRegion` or `BadConfiguration`.
        Problem: an endpoint is no URL, or the sandbox's isn't on this machine.
    """
    wiring = Wiring(
        region=options.region or SANDBOX_REGION,
        connections=options.parallelism,
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        sleep=sleep,
    )
    if options.sandbox_endpoint is not None:
        only = _loopback(options.sandbox_endpoint)
        wiring = replace(wiring, endpoint_url=only, only=only)
        session = _sandbox_session()
    else:
        endpoint = None if options.endpoint_url is None else _checked_url(options.endpoint_url)
        try:
            session = Session(profile=options.profile)
            session.get_scoped_config()
            region = options.region or _region(session, os.environ)
        except RAISED as error:
            raise translate(error, "sts", "GetCallerIdentity") from error
        wiring = replace(wiring, region=region, endpoint_url=endpoint)
        if options.assume_role is not None:
            session = _assuming(session, options.assume_role, wiring)
    _speak_json(session)
    return Aws(Clients(session, wiring), parallelism=options.parallelism)


def _region(session: Session, environ: Mapping[str, str]) -> str:
    # AWS's command line and other SDKs read AWS_REGION; botocore reads AWS_DEFAULT_REGION alone.
    region = environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise AwsError("sts", "GetCallerIdentity", "NoRegion", "no region is set anywhere")
    return str(region)


def _sandbox_session() -> Session:
    # Each variable keeps its default and loses its places in the environment and in AWS's files.
    bare = {
        name: (None, None, default, conversion)
        for name, (_, _, default, conversion) in Session.SESSION_VARIABLES.items()
    }
    files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = Session(session_vars={**bare, **files})
    session.set_credentials("sandbox", "sandbox")
    return session


def _assuming(source: Session, role: AssumeRole, wiring: Wiring) -> Session:
    extra = {"RoleSessionName": role.session_name}
    if role.external_id is not None:
        extra["ExternalId"] = role.external_id

    class AssumeRoleProvider(CredentialProvider):
        METHOD = "rolewright-assume-role"

        def load(self) -> DeferredRefreshableCredentials:
            credentials = source.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            fetcher = AssumeRoleCredentialFetcher(
                partial(
                    source.create_client,
                    region_name=wiring.region,
                    endpoint_url=wiring.endpoint_url,
                    config=client_config(wiring).merge(Config(retries={"mode": "standard"})),
                ),
                credentials,
                role.role_arn,
                extra_args=extra,
            )
            return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)

    session = Session(profile=source.profile)
    resolver = session.get_component("credential_provider")
    resolver.providers.insert(0, AssumeRoleProvider())
    return session


def _speak_json(session: Session) -> None:
    """Have answers tell times as ISO 8601 text, so that they can be saved, shown and compared."""

    def iso(value: Any) -> str:
        return parse_timestamp(value).astimezone(UTC).isoformat()

    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=iso)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return url
    raise Problem.of(
        "bad-endpoint",
        f'"{url}" is not an endpoint',
        hint="write for example --endpoint-url http://127.0.0.1:5000",
    )


def _loopback(url: str) -> str:
    host = urlsplit(_checked_url(url)).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if local:
        return url
    raise Problem.of(
        "sandbox-not-local",
        f"the sandbox's endpoint {url} is not on this machine",
        detail="A sandbox is reached on loopback only: never can it be the real AWS.",
        hint="for another endpoint use --endpoint-url instead of --sandbox",
    )
