"""AWS's service models, read once a process: botocore reads them for each session, and each test has one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import botocore.session


def share() -> None:
    """Let all sessions of this process take models from one loader."""
    botocore.session.create_loader = cache(botocore.session.create_loader)


def read(services: Iterable[str]) -> None:
    """Read the models of services, which processes forked later need not do."""
    session = botocore.session.Session()
    for service in services:
        session.create_client(service, region_name="us-east-1")
