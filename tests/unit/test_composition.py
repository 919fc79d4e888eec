"""What the commands add to a resolved stack."""

from __future__ import annotations

from pathlib import Path

import yaml
from rolewright.engine.cli.composition import after_permissions
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from rolewright.resources.address import Address
from rolewright.resources.ports import Identity

STACK = {
    "stack": "s",
    "roles": {"r": {"trust": {"services": ["ec2.amazonaws.com"]}}},
    "permission_policies": {
        "before": {"roles": ["r"], "managed_policy": "ReadOnlyAccess"},
        "after": {
            "roles": ["r"],
            "managed_policy": "SecurityAudit",
            "depends_on": ["service_binding.b"],
        },
    },
    "service_bindings": {"b": {"service": "ec2", "role": "r"}},
}


def test_a_binding_comes_after_its_roles_policies_but_not_after_one_that_waits_for_it(
    tmp_path: Path,
) -> None:
    """The implicit order never makes a cycle with an order that was asked for."""
    path = tmp_path / "rolewright.yaml"
    path.write_text(yaml.safe_dump(STACK))
    found = resolve(load(path, environ={}), Identity("123456789012", "aws", "us-east-1"))

    needs = after_permissions(found)

    assert needs[Address("service_binding", "b")] == {
        Address("role", "r"),
        Address("permission_policy", "before"),
    }
