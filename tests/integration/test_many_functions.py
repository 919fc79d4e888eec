"""Many Lambda functions are read with a list, and those that are not as they should be by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.resources.ports import AwsError
from support.runs import Bench, changes

from .importing.shapes import LAMBDA, Maker

COUNT = 12
STACK: Mapping[str, Any] = {
    "stack": "s",
    "roles": {"r": {"trust": {"services": ["lambda.amazonaws.com"]}}},
    "service_bindings": {
        f"f{index}": {"service": "lambda", "role": "r", "function": f"f-{index}"}
        for index in range(COUNT)
    },
}
READ = ("lambda", "GetFunctionConfiguration")
LISTED = ("lambda", "ListFunctions")


@pytest.fixture
def other(bench: Bench, aws: Aws) -> str:
    """The stack, applied to functions that somebody made with another role, whose ARN is returned."""
    maker = Maker(aws, "f")
    arn = maker.role(LAMBDA, "other")
    for index in range(COUNT):
        maker.function(arn, f"-{index}")
    assert bench.apply(dict(STACK)).status is Status.APPLIED
    return arn


def requests(bench: Bench) -> tuple[dict[str, str], int, int]:
    """What a plan would change, and how many lists of functions and reads of one it took."""
    aws = bench.connect()
    before = aws.requests.copy()
    plan = bench.planned(bench.session("s", aws), dict(STACK))
    made = aws.requests - before
    return changes(plan), made[LISTED], made[READ]


def test_one_list_shows_all(bench: Bench, other: str) -> None:
    assert requests(bench) == ({}, 1, 0)


def test_another_role_is_read_again(bench: Bench, aws: Aws, other: str) -> None:
    """A list may lag, so drift is only what the function itself shows."""
    change = {"FunctionName": "f-3", "Role": other}
    aws.call("lambda", "UpdateFunctionConfiguration", change)

    found, lists, reads = requests(bench)

    assert (found, lists, reads) == ({"service_binding.f3": "update"}, 1, 1)


def test_whoever_may_not_list_reads_each(
    bench: Bench, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Aws.pages

    def refuse(self: Aws, service: str, operation: str, parameters: Any) -> Iterator[Any]:
        if operation == "ListFunctions":
            raise AwsError(service, operation, "AccessDeniedException", "no")
        return iter(pages(self, service, operation, parameters))

    monkeypatch.setattr(Aws, "pages", refuse)

    assert requests(bench) == ({}, 0, COUNT)


def test_a_long_list_ends(
    bench: Bench, aws: Aws, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account with thousands of other functions does not cost more than reading each of ours twice."""
    pages = Aws.pages
    seen: list[int] = []

    def many(self: Aws, service: str, operation: str, parameters: Any) -> Iterator[Any]:
        if operation != "ListFunctions":
            yield from pages(self, service, operation, parameters)
            return
        for number in range(1000):
            seen.append(number)
            yield {"Functions": [{"FunctionName": f"theirs-{number}", "Role": other}]}

    monkeypatch.setattr(Aws, "pages", many)

    found, _, reads = requests(bench)

    assert (found, reads) == ({}, COUNT)
    assert len(seen) == COUNT // 2
