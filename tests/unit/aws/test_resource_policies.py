"""The policies of resources: what is asked for which ARN, and what refusals mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from rolewright.engine.aws.resource_policies import Found, ResourcePolicies
from rolewright.resources.ports import AwsError, Identity

ACCOUNT = "123456789012"
HERE = f"us-east-1:{ACCOUNT}"
DOCUMENT = {"Version": "2012-10-17", "Statement": []}
TEXT = json.dumps(DOCUMENT)


class Reader:
    """Answers each operation, having checked the parameters against AWS's model."""

    identity = Identity(ACCOUNT, "aws", "us-east-1")

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def read(self, service: str, operation: str, parameters: Any) -> Any:
        model = get_session().get_service_model(service)
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()
        self.asked.append(operation)
        answer = self.answers[operation]
        if isinstance(answer, str):
            raise AwsError(service, operation, answer, "no")
        return answer


def find(arn: str, **answers: Any) -> Found:
    return ResourcePolicies(Reader(**answers))(arn)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arn", "answers", "owner"),
    [
        ("arn:aws:s3:::b", {"GetBucketPolicy": {"Policy": TEXT}}, "arn:aws:s3:::b"),
        ("arn:aws:s3:::b/b/*", {"GetBucketPolicy": {"Policy": TEXT}}, "arn:aws:s3:::b"),
        (
            f"arn:aws:sqs:{HERE}:q",
            {
                "GetQueueUrl": {"QueueUrl": "https://q"},
                "GetQueueAttributes": {"Attributes": {"Policy": TEXT}},
            },
            f"arn:aws:sqs:{HERE}:q",
        ),
        (f"arn:aws:sns:{HERE}:t", {"GetTopicAttributes": {"Attributes": {"Policy": TEXT}}}, None),
        (f"arn:aws:kms:{HERE}:key/k", {"GetKeyPolicy": {"Policy": TEXT}}, None),
        (
            f"arn:aws:lambda:{HERE}:function:f:live",
            {"GetPolicy": {"Policy": TEXT}},
            f"arn:aws:lambda:{HERE}:function:f:live",
        ),
        (
            f"arn:aws:secretsmanager:{HERE}:secret:s-a1b2c3",
            {"GetResourcePolicy": {"ResourcePolicy": TEXT}},
            None,
        ),
        (f"arn:aws:dynamodb:{HERE}:table/t", {"GetResourcePolicy": {"Policy": TEXT}}, None),
        (
            f"arn:aws:dynamodb:{HERE}:table/t/index/i",
            {"GetResourcePolicy": {"Policy": TEXT}},
            f"arn:aws:dynamodb:{HERE}:table/t",
        ),
        (
            f"arn:aws:ecr:{HERE}:repository/a/b",
            {"GetRepositoryPolicy": {"policyText": TEXT}},
            None,
        ),
        (f"arn:aws:kinesis:{HERE}:stream/s", {"GetResourcePolicy": {"Policy": TEXT}}, None),
        (f"arn:aws:events:{HERE}:event-bus/b", {"DescribeEventBus": {"Policy": TEXT}}, None),
        (
            f"arn:aws:backup:{HERE}:backup-vault:v",
            {"GetBackupVaultAccessPolicy": {"Policy": TEXT}},
            None,
        ),
        (
            f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-01234567",
            {"DescribeFileSystemPolicy": {"Policy": TEXT}},
            None,
        ),
    ],
)
def test_the_policy_is_read(arn: str, answers: dict[str, Any], owner: str | None) -> None:
    found = find(arn, **answers)

    assert (found.document, found.unknown) == (DOCUMENT, "")
    assert found.owner == (owner or arn)
    assert found.kind


@pytest.mark.parametrize(
    ("arn", "operation", "code", "unknown"),
    [
        ("arn:aws:s3:::b/*", "GetBucketPolicy", "NoSuchBucketPolicy", ""),
        (f"arn:aws:dynamodb:{HERE}:table/t", "GetResourcePolicy", "PolicyNotFoundException", ""),
        ("arn:aws:s3:::b/*", "GetBucketPolicy", "AccessDenied", "s3:GetBucketPolicy is denied"),
        ("arn:aws:s3:::b/*", "GetBucketPolicy", "NoSuchBucket", "answered NoSuchBucket"),
        (f"arn:aws:sqs:{HERE}:q", "GetQueueUrl", "QueueDoesNotExist", "QueueDoesNotExist"),
    ],
)
def test_a_refusal_is_a_reason(arn: str, operation: str, code: str, unknown: str) -> None:
    """None where AWS says that there is no policy; unknown, with the reason, otherwise."""
    found = find(arn, **{operation: code})

    assert found.document is None
    assert unknown in found.unknown
    assert bool(found.unknown) is bool(unknown)


@pytest.mark.parametrize(
    ("arn", "unknown"),
    [
        ("arn:aws:s3:::b*/x", "several"),
        ("arn:aws:sqs:us-east-1:*:q", "several"),
        ("arn:aws:sqs:us-east-1:210987654321:q", "210987654321"),
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", "eu-west-1"),
    ],
)
def test_what_cannot_be_read_is_not_asked_for(arn: str, unknown: str) -> None:
    assert unknown in find(arn).unknown


@pytest.mark.parametrize("arn", ["*", f"arn:aws:ec2:{HERE}:instance/i-1", "arn:aws:s3:::"])
def test_what_has_no_policy(arn: str) -> None:
    assert find(arn) == Found()


def test_each_is_read_once() -> None:
    reader = Reader(GetBucketPolicy={"Policy": TEXT})
    policies = ResourcePolicies(reader)  # type: ignore[arg-type]

    assert policies("arn:aws:s3:::b/x") == policies("arn:aws:s3:::b/y")
    assert reader.asked == ["GetBucketPolicy"]


def test_no_connection_is_no_absence() -> None:
    with pytest.raises(AwsError):
        find("arn:aws:s3:::b", GetBucketPolicy="Unreachable")
