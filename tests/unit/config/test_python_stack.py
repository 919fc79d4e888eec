"""Stacks in Python: the same as in YAML, and what is said of bad ones."""

from __future__ import annotations

from textwrap import dedent

import pytest
from rolewright.engine.config.loader import load
from rolewright.resources.diagnostics import Problem
from support.config import StackFolder

GOOD = """
from rolewright.resources import (
    EcsBinding, Ec2Binding, Expectation, LambdaBinding, Lifecycle, PermissionPolicy,
    PolicyStatement, Role, Stack, Trust, TrustPolicy, Variable,
)

teams = ["red", "blue"]
stack = Stack(
    stack="teams",
    tags={"where": "${region}"},
    variables={"bucket": Variable(default="photos")},
    trust_policies={"lambda": TrustPolicy(services=("lambda.amazonaws.com",))},
    roles={
        **{team: Role(trust="lambda", description=f"Works for {team}") for team in teams},
        "deployer": Role(
            trust=Trust(roles=("red", "${role.blue.arn}")),
            lifecycle=Lifecycle(prevent_destroy=True),
        ),
    },
    permission_policies={
        "read": PermissionPolicy(
            roles=teams,
            statements=[
                PolicyStatement(
                    actions=["s3:GetObject"],
                    resources=["arn:aws:s3:::${var.bucket}/*"],
                    conditions={"StringEquals": {"aws:PrincipalTag/team": ["x"]}},
                )
            ],
        )
    },
    service_bindings={
        "function": LambdaBinding(role="red", function="f"),
        "web": Ec2Binding(service="ec2", role="deployer", instances=("i-1",)),
        "worker": EcsBinding(task_role="blue", task_definition="w"),
    },
    expectations=[Expectation(role="red", can=["s3:GetObject"])],
    moved=[{"from": "role.rad", "to": "role.red"}],
)
"""

SAME = """
stack: teams
tags: {where: "${region}"}
variables: {bucket: {default: photos}}
trust_policies: {lambda: {services: [lambda.amazonaws.com]}}
roles:
  red: {trust: lambda, description: Works for red}
  blue: {trust: lambda, description: Works for blue}
  deployer: {trust: {roles: [red, "${role.blue.arn}"]}, lifecycle: {prevent_destroy: true}}
permission_policies:
  read:
    roles: [red, blue]
    statements:
      - actions: [s3:GetObject]
        resources: ["arn:aws:s3:::${var.bucket}/*"]
        conditions: {StringEquals: {"aws:PrincipalTag/team": [x]}}
service_bindings:
  function: {service: lambda, role: red, function: f}
  web: {service: ec2, role: deployer, instances: [i-1]}
  worker: {service: ecs, task_role: blue, task_definition: w}
expectations: [{role: red, can: [s3:GetObject]}]
moved: [{from: role.rad, to: role.red}]
"""


def test_same_as_yaml(folder: StackFolder) -> None:
    """A stack in Python asks for exactly what the same stack in YAML asks for."""
    python, yaml = folder.resolve(GOOD, "stack.py"), folder.resolve(SAME)

    assert python.settings == yaml.settings
    assert python.resources == yaml.resources
    assert python.attributes == yaml.attributes
    assert python.dependencies == yaml.dependencies
    assert python.expectations == yaml.expectations
    assert python.moved == yaml.moved


def test_variables_from_outside(folder: StackFolder) -> None:
    """Variables of a stack in Python are given like those of any other."""
    declarations = folder.load(GOOD, "stack.py", variables=["bucket=films"])

    assert declarations.variables == {"bucket": "films"}


def test_neighbours_can_be_imported(folder: StackFolder) -> None:
    """A stack may import what stands beside it."""
    folder.write("NAME = 'from-a-neighbour'", "neighbour_of_stack.py")

    declarations = folder.load(
        """
        from neighbour_of_stack import NAME
        from rolewright.resources import Stack
        stack = Stack(stack=NAME)
        """,
        "stack.py",
    )

    assert declarations.settings.stack == "from-a-neighbour"


def test_faults_of_resources(folder: StackFolder) -> None:
    """What is wrong with a resource is said where the file names it, with its address."""
    said = folder.faults(
        """
        from rolewright.resources import PermissionPolicy, Role, Stack

        roles = {"one": Role(trust="nobody")}
        stack = Stack(
            stack="a",
            roles=roles,
            permission_policies={
                "read": PermissionPolicy(roles=["on"], managed_policy="ReadOnlyAccess"),
                **{f"p{n}": PermissionPolicy(managed_policy="X") for n in range(1)},
            },
            removed=["role.one"],
        )
        """,
        "stack.py",
    )

    assert (
        said
        == dedent("""
        stack.py:3:10: there is no trust policy "nobody"
          declare it under trust_policies:
        stack.py:4:1: an inline or AWS managed policy needs roles to be on
          add roles: [NAME]
        stack.py:4:1: role.one is both removed and declared
          keep one
        stack.py:8:9: there is no role "on"
          did you mean "one"?
        """).strip()
    )


BAD = {
    "no stack": (
        "stak = 1",
        """
        stack.py:1:1: stack.py defines no stack
          did you mean "stak"?
        """,
    ),
    "nothing like it": (
        "x = 1",
        """
        stack.py:1:1: stack.py defines no stack
          write stack = Stack(stack=NAME, roles={…})
        """,
    ),
    "something else": (
        "stack = {}",
        """
        stack.py:1:1: stack is a dict, not a Stack of rolewright.resources
          write stack = Stack(stack=NAME, roles={…})
        """,
    ),
    "syntax": ("stack = (\n", "stack.py:1:9: SyntaxError: '(' was never closed"),
    "exception": (
        "def f():\n    return 1 / 0\n\nf()\n",
        "stack.py:2:12: ZeroDivisionError: division by zero",
    ),
    "exception without words": ("raise ValueError", "stack.py:1:1: ValueError"),
    "exit": ("import sys\nsys.exit(3)", "stack.py:2:1: SystemExit: 3"),
    "missing module": (
        "import no_such_module_at_all",
        "stack.py:1:1: ModuleNotFoundError: No module named 'no_such_module_at_all'",
    ),
    "wrong field": (
        "from rolewright.resources import Role\nRole(\n    turst='ec2')",
        """
        stack.py:2:1: Role: unknown key "turst"
          did you mean "trust"?
        """,
    ),
    "wrong field inside": (
        "from rolewright.resources import Role\nRole(trust={'servics': []}, path=5)",
        """
        stack.py:2:1: Role: unknown key "servics"
          did you mean "services"?
        stack.py:2:1: Role: path takes text, not the number 5
          put it in quotes: "5"
        """,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_python(folder: StackFolder, case: str) -> None:
    """A file that fails is said with the line that did, and without a traceback."""
    text, expected = BAD[case]

    assert folder.faults(text, "stack.py") == dedent(expected).strip()


def test_missing_file(folder: StackFolder) -> None:
    """A Python file that isn't there is missed like any other."""
    with pytest.raises(Problem) as caught:
        load(folder.path / "stack.py", environ={})

    assert folder.say(caught.value.diagnostics).startswith("there is no file stack.py")
