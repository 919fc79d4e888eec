"""What is wrong with resources: each bad input with the full text that a person reads."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from support.config import StackFolder

TOP = """\
stack: a
trust_policies:
  ec2: {services: [ec2.amazonaws.com]}
roles:
  reader: {trust: ec2}
"""


def _cases() -> dict[str, tuple[str, str]]:
    """The cases of faults.txt: the rest of a stack file, and what is said of it."""
    _, *parts = Path(__file__).with_name("faults.txt").read_text(encoding="utf-8").split("=== ")
    cases: dict[str, tuple[str, str]] = {}
    for part in parts:
        name, _, content = part.partition("\n")
        text, _, expected = content.partition("---\n")
        cases[name] = (text, expected.strip())
    return cases


CASES = _cases()


@pytest.mark.parametrize("case", CASES)
def test_fault(folder: StackFolder, case: str) -> None:
    """Each mistake is said with its place, what was expected, and what may have been meant."""
    text, expected = CASES[case]

    assert folder.faults(TOP + text) == expected


def test_names_that_aws_refuses(folder: StackFolder) -> None:
    """A name with characters or of a length that IAM refuses is refused here."""
    long = "x" * 65

    roles = [f"  {long}: {{trust: ec2}}", "  writer: {trust: ec2, name: my writer}"]

    said = folder.faults(TOP + "\n".join(roles))

    assert said.splitlines() == [
        f'stack.yaml:6:3: role name "{long}" has 65 characters',
        "  AWS allows 1 to 64.",
        "  set a shorter one with name:",
        "stack.yaml:7:30: role name \"my writer\" has characters that AWS refuses: ' '",
        "  Allowed are letters, digits and + = , . @ - _",
        "  set another one with name:",
    ]


def test_more_than_ten_policies(folder: StackFolder) -> None:
    """An eleventh managed policy on a role is refused where it is declared."""
    policies = [f"  p{n}: {{roles: [reader], managed_policy: Policy{n}}}" for n in range(11)]
    names = ", ".join(f"permission_policy.p{n}" for n in range(11))

    said = folder.faults("\n".join([f"{TOP}permission_policies:", *policies]))

    assert said.splitlines() == [
        'stack.yaml:17:3: the role "reader" has 11 managed policies',
        f"  AWS attaches at most 10 to a role; there are {names}.",
        "  put the statements of several policies into one",
    ]


def test_too_much_inline(folder: StackFolder) -> None:
    """Inline policies that are too large together are refused, though each is small enough."""
    resource = f"arn:aws:s3:::{'x' * 6000}"
    statement = f"{{actions: ['s3:GetObject'], resources: ['{resource}']}}"
    names = "permission_policy.p0, permission_policy.p1"
    policies = [
        f"  p{n}: {{inline: true, roles: [reader], statements: [{statement}]}}" for n in range(2)
    ]

    said = folder.faults("\n".join([f"{TOP}permission_policies:", *policies]))

    first, *more = said.splitlines()
    start = 'stack.yaml:8:3: the inline policies of the role "reader" have 12,'
    assert first.startswith(start)
    assert more == [
        f"  AWS allows 10,240 for all of a role, whitespace not counted; there are {names}.",
        "  make managed policies of some of them: remove inline: true",
    ]


def test_stack_without_a_name(folder: StackFolder) -> None:
    """A stack file says what the stack is called."""
    assert folder.faults("roles: {}") == 'stack.yaml:1:1: the key "stack" is missing'


def test_bad_stack_name(folder: StackFolder) -> None:
    """A stack's name goes into tags and file names, and is held to what these take."""
    assert folder.faults("stack: my stack").splitlines()[0] == (
        'stack.yaml:1:8: stack can\'t be the text "my stack"'
    )


def test_faults_inside_policies(folder: StackFolder) -> None:
    """What is wrong in a policy is said at the statement's own place, in short form and in JSON."""
    said = folder.faults(
        """
        stack: a
        permission_policies:
          short:
            statements:
              - actions: [s3:GetObject]
                resources: ["*"]
              - actions: [s3:GetObject, GetObject]
                resources: ["*"]
                conditions: {StringEquls: {"aws:PrincipalTag/team": x}}
          whole:
            document:
              Version: 2012-10-17
              Statement:
                Effect: Alow
                Action: s3:GetObject
                Resource: "*"
        """
    )

    places = [line.partition(" ")[0] for line in said.splitlines() if line[0] != " "]
    assert places == ["stack.yaml:7:33:", "stack.yaml:9:22:", "stack.yaml:14:17:"]


def test_faults_of_all_resources_at_once(folder: StackFolder) -> None:
    """A resource that is wrong hides no fault of others, nor makes one of those that name it."""
    said = folder.faults(
        """
        stack: a
        roles:
          one: {trust: nobody, desciption: x, max_session_duration: 1}
          two: {turst: x}
        permission_policies:
          read: {roles: [one, two], managed_policy: ReadOnlyAccess, inline: true}
        service_bindings:
          web: {service: ec2, role: one, instances: [x]}
        """
    )

    assert (
        said
        == dedent("""
        stack.yaml:3:16: there is no trust policy "nobody"
          declare it under trust_policies:
        stack.yaml:3:24: unknown key "desciption"
          did you mean "description"?
        stack.yaml:3:61: max_session_duration is the number 1, and must be at least 3600
        stack.yaml:4:9: unknown key "turst"
          did you mean "trust"?
        stack.yaml:6:69: inline can't be set on an AWS managed policy
          remove inline
        stack.yaml:8:46: "x" is not an instance id
          write for example i-0123456789abcdef0
        """).strip()
    )
