"""What the sandbox comes with: a few things that others would have made, for the examples to bind roles to."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile

from ...resources.ports import AwsCaller

INSTANCE_SEED = 20
"""Makes moto give the instance one and the same id each time, so that an example can name it."""
FUNCTIONS = ("example-table-writer", "example-thumbnailer")
FAMILIES = ("example-queue-worker", "example-indexer")
FORMER_ROLE = "example-former-role"


def furnish(aws: AwsCaller, url: str) -> str:
    """Put an instance, two functions, two task definitions, a service, a bucket, a table and a queue there.

    Returns the instance's id.

    Raises:
        AwsError: the sandbox refused a call.
    """
    _seed(url, INSTANCE_SEED)
    instance = aws.call(
        "ec2", "RunInstances", {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
    )
    _seed(url, None)
    _functions(aws)
    _tasks(aws)
    aws.call("s3", "CreateBucket", {"Bucket": "example-photos"})
    aws.call(
        "dynamodb",
        "CreateTable",
        {
            "TableName": "example-events",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    )
    aws.call("sqs", "CreateQueue", {"QueueName": "example-jobs"})
    return str(instance["Instances"][0]["InstanceId"])


def _functions(aws: AwsCaller) -> None:
    """The functions, with the role that they carried before any stack of ours."""
    former = aws.call(
        "iam",
        "CreateRole",
        {
            "RoleName": FORMER_ROLE,
            "Description": "What the functions carried before",
            "AssumeRolePolicyDocument": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
        },
    )["Role"]["Arn"]
    for name in FUNCTIONS:
        aws.call(
            "lambda",
            "CreateFunction",
            {
                "FunctionName": name,
                "Runtime": "python3.12",
                "Role": former,
                "Handler": "index.handler",
                "Code": {"ZipFile": _code()},
            },
        )


def _tasks(aws: AwsCaller) -> None:
    """The task definitions, and a service that runs the first of them."""
    for family in FAMILIES:
        aws.call(
            "ecs",
            "RegisterTaskDefinition",
            {
                "family": family,
                "containerDefinitions": [{"name": "main", "image": "example", "memory": 128}],
            },
        )
    aws.call("ecs", "CreateCluster", {"clusterName": "example"})
    aws.call(
        "ecs",
        "CreateService",
        {
            "cluster": "example",
            "serviceName": FAMILIES[0],
            "taskDefinition": FAMILIES[0],
            "desiredCount": 0,
        },
    )


def _code() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    return content.getvalue()


def _seed(url: str, value: int | None) -> None:
    """Set the seed of moto's random numbers, or let them be random again."""
    import secrets

    chosen = secrets.randbits(32) if value is None else value
    request = urllib.request.Request(f"{url}/moto-api/seed?a={chosen}", method="POST")  # noqa: S310 - loopback only
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - loopback only
