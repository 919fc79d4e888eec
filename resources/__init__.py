"""The kinds of resources that a stack is made of; also for use from Python stack files.

Names are loaded on first use, so that importing a part of this package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bindings.ec2 import Ec2Binding
    from .bindings.ecs import EcsBinding
    from .bindings.lambda_ import LambdaBinding
    from .kind import Lifecycle
    from .permission_policy import PermissionPolicy
    from .policy_statement import PolicyStatement
    from .role import Role
    from .stack import Expectation, Stack, Variable
    from .trust_policy import Trust, TrustPolicy

__all__ = [
    "Ec2Binding",
    "EcsBinding",
    "Expectation",
    "LambdaBinding",
    "Lifecycle",
    "PermissionPolicy",
    "PolicyStatement",
    "Role",
    "Stack",
    "Trust",
    "TrustPolicy",
    "Variable",
]

_HOMES = {
    "Ec2Binding": ".bindings.ec2",
    "EcsBinding": ".bindings.ecs",
    "Expectation": ".stack",
    "LambdaBinding": ".bindings.lambda_",
    "Lifecycle": ".kind",
    "PermissionPolicy": ".permission_policy",
    "PolicyStatement": ".policy_statement",
    "Role": ".role",
    "Stack": ".stack",
    "Trust": ".trust_policy",
    "TrustPolicy": ".trust_policy",
    "Variable": ".stack",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
