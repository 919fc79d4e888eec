"""What parameters AWS's operations take, from botocore's models; no client is made."""

from __future__ import annotations

from functools import cache

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.model import OperationNotFoundError, ServiceModel
from botocore.session import Session


@cache
def _model(service: str) -> ServiceModel | None:
    try:
        return Session().get_service_model(service)
    except (DataNotFoundError, UnknownServiceError):
        return None


def parameters_of(service: str, operation: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The parameters that an operation needs, and all that it takes; None if there is no such one."""
    model = _model(service)
    if model is None:
        return None
    try:
        shape = model.operation_model(operation).input_shape
    except OperationNotFoundError:
        return None
    if shape is None:
        return frozenset(), frozenset()
    return frozenset(shape.required_members), frozenset(shape.members)
