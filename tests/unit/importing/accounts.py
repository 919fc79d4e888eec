"""Random accounts: roles with all that hangs on them, as an import finds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from rolewright.engine.importing.found import Found
from rolewright.engine.importing.naming import addresses
from rolewright.resources.permission_policy import PermissionPolicy
from rolewright.resources.role import Role
from support.config import IDENTITY
from unit.policy.documents import policies

Json = Any
ACCOUNT = IDENTITY.account_id
ROLE_NAMES = ["web", "Worker", "a.b.arn", "on", "0123", "1e3", "x+y=z,@-_", "null", "each", "role"]
POLICY_NAMES = ["read", "Write", "a.b", "true", "007", "web"]
PATHS = st.sampled_from(["/", "/service/", "/a/b/", "/${x}/", "/#/"])
# What AWS takes for a description.
TEXTS = st.text(
    st.characters(
        categories=(),
        include_characters="\t\n\r" + "".join(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x100)])),
    ),
    max_size=30,
) | st.sampled_from(
    [
        "on",
        "0123",
        "1e3",
        "2012-10-17",
        "Reads: a # b",
        "${var.x} $${y} ${aws:username}",
        "First line\n  second\n",
        "*",
        "~",
        'say "hi"',
    ]
)
TAGS = st.dictionaries(
    st.sampled_from(["team", "on", "0123", "a: b", "é", "x y", "Ω"]),
    st.text(max_size=12) | st.sampled_from(["yes", "1.0", "${role.web.arn}", "media"]),
    max_size=3,
)


def role_arn(name: str, path: str = "/") -> str:
    """A role of this account."""
    return f"arn:aws:iam::{ACCOUNT}:role{path}{name}"


def trusting(principal: Json, action: Json = "sts:AssumeRole", **more: Json) -> Json:
    """A trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allowing(resource: Json, action: Json = "s3:GetObject", **more: Json) -> Json:
    """A permission policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(name: str, trust: Json, **more: Json) -> Json:
    """A role's observed attributes."""
    return {
        "name": name,
        "path": "/",
        "description": "",
        "max_session_duration": 3600,
        "permissions_boundary": None,
        "tags": {},
        "trust_policy": trust,
        "unique_id": "AROAEXAMPLE",
        "inline_policies": {},
        "attached_policies": [],
        "instance_profiles": [],
        "foreign_inline_policies": {},
        "foreign_attached_policies": [],
        "foreign_instance_profiles": [],
        **more,
    }


def customer(
    name: str, roles: Sequence[str], document: Json, path: str = "/", **more: Json
) -> Json:
    """A customer managed policy's observed attributes."""
    return {
        "type": "customer",
        "name": name,
        "path": path,
        "arn": f"arn:aws:iam::{ACCOUNT}:policy{path}{name}",
        "description": "",
        "tags": {},
        "document": document,
        "roles": list(roles),
        **more,
    }


def inline(name: str, on: str, document: Json) -> Json:
    """An inline policy's observed attributes."""
    return {
        "type": "inline",
        "name": name,
        "document": document,
        "roles": [on],
        "documents": {on: document},
    }


def attached(arn: str, roles: Sequence[str]) -> Json:
    """An AWS managed policy's observed attributes."""
    return {"type": "aws", "arn": arn, "roles": list(roles)}


def account(objects: Sequence[tuple[str, Json]]) -> list[Found]:
    """What an import finds of these objects (kind and attributes), under proposed addresses."""
    names = addresses(objects)
    return [Found(address, attrs) for address, (_, attrs) in zip(names, objects, strict=True)]


@st.composite
def accounts(draw: st.DrawFn) -> list[Found]:
    """Up to four roles, their policies and bindings."""
    names = draw(st.lists(st.sampled_from(ROLE_NAMES), min_size=1, max_size=4, unique=True))
    paths = {name: draw(PATHS) for name in names}
    arns = [role_arn(name, path) for name, path in paths.items()]
    some = st.lists(st.sampled_from(names), max_size=3, unique=True)
    trusts = policies(trust=True) | st.one_of(
        st.just(trusting({"Service": "lambda.amazonaws.com"})),
        st.just(trusting({"Service": ["ec2.amazonaws.com"]})),
        st.sampled_from(arns).map(lambda arn: trusting({"AWS": arn})),
        st.lists(st.sampled_from(arns), min_size=1, max_size=3).map(
            lambda arns: trusting({"AWS": arns})
        ),
        st.just(trusting({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "AROAEXAMPLEDELETED"]})),
    )
    documents = policies() | st.sampled_from(arns).map(lambda arn: allowing(["*", arn]))
    objects: list[tuple[str, Json]] = []
    policy_names = draw(st.lists(st.sampled_from(POLICY_NAMES), max_size=3, unique=True))
    bounds = [None, "arn:aws:iam::aws:policy/PowerUserAccess"]
    for name in policy_names:
        attrs = customer(
            name,
            draw(some),
            draw(documents),
            draw(PATHS),
            description=draw(TEXTS),
            tags=draw(TAGS),
        )
        objects.append((PermissionPolicy.kind, attrs))
        bounds.append(attrs["arn"])
    for name in names:
        attrs = role(
            name,
            draw(trusts),
            path=paths[name],
            description=draw(TEXTS),
            max_session_duration=draw(st.sampled_from([3600, 7200])),
            permissions_boundary=draw(st.sampled_from(bounds)),
            tags=draw(TAGS),
        )
        objects.append((Role.kind, attrs))
        for policy in draw(st.lists(st.sampled_from(POLICY_NAMES), max_size=2, unique=True)):
            document = draw(documents)
            attrs["inline_policies"][policy] = document
            objects.append((PermissionPolicy.kind, inline(policy, name, document)))
    for arn in draw(
        st.lists(
            st.sampled_from(
                [
                    "arn:aws:iam::aws:policy/ReadOnlyAccess",
                    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                    "arn:aws:iam::aws:policy/of-later/${x}",
                ]
            ),
            max_size=2,
            unique=True,
        )
    ):
        roles = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        objects.append((PermissionPolicy.kind, attached(arn, roles)))
    objects += draw(st.lists(_bindings(names, arns), max_size=3, unique_by=_target))
    for kind, attrs in objects:
        if kind == PermissionPolicy.kind and attrs["type"] != "inline":
            for user in attrs["roles"]:
                holder = next(a for k, a in objects if k == Role.kind and a["name"] == user)
                holder["attached_policies"].append(attrs["arn"])
    return account(objects)


def _bindings(names: Sequence[str], arns: Sequence[str]) -> st.SearchStrategy[tuple[str, Json]]:
    arn = st.sampled_from(arns)
    functions = st.fixed_dictionaries(
        {
            "service": st.just("lambda"),
            "function": st.sampled_from(["f", "1e3", "web"]),
            "role_arn": arn,
        }
    )
    tasks = st.fixed_dictionaries(
        {
            "service": st.just("ecs"),
            "family": st.sampled_from(["worker", "on"]),
            "task_role_arn": st.none() | arn,
            "execution_role_arn": arn,
            "services": st.lists(st.sampled_from(["c/one", "c/two"]), unique=True),
        }
    )
    profiles = st.fixed_dictionaries(
        {
            "service": st.just("ec2"),
            "role": st.sampled_from(names),
            "instance_profile": st.sampled_from(["web", "profile"]),
            "path": PATHS,
            "instances": st.lists(st.sampled_from(["i-0a", "i-0b"]), unique=True),
            "tags": TAGS,
        }
    )
    return (functions | tasks | profiles).map(lambda attrs: ("service_binding", attrs))


def _target(item: tuple[str, Json]) -> str:
    """What a binding occupies: one only of each, for two would be one in AWS."""
    return str(item[1]["service"])


NEAR = [
    "The {k} service",
    "${{aws:PrincipalTag/{k}}}",
    "cost${k}",
    "${{{k}}}",
    "{k}{k} {k}",
    "{k}",
    "2012-10-17",
    "role.{k}.arn",
    "always",
]
"""Texts in which the key of a family stands, or nearly does."""


@st.composite
def repeated(draw: st.DrawFn) -> list[Found]:
    """Roles that differ in their key only, and here and there in more."""
    keys = draw(
        st.lists(
            st.sampled_from(["a", "b", "on", "10", "x.y", "role", "each", "s3"]),
            min_size=2,
            max_size=4,
            unique=True,
        )
    )
    name, says, tag, on = (draw(st.sampled_from(some)) for some in (_NAMES, NEAR, NEAR, NEAR))
    odd = draw(st.sampled_from([None, *keys]))
    bound = draw(st.booleans())
    trusts_itself = draw(st.booleans())
    objects: list[tuple[str, Json]] = []
    for key in keys:
        own = name.format(k=key)
        trust = trusting(
            {"AWS": role_arn(own)} if trusts_itself else {"Service": "x.amazonaws.com"}
        )
        policy = customer(f"{own}-policy", [own], allowing(f"arn:aws:s3:::b/{on.format(k=key)}"))
        about = "Another one" if key == odd else says.format(k=key)
        objects.append(
            (
                Role.kind,
                role(
                    own,
                    trust,
                    description=about,
                    tags={"team": tag.format(k=key), key: "x"} if bound else {},
                    permissions_boundary=policy["arn"] if bound else None,
                    attached_policies=[policy["arn"]],
                    inline_policies={"own": allowing([f"arn:aws:sqs:::{key}", role_arn(own)])},
                ),
            )
        )
        objects.append((PermissionPolicy.kind, policy))
        objects.append(
            (
                PermissionPolicy.kind,
                inline("own", own, allowing([f"arn:aws:sqs:::{key}", role_arn(own)])),
            )
        )
        function = {
            "service": "lambda",
            "function": f"f-{key.replace('.', '_')}",
            "role_arn": role_arn(own),
        }
        objects.append(("service_binding", function))
    return account(objects)


_NAMES = ["svc-{k}-role", "{k}", "{k}-s3", "a.{k}", "role-{k}"]


def copy(found: Sequence[Found]) -> list[Found]:
    """The same, sharing nothing."""
    return [Found(one.address, json.loads(json.dumps(one.attributes))) for one in found]
