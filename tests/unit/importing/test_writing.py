"""Stack files as a person reads them: names, sharing, references, groups, comments."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from rolewright.engine.config.loader import load
from rolewright.engine.importing.found import Found
from rolewright.engine.importing.naming import addresses, trust_name
from rolewright.engine.importing.writing import WritingOptions, Written, stack_files, write_stack
from rolewright.resources.address import Address
from rolewright.resources.trust_policy import TrustPolicy
from support.config import IDENTITY, StackFolder

from .accounts import (
    ACCOUNT,
    account,
    allowing,
    attached,
    customer,
    inline,
    role,
    role_arn,
    trusting,
)

ROLE, POLICY, BINDING = "role", "permission_policy", "service_binding"
LAMBDA = trusting({"Service": "lambda.amazonaws.com"})
EC2 = trusting({"Service": "ec2.amazonaws.com"})
READ = allowing(["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"], ["s3:GetObject", "s3:ListBucket"])


def write(objects: Sequence[tuple[str, Any]], **more: Any) -> Written:
    return write_stack(account(objects), WritingOptions(IDENTITY, **more))


def text(objects: Sequence[tuple[str, Any]], **more: Any) -> str:
    """All in one file."""
    files = write(objects, group_by="none", **more).files
    assert list(files) == ["imported.yaml"]
    return files["imported.yaml"]


def test_a_whole_stack() -> None:
    """The file that an import of a small account leaves."""
    github = trusting(
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
        "sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/${x}:*"},
        },
    )
    readonly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    bound = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    extra = "arn:aws:iam::aws:policy/job-function/Billing"
    objects = [
        (ROLE, role("deploy", github, description="Deploys,\nfrom GitHub")),
        (ROLE, role("release", github, max_session_duration=7200)),
        (
            ROLE,
            role(
                "Thumbnailer",
                LAMBDA,
                path="/media/",
                permissions_boundary=bound,
                tags={"team": "media", "rolewright:stack": "other"},
                attached_policies=[readonly, extra],
            ),
        ),
        (ROLE, role("web", EC2, instance_profiles=["web"])),
        (POLICY, customer("bound", [], allowing("*", "s3:*"), attachments=3)),
        (
            POLICY,
            customer(
                "read",
                ["web"],
                allowing(role_arn("Thumbnailer", "/media/"), "iam:PassRole"),
                versions=[
                    {"id": "v2", "created": "2024-02-01T00:00:00+00:00", "default": True},
                    {"id": "v1", "created": "2023-01-01T00:00:00+00:00", "default": False},
                ],
            ),
        ),
        (POLICY, attached(readonly, ["Thumbnailer"])),
        (POLICY, inline("photos", "web", READ)),
        (POLICY, inline("photos", "Thumbnailer", {**READ, "Id": "x"})),
        (
            BINDING,
            {"service": "lambda", "function": "f", "role_arn": role_arn("Thumbnailer", "/media/")},
        ),
        (
            BINDING,
            {
                "service": "ec2",
                "role": "web",
                "instance_profile": "web",
                "path": "/",
                "instances": ["i-0a"],
                "tags": {},
            },
        ),
    ]

    found = write(
        objects,
        stack="photos",
        region="eu-west-1",
        group_by="none",
        header="Imported by hand.",
        notes={Address(ROLE, "web"): ["Last used 2024-05-01 in eu-west-1."]},
    )

    assert found.files == {"rolewright.yaml": WHOLE}
    assert not found.left_out


WHOLE = """\
# Imported by hand.

stack: photos
region: eu-west-1
allowed_accounts: ["123456789012"]

trust_policies:
  ec2:
    services: [ec2.amazonaws.com]
  github-oidc:
    document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Federated: arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
          Action: sts:AssumeRoleWithWebIdentity
          Condition:
            StringLike: {"token.actions.githubusercontent.com:sub": "repo:acme/$${x}:*"}
  lambda:
    services: [lambda.amazonaws.com]

roles:
  deploy:
    trust: github-oidc
    description: |-
      Deploys,
      from GitHub
  release:
    trust: github-oidc
    max_session_duration: 7200
  # Not exclusive, since it has what is not in this stack: policy
  # arn:aws:iam::aws:policy/job-function/Billing.
  Thumbnailer:
    trust: lambda
    path: /media/
    permissions_boundary: ${permission_policy.bound.arn}
    tags: {team: media}
    exclusive: false
  # Last used 2024-05-01 in eu-west-1.
  web:
    trust: ec2

permission_policies:
  # In use 2 more times, by what is not in this stack.
  bound:
    statements:
      - actions: [s3:*]
        resources: ["*"]
  photos:
    roles: [Thumbnailer, web]
    inline: true
    statements:
      - actions: [s3:GetObject, s3:ListBucket]
        resources: [arn:aws:s3:::photos, arn:aws:s3:::photos/*]
  # AWS also keeps versions that are not in force: v1 of 2023-01-01.
  read:
    roles: [web]
    statements:
      - actions: [iam:PassRole]
        resources: ["${role.Thumbnailer.arn}"]
  ReadOnlyAccess:
    roles: [Thumbnailer]
    managed_policy: ReadOnlyAccess

service_bindings:
  f:
    service: lambda
    role: Thumbnailer
    function: f
  web:
    service: ec2
    role: web
    instances: [i-0a]
"""


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (LAMBDA, "lambda"),
        (EC2, "ec2"),
        (trusting({"Service": "ecs-tasks.amazonaws.com"}), "ecs-tasks"),
        (trusting({"Service": "states.eu-west-1.amazonaws.com"}), "states-eu-west-1"),
        (trusting({"Service": ["ec2.amazonaws.com.cn", "ssm.amazonaws.com"]}), "ec2-ssm"),
        (
            trusting({"Service": [f"{name}.amazonaws.com" for name in "abcde"]}),
            "a-b-c-and-2-more",
        ),
        (trusting({"AWS": "123456789012"}), "account-123456789012"),
        (trusting({"AWS": "arn:aws:iam::123456789012:root"}), "account-123456789012"),
        (trusting({"AWS": role_arn("Reader", "/p/")}), "role-reader"),
        (trusting({"AWS": "arn:aws:iam::123456789012:user/Ann"}), "user-ann"),
        (trusting({"AWS": "*"}), "anyone"),
        (
            trusting({"AWS": "210987654321"}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
            "account-210987654321-by-external-id",
        ),
        (
            trusting(
                {"Service": "s3.amazonaws.com"},
                Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}},
            ),
            "s3-by-source-arn",
        ),
        (
            trusting(
                {"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
                Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "x"}},
            ),
            "github-oidc",
        ),
        (
            trusting(
                {"Federated": "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"}
            ),
            "oidc-oidc-eks-eu-west-1",
        ),
        (trusting({"Federated": "arn:aws:iam::1:saml-provider/Okta"}), "saml-okta"),
        (trusting({"Federated": "accounts.google.com"}), "google"),
        ({"Statement": [{**EC2["Statement"][0], "Effect": "Deny"}]}, "nobody"),
    ],
)
def test_names_of_trust_policies(document: Any, name: str) -> None:
    assert trust_name(document) == name


def test_names_of_objects() -> None:
    """Each is called what AWS calls it, and what would be called alike is told apart."""
    objects = [
        (ROLE, role("web", EC2)),
        (POLICY, customer("web-read", ["web"], READ)),
        (POLICY, inline("read", "web", READ)),
        (POLICY, attached("arn:aws:iam::aws:policy/service-role/AWSLambdaRole", ["web"])),
        (BINDING, {"service": "lambda", "function": "web", "role_arn": role_arn("web")}),
        (BINDING, {"service": "ecs", "family": "web", "task_role_arn": role_arn("web")}),
    ]

    assert [str(address) for address in addresses(objects, [Address(ROLE, "web")])] == [
        "role.web-role",
        "permission_policy.web-read",
        "permission_policy.web-read-inline",
        "permission_policy.AWSLambdaRole",
        "service_binding.web",
        "service_binding.web-ecs",
    ]


def test_an_address_is_kept_and_made_legal() -> None:
    found = [
        Found(Address(ROLE, "of my/own"), role("web", EC2)),
        Found(Address(ROLE, "many", "a"), role("web-a", EC2)),
    ]

    written = write_stack(found, WritingOptions(IDENTITY, group_by="none"))

    assert written.addresses == {
        Address(ROLE, "of my/own"): Address(ROLE, "of-my-own"),
        Address(ROLE, "many", "a"): Address(ROLE, "many-a"),
    }
    assert "of-my-own:\n    trust: ec2\n    name: web\n" in written.files["imported.yaml"]


def test_groups_by_service() -> None:
    """The binding's service counts before the trusted one; what several groups need is shared."""
    objects = [
        (ROLE, role("fn", LAMBDA)),
        (ROLE, role("web", EC2)),
        (ROLE, role("task", trusting({"Service": "ecs-tasks.amazonaws.com"}))),
        (ROLE, role("both", trusting({"Service": ["ssm.amazonaws.com", "lambda.amazonaws.com"]}))),
        (ROLE, role("partner", trusting({"AWS": "210987654321"}))),
        (ROLE, role("sso", trusting({"Federated": "arn:aws:iam::123456789012:saml-provider/x"}))),
        (POLICY, customer("fn-only", ["fn"], READ)),
        (POLICY, customer("common", ["fn", "web"], allowing("*"))),
        (POLICY, customer("idle", [], allowing("*", "s3:*"))),
        (BINDING, {"service": "lambda", "function": "f", "role_arn": role_arn("both")}),
    ]

    files = write(objects, stack="x").files

    assert list(files) == [
        "rolewright.yaml",
        "imported-accounts.yaml",
        "imported-ec2.yaml",
        "imported-ecs.yaml",
        "imported-federated.yaml",
        "imported-lambda.yaml",
        "imported-shared.yaml",
        "imported-unattached.yaml",
    ]
    assert "both:" in files["imported-lambda.yaml"]
    assert "fn-only:" in files["imported-lambda.yaml"]
    assert "common:" in files["imported-shared.yaml"]
    assert "idle:" in files["imported-unattached.yaml"]
    assert sum(text.count("stack:") for text in files.values()) == 1


def test_groups_by_tag() -> None:
    objects = [
        (ROLE, role("a", EC2, tags={"team": "Media & Co"})),
        (ROLE, role("b", EC2, tags={"team": "data"})),
        (ROLE, role("c", LAMBDA)),
        (POLICY, customer("idle", [], READ, tags={"team": "data"})),
    ]

    files = write(objects, group_by="tag:team").files

    assert list(files) == [
        "imported-data.yaml",
        "imported-media-co.yaml",
        "imported-shared.yaml",
        "imported-untagged.yaml",
    ]
    assert "services: [ec2.amazonaws.com]" in files["imported-shared.yaml"]


def test_references_make_no_circle() -> None:
    """A role that may assume itself, two that may assume each other; a boundary that is attached too comes apart."""
    bound = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    objects = [
        (ROLE, role("self", trusting({"AWS": role_arn("self")}))),
        (ROLE, role("one", trusting({"AWS": role_arn("two")}))),
        (ROLE, role("two", trusting({"AWS": role_arn("one")}))),
        (ROLE, role("tied", EC2, permissions_boundary=bound, attached_policies=[bound])),
        (POLICY, customer("bound", ["tied"], READ)),
    ]

    found = text(objects)

    assert f"trust: {{roles: [{role_arn('self')}]}}" in found
    assert "trust: {roles: [two]}" in found
    assert f"trust: {{roles: [{role_arn('one')}]}}" in found
    assert "permissions_boundary: ${permission_policy.bound.arn}" in found
    assert (
        "  bound-attached:\n    roles: [tied]\n"
        "    managed_policy: ${permission_policy.bound.arn}\n" in found
    )


def test_what_cannot_be_declared() -> None:
    """It is left out with its reason; what depends on it goes too, and a role keeps what it has."""
    refused = allowing("not-an-arn")
    objects = [
        (ROLE, role("web", EC2, inline_policies={"bad": refused})),
        (POLICY, inline("bad", "web", refused)),
        (POLICY, inline("lost", "elsewhere", READ)),
        (BINDING, {"service": "lambda", "function": "f", "role_arn": role_arn("elsewhere")}),
    ]

    found = write(objects, group_by="none")

    assert [(one.found.address.name, one.reason) for one in found.left_out] == [
        ("elsewhere-lost", "none of its roles is in the stack"),
        (
            "web-bad",
            'its document could not be written again: "not-an-arn" is neither an ARN nor "*"',
        ),
        ("f", "its role is not in the stack"),
    ]
    assert found.files["imported.yaml"] == (
        "trust_policies:\n  ec2:\n    services: [ec2.amazonaws.com]\n\nroles:\n"
        "  # Not exclusive, since it has what is not in this stack: inline policy bad.\n"
        "  web:\n    trust: ec2\n    exclusive: false\n"
    )


def test_a_deleted_principal() -> None:
    """What is left of it can't be written to AWS: the file does without, and leaves the role alone."""
    trust = trusting({"AWS": ["AROAEXAMPLEDELETED", f"arn:aws:iam::{ACCOUNT}:root"]})

    found = text([(ROLE, role("old", trust))])

    assert 'accounts: ["123456789012"]' in found
    assert "    lifecycle: {ignore_changes: [trust_policy]}\n" in found
    assert "# AWS shows AROAEXAMPLEDELETED in its trust policy" in found


def test_what_the_stack_has_already() -> None:
    """It is referred to, its names are taken, its tags are not repeated."""
    existing = [
        Found(Address(ROLE, "front"), role("web", EC2)),
        Found(Address(TrustPolicy.kind, "machines"), {"name": "machines", "document": EC2}),
    ]
    objects = [
        (ROLE, role("front", EC2, tags={"team": "media", "own": "x"})),
        (ROLE, role("web", EC2)),
        (POLICY, inline("read", "web", READ)),
    ]

    found = write(objects, group_by="none", existing=existing, tags={"team": "media"})

    assert found.files["imported.yaml"] == (
        "roles:\n"
        "  front-role:\n"
        "    trust: machines\n"
        "    name: front\n"
        "    tags: {own: x}\n"
        "\n"
        "permission_policies:\n"
        "  web-read:\n"
        "    roles: [front]\n"
        "    name: read\n"
        "    inline: true\n"
        "    statements:\n"
        "      - actions: [s3:GetObject, s3:ListBucket]\n"
        "        resources: [arn:aws:s3:::photos, arn:aws:s3:::photos/*]\n"
    )
    assert [one.reason for one in found.left_out] == ["it is role.front already"]


def test_equal_policies() -> None:
    """Inline ones of one name become one; a customer's stay two objects, and the second says so."""
    objects = [
        (ROLE, role("a", EC2)),
        (ROLE, role("b", EC2)),
        (POLICY, inline("logs", "a", READ)),
        (POLICY, inline("logs", "b", {**READ, "Statement": READ["Statement"][0]})),
        (POLICY, customer("one", ["a"], allowing("*"))),
        (POLICY, customer("two", ["b"], allowing(["*"]))),
    ]

    found = write(objects, group_by="none")

    assert found.addresses[Address(POLICY, "a-logs")] == Address(POLICY, "logs")
    assert found.addresses[Address(POLICY, "b-logs")] == Address(POLICY, "logs")
    merged = next(one for one in found.declared if one.address.name == "logs")
    assert merged.attributes["roles"] == ["a", "b"]
    assert set(merged.attributes["documents"]) == {"a", "b"}
    assert "  logs:\n    roles: [a, b]\n    inline: true\n" in found.files["imported.yaml"]
    assert "  # Says the same as one.\n  two:\n" in found.files["imported.yaml"]


def test_what_means_the_same_is_worded_as_most_are() -> None:
    """Whichever comes first: an odd spelling is nobody's wish."""
    plain, odd = allowing("*", "s3:GetObject"), allowing("*", "S3:getobject")
    named = trusting({"Service": "ec2.amazonaws.com"}, Sid="Instances")
    objects = [
        *((ROLE, role(name, named if name == "a" else EC2)) for name in "abc"),
        *((POLICY, inline("p", name, odd if name == "a" else plain)) for name in "abc"),
    ]

    written = text(objects)

    assert "actions: [s3:GetObject]" in written
    assert "getobject" not in written
    assert "Instances" not in written
    assert "Sid: Instances" in text(objects[:1])


def test_repeated_shapes() -> None:
    """What differs in one text is one block each of role, policy and binding."""
    objects: list[tuple[str, Any]] = []
    for key in ("orders", "carts", "mail"):
        name = f"svc-{key}-role"
        document = allowing([f"arn:aws:sqs:::{key}/${{aws:username}}", role_arn(name)])
        objects += [
            (ROLE, role(name, LAMBDA, description=f"The {key} service")),
            (POLICY, inline("own", name, document)),
            (BINDING, {"service": "lambda", "function": f"f-{key}", "role_arn": role_arn(name)}),
        ]
    objects.append((ROLE, role("caller", trusting({"AWS": role_arn("svc-mail-role")}))))

    found = write(objects, group_by="none", compact=True)

    assert found.files["imported.yaml"] == COMPACT
    assert found.addresses[Address(BINDING, "f-mail")] == Address(BINDING, "f", "mail")


COMPACT = """\
variables:
  svc-role:
    type: list
    default: [carts, mail, orders]

trust_policies:
  lambda:
    services: [lambda.amazonaws.com]

roles:
  caller:
    trust: {roles: ['svc-role["mail"]']}
  svc-role:
    for_each: ${var.svc-role}
    trust: lambda
    name: svc-${each.key}-role
    description: The ${each.key} service

permission_policies:
  svc-role-own:
    for_each: ${var.svc-role}
    roles: ['svc-role["${each.key}"]']
    name: own
    inline: true
    statements:
      - actions: [s3:GetObject]
        resources:
          - arn:aws:sqs:::${each.key}/${aws:username}
          - ${role.svc-role[each.key].arn}

service_bindings:
  f:
    for_each: ${var.svc-role}
    service: lambda
    role: svc-role["${each.key}"]
    function: f-${each.key}
"""


def test_repeated_shapes_in_the_order_of_people() -> None:
    objects = [(ROLE, role(f"node-{number}", EC2)) for number in (10, 9, 1)]

    found = text(objects, compact=True)

    assert 'node:\n    for_each: ["1", "9", "10"]\n    trust: ec2\n' in found


def test_one_that_is_not_like_the_others() -> None:
    """It does not keep the others from being gathered."""
    objects = [
        (ROLE, role(f"svc-{key}", EC2, attached_policies=["arn:x"] if key == "b" else []))
        for key in ("a", "b", "c")
    ]

    found = text(objects, compact=True)

    assert "  svc:\n    for_each: [a, c]\n    trust: ec2\n" in found
    assert "  svc-b:\n    trust: ec2\n    exclusive: false\n" in found


def test_what_would_not_fold_exactly_is_written_one_by_one() -> None:
    """A policy variable can't hold the key of an instance."""
    objects: list[tuple[str, Any]] = []
    for key in ("a", "b"):
        document = allowing(f"arn:aws:s3:::photos/${{aws:PrincipalTag/{key}}}")
        objects += [
            (ROLE, role(f"svc-{key}", EC2)),
            (POLICY, inline("own", f"svc-{key}", document)),
        ]

    found = text(objects, compact=True)

    assert "for_each" not in found
    assert "  svc-a:\n    trust: ec2\n  svc-b:\n    trust: ec2\n" in found


def test_a_thousand_roles(folder: StackFolder) -> None:
    """Written and read in a moment; the bounds leave room for a busy machine."""
    objects: list[tuple[str, Any]] = []
    for number in range(1000):
        name = f"service-{number}"
        objects += [
            (ROLE, role(name, (LAMBDA, EC2)[number % 2], description=f"Rôle {number}, by hand")),
            (POLICY, inline("own", name, allowing(f"arn:aws:s3:::b-{number}/*"))),
            (POLICY, customer(f"p-{number}", [name], allowing(f"arn:aws:sqs:::{number}"))),
        ]

    started = time.process_time()
    files = stack_files(account(objects), WritingOptions(IDENTITY, stack="big"))
    for name, content in files.items():
        folder.write(content, name)
    declarations = load(folder.path, environ={})
    seconds = time.process_time() - started

    assert len(declarations.items) == 3002
    assert seconds < 4
