"""What a state looks like to a person."""

from __future__ import annotations

from rolewright.engine.views.state_text import (
    render_outputs,
    render_record,
    render_state,
    render_state_list,
)
from rolewright.resources.address import Address
from rolewright.state.document import State, StateRecord
from unit.views.samples import ACCOUNT, READ, console, policy, printed, record, role, trust

READER = Address("role", "photo-reader")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/photo-reader"
THUMBNAILER = {"service": "lambda", "function": "thumbs", "role_arn": ROLE_ARN}
STATE = State(
    "photo-archive",
    "lineage-1",
    5,
    ACCOUNT,
    "us-east-1",
    {
        READER: record(
            "role",
            role(),
            arn=ROLE_ARN,
            dependencies=(Address("trust_policy", "ec2"),),
            protected=True,
        ),
        Address("trust_policy", "ec2"): record(
            "trust_policy", {"name": "ec2", "document": trust("ec2.amazonaws.com")}
        ),
        Address("permission_policy", "read"): record(
            "permission_policy",
            policy("read", READ),
            arn=f"arn:aws:iam::{ACCOUNT}:policy/read",
        ),
        Address("service_binding", "thumbs-binding"): StateRecord(
            "service_binding", "thumbs", "", THUMBNAILER, {}, prior={"role_arn": "arn:old"}
        ),
    },
)


def test_state() -> None:
    """A state is shown with roles before what hangs on them, and without AWS's defaults."""
    on = console()
    render_state(STATE, on)

    assert (
        printed(on)
        == f"""\
photo-archive · account 123456789012, us-east-1 · serial 5

trust_policy.ec2
    allow ec2.amazonaws.com to assume the role

role.photo-reader  (prevent_destroy)
    arn: {ROLE_ARN}
    trust policy: ec2.amazonaws.com may assume the role
    tags: team = media
    needs: trust_policy.ec2

permission_policy.read
    arn: arn:aws:iam::123456789012:policy/read
    roles: photo-reader
    tags: team = media
    allow s3:GetObject, s3:ListBucket on arn:aws:s3:::photo-archive, arn:aws:s3:::photo-archive/*

service_binding.thumbs-binding
    id: thumbs
    service: lambda
    function: thumbs
    role arn: {ROLE_ARN}
    put back when this is deleted: role_arn = arn:old

4 resources
"""
    )


def test_empty_state() -> None:
    """A state without resources says so."""
    on = console()
    render_state(State.empty("photo-archive", ACCOUNT, "us-east-1", "lineage-1"), on)

    assert printed(on).endswith("serial 0\nIt holds no resources.\n")


def test_record() -> None:
    """One resource is shown as in the whole state."""
    on = console()
    render_record(READER, STATE.resources[READER], on)

    assert printed(on).startswith("role.photo-reader  (prevent_destroy)\n    arn: ")


def test_list_is_addresses_and_nothing_else() -> None:
    """The list can be read by other programs."""
    on = console()
    render_state_list(STATE, on)

    assert printed(on) == (
        "permission_policy.read\nrole.photo-reader\nservice_binding.thumbs-binding\n"
        "trust_policy.ec2\n"
    )


def test_outputs_are_arns_or_ids() -> None:
    """Each resource has a line of its own however narrow the console is."""
    on = console(40)
    render_outputs(STATE, on)

    assert printed(on).splitlines() == [
        "permission_policy.read = arn:aws:iam::123456789012:policy/read",
        "role.photo-reader = arn:aws:iam::123456789012:role/photo-reader",
        "service_binding.thumbs-binding = thumbs",
        "trust_policy.ec2 = ec2",
    ]
