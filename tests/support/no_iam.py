"""The reads of an AWS in which there is no IAM object, for fakes that script the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rolewright.resources.calls import Attrs
from rolewright.resources.ports import (
    InstanceProfileView,
    Neighbour,
    PolicyView,
    RoleView,
    Wants,
)

T = TypeVar("T")
R = TypeVar("R")


class NoIam:
    """Finds no IAM object; a page is one read, and what is mapped is done one by one."""

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        raise NotImplementedError

    def pages(self, service: str, operation: str, parameters: Attrs) -> Iterable[Mapping[str, Any]]:
        return [self.read(service, operation, parameters)]

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return [function(item) for item in items]

    def neighbours(self) -> Iterable[Neighbour]:
        return ()

    def prefetch(self, wants: Wants) -> None: ...

    def complete(self, wants: Wants) -> None: ...

    def fresh(self, wants: Wants) -> None: ...

    def role(self, name: str) -> RoleView | None:
        return None

    def policy(self, arn: str) -> PolicyView | None:
        return None

    def instance_profile(self, name: str) -> InstanceProfileView | None:
        return None
