"""Documents that AWS refuses or that can never work, with the faults that are to be found in them.

Each stands under its kind: code and path of every fault, in order.
"""

from __future__ import annotations

from typing import Any

from unit.policy.equivalence_cases import (
    ACCOUNT,
    BUCKET,
    NEW,
    OLD,
    ROLE,
    condition,
    document,
    element,
    principal,
    resource,
    statement,
    when,
)
from unit.policy.equivalence_cases import action as permission

Path = tuple[str | int, ...]
Case = tuple[Any, list[tuple[str, Path]]]

FIRST: Path = ("Statement", 0)


def at(*rest: str | int) -> Path:
    return (*FIRST, *rest)


def one(value: Any, code: str, *path: str | int) -> Case:
    """A document with one fault, in its first statement."""
    return value, [(code, at(*path))]


def trust(value: Any) -> Any:
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    return document({**assume, "Principal": {"Service": "ec2.amazonaws.com"}, **value})


def without(name: str) -> Any:
    return document({key: value for key, value in statement().items() if key != name})


def bad_action(text: str) -> Case:
    return one(permission(text), "bad-action", "Action")


def bad_resource(text: str) -> Case:
    return one(resource(text), "bad-resource", "Resource")


def bad_value(operator: str, value: Any) -> Case:
    return one(when(operator, value), "bad-value", "Condition", operator, "aws:x")


def bad_operator(operator: str) -> Case:
    return one(when(operator, "a"), "bad-operator", "Condition", operator)


def bad_principal(kind: str, name: Any, code: str) -> Case:
    return one(principal({kind: name}), code, "Principal", kind)


PERMISSION: dict[str, Case] = {
    # the document
    "null": (None, [("wrong-type", ())]),
    "a list": ([statement()], [("wrong-type", ())]),
    "a number": (5, [("wrong-type", ())]),
    "empty": ({}, [("missing-element", ())]),
    "no Statement": ({"Version": NEW}, [("missing-element", ())]),
    "Statement in another case": (
        {"Version": NEW, "statement": [statement()]},
        [("unknown-element", ("statement",))],
    ),
    "Statements": (
        {"Version": NEW, "Statements": [statement()]},
        [("unknown-element", ("Statements",)), ("missing-element", ())],
    ),
    "an unknown element of the document": (
        document(statement(), Comment="for photos"),
        [("unknown-element", ("Comment",))],
    ),
    "a Version that does not exist": (
        document(statement(), version="2012-10-18"),
        [("bad-version", ("Version",))],
    ),
    "a Version as a number": (
        {"Version": 20121017, "Statement": statement()},
        [("wrong-type", ("Version",))],
    ),
    "an Id that is no text": (document(statement(), Id=7), [("wrong-type", ("Id",))]),
    "an empty list of statements": (document(), [("empty-statement", ("Statement",))]),
    "statements in a text": ({"Statement": "Allow"}, [("wrong-type", ("Statement",))]),
    "null for the statements": ({"Statement": None}, [("wrong-type", ("Statement",))]),
    "a statement in a text": (
        document(statement(), "Deny"),
        [("wrong-type", ("Statement", 1))],
    ),
    "a statement in a list of lists": (document([statement()]), [("wrong-type", FIRST)]),
    "an empty statement": (
        document({}),
        [("missing-element", FIRST)] * 3,
    ),
    # elements of a statement
    "no Effect": one(without("Effect"), "missing-element"),
    "no Action": one(without("Action"), "missing-element"),
    "no Resource": one(without("Resource"), "missing-element"),
    "a faulty statement without a list": (
        {"Version": NEW, "Statement": {"Effect": "Allow", "Action": "s3:*"}},
        [("missing-element", ("Statement",))],
    ),
    "an element in lower case": (
        document({"effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET}),
        [("unknown-element", at("effect"))],
    ),
    "an element in capitals": (
        document({"Effect": "Allow", "ACTION": "s3:GetObject", "Resource": BUCKET}),
        [("unknown-element", at("ACTION"))],
    ),
    "an element in the plural": (
        document({"Effect": "Allow", "Action": "s3:GetObject", "Resources": BUCKET}),
        [("unknown-element", at("Resources")), ("missing-element", FIRST)],
    ),
    "an unknown element": one(
        document(statement(Description="x")), "unknown-element", "Description"
    ),
    "an effect in lower case": one(document(statement(Effect="allow")), "bad-effect", "Effect"),
    "an unknown effect": one(document(statement(Effect="Permit")), "bad-effect", "Effect"),
    "an effect in a list": one(document(statement(Effect=["Allow"])), "bad-effect", "Effect"),
    "a boolean effect": one(document(statement(Effect=True)), "bad-effect", "Effect"),
    "Action beside NotAction": one(
        document(statement(NotAction="iam:*")), "both-elements", "NotAction"
    ),
    "Resource beside NotResource": one(
        document(statement(NotResource="*")), "both-elements", "NotResource"
    ),
    "Principal in a permission policy": one(
        document(statement(Principal={"AWS": ROLE})), "forbidden-element", "Principal"
    ),
    "NotPrincipal in a permission policy": one(
        document(statement(NotPrincipal={"AWS": ROLE})), "forbidden-element", "NotPrincipal"
    ),
    # Sid
    "a Sid with spaces": one(document(statement(Sid="Read photos")), "bad-sid", "Sid"),
    "a Sid with a hyphen": one(document(statement(Sid="read-photos")), "bad-sid", "Sid"),
    "a Sid with an umlaut": one(document(statement(Sid="Lösch")), "bad-sid", "Sid"),
    "a Sid that is a number": one(document(statement(Sid=1)), "wrong-type", "Sid"),
    "a Sid that is null": one(document(statement(Sid=None)), "wrong-type", "Sid"),
    "a Sid twice": (
        document(statement(Sid="A"), statement(Sid="B"), statement(Sid="A")),
        [("duplicate-sid", ("Statement", 2, "Sid"))],
    ),
    "a Sid three times": (
        document(statement(Sid="A"), statement(Sid="A"), statement(Sid="A")),
        [("duplicate-sid", ("Statement", 1, "Sid")), ("duplicate-sid", ("Statement", 2, "Sid"))],
    ),
    # actions
    "an action without a service": bad_action("GetObject"),
    "a service without an action": bad_action("s3:"),
    "an action without a name of a service": bad_action(":GetObject"),
    "an action with two colons": bad_action("s3:Get:Object"),
    "an action with a slash": bad_action("s3/GetObject"),
    "an action with a space": bad_action("s3: GetObject"),
    "an action with a dot": bad_action("s3.GetObject"),
    "an empty action": bad_action(""),
    "a wildcard in a service": bad_action("s*:GetObject"),
    "two stars": bad_action("**"),
    "an action as ARN": bad_action(BUCKET),
    "a faulty action in a list": one(
        permission(["s3:GetObject", "s3", "s3:*"]), "bad-action", "Action", 1
    ),
    "a faulty action in NotAction": one(
        element("NotAction", ["iam:*", "sts"]), "bad-action", "NotAction", 1
    ),
    "no actions": one(permission([]), "empty-list", "Action"),
    "an action that is a number": one(permission(5), "wrong-type", "Action"),
    "an action that is an object": one(permission({"s3": "*"}), "wrong-type", "Action"),
    "an action that is null": one(permission(["s3:*", None]), "wrong-type", "Action", 1),
    "a list in a list of actions": one(permission([["s3:*"]]), "wrong-type", "Action", 0),
    # resources
    "a resource that is no ARN": bad_resource("photos"),
    "a resource that is a path": bad_resource("photos/*"),
    "a resource without its head": bad_resource("s3:::photos"),
    "an empty resource": bad_resource(""),
    "an ARN of two parts": bad_resource("arn:aws"),
    "an ARN of too few parts": bad_resource("arn:aws:s3:photos"),
    "an ARN with a colon too few": bad_resource("arn:aws:s3::photos"),
    "an ARN in capitals": bad_resource("ARN:aws:s3:::photos"),
    "an unknown partition": bad_resource("arn:amazon:s3:::photos"),
    "a partition with a digit": bad_resource("arn:aws2:s3:::photos"),
    "an empty partition": bad_resource("arn::s3:::photos"),
    "an ARN without a service": bad_resource("arn:aws::::photos"),
    "a service in capitals": bad_resource("arn:aws:S3:::photos"),
    "an ARN without a resource": bad_resource("arn:aws:s3:::"),
    "a wildcard for the whole head": bad_resource("arn:*"),
    "a faulty resource in a list": one(
        resource([BUCKET, "photos", "*"]), "bad-resource", "Resource", 1
    ),
    "a faulty resource in NotResource": one(
        element("NotResource", "photos"), "bad-resource", "NotResource"
    ),
    "no resources": one(resource([]), "empty-list", "Resource"),
    "a resource that is null": one(resource(None), "wrong-type", "Resource"),
    "a resource that is true": one(resource([True]), "wrong-type", "Resource", 0),
    "a variable without its end": one(
        resource("arn:aws:s3:::photos/${aws:username"), "bad-variable", "Resource"
    ),
    "a variable in a variable": one(
        resource("arn:aws:s3:::photos/${aws:${x}}"), "bad-variable", "Resource"
    ),
    "an empty variable": one(resource("arn:aws:s3:::photos/${}"), "bad-variable", "Resource"),
    # conditions
    "a condition in a text": one(condition("x"), "wrong-type", "Condition"),
    "a condition in a list": one(condition([]), "wrong-type", "Condition"),
    "null for a condition": one(condition(None), "wrong-type", "Condition"),
    "an operator without an object": one(
        condition({"StringEquals": "a"}), "wrong-type", "Condition", "StringEquals"
    ),
    "a condition without an operator": one(
        condition({"aws:SourceAccount": ACCOUNT}), "bad-operator", "Condition", "aws:SourceAccount"
    ),
    "a misspelt operator": bad_operator("StringEqual"),
    "an operator that does not exist": bad_operator("Matches"),
    "an empty operator": bad_operator(""),
    "an unknown quantifier": bad_operator("ForSomeValues:StringEquals"),
    "a quantifier alone": bad_operator("ForAnyValue:"),
    "a quantifier with a space": bad_operator("ForAnyValue: StringEquals"),
    "IfExists after Null": bad_operator("NullIfExists"),
    "IfExists twice": bad_operator("BoolIfExistsIfExists"),
    "an operator that does not exist, without keys": one(
        condition({"Foo": {}}), "bad-operator", "Condition", "Foo"
    ),
    "a condition key without a service": one(
        when("StringEquals", "a", "SourceAccount"),
        "bad-condition-key",
        "Condition",
        "StringEquals",
        "SourceAccount",
    ),
    "an empty condition key": one(
        when("StringEquals", "a", ""), "bad-condition-key", "Condition", "StringEquals", ""
    ),
    "a condition key with a space": one(
        when("StringEquals", "a", " aws:x"),
        "bad-condition-key",
        "Condition",
        "StringEquals",
        " aws:x",
    ),
    "a condition key twice in different case": one(
        condition({"StringEquals": {"aws:x": "a", "AWS:X": "b"}}),
        "duplicate-key",
        "Condition",
        "StringEquals",
        "AWS:X",
    ),
    "an operator twice in different case": one(
        condition({"StringEquals": {"aws:x": "a"}, "stringequals": {"aws:x": "b"}}),
        "duplicate-key",
        "Condition",
        "stringequals",
        "aws:x",
    ),
    "an object for a value": one(
        when("StringEquals", {"a": "b"}), "wrong-type", "Condition", "StringEquals", "aws:x"
    ),
    "null for a value": one(
        when("StringEquals", ["a", None]), "wrong-type", "Condition", "StringEquals", "aws:x", 1
    ),
    "a word as number": bad_value("NumericEquals", "five"),
    "a boolean as number": bad_value("NumericLessThan", True),
    "a number with a unit": bad_value("NumericLessThanIfExists", "300s"),
    "a word as date": bad_value("DateLessThan", "tomorrow"),
    "a date with slashes": bad_value("DateGreaterThan", "2030/01/31"),
    "a boolean as date": bad_value("DateEquals", False),
    "yes under Bool": bad_value("Bool", "yes"),
    "one under Bool": bad_value("BoolIfExists", 1),
    "a value under Null": bad_value("Null", "aws:x"),
    "a host as address": bad_value("IpAddress", "example.org"),
    "an address of three parts": bad_value("IpAddress", "10.0.0"),
    "an address of too long a prefix": bad_value("NotIpAddress", "10.0.0.0/33"),
    "a wildcard as address": bad_value("IpAddress", "10.0.*.*"),
    "a number as address": bad_value("IpAddress", 10),
    "a faulty value in a list": one(
        when("NumericEquals", [1, "2", "x"]),
        "bad-value",
        "Condition",
        "NumericEquals",
        "aws:x",
        2,
    ),
    "a literal variable as number": (
        when("NumericEquals", "${aws:x}", version=OLD),
        [("bad-value", at("Condition", "NumericEquals", "aws:x"))],
    ),
    "a variable without its end in a condition": one(
        when("StringLike", "${aws:username/*"), "bad-variable", "Condition", "StringLike", "aws:x"
    ),
    # characters
    "curly quotes": one(
        when("StringEquals", "\u201ca\u201d"),
        "bad-character",
        "Condition",
        "StringEquals",
        "aws:x",
    ),
    "a letter that is not Latin-1": one(
        resource("arn:aws:s3:::photos/\u0142"), "bad-character", "Resource"
    ),
    "a control character": one(
        when("StringEquals", "a\x00b"), "bad-character", "Condition", "StringEquals", "aws:x"
    ),
    "half a character": one(resource("arn:aws:s3:::photos/\ud800"), "bad-character", "Resource"),
    "an emoji in a name": (
        {"\U0001f600": 1, "Statement": statement()},
        [("unknown-element", ("\U0001f600",)), ("bad-character", ("\U0001f600",))],
    ),
    # what is no JSON
    "a set": one(permission({"s3:*"}), "wrong-type", "Action"),
    "infinity": one(
        when("NumericEquals", float("inf")), "wrong-type", "Condition", "NumericEquals", "aws:x"
    ),
    "a number of a thousand digits": one(
        when("NumericEquals", 10**1000), "wrong-type", "Condition", "NumericEquals", "aws:x"
    ),
    "a number as key": (document(statement(), Id={5: 6}), [("wrong-type", ("Id",))]),
    # several at once
    "everything at once": (
        {
            "Version": "2012",
            "Statement": [
                {"Sid": "a b", "Effect": "allow", "Action": ["s3", "s3:*"], "Resource": "photos"},
                {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Like": {}}},
            ],
        },
        [
            ("bad-version", ("Version",)),
            ("bad-effect", at("Effect")),
            ("bad-sid", at("Sid")),
            ("bad-action", at("Action", 0)),
            ("bad-resource", at("Resource")),
            ("bad-operator", ("Statement", 1, "Condition", "Like")),
        ],
    ),
}

TRUST: dict[str, Case] = {
    "a resource": one(trust({"Resource": "*"}), "forbidden-element", "Resource"),
    "NotResource": one(trust({"NotResource": BUCKET}), "forbidden-element", "NotResource"),
    "no Principal": one(
        document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "missing-element"
    ),
    "NotPrincipal": one(
        principal({"AWS": ROLE}, "NotPrincipal"), "forbidden-element", "NotPrincipal"
    ),
    "Principal beside NotPrincipal": (
        trust({"NotPrincipal": {"AWS": ROLE}}),
        [
            ("both-elements", at("NotPrincipal")),
            ("forbidden-element", at("NotPrincipal")),
        ],
    ),
    "no Action": one(document({"Effect": "Allow", "Principal": {"AWS": ROLE}}), "missing-element"),
    "every action": one(trust({"Action": "*"}), "not-sts-action", "Action"),
    "an action of another service": one(
        trust({"Action": ["sts:AssumeRole", "s3:GetObject"]}), "not-sts-action", "Action", 1
    ),
    "an action without a service": one(trust({"Action": "AssumeRole"}), "bad-action", "Action"),
    "a Sid with spaces": one(trust({"Sid": "my trust"}), "bad-sid", "Sid"),
    "a star as Principal": one(principal("*"), "bare-star", "Principal"),
    "a text as Principal": one(principal("ec2.amazonaws.com"), "wrong-type", "Principal"),
    "a list as Principal": one(principal([ROLE]), "wrong-type", "Principal"),
    "an empty Principal": one(principal({}), "empty-principal", "Principal"),
    "no names": one(principal({"AWS": []}), "empty-list", "Principal", "AWS"),
    "a number as name": one(principal({"AWS": 123456789012}), "wrong-type", "Principal", "AWS"),
    "an unknown type": one(principal({"Role": ROLE}), "bad-principal-type", "Principal", "Role"),
    "a type in lower case": one(principal({"aws": ROLE}), "bad-principal-type", "Principal", "aws"),
    "a type in the plural": one(
        principal({"Services": "ec2.amazonaws.com"}), "bad-principal-type", "Principal", "Services"
    ),
    "an account of eleven digits": bad_principal("AWS", "12345678901", "bad-principal"),
    "an account with hyphens": bad_principal("AWS", "1234-5678-9012", "bad-principal"),
    "a name": bad_principal("AWS", "reader", "bad-principal"),
    "an ARN without an account": bad_principal("AWS", "arn:aws:iam:::root", "bad-principal"),
    "an ARN of a short account": bad_principal("AWS", "arn:aws:iam::1234:root", "bad-principal"),
    "an ARN of a group": bad_principal(
        "AWS", f"arn:aws:iam::{ACCOUNT}:group/admins", "bad-principal"
    ),
    "an ARN of an instance profile": bad_principal(
        "AWS", f"arn:aws:iam::{ACCOUNT}:instance-profile/web", "bad-principal"
    ),
    "an ARN of a bucket": bad_principal("AWS", BUCKET, "bad-principal"),
    "an ARN of a role without its name": bad_principal(
        "AWS", f"arn:aws:iam::{ACCOUNT}:role/", "bad-principal"
    ),
    "an ARN of a session without its name": bad_principal(
        "AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/reader", "bad-principal"
    ),
    "a service as AWS principal": bad_principal("AWS", "ec2.amazonaws.com", "bad-principal"),
    "a provider as AWS principal": bad_principal(
        "AWS", f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", "bad-principal"
    ),
    "a deleted role": bad_principal("AWS", "AROAEXAMPLEEXAMPLE123", "dangling-principal"),
    "a deleted user in a list": one(
        principal({"AWS": [ROLE, "AIDACKCEVSQ6C2EXAMPLE"]}),
        "dangling-principal",
        "Principal",
        "AWS",
        1,
    ),
    "a pattern of roles": bad_principal(
        "AWS", f"arn:aws:iam::{ACCOUNT}:role/*", "partial-wildcard"
    ),
    "a pattern of accounts": bad_principal("AWS", "arn:aws:iam::*:root", "partial-wildcard"),
    "a question mark": bad_principal("AWS", f"arn:aws:iam::{ACCOUNT}:user/a?", "partial-wildcard"),
    "a variable": bad_principal(
        "AWS", "arn:aws:iam::${aws:PrincipalAccount}:root", "bad-principal"
    ),
    "every service": bad_principal("Service", "*", "partial-wildcard"),
    "a pattern of services": bad_principal("Service", "*.amazonaws.com", "partial-wildcard"),
    "a service by its label": bad_principal("Service", "ec2", "bad-service"),
    "a service in capitals": bad_principal("Service", "EC2.amazonaws.com", "bad-service"),
    "a service of another host": bad_principal("Service", "ec2.example.org", "bad-service"),
    "a service cut short": bad_principal("Service", "ec2.amazonaws", "bad-service"),
    "a service as address": bad_principal("Service", "https://ec2.amazonaws.com", "bad-service"),
    "the host alone": bad_principal("Service", "amazonaws.com", "bad-service"),
    "a role as service": bad_principal("Service", ROLE, "bad-service"),
    "every provider": bad_principal("Federated", "*", "partial-wildcard"),
    "a provider as address": bad_principal(
        "Federated", "https://accounts.google.com", "bad-federated"
    ),
    "a role as provider": bad_principal("Federated", ROLE, "bad-federated"),
    "a provider by its name": bad_principal("Federated", "google", "bad-federated"),
    "a canonical user of few digits": bad_principal("CanonicalUser", "79a5", "bad-canonical-user"),
    "a faulty condition": one(
        trust({"Condition": {"StringEquals": {"ExternalId": "x"}}}),
        "bad-condition-key",
        "Condition",
        "StringEquals",
        "ExternalId",
    ),
    "several statements": (
        document(
            {"Effect": "Allow", "Principal": {"Service": "ec2"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": ["me", ROLE]}, "Action": "iam:PassRole"},
        ),
        [
            ("bad-service", at("Principal", "Service")),
            ("not-sts-action", ("Statement", 1, "Action")),
            ("bad-principal", ("Statement", 1, "Principal", "AWS", 0)),
        ],
    ),
}
