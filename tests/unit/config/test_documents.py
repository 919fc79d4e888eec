"""Policy documents: written in the stack file, or in files of their own."""

from __future__ import annotations

from textwrap import dedent

from rolewright.resources.address import Address
from support.config import StackFolder

TRUST = """{
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole"
    }]
}
"""


def test_document_in_a_file(folder: StackFolder) -> None:
    """A document's file is found beside the stack file, and expressions in it are replaced."""
    folder.write(TRUST, "policies/trust.json")
    folder.write(
        """
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Action: s3:GetObject
          Resource: arn:${partition}:s3:::${each.key}/${aws:username}
        """,
        "policies/reader.yaml",
    )

    desired = folder.resolve(
        """
        stack: a
        trust_policies:
          ec2: {document_file: policies/trust.json}
        roles:
          one: {trust: ec2}
          two: {trust: {document_file: policies/trust.json}}
        permission_policies:
          read:
            for_each: [reader]
            roles: [one]
            document_file: policies/${each.key}.yaml
        """
    )
    trusts = [
        desired.attributes[Address("role", name)]["trust_policy"]["Statement"][0]["Principal"]
        for name in ("one", "two")
    ]

    assert trusts == 2 * [{"Service": "ec2.amazonaws.com"}]
    assert desired.attributes[Address("permission_policy", "read", "reader")]["document"] == {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::reader/${aws:username}",
        },
    }


def test_faults_are_in_the_document_s_file(folder: StackFolder) -> None:
    """What is wrong inside a document points into its file."""
    folder.write('{\n  "Version": "2012-10-17",\n  "Id": "${var.x}"\n}', "trust.json")

    said = folder.faults("stack: a\ntrust_policies:\n  ec2: {document_file: trust.json}")

    assert said.splitlines()[0] == 'trust.json:3:9: there is no variable "x"'


def test_bad_files(folder: StackFolder) -> None:
    """A file that is missing, broken or no map is one finding, at the place that names it."""
    folder.write("[", "broken.json")
    folder.write("[]", "list.json")

    said = folder.faults(
        """
        stack: a
        trust_policies:
          one: {document_file: absent.json}
          two: {document_file: absent.json}
          three: {document_file: broken.json}
          four: {document_file: list.json}
          five:
            document_file: list.json
            document:
              Version: 2012-10-17
              Statement:
                - Effect: Allow
                  Principal: {Service: ec2.amazonaws.com}
                  Action: sts:AssumeRole
        roles:
          one: {trust: one}
        """
    )

    assert (
        said
        == dedent("""
        broken.json:1:2: not valid JSON: expected a value
        list.json:1:1: a policy document is a map, not a list
        stack.yaml:3:24: there is no file absent.json
          document_file is looked for beside the stack file
        stack.yaml:8:20: document and document_file are both given
          remove one of them
        """).strip()
    )


def test_document_that_is_a_text(folder: StackFolder) -> None:
    """A document in quotes is told how it is written."""
    said = folder.faults(
        """
        stack: a
        trust_policies:
          ec2:
            document: |
              {"Statement": []}
        """
    )

    assert said == (
        'stack.yaml:4:15: document takes a map, not the text "{"Statement": []}\n"\n'
        "  write the JSON as it is, without | or quotes"
    )
