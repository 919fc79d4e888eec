"""AWS's own policies, all of them: real documents, as AWS stores them.

They come from a data file of moto's; moto itself is not used.
"""

from __future__ import annotations

import copy
import json
import runpy
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rolewright.resources.policy import (
    DocumentKind,
    Verdict,
    canonical_document,
    check,
    compare,
    dangling_principals,
    equivalent,
    parse,
    size,
    statement_changes,
)

# AWS's own policies may be longer than a customer's, and one names an ARN that nothing can have.
EXPLAINED = {
    "too-long": "the quota of 6,144 characters holds for customers",
    "bad-resource": "arn:aws:organizations::*: ends where the resource should stand",
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """AWS managed policies by name."""
    moto = find_spec("moto")
    assert moto is not None
    assert moto.origin is not None
    data = Path(moto.origin).parent / "iam" / "aws_managed_policies.py"
    policies = json.loads(runpy.run_path(str(data))["aws_managed_policies_data"])
    return {name: policy["Document"] for name, policy in policies.items()}


def shuffled(value: Any, random: Random) -> Any:
    """A value with the keys of all objects and the items of all lists in random order."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, random) for item in value]
        random.shuffle(items)
        return items
    return value


def with_actions(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a document that have a list of actions."""
    written = document["Statement"]
    statements = written if isinstance(written, list) else [written]
    return (statement for statement in statements if isinstance(statement.get("Action"), list))


def test_there_are_many(documents: dict[str, Any]) -> None:
    """The data is there, so that the tests below say something."""
    assert len(documents) > 1000


def test_all_can_be_read(documents: dict[str, Any]) -> None:
    """Every policy is read in full, down to each action, resource and condition."""
    for name, document in documents.items():
        parsed = parse(document)
        written = document["Statement"]
        statements = written if isinstance(written, list) else [written]
        assert len(parsed.statements) == len(statements), name
        for statement, found in zip(parsed.statements, statements, strict=True):
            count = sum(len(keys) for keys in found.get("Condition", {}).values())
            assert len(statement.conditions) == count, name
            assert (statement.actions is None) == ("Action" not in found), name
            assert (statement.resources is None) == ("Resource" not in found), name


def test_all_are_accepted(documents: dict[str, Any]) -> None:
    """Every policy that AWS wrote is fine, but for what is explained."""
    unexplained = {
        name: faults
        for name, document in documents.items()
        if (
            faults := [
                fault
                for fault in check(document, DocumentKind.MANAGED)
                if fault.code not in EXPLAINED
            ]
        )
    }

    assert unexplained == {}


def test_the_explained_are_few(documents: dict[str, Any]) -> None:
    """What is explained happens in the policies that it is explained for, and no others."""
    bad = [
        name
        for name, document in documents.items()
        if any(f.code == "bad-resource" for f in check(document, DocumentKind.MANAGED))
    ]
    long = [name for name, document in documents.items() if size(document) > 6_144]

    assert bad == ["AmazonDevOpsGuruOrganizationsAccess"]
    assert len(long) < len(documents) / 10


def test_text_is_accepted_too(documents: dict[str, Any]) -> None:
    """As text the policies have the same faults, and read the same."""
    for name, document in list(documents.items())[::20]:
        text = json.dumps(document, indent=2)
        codes = [fault.code for fault in check(document, DocumentKind.MANAGED)]
        assert [fault.code for fault in check(text, DocumentKind.MANAGED)] == codes, name
        assert parse(text) == parse(document), name
        assert compare(text, document) is Verdict.IDENTICAL, name


def test_order_is_no_difference(documents: dict[str, Any]) -> None:
    """Every policy is equivalent to itself in any order, and identical to its copy."""
    random = Random(1)
    for name, document in documents.items():
        other = shuffled(document, random)
        assert equivalent(document, other), name
        assert statement_changes(document, other) == (), name
        assert compare(document, copy.deepcopy(document)) is Verdict.IDENTICAL, name


def test_policies_differ(documents: dict[str, Any]) -> None:
    """Different policies are different, and policies of one meaning have one canonical document."""
    canonical: dict[str, str] = {}
    for name, document in documents.items():
        text = json.dumps(canonical_document(document), sort_keys=True, default=str)
        if (same := canonical.setdefault(text, name)) != name:
            assert equivalent(document, documents[same]), (name, same)
    for one, other in pairwise(documents.values()):
        assert (statement_changes(one, other) == ()) == equivalent(one, other)


def test_a_lost_action_is_seen(documents: dict[str, Any]) -> None:
    """A policy that lost an action is different, and the change names it."""
    for name, document in list(documents.items())[::10]:
        other = copy.deepcopy(document)
        statement = next(with_actions(other), None)
        if statement is None:
            continue
        statement["Action"].append("rolewright:Fresh")
        changes = statement_changes(other, document)
        gone = [text for change in changes for e in change.elements for text in e.removed]
        assert not equivalent(document, other), name
        assert gone == ["rolewright:Fresh"], name


def test_nobody_was_deleted(documents: dict[str, Any]) -> None:
    """Permission policies name no principals."""
    assert {dangling_principals(document) for document in documents.values()} == {()}
