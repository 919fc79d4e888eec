"""Calls on IAM in the form that its readers share, and which refusals they take for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from ...resources.calls import Attrs
from ...resources.ports import AwsError, Identity

T = TypeVar("T")
R = TypeVar("R")


class Reads(Protocol):
    """What reading IAM needs of `Aws`."""

    @property
    def identity(self) -> Identity: ...

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]: ...

    def pages(
        self, service: str, operation: str, parameters: Attrs
    ) -> Iterable[Mapping[str, Any]]: ...

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]: ...


class IamCalls:
    """Reads of IAM by operation."""

    def __init__(self, aws: Reads) -> None:
        self._aws = aws

    def get(self, operation: str, key: str, parameters: Attrs) -> Any:
        """The value at `key` of the answer."""
        return self._aws.read("iam", operation, parameters)[key]

    def all(self, operation: str, key: str, parameters: Attrs) -> list[Any]:
        """The lists at `key` of all pages, as one."""
        pages = self.pages(operation, parameters)
        return [item for page in pages for item in page.get(key, ())]

    def pages(self, operation: str, parameters: Attrs) -> Iterable[Mapping[str, Any]]:
        """The answers, page by page."""
        return self._aws.pages("iam", operation, parameters)


def unless_absent(work: Callable[[], R]) -> R | None:
    """What the work returns; None when IAM says that there is no such thing."""
    try:
        return work()
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return None
        raise


def unless_denied(work: Callable[[], R]) -> R | None:
    """What the work returns; None when we may not do it."""
    try:
        return work()
    except AwsError as error:
        if error.denied:
            return None
        raise
