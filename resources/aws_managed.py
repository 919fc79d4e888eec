"""The ARNs of managed policies from their names, which of them are AWS's, and the nearest name to a misspelt one.

Most stand at the path `/`; the others are listed in `aws_managed_paths.json` (name to path).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal

from .diagnostics import nearest
from .ports import AwsReader


@cache
def _paths() -> dict[str, str]:
    text = files(__package__ or "").joinpath("aws_managed_paths.json").read_text(encoding="utf-8")
    return {name: path for path, names in json.loads(text).items() for name in names}


def is_aws_managed(arn: str) -> bool:
    """Whether a managed policy is one of AWS's own."""
    return ":iam::aws:policy/" in arn


def managed_policy_arn(name: str, partition: str) -> str:
    """The ARN of an AWS managed policy given by ARN, by `path/name` or by name."""
    if name.startswith("arn:"):
        return name
    path = "" if "/" in name else _paths().get(name, "")
    return f"arn:{partition}:iam::aws:policy/{path}{name}"


def nearest_managed_policy(aws: AwsReader, arn: str) -> str:
    """The AWS managed policy whose name is nearest to a missing one's; empty when none is near.

    Raises:
        AwsError: the list of policies couldn't be read.
    """
    return nearest(arn.rpartition("/")[2], list(policy_arns(aws, "AWS")))


def policy_arns(aws: AwsReader, scope: Literal["AWS", "Local"]) -> dict[str, str]:
    """The ARNs of AWS's own or of the account's (`Local`) managed policies, by name.

    Raises:
        AwsError: the read was refused.
    """
    pages = aws.pages("iam", "ListPolicies", {"Scope": scope, "MaxItems": 1000})
    listed = [policy for page in pages for policy in page["Policies"]]
    return {policy["PolicyName"]: policy["Arn"] for policy in listed}
