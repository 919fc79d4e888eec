"""Faults at chosen calls: an AWS that refuses, loses answers, or stops accepting credentials at call number k."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rolewright.engine.aws.reader import Aws
from rolewright.resources.calls import Attrs
from rolewright.resources.ports import AwsError, Wants


class Fault(StrEnum):
    """What happens at the chosen changing call."""

    NONE = "none"
    BEFORE = "before"  # it never reaches AWS
    LOST = "lost"  # it never reaches AWS, and nobody knows
    AFTER = "after"  # it takes effect, and its answer is lost
    DENIED = "denied"
    THROTTLED = "throttled"
    EXPIRED = "expired"  # from this call on no credentials are accepted, for reads neither


class FaultyAws:
    """A connection with AWS that strikes at the changing call with this number, counted from 1."""

    def __init__(self, aws: Aws, strike_at: int, fault: Fault) -> None:
        self.calls = 0
        self._aws = aws
        self._strike_at = strike_at
        self._fault = fault
        self._expired = False
        self._mutex = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        self._check(service, operation)
        return self._aws.read(service, operation, parameters)

    def prefetch(self, wants: Wants) -> None:
        self._check("iam", "GetAccountAuthorizationDetails")
        self._aws.prefetch(wants)

    def fresh(self, wants: Wants) -> None:
        self._check("iam", "GetAccountAuthorizationDetails")
        self._aws.fresh(wants)

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        with self._mutex:
            self.calls += 1
            struck = self.calls == self._strike_at
        if struck and self._fault is not Fault.NONE:
            self._strike(service, operation, parameters)
        self._check(service, operation)
        return self._aws.call(service, operation, parameters)

    def _strike(self, service: str, operation: str, parameters: Attrs) -> None:
        match self._fault:
            case Fault.AFTER:
                self._aws.call(service, operation, parameters)
                raise AwsError(service, operation, "Timeout", "no answer", uncertain=True)
            case Fault.LOST:
                raise AwsError(service, operation, "Timeout", "no answer", uncertain=True)
            case Fault.BEFORE:
                raise AwsError(service, operation, "Unreachable", "no connection")
            case Fault.DENIED:
                raise AwsError(service, operation, "AccessDenied", "not allowed")
            case Fault.THROTTLED:
                raise AwsError(service, operation, "Throttling", "rate exceeded")
            case Fault.EXPIRED:
                self._expired = True
            case Fault.NONE:
                pass

    def _check(self, service: str, operation: str) -> None:
        if self._expired:
            raise AwsError(service, operation, "ExpiredToken", "the token has expired")
