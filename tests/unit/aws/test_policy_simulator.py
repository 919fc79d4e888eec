"""The policy simulator, by stubs that check every parameter and answer against AWS's own model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session
from botocore.stub import Stubber
from rolewright.engine.aws.errors import RAISED, translate
from rolewright.engine.aws.policy_simulator import (
    CustomSimulator,
    PrincipalSimulator,
    context_entries,
)
from rolewright.resources.diagnostics import Problem
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluator import Decision
from rolewright.resources.ports import AwsError, Identity
from unit.verify.roles import policy, role, statement

ARN = "arn:aws:s3:::photos/x"
CONTEXT = Context({"aws:SecureTransport": "true", "aws:TagKeys": ("a", "b")}, open=True)
ENTRIES = [
    {
        "ContextKeyName": "aws:securetransport",
        "ContextKeyValues": ["true"],
        "ContextKeyType": "boolean",
    },
    {
        "ContextKeyName": "aws:tagkeys",
        "ContextKeyValues": ["a", "b"],
        "ContextKeyType": "stringList",
    },
]


class Stubbed:
    """The paged reads of IAM through a stubbed client."""

    identity = Identity("123456789012", "aws", "us-east-1")

    def __init__(self) -> None:
        self.client = get_session().create_client(
            "iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.client)
        self.stub.activate()

    def pages(self, service: str, operation: str, parameters: Any) -> Iterable[Mapping[str, Any]]:
        try:
            yield from self.client.get_paginator(xform_name(operation)).paginate(**parameters)
        except RAISED as error:
            raise translate(error, service, operation) from error


@pytest.fixture
def aws() -> Any:
    return Stubbed()


def result(action: str, decision: str, **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalDecision": decision, **more}


def expected(**source: Any) -> dict[str, Any]:
    return {**source, "ResourceArns": [ARN], "ContextEntries": ENTRIES}


def test_a_live_role_is_asked_about_with_all_actions_at_once(aws: Any) -> None:
    specific = {
        "EvalResourceName": ARN,
        "EvalResourceDecision": "explicitDeny",
        "MatchedStatements": [
            {
                "SourcePolicyId": "read",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 3, "Column": 1},
            }
        ],
        "MissingContextValues": ["aws:SourceIp"],
        "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
    }
    aws.stub.add_response(
        "simulate_principal_policy",
        {
            "EvaluationResults": [
                result("s3:GetObject", "allowed", ResourceSpecificResults=[specific]),
                result(
                    "s3:PutObject",
                    "implicitDeny",
                    OrganizationsDecisionDetail={"AllowedByOrganizations": False},
                ),
            ],
            "IsTruncated": False,
        },
        {
            **expected(PolicySourceArn=role().arn),
            "ActionNames": ["s3:getobject", "s3:PutObject"],
        },
    )

    found = PrincipalSimulator(aws)(role(), ["s3:getobject", "s3:PutObject"], ARN, CONTEXT)

    read, write = found["s3:getobject"], found["s3:PutObject"]
    assert (read.decision, read.boundary) == (Decision.EXPLICITLY_DENIED, False)
    assert read.missing == ("aws:SourceIp",)
    assert read.statements == ("read, line 3",)
    assert (write.decision, write.organization) == (Decision.IMPLICITLY_DENIED, False)
    aws.stub.assert_no_pending_responses()


def test_many_actions_take_several_calls_and_pages(aws: Any) -> None:
    names = [f"s3:Action{index}" for index in range(60)]
    calls = [(names[:50], names[:30], "m", {}), (names[:50], names[30:50], "", {"Marker": "m"})]
    calls.append((names[50:], names[50:], "", {}))
    for asked, told, marker, more in calls:
        answer: dict[str, Any] = {
            "EvaluationResults": [result(name, "allowed") for name in told],
            "IsTruncated": bool(marker),
        }
        aws.stub.add_response(
            "simulate_principal_policy",
            answer | ({"Marker": marker} if marker else {}),
            {**expected(PolicySourceArn=role().arn), "ActionNames": asked, **more},
        )

    found = PrincipalSimulator(aws)(role(), names, ARN, CONTEXT)

    assert list(found) == names
    aws.stub.assert_no_pending_responses()


def test_planned_documents_are_sent_with_the_boundary(aws: Any) -> None:
    mine = role(statement("s3:*", ARN), boundary=policy(statement("*"), name="bound"))
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": [ARN]}],
    }
    bound = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}],
    }
    aws.stub.add_response(
        "simulate_custom_policy",
        {"EvaluationResults": [result("s3:GetObject", "allowed")], "IsTruncated": False},
        {
            **expected(
                PolicyInputList=[json.dumps(document)],
                PermissionsBoundaryPolicyInputList=[json.dumps(bound)],
            ),
            "ActionNames": ["s3:GetObject"],
        },
    )

    found = CustomSimulator(aws)(mine, ["s3:GetObject"], ARN, CONTEXT)

    assert found["s3:GetObject"].decision is Decision.ALLOWED


def test_a_role_without_policies_is_not_asked_about(aws: Any) -> None:
    """AWS takes no empty list of documents, and there is nothing to ask."""
    found = CustomSimulator(aws)(role(), ["s3:GetObject"], ARN, CONTEXT)

    assert found["s3:GetObject"].decision is Decision.IMPLICITLY_DENIED


@pytest.mark.parametrize(
    ("code", "problem"),
    [("AccessDenied", "simulator-denied"), ("NotImplemented", "no-simulator")],
)
def test_a_refusal_says_what_is_needed(aws: Any, code: str, problem: str) -> None:
    aws.stub.add_client_error("simulate_principal_policy", code, "no", http_status_code=403)

    with pytest.raises(Problem) as caught:
        PrincipalSimulator(aws)(role(), ["s3:GetObject"], ARN, CONTEXT)

    (finding,) = caught.value.diagnostics
    assert finding.code == problem
    assert "iam:SimulatePrincipalPolicy" in finding.summary + finding.detail
    assert "--live" in finding.hint


def test_another_refusal_is_what_it_is(aws: Any) -> None:
    aws.stub.add_client_error("simulate_principal_policy", "PolicyEvaluation", "no")

    with pytest.raises(AwsError, match="PolicyEvaluation"):
        PrincipalSimulator(aws)(role(), ["s3:GetObject"], ARN, CONTEXT)


def test_keys_have_their_types() -> None:
    known = {"aws:SourceIp": "10.0.0.1", "aws:CurrentTime": "2026-01-01T00:00:00Z", "x:y": "z"}

    types = {
        entry["ContextKeyName"]: entry["ContextKeyType"]
        for entry in context_entries(Context(known, absent=["aws:userid"], open=True))
    }

    assert types == {"aws:currenttime": "date", "aws:sourceip": "ip", "x:y": "string"}
