"""`for_each`: one resource for each item, and what refers to them."""

from __future__ import annotations

from textwrap import dedent

import pytest
from rolewright.resources.address import Address
from support.config import StackFolder

TEAMS = """
    stack: a
    variables:
      teams: {type: map, default: {red: {path: /red/, n: 1}, blue: {path: /blue/, n: 2}}}
    trust_policies:
      lambda: {services: [lambda.amazonaws.com]}
    roles:
      worker:
        for_each: ${var.teams}
        trust: lambda
        path: ${each.value.path}
        description: Works for ${each.key}
        tags: {n: "${each.value.n}"}
    permission_policies:
      read:
        for_each: ${var.teams}
        roles: ['worker["${each.key}"]']
        statements:
          - actions: [s3:GetObject]
            resources: ["arn:aws:s3:::${each.key}/*"]
      all:
        roles: ['worker["red"]', 'worker["blue"]']
        managed_policy: ReadOnlyAccess
        depends_on: [permission_policy.read]
    service_bindings:
      function:
        for_each: [red, blue]
        service: lambda
        role: worker["${each.key}"]
        function: function-${each.value}
    """


def test_one_resource_for_each_item(folder: StackFolder) -> None:
    """A map or list makes one instance for each item, under the item's key."""
    desired = folder.resolve(TEAMS)
    red = Address.parse('role.worker["red"]')

    assert sorted(map(str, desired.resources)) == [
        "permission_policy.all",
        'permission_policy.read["blue"]',
        'permission_policy.read["red"]',
        'role.worker["blue"]',
        'role.worker["red"]',
        'service_binding.function["blue"]',
        'service_binding.function["red"]',
        "trust_policy.lambda",
    ]
    assert {
        name: desired.attributes[red][name] for name in ("name", "path", "description", "tags")
    } == {
        "name": "worker-red",
        "path": "/red/",
        "description": "Works for red",
        "tags": {"n": "1", "rolewright:stack": "a"},
    }


def test_dependencies_are_between_instances(folder: StackFolder) -> None:
    """An instance depends on the instance that it names; `depends_on` a block means all of it."""
    needs = folder.resolve(TEAMS).dependencies

    def of(address: str) -> list[str]:
        return sorted(map(str, needs[Address.parse(address)]))

    assert of('service_binding.function["red"]') == ['role.worker["red"]']
    assert of('permission_policy.read["blue"]') == ['role.worker["blue"]']
    assert of("permission_policy.all") == [
        'permission_policy.read["blue"]',
        'permission_policy.read["red"]',
        'role.worker["blue"]',
        'role.worker["red"]',
    ]


def test_nothing_for_no_item(folder: StackFolder) -> None:
    """An empty list or map makes no resource, and is no mistake."""
    desired = folder.resolve(
        """
        stack: a
        variables: {none: {type: list, default: []}}
        roles:
          one: {for_each: "${var.none}", trust: {services: [ec2.amazonaws.com]}}
          two: {for_each: {}, trust: {services: [ec2.amazonaws.com]}}
        """
    )

    assert desired.resources == {}


FAULTS = {
    "a text": (
        "for_each: red",
        """
        4:15: for_each takes a list or a map, not the text "red"
          write a list of texts, a map, or ${var.NAME} with such a value
        """,
    ),
    "nothing": (
        "for_each:",
        """
        4:5: for_each takes a list or a map, not nothing
          write a list of texts, a map, or ${var.NAME} with such a value
        """,
    ),
    "a number variable": (
        "for_each: ${var.count}",
        """
        4:15: for_each takes a list or a map, not the number 3
          write a list of texts, a map, or ${var.NAME} with such a value
        """,
    ),
    "numbers": (
        "for_each: [1, 2]",
        """
        4:16: a list for for_each holds texts, not the number 1
          use a map where the items are more than names
        """,
    ),
    "twice the same": ("for_each: [a, b, a]", '4:22: for_each holds "a" twice'),
    "empty key": ('for_each: [""]', "4:5: for_each holds an empty key"),
    "unknown variable": (
        "for_each: ${var.taems}",
        """
        4:15: there is no variable "taems"
          did you mean "teams"?
        """,
    ),
    "the account": (
        "for_each: ['${account_id}']",
        """
        4:16: "${account_id}" can't be used here
          This is read before the account and its resources are known.
          use a variable: ${var.NAME}
        """,
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_bad_for_each(folder: StackFolder, case: str) -> None:
    """A wrong for_each is one finding: what names the block's instances is not reported too."""
    for_each, expected = FAULTS[case]

    said = folder.faults(
        f"""
        stack: a
        roles:
          worker:
            {for_each}
            trust: {{services: [ec2.amazonaws.com]}}
        permission_policies:
          all: {{roles: ['worker["x"]'], managed_policy: ReadOnlyAccess}}
        variables:
          count: {{type: number, default: 3}}
          teams: {{type: list, default: [a]}}
        """
    )

    assert said == f"stack.yaml:{dedent(expected).strip()}"


REFERENCES = {
    "without a key": (
        "worker",
        """
        role "worker" is made by for_each, and an instance of it must be named
          There are worker["red"], worker["blue"].
          name one of them, or in a block with the same for_each worker["${each.key}"]
        """,
    ),
    "misspelt key": (
        'worker["rde"]',
        """
        role "worker" has no instance "rde"
          did you mean "red"?
        """,
    ),
    "unknown key": (
        'worker["x"]',
        """
        role "worker" has no instance "x"
          there are worker["red"], worker["blue"]
        """,
    ),
    "key of a single one": (
        'single["x"]',
        """
        role "single" has no instance "x"
          It has no for_each.
          write single
        """,
    ),
    "without quotes": (
        "worker[red]",
        """
        "worker[red]" can't be the name of a resource
          write NAME, or NAME["KEY"] for an instance of for_each
        """,
    ),
    "no items": (
        "none",
        """
        role "none" is made by for_each, and an instance of it must be named
          There are none: its for_each is empty.
          name one of them, or in a block with the same for_each none["${each.key}"]
        """,
    ),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_bad_reference(folder: StackFolder, case: str) -> None:
    """A reference to a block with instances names one that there is."""
    reference, expected = REFERENCES[case]

    said = folder.faults(
        f"""
        stack: a
        roles:
          worker: {{for_each: [red, blue], trust: {{services: [ec2.amazonaws.com]}}}}
          single: {{trust: {{services: [ec2.amazonaws.com]}}}}
          none: {{for_each: [], trust: {{services: [ec2.amazonaws.com]}}}}
        permission_policies:
          all: {{roles: ['{reference}'], managed_policy: ReadOnlyAccess}}
        """
    )

    assert said == f"stack.yaml:7:17: {dedent(expected).strip()}"


def test_reference_by_expression_without_a_key(folder: StackFolder) -> None:
    """An expression, too, names an instance."""
    said = folder.faults(
        """
        stack: a
        roles:
          worker: {for_each: [red], trust: {services: [ec2.amazonaws.com]}}
          other: {trust: {roles: ["${role.worker.arn}"]}}
        """
    )

    assert said.startswith('stack.yaml:4:27: role "worker" is made by for_each')


def test_a_fault_of_all_instances_is_one(folder: StackFolder) -> None:
    """What is wrong in a block is said once, not once for each of its instances."""
    said = folder.faults(
        """
        stack: a
        roles:
          worker:
            for_each: [red, blue, green]
            trust: {services: [ec2.amazonaws.com]}
            desciption: x
            tags: {n: "${each.vlaue}"}
        """
    )

    assert (
        said
        == dedent("""
        stack.yaml:6:5: unknown key "desciption"
          did you mean "description"?
        stack.yaml:7:15: "${each.vlaue}": each has no "vlaue"
          did you mean "value"?
        """).strip()
    )
