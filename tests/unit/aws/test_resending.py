"""Which failed requests are sent again: never one that may have changed something."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.retry import Failure, Resend, failure
from rolewright.resources.ports import AwsError
from support.faulty_server import Faulty, acceptance, refusal

Reach = Callable[[str], Aws]
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}


def answer(status: int, code: str = "") -> tuple[Any, dict[str, Any]]:
    return AWSResponse("http://x", status, HTTPHeaders(), None), {"Error": {"Code": code}}


def change(aws: Aws) -> AwsError:
    with pytest.raises(AwsError) as caught:
        aws.call("iam", "CreateRole", ROLE)
    return caught.value


@pytest.mark.parametrize(
    ("told", "error", "expected"),
    [
        (answer(200), None, None),
        (answer(400, "Throttling"), None, Failure.THROTTLED),
        (answer(503, "RequestLimitExceeded"), None, Failure.THROTTLED),
        (answer(429), None, Failure.THROTTLED),
        (answer(500, "ServiceFailure"), None, Failure.LOST),
        (answer(501, "NotImplemented"), None, Failure.FINAL),
        (answer(409, "EntityAlreadyExists"), None, Failure.FINAL),
        (answer(409, "LimitExceeded"), None, Failure.FINAL),
        (None, EndpointConnectionError(endpoint_url="x"), Failure.UNSENT),
        (None, ConnectTimeoutError(endpoint_url="x"), Failure.UNSENT),
        (None, ReadTimeoutError(endpoint_url="x"), Failure.LOST),
        (None, ConnectionClosedError(endpoint_url="x"), Failure.LOST),
        (None, NoCredentialsError(), Failure.FINAL),
    ],
)
def test_failures_are_told_apart(
    told: tuple[Any, dict[str, Any]] | None, error: Exception | None, expected: Failure | None
) -> None:
    """A failure is throttling, a connection that wasn't made, a lost answer, or final."""
    assert failure(told, error) == expected


@pytest.mark.parametrize(
    ("changing", "told", "times"),
    [
        ("yes", answer(400, "Throttling"), 12),
        ("no", answer(400, "Throttling"), 12),
        ("yes", answer(500), 1),
        ("no", answer(500), 4),
        ("yes", answer(400, "NoSuchEntity"), 1),
        ("no", answer(400, "NoSuchEntity"), 1),
    ],
)
def test_requests_are_sent_a_bounded_number_of_times(
    changing: str, told: tuple[Any, dict[str, Any]], times: int
) -> None:
    """Each sort of failure has its own bound; a lost answer to a changing call has none at all."""
    waits: list[float] = []
    resend = Resend(changing=changing == "yes", sleep=waits.append)
    sent = 1
    while resend(response=told, attempts=sent, caught_exception=None) is not None:
        sent += 1

    assert sent == times
    assert len(waits) == times - 1


def test_waits_grow_with_jitter() -> None:
    """Throttled calls wait longer each time, up to a bound, and never for exactly as long."""
    waits: list[float] = []
    resend = Resend(changing=True, sleep=waits.append, chance=random.Random(7))
    for attempt in range(1, 12):
        resend(response=answer(400, "Throttling"), attempts=attempt, caught_exception=None)

    bounds = [min(20.0, 0.5 * 2**n) for n in range(11)]
    assert all(bound / 2 <= wait <= bound for bound, wait in zip(bounds, waits, strict=True))
    assert len(set(waits)) == len(waits)
    assert 60 < sum(waits) < 140


@pytest.mark.parametrize("step", ["hang", "close", (500, refusal("ServiceFailure"))])
def test_a_changing_call_without_an_answer_is_not_sent_again(
    faulty: Faulty, reach: Reach, waits: list[float], step: Any
) -> None:
    """A changing call that AWS may have carried out is uncertain, and sent only once."""
    faulty.script = [step]
    aws = reach(faulty.url)

    error = change(aws)

    assert error.uncertain
    assert faulty.requests == aws.requests["iam", "CreateRole"] == 1
    assert waits == []


@pytest.mark.parametrize("step", ["hang", "close", (500, refusal("ServiceFailure"))])
def test_a_read_without_an_answer_is_sent_again(
    faulty: Faulty, reach: Reach, waits: list[float], step: Any
) -> None:
    """A read whose answer was lost is simply made once more."""
    faulty.script = [step]
    aws = reach(faulty.url)

    assert aws.read("iam", "ListRoles", {})["Roles"] == []
    assert faulty.requests == aws.requests["iam", "ListRoles"] == 2
    assert len(waits) == 1


def test_a_page_without_an_answer_is_sent_again(
    faulty: Faulty, reach: Reach, waits: list[float]
) -> None:
    """Pages of a long list are reads like any other."""
    faulty.script = ["close"]
    aws = reach(faulty.url)

    assert [page["Roles"] for page in aws.pages("iam", "ListRoles", {})] == [[]]
    assert faulty.requests == 2


def test_a_throttled_changing_call_is_sent_again(
    faulty: Faulty, reach: Reach, waits: list[float]
) -> None:
    """A throttled call was not begun, so it is sent again until AWS takes it."""
    faulty.script = [(400, refusal("Throttling", "Rate exceeded"))] * 3
    aws = reach(faulty.url)

    aws.call("iam", "CreateRole", ROLE)

    assert faulty.requests == aws.requests["iam", "CreateRole"] == 4
    assert len(waits) == 3


def test_throttling_without_end_is_an_error_in_the_end(
    faulty: Faulty, reach: Reach, waits: list[float]
) -> None:
    """A call that stays throttled fails, certainly not carried out."""
    faulty.script = [(400, refusal("Throttling", "Rate exceeded"))] * 50

    error = change(reach(faulty.url))

    assert (error.code, error.uncertain, faulty.requests) == ("Throttling", False, 12)


def test_a_refusal_is_final(faulty: Faulty, reach: Reach, waits: list[float]) -> None:
    """What AWS refuses for another reason isn't asked again, and keeps code and request id."""
    faulty.script = [(409, refusal("EntityAlreadyExists", "Role with name r already exists."))]

    error = change(reach(faulty.url))

    assert (error.code, error.message) == (
        "EntityAlreadyExists",
        "Role with name r already exists.",
    )
    assert (error.uncertain, error.request_id) == (False, "refused")
    assert faulty.requests == 1
    assert waits == []


def test_a_refused_connection_is_certain(reach: Reach, waits: list[float]) -> None:
    """Where nobody listens nothing was carried out; the error names the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    error = change(reach(url))

    assert (error.code, error.uncertain) == ("Unreachable", False)
    assert url in error.message
    assert len(waits) == 2


@pytest.mark.parametrize("body", ["<html", "<html></html>", "", acceptance("ListUsers")])
def test_an_answer_that_is_no_aws_answer_is_uncertain(
    faulty: Faulty, reach: Reach, waits: list[float], body: str
) -> None:
    """An answer that can't be read says nothing of whether the call was carried out."""
    faulty.script = [(200, body)]

    error = change(reach(faulty.url))

    assert (error.code, error.uncertain) == ("Timeout", True)


def test_the_answer_keeps_its_request_id(faulty: Faulty, reach: Reach, waits: list[float]) -> None:
    """An answer is AWS's without the metadata; the request id stays at hand."""
    answered = reach(faulty.url).call("iam", "CreateRole", ROLE)

    assert "ResponseMetadata" not in answered
    assert answered.request_id == "fine"


def test_requests_say_who_sends_them(faulty: Faulty, reach: Reach, waits: list[float]) -> None:
    """AWS sees rolewright and its version in the user agent."""
    reach(faulty.url).read("iam", "ListRoles", {})

    assert "rolewright/" in faulty.agents[0]
