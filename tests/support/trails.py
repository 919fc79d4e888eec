"""CloudTrail records as AWS writes them, and the ways to find them."""

from __future__ import annotations

from typing import Any

ACCOUNT = "123456789012"
MAIL = "jane.doe@example.com"
KEY = "ASIAIOSFODNN7EXAMPLE"


def record(
    event: str = "iam:AttachRolePolicy",
    time: str = "2026-11-22T23:00:00Z",
    *,
    identity: dict[str, Any] | None = None,
    agent: str = "aws-cli/2.17",
    answer: dict[str, Any] | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """One record; by default a user's call that worked."""
    service, _, name = event.partition(":")
    user = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory",
        "accessKeyId": KEY,
        "userName": "mallory",
    }
    return {
        "eventVersion": "1.10",
        "userIdentity": user if identity is None else identity,
        "eventTime": time,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": agent,
        "requestParameters": parameters,
        "responseElements": answer,
        "eventID": f"id-{name}-{time}",
        "readOnly": False,
    }


def assumed(role: str = "admin", session: str = MAIL) -> dict[str, Any]:
    """The identity of somebody who works with a role."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accessKeyId": KEY,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
        },
    }
