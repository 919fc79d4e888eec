"""An account for probes that AWS doesn't know of, and a scripted AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from rolewright.engine.aws.operations import parameters_of
from rolewright.engine.probe.carriers import Bound, ProbedRole
from rolewright.engine.probe.harmless import Harmless, Signature
from rolewright.engine.session import Session
from rolewright.resources.address import Address
from rolewright.resources.calls import Attrs
from rolewright.resources.ports import (
    AwsError,
    Identity,
)
from rolewright.resources.registry import kind_class
from rolewright.state.journal import Journal
from rolewright.state.store import LocalStore
from support.no_iam import NoIam
from support.runs import StillClock

T = TypeVar("T")
R = TypeVar("R")
IDENTITY = Identity("123456789012", "aws", "eu-west-1")
ARN = "arn:aws:iam::123456789012:role/reader"
RUN = "6f1c1d3e-0b2a-4c5d-8e9f-001122334455"
Reply = Mapping[str, Any] | AwsError | Callable[[Attrs], Mapping[str, Any]]


def signature_of(service: str, operation: str) -> Signature | None:
    found = parameters_of(service, operation)
    return None if found is None else Signature(*found)


@pytest.fixture
def harmless() -> Harmless:
    return Harmless(IDENTITY, signature_of)


def bound_role(**attributes: Any) -> ProbedRole:
    """A role with one service binding."""
    address = Address("service_binding", "it")
    return ProbedRole(Address("role", "reader"), "reader", ARN, (Bound(address, attributes),))


@dataclass
class ScriptedAws(NoIam):
    """Answers each operation from its own script, the last reply over and over; {} where there is none."""

    replies: dict[str, Sequence[Reply]] = field(default_factory=dict[str, Sequence[Reply]])
    log: list[tuple[str, Attrs]] = field(default_factory=list[tuple[str, Attrs]])
    identity: Identity = IDENTITY

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        script = self.replies.get(operation, ({},))
        reply = script[min(self.operations.count(operation), len(script) - 1)]
        self.log.append((operation, parameters))
        if isinstance(reply, AwsError):
            raise AwsError(service, operation, reply.code, reply.message, uncertain=reply.uncertain)
        return reply(parameters) if callable(reply) else reply

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        return self.call(service, operation, parameters)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.log]

    def parameters(self, operation: str) -> Attrs:
        return next(parameters for name, parameters in self.log if name == operation)


def refusal(code: str, message: str = "no", *, uncertain: bool = False) -> AwsError:
    return AwsError("it", "It", code, message, uncertain=uncertain)


@pytest.fixture
def session_on(tmp_path: Path) -> Callable[[ScriptedAws], Session]:
    """Makes a session whose AWS is scripted; its clock never waits."""

    def make(aws: ScriptedAws) -> Session:
        path = tmp_path / ".rolewright" / "state.json"
        return Session(
            stack="probe",
            aws=aws,
            store=LocalStore(path),
            journal=Journal(path),
            clock=StillClock(),
            sink=lambda _: None,
            kinds=kind_class,
            new_id=lambda: RUN,
            tool_version="test",
        )

    return make
