"""All kinds, by name; bindings by the service that they serve. The only importer of `bindings/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from . import bindings
from .binding import ServiceBinding
from .calls import Attrs
from .kind import Resource
from .permission_policy import PermissionPolicy
from .role import Role
from .trust_policy import TrustPolicy

SECTIONS: Mapping[str, str] = {
    "trust_policies": TrustPolicy.kind,
    "roles": Role.kind,
    "permission_policies": PermissionPolicy.kind,
    "service_bindings": ServiceBinding.kind,
}
"""The sections of a stack file and the kind of what stands in them, in the order in which they depend."""


@cache
def binding_classes() -> Mapping[str, type[ServiceBinding]]:
    """The binding class of each service.

    Raises:
        ValueError: two files serve one service.
    """
    found: dict[str, type[ServiceBinding]] = {}
    for module in iter_modules(bindings.__path__):
        for value in vars(import_module(f".{module.name}", bindings.__name__)).values():
            if (
                isinstance(value, type)
                and issubclass(value, ServiceBinding)
                and value is not ServiceBinding
            ):
                name = value.service_name()
                if found.setdefault(name, value) is not value:
                    raise ValueError(
                        f"two bindings serve {name}: {found[name].__name__} and {value.__name__}"
                    )
    return found


def kind_class(kind: str, attrs: Attrs) -> type[Resource]:
    """The class for a kind's attributes, or for a stack file's fields of it.

    Raises:
        KeyError: no such kind, or no binding for the service in `attrs`.
    """
    if kind == ServiceBinding.kind:
        return binding_classes()[attrs["service"]]
    return {
        TrustPolicy.kind: TrustPolicy,
        Role.kind: Role,
        PermissionPolicy.kind: PermissionPolicy,
    }[kind]
