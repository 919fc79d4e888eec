"""What is written for Terraform and CloudFormation: escapes, references, import ids, legal names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from rolewright.engine.exporting.cloudformation import (
    IMPORTS,
    TEMPLATE,
    cloudformation_files,
    import_command,
    not_in_cloudformation,
)
from rolewright.engine.exporting.hcl import Document, Identifiers, Reference, expression, json_value
from rolewright.engine.exporting.owned import NotExported, OwnedByStack, owned_by, renewed
from rolewright.engine.exporting.terraform import (
    not_in_terraform,
    terraform_blocks,
    terraform_files,
)
from rolewright.resources.address import Address
from rolewright.resources.registry import kind_class
from rolewright.state.document import State, StateRecord

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
OWN = "${aws:username}/*"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b/{OWN}"}
    ],
}
ACCOUNT = "123456789012"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/read"
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/web"


def state(**more: dict[str, Any]) -> State:
    """A stack with one of each kind; `more` are further records by KIND__NAME."""
    desired: dict[str, dict[str, Any]] = {
        "role.web": {
            "name": "web",
            "path": "/",
            "description": 'Says ${x}, %{y} and "z"',
            "max_session_duration": 7200,
            "permissions_boundary": POLICY_ARN,
            "tags": {"team": "media", "rolewright:stack": "photos"},
            "trust_policy": TRUST,
            "foreign_inline_policies": {},
            "foreign_attached_policies": [],
            "foreign_instance_profiles": [],
        },
        "permission_policy.read": {
            "type": "customer",
            "name": "read",
            "path": "/",
            "description": "Reads",
            "arn": POLICY_ARN,
            "roles": ["web"],
            "tags": {"rolewright:stack": "photos"},
            "document": READ,
        },
        "permission_policy.list": {
            "type": "inline",
            "name": "list",
            "roles": ["web"],
            "document": READ,
        },
        "permission_policy.logs": {"type": "aws", "arn": LOGS, "roles": ["web"]},
        "service_binding.web": {
            "service": "ec2",
            "role": "web",
            "instance_profile": "web",
            "path": "/",
            "instances": ["i-1"],
            "tags": {"a": "b"},
        },
        "service_binding.thumbs": {"service": "lambda", "function": "t", "role_arn": ROLE_ARN},
        **{name.replace("__", "."): attrs for name, attrs in more.items()},
    }
    records = {
        Address.parse(address): StateRecord(Address.parse(address).kind, "", "", attrs, {})
        for address, attrs in desired.items()
    }
    return State("photos", "lineage", 3, ACCOUNT, "us-east-1", records)


def owned(**more: dict[str, Any]) -> OwnedByStack:
    return owned_by(state(**more))


GOLDEN = """\
resource "aws_iam_role" "web" {
  name                 = "web"
  description          = "Says $${x}, %%{y} and \\"z\\""
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.read.arn
  tags = {
    team = "media"
  }
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ec2.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
}

import {
  to = aws_iam_role.web
  id = "web"
}

resource "aws_iam_role_policy" "web_list" {
  name = "list"
  role = aws_iam_role.web.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::b/$${aws:username}/*"
      },
    ]
  })
}

import {
  to = aws_iam_role_policy.web_list
  id = "web:list"
}

resource "aws_iam_role_policy_attachment" "web_logs" {
  role       = aws_iam_role.web.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
}

import {
  to = aws_iam_role_policy_attachment.web_logs
  id = "web/arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "web_read" {
  role       = aws_iam_role.web.name
  policy_arn = aws_iam_policy.read.arn
}

import {
  to = aws_iam_role_policy_attachment.web_read
  id = "web/arn:aws:iam::123456789012:policy/read"
}

resource "aws_iam_role_policies_exclusive" "web" {
  role_name    = aws_iam_role.web.name
  policy_names = [aws_iam_role_policy.web_list.name]
}

import {
  to = aws_iam_role_policies_exclusive.web
  id = "web"
}

resource "aws_iam_role_policy_attachments_exclusive" "web" {
  role_name = aws_iam_role.web.name
  policy_arns = [
    aws_iam_role_policy_attachment.web_logs.policy_arn,
    aws_iam_role_policy_attachment.web_read.policy_arn,
  ]
}

import {
  to = aws_iam_role_policy_attachments_exclusive.web
  id = "web"
}

resource "aws_iam_instance_profile" "web" {
  name = "web"
  tags = {
    a = "b"
  }
  role = aws_iam_role.web.name
}

import {
  to = aws_iam_instance_profile.web
  id = "web"
}

# These carry the roles, and are made by others. Where Terraform makes them, write there:
#   lambda t: role = aws_iam_role.web.arn
#   the instance i-1: iam_instance_profile = aws_iam_instance_profile.web.name
"""


def test_terraform_text_to_the_byte() -> None:
    """References, escapes, import ids and the layout of `terraform fmt`."""
    text = terraform_files(owned())["rolewright.tf"]

    assert text[text.index('resource "aws_iam_role" "web"') :] == GOLDEN


def test_terraform_is_told_to_leave_our_tags() -> None:
    """Without it the first plan would remove them."""
    files = terraform_files(owned())

    assert 'key_prefixes = ["rolewright:"]' in files["rolewright-provider.tf"]
    assert "rolewright:stack" not in files["rolewright.tf"]


def test_terraform_json_says_the_same() -> None:
    """Each resource has its import; documents are texts in which no expression begins."""
    files = terraform_files(owned(), as_json=True)
    document = json.loads(files["rolewright.tf.json"])
    imports = {one["to"]: one["id"] for one in document["import"]}

    assert imports == {block.address: block.import_id for block in terraform_blocks(owned())}
    assert imports.keys() == {
        f"{type_}.{name}" for type_, named in document["resource"].items() for name in named
    }
    inline = document["resource"]["aws_iam_role_policy"]["web_list"]
    assert inline["role"] == "${aws_iam_role.web.name}"
    assert json.loads(inline["policy"].replace("$${", "${")) == READ
    assert inline["policy"].count("$${") == 1


def test_roles_that_are_not_exclusive_stay_so() -> None:
    """No exclusive resource takes away what others hang on such a role."""
    role = {
        name: value
        for name, value in state().resources[Address("role", "web")].desired.items()
        if not name.startswith("foreign_")
    }
    types = {block.type for block in terraform_blocks(owned(role__web=role))}

    assert "aws_iam_role_policy" in types
    assert not any(one.endswith("_exclusive") for one in types)


@pytest.mark.parametrize(
    ("value", "hcl"),
    [
        ("${a} %{b} $ % $${c}", '"$${a} %%{b} $ % $$${c}"'),
        ('say "x\\y"', '"say \\"x\\\\y\\""'),
        ("two\nlines\t\x07", '"two\\nlines\\t\\u0007"'),
        ("é", '"é"'),
        (True, "true"),
        (None, "null"),
        (3600, "3600"),
        ([], "[]"),
        ({}, "{}"),
        (["a", Reference("x.y.z")], '["a", x.y.z]'),
        ({"a:b": 1}, '{\n  "a:b" = 1\n}'),
        (Document({"A": [{"b": 1}]}), "jsonencode({\n  A = [\n    {\n      b = 1\n    },\n  ]\n})"),
    ],
)
def test_values_in_hcl(value: object, hcl: str) -> None:
    """Every text means itself: no `${` of a policy becomes an expression of Terraform's."""
    assert expression(value) == hcl


def test_values_in_json() -> None:
    """Keys are templates, too."""
    assert json_value({"${k}": ["%{v}", 1, None, Reference("a.b.c")]}) == {
        "$${k}": ["%%{v}", 1, None, "${a.b.c}"]
    }


def test_identifiers_are_legal_and_different() -> None:
    """A digit can't begin one, and two that become the same get a number."""
    names = Identifiers()

    assert [names.make("t", *parts) for parts in (("a.b",), ("a b",), ("1",), ("é",))] == [
        "a_b",
        "a_b_2",
        "_1",
        "_",
    ]
    assert names.make("u", "a.b") == "a_b"


def test_cloudformation_imports_every_resource() -> None:
    """Every resource is retained and identified, and every reference is to one of the template."""
    files = cloudformation_files(owned())
    template, imports = json.loads(files[TEMPLATE]), json.loads(files[IMPORTS])
    resources = template["Resources"]

    assert {one["LogicalResourceId"]: one["ResourceIdentifier"] for one in imports} == {
        "Read": {"PolicyArn": POLICY_ARN},
        "Web": {"RoleName": "web"},
        "Web2": {"InstanceProfileName": "web"},
    }
    assert {name: one["Type"] for name, one in resources.items()} == {
        one["LogicalResourceId"]: one["ResourceType"] for one in imports
    }
    assert {one["DeletionPolicy"] for one in resources.values()} == {"Retain"}
    assert resources["Web"]["Properties"]["ManagedPolicyArns"] == [LOGS, {"Ref": "Read"}]
    assert resources["Web"]["Properties"]["PermissionsBoundary"] == {"Ref": "Read"}
    assert resources["Web"]["Properties"]["Tags"] == [{"Key": "team", "Value": "media"}]
    assert resources["Web2"]["Properties"]["Roles"] == [{"Ref": "Web"}]
    assert "--stack-name photos " in import_command("photos")


def test_what_a_template_cant_say_is_told() -> None:
    """Tags of instance profiles, and what others made."""
    assert {str(one.address) for one in not_in_cloudformation(owned())} == {
        "service_binding.web",
        "service_binding.thumbs",
    }


def test_what_aws_shows_now_stands_over_the_state() -> None:
    """A changed attribute is exported as it is; what is gone or foreign is told of."""
    before = state()
    live: dict[Address, dict[str, Any] | None] = {
        address: {**record.desired, "exists": True} for address, record in before.resources.items()
    }
    live[Address("permission_policy", "list")] = None
    live[Address("role", "web")] = {
        **before.resources[Address("role", "web")].desired,
        "description": "Changed by hand",
        "foreign_attached_policies": [LOGS],
    }

    after, left = renewed(before, live, kind_class)

    assert after.resources[Address("role", "web")].desired["description"] == "Changed by hand"
    assert after.resources[Address("role", "web")].desired["foreign_attached_policies"] == []
    assert Address("permission_policy", "list") not in after.resources
    assert set(left) == {
        NotExported(Address("permission_policy", "list"), "AWS no longer has it"),
        NotExported(
            Address("role", "web"), "it has attached policies that this stack doesn't have"
        ),
    }


def worded(document: dict[str, Any]) -> dict[str, Any]:
    """The same in other words, which Terraform takes for another document."""
    statements = [{"Sid": "", "Condition": {}, **one} for one in document["Statement"]]
    return {"Id": "x", **document, "Statement": statements}


def seen(before: State, *, differs: bool = False) -> dict[Address, dict[str, Any]]:
    """What AWS shows of a state's documents: in other words, or with another meaning."""
    other = {"Version": "2012-10-17", "Statement": []}
    return {
        address: {
            **record.desired,
            "exists": True,
            **{
                name: other if differs else worded(record.desired[name])
                for name in ("trust_policy", "document")
                if name in record.desired
            },
            **(
                {"documents": {"web": other if differs else worded(READ)}}
                if record.desired.get("type") == "inline"
                else {}
            ),
        }
        for address, record in before.resources.items()
    }


def documents_of(state: State) -> list[Any]:
    found = owned_by(state)
    (role,), (customer,) = found.roles.values(), found.customer_policies.values()
    (inline,) = found.inline_on("web").values()
    return [role["trust_policy"], customer["document"], inline["document"]]


@pytest.mark.parametrize("differs", [False, True])
def test_documents_are_exported_as_aws_words_them(*, differs: bool) -> None:
    """From the state where that means what the stack wants; with --live whatever AWS shows."""
    before = state()
    live = seen(before, differs=differs)
    recorded = replace(
        before,
        resources={
            address: replace(record, observed=live[address])
            for address, record in before.resources.items()
        },
    )
    other = {"Version": "2012-10-17", "Statement": []}

    wanted = [TRUST, READ, READ]
    assert documents_of(before) == wanted
    assert documents_of(recorded) == (wanted if differs else [worded(one) for one in wanted])
    shown, _ = renewed(before, live, kind_class)
    assert documents_of(shown) == [other if differs else worded(document) for document in wanted]


def test_a_tag_called_for_is_quoted() -> None:
    """Unquoted it would begin a `for` expression."""
    assert expression({"for": "x", "format": "y"}) == '{\n  "for"  = "x"\n  format = "y"\n}'


def test_a_description_that_terraform_refuses_is_told() -> None:
    """Its provider takes no such quotation marks."""
    web = state().resources[Address("role", "web")].desired
    role = {**web, "name": "q", "description": "“q”"}

    left = not_in_terraform(owned(role__q=role))

    (reason,) = (one.reason for one in left if one.address == Address("role", "q"))
    assert reason.startswith("Terraform's AWS provider refuses “ and ")


@pytest.mark.parametrize(
    ("stack", "name"),
    [("photos", "photos"), ("51-infra", "stack-51-infra"), ("a.b_c", "a-b-c"), ("é", "imported")],
)
def test_the_command_names_a_stack_that_cloudformation_takes(stack: str, name: str) -> None:
    """A letter first, then letters, digits and dashes."""
    assert f"--stack-name {name} " in import_command(stack)
    assert f"--stack-name {'x' * 128} " in import_command("x" * 200)
