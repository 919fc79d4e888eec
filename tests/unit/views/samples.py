"""Changes, plans and consoles for the tests of the views."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console
from rolewright.engine.access import access_changes
from rolewright.engine.plan import Action, Change, FieldDelta, Finding, Plan
from rolewright.resources.address import Address
from rolewright.resources.calls import Call, Phase
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.state.document import StateRecord

ACCOUNT = "123456789012"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BUCKET = "arn:aws:s3:::photo-archive"
STACK_TAGS = {"team": "media", "rolewright:stack": "photo-archive"}


def console(width: int = 100, *, encoding: str = "utf-8") -> Console:
    """A console without colour that keeps what is printed on it."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    return Console(file=file, width=width, color_system=None, legacy_windows=False)


def printed(on: Console) -> str:
    """What was printed on a console."""
    file = on.file
    assert isinstance(file, io.TextIOWrapper)
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue().decode(file.encoding)


def trust(*services: str) -> dict[str, Any]:
    """A trust policy for services."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": list(services)},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def allow(
    actions: Sequence[str], resources: Sequence[str], *, sid: str = "", **more: Any
) -> dict[str, Any]:
    """An Allow statement."""
    named = {"Sid": sid} if sid else {}
    return {**named, "Effect": "Allow", "Action": actions, "Resource": resources, **more}


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


READ = allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"])


def role(name: str = "photo-reader", **attributes: Any) -> dict[str, Any]:
    """The attributes of a role."""
    return {
        "name": name,
        "path": "/",
        "description": "",
        "max_session_duration": 3600,
        "permissions_boundary": None,
        "tags": STACK_TAGS,
        "trust_policy": trust("ec2.amazonaws.com"),
        "foreign_inline_policies": {},
        "foreign_attached_policies": [],
        "foreign_instance_profiles": [],
        **attributes,
    }


def policy(name: str, *statements: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
    """The attributes of a customer managed policy."""
    return {
        "type": "customer",
        "name": name,
        "document": document(*statements),
        "roles": ["photo-reader"],
        "path": "/",
        "description": "",
        "tags": STACK_TAGS,
        "arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        **attributes,
    }


def change(address: str, action: Action, **more: Any) -> Change:
    """A change of the resource at an address."""
    parsed = Address.parse(address)
    return Change(parsed, parsed.kind, action, more.pop("reason", ""), **more)


def call(operation: str, *, undo: str = "", **parameters: Any) -> Call:
    """A call of IAM, with an undo that takes the same name."""
    back = (Call("iam", undo, {"RoleName": parameters.get("RoleName", "")}),) if undo else ()
    return Call("iam", operation, parameters, undo=back)


def late(made: Call, lossy: str = "") -> Call:
    """A call of the last phase."""
    return replace(made, phase=Phase.REMOVE, lossy=lossy)


def record(kind: str, attributes: Mapping[str, Any], **more: Any) -> StateRecord:
    """A record of the state."""
    name = attributes["name"]
    return StateRecord(kind, name, more.pop("arn", ""), attributes, attributes, **more)


def plan(*changes: Change, **more: Any) -> Plan:
    """A plan of changes."""
    return Plan(
        **{
            "stack": "photo-archive",
            "operation": "apply",
            "run": "run-1",
            "lineage": "lineage-1",
            "serial": 4,
            "account_id": ACCOUNT,
            "partition": "aws",
            "region": "us-east-1",
            "tool_version": "0.1.0",
            "changes": tuple(sorted(changes, key=lambda one: one.address)),
            **more,
        }
    )


def _service(**levels: str) -> dict[str, Any]:
    """A service of a catalogue: its actions by level, in one text each; all take any resource."""
    form = "arn:${Partition}:${Service}:${Region}:${Account}:${Name}"
    actions = {
        name: {"level": level.replace("_", " "), "resource_types": ["thing"]}
        for level, names in levels.items()
        for name in names.split()
    }
    return {"actions": actions, "resources": {"thing": {"arn_formats": [form]}}}


CATALOGUE = Catalogue.from_file(
    {
        "version": "1",
        "date": "2026-01-01",
        "services": {
            "iam": _service(Permissions_management="PutRolePolicy PassRole", Read="GetRole"),
            "kms": _service(Write="Decrypt"),
            "s3": _service(
                Permissions_management="PutBucketPolicy",
                Tagging="PutObjectTagging",
                Write="DeleteBucket DeleteObject PutObject",
                Read="GetObject GetObjectAcl",
                List="ListBucket",
            ),
        },
    }
)
"""A small catalogue, which no release of AWS changes."""


def with_access(made: Plan, **documents: Any) -> Plan:
    """The plan with the access that it gives and takes; documents of AWS managed policies by name."""
    known = {f"arn:aws:iam::aws:policy/{name}": found for name, found in documents.items()}
    found = access_changes(made, {}, lambda _: known, lambda: CATALOGUE)
    return replace(made, access=found)


CREATE_ROLE = change(
    "role.photo-reader",
    Action.CREATE,
    reason="not in state",
    after=role(description="Reads the photo archive"),
    make=(
        call(
            "CreateRole",
            undo="DeleteRole",
            RoleName="photo-reader",
            Path="/",
            AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
            '"Principal":{"Service":["ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}]}',
            Tags=[{"Key": "team", "Value": "media"}],
        ),
    ),
    needs=(Address("trust_policy", "ec2"),),
)
CREATE_TRUST = change(
    "trust_policy.ec2",
    Action.CREATE,
    reason="not in state",
    after={"name": "ec2", "document": trust("ec2.amazonaws.com")},
)
CREATE_POLICY = change(
    "permission_policy.read-photos",
    Action.CREATE,
    reason="not in state",
    after=policy("read-photos", READ),
    make=(
        call("CreatePolicy", undo="DeletePolicy", PolicyName="read-photos"),
        call("AttachRolePolicy", undo="DetachRolePolicy", RoleName="photo-reader"),
    ),
)
CREATE_BINDING = change(
    "service_binding.web",
    Action.CREATE,
    reason="not in state",
    after={
        "service": "ec2",
        "role": "photo-reader",
        "instance_profile": "photo-reader",
        "path": "/",
        "instances": ["i-0123456789abcdef0"],
        "tags": STACK_TAGS,
    },
    make=(call("CreateInstanceProfile", undo="DeleteInstanceProfile"),),
)
UPDATE_POLICY = change(
    "permission_policy.write",
    Action.UPDATE,
    reason="changed in the stack file: document, roles",
    before=policy(
        "write",
        allow(["s3:GetObject", "s3:ListBucket"], [f"{BUCKET}/*"], sid="ReadPhotos"),
        allow(["s3:*"], ["*"]),
    ),
    after=policy(
        "write",
        allow(["s3:PutObject", "s3:ListBucket"], [f"{BUCKET}/*"], sid="ReadPhotos"),
        allow(
            ["kms:Decrypt"],
            ["arn:aws:kms:us-east-1:123456789012:key/*"],
            Condition={"Bool": {"aws:SecureTransport": "true"}},
        ),
        roles=["photo-reader", "thumbnailer"],
    ),
    diff=(
        FieldDelta(
            "document.Statement[0]",
            None,
            allow(
                ["kms:Decrypt"],
                ["arn:aws:kms:us-east-1:123456789012:key/*"],
                Condition={"Bool": {"aws:SecureTransport": "true"}},
            ),
        ),
        FieldDelta("document.Statement[1]", allow(["s3:*"], ["*"]), None),
        FieldDelta("document.Statement[ReadPhotos].Action", ["s3:GetObject"], ["s3:PutObject"]),
        FieldDelta("roles", ["photo-reader"], ["photo-reader", "thumbnailer"]),
    ),
    make=(call("CreatePolicyVersion", undo="DeletePolicyVersion"),),
)
TRUST_DIFF = ("Statement[0].Principal.Service", [], ["lambda.amazonaws.com"])
UPDATE_TRUST = change(
    "trust_policy.ec2",
    Action.UPDATE,
    reason="changed in the stack file",
    before={"name": "ec2", "document": trust("ec2.amazonaws.com")},
    after={"name": "ec2", "document": trust("ec2.amazonaws.com", "lambda.amazonaws.com")},
    diff=(FieldDelta(f"document.{TRUST_DIFF[0]}", *TRUST_DIFF[1:]),),
)
UPDATE_ROLE = change(
    "role.thumbnailer",
    Action.UPDATE,
    reason="changed in the stack file: tags, trust_policy",
    before=role("thumbnailer"),
    after=role(
        "thumbnailer",
        trust_policy=trust("ec2.amazonaws.com", "lambda.amazonaws.com"),
        tags={"team": "photos", "rolewright:stack": "photo-archive"},
    ),
    diff=(
        FieldDelta("description", "", "Makes thumbnails"),
        FieldDelta("tags.owner", "ada", None),
        FieldDelta("tags.team", "media", "photos"),
        FieldDelta(f"trust_policy.{TRUST_DIFF[0]}", *TRUST_DIFF[1:]),
    ),
    make=(
        call("UpdateAssumeRolePolicy", undo="UpdateAssumeRolePolicy", RoleName="thumbnailer"),
        call("UpdateRole", undo="UpdateRole", RoleName="thumbnailer"),
    ),
    needs=(Address("trust_policy", "ec2"),),
)
REPLACE_ROLE = change(
    "role.worker",
    Action.REPLACE,
    reason="name: AWS can't rename a role",
    before=role("worker"),
    after=role("worker-2", max_session_duration=7200),
    diff=(FieldDelta("max_session_duration", 3600, 7200), FieldDelta("name", "worker", "worker-2")),
    make=(call("CreateRole", undo="DeleteRole", RoleName="worker-2"),),
    remove=(
        late(
            call("DeleteRole", undo="CreateRole", RoleName="worker"),
            'role "worker" would come back under a new unique id',
        ),
    ),
    forced_by=("name",),
)
RECREATE_ROLE = change(
    "role.batch",
    Action.REPLACE,
    reason="path: AWS can't move a role to another path",
    before=role("batch"),
    after=role("batch", path="/jobs/"),
    diff=(FieldDelta("path", "/", "/jobs/"),),
    make=(call("DeleteRole", RoleName="batch"), call("CreateRole", RoleName="batch")),
    forced_by=("path",),
    deletes_first=True,
)
DELETE_ROLE = change(
    "role.old",
    Action.DELETE,
    reason="no longer in the stack file",
    before=role("old", foreign_attached_policies=[ADMIN]),
    remove=(late(call("DeleteRole", RoleName="old")),),
)
FORGET_ROLE = change(
    "role.legacy",
    Action.FORGET,
    reason="listed under removed: AWS keeps it",
    before=role("legacy"),
)
MOVE_ROLE = change(
    "role.courier",
    Action.MOVE,
    reason="was role.carrier",
    before=role("courier"),
    after=role("courier"),
    moved_from=Address("role", "carrier"),
)
IMPORT_ROLE = change(
    "role.adopted",
    Action.IMPORT,
    reason="exists in AWS",
    before=role("adopted", description="Made by hand"),
    after=role("adopted", description="Adopted"),
    diff=(FieldDelta("description", "Made by hand", "Adopted"),),
)
DEBUG = document(allow(["*"], ["*"]))
DRIFTED_ROLE = change(
    "role.photo-reader",
    Action.UPDATE,
    reason="changed outside rolewright: description",
    before=role(
        description="hacked",
        foreign_attached_policies=[ADMIN],
        foreign_inline_policies={"debug": DEBUG},
        tags={**STACK_TAGS, "team": "crackers"},
    ),
    after=role(description="Reads photos"),
    diff=(
        FieldDelta("description", "hacked", "Reads photos"),
        FieldDelta("foreign_attached_policies", [ADMIN], []),
        FieldDelta("foreign_inline_policies.debug", DEBUG, None),
        FieldDelta("tags.team", "crackers", "media"),
        FieldDelta("trust_policy.Statement[0].Principal.AWS", ["AROAEXAMPLEID0000000"], []),
    ),
    drift=(
        FieldDelta("description", "Reads photos", "hacked"),
        FieldDelta("foreign_attached_policies", [], [ADMIN]),
        FieldDelta("foreign_inline_policies.debug", None, DEBUG),
        FieldDelta("tags.team", "media", "crackers"),
        FieldDelta("trust_policy.Statement[0].Principal.AWS", [], ["AROAEXAMPLEID0000000"]),
    ),
    make=(call("UpdateRole", undo="UpdateRole", RoleName="photo-reader"),),
    remove=(late(call("DetachRolePolicy", undo="AttachRolePolicy", RoleName="photo-reader")),),
)
GONE_POLICY = change(
    "permission_policy.logs",
    Action.CREATE,
    reason="deleted outside rolewright",
    after={
        "type": "aws",
        "arn": "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess",
        "roles": ["photo-reader"],
    },
    drift=(FieldDelta("exists", True, False),),
    make=(call("AttachRolePolicy", undo="DetachRolePolicy", RoleName="photo-reader"),),
)
FINDINGS = (
    Finding("outage", "medium", "role.batch", "it is deleted before it is made again"),
    Finding("not-exactly-reversible", "info", "role.worker", "if this is rolled back, …"),
    Finding("wide", "critical", "role.worker", "anyone may assume it"),
)
EVERY_ACTION = (
    CREATE_ROLE,
    CREATE_POLICY,
    CREATE_BINDING,
    UPDATE_TRUST,
    UPDATE_ROLE,
    UPDATE_POLICY,
    REPLACE_ROLE,
    RECREATE_ROLE,
    DELETE_ROLE,
    FORGET_ROLE,
    MOVE_ROLE,
    IMPORT_ROLE,
    change("role.same", Action.NO_OP, before=role("same"), after=role("same")),
)
