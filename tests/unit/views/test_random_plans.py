"""Whatever a plan holds, it can be shown."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rolewright.engine.access_changes import (
    AccessChanges,
    AccessEntry,
    DangerEntry,
    RoleAccess,
    TrustEntry,
)
from rolewright.engine.plan import Action, Change, FieldDelta, Finding
from rolewright.engine.views.json_documents import plan_document
from rolewright.engine.views.plan_text import render_plan
from rolewright.resources.address import Address
from rolewright.resources.calls import Call, Phase, Wait
from unit.views.samples import console, plan, printed

texts = st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers(-9, 9999) | texts
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
principals = st.sampled_from(["*", "123456789012", "AROA1", "arn:aws:iam::123456789012:role/r"])
condition_blocks = st.dictionaries(
    st.sampled_from(["StringEquals", "ForAllValues:StringLike", "Null", "Odd", ""]),
    st.dictionaries(texts, scalars | st.lists(scalars, max_size=2), max_size=2) | scalars,
    max_size=2,
)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Sid": texts,
        "Action": texts | st.lists(texts, max_size=3),
        "NotAction": texts,
        "Resource": texts | st.lists(texts, max_size=3),
        "NotResource": st.lists(texts, max_size=2),
        "Principal": principals | st.dictionaries(st.sampled_from(["AWS", "Service"]), principals),
        "NotPrincipal": principals,
        "Condition": condition_blocks,
    },
)
documents = st.fixed_dictionaries(
    {"Statement": statements | st.lists(statements, max_size=3)}, optional={"Version": texts}
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "type": st.sampled_from(["customer", "inline", "aws"]),
        "service": st.sampled_from(["ec2", "lambda", "nowhere"]),
        "arn": texts,
        "roles": st.lists(texts, max_size=3),
        "description": texts,
        "max_session_duration": st.integers(0, 9999),
        "permissions_boundary": st.none() | texts,
        "tags": st.dictionaries(texts, texts, max_size=3),
        "trust_policy": documents,
        "document": documents,
        "odd": json_values,
    },
)
roles = st.builds(
    lambda base, foreign: {**base, "name": "r", **foreign},
    attributes.map(lambda a: {k: v for k, v in a.items() if k not in ("type", "document")}),
    st.fixed_dictionaries(
        {},
        optional={
            "foreign_attached_policies": st.lists(texts, max_size=2),
            "foreign_inline_policies": st.dictionaries(texts, documents, max_size=2),
            "foreign_instance_profiles": st.lists(texts, max_size=2),
        },
    ),
)
paths = st.sampled_from(
    [
        "name",
        "description",
        "tags.a.b",
        "tags",
        "roles",
        "exists",
        "trust_policy",
        "foreign_attached_policies",
        "foreign_inline_policies.debug",
        "foreign_instance_profiles",
        "nested.a.b.c",
        "",
    ]
)
plain_deltas = st.builds(FieldDelta, paths, json_values, json_values)
statement_deltas = st.one_of(
    st.builds(
        lambda name, element, before, after: FieldDelta(
            f"document.Statement[{name}].{element}", before, after
        ),
        st.sampled_from(["0", "Read"]),
        st.sampled_from(
            ["Action", "Resource", "Condition.Bool.k", "Principal.AWS", "Principal", "Effect", "O"]
        ),
        st.lists(scalars | condition_blocks, max_size=2) | scalars,
        st.lists(scalars | condition_blocks, max_size=2) | scalars,
    ),
    st.builds(
        lambda before, after: FieldDelta("trust_policy.Statement[1]", before, after),
        st.none() | statements,
        st.none() | statements,
    ),
)
deltas = st.lists(plain_deltas | statement_deltas, max_size=4).map(tuple)
bare_calls = st.builds(
    Call,
    st.sampled_from(["iam", "lambda"]),
    texts,
    st.dictionaries(texts, json_values | documents.map(json.dumps), max_size=3),
    phase=st.sampled_from(Phase),
    lossy=st.just("") | texts,
    wait=st.none() | st.just(Wait("iam", "GetRole", {}, "Role", ("x", None))),
)
calls = st.builds(
    lambda call, undo: Call(
        call.service, call.operation, call.parameters, phase=call.phase, lossy=call.lossy, undo=undo
    ),
    bare_calls,
    st.lists(bare_calls, max_size=2).map(tuple),
)
addresses = st.builds(
    Address,
    st.sampled_from(["trust_policy", "role", "permission_policy", "service_binding", "odd"]),
    st.sampled_from(["a", "b", "reader"]),
    st.none() | texts,
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    address = draw(addresses)
    attrs = st.none() | (roles if address.kind == "role" else attributes)
    return Change(
        address,
        address.kind,
        draw(st.sampled_from(Action)),
        draw(texts),
        before=draw(attrs),
        after=draw(attrs),
        diff=draw(deltas),
        drift=draw(deltas),
        make=draw(st.lists(calls, max_size=2).map(tuple)),
        remove=draw(st.lists(calls, max_size=1).map(tuple)),
        needs=tuple(draw(st.lists(addresses, max_size=2))),
        moved_from=draw(st.none() | addresses),
        forced_by=draw(st.sampled_from([(), ("name",), ("odd",)])),
    )


levels = st.dictionaries(st.sampled_from(["Write", "Read", "List"]), st.integers(1, 9999))
condition_items = st.fixed_dictionaries(
    {"operator": texts, "key": texts, "values": st.lists(texts, max_size=2)},
    optional={"negated": st.just(value=True)},
)
access_entries = st.builds(
    AccessEntry,
    st.dictionaries(
        st.sampled_from(["*", "s3:*", "s3:Get*", "ec2:<future>", "<other>:<future>", "policy:x"])
        | texts,
        st.sampled_from(["Write", "Read", ""]),
        max_size=9,
    ),
    st.sampled_from(["*", "* except arn:a", "arn:b"]) | texts,
    st.lists(condition_items, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    exact=st.booleans(),
    effective=st.booleans(),
    changed=st.booleans(),
    services=st.dictionaries(st.sampled_from(["s3", "ec2", "*"]), levels),
)
entry_lists = st.lists(access_entries, max_size=3).map(tuple)
trust_lists = st.lists(
    st.builds(TrustEntry, texts, texts, texts, public=st.booleans()), max_size=2
).map(tuple)
role_accesses = st.builds(
    RoleAccess,
    st.sampled_from(["role.a", 'role.b["k"]', 'role.b["l"]']),
    texts,
    entry_lists,
    entry_lists,
    trust_lists,
    trust_lists,
    st.lists(
        st.builds(DangerEntry, texts, texts, texts, st.lists(texts, max_size=5).map(tuple), texts),
        max_size=5,
    ).map(tuple),
    levels,
    levels,
    levels,
    st.booleans(),
)
accesses = st.none() | st.builds(AccessChanges, st.lists(role_accesses, max_size=3).map(tuple))
findings = st.builds(
    Finding, texts, st.sampled_from(["info", "high", "odd"]), st.just("role.a"), texts
)


@given(
    found=st.lists(changes(), max_size=5, unique_by=lambda change: change.address),
    access=accesses,
    told=st.lists(findings, max_size=2).map(tuple),
    width=st.integers(10, 220),
    encoding=st.sampled_from(["utf-8", "ascii", "cp1252"]),
    listed=st.booleans(),
)
def test_any_plan_can_be_shown(
    found: list[Change],
    access: AccessChanges | None,
    told: tuple[Finding, ...],
    width: int,
    encoding: str,
    *,
    listed: bool,
) -> None:
    """No value of an attribute, a difference or a parameter stops a plan from being read."""
    shown: Any = plan(*found, findings=told, access=access)
    on = console(width, encoding=encoding)
    render_plan(shown, on, calls=listed)
    text = printed(on)

    assert text.endswith("\n")
    assert all(c.isprintable() or c == "\n" for c in text)
    assert json.loads(json.dumps(plan_document(shown)))["command"] == "plan"
