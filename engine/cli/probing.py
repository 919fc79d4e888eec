"""Puts together what `verify --probe` needs: carriers, harmless calls, and what a sandbox can't tell."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...resources.ports import AwsReader
from ..aws.operations import parameters_of
from ..aws.probe_function import ProbeFunction
from ..probe.by_ec2 import ByEc2
from ..probe.by_ecs import ByEcs
from ..probe.by_lambda import ByLambda
from ..probe.by_sts import BySts
from ..probe.carriers import Carrier
from ..probe.harmless import Harmless, Signature
from ..probe.prober import Prober, no_limits, probed_roles
from ..probe.sandbox_limits import SandboxLimits
from .composition import aws_for, sandbox_wanted

if TYPE_CHECKING:
    from ..config.declarations import Declarations, Desired
    from ..session import Session
    from ..verify.roles import Roles
    from .options import Common

SESSION_NAME = "rolewright-probe"
STANDS_FOR = "in the sandbox, which stands for the service that carries the role"


def prober(
    options: Common, session: Session, declared: Declarations, found: Desired, roles: Roles
) -> Prober:
    """The producer of probe results for a stack's roles as they are live.

    In a sandbox moto answers, which runs nothing, so that its STS stands for every service.
    """
    sandboxed = sandbox_wanted(options, os.environ)
    aws = session.aws

    def assume(arn: str) -> AwsReader:
        return aws_for(options, declared, session.parallelism).assumed(arn, SESSION_NAME)

    by_sts = BySts(assume, STANDS_FOR if sandboxed else "")
    services: Sequence[Carrier] = (
        ByLambda(session, ProbeFunction(aws)),
        ByEcs(session),
        ByEc2(aws, session.clock),
    )
    return Prober(
        probed_roles(found.attributes, {address: role.arn for address, role in roles.items()}),
        Harmless(aws.identity, _signature, dry_runs=not sandboxed and options.endpoint_url is None),
        (by_sts,) if sandboxed else (by_sts, *services),
        SandboxLimits(roles) if sandboxed else no_limits,
    )


def _signature(service: str, operation: str) -> Signature | None:
    found = parameters_of(service, operation)
    return None if found is None else Signature(*found)


@contextmanager
def ended_gently() -> Generator[None, None, None]:
    """Have SIGTERM end a probe as Ctrl-C does: what it made is removed first."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
