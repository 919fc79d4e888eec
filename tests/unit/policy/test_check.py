"""What is found wrong with a document, and where."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import Any

import pytest
from rolewright.resources.policy import SIZE_LIMITS, DocumentKind, Fault, check, size
from unit.policy import broken_documents as broken
from unit.policy import equivalence_cases as cases

IDENTITY = (DocumentKind.MANAGED, DocumentKind.INLINE)


def found(faults: list[Fault]) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(fault.code, fault.path) for fault in faults]


@pytest.mark.parametrize("kind", IDENTITY)
@pytest.mark.parametrize("name", broken.PERMISSION)
def test_broken_permission_policy(name: str, kind: DocumentKind) -> None:
    """Each fault of a permission policy is found, at its place, and nothing else."""
    document, expected = broken.PERMISSION[name]

    assert found(check(document, kind)) == expected


@pytest.mark.parametrize("name", broken.TRUST)
def test_broken_trust_policy(name: str) -> None:
    """Each fault of a trust policy is found, at its place, and nothing else."""
    document, expected = broken.TRUST[name]

    assert found(check(document, DocumentKind.TRUST)) == expected


@pytest.mark.parametrize("name", {**broken.PERMISSION, **broken.TRUST})
def test_faults_are_said_well(name: str) -> None:
    """A fault has a stable code, one line that says what is wrong, and text that files take."""
    tables = ((broken.PERMISSION, DocumentKind.MANAGED), (broken.TRUST, DocumentKind.TRUST))
    for table, kind in tables:
        for fault in check(table[name][0], kind) if name in table else ():
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", fault.code)
            assert 10 < len(fault.summary) < 250
            assert len(fault.hint) < 200
            assert "\n" not in fault.summary + fault.hint
            (fault.summary + fault.hint).encode()


def test_table_is_complete() -> None:
    """The table of broken documents keeps the length that was asked for."""
    assert len(broken.PERMISSION) + len(broken.TRUST) >= 100


@pytest.mark.parametrize("name", broken.TRUST)
def test_paths_lead_into_the_document(name: str) -> None:
    """A path can be followed in the document as it is written, so that a file shows the place."""
    document, expected = broken.TRUST[name]

    for _, path in expected:
        value = document
        for step in path:
            value = value[step]


HINTS = {
    "element in another case": (
        cases.document({"effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        'did you mean "Effect"?',
    ),
    "effect in another case": (
        cases.document(cases.statement(Effect="ALLOW")),
        'did you mean "Allow"?',
    ),
    "misspelt operator": (cases.when("StringEqual", "a"), 'did you mean "StringEquals"?'),
    "misspelt operator with IfExists": (
        cases.when("StringLikesIfExists", "a"),
        'did you mean "StringLike"?',
    ),
    "misspelt quantifier": (
        cases.when("ForAnyValues:StringLike", "a"),
        'did you mean "ForAnyValue"?',
    ),
    "Null with IfExists": (
        cases.when("NullIfExists", "true"),
        "Null tests presence itself: leave out IfExists",
    ),
    "partition": (cases.resource("arn:aws-us-gv:s3:::a"), 'did you mean "aws-us-gov"?'),
    "service of an ARN": (cases.resource("arn:aws:S3:::a"), "write s3"),
    "service without an action": (cases.action("s3:"), "write s3:* for all actions of the service"),
    "Sid": (cases.document(cases.statement(Sid="Read photos!")), "write Readphotos"),
    "Version": (
        cases.document(cases.statement(), version="2012"),
        'write "2012-10-17", with the quotes',
    ),
    "curly quotes": (cases.when("StringEquals", "“a”"), "write straight quotes"),
}

TRUST_HINTS = {
    "service by its label": (
        cases.principal({"Service": "Lambda"}),
        "write lambda.amazonaws.com",
    ),
    "service in capitals": (
        cases.principal({"Service": "EC2.amazonaws.com"}),
        "write ec2.amazonaws.com",
    ),
    "account with hyphens": (
        cases.principal({"AWS": "1234-5678-9012"}),
        "an account id has twelve digits and nothing else: 123456789012",
    ),
    "service under AWS": (
        cases.principal({"AWS": "ec2.amazonaws.com"}),
        'a service stands under "Service"',
    ),
    "role under Service": (
        cases.principal({"Service": cases.ROLE}),
        'an account, user or role stands under "AWS"',
    ),
    "principal type in another case": (
        cases.principal({"service": "ec2.amazonaws.com"}),
        'did you mean "Service"?',
    ),
    "provider as address": (
        cases.principal({"Federated": "https://accounts.google.com"}),
        "leave out https://",
    ),
}


@pytest.mark.parametrize("name", HINTS)
def test_hint(name: str) -> None:
    """A fault says what to write instead where that can be told."""
    document, hint = HINTS[name]

    assert [fault.hint for fault in check(document, DocumentKind.MANAGED)] == [hint]


@pytest.mark.parametrize("name", TRUST_HINTS)
def test_hint_for_trust(name: str) -> None:
    """A fault of a trust policy says what to write instead where that can be told."""
    document, hint = TRUST_HINTS[name]

    assert [fault.hint for fault in check(document, DocumentKind.TRUST)] == [hint]


def test_summary_of_a_missing_element() -> None:
    """The summary says in a line what is wrong."""
    (fault,) = check({"Version": "2012-10-17"}, DocumentKind.TRUST)

    assert fault == Fault((), "missing-element", "the document has no Statement")


GOOD_PERMISSIONS: dict[str, Any] = {
    "plain": cases.PLAIN,
    "one statement without a list": {"Version": cases.NEW, "Statement": cases.statement()},
    "without Version": cases.document(cases.statement(), version=None),
    "the older Version": cases.document(cases.statement(), version=cases.OLD),
    "an Id": cases.document(cases.statement(), Id="cd3ad3d9-2776-4ef1-a904-4c229d1642ee"),
    "empty Sids": cases.document(cases.statement(Sid=""), cases.statement(Sid="")),
    "everything": cases.document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    "everything, at length": cases.action("*:*"),
    "patterns of actions": cases.action(["s3:Get*", "ec2:*Instance?", "s3:?et*", "S3:GETOBJECT"]),
    "an action with a hyphen": cases.action("vpc-lattice:AssociateViaAWSService-EventsAndStates"),
    "NotAction": cases.element("NotAction", ["iam:*", "organizations:*"]),
    "NotResource": cases.element("NotResource", [cases.BUCKET, f"{cases.BUCKET}/*"]),
    "short patterns of ARNs": cases.resource(["arn:aws:s3:*", "arn:aws:*", "arn:aws:s3:::*"]),
    "a wildcard for the partition": cases.resource("arn:*:s3:::photos"),
    "ARNs with more colons": cases.resource(
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:*"
    ),
    "other partitions": cases.resource(
        [
            "arn:aws-cn:s3:::a",
            "arn:aws-us-gov:s3:::a",
            "arn:aws-iso-b:s3:::a",
            "arn:aws-eusc:s3:::a",
        ]
    ),
    "variables": cases.resource(
        [
            "arn:aws:s3:::photos/${aws:username}/*",
            "arn:aws:s3:::photos/${aws:PrincipalTag/team, 'none'}/${*}${?}${$}",
            "arn:aws:iam::${aws:PrincipalAccount}:role/x",
        ]
    ),
    "a brace under the older Version": cases.resource("arn:aws:s3:::a/${", cases.OLD),
    "Latin-1": cases.resource("arn:aws:s3:::photos/Älter/ÿ"),
    "an empty condition": cases.condition({}),
    "values of all types": cases.condition(
        {
            "StringEquals": {"aws:a": ["x", True, 5]},
            "NumericLessThan": {"aws:b": [5, "5.5", -1]},
            "DateGreaterThan": {
                "aws:c": [
                    "2030-01-31T00:00:00Z",
                    "2030-01-31T01:00:00.5+01:00",
                    "2030-01-31",
                    "1893456000",
                    1893456000,
                ]
            },
            "Bool": {"aws:d": [True, "false"]},
            "Null": {"aws:e": "true", "aws:f": False},
            "IpAddress": {"aws:g": ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "::1"]},
            "BinaryEquals": {"aws:h": "QmluYXJ5"},
            "ArnLike": {"aws:i": "arn:aws:sns:*:*:x"},
        }
    ),
    "variables as values": cases.condition(
        {"NumericEquals": {"aws:a": "${aws:b}"}, "Bool": {"aws:c": ["${aws:d}"]}}
    ),
    "no values": cases.when("StringEquals", []),
    "a key with colons and spaces": cases.when("StringEquals", "a", "aws:RequestTag/cost center:x"),
    "a mapping of another type": MappingProxyType(cases.PLAIN),
}

GOOD_TRUST: dict[str, Any] = {
    "a service": cases.principal({"Service": "ec2.amazonaws.com"}),
    "services": cases.principal(
        {
            "Service": [
                "ecs-tasks.amazonaws.com",
                "logs.us-east-1.amazonaws.com",
                "ec2.amazonaws.com.cn",
                "pods.eks.amazonaws.com",
            ]
        }
    ),
    "AWS principals": cases.principal(
        {
            "AWS": [
                cases.ACCOUNT,
                cases.ROOT,
                cases.ROLE,
                "arn:aws-cn:iam::123456789012:user/team/anna",
                "arn:aws-us-gov:sts::123456789012:assumed-role/reader/session@x",
                "arn:aws:sts::123456789012:federated-user/anna",
                "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a_b",
            ]
        }
    ),
    "everybody": cases.principal({"AWS": "*"}),
    "providers": cases.principal(
        {
            "Federated": [
                "cognito-identity.amazonaws.com",
                "accounts.google.com",
                "arn:aws:iam::123456789012:saml-provider/idp",
                "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
            ]
        }
    ),
    "a canonical user": cases.principal({"CanonicalUser": "79a59df900b949e5" * 4}),
    "several types": cases.principal({"Service": "ec2.amazonaws.com", "AWS": cases.ROLE}),
    "sessions": broken.trust({"Action": ["sts:AssumeRole", "sts:TagSession", "STS:setsource*"]}),
    "a denial": broken.trust({"Effect": "Deny"}),
    "conditions": broken.trust(
        {
            "Condition": {
                "StringEquals": {"sts:ExternalId": "x", "aws:SourceAccount": cases.ACCOUNT},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            }
        }
    ),
    "an empty Sid": broken.trust({"Sid": ""}),
    "the older Version": {**cases.principal({"AWS": cases.ROLE}), "Version": cases.OLD},
}


@pytest.mark.parametrize("kind", IDENTITY)
@pytest.mark.parametrize("name", GOOD_PERMISSIONS)
def test_good_permission_policy(name: str, kind: DocumentKind) -> None:
    """What AWS accepts as a permission policy has no fault."""
    assert check(GOOD_PERMISSIONS[name], kind) == []


@pytest.mark.parametrize("name", GOOD_TRUST)
def test_good_trust_policy(name: str) -> None:
    """What AWS accepts as a trust policy has no fault."""
    assert check(GOOD_TRUST[name], DocumentKind.TRUST) == []


SIZES = {
    DocumentKind.TRUST: cases.principal({"Service": "ec2.amazonaws.com"}),
    DocumentKind.MANAGED: cases.PLAIN,
    DocumentKind.INLINE: cases.PLAIN,
}


@pytest.mark.parametrize("kind", DocumentKind)
def test_size_limit(kind: DocumentKind) -> None:
    """A document may be as long as AWS allows for its kind, and not one character longer."""
    room = SIZE_LIMITS[kind] - size({**SIZES[kind], "Id": ""})
    full = {**SIZES[kind], "Id": "x" * room}
    over = {**SIZES[kind], "Id": "x" * (room + 1)}

    assert check(full, kind) == []
    assert check(json.dumps(full, indent=8), kind) == []
    assert found(check(over, kind)) == [("too-long", ())]


def test_size_limits() -> None:
    """The limits are those of AWS's quotas."""
    assert sorted(SIZE_LIMITS.values()) == [2_048, 6_144, 10_240]


def test_size_leaves_out_white_space() -> None:
    """Counted are the characters between which there is no white space, not bytes nor escapes."""
    document = {"Id": "ä b", "Statement": []}

    assert size(document) == len('{"Id":"ä b","Statement":[]}')
    assert size(json.dumps(document, indent=4)) == size(document)
    assert size(MappingProxyType(document)) == size(document)
    assert size("{ not JSON }") == len("{notJSON}")


def test_size_of_no_json() -> None:
    """The size of what is no JSON can't be told."""
    with pytest.raises(ValueError, match="no JSON"):
        size({"Statement": object()})


def test_deep_document() -> None:
    """What nests beyond all policies is a fault, as objects and as text."""
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    text = '{"Statement":' + "[" * 100_000

    assert found(check({"Statement": deep}, DocumentKind.MANAGED)) == [("too-deep", ("Statement",))]
    assert found(check(text, DocumentKind.MANAGED)) == [("bad-json", ())]
