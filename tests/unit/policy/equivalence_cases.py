"""Pairs of documents that mean the same to AWS, and pairs that do not, by the rule that decides."""

from __future__ import annotations

import json
from typing import Any

OLD, NEW = "2008-10-17", "2012-10-17"
ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
BUCKET = "arn:aws:s3:::photos"
HOME = "arn:aws:s3:::photos/${aws:username}/*"

Json = Any
Pair = tuple[Json, Json]


def document(*statements: Json, version: str | None = NEW, **more: Json) -> Json:
    head = {} if version is None else {"Version": version}
    return {**head, **more, "Statement": list(statements)}


def statement(**elements: Json) -> Json:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET, **elements}


def element(name: str, value: Json, version: str | None = NEW) -> Json:
    kept = {key: item for key, item in statement().items() if key not in name}
    return document({**kept, name: value}, version=version)


def action(value: Json) -> Json:
    return element("Action", value)


def resource(value: Json, version: str | None = NEW) -> Json:
    return element("Resource", value, version)


def principal(value: Json, name: str = "Principal") -> Json:
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", name: value})


def condition(value: Json, version: str | None = NEW) -> Json:
    return document(statement(Condition=value), version=version)


def when(operator: str, value: Json, key: str = "aws:x", version: str | None = NEW) -> Json:
    return condition({operator: {key: value}}, version)


PLAIN = document(statement())
OTHER = statement(Action="s3:PutObject")

IDENTICAL: dict[str, Pair] = {
    "equal objects": (PLAIN, document(statement())),
    "order of an object's keys": (
        PLAIN,
        {"Statement": [dict(reversed(statement().items()))], "Version": NEW},
    ),
    "text and the objects of it": (
        PLAIN,
        json.dumps(document(statement()), indent=2),
    ),
    "empty text and empty object": ("", {}),
    "white space and empty text": (" \n", ""),
    "the same text that is no JSON": ("{", "{"),
    "booleans under Bool": (when("Bool", True), when("Bool", True)),
    "order of principal types": (
        principal({"Service": "ec2.amazonaws.com", "AWS": ROLE}),
        principal({"AWS": ROLE, "Service": "ec2.amazonaws.com"}),
    ),
    "order of condition keys": (
        condition({"Bool": {"aws:a": "true"}, "StringLike": {"aws:b": ["x", "y"], "aws:c": 1}}),
        condition({"StringLike": {"aws:c": 1, "aws:b": ["x", "y"]}, "Bool": {"aws:a": "true"}}),
    ),
}

LISTS: dict[str, Pair] = {
    "one action or a list of it": (action("s3:GetObject"), action(["s3:GetObject"])),
    "order of actions": (action(["s3:Get*", "s3:List*"]), action(["s3:List*", "s3:Get*"])),
    "an action twice": (action(["s3:Get*", "s3:Get*"]), action("s3:Get*")),
    "an action twice in different case": (action(["s3:get*", "s3:Get*"]), action("s3:Get*")),
    "one resource or a list of it": (resource(BUCKET), resource([BUCKET])),
    "order of resources": (resource([BUCKET, "*"]), resource(["*", BUCKET])),
    "a resource twice": (resource([BUCKET, BUCKET]), resource(BUCKET)),
    "one action in NotAction or a list of it": (
        element("NotAction", "iam:*"),
        element("NotAction", ["iam:*"]),
    ),
    "order in NotAction": (
        element("NotAction", ["iam:*", "sts:*"]),
        element("NotAction", ["sts:*", "iam:*"]),
    ),
    "one resource in NotResource or a list of it": (
        element("NotResource", BUCKET),
        element("NotResource", [BUCKET]),
    ),
    "order in NotResource": (
        element("NotResource", [BUCKET, "arn:aws:s3:::b"]),
        element("NotResource", ["arn:aws:s3:::b", BUCKET]),
    ),
    "one statement or a list of it": (PLAIN, {"Version": NEW, "Statement": statement()}),
    "order of statements": (document(statement(), OTHER), document(OTHER, statement())),
    "a statement twice": (document(statement(), statement()), PLAIN),
    "a statement twice with another Sid": (
        document(statement(Sid="A"), statement(Sid="B"), OTHER),
        document(OTHER, statement()),
    ),
    "one service or a list of it": (
        principal({"Service": "ec2.amazonaws.com"}),
        principal({"Service": ["ec2.amazonaws.com"]}),
    ),
    "order of services": (
        principal({"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}),
        principal({"Service": ["ecs.amazonaws.com", "ec2.amazonaws.com"]}),
    ),
    "a principal twice": (principal({"AWS": [ROLE, ROLE]}), principal({"AWS": ROLE})),
    "one condition value or a list of it": (
        when("StringEquals", "a"),
        when("StringEquals", ["a"]),
    ),
    "order of condition values": (
        when("StringEquals", ["a", "b"]),
        when("StringEquals", ["b", "a"]),
    ),
    "a condition value twice": (when("StringEquals", ["a", "a"]), when("StringEquals", "a")),
    "tuples for lists": (action(("s3:Get*", "s3:List*")), action(["s3:Get*", "s3:List*"])),
}

CASE: dict[str, Pair] = {
    "case of an action's name": (action("s3:getobject"), action("s3:GetObject")),
    "case of an action's service": (action("S3:GetObject"), action("s3:GetObject")),
    "case of a pattern of actions": (action("S3:GET*"), action("s3:Get*")),
    "case in NotAction": (element("NotAction", "IAM:*"), element("NotAction", "iam:*")),
    "case of an operator": (when("stringequals", "a"), when("StringEquals", "a")),
    "case of a quantifier": (
        when("forallvalues:StringEquals", "a"),
        when("ForAllValues:StringEquals", "a"),
    ),
    "case of IfExists": (when("StringEqualsifexists", "a"), when("StringEqualsIfExists", "a")),
    "case of a condition key": (
        when("StringEquals", "a", "AWS:SourceAccount"),
        when("StringEquals", "a", "aws:sourceaccount"),
    ),
    "case of a tag's key in a condition key": (
        when("StringEquals", "a", "aws:PrincipalTag/Team"),
        when("StringEquals", "a", "aws:principaltag/team"),
    ),
    "case of a boolean's text": (when("Bool", "True"), when("Bool", "true")),
    "case of a variable's name": (
        resource("arn:aws:s3:::photos/${aws:UserName}"),
        resource("arn:aws:s3:::photos/${aws:username}"),
    ),
    "case of a variable's name with a default": (
        resource("arn:aws:s3:::photos/${aws:PrincipalTag/Team, 'None'}"),
        resource("arn:aws:s3:::photos/${aws:principaltag/team, 'None'}"),
    ),
    "case of a variable's name in a condition": (
        when("StringLike", "${AWS:username}/*"),
        when("StringLike", "${aws:username}/*"),
    ),
    "all actions of all services": (action("*:*"), action("*")),
}

COSMETIC: dict[str, Pair] = {
    "a Sid": (document(statement(Sid="Read")), PLAIN),
    "another Sid": (document(statement(Sid="Read")), document(statement(Sid="Photos"))),
    "an empty Sid": (document(statement(Sid="")), PLAIN),
    "Sids that change places": (
        document(statement(Sid="A"), {**OTHER, "Sid": "B"}),
        document(statement(Sid="B"), {**OTHER, "Sid": "A"}),
    ),
    "an Id": (document(statement(), Id="photos"), PLAIN),
    "another Id": (document(statement(), Id="photos"), document(statement(), Id="pictures")),
    "an empty Condition": (condition({}), PLAIN),
    "an operator without keys": (condition({"StringEquals": {}}), PLAIN),
    "an operator without keys beside another": (
        condition({"StringEquals": {}, "Bool": {"aws:SecureTransport": "true"}}),
        condition({"Bool": {"aws:SecureTransport": "true"}}),
    ),
    "no Version and the older one": (
        document(statement(), version=None),
        document(statement(), version=OLD),
    ),
    "no Version, without variables": (document(statement(), version=None), PLAIN),
    "another Version, without variables": (document(statement(), version=OLD), PLAIN),
    "no Version and the older one, with a literal variable": (
        resource(HOME, None),
        resource(HOME, OLD),
    ),
    "another Version, with a dollar": (
        resource("arn:aws:s3:::a$b{c}", OLD),
        resource("arn:aws:s3:::a$b{c}", NEW),
    ),
    "another Version, with a variable in the Sid": (
        document(statement(Sid="${a}"), version=OLD),
        document(statement(), version=NEW),
    ),
    "no statements and none": ({"Version": NEW, "Statement": []}, {}),
    "text and other objects": (action(["s3:GetObject"]), json.dumps(action("s3:getobject"))),
}

PRINCIPALS: dict[str, Pair] = {
    "an account's id and its root": (principal({"AWS": ACCOUNT}), principal({"AWS": ROOT})),
    "an account's id and its root in China": (
        principal({"AWS": ACCOUNT}),
        principal({"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}),
    ),
    "an account's id and its root in GovCloud": (
        principal({"AWS": ACCOUNT}),
        principal({"AWS": f"arn:aws-us-gov:iam::{ACCOUNT}:root"}),
    ),
    "an account's id in a list": (
        principal({"AWS": [ROLE, ACCOUNT]}),
        principal({"AWS": [ROOT, ROLE]}),
    ),
    "an account twice, by id and root": (
        principal({"AWS": [ROOT, ACCOUNT]}),
        principal({"AWS": ACCOUNT}),
    ),
    "an account in NotPrincipal": (
        principal({"AWS": ACCOUNT}, "NotPrincipal"),
        principal({"AWS": ROOT}, "NotPrincipal"),
    ),
    "everybody": (principal("*"), principal({"AWS": "*"})),
    "everybody in a list": (principal("*"), principal({"AWS": ["*"]})),
    "everybody in NotPrincipal": (
        principal("*", "NotPrincipal"),
        principal({"AWS": "*"}, "NotPrincipal"),
    ),
    "a type without names": (
        principal({"AWS": ROLE, "Service": []}),
        principal({"AWS": ROLE}),
    ),
}

VALUES: dict[str, Pair] = {
    "a boolean under Bool": (when("Bool", True), when("Bool", "true")),
    "a boolean under BoolIfExists": (when("BoolIfExists", False), when("BoolIfExists", "false")),
    "a boolean under a quantified Bool": (
        when("ForAnyValue:Bool", True),
        when("ForAnyValue:Bool", "true"),
    ),
    "a boolean under Null": (when("Null", True), when("Null", "true")),
    "a boolean in a list": (when("Bool", [True]), when("Bool", "true")),
    "a number under Numeric": (when("NumericEquals", 5), when("NumericEquals", "5")),
    "a number under NumericLessThan": (when("NumericLessThan", 5), when("NumericLessThan", "5")),
    "a number under NumericLessThanEqualsIfExists": (
        when("NumericLessThanEqualsIfExists", 300),
        when("NumericLessThanEqualsIfExists", "300"),
    ),
    "a fraction": (when("NumericEquals", 0.5), when("NumericEquals", "0.5")),
    "a fraction of zero": (when("NumericEquals", "5.0"), when("NumericEquals", "5")),
    "leading zeros": (when("NumericEquals", "005"), when("NumericEquals", "5")),
    "an exponent": (when("NumericEquals", "5e3"), when("NumericEquals", 5000)),
    "a negative exponent": (when("NumericEquals", "5E-1"), when("NumericEquals", "0.50")),
    "zero and minus zero": (when("NumericEquals", "-0"), when("NumericEquals", "0.0")),
    "a negative number": (when("NumericEquals", -7), when("NumericEquals", "-7.0")),
    "eighteen digits": (
        when("NumericEquals", 123456789012345678),
        when("NumericEquals", "123456789012345678"),
    ),
    "a number twice": (when("NumericEquals", [5, "5", "5.0"]), when("NumericEquals", 5)),
    "a number under Date": (when("DateLessThan", 1893456000), when("DateLessThan", "1893456000")),
    "an instant in two zones": (
        when("DateLessThan", "2030-01-01T01:00:00+01:00"),
        when("DateLessThan", "2030-01-01T00:00:00Z"),
    ),
    "an instant without a fraction": (
        when("DateGreaterThan", "2030-01-01T00:00:00.000Z"),
        when("DateGreaterThan", "2030-01-01T00:00:00Z"),
    ),
    "an address and its /32": (
        when("IpAddress", "203.0.113.7"),
        when("IpAddress", "203.0.113.7/32"),
    ),
    "an address under NotIpAddress": (
        when("NotIpAddress", ["203.0.113.7"]),
        when("NotIpAddress", "203.0.113.7/32"),
    ),
    "an address under IpAddressIfExists": (
        when("IpAddressIfExists", "203.0.113.7"),
        when("IpAddressIfExists", "203.0.113.7/32"),
    ),
    "an IPv6 address and its /128": (
        when("IpAddress", "2001:db8::1"),
        when("IpAddress", "2001:db8::1/128"),
    ),
    "spellings of an IPv6 range": (
        when("IpAddress", "2001:DB8:0:0::/32"),
        when("IpAddress", "2001:db8::/32"),
    ),
    "ArnLike and ArnEquals": (when("ArnLike", ROLE), when("ArnEquals", ROLE)),
    "ArnNotLike and ArnNotEquals": (when("ArnNotLike", ROLE), when("ArnNotEquals", ROLE)),
    "ArnLikeIfExists and ArnEqualsIfExists": (
        when("ArnLikeIfExists", ROLE),
        when("ArnEqualsIfExists", ROLE),
    ),
    "two conditions of one operator in another order": (
        condition({"ArnLike": {"aws:x": "a*"}, "ArnEquals": {"aws:x": "*b"}}),
        condition({"ArnEquals": {"aws:x": "a*"}, "ArnLike": {"AWS:X": ["*b"]}}),
    ),
    "the same condition twice in different case": (
        condition({"StringEquals": {"aws:x": "a", "AWS:X": ["a"]}}),
        when("StringEquals", "a"),
    ),
    "both values for a version's variable": (
        when("StringEquals", ["${aws:username}", "x"]),
        when("StringEquals", ["x", "${aws:UserName}"]),
    ),
    "floats and whole numbers of JSON text": (
        '{"Statement":{"Condition":{"NumericEquals":{"a:b":1.0}}}}',
        '{"Statement":{"Condition":{"NumericEquals":{"a:b":"1"}}}}',
    ),
}

EQUIVALENT = {**LISTS, **CASE, **COSMETIC, **PRINCIPALS, **VALUES}

DIFFERENT: dict[str, Pair] = {
    # elements
    "another action": (action("s3:GetObject"), action("s3:PutObject")),
    "one action more": (action("s3:Get*"), action(["s3:Get*", "s3:List*"])),
    "a pattern and an action that it covers": (action("s3:*"), action(["s3:*", "s3:GetObject"])),
    "Action and NotAction": (action("s3:*"), element("NotAction", "s3:*")),
    "an empty list of actions and none": (
        action([]),
        document({"Effect": "Allow", "Resource": BUCKET}),
    ),
    "another resource": (resource(BUCKET), resource("arn:aws:s3:::pictures")),
    "case of a resource": (resource(BUCKET), resource("arn:aws:s3:::Photos")),
    "Resource and NotResource": (resource(BUCKET), element("NotResource", BUCKET)),
    "no Resource and all": (
        document({"Effect": "Allow", "Action": "*"}),
        document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    ),
    "another effect": (PLAIN, document(statement(Effect="Deny"))),
    "no effect": (PLAIN, document({"Action": "s3:GetObject", "Resource": BUCKET})),
    "case of an effect": (PLAIN, document(statement(Effect="allow"))),
    "an effect in a list": (PLAIN, document(statement(Effect=["Allow"]))),
    "one statement more": (PLAIN, document(statement(), OTHER)),
    "no statement": (PLAIN, document()),
    "two statements for one of both resources": (
        document(statement(Action="a:b"), OTHER),
        document(statement(Action=["a:b", "s3:PutObject"], Resource="*")),
    ),
    "actions that change statements": (
        document(statement(Action="s3:A"), {**OTHER, "Action": "s3:B", "Resource": "*"}),
        document(statement(Action="s3:B"), {**OTHER, "Action": "s3:A", "Resource": "*"}),
    ),
    "an unknown element": (PLAIN, document(statement(Comment="x"))),
    "another unknown element": (
        document(statement(Comment="x")),
        document(statement(Comment="y")),
    ),
    "an unknown element of the document": (PLAIN, document(statement(), Comment="x")),
    "an element in another case": (
        PLAIN,
        document({"Effect": "Allow", "action": "s3:GetObject", "Resource": BUCKET}),
    ),
    # Version
    "another Version, with a variable in a resource": (resource(HOME, OLD), resource(HOME, NEW)),
    "no Version, with a variable in a resource": (resource(HOME, None), resource(HOME, NEW)),
    "another Version, with a variable in NotResource": (
        element("NotResource", HOME, OLD),
        element("NotResource", HOME, NEW),
    ),
    "another Version, with a variable in a condition": (
        when("StringEquals", "${aws:username}", version=OLD),
        when("StringEquals", "${aws:username}", version=NEW),
    ),
    "another Version, with an escaped star": (
        resource("arn:aws:s3:::a${*}b", OLD),
        resource("arn:aws:s3:::a${*}b", NEW),
    ),
    "a Version that does not exist": (document(statement(), version="2020-01-01"), PLAIN),
    "case of a literal variable under the older Version": (
        resource("arn:aws:s3:::${aws:UserName}", OLD),
        resource("arn:aws:s3:::${aws:username}", OLD),
    ),
    "another variable": (
        resource("arn:aws:s3:::${aws:userid}"),
        resource("arn:aws:s3:::${aws:username}"),
    ),
    "another default of a variable": (
        resource("arn:aws:s3:::${aws:PrincipalTag/a, 'X'}"),
        resource("arn:aws:s3:::${aws:PrincipalTag/a, 'x'}"),
    ),
    # principals
    "another account": (principal({"AWS": ACCOUNT}), principal({"AWS": "210987654321"})),
    "an account and a role of it": (principal({"AWS": ACCOUNT}), principal({"AWS": ROLE})),
    "a role of another case": (
        principal({"AWS": ROLE}),
        principal({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Reader"}),
    ),
    "a role in another partition": (
        principal({"AWS": ROLE}),
        principal({"AWS": ROLE.replace("arn:aws:", "arn:aws-cn:")}),
    ),
    "a deleted role": (principal({"AWS": ROLE}), principal({"AWS": "AROAEXAMPLEEXAMPLE123"})),
    "an account and everybody": (principal({"AWS": ACCOUNT}), principal("*")),
    "another type": (principal({"AWS": ACCOUNT}), principal({"CanonicalUser": ACCOUNT})),
    "an account's id as a service": (
        principal({"Service": ACCOUNT}),
        principal({"Service": ROOT}),
    ),
    "everybody as a service": (principal("*"), principal({"Service": "*"})),
    "another service": (
        principal({"Service": "ec2.amazonaws.com"}),
        principal({"Service": "ecs.amazonaws.com"}),
    ),
    "case of a service": (
        principal({"Service": "ec2.amazonaws.com"}),
        principal({"Service": "EC2.amazonaws.com"}),
    ),
    "one principal more": (principal({"AWS": ROLE}), principal({"AWS": [ROLE, ACCOUNT]})),
    "one principal type more": (
        principal({"AWS": ROLE}),
        principal({"AWS": ROLE, "Service": "ec2.amazonaws.com"}),
    ),
    "Principal and NotPrincipal": (
        principal({"AWS": ROLE}),
        principal({"AWS": ROLE}, "NotPrincipal"),
    ),
    "nobody and no Principal": (
        principal({}),
        document({"Effect": "Allow", "Action": "sts:AssumeRole"}),
    ),
    "an account's id as a number": (
        principal({"AWS": ACCOUNT}),
        principal({"AWS": int(ACCOUNT)}),
    ),
    # conditions
    "a condition": (PLAIN, when("StringEquals", "a")),
    "another operator": (when("StringEquals", "a"), when("StringLike", "a")),
    "a negated operator": (when("StringEquals", "a"), when("StringNotEquals", "a")),
    "an operator that ignores case": (
        when("StringEquals", "a"),
        when("StringEqualsIgnoreCase", "a"),
    ),
    "IfExists": (when("StringEquals", "a"), when("StringEqualsIfExists", "a")),
    "a quantifier": (when("StringEquals", "a"), when("ForAnyValue:StringEquals", "a")),
    "another quantifier": (
        when("ForAllValues:StringEquals", "a"),
        when("ForAnyValue:StringEquals", "a"),
    ),
    "ArnLike and StringLike": (when("ArnLike", ROLE), when("StringLike", ROLE)),
    "ArnEquals and ArnNotEquals": (when("ArnEquals", ROLE), when("ArnNotEquals", ROLE)),
    "another key": (when("StringEquals", "a"), when("StringEquals", "a", "aws:y")),
    "another value": (when("StringEquals", "a"), when("StringEquals", "b")),
    "case of a value": (when("StringEquals", "a"), when("StringEquals", "A")),
    "case of a value where the operator ignores it": (
        when("StringEqualsIgnoreCase", "a"),
        when("StringEqualsIgnoreCase", "A"),
    ),
    "one value more": (when("StringEquals", "a"), when("StringEquals", ["a", "b"])),
    "a key with an empty list and none": (when("StringEquals", []), PLAIN),
    "a key with an empty list and an empty text": (
        when("StringEquals", []),
        when("StringEquals", ""),
    ),
    "two conditions and one with both values": (
        condition({"StringEquals": {"aws:x": "a", "AWS:X": "b"}}),
        when("StringEquals", ["a", "b"]),
    ),
    "ArnLike beside ArnEquals and one of them": (
        condition({"ArnLike": {"aws:x": "a"}, "ArnEquals": {"aws:x": "b"}}),
        when("ArnEquals", ["a", "b"]),
    ),
    "one condition more": (
        when("StringEquals", "a"),
        condition({"StringEquals": {"aws:x": "a", "aws:y": "a"}}),
    ),
    "values that change keys": (
        condition({"StringEquals": {"aws:x": "a", "aws:y": "b"}}),
        condition({"StringEquals": {"aws:x": "b", "aws:y": "a"}}),
    ),
    "an operator that does not exist, in another case": (when("Foo", "a"), when("foo", "a")),
    "an operator that does not exist and no condition": (condition({"Foo": {}}), PLAIN),
    # values and their types
    "a boolean and its text under StringEquals": (
        when("StringEquals", True),
        when("StringEquals", "true"),
    ),
    "a boolean and its text under NumericEquals": (
        when("NumericEquals", True),
        when("NumericEquals", "true"),
    ),
    "a number and its text under StringEquals": (
        when("StringEquals", 5),
        when("StringEquals", "5"),
    ),
    "a number and its text under StringLike": (when("StringLike", 5), when("StringLike", "5")),
    "a number and its text under Bool": (when("Bool", 1), when("Bool", "1")),
    "true and one under Bool": (when("Bool", True), when("Bool", 1)),
    "false and zero under NumericEquals": (when("NumericEquals", False), when("NumericEquals", 0)),
    "true and one in a list": (when("StringEquals", ["a", True]), when("StringEquals", ["a", 1])),
    "true and false": (when("Bool", True), when("Bool", False)),
    "true and false of Null": (when("Null", "true"), when("Null", "false")),
    "another number": (when("NumericEquals", 5), when("NumericEquals", 6)),
    "numbers that differ in the eighteenth digit": (
        when("NumericEquals", 123456789012345678),
        when("NumericEquals", "123456789012345679"),
    ),
    "numbers that differ in the thirtieth digit": (
        when("NumericEquals", "1.00000000000000000000000000001"),
        when("NumericEquals", "1"),
    ),
    "spellings of a number under StringEquals": (
        when("StringEquals", "5.0"),
        when("StringEquals", "5"),
    ),
    "leading zeros under StringEquals": (
        when("StringEquals", "012345678901"),
        when("StringEquals", "12345678901"),
    ),
    "text that is no number under NumericEquals": (
        when("NumericEquals", "five"),
        when("NumericEquals", "5"),
    ),
    "infinity under NumericEquals": (
        when("NumericEquals", "1e9999999999"),
        when("NumericEquals", "Infinity"),
    ),
    "another instant": (
        when("DateLessThan", "2030-01-01T00:00:00Z"),
        when("DateLessThan", "2030-01-01T00:00:01Z"),
    ),
    "an instant without a zone": (
        when("DateLessThan", "2030-01-01T00:00:00"),
        when("DateLessThan", "2030-01-01T00:00:00Z"),
    ),
    "an instant and its text under StringEquals": (
        when("StringEquals", "2030-01-01T01:00:00+01:00"),
        when("StringEquals", "2030-01-01T00:00:00Z"),
    ),
    "an address and its /31": (
        when("IpAddress", "203.0.113.6"),
        when("IpAddress", "203.0.113.6/31"),
    ),
    "an address and its /32 under StringEquals": (
        when("StringEquals", "203.0.113.7"),
        when("StringEquals", "203.0.113.7/32"),
    ),
    "a range with bits of a host": (
        when("IpAddress", "10.1.2.3/8"),
        when("IpAddress", "10.0.0.0/8"),
    ),
    "an address with leading zeros": (
        when("IpAddress", "203.0.113.007"),
        when("IpAddress", "203.0.113.7"),
    ),
    "null and no value": (when("StringEquals", None), when("StringEquals", [])),
    "null and its text": (when("StringEquals", None), when("StringEquals", "null")),
    # what is no policy
    "texts that are no JSON": ("{", "{ "),
    "a text that is no JSON and the empty document": ("x", {}),
    "a number out of all range": ("[1e99999999999999999999]", "[1e99999999999999999998]"),
    "a key that stands twice": ('{"Statement": [], "Statement": []}', {}),
    "a document and a list": (PLAIN, "[]"),
    "a statement that is no object": (PLAIN, document(statement(), "x")),
    "statements that are no objects": (document(1), document(True)),
    "null for a statement and none": ({"Statement": None}, {}),
}
