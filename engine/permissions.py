"""Which IAM permissions whoever applies a plan needs. Pure.

Source: the service authorization reference. For the services that have a binding every operation
has an action of its own name, under a prefix that is the boto3 client's name but for those below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..resources.calls import Call
from .plan import Plan

_PREFIXES: Mapping[str, str] = {
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "bedrock-agentcore-control": "bedrock-agentcore",
    "emr": "elasticmapreduce",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lexv2-models": "lex",
    "mwaa": "airflow",
    "s3control": "s3",
    "stepfunctions": "states",
}


def required_permissions(plan: Plan) -> tuple[str, ...]:
    """The IAM actions of all calls of a plan, of their undo and of the reads around them."""
    return tuple(sorted({action for change in plan.changes for action in _of_calls(change.calls)}))


def iam_action(service: str, operation: str) -> str:
    """The IAM action that allows an API operation of a boto3 client."""
    return f"{_PREFIXES.get(service, service)}:{operation}"


def _of_calls(calls: Iterable[Call]) -> Iterable[str]:
    for call in calls:
        yield iam_action(call.service, call.operation)
        yield from call.permissions
        for read in (call.expect, call.template, call.wait, call.proof, call.possible):
            if read is not None:
                yield iam_action(read.service, read.operation)
        yield from _of_calls(call.undo)
