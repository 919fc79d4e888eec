"""The table of harmless calls: for an action on a resource the one read that proves it.

Nothing here writes, sends, publishes or decrypts. `GetSecretValue` and `GetParameter` do read a
secret, since no other call proves them; what they answer is dropped where the call is made, and
only its error code goes any further.

An error code stands under `allowed` only if AWS looks at permissions before it finds that out.
Sources: "Actions, resources, and condition keys" of the service authorization reference; the error
lists of each operation in the services' API references; S3 user guide, "Troubleshoot access
denied (403 Forbidden) errors".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CANARY: Final = "rolewright-probe"
"""The name in place of a wildcard: of something that, as far as anybody can tell, isn't there."""


@dataclass(frozen=True, slots=True)
class Row:
    """How an action is proved.

    `resource` is matched against all of the ARN after the account; its groups, `account` and `arn`
    fill the placeholders in `parameters`. An empty `resource` is an action without resources.
    `open_ended` says that a wildcard at the end of the ARN may be filled in with a canary: asking
    for what isn't there proves the action as well.
    """

    operation: str
    resource: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    allowed: tuple[str, ...] = ()
    open_ended: bool = False
    witness: str = ""


_BUCKET: Final = r"(?P<bucket>[^/:*?]+)"
_OBJECT: Final = _BUCKET + r"/(?P<key>[^*?]+)"
_TABLE: Final = r"table/(?P<table>[\w.-]+)"
_NO_KEY: Final = ("404", "NoSuchKey", "NotFound", "NotModified", "InvalidObjectState")
_NO_KEY_GIVEN: Final = {"Key": {CANARY: {"S": CANARY}}}
_NOT_FOUND: Final = ("ResourceNotFoundException",)


def _bucket(operation: str, *absent: str) -> Row:
    return Row(operation, _BUCKET, {"Bucket": "{bucket}"}, allowed=absent)


def _named(operation: str, resource: str, parameter: str, *absent: str) -> Row:
    return Row(operation, resource, {parameter: "{name}"}, allowed=absent, open_ended=bool(absent))


_S3: Final = {
    "s3:ListAllMyBuckets": Row("ListBuckets"),
    "s3:ListBucket": Row("ListObjectsV2", _BUCKET, {"Bucket": "{bucket}", "MaxKeys": 1}),
    "s3:ListBucketVersions": Row(
        "ListObjectVersions", _BUCKET, {"Bucket": "{bucket}", "MaxKeys": 1}
    ),
    "s3:ListBucketMultipartUploads": Row(
        "ListMultipartUploads", _BUCKET, {"Bucket": "{bucket}", "MaxUploads": 1}
    ),
    "s3:GetBucketLocation": _bucket("GetBucketLocation"),
    "s3:GetBucketVersioning": _bucket("GetBucketVersioning"),
    "s3:GetBucketPolicy": _bucket("GetBucketPolicy", "NoSuchBucketPolicy"),
    "s3:GetBucketTagging": _bucket("GetBucketTagging", "NoSuchTagSet"),
    "s3:GetBucketAcl": _bucket("GetBucketAcl"),
    "s3:GetBucketCORS": _bucket("GetBucketCors", "NoSuchCORSConfiguration"),
    "s3:GetBucketLogging": _bucket("GetBucketLogging"),
    "s3:GetBucketNotification": _bucket("GetBucketNotificationConfiguration"),
    "s3:GetBucketWebsite": _bucket("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
    "s3:GetLifecycleConfiguration": _bucket(
        "GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"
    ),
    "s3:GetEncryptionConfiguration": _bucket(
        "GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"
    ),
    "s3:GetObject": Row(
        "HeadObject",
        _OBJECT,
        {"Bucket": "{bucket}", "Key": "{key}"},
        allowed=_NO_KEY,
        open_ended=True,
        witness="s3:ListBucket",
    ),
    "s3:GetObjectTagging": Row(
        "GetObjectTagging",
        _OBJECT,
        {"Bucket": "{bucket}", "Key": "{key}"},
        allowed=_NO_KEY,
        open_ended=True,
        witness="s3:ListBucket",
    ),
}

_DYNAMODB: Final = {
    "dynamodb:ListTables": Row("ListTables", "", {"Limit": 1}),
    "dynamodb:DescribeTable": Row(
        "DescribeTable", _TABLE, {"TableName": "{table}"}, _NOT_FOUND, open_ended=True
    ),
    "dynamodb:DescribeTimeToLive": Row("DescribeTimeToLive", _TABLE, {"TableName": "{table}"}),
    "dynamodb:DescribeContinuousBackups": Row(
        "DescribeContinuousBackups", _TABLE, {"TableName": "{table}"}
    ),
    # The key fits no table's schema: a refusal comes before that is looked at, and nothing is read.
    "dynamodb:GetItem": Row(
        "GetItem",
        _TABLE,
        {"TableName": "{table}", **_NO_KEY_GIVEN},
        ("ResourceNotFoundException", "ValidationException"),
        open_ended=True,
    ),
    "dynamodb:Query": Row(
        "Query",
        _TABLE,
        {
            "TableName": "{table}",
            "KeyConditionExpression": "#probe = :probe",
            "ExpressionAttributeNames": {"#probe": CANARY},
            "ExpressionAttributeValues": {":probe": {"S": CANARY}},
            "Select": "COUNT",
            "Limit": 1,
        },
        ("ResourceNotFoundException", "ValidationException"),
        open_ended=True,
    ),
    "dynamodb:Scan": Row(
        "Scan",
        _TABLE,
        {"TableName": "{table}", "Select": "COUNT", "Limit": 1},
        _NOT_FOUND,
        open_ended=True,
    ),
}

_MESSAGES: Final = {
    # SQS says of a queue that isn't there and of a forbidden one the same: only one that is proves.
    "sqs:ListQueues": Row("ListQueues", "", {"MaxResults": 1}),
    "sqs:GetQueueUrl": Row(
        "GetQueueUrl",
        r"(?P<name>[\w.-]+)",
        {"QueueName": "{name}", "QueueOwnerAWSAccountId": "{account}"},
    ),
    "sqs:GetQueueAttributes": Row(
        "GetQueueAttributes",
        r"(?P<name>[\w.-]+)",
        {"QueueUrl": "{queue_url}", "AttributeNames": ["QueueArn"]},
    ),
    "sqs:ListQueueTags": Row("ListQueueTags", r"(?P<name>[\w.-]+)", {"QueueUrl": "{queue_url}"}),
    "sns:ListTopics": Row("ListTopics"),
    "sns:GetTopicAttributes": Row("GetTopicAttributes", r"[\w.-]+", {"TopicArn": "{arn}"}),
    "sns:ListSubscriptionsByTopic": Row(
        "ListSubscriptionsByTopic", r"[\w.-]+", {"TopicArn": "{arn}"}
    ),
    "events:ListRules": Row("ListRules", "", {"Limit": 1}),
    "events:DescribeRule": _named("DescribeRule", r"rule/(?P<name>[\w.-]+)", "Name", *_NOT_FOUND),
    "events:DescribeEventBus": _named("DescribeEventBus", r"event-bus/(?P<name>[\w.-]+)", "Name"),
    "states:ListStateMachines": Row("ListStateMachines", "", {"maxResults": 1}),
    "states:DescribeStateMachine": Row(
        "DescribeStateMachine",
        r"stateMachine:[\w-]+",
        {"stateMachineArn": "{arn}"},
        ("StateMachineDoesNotExist",),
        open_ended=True,
    ),
    "states:ListExecutions": Row(
        "ListExecutions",
        r"stateMachine:[\w-]+",
        {"stateMachineArn": "{arn}", "maxResults": 1},
        ("StateMachineDoesNotExist",),
        open_ended=True,
    ),
}

_SECRETS: Final = {
    "secretsmanager:ListSecrets": Row("ListSecrets", "", {"MaxResults": 1}),
    "secretsmanager:DescribeSecret": Row(
        "DescribeSecret", r"secret:.+", {"SecretId": "{arn}"}, _NOT_FOUND, open_ended=True
    ),
    "secretsmanager:GetSecretValue": Row(
        "GetSecretValue", r"secret:.+", {"SecretId": "{arn}"}, _NOT_FOUND, open_ended=True
    ),
    "secretsmanager:GetResourcePolicy": Row(
        "GetResourcePolicy", r"secret:.+", {"SecretId": "{arn}"}, _NOT_FOUND, open_ended=True
    ),
    "ssm:DescribeParameters": Row("DescribeParameters", "", {"MaxResults": 1}),
    "ssm:GetParameter": Row(
        "GetParameter",
        r"parameter(?P<name>/.+)",
        {"Name": "{arn}", "WithDecryption": False},
        ("ParameterNotFound",),
        open_ended=True,
    ),
    # Who may use a key stands in the key's own policy: of one that isn't there nothing can be told.
    "kms:ListKeys": Row("ListKeys", "", {"Limit": 1}),
    "kms:DescribeKey": Row("DescribeKey", r"key/[\w-]+", {"KeyId": "{arn}"}),
    "kms:GetKeyPolicy": Row(
        "GetKeyPolicy", r"key/[\w-]+", {"KeyId": "{arn}", "PolicyName": "default"}
    ),
    "kms:GetKeyRotationStatus": Row("GetKeyRotationStatus", r"key/[\w-]+", {"KeyId": "{arn}"}),
}

_COMPUTE: Final = {
    "lambda:ListFunctions": Row("ListFunctions", "", {"MaxItems": 1}),
    "lambda:GetFunction": _named(
        "GetFunction", r"function:(?P<name>[\w-]+)", "FunctionName", *_NOT_FOUND
    ),
    "lambda:GetFunctionConfiguration": _named(
        "GetFunctionConfiguration", r"function:(?P<name>[\w-]+)", "FunctionName", *_NOT_FOUND
    ),
    "lambda:GetPolicy": _named(
        "GetPolicy", r"function:(?P<name>[\w-]+)", "FunctionName", *_NOT_FOUND
    ),
    "ecr:DescribeRepositories": Row(
        "DescribeRepositories",
        r"repository/(?P<name>[a-z0-9._/-]+)",
        {"repositoryNames": ["{name}"], "registryId": "{account}"},
        ("RepositoryNotFoundException",),
        open_ended=True,
    ),
    "ecr:ListImages": Row(
        "ListImages",
        r"repository/(?P<name>[a-z0-9._/-]+)",
        {"repositoryName": "{name}", "registryId": "{account}", "maxResults": 1},
        ("RepositoryNotFoundException",),
        open_ended=True,
    ),
    "ecr:DescribeImages": Row(
        "DescribeImages",
        r"repository/(?P<name>[a-z0-9._/-]+)",
        {"repositoryName": "{name}", "registryId": "{account}", "maxResults": 1},
        ("RepositoryNotFoundException",),
        open_ended=True,
    ),
    "ecr:BatchGetImage": Row(
        "BatchGetImage",
        r"repository/(?P<name>[a-z0-9._/-]+)",
        {
            "repositoryName": "{name}",
            "registryId": "{account}",
            "imageIds": [{"imageTag": CANARY}],
        },
        ("RepositoryNotFoundException",),
        open_ended=True,
    ),
    "rds:DescribeDBInstances": Row(
        "DescribeDBInstances",
        r"db:(?P<name>[\w-]+)",
        {"DBInstanceIdentifier": "{name}"},
        ("DBInstanceNotFound",),
        open_ended=True,
    ),
    "rds:DescribeDBClusters": Row(
        "DescribeDBClusters",
        r"cluster:(?P<name>[\w-]+)",
        {"DBClusterIdentifier": "{name}"},
        ("DBClusterNotFoundFault",),
        open_ended=True,
    ),
}

_IDENTITY: Final = {
    "sts:GetCallerIdentity": Row("GetCallerIdentity"),
    "iam:GetRole": _named(
        "GetRole", r"role/(?:.*/)?(?P<name>[\w+=,.@-]+)", "RoleName", "NoSuchEntity"
    ),
    "iam:ListRolePolicies": _named(
        "ListRolePolicies", r"role/(?:.*/)?(?P<name>[\w+=,.@-]+)", "RoleName", "NoSuchEntity"
    ),
    "iam:ListAttachedRolePolicies": _named(
        "ListAttachedRolePolicies",
        r"role/(?:.*/)?(?P<name>[\w+=,.@-]+)",
        "RoleName",
        "NoSuchEntity",
    ),
    "iam:GetUser": _named(
        "GetUser", r"user/(?:.*/)?(?P<name>[\w+=,.@-]+)", "UserName", "NoSuchEntity"
    ),
    "iam:GetPolicy": Row(
        "GetPolicy", r"policy/.+", {"PolicyArn": "{arn}"}, ("NoSuchEntity",), open_ended=True
    ),
    "iam:GetInstanceProfile": _named(
        "GetInstanceProfile",
        r"instance-profile/(?:.*/)?(?P<name>[\w+=,.@-]+)",
        "InstanceProfileName",
        "NoSuchEntity",
    ),
}

_WATCHING: Final = {
    "logs:DescribeLogGroups": Row(
        "DescribeLogGroups", r"log-group:.*", {"limit": 1}, open_ended=True
    ),
    "logs:DescribeLogStreams": Row(
        "DescribeLogStreams",
        r"log-group:(?P<name>[\w./#-]+)(?::\*)?",
        {"logGroupName": "{name}", "limit": 1},
        _NOT_FOUND,
        open_ended=True,
    ),
    "logs:FilterLogEvents": Row(
        "FilterLogEvents",
        r"log-group:(?P<name>[\w./#-]+)(?::\*)?",
        {"logGroupName": "{name}", "limit": 1},
        _NOT_FOUND,
        open_ended=True,
    ),
    "cloudwatch:ListMetrics": Row("ListMetrics", "", {"Namespace": CANARY}),
    "cloudwatch:DescribeAlarms": Row(
        "DescribeAlarms", r"alarm:(?P<name>.+)", {"AlarmNames": ["{name}"]}, open_ended=True
    ),
    "cloudwatch:GetMetricStatistics": Row(
        "GetMetricStatistics",
        "",
        {
            "Namespace": CANARY,
            "MetricName": CANARY,
            "StartTime": "2020-01-01T00:00:00Z",
            "EndTime": "2020-01-01T00:01:00Z",
            "Period": 60,
            "Statistics": ["Sum"],
        },
    ),
}

ROWS: Final[Mapping[str, Row]] = {
    action.lower(): row
    for table in (_S3, _DYNAMODB, _MESSAGES, _SECRETS, _COMPUTE, _IDENTITY, _WATCHING)
    for action, row in table.items()
}
"""The table, by action in lower case."""

CLIENTS: Final[Mapping[str, str]] = {"states": "stepfunctions", "elasticloadbalancing": "elbv2"}
"""The boto3 clients whose names are not the prefixes of their actions."""

DRY_RUN_PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    "image": ("ImageId", "ImageIds"),
    "instance": ("InstanceId", "InstanceIds"),
    "internet-gateway": ("InternetGatewayId", "InternetGatewayIds"),
    "network-interface": ("NetworkInterfaceId", "NetworkInterfaceIds"),
    "route-table": ("RouteTableId", "RouteTableIds"),
    "security-group": ("GroupId", "GroupIds"),
    "snapshot": ("SnapshotId", "SnapshotIds"),
    "subnet": ("SubnetId", "SubnetIds"),
    "volume": ("VolumeId", "VolumeIds"),
    "vpc": ("VpcId", "VpcIds"),
}
"""The parameters of EC2's calls that take an id, one or several, by the type in the ARN."""

LISTING: Final = re.compile(r"(Describe|List|Get)[A-Z]\w*")
"""The names of operations that read and, without parameters, read nothing in particular."""
