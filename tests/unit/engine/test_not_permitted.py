"""What the policy simulator says of our own permissions, against the real service model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from rolewright.engine.plan import Action, Change, Plan
from rolewright.engine.preflight import not_permitted
from rolewright.resources.address import Address
from rolewright.resources.calls import Call
from rolewright.resources.diagnostics import Severity
from rolewright.resources.ports import AwsError, Identity

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/web"
CREATE = Call(
    "iam",
    "CreateRole",
    {"RoleName": "web", "Path": "/app/"},
    undo=(Call("iam", "DeleteRole", {"RoleName": "web"}),),
)


class Connection:
    """The reads of `Aws`, of one stubbed client."""

    def __init__(self, client: Any, caller: str) -> None:
        self._client = client
        self.identity = Identity(ACCOUNT, "aws", "us-east-1", caller)

    def pages(
        self, service: str, operation: str, parameters: Mapping[str, Any]
    ) -> Iterable[Mapping[str, Any]]:
        try:
            yield from self._client.get_paginator("simulate_principal_policy").paginate(
                **parameters
            )
        except self._client.exceptions.ClientError as error:
            raise AwsError(service, operation, error.response["Error"]["Code"], "no") from error

    def role(self, name: str) -> Any:
        raise AssertionError(f"role {name} was asked for")


@pytest.fixture
def iam() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def plan(*calls: Call) -> Plan:
    attrs = {"name": "web", "path": "/app/"}
    address = Address.parse("role.web")
    change = Change(address, "role", Action.CREATE, "new", after=attrs, make=calls)
    return Plan("s", "apply", "run", "l", 0, ACCOUNT, "aws", "us-east-1", "1", (change,))


def result(action: str, decision: str, missing: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "EvalActionName": action,
        "EvalDecision": decision,
        "EvalResourceName": ROLE,
        "MissingContextValues": list(missing),
    }


def expect(stub: Stubber, *results: dict[str, Any]) -> None:
    stub.add_response(
        "simulate_principal_policy",
        {"EvaluationResults": list(results), "IsTruncated": False},
        {
            "PolicySourceArn": USER,
            "ActionNames": ["iam:CreateRole", "iam:DeleteRole"],
            "ResourceArns": [ROLE],
        },
    )


def test_a_call_that_is_denied_stops_the_apply(iam: tuple[Any, Stubber]) -> None:
    client, stub = iam
    expect(stub, result("iam:CreateRole", "implicitDeny"), result("iam:DeleteRole", "explicitDeny"))

    error, warning = not_permitted(Connection(client, USER), plan(CREATE))  # type: ignore[arg-type]

    assert (error.code, error.severity) == ("not-permitted", Severity.ERROR)
    assert f"iam:CreateRole on {ROLE}" in error.summary
    assert (warning.code, warning.severity) == ("rollback-not-permitted", Severity.WARNING)
    assert "iam:DeleteRole" in warning.summary


def test_what_is_allowed_or_open_is_not_held_against_a_plan(iam: tuple[Any, Stubber]) -> None:
    client, stub = iam
    expect(
        stub,
        result("iam:CreateRole", "allowed"),
        result("iam:DeleteRole", "implicitDeny", ["aws:MultiFactorAuthPresent"]),
    )

    assert not_permitted(Connection(client, USER), plan(CREATE)) == ()  # type: ignore[arg-type]


def test_a_simulator_that_may_not_be_asked_is_no_answer(iam: tuple[Any, Stubber]) -> None:
    client, stub = iam
    stub.add_client_error("simulate_principal_policy", "AccessDenied")

    with pytest.raises(AwsError) as caught:
        not_permitted(Connection(client, USER), plan(CREATE))  # type: ignore[arg-type]

    assert caught.value.denied


def test_the_root_user_and_plans_without_calls_of_iam_ask_nothing(
    iam: tuple[Any, Stubber],
) -> None:
    client, _ = iam
    root = Connection(client, f"arn:aws:iam::{ACCOUNT}:root")
    other = Call("lambda", "UpdateFunctionConfiguration", {"FunctionName": "f"})

    assert not_permitted(root, plan(CREATE)) == ()  # type: ignore[arg-type]
    assert not_permitted(Connection(client, USER), plan(other)) == ()  # type: ignore[arg-type]


def test_a_session_is_asked_for_by_its_role(iam: tuple[Any, Stubber]) -> None:
    client, stub = iam

    class Session(Connection):
        def role(self, name: str) -> Any:
            assert name == "deployer"
            return type("View", (), {"arn": USER})

    expect(stub, result("iam:CreateRole", "allowed"), result("iam:DeleteRole", "allowed"))
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/ann"

    assert not_permitted(Session(client, caller), plan(CREATE)) == ()  # type: ignore[arg-type]
