"""Resolving: what a stack asks for in one account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rolewright.engine.config.declarations import Desired
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import placeholder_identity, resolve
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem, Severity
from rolewright.resources.ports import Identity
from rolewright.resources.stack import Settings
from support.config import IDENTITY, StackFolder
from support.stacks import bundle_stack

ARCHIVE = """
stack: photo-archive
region: us-east-1
allowed_accounts: ["123456789012"]
tags: {team: media, where: "${region}"}
variables:
  bucket: {type: string, default: photo-archive}
trust_policies:
  ec2:
    services: [ec2.amazonaws.com]
  lambda:
    services: [lambda.amazonaws.com]
roles:
  photo-reader:
    trust: ec2
    description: Reads the photo archive
    permissions_boundary: ${permission_policy.bound.arn}
  thumbnailer:
    trust: lambda
    path: /media/
    tags: {team: thumbs}
  chained:
    trust: {roles: [photo-reader, "${role.thumbnailer.arn}"]}
permission_policies:
  bound:
    statements: [{actions: ["s3:*"], resources: ["*"]}]
  read-photos:
    roles: [photo-reader]
    statements:
      - actions: [s3:GetObject, s3:ListBucket]
        resources: ["arn:${partition}:s3:::${var.bucket}", "arn:aws:s3:::${var.bucket}/*"]
        conditions: {StringEquals: {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}
  logs:
    roles: [photo-reader]
    managed_policy: CloudWatchLogsReadOnlyAccess
service_bindings:
  web:
    service: ec2
    role: photo-reader
    instances: [i-0123456789abcdef0]
  thumbnailer:
    service: lambda
    role: thumbnailer
    function: thumbnailer
    depends_on: [permission_policy.read-photos]
expectations:
  - role: photo-reader
    assumed_by: ec2.amazonaws.com
    can: [s3:GetObject]
    on: ["arn:aws:s3:::${var.bucket}/*"]
moved:
  - {from: role.reader, to: role.photo-reader}
removed: [role.old]
"""


@pytest.fixture
def archive(folder: StackFolder) -> Desired:
    return folder.resolve(ARCHIVE)


def _needs(desired: Desired, address: str) -> list[str]:
    return sorted(map(str, desired.dependencies[Address.parse(address)]))


def test_attributes(archive: Desired) -> None:
    """Attributes are complete: defaults, the stack's tags, expressions and references filled in."""
    assert archive.attributes[Address("role", "thumbnailer")]["tags"] == {
        "team": "thumbs",
        "where": "eu-west-1",
        "rolewright:stack": "photo-archive",
    }
    assert archive.attributes[Address("role", "photo-reader")]["permissions_boundary"] == (
        "arn:aws:iam::123456789012:policy/bound"
    )
    principals = archive.attributes[Address("role", "chained")]["trust_policy"]["Statement"]
    assert set(principals[0]["Principal"]["AWS"]) == {
        "arn:aws:iam::123456789012:role/photo-reader",
        "arn:aws:iam::123456789012:role/media/thumbnailer",
    }
    statement = archive.attributes[Address("permission_policy", "read-photos")]["document"]
    assert statement["Statement"][0]["Resource"][0] == "arn:aws:s3:::photo-archive"
    assert "${aws:PrincipalTag/team}" in json.dumps(statement)


def test_dependencies(archive: Desired) -> None:
    """A reference by name, by expression and by `depends_on` each make an edge."""
    assert _needs(archive, "trust_policy.ec2") == []
    assert _needs(archive, "role.photo-reader") == ["permission_policy.bound", "trust_policy.ec2"]
    assert _needs(archive, "role.chained") == ["role.photo-reader", "role.thumbnailer"]
    assert _needs(archive, "permission_policy.logs") == ["role.photo-reader"]
    assert _needs(archive, "service_binding.thumbnailer") == [
        "permission_policy.read-photos",
        "role.thumbnailer",
    ]


def test_the_rest(archive: Desired) -> None:
    """Settings, expectations, moves and places come along."""
    assert archive.settings.tags == {"team": "media", "where": "eu-west-1"}
    assert archive.settings.expectations == archive.expectations
    assert [expectation.on for expectation in archive.expectations] == [
        ("arn:aws:s3:::photo-archive/*",)
    ]
    assert archive.moved == {Address("role", "reader"): Address("role", "photo-reader")}
    assert archive.removed == {Address("role", "old")}
    assert str(archive.sources[Address("role", "photo-reader")]).endswith("stack.yaml:13:3")
    assert archive.resources.keys() == archive.attributes.keys() == archive.dependencies.keys()
    assert archive.warnings == ()


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_partitions(folder: StackFolder, partition: str) -> None:
    """ARNs are those of the partition that the account is in."""
    desired = folder.resolve(ARCHIVE, identity=Identity("123456789012", partition, "x"))

    assert desired.attributes[Address("permission_policy", "logs")]["arn"] == (
        f"arn:{partition}:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
    )
    assert desired.attributes[Address("service_binding", "thumbnailer")]["role_arn"] == (
        f"arn:{partition}:iam::123456789012:role/media/thumbnailer"
    )


def test_names_of_names(folder: StackFolder) -> None:
    """A name may be made of another resource's name, in whatever order they stand."""
    desired = folder.resolve(
        """
        stack: a
        roles:
          two: {name: "${role.one.name}-two", path: /x/, trust: {services: [ec2.amazonaws.com]}}
          one: {name: "one-${region}", trust: {roles: ["${role.three.arn}"]}}
          three: {name: three, trust: {services: [ec2.amazonaws.com]}}
        permission_policies:
          read:
            name: ${role.two.name}-read
            statements: [{actions: ["sts:AssumeRole"], resources: ["${role.two.arn}"]}]
          aws: {managed_policy: ReadOnlyAccess, roles: [one]}
          bounded: {managed_policy: "${permission_policy.aws.arn}", roles: [three]}
        """
    )
    read = desired.attributes[Address("permission_policy", "read")]

    assert read["name"] == "one-eu-west-1-two-read"
    assert "arn:aws:iam::123456789012:role/x/one-eu-west-1-two" in json.dumps(read["document"])
    assert desired.attributes[Address("permission_policy", "bounded")]["arn"] == (
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def test_numbers_become_texts(folder: StackFolder) -> None:
    """A number or truth from a variable is written as text where a text is wanted."""
    desired = folder.resolve(
        """
        stack: a
        variables: {n: {type: number, default: 3}, on: {type: bool, default: true}}
        tags: {n: "${var.n}"}
        roles:
          one:
            trust: {services: [ec2.amazonaws.com]}
            max_session_duration: 7200
            exclusive: ${var.on}
            description: ${var.n}
            tags: {on: "${var.on}"}
        """
    )
    role = desired.attributes[Address("role", "one")]

    assert (role["description"], role["max_session_duration"]) == ("3", 7200)
    assert role["tags"] == {"n": "3", "on": "true", "rolewright:stack": "a"}


def test_a_long_chain_of_roles(folder: StackFolder) -> None:
    """Roles that trust each other in a long row are worked out one after the other."""
    roles = ["  r0: {trust: {services: [ec2.amazonaws.com]}}"]
    roles += [f"  r{n}: {{trust: {{roles: [r{n - 1}]}}}}" for n in range(1, 1500)]

    desired = folder.resolve("\n".join(["stack: a", "roles:", *roles]))

    assert len(desired.attributes) == 1500


def test_too_long_a_chain_of_names(folder: StackFolder) -> None:
    """Names that are made of names without end are refused, and overflow nothing."""
    trust = "trust: {services: [ec2.amazonaws.com]}"
    roles = [f"  r{n}: {{{trust}, name: 'x${{role.r{n + 1}.name}}'}}" for n in range(600)]
    roles.append(f"  r600: {{{trust}}}")

    said = folder.faults("\n".join(["stack: a", "roles:", *roles]))

    assert "more than 50 names are each made of the next" in said


WARNINGS = """
stack: a
trust_policies:
  used: {services: [ec2.amazonaws.com]}
  unused: {services: [ec2.amazonaws.com]}
  many: {for_each: [x, y], services: [ec2.amazonaws.com]}
roles:
  one: {trust: used, description: "“Größe” ¿ok?"}
  two: {trust: 'many["x"]', description: "Größe: ¿ok?"}
  three: {trust: {accounts: ["123456789012"]}}
  anyone:
    trust:
      document:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: "*"}
          Action: sts:AssumeRole
service_bindings:
  web: {service: ec2, role: one}
  function: {service: lambda, role: one, function: f}
  worker: {service: ecs, task_role: three, execution_role: two, task_definition: w}
moved:
  - {from: role.old, to: role.on}
"""


def test_warnings(folder: StackFolder) -> None:
    """What is no error and still looks wrong is warned of."""
    warnings = folder.resolve(WARNINGS).warnings

    assert folder.say(warnings).splitlines() == [
        "stack.yaml:4:3: trust_policy.unused is not used",
        "  remove it, or name it under a role's trust:",
        "stack.yaml:7:35: AWS refuses '“”' in the description of a role",
        "  It takes the characters of Latin-1 only.",
        "  write it with plain quotes and letters",
        "stack.yaml:20:37: role.one does not trust lambda.amazonaws.com",
        "  The service could not assume the role.",
        "  add lambda.amazonaws.com to the services of the role's trust policy",
        "stack.yaml:21:37: role.three does not trust ecs-tasks.amazonaws.com",
        "  The service could not assume the role.",
        "  add ecs-tasks.amazonaws.com to the services of the role's trust policy",
        "stack.yaml:21:60: role.two does not trust ecs-tasks.amazonaws.com",
        "  The service could not assume the role.",
        "  add ecs-tasks.amazonaws.com to the services of the role's trust policy",
        "stack.yaml:23:26: role.old is moved to role.on, which this file does not declare",
        '  did you mean "role.one"?',
    ]
    assert {warning.severity for warning in warnings} == {Severity.WARNING}


def test_service_names_in_china(folder: StackFolder) -> None:
    """The longer names of services in China are the same services."""
    desired = folder.resolve(
        """
        stack: a
        roles:
          one: {trust: {services: [ec2.amazonaws.com.cn]}}
        service_bindings:
          web: {service: ec2, role: one}
        """
    )

    assert desired.warnings == ()


IDENTITIES = [
    ({}, {}, Identity("000000000000", "aws", "us-east-1")),
    ({"region": "cn-north-1"}, {}, Identity("000000000000", "aws-cn", "cn-north-1")),
    ({}, {"AWS_REGION": "us-gov-west-1"}, Identity("000000000000", "aws-us-gov", "us-gov-west-1")),
    ({}, {"AWS_DEFAULT_REGION": "eu-west-1"}, Identity("000000000000", "aws", "eu-west-1")),
    (
        {"allowed_accounts": ["123456789012"], "region": "eu-west-1"},
        {"AWS_REGION": "us-west-1"},
        Identity("123456789012", "aws", "eu-west-1"),
    ),
    (
        {"allowed_accounts": ["123456789012", "210987654321"]},
        {},
        Identity("000000000000", "aws", "us-east-1"),
    ),
]


@pytest.mark.parametrize(("fields", "environ", "expected"), IDENTITIES)
def test_placeholder_identity(
    fields: dict[str, Any], environ: dict[str, str], expected: Identity
) -> None:
    """Without AWS, the account is the only one allowed, and the partition that of the region."""
    assert placeholder_identity(Settings(stack="a", **fields), environ) == expected


def _essence(desired: Desired) -> dict[str, Any]:
    return {
        "settings": desired.settings,
        "attributes": desired.attributes,
        "dependencies": desired.dependencies,
        "expectations": desired.expectations,
        "moved": desired.moved,
        "removed": desired.removed,
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(data=st.data())
def test_order_does_not_matter(tmp_path: Path, archive: Desired, data: st.DataObject) -> None:
    """However names and keys are ordered, and over however many files, the stack is the same."""
    for file in tmp_path.iterdir():
        file.unlink()
    content: dict[str, Any] = yaml.load(ARCHIVE, yaml.BaseLoader)
    parts: list[dict[str, Any]] = [{} for _ in range(3)]
    for section in data.draw(st.permutations(list(content))):
        value = content[section]
        if not isinstance(value, dict):
            data.draw(st.sampled_from(parts))[section] = value
            continue
        for name in data.draw(st.permutations(list(value))):
            part = data.draw(st.sampled_from(parts))
            part.setdefault(section, {})[name] = value[name]
    for number, part in enumerate(parts):
        if part:
            (tmp_path / f"{number}.json").write_text(json.dumps(part))

    again = resolve(load(tmp_path, environ={}), IDENTITY)

    assert _essence(again) == _essence(archive)


_WORDS = st.sampled_from(
    ["reader", "ec2", "role.reader", 'reader["a"]', "${var.x}", "${role.reader.arn}", "${", "a b"]
)
_LEAVES = st.none() | st.booleans() | st.integers() | _WORDS | st.text(max_size=5)
_FIELDS = st.sampled_from(
    [
        *["trust", "roles", "services", "document", "document_file", "statements", "actions"],
        *["for_each", "lifecycle", "depends_on", "tags", "name", "path", "service", "role"],
        *["function", "default", "type", "from", "to", "x"],
    ]
)
_CONTENT = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=4),
    max_leaves=12,
)
_SECTIONS = st.sampled_from(
    [
        *["stack", "region", "tags", "allowed_accounts", "assume_role", "variables", "moved"],
        *["removed", "expectations", "trust_policies", "roles", "permission_policies"],
        *["service_bindings", "rolse"],
    ]
)
_STACKS = st.dictionaries(
    _SECTIONS,
    st.dictionaries(st.sampled_from(["reader", "ec2", "x", "a b"]), _CONTENT, max_size=3)
    | _CONTENT,
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(content=_STACKS)
def test_any_stack_is_resolved_or_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    """Whatever stands in a stack file, it is read, or refused with findings that have a text."""
    file = tmp_path / "stack.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        resolve(load(file, environ={}), IDENTITY)
    except Problem as problem:
        assert problem.diagnostics  # noqa: PT017 - either outcome is right
        assert all(finding.summary for finding in problem.diagnostics)  # noqa: PT017


@pytest.mark.parametrize("bindings", [("ec2", "lambda", "ecs"), ()])
def test_bundles(folder: StackFolder, bindings: tuple[str, ...]) -> None:
    """The stacks made for tests and benchmarks are as large as they say, and sound."""
    desired = folder.resolve(bundle_stack(20, bindings))

    assert len(desired.resources) == (80 if bindings else 60)
    assert desired.warnings == ()


def test_an_import_takes_variables(folder: StackFolder) -> None:
    """Its id may be made like the name that it must be."""
    found = folder.resolve(
        """
stack: a
variables: {stage: {default: live}}
roles:
  one: {name: "one-${var.stage}", trust: {services: [ec2.amazonaws.com]}}
import: [{to: role.one, id: "one-${var.stage}"}]
"""
    )

    assert set(map(str, found.imports)) == {"role.one"}
