"""AWS's own policies, all of them: real documents, as AWS stores them.

The default is a sample of what is slow; FAULTS=all tries every policy.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise
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
from rolewright.resources.policy.caller import Caller, CallerKind
from rolewright.resources.policy.catalogue import Catalogue
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.document import Document, Statement
from rolewright.resources.policy.evaluator import (
    Decision,
    NamedPolicy,
    Policies,
    Request,
    evaluate,
)
from rolewright.resources.policy.shape import Effect
from support.managed_policies import managed_documents, parsed_policies
from support.trials import THOROUGH

# AWS's own policies may be longer than a customer's, and one names an ARN that nothing can have.
EXPLAINED = {
    "too-long": "the quota of 6,144 characters holds for customers",
    "bad-resource": "arn:aws:organizations::*: ends where the resource should stand",
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """AWS managed policies by name."""
    return managed_documents()


SAMPLE = 1 if THOROUGH else 4
ACCOUNT = "123456789012"
CALLER = Caller(f"arn:aws:iam::{ACCOUNT}:role/r", ACCOUNT, CallerKind.ROLE)


def sample(found: dict[str, Any]) -> dict[str, Any]:
    """Every fourth policy, or all."""
    return dict(list(found.items())[::SAMPLE])


def decide(document: Document, action: str, resource: str) -> Decision:
    """What becomes of a request with no context, by one policy alone."""
    request = Request(CALLER, action, resource, ACCOUNT, Context({}, open=False))
    return evaluate(request, Policies(identity=(NamedPolicy("p", document),))).decision


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


def test_the_canonical_document_says_the_same(documents: dict[str, Any]) -> None:
    """Writing the canonical form and reading it again changes nothing, and a second time neither."""
    for name, document in sample(documents).items():
        canonical = canonical_document(document)
        again = json.loads(json.dumps(canonical, default=float))
        assert equivalent(document, again), name
        assert canonical_document(again) == canonical, name
        # AWS's own policies may say what it refuses in others.
        old = {fault.code for fault in check(document, DocumentKind.MANAGED)}
        assert {fault.code for fault in check(again, DocumentKind.MANAGED)} <= old, name


def test_what_an_allow_names_is_not_implicitly_denied() -> None:
    """Each Allow without conditions allows its first action on its first resource, Denies aside."""
    asked = 0
    for name, document in sample(parsed_policies()).items():
        for action, resource in requests(document):
            asked += 1
            assert decide(document, action, resource) is not Decision.IMPLICITLY_DENIED, name

    assert asked > 2_000 / SAMPLE


def requests(document: Document) -> Iterator[tuple[str, str]]:
    """What the Allow statements of a document must allow whatever else holds."""
    for statement in document.statements:
        if statement.effect is Effect.ALLOW and not statement.conditions:
            action, resource = (statement.actions or ("",))[0], (statement.resources or ("",))[0]
            # Nobody changes the roles that AWS keeps for its services, whatever a policy says.
            if action and resource and "${" not in resource and "role/aws-" not in resource:
                # A request has no wildcards; a question mark asks for one character.
                yield plain(action), resource if resource == "*" else plain(resource)


def plain(pattern: str) -> str:
    return pattern.replace("*", "x:x" if pattern == "*" else "x").replace("?", "x")


def test_what_no_statement_names_is_implicitly_denied() -> None:
    """An action that nobody has is allowed by those alone that allow whatever there is."""
    for name, document in sample(parsed_policies()).items():
        names_all = any(map(takes_anything, document.statements))
        denied = decide(document, "nobody:Has", "arn:aws:nobody:::x") is not Decision.ALLOWED
        assert denied or names_all, name


def takes_anything(statement: Statement) -> bool:
    return statement.not_actions is not None or bool({"*", "*:*"} & {*(statement.actions or ())})


@pytest.mark.parametrize(
    ("policy", "action", "resource", "decision"),
    [
        ("AdministratorAccess", "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/u", "allowed"),
        (
            "PowerUserAccess",
            "iam:CreateUser",
            f"arn:aws:iam::{ACCOUNT}:user/u",
            "implicitly_denied",
        ),
        ("PowerUserAccess", "iam:ListRoles", "*", "allowed"),
        ("PowerUserAccess", "s3:PutObject", "arn:aws:s3:::b/k", "allowed"),
        ("ReadOnlyAccess", "s3:GetObject", "arn:aws:s3:::b/k", "allowed"),
        ("ReadOnlyAccess", "s3:PutObject", "arn:aws:s3:::b/k", "implicitly_denied"),
        ("AmazonS3ReadOnlyAccess", "s3:ListBucket", "arn:aws:s3:::b", "allowed"),
        ("AmazonS3ReadOnlyAccess", "sqs:ListQueues", "*", "implicitly_denied"),
        ("AWSDenyAll", "s3:GetObject", "arn:aws:s3:::b/k", "explicitly_denied"),
        ("AWSLambdaBasicExecutionRole", "logs:PutLogEvents", "arn:aws:logs:r:1:x:y", "allowed"),
    ],
)
def test_what_is_known_of_some(policy: str, action: str, resource: str, decision: str) -> None:
    """What AWS's documentation says of its most used policies."""
    assert decide(parsed_policies()[policy], action, resource) == decision


def test_every_action_pattern_expands() -> None:
    """To the actions that it matches, read here a second time, and to no others of its service."""
    catalogue = Catalogue.bundled()
    patterns = {
        pattern
        for document in parsed_policies().values()
        for statement in document.statements
        for pattern in (*(statement.actions or ()), *(statement.not_actions or ()))
    }
    wild = sorted(pattern for pattern in patterns if "*" in pattern or "?" in pattern)
    for pattern in sorted(patterns.difference(wild)):
        assert [name.lower() for name in catalogue.expand(pattern)] in ([], [pattern.lower()])
    for pattern in wild[::SAMPLE]:
        service = pattern.partition(":")[0].lower()
        known = catalogue.expand("*") if "*" in service else catalogue.actions_of(service)
        matching = [name for name in known if fnmatchcase(name.lower(), pattern.lower())]
        assert list(catalogue.expand(pattern)) == matching, pattern

    assert len(wild) > 1_000
