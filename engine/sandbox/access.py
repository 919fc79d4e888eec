"""Access control in the sandbox: who acts under a role may do what moto lets that role do.

The sandbox's own credentials, and any others that it did not give out itself, may do everything:
it is there to try things on. With credentials that its STS gave for a role it switches moto's
access control on, so that a probe finds what the role's policies say.
Runs inside the server's process alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import InvalidClientTokenIdError
from moto.iam.exceptions import NotFoundException
from moto.sts.models import sts_backends


def control_roles() -> None:
    """Have every request that a role of this sandbox signs checked against the role's policies."""
    name = "_authenticate_and_authorize_action"
    check = cast("Callable[..., None]", getattr(ActionAuthenticatorMixin, name))

    def check_roles(self: Any, request_class: type, resource: str = "*") -> None:
        if not _given_out(str(self.headers.get("X-Amz-Security-Token", ""))):
            return
        try:
            check(self, request_class, resource)
        except NotFoundException as error:
            # STS gives moto's credentials for roles that were never made, and for those deleted since.
            raise InvalidClientTokenIdError from error

    # moto counts requests that it lets through unseen; here none is.
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    setattr(ActionAuthenticatorMixin, name, check_roles)


def _given_out(token: str) -> bool:
    """Whether the sandbox's STS gave out this session token."""
    return bool(token) and any(
        role.session_token == token
        for partitions in sts_backends.values()
        for backend in partitions.values()
        for role in backend.assumed_roles
    )
