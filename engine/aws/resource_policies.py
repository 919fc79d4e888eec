"""The policies of resources: buckets, queues, keys, functions and others, read by their ARNs.

Sources: the API references of the services; Service Authorization Reference, for the ARNs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...resources.calls import Attrs
from ...resources.ports import AwsError, AwsReader
from .errors import hopeless


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a resource's policy.

    `document` is None where the resource has none; where nobody knows, `unknown` says why.
    `kind` is what sort of policy it is; empty where resources of the service have none that counts.
    `owner` is the ARN of what has it: of a bucket for its objects.
    """

    kind: str = ""
    document: Attrs | None = None
    unknown: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the policy of one sort of resource is read.

    `resource` matches the last part of the ARN, up to `name` that of what has the policy. `read`
    is given the ARN up to there. `none` are the codes that say that it has no policy.
    """

    kind: str
    resource: re.Pattern[str]
    read: Callable[[AwsReader, str, re.Match[str]], Any]
    none: frozenset[str] = frozenset()


def _bucket(aws: AwsReader, _arn: str, match: re.Match[str]) -> Any:
    owner = aws.identity.account_id
    parameters = {"Bucket": match["name"], "ExpectedBucketOwner": owner}
    return aws.read("s3", "GetBucketPolicy", parameters).get("Policy")


def _queue(aws: AwsReader, _arn: str, match: re.Match[str]) -> Any:
    url = aws.read("sqs", "GetQueueUrl", {"QueueName": match["name"]})["QueueUrl"]
    asked = {"QueueUrl": url, "AttributeNames": ["Policy"]}
    attributes: Mapping[str, Any] = aws.read("sqs", "GetQueueAttributes", asked).get(
        "Attributes", {}
    )
    return attributes.get("Policy")


def _topic(aws: AwsReader, arn: str, _match: re.Match[str]) -> Any:
    answer = aws.read("sns", "GetTopicAttributes", {"TopicArn": arn})
    return answer.get("Attributes", {}).get("Policy")


def _role(aws: AwsReader, _arn: str, match: re.Match[str]) -> Any:
    view = aws.role(match["name"])
    if view is None:
        raise AwsError("iam", "GetRole", "NoSuchEntity", f"there is no role {match['name']}")
    return dict(view.trust_policy)


def _by(
    service: str, operation: str, parameter: str, key: str, *, by_arn: bool = True, **more: str
) -> Callable[[AwsReader, str, re.Match[str]], Any]:
    """A read that takes the ARN, or the name in it, and answers with the policy under a key."""

    def read(aws: AwsReader, arn: str, match: re.Match[str]) -> Any:
        which = arn if by_arn else match["name"]
        return aws.read(service, operation, {parameter: which, **more}).get(key)

    return read


_NAME = re.compile(r"(?P<name>[^/:]+)")


def _after(prefix: str, name: str = r"[^:]+") -> re.Pattern[str]:
    return re.compile(rf"{prefix}(?P<name>{name})")


_READERS: Mapping[str, _Reader] = {
    "s3": _Reader(
        "bucket policy",
        re.compile(r"(?P<name>[^/:]+)(?:/.*)?", re.DOTALL),
        _bucket,
        frozenset({"NoSuchBucketPolicy"}),
    ),
    "sqs": _Reader("queue policy", _NAME, _queue),
    "sns": _Reader("topic policy", _NAME, _topic),
    "kms": _Reader(
        "key policy",
        _after("key/"),
        _by("kms", "GetKeyPolicy", "KeyId", "Policy", PolicyName="default"),
    ),
    "lambda": _Reader(
        "function policy",
        _after("function:", r"[^:]+(?::[^:]+)?"),
        _by("lambda", "GetPolicy", "FunctionName", "Policy"),
        frozenset({"ResourceNotFoundException"}),
    ),
    "secretsmanager": _Reader(
        "secret's policy",
        _after("secret:"),
        _by("secretsmanager", "GetResourcePolicy", "SecretId", "ResourcePolicy"),
    ),
    "dynamodb": _Reader(
        "table policy",
        re.compile(r"table/(?P<name>[^/:]+)(?:/index/.*)?"),
        _by("dynamodb", "GetResourcePolicy", "ResourceArn", "Policy"),
        frozenset({"PolicyNotFoundException"}),
    ),
    "ecr": _Reader(
        "repository policy",
        _after("repository/"),
        _by("ecr", "GetRepositoryPolicy", "repositoryName", "policyText", by_arn=False),
        frozenset({"RepositoryPolicyNotFoundException"}),
    ),
    "kinesis": _Reader(
        "stream policy",
        _after("stream/", "[^/:]+"),
        _by("kinesis", "GetResourcePolicy", "ResourceARN", "Policy"),
    ),
    "events": _Reader(
        "bus policy",
        _after("event-bus/"),
        _by("events", "DescribeEventBus", "Name", "Policy", by_arn=False),
    ),
    "backup": _Reader(
        "vault policy",
        _after("backup-vault:"),
        _by("backup", "GetBackupVaultAccessPolicy", "BackupVaultName", "Policy", by_arn=False),
        frozenset({"ResourceNotFoundException"}),
    ),
    "elasticfilesystem": _Reader(
        "file system policy",
        _after("file-system/"),
        _by("efs", "DescribeFileSystemPolicy", "FileSystemId", "Policy", by_arn=False),
        frozenset({"PolicyNotFound"}),
    ),
    "iam": _Reader(
        "trust policy", re.compile(r"role/(?:.*/)?(?P<name>[^/:]+)"), _role, frozenset()
    ),
}


class ResourcePolicies:
    """Reads the policies of resources of our account, each once."""

    def __init__(self, aws: AwsReader) -> None:
        self._aws = aws
        self._known: dict[tuple[str, str], Found] = {}

    def __call__(self, arn: str) -> Found:
        """The policy of what an ARN names; an object's is its bucket's.

        A wildcard in the name of what has the policy makes it unknown. Never an error: AWS's
        refusals are reasons why it is not known.

        Raises:
            AwsError: AWS can't be reached, or doesn't accept our credentials.
        """
        parts = arn.split(":", 5)
        reader = _READERS.get(parts[2]) if len(parts) == 6 else None
        match = reader.resource.fullmatch(parts[5]) if reader else None
        if reader is None or match is None:
            return Found()
        key = (":".join(parts[:5]), match["name"])
        if key not in self._known:
            self._known[key] = self._read(arn, reader, match)
        return self._known[key]

    def _read(self, arn: str, reader: _Reader, match: re.Match[str]) -> Found:
        _, _, _, region, account, _ = arn.split(":", 5)
        who = self._aws.identity
        if any(wild in match["name"] + region + account for wild in "*?"):
            return Found(reader.kind, unknown="the pattern may name several of them")
        if account not in {"", who.account_id}:
            return Found(reader.kind, unknown=f"it is of account {account}")
        if region not in {"", who.region}:
            return Found(reader.kind, unknown=f"it is in {region}, and {who.region} is in use")
        owner = arn[: len(arn) - len(match.string) + match.end("name")]
        try:
            document = reader.read(self._aws, owner, match)
        except AwsError as error:
            if error.code in reader.none:
                return Found(reader.kind)
            if hopeless(error):
                raise
            return Found(reader.kind, unknown=_reason(error))
        return Found(reader.kind, _read_document(document), owner=owner)


def _read_document(document: Any) -> Attrs | None:
    """The document as an object; an empty one is none."""
    found = json.loads(document) if isinstance(document, str) and document else document
    return found or None


def _reason(error: AwsError) -> str:
    call = f"{error.service}:{error.operation}"
    if error.denied:
        return f"{call} is denied to us"
    return f"{call} answered {error.code}"
