"""Which call proves an action: each one valid for AWS, each one a read, and none where none is harmless."""

from __future__ import annotations

import re
from functools import cache

import pytest
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.validate import ParamValidator
from rolewright.engine.probe.harmless import Harmless, NotProbeableError
from rolewright.engine.probe.harmless_calls import CANARY, ROWS
from rolewright.engine.rollback import cli_words

from .conftest import IDENTITY, signature_of

_HERE = "eu-west-1:123456789012"
_KEY = f"arn:aws:kms:{_HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_TOPIC = f"arn:aws:sns:{_HERE}:news"
_MACHINE = f"arn:aws:states:{_HERE}:stateMachine:work"
_SECRET = f"arn:aws:secretsmanager:{_HERE}:secret:db-AbCdEf"
_REPOSITORY = f"arn:aws:ecr:{_HERE}:repository/team/app"
_GROUP = f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/work:*"
_ROLE = "arn:aws:iam::123456789012:role/service/reader"

# Action, resource, and what of the resource must arrive in the call.
CASES = [
    *(
        (f"s3:{name}", "arn:aws:s3:::photos", "photos")
        for name in [
            "ListBucket",
            "ListBucketVersions",
            "ListBucketMultipartUploads",
            "GetBucketLocation",
            "GetBucketVersioning",
            "GetBucketPolicy",
            "GetBucketTagging",
            "GetBucketAcl",
            "GetBucketCORS",
            "GetBucketLogging",
            "GetBucketNotification",
            "GetBucketWebsite",
            "GetLifecycleConfiguration",
            "GetEncryptionConfiguration",
        ]
    ),
    ("s3:GetObject", "arn:aws:s3:::photos/2026/a.jpg", "2026/a.jpg"),
    ("s3:GetObjectTagging", "arn:aws:s3:::photos/2026/a.jpg", "2026/a.jpg"),
    *(
        (f"dynamodb:{name}", f"arn:aws:dynamodb:{_HERE}:table/events", "events")
        for name in [
            "DescribeTable",
            "DescribeTimeToLive",
            "DescribeContinuousBackups",
            "GetItem",
            "Query",
            "Scan",
        ]
    ),
    ("sqs:GetQueueUrl", f"arn:aws:sqs:{_HERE}:jobs", "jobs"),
    (
        "sqs:GetQueueAttributes",
        f"arn:aws:sqs:{_HERE}:jobs",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
    ),
    ("sqs:ListQueueTags", f"arn:aws:sqs:{_HERE}:jobs", "/123456789012/jobs"),
    ("sns:GetTopicAttributes", _TOPIC, _TOPIC),
    ("sns:ListSubscriptionsByTopic", _TOPIC, _TOPIC),
    ("events:DescribeRule", f"arn:aws:events:{_HERE}:rule/nightly", "nightly"),
    ("events:DescribeEventBus", f"arn:aws:events:{_HERE}:event-bus/own", "own"),
    ("states:DescribeStateMachine", _MACHINE, _MACHINE),
    ("states:ListExecutions", _MACHINE, _MACHINE),
    ("secretsmanager:DescribeSecret", _SECRET, _SECRET),
    ("secretsmanager:GetSecretValue", _SECRET, _SECRET),
    ("secretsmanager:GetResourcePolicy", _SECRET, _SECRET),
    ("ssm:GetParameter", f"arn:aws:ssm:{_HERE}:parameter/app/url", "parameter/app/url"),
    ("kms:DescribeKey", _KEY, _KEY),
    ("kms:GetKeyPolicy", _KEY, _KEY),
    ("kms:GetKeyRotationStatus", _KEY, _KEY),
    *(
        (f"lambda:{name}", f"arn:aws:lambda:{_HERE}:function:work", "work")
        for name in ("GetFunction", "GetFunctionConfiguration", "GetPolicy")
    ),
    *(
        (f"ecr:{name}", _REPOSITORY, "team/app")
        for name in ("DescribeRepositories", "ListImages", "DescribeImages", "BatchGetImage")
    ),
    ("rds:DescribeDBInstances", f"arn:aws:rds:{_HERE}:db:main", "main"),
    ("rds:DescribeDBClusters", f"arn:aws:rds:{_HERE}:cluster:main", "main"),
    ("iam:GetRole", _ROLE, "reader"),
    ("iam:ListRolePolicies", _ROLE, "reader"),
    ("iam:ListAttachedRolePolicies", _ROLE, "reader"),
    ("iam:GetUser", "arn:aws:iam::123456789012:user/ann", "ann"),
    ("iam:GetPolicy", "arn:aws:iam::123456789012:policy/read", ":policy/read"),
    ("iam:GetInstanceProfile", "arn:aws:iam::123456789012:instance-profile/web", "web"),
    ("logs:DescribeLogGroups", _GROUP, ""),
    (
        "logs:DescribeLogStreams",
        f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/work",
        "/aws/lambda/work",
    ),
    (
        "logs:FilterLogEvents",
        f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/work",
        "/aws/lambda/work",
    ),
    ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{_HERE}:alarm:disk", "disk"),
    *(
        (action, "*", "")
        for action in [
            "s3:ListAllMyBuckets",
            "dynamodb:ListTables",
            "sqs:ListQueues",
            "sns:ListTopics",
            "events:ListRules",
            "states:ListStateMachines",
            "secretsmanager:ListSecrets",
            "ssm:DescribeParameters",
            "kms:ListKeys",
            "lambda:ListFunctions",
            "sts:GetCallerIdentity",
            "cloudwatch:ListMetrics",
            "cloudwatch:GetMetricStatistics",
            "ec2:DescribeInstances",
            "autoscaling:DescribeAutoScalingGroups",
            "elasticloadbalancing:DescribeLoadBalancers",
            "iam:ListRoles",
            "ecr:GetAuthorizationToken",
        ]
    ),
    (
        "ec2:TerminateInstances",
        f"arn:aws:ec2:{_HERE}:instance/i-0123456789abcdef0",
        "i-0123456789abcdef0",
    ),
    ("ec2:DeleteVolume", f"arn:aws:ec2:{_HERE}:volume/vol-1", "vol-1"),
]


@cache
def _model(service: str) -> ServiceModel:
    return Session().get_service_model(service)


@pytest.mark.parametrize(("action", "resource", "arrives"), CASES)
def test_a_call_that_aws_takes(
    harmless: Harmless, action: str, resource: str, arrives: str
) -> None:
    """The parameters fit botocore's model, the resource is in them, and the call changes nothing."""
    trial = harmless.trial(action, resource)

    model = _model(trial.service).operation_model(trial.operation)
    shape = model.input_shape
    report = (
        ParamValidator().validate(dict(trial.parameters), shape).generate_report() if shape else ""
    )
    assert report == ""
    assert arrives in str(trial.parameters)
    reads = re.match(r"(Get|List|Describe|Head|Query|Scan|Filter|BatchGet)", trial.operation)
    assert reads or trial.parameters.get("DryRun") is True
    assert cli_words("x", trial.operation) == f"x {xform_name(trial.operation, '-')}"


def test_each_row_of_the_table_is_tried_here() -> None:
    """No action is in the table without a case above."""
    assert ROWS.keys() <= {action.lower() for action, _, _ in CASES}


@pytest.mark.parametrize(
    ("action", "resource", "concrete"),
    [
        ("s3:GetObject", "arn:aws:s3:::photos/*", f"arn:aws:s3:::photos/{CANARY}"),
        ("s3:GetObject", "arn:aws:s3:::photos/a/b-*", f"arn:aws:s3:::photos/a/b-{CANARY}"),
        (
            "dynamodb:GetItem",
            f"arn:aws:dynamodb:{_HERE}:table/app-*",
            f"arn:aws:dynamodb:{_HERE}:table/app-{CANARY}",
        ),
        (
            "ssm:GetParameter",
            f"arn:aws:ssm:{_HERE}:parameter/app/*",
            f"arn:aws:ssm:{_HERE}:parameter/app/{CANARY}",
        ),
    ],
)
def test_a_pattern_is_tried_on_one_example(
    harmless: Harmless, action: str, resource: str, concrete: str
) -> None:
    """A wildcard at the end becomes the name of something that isn't there, and is said to be one."""
    trial = harmless.trial(action, resource)

    assert (trial.resource, trial.representative) == (concrete, True)


@pytest.mark.parametrize(
    ("action", "resource", "why"),
    [
        ("s3:PutObject", "arn:aws:s3:::photos/*", "no harmless call"),
        ("s3:DeleteBucket", "arn:aws:s3:::photos", "no harmless call"),
        ("kms:Decrypt", _KEY, "no harmless call"),
        ("sqs:ReceiveMessage", f"arn:aws:sqs:{_HERE}:jobs", "no harmless call"),
        ("iam:PassRole", "*", "no harmless call"),
        ("sts:GetSessionToken", "*", "no harmless call"),
        ("sts:AssumeRole", _ROLE, "no harmless call"),
        ("s3:Get*", "arn:aws:s3:::photos/*", "several actions"),
        ("*", "*", "several actions"),
        ("s3:ListBucket", "*", "on \\*"),
        ("s3:ListBucket", "arn:aws:s3:::photos-*", "stands for many"),
        ("s3:GetObject", "arn:aws:s3:::*/a", "stands for many"),
        ("kms:DescribeKey", f"arn:aws:kms:{_HERE}:key/*", "stands for many"),
        ("s3:ListBucket", "arn:aws:s3:::photos/a", "is not about"),
        ("s3:ListBucket", _TOPIC, "is not about"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::photos", "on \\* alone"),
        ("sns:GetTopicAttributes", "arn:aws:sns:us-east-1:123456789012:news", "not in eu-west-1"),
        ("sns:GetTopicAttributes", "arn:aws:sns:eu-west-1:999999999999:news", "another account"),
        ("ec2:RunInstances", "*", "would need MaxCount, MinCount"),
        ("ec2:StopInstances", f"arn:aws:ec2:{_HERE}:instance/*", "stands for many"),
        ("ec2:StopInstances", f"arn:aws:ec2:{_HERE}:volume/vol-1", "no dry run"),
        ("glue:GetTable", "arn:aws:glue:eu-west-1:123456789012:table/a/b", "is known"),
        ("nosuch:ListThings", "*", "is known"),
    ],
)
def test_no_call_where_none_is_harmless(
    harmless: Harmless, action: str, resource: str, why: str
) -> None:
    """The reason is said."""
    with pytest.raises(NotProbeableError, match=why):
        harmless.trial(action, resource)


def test_no_imitation_of_aws_is_trusted_with_a_dry_run() -> None:
    """An endpoint that takes no notice of DryRun would carry the call out; a read it may."""
    imitated = Harmless(IDENTITY, signature_of, dry_runs=False)

    with pytest.raises(NotProbeableError, match="dry run"):
        imitated.trial("ec2:TerminateInstances", f"arn:aws:ec2:{_HERE}:instance/i-1")
    assert imitated.trial("ec2:DescribeInstances", "*").operation == "DescribeInstances"
