"""Each drift gets the latest call that can have caused it, in few questions, and no session's name."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.drift.attribution import LATE, Ours, attributed
from rolewright.engine.drift.report import Drift, DriftType, Who
from rolewright.engine.drift.trail import (
    Event,
    LogFiles,
    LookedUp,
    bucket_files,
    event_of,
    folder_files,
)
from rolewright.engine.plan import FieldDelta
from rolewright.resources.ports import AwsError
from support.drifts import ADMIN, START, MovingClock, drift, report
from support.trails import ACCOUNT, KEY, MAIL, assumed, record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/read"
ATTRS: Mapping[str, Mapping[str, Any]] = {
    "role.reader": {"name": "reader", "arn": ROLE, "path": "/", "description": "reads"},
    "permission_policy.read": {"name": "read", "arn": POLICY},
    "permission_policy.inline": {"name": "inline", "arn": None, "roles": ["reader"]},
    "service_binding.resizer": {"service": "lambda", "function": "resizer", "role_arn": ROLE},
    "service_binding.web": {"service": "ec2", "instances": ["i-1"], "instance_profile": "web"},
}


@dataclass
class Fixed:
    """A trail that knows all events."""

    events: list[Event]
    notes: list[str] = field(default_factory=list[str])
    asked: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])

    def about(self, name: str, *, of_iam: bool) -> list[Event]:
        self.asked.append((name, of_iam))
        return self.events


def events(*records: dict[str, Any]) -> list[Event]:
    return [event for event in map(event_of, records) if event is not None]


def who(found: Drift, *records: dict[str, Any], ours: Ours | None = None) -> Who | None:
    trail = Fixed(events(*records))
    (done,) = attributed(report(found), trail, ATTRS, ours or Ours()).drifted
    return done.who


def changed(address: str, path: str, kind: str = "role", **values: Any) -> Drift:
    given: dict[str, Any] = {"type": DriftType.CHANGED, "subject": "", **values}
    return drift(address, kind=kind, diff=(FieldDelta(path, None, "x"),), **given)


ON_ROLE: dict[str, Any] = {"roleName": "reader"}
MATRIX: list[tuple[Drift, dict[str, Any]]] = [
    (drift(), record(**ON_ROLE, policyArn=ADMIN)),
    (
        changed("role.reader", "foreign_inline_policies", subject="evil"),
        record("iam:PutRolePolicy", **ON_ROLE, policyName="evil"),
    ),
    (
        changed("role.reader", "trust_policy.Statement"),
        record("iam:UpdateAssumeRolePolicy", **ON_ROLE),
    ),
    (changed("role.reader", "tags.team"), record("iam:TagRole", **ON_ROLE)),
    (changed("role.reader", "description"), record("iam:UpdateRole", **ON_ROLE)),
    (
        changed("role.reader", "permissions_boundary"),
        record("iam:DeleteRolePermissionsBoundary", **ON_ROLE),
    ),
    (
        changed("role.reader", "foreign_instance_profiles", subject="odd"),
        record("iam:AddRoleToInstanceProfile", **ON_ROLE, instanceProfileName="odd"),
    ),
    (changed("role.reader", "exists", type=DriftType.MISSING), record("iam:DeleteRole", **ON_ROLE)),
    (
        changed("role.reader", "unique_id", type=DriftType.REPLACED),
        record("iam:CreateRole", **ON_ROLE),
    ),
    (
        changed("role.reader", "trust", subject=f"arn:aws:iam::{ACCOUNT}:role/other"),
        record(
            "iam:UpdateAssumeRolePolicy",
            roleName="other",
            policyDocument=json.dumps({"Statement": {"Principal": {"AWS": ROLE}}}),
        ),
    ),
    (
        changed("permission_policy.read", "document.Statement", "permission_policy"),
        record("iam:CreatePolicyVersion", policyArn=POLICY),
    ),
    (
        changed("permission_policy.read", "document", "permission_policy"),
        record("iam:SetDefaultPolicyVersion", policyArn=POLICY, versionId="v2"),
    ),
    (
        changed("permission_policy.read", "version", "permission_policy", subject=f"{POLICY}:v3"),
        record(
            "iam:CreatePolicyVersion",
            policyArn=POLICY,
            answer={"policyVersion": {"versionId": "v3"}},
        ),
    ),
    (
        changed("permission_policy.inline", "document.Statement", "permission_policy"),
        record("iam:PutRolePolicy", **ON_ROLE, policyName="inline"),
    ),
    (
        changed("permission_policy.read", "tags.team", "permission_policy"),
        record("iam:UntagPolicy", policyArn=POLICY),
    ),
    (
        changed(
            "permission_policy.read",
            "holder",
            "permission_policy",
            subject=f"arn:aws:iam::{ACCOUNT}:user/eve",
        ),
        record("iam:AttachUserPolicy", userName="eve", policyArn=POLICY),
    ),
    (
        changed("service_binding.resizer", "role_arn", "service_binding"),
        record("lambda:UpdateFunctionConfiguration20150331v2", functionName="resizer"),
    ),
    (
        changed("service_binding.web", "associations", "service_binding"),
        record(
            "ec2:AssociateIamInstanceProfile",
            AssociateIamInstanceProfileRequest={"InstanceId": "i-1"},
        ),
    ),
    (
        changed("service_binding.web", "profile_roles", "service_binding"),
        record("iam:RemoveRoleFromInstanceProfile", instanceProfileName="web", roleName="reader"),
    ),
    (
        changed("role.reader", "carrier", subject="instance/i-9"),
        record("ec2:RunInstances", answer={"instancesSet": {"items": [{"instanceId": "i-9"}]}}),
    ),
    (
        changed("role.reader", "carrier", subject="ecs-service/shop/web"),
        record("ecs:UpdateService", service="web", cluster="shop"),
    ),
]


@pytest.mark.parametrize(
    ("found", "cause"), [pytest.param(*one, id=one[1]["eventName"]) for one in MATRIX]
)
def test_the_cause_of_each_sort(found: Drift, cause: dict[str, Any]) -> None:
    """Among calls on other things, and other calls on the same thing, the one that did it is found."""
    others = [
        record("iam:GetRole", "2026-11-23T00:00:00Z", **ON_ROLE) | {"readOnly": True},
        record("iam:AttachRolePolicy", "2026-11-23T00:00:00Z", roleName="reader2", policyArn="x"),
        record("iam:CreateUser", "2026-11-23T00:00:00Z", userName="reader"),
        record("iam:AttachRolePolicy", "2026-11-23T00:00:00Z", roleName="other", policyArn=ADMIN),
        record("iam:PutRolePolicy", "2026-11-23T00:00:00Z", roleName="other", policyName="inline"),
        record("s3:PutObject", "2026-11-23T00:00:00Z", bucketName="photos"),
        {
            **cause,
            "eventTime": "2026-11-23T01:00:00Z",
            "errorCode": "AccessDenied",
            "eventID": "no",
        },
        {**cause, "eventTime": "2026-11-01T00:00:00Z", "eventID": "earlier"},
    ]

    culprit = who(found, *others, cause)

    assert culprit is not None
    assert culprit.event_id == cause["eventID"]
    assert culprit.actor == f"arn:aws:iam::{ACCOUNT}:user/mallory"
    assert culprit.source_ip == "203.0.113.7"


def test_the_call_that_names_the_subject_comes_first() -> None:
    """A later attachment of another policy is not what attached this one."""
    later = record(
        time="2026-11-22T23:59:00Z", **ON_ROLE, policyArn="arn:aws:iam::aws:policy/Other"
    )

    culprit = who(drift(), record(**ON_ROLE, policyArn=ADMIN), later)

    assert culprit is not None
    assert culprit.time == "2026-11-22T23:00:00Z"


def test_our_applies_are_no_culprits() -> None:
    """What rolewright did up to its last apply is recorded; what claims to be it later is told."""
    cause = record(**ON_ROLE, policyArn=ADMIN, agent="Boto3/1.4 rolewright/0.1.0")
    made = datetime(2026, 11, 22, 23, tzinfo=UTC)

    assert who(drift(), cause, ours=Ours(made)) is None
    assert who(drift(), cause, ours=Ours()) is None
    assert who(drift(), cause, ours=Ours(made - timedelta(minutes=1))) is not None


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        (assumed(), f"arn:aws:iam::{ACCOUNT}:role/admin"),
        (assumed() | {"sessionContext": {}}, f"arn:aws:sts::{ACCOUNT}:assumed-role/admin"),
        ({"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}, f"arn:aws:iam::{ACCOUNT}:root"),
        ({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}, "ecs.amazonaws.com"),
        ({"type": "AWSAccount", "accountId": "210987654321"}, "account 210987654321"),
        ({"type": "IdentityCenterUser", "userName": MAIL}, "a user of IAM Identity Center"),
        ({"type": "SAMLUser", "userName": MAIL}, "a federated user"),
        ({}, "somebody unknown"),
        (None, f"arn:aws:iam::{ACCOUNT}:user/mallory"),
    ],
)
def test_actors(identity: dict[str, Any] | None, actor: str) -> None:
    """A user or a role by ARN; never a session's name, which may be a person's address, nor a key."""
    agent = f"tool {KEY} arn:aws:sts::{ACCOUNT}:assumed-role/a/{MAIL}\n\x1b[2J" + "x" * 500

    culprit = who(drift(), record(**ON_ROLE, policyArn=ADMIN, identity=identity, agent=agent))

    assert culprit is not None
    assert culprit.actor == actor
    assert MAIL not in repr(culprit)
    assert KEY not in repr(culprit)
    assert len(culprit.user_agent) <= 200
    assert culprit.user_agent.isprintable()


def test_what_is_not_known_is_said() -> None:
    """Nobody found: CloudTrail is late. Nothing drifted: nothing is asked."""
    trail = Fixed([])

    assert attributed(report(drift()), trail, ATTRS, Ours()).notes == (LATE,)
    assert trail.asked == [("reader", True)]
    trail.asked.clear()
    assert attributed(report(), trail, ATTRS, Ours()) == report()
    assert trail.asked == []


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A connection that leads nowhere: its answers are scripted, and checked against botocore's model."""
    made = connect(AwsOptions(sandbox_endpoint="http://127.0.0.1:9"))
    yield made
    made.close()


def looked_up(*records: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    found = [
        {
            "EventId": one["eventID"],
            "EventName": one["eventName"],
            "CloudTrailEvent": json.dumps(one),
        }
        for one in records
    ]
    return {"Events": found, **({"NextToken": token} if token else {})}


def question(name: str, **more: Any) -> dict[str, Any]:
    return {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
        "StartTime": START - timedelta(days=90),
        "EndTime": START,
        "MaxResults": 50,
        **more,
    }


@dataclass
class StillClock(MovingClock):
    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_cloudtrail_is_asked_page_by_page_and_once_a_name(aws: Aws) -> None:
    """With the parameters of the real operation, twice a second at most."""
    clock = StillClock()
    trail = LookedUp(aws, aws, clock)
    with Stubber(aws._clients.get("cloudtrail")) as stubber:
        first = record("iam:TagRole", **ON_ROLE)
        stubber.add_response("lookup_events", looked_up(first, token="t"), question("reader"))
        second = looked_up(record(**ON_ROLE))
        stubber.add_response("lookup_events", second, question("reader", NextToken="t"))

        found = trail.about("reader", of_iam=True)
        again = trail.about("reader", of_iam=True)
        stubber.assert_no_pending_responses()

    assert [one.name for one in found] == ["iam:TagRole", "iam:AttachRolePolicy"]
    assert again == found
    assert clock.slept == [0.5]
    assert trail.notes == []


def test_a_refusal_is_said_once(aws: Aws) -> None:
    """Without the permission the drifts are told all the same, and CloudTrail is left alone."""
    trail = LookedUp(aws, aws, StillClock())
    with Stubber(aws._clients.get("cloudtrail")) as stubber:
        stubber.add_client_error("lookup_events", "AccessDeniedException", "not authorized")
        found = attributed(report(drift(), drift("role.b")), trail, ATTRS, Ours())

    assert [one.who for one in found.drifted] == [None, None]
    (note,) = found.notes
    assert note == (
        "who did it is not known: CloudTrail could not be asked (AccessDeniedException: "
        "not authorized)"
    )


@dataclass
class Counting:
    """A CloudTrail that knows nothing, and counts."""

    count: int = 0

    def read(self, *_: object) -> Mapping[str, Any]:
        self.count += 1
        return {"Events": []}


def test_the_questions_are_few() -> None:
    """A hundred drifted roles ask forty times, and it is said that more was not asked."""
    counting: Any = Counting()
    trail = LookedUp(counting, counting, MovingClock())
    many = [drift(f"role.r{number}") for number in range(100)]
    attrs = {one.address: {"name": one.address} for one in many}

    found = attributed(report(*many), trail, attrs, Ours())

    assert counting.count == 40
    assert found.notes == (
        "who did it is not known of all: CloudTrail was asked 40 times, no more",
    )


def test_log_files_in_a_folder(tmp_path: Path) -> None:
    """Plain and gzipped, newest first; what is older than asked for is not opened, what is broken is said."""
    folder = tmp_path / "AWSLogs" / ACCOUNT
    folder.mkdir(parents=True)
    log = json.dumps({"Records": [record(**ON_ROLE, policyArn=ADMIN)]}).encode()
    name = f"{ACCOUNT}_CloudTrail_us-east-1_{{}}Z_x.json.gz"
    (folder / name.format("20261122T2305")).write_bytes(gzip.compress(log))
    (folder / name.format("20261022T2305")).write_bytes(b"\x1f\x8bbroken, but too old to matter")
    (folder / name.format("20261122T2310")).write_bytes(b"\x1f\x8bbroken")
    (folder / "plain.json").write_text("[]")
    since = START - timedelta(days=7)
    trail = LogFiles(folder_files(tmp_path, since), since)

    found = attributed(report(drift()), trail, ATTRS, Ours())

    assert found.drifted[0].who is not None
    assert trail.notes == ["1 of CloudTrail's log files could not be understood"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The drifts are told without who."""
    trail = LogFiles(folder_files(tmp_path / "none", START), START)

    found = attributed(report(drift()), trail, ATTRS, Ours())

    assert found.notes == ("CloudTrail's log files could not be read (there is no such folder)",)


def test_log_files_in_a_bucket(aws: Aws) -> None:
    """Listed and read through the port; digests are no logs."""
    log = gzip.compress(json.dumps({"Records": [record(**ON_ROLE, policyArn=ADMIN)]}).encode())
    keys = ["p/AWSLogs/1_CloudTrail_r_20261122T2305Z_x.json.gz", "p/CloudTrail-Digest/x.json.gz"]
    with Stubber(aws._clients.get("s3")) as stubber:
        stubber.add_response(
            "list_objects_v2",
            {"Contents": [{"Key": key} for key in keys]},
            {"Bucket": "logs", "Prefix": "p/"},
        )
        stubber.add_response(
            "get_object", {"Body": io.BytesIO(log)}, {"Bucket": "logs", "Key": keys[0]}
        )
        since = START - timedelta(days=1)
        trail = LogFiles(bucket_files(aws, "s3://logs/p/", since), since)
        found = attributed(report(drift()), trail, ATTRS, Ours())
        stubber.assert_no_pending_responses()

    assert found.drifted[0].who is not None


def test_a_bucket_that_refuses_is_said() -> None:
    """With AWS's code."""

    def refused() -> Iterable[tuple[str, bytes]]:
        raise AwsError("s3", "ListObjectsV2", "AccessDenied", "no")
        yield

    trail = LogFiles(refused(), START)

    assert attributed(report(drift()), trail, ATTRS, Ours()).notes == (
        "CloudTrail's log files could not be read (AccessDenied)",
    )
