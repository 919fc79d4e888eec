"""An account that Terraform made: imported both ways, made again from the files, and forgotten by Terraform."""

from __future__ import annotations

import json
import shlex
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.cli.export import Tool, export
from rolewright.engine.sandbox import Sandbox
from support.moto_server import account_snapshot
from support.terraform import Terraform, needs_terraform

from .conftest import Desk, meaning_of
from .shapes import SHAPES, Maker

pytestmark = needs_terraform
CONFIGURATION = Path(__file__).parent / "terraform"
SERVICES = ("ec2", "ecs", "iam", "lambda", "sts")
CARRIERS = {
    "aws_iam_instance_profile.web.name": '"web"',
    **{
        f'aws_iam_role.many["{key}"].arn': f'"arn:aws:iam::123456789012:role/many-{key}"'
        for key in "abc"
    },
}
"""What carriers refer to, as one writes it when Terraform is to forget that."""


@pytest.fixture
def terraform(tmp_path: Path, sandbox: Sandbox, aws: Aws) -> Terraform:
    """The account, made."""
    folder = tmp_path / "terraform"
    shutil.copytree(CONFIGURATION, folder)
    with zipfile.ZipFile(folder / "code.zip", "w") as code:
        code.writestr("i.py", "")
    terraform = Terraform.at(folder, sandbox.url, SERVICES)
    terraform("apply", "-auto-approve")
    return terraform


def beside(desk: Desk, name: str) -> Desk:
    folder = desk.folder / name
    folder.mkdir()
    return Desk(folder, replace(desk.options, config=folder), desk.capsys)


def test_the_account_is_imported_and_made_again(desk: Desk, aws: Aws, terraform: Terraform) -> None:
    """Under its names in AWS and under those in Terraform the plan is empty; nothing is changed."""
    before = account_snapshot(aws.again(), ids=True)
    meaning = meaning_of(account_snapshot(aws.again()))

    every, owned = beside(desk, "every"), beside(desk, "owned")
    imported = every.import_all()["imported"]
    every.plan()
    named = owned.import_(from_terraform=terraform.folder)
    owned.plan()

    assert account_snapshot(aws.again(), ids=True) == before
    kinds = Counter(one["address"].partition(".")[0] for one in imported)
    assert kinds == Counter(one["address"].partition(".")[0] for one in named["imported"])
    assert kinds["role"] == len(before["roles"])
    assert named["skipped"] == []

    every.destroy()
    assert account_snapshot(aws.again())["roles"] == {}
    every.apply()
    assert meaning_of(account_snapshot(aws.again())) == meaning


def test_terraform_forgets_what_is_released(desk: Desk, aws: Aws, terraform: Terraform) -> None:
    """With the blocks that are printed it destroys nothing, and keeps what carries the roles."""
    told = beside(desk, "owned").import_(from_terraform=terraform.folder)
    before = account_snapshot(aws.again(), ids=True)

    blocks, older = told["release"].split("# With an older Terraform")
    (terraform.folder / "account.tf").unlink()
    (terraform.folder / "removed.tf").write_text(blocks)
    carriers = terraform.folder / "carriers.tf"
    text = carriers.read_text()
    for reference, literal in CARRIERS.items():
        text = text.replace(reference, literal)
    carriers.write_text(text)

    actions = Counter(action for one in terraform.planned() for action in one["change"]["actions"])
    assert set(actions) == {"forget", "no-op"}
    assert actions["no-op"] == 3
    assert actions["forget"] == older.count("terraform state rm")
    terraform("apply", "-auto-approve")
    assert account_snapshot(aws.again(), ids=True) == before
    assert len(terraform("state", "list").split()) == 3


EVERY_PART = r"""{ "a" = "a", "b" = "b", "c$${x} \"é\"" = "c" }"""
PARTS = """
locals {
  parts = PARTS
}

resource "aws_iam_role" "part" {
  for_each = local.parts
  name     = "part-${each.value}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "in" {
  for_each = aws_iam_role.part
  name     = "in"
  role     = each.value.name
  policy   = local.document
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each   = aws_iam_role.part
  role       = each.value.name
  policy_arn = local.read
}
"""
WHOLE = """
resource "aws_iam_policy" "read" {
  name   = "read"
  policy = local.document
}
"""
LOCALS = """
locals {
  read     = %s
  document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}
"""


def test_what_stays_of_a_resource_is_neither_destroyed_nor_made_anew(
    desk: Desk, aws: Aws, sandbox: Sandbox, tmp_path: Path
) -> None:
    """With the commands and the advice that are printed, where only some instances are imported."""
    folder = tmp_path / "terraform"
    folder.mkdir()
    parts, rest = folder / "parts.tf", folder / "rest.tf"
    parts.write_text(PARTS.replace("PARTS", EVERY_PART))
    rest.write_text(WHOLE + LOCALS % "aws_iam_policy.read.arn")
    terraform = Terraform.at(folder, sandbox.url, SERVICES)
    terraform("apply", "-auto-approve")
    before = account_snapshot(aws.again(), ids=True)

    told = beside(desk, "owned").import_(from_terraform=folder, except_=["part-b"])

    blocks, _, commands = told["release"].partition("# Of these resources only some")
    commands, _, older = commands.partition("# With an older Terraform")
    (folder / "removed.tf").write_text(blocks)
    rest.write_text(LOCALS % '"arn:aws:iam::123456789012:policy/read"')
    parts.write_text(PARTS.replace("PARTS", '{ "b" = "b" }'))
    lines = [line for line in commands.splitlines() if line.startswith("terraform ")]
    for line in lines:
        terraform(*shlex.split(line)[1:])

    assert len(lines) == 6
    assert older.count("terraform state rm") == blocks.count("removed {") == 1
    actions = Counter(action for one in terraform.planned() for action in one["change"]["actions"])
    assert actions == {"forget": 1, "no-op": 3}
    terraform("apply", "-auto-approve")
    assert account_snapshot(aws.again(), ids=True) == before


def test_terraform_would_change_nothing_of_what_was_imported(
    desk: Desk, aws: Aws, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The way there and back: an account of all shapes, imported, exported, and planned by Terraform."""
    for name, shape in SHAPES.items():
        shape(Maker(aws, name))
    desk.import_all()
    folder = tmp_path / "exported"
    desk.capsys.readouterr()
    export(desk.options, to=Tool.TERRAFORM, out=folder)
    left = json.loads(desk.capsys.readouterr().out)["left"]
    assert [one["address"] for one in left if "description" in one["reason"]] == ["role.full"]
    file = folder / "rolewright.tf"
    file.write_text(file.read_text().replace("“quotes”", "quotes"))

    terraform = Terraform.at(folder, sandbox.url, ("iam", "sts"))
    changes = terraform.planned()

    other = {one["address"] for one in changes if one["change"]["actions"] != ["no-op"]}
    assert other == {"aws_iam_role.full"}
    assert {one["change"].get("importing") is not None for one in changes} == {True}
