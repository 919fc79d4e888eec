"""AWS behind the ports of `resources`: reads, changing calls, and IAM objects read together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore import xform_name

from ...resources.calls import Attrs, with_bytes
from ...resources.ports import (
    Identity,
    InstanceProfileView,
    Neighbour,
    PolicyView,
    RoleView,
    Wants,
)
from .clients import Clients, Credentials
from .errors import RAISED, translate
from .iam_reads import IamReads

T = TypeVar("T")
R = TypeVar("R")


class Answer(dict[str, Any]):
    """The answer to a call, without ResponseMetadata; times are ISO 8601 text.

    `request_id` is what AWS support and CloudTrail know the call by.
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(answer)
        metadata: Mapping[str, Any] = self.pop("ResponseMetadata", {})
        self.request_id = str(metadata.get("RequestId", ""))


class Aws:
    """One account in one region, as AwsReader and AwsCaller. For any number of threads at once."""

    def __init__(self, clients: Clients, *, parallelism: int = 10) -> None:
        self._clients = clients
        self._parallelism = max(1, parallelism)
        self._identity: Identity | None = None
        self._lock = threading.Lock()
        self._worker = threading.local()
        self._iam = IamReads(self)

    def again(self) -> Aws:
        """The same connection, with nothing read yet."""
        return Aws(self._clients, parallelism=self._parallelism)

    def assumed(self, role_arn: str, session_name: str, *, seconds: int = 900) -> Aws:
        """A connection that makes its calls under a role, which is assumed here.

        Raises:
            AwsError: the role can't be assumed.
        """
        given = self.read(
            "sts",
            "AssumeRole",
            {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": seconds},
        )["Credentials"]
        credentials = Credentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        )
        return Aws(self._clients.under(credentials), parallelism=self._parallelism)

    @property
    def requests(self) -> Counter[tuple[str, str]]:
        """The HTTP requests sent so far, resent ones included, by service and operation."""
        return self._clients.requests

    @property
    def identity(self) -> Identity:
        """Who we are; AWS is asked once.

        Raises:
            AwsError: there are no credentials, AWS doesn't accept them, or can't be reached.
        """
        with self._lock:
            if self._identity is None:
                who = self.read("sts", "GetCallerIdentity", {})
                self._identity = Identity(
                    account_id=who["Account"],
                    partition=who["Arn"].split(":")[1],
                    region=self._clients.region,
                    caller_arn=who["Arn"],
                )
            return self._identity

    def read(self, service: str, operation: str, parameters: Attrs) -> Answer:
        """The answer to one read; a request whose answer was lost is sent again.

        Raises:
            AwsError: AWS refused it, or couldn't be reached.
        """
        return self._once(service, operation, parameters, changing=False)

    def call(self, service: str, operation: str, parameters: Attrs) -> Answer:
        """Make one changing call and return its answer.

        It is sent again only where AWS can't have begun it: throttled, or no connection made.

        Raises:
            AwsError: AWS refused it, or couldn't be reached; `uncertain` when it may have taken
                effect.
        """
        return self._once(service, operation, with_bytes(parameters), changing=True)

    def _once(self, service: str, operation: str, parameters: Attrs, *, changing: bool) -> Answer:
        try:
            client = self._clients.get(service, changing=changing)
            method: Callable[..., dict[str, Any]] = getattr(client, xform_name(operation))
            return Answer(method(**parameters))
        except RAISED as error:
            raise translate(error, service, operation, changing=changing) from error

    def pages(self, service: str, operation: str, parameters: Attrs) -> Iterable[Answer]:
        """The answers of a read page by page; a read that has no pages is its own only page.

        Raises:
            AwsError: while iterating, when AWS refused a page or couldn't be reached.
        """
        try:
            client = self._clients.get(service)
            name = xform_name(operation)
            if not client.can_paginate(name):
                yield self.read(service, operation, parameters)
                return
            for page in client.get_paginator(name).paginate(**parameters):
                yield Answer(page)
        except RAISED as error:
            raise translate(error, service, operation) from error

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Apply a reading function to all items, several at once; results are in order.

        The first error ends it. Called within such a function it works one by one: threads that
        wait for threads might stand still for ever.
        """
        workers = min(self._parallelism, len(items))
        if workers <= 1 or getattr(self._worker, "busy", False):
            return [function(item) for item in items]
        with ThreadPoolExecutor(workers, initializer=self._mark_worker) as pool:
            return list(pool.map(function, items))

    def _mark_worker(self) -> None:
        self._worker.busy = True

    def prefetch(self, wants: Wants) -> None:
        """Read these IAM objects in as few calls as possible; see `IamReads`."""
        self._iam.prefetch(wants)

    def fresh(self, wants: Wants) -> None:
        """Forget what was read of IAM, and read these objects again."""
        self._iam.fresh(wants)

    def all_roles(self) -> list[RoleView]:
        """Every role of the account, by account-wide reads.

        Raises:
            AwsError: AWS refused one of them.
        """
        return self._iam.all_roles()

    def complete(self, wants: Wants) -> None:
        """Read what account-wide reads did not tell of policies and instance profiles.

        Raises:
            AwsError: AWS refused a read.
        """
        self._iam.complete(wants)

    def role(self, name: str) -> RoleView | None:
        """A role; None when there is none.

        Raises:
            AwsError: AWS refused the read.
        """
        return self._iam.role(name)

    def policy(self, arn: str) -> PolicyView | None:
        """A managed policy by ARN, the customer's or AWS's; None when there is none.

        Raises:
            AwsError: AWS refused the read.
        """
        return self._iam.policy(arn)

    def instance_profile(self, name: str) -> InstanceProfileView | None:
        """An instance profile; None when there is none.

        Raises:
            AwsError: AWS refused the read.
        """
        return self._iam.instance_profile(name)

    def neighbours(self) -> list[Neighbour]:
        """All roles of the account, in one paginated read where they were not read together before.

        Raises:
            AwsError: AWS refused the read.
        """
        return self._iam.neighbours()

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()
