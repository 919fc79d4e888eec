"""The policies that a role carries, taken from attributes."""

from __future__ import annotations

from typing import Any

from rolewright.engine.role_policies import role_policies, unread_policies
from rolewright.resources.address import Address

ACCOUNT = "123456789012"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
ROLE = Address.parse("role.reader")


def document(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def attributes(**role: Any) -> dict[Address, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    return {
        ROLE: {
            "name": "Reader",
            "path": "/media/",
            "trust_policy": {"Statement": [{**trust, "Action": "sts:AssumeRole"}]},
            **role,
        },
        Address.parse("permission_policy.read"): {
            "type": "customer",
            "arn": f"arn:aws:iam::{ACCOUNT}:policy/read",
            "document": document("s3:GetObject"),
            "roles": ["reader"],
        },
        Address.parse("permission_policy.other"): {
            "type": "inline",
            "document": document("sqs:*"),
            "roles": ["somebody-else"],
        },
        Address.parse("permission_policy.logs"): {"type": "aws", "arn": ADMIN, "roles": ["Reader"]},
    }


def test_what_is_declared_goes_by_its_address() -> None:
    found = role_policies(attributes(), {ADMIN: document("*")}, account_id=ACCOUNT)[ROLE]

    assert found.arn == f"arn:aws:iam::{ACCOUNT}:role/media/Reader"
    assert [policy.name for policy in found.identity] == [
        "permission_policy.read",
        "permission_policy.logs",
    ]
    assert found.trust.name == "role.reader"
    assert found.unread == ()


def test_what_nobody_declared_goes_by_its_name() -> None:
    role = attributes(
        foreign_attached_policies=[f"arn:aws:iam::{ACCOUNT}:policy/x"],
        foreign_inline_policies={"tmp": document("iam:*")},
    )
    known = {ADMIN: document("*"), f"arn:aws:iam::{ACCOUNT}:policy/x": document("sns:*")}
    found = role_policies(role, known, account_id=ACCOUNT)[ROLE]

    assert [policy.name for policy in found.identity][2:] == [
        "inline tmp",
        f"arn:aws:iam::{ACCOUNT}:policy/x",
    ]


def test_a_policy_that_was_not_read_is_named() -> None:
    bounded = attributes(permissions_boundary=BOUNDARY)
    assert unread_policies(bounded) == {ADMIN, BOUNDARY}

    found = role_policies(bounded, {}, account_id=ACCOUNT)[ROLE]
    assert found.unread == (ADMIN, BOUNDARY)
    assert found.boundary is None


def test_a_boundary_of_the_stack_goes_by_its_address() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:policy/read"
    found = role_policies(attributes(permissions_boundary=own), {}, account_id=ACCOUNT)[ROLE]

    assert found.boundary is not None
    assert found.boundary.name == "permission_policy.read"


def test_what_cannot_be_understood_counts_as_unread() -> None:
    odd = {"Statement": [{"Effect": "Perhaps"}]}
    found = role_policies(
        attributes(trust_policy=odd, foreign_inline_policies={"odd": odd}), {}, account_id=ACCOUNT
    )[ROLE]

    assert found.unread == (ADMIN, "inline odd", "trust policy of Reader")
    assert found.trust.document.statements == ()
