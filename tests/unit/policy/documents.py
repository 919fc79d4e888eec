"""Random policies, and ways to write a policy differently without changing what it means."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st
from rolewright.resources.policy.operators import OPERATORS, Family
from rolewright.resources.policy.shape import DOCUMENT_ELEMENTS, STATEMENT_ELEMENTS

Json = Any

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def one_or_more(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return values | st.lists(values, min_size=1, max_size=4)


ACCOUNTS = st.sampled_from(["123456789012", "210987654321", "000000000001"])
ACTIONS = st.sampled_from(
    ["s3:GetObject", "s3:Put*", "S3:listbucket", "ec2:*", "sqs:Send?essage", "*", "*:*"]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::photos",
        "arn:aws:s3:::photos/${aws:username}/*",
        "arn:aws:s3:::photos/${aws:PrincipalTag/Team, 'none'}",
        "arn:aws-cn:sqs:*:123456789012:queue",
        "arn:aws:logs:*",
    ]
)
AWS_PRINCIPALS = st.one_of(
    st.just("*"),
    ACCOUNTS,
    ACCOUNTS.map(lambda account: f"arn:aws:iam::{account}:root"),
    ACCOUNTS.map(lambda account: f"arn:aws:iam::{account}:role/reader"),
)
PRINCIPALS = st.dictionaries(
    st.sampled_from(["AWS", "Service"]), st.none(), min_size=1, max_size=2
).flatmap(
    lambda kinds: st.fixed_dictionaries(
        {
            kind: one_or_more(
                AWS_PRINCIPALS
                if kind == "AWS"
                else st.sampled_from(["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"])
            )
            for kind in kinds
        }
    )
)
VALUES: dict[Family, st.SearchStrategy[Json]] = {
    Family.STRING: st.sampled_from(["a", "B*", "${aws:username}", "123456789012", True, 5]),
    Family.NUMERIC: st.sampled_from([0, 5, -7, "5", "5.0", "1e3", 0.5]),
    Family.DATE: st.sampled_from(["2030-01-01T00:00:00Z", "2030-01-01", 1893456000, "1893456000"]),
    Family.BOOL: st.sampled_from([True, False, "true", "False"]),
    Family.BINARY: st.sampled_from(["QmluYXJ5", "YQ=="]),
    Family.IP: st.sampled_from(["10.0.0.0/8", "203.0.113.7", "203.0.113.7/32", "2001:db8::/32"]),
    Family.ARN: st.sampled_from(["arn:aws:sns:*:*:x", "arn:aws:s3:::photos"]),
    Family.NULL: st.sampled_from([True, "false"]),
}
OPERATOR_NAMES = st.builds(
    lambda quantifier, name, suffix: f"{quantifier}{name}{'' if name == 'Null' else suffix}",
    st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(sorted(OPERATORS)),
    st.sampled_from(["", "IfExists"]),
)
KEYS = st.sampled_from(
    ["aws:SourceAccount", "aws:PrincipalTag/Team", "s3:prefix", "sts:ExternalId"]
)


def family(operator: str) -> Family:
    return OPERATORS[operator.rpartition(":")[2].removesuffix("IfExists")]


def blocks(operators: list[str]) -> st.SearchStrategy[Json]:
    """A Condition with these operators."""
    keys = {
        name: st.dictionaries(KEYS, one_or_more(VALUES[family(name)]), max_size=2)
        for name in operators
    }
    return st.fixed_dictionaries(keys)


CONDITIONS = st.lists(OPERATOR_NAMES, max_size=3, unique=True).flatmap(blocks)


def statements(*, trust: bool) -> st.SearchStrategy[Json]:
    effect = st.sampled_from(["Allow", "Deny"])
    optional: dict[str, st.SearchStrategy[Json]] = {"Condition": CONDITIONS}
    if trust:
        assume = st.sampled_from(["sts:AssumeRole", "sts:TagSession"])
        required = {"Effect": effect, "Action": one_or_more(assume), "Principal": PRINCIPALS}
        return st.fixed_dictionaries(required, optional=optional)
    return st.sampled_from(
        [(action, on) for action in ("Action", "NotAction") for on in ("Resource", "NotResource")]
    ).flatmap(
        lambda names: st.fixed_dictionaries(
            {
                "Effect": effect,
                names[0]: one_or_more(ACTIONS),
                names[1]: one_or_more(RESOURCES),
            },
            optional=optional,
        )
    )


def policies(*, trust: bool = False) -> st.SearchStrategy[Json]:
    """Documents that AWS accepts."""
    return st.fixed_dictionaries(
        {"Statement": one_or_more(statements(trust=trust))},
        optional={"Version": st.sampled_from(["2008-10-17", "2012-10-17"]), "Id": st.just("x")},
    )


POLICIES = policies() | policies(trust=True)


def _strange(names: tuple[str, ...]) -> st.SearchStrategy[Json]:
    known = st.sampled_from([*names, "effect", "AWS", "StringEquals", "Foo", "Bool", "${a"])
    return st.dictionaries(known | st.text(max_size=4), JSON, max_size=5)


ALMOST_POLICIES: st.SearchStrategy[Json] = st.one_of(
    JSON,
    _strange(DOCUMENT_ELEMENTS),
    st.fixed_dictionaries(
        {"Statement": one_or_more(_strange(STATEMENT_ELEMENTS))},
        optional={"Version": JSON, "Comment": JSON},
    ),
    st.fixed_dictionaries(
        {
            "Statement": st.fixed_dictionaries(
                {},
                optional={
                    "Principal": _strange(("AWS", "Service")),
                    "Condition": st.dictionaries(
                        OPERATOR_NAMES | st.text(max_size=4),
                        st.dictionaries(KEYS | st.text(max_size=4), JSON, max_size=2) | JSON,
                        max_size=3,
                    ),
                    "Action": JSON,
                    "Resource": JSON | st.text(),
                },
            )
        }
    ),
    POLICIES,
)
"""JSON of every sort: much of it looks like a policy and is none, some is one."""


def disguised(document: Json, random: Random) -> Json:
    """The same policy in another order and spelling, with things said twice."""
    listed = document["Statement"]
    found = [_statement(item, random) for item in _list(listed)]
    found += [{**item, "Sid": f"Again{n}"} for n, item in enumerate(found) if random.random() < 0.3]
    random.shuffle(found)
    single = len(found) == 1 and random.random() < 0.5
    return _shuffled(
        {**document, "Id": "disguised", "Statement": found[0] if single else found}, random
    )


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _shuffled(value: dict[str, Json], random: Random) -> dict[str, Json]:
    keys = list(value)
    random.shuffle(keys)
    return {key: value[key] for key in keys}


def _statement(statement: Json, random: Random) -> Json:
    changed = dict(statement)
    for name, value in statement.items():
        if name in ("Action", "NotAction"):
            changed[name] = _values([_case(item, random) for item in _list(value)], random)
        elif name in ("Resource", "NotResource"):
            changed[name] = _values(_list(value), random)
        elif name == "Principal":
            changed[name] = _principal(value, random)
        elif name == "Condition":
            changed[name] = _condition(value, random)
    changed["Sid"] = f"S{random.randrange(10**9)}"
    return _shuffled(changed, random)


def _values(values: list[Json], random: Random) -> Json:
    values = [*values, *(item for item in values if random.random() < 0.3)]
    random.shuffle(values)
    return values[0] if len(values) == 1 and random.random() < 0.5 else values


def _case(text: str, random: Random) -> str:
    return "".join(random.choice((mark.lower(), mark.upper())) for mark in text)


def _principal(value: Json, random: Random) -> Json:
    if value in ("*", {"AWS": "*"}):
        return random.choice(["*", {"AWS": "*"}, {"AWS": ["*"]}])
    changed = {kind: _values(_list(names), random) for kind, names in value.items()}
    if "AWS" in changed:
        changed["AWS"] = [_account(name, random) for name in _list(changed["AWS"])]
    return _shuffled(changed, random)


def _account(name: str, random: Random) -> str:
    if name.isdecimal() and random.random() < 0.5:
        return f"arn:aws:iam::{name}:root"
    return name


def _condition(value: Json, random: Random) -> Json:
    changed = {
        _case(operator, random): _shuffled(
            {
                _case(key, random): _values(
                    [_scalar(family(operator), item, random) for item in _list(values)], random
                )
                for key, values in keys.items()
            },
            random,
        )
        for operator, keys in value.items()
    }
    return _shuffled(changed, random)


def _scalar(kind: Family, value: Json, random: Random) -> Json:
    if random.random() < 0.5:
        return value
    if kind in (Family.BOOL, Family.NULL) and isinstance(value, bool):
        return str(value)
    if kind in (Family.NUMERIC, Family.DATE) and not isinstance(value, str):
        return str(value)
    if kind is Family.IP and "/" not in value:
        return f"{value}/32"
    return value
