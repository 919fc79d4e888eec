"""What a plan lets roles do that they could not do before, and the reverse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from rolewright.engine.access import access_changes
from rolewright.engine.access_changes import AccessChanges, AccessEntry, RoleAccess
from rolewright.engine.plan import Action, Change, Plan, Reading
from rolewright.engine.planfile import decode_plan, encode_plan
from rolewright.resources.policy.catalogue import Catalogue
from unit.views.samples import (
    ADMIN,
    CATALOGUE,
    allow,
    change,
    document,
    plan,
    policy,
    role,
    trust,
)

BUCKET = "arn:aws:s3:::b"
ALL = document(allow(["*"], ["*"]))
BOUNDARY = "arn:aws:iam::123456789012:policy/bounds"
GET, PUT = allow(["s3:GetObject"], [BUCKET]), allow(["s3:PutObject"], [BUCKET])
DENY = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}


class Reader:
    """Documents of managed policies, and what was asked for of them."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = documents
        self.asked: list[Sequence[str]] = []

    def __call__(self, arns: Iterable[str]) -> Mapping[str, Any]:
        wanted = list(arns)
        self.asked.append(wanted)
        return {arn: self.documents[arn] for arn in wanted if arn in self.documents}


def no_catalogue() -> Catalogue:
    raise AssertionError("the catalogue was loaded")


def seen(address: str, action: Action, before: Any = None, after: Any = None) -> Change:
    """A change with what was read for it, as the planner makes it."""
    reads = () if before is None else (Reading(before, before),)
    return change(address, action, before=before, after=after, reads=reads)


def kept(address: str, attrs: Any) -> Change:
    return seen(address, Action.NO_OP, attrs, attrs)


ROLE = kept("role.r", role())


def new(name: str, *statements: Any, **more: Any) -> Change:
    return seen(f"permission_policy.{name}", Action.CREATE, None, policy(name, *statements, **more))


def edited(name: str, before: Any, after: Any) -> Change:
    return seen(f"permission_policy.{name}", Action.UPDATE, before, after)


def access(
    *changes: Change,
    documents: Mapping[str, Any] | None = None,
    state: Mapping[Any, Any] | None = None,
    **more: Any,
) -> AccessChanges:
    reader = Reader(documents or {})
    return access_changes(plan(*changes, **more), state or {}, reader, lambda: CATALOGUE)


def said(entries: Iterable[AccessEntry]) -> list[tuple[str, str]]:
    return [(", ".join(entry.actions), entry.resource) for entry in entries]


def only(found: AccessChanges) -> RoleAccess:
    (one,) = found.roles
    return one


def test_a_new_policy_gives() -> None:
    """What it allows is gained, with its levels, conditions and the policy's address."""
    block = {"Bool": {"aws:SecureTransport": "true"}}
    found = only(access(ROLE, new("p", allow(["s3:Get*", "s3:PutObject"], ["*"], Condition=block))))

    assert (found.address, found.role) == ("role.r", "photo-reader")
    (entry,) = found.gained
    assert entry.actions == {"s3:Get*": "Read", "s3:PutObject": "Write"}
    assert entry.services == {"s3": {"Write": 1, "Read": 2}}
    assert entry.conditions == (
        {"operator": "Bool", "key": "aws:SecureTransport", "values": ["true"]},
    )
    assert (entry.by, entry.exact, entry.effective) == (("permission_policy.p",), True, True)
    assert found.gained_levels == {"Write": 1, "Read": 2}
    assert found.lost == ()


def test_the_catalogue_is_named() -> None:
    """Whoever reads a plan later knows by which data it was made."""
    assert access(ROLE, new("p", GET)).catalogue_version == "1"


def test_what_stays_allowed_is_not_lost() -> None:
    """Neither another spelling nor a move from one policy to another is a change."""
    spelled = {"Effect": "Allow", "Action": "S3:getobject", "Resource": BUCKET}
    found = access(
        ROLE, edited("from", policy("from", GET, PUT), policy("from", spelled)), new("to", PUT)
    )

    assert found.roles == ()


def test_a_policy_on_another_role() -> None:
    """It gives there and takes here."""
    moved = edited("p", policy("p", GET, roles=["a"]), policy("p", GET, roles=["b"]))
    found = access(kept("role.a", role("a")), kept("role.b", role("b")), moved)

    a, b = found.roles
    assert (said(a.gained), said(a.lost)) == ([], [("s3:GetObject", BUCKET)])
    assert (said(b.gained), said(b.lost)) == ([("s3:GetObject", BUCKET)], [])


def test_dangers() -> None:
    """What becomes dangerous is named, and marked where it is gained."""
    found = only(access(ROLE, new("p", allow(["iam:PutRolePolicy"], ["*"]), GET)))

    (danger,) = found.dangers
    assert (danger.kind, danger.actions) == ("privilege escalation", ("iam:PutRolePolicy",))
    assert (danger.by, danger.certain) == (("permission_policy.p",), True)
    assert {", ".join(entry.actions): entry.dangers for entry in found.gained} == {
        "iam:PutRolePolicy": (danger.id,),
        "s3:GetObject": (),
    }


def test_trust() -> None:
    """Who may newly assume a role, without the catalogue, and whom a deleted role leaves out."""
    opened = role(trust_policy=trust("ec2.amazonaws.com", "lambda.amazonaws.com"))
    changes = (
        seen("role.gone", Action.DELETE, role("gone")),
        seen("role.r", Action.UPDATE, role(), opened),
    )
    found = access_changes(plan(*changes), {}, Reader({}), no_catalogue)

    gone, kept_ = found.roles
    assert [entry.principal for entry in gone.trust_lost] == ["ec2.amazonaws.com"]
    assert gone.gone
    (entry,) = kept_.trust_gained
    assert (entry.principal, entry.principal_type) == ("lambda.amazonaws.com", "service")
    assert (entry.actions, entry.public, kept_.gone) == (("sts:AssumeRole",), False, False)


def test_a_new_role_and_a_deleted_one() -> None:
    """A role that comes gains all that it may do, one that goes loses it."""
    found = access(
        seen("role.new", Action.CREATE, None, role("new")),
        seen("role.old", Action.DELETE, role("old")),
        new("p", GET, roles=["new"]),
        seen("permission_policy.q", Action.DELETE, policy("q", PUT, roles=["old"])),
    )

    made, gone = found.roles
    assert (made.role, said(made.gained)) == ("new", [("s3:GetObject", BUCKET)])
    assert (gone.role, said(gone.lost)) == ("old", [("s3:PutObject", BUCKET)])


def test_a_renamed_role_keeps_its_access() -> None:
    """A role of another name under the same address is the same role to whoever uses it."""
    found = access(
        seen("role.r", Action.REPLACE, role("old"), role("new")),
        edited("p", policy("p", GET, roles=["old"]), policy("p", GET, roles=["new"])),
    )

    assert found.roles == ()


def test_a_renamed_role_loses_what_nobody_declared() -> None:
    """The new object has only what the stack file hangs on it."""
    old = role("old", foreign_attached_policies=[ADMIN])
    wanted = role("new")
    for name in ("foreign_inline_policies", "foreign_attached_policies"):
        del wanted[name]
    replaced = seen("role.r", Action.REPLACE, old, wanted)
    again = replace(replaced, deletes_first=True)

    assert said(only(access(replaced, documents={ADMIN: ALL})).lost) == [("*", "*")]
    assert access(again, documents={ADMIN: ALL}).roles == ()


def test_an_aws_managed_policy_is_read() -> None:
    """Everything stays one entry, however many actions it is."""
    managed = {"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]}
    attached = seen("permission_policy.p", Action.CREATE, None, managed)
    found = access(ROLE, attached, documents={ADMIN: ALL})

    (entry,) = only(found).gained
    assert entry.actions == {"*": "Permissions management"}
    assert entry.by == ("permission_policy.p",)
    assert list(entry.services) == ["*"]


def test_an_aws_managed_policy_that_was_attached_by_hand() -> None:
    """Declaring what is on the role already gives nothing."""
    managed = {"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]}
    other = {"type": "aws", "arn": f"{ADMIN}2", "roles": ["photo-reader"]}
    declared = seen("permission_policy.p", Action.CREATE, managed, managed)
    switched = replace(
        seen("permission_policy.p", Action.REPLACE, other, managed),
        reads=(Reading(other, other), Reading(managed, managed)),
    )
    documents = {ADMIN: ALL, f"{ADMIN}2": document(GET)}

    assert access(ROLE, declared, documents=documents).roles == ()
    assert access(ROLE, switched, documents=documents, state={switched.address: other}).roles == ()


def test_a_policy_that_cannot_be_read() -> None:
    """It is named by its ARN, and nothing that it may have allowed anyway is certain."""
    managed = {"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]}
    found = access(ROLE, seen("permission_policy.p", Action.CREATE, None, managed), new("q", GET))

    known, opaque = only(found).gained
    assert said([known]) == [("s3:GetObject", BUCKET)]
    assert opaque == AccessEntry(
        {f"policy:{ADMIN}": ""}, f"policy:{ADMIN}", by=("permission_policy.p",), exact=False
    )
    assert not known.exact
    assert not found.exact


def test_a_deny_takes() -> None:
    """A statement that is added can take access, and give it when it goes."""
    plain, denied = policy("p", GET, PUT), policy("p", GET, PUT, DENY)

    assert said(only(access(ROLE, edited("p", plain, denied))).lost) == [("s3:PutObject", BUCKET)]
    assert said(only(access(ROLE, edited("p", denied, plain))).gained) == [("s3:PutObject", BUCKET)]


def test_a_boundary_takes() -> None:
    """What the boundary doesn't allow is lost when it comes."""
    bounded = role(permissions_boundary=BOUNDARY)
    change_ = seen("role.r", Action.UPDATE, role(), bounded)
    own = kept("permission_policy.p", policy("p", GET, PUT))
    found = access(change_, own, documents={BOUNDARY: document(GET)})

    assert (only(found).gained, said(only(found).lost)) == ((), [("s3:PutObject", BUCKET)])


def test_a_boundary_that_cannot_be_read() -> None:
    """That access is lost, or gained when it goes, is said although nobody knows which."""
    bounded = role(permissions_boundary=BOUNDARY)
    own = kept("permission_policy.p", policy("p", GET))
    comes = only(access(seen("role.r", Action.UPDATE, role(), bounded), own))
    goes = only(access(seen("role.r", Action.UPDATE, bounded, role()), own))

    assert (comes.gained, said(comes.lost)) == ((), [(f"boundary:{BOUNDARY}",) * 2])
    assert (said(goes.gained), goes.lost) == ([(f"boundary:{BOUNDARY}",) * 2], ())


def test_all_but_some() -> None:
    """NotAction and NotResource are what they leave, whatever the catalogue has."""
    wide = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": BUCKET}
    (entry,) = only(access(ROLE, new("p", wide))).gained

    assert entry.resource == f"* except {BUCKET}"
    assert list(entry.actions) == ["<other>:<future>", "kms:*", "s3:*"]
    assert entry.actions["<other>:<future>"] == ""


def test_changed_conditions() -> None:
    """The same access under another condition is marked on both sides, and counted apart."""
    one, other = (
        policy("p", allow(["s3:GetObject"], ["*"], Condition={"IpAddress": {"aws:SourceIp": ip}}))
        for ip in ("10.0.0.0/8", "192.168.0.0/16")
    )
    found = only(access(ROLE, edited("p", one, other)))

    assert [entry.changed for entry in (*found.gained, *found.lost)] == [True, True]
    assert (found.gained_levels, found.changed_levels) == ({}, {"Read": 1})


def test_what_works_on_nothing() -> None:
    """An action on a resource that it doesn't work on is an entry of its own."""
    types = {"kms": {"actions": {"Decrypt": {"level": "Write", "resource_types": ["key"]}}}}
    form = "arn:${Partition}:kms:${Region}:${Account}:key/${Key}"
    types["kms"]["resources"] = {"key": {"arn_formats": [form]}}
    catalogue = Catalogue.from_file({"version": "2", "date": "2026-01-01", "services": types})
    made = plan(ROLE, new("p", allow(["kms:Decrypt"], [BUCKET])))
    found = only(access_changes(made, {}, Reader({}), lambda: catalogue))

    assert [entry.effective for entry in found.gained] == [False]
    assert found.gained_levels == {}


def test_a_role_that_is_not_exclusive_keeps_what_others_hung_on_it() -> None:
    """What stays on the role allows as before."""
    wanted = {"name": "r", "path": "/", "trust_policy": role()["trust_policy"]}
    live = {**wanted, "foreign_inline_policies": {"theirs": document(GET)}}
    live["foreign_attached_policies"] = [ADMIN]
    found = access(
        seen("role.r", Action.UPDATE, live, {**wanted, "description": "x"}),
        new("p", GET, roles=["r"]),
        documents={ADMIN: document(PUT)},
    )

    assert found.roles == ()


def test_an_exclusive_role_loses_what_others_hung_on_it() -> None:
    """It goes by the names that it has in AWS."""
    live = role(
        foreign_inline_policies={"theirs": document(GET)}, foreign_attached_policies=[ADMIN]
    )
    found = only(
        access(seen("role.r", Action.UPDATE, live, role()), documents={ADMIN: document(PUT)})
    )

    assert [entry.by for entry in found.lost] == [(ADMIN, "inline theirs")]


def test_an_inline_policy_that_somebody_changed_on_one_role() -> None:
    """The others have the document that they had."""
    wanted = {"type": "inline", "name": "p", "document": document(GET), "roles": ["a", "b"]}
    live = {**wanted, "document": ALL, "documents": {"a": ALL, "b": document(GET)}}
    found = access(
        kept("role.a", role("a")),
        kept("role.b", role("b")),
        seen("permission_policy.p", Action.UPDATE, live, wanted),
    )

    assert [one.address for one in found.roles] == ["role.a"]


def test_what_is_forgotten_goes_on_allowing() -> None:
    """What leaves the state and stays in AWS takes nothing from anybody."""
    forgotten = seen("permission_policy.p", Action.FORGET, policy("p", GET))

    assert access(ROLE, forgotten, new("q", GET)).roles == ()


def test_what_a_target_leaves_out_counts() -> None:
    """An unselected policy of the state allows before and after."""
    state = {
        one.address: one.before for one in (ROLE, kept("permission_policy.p", policy("p", GET)))
    }
    found = access(ROLE, new("q", GET, PUT), state=state, targets=("permission_policy.q",))

    assert said(only(found).gained) == [("s3:PutObject", BUCKET)]


def test_what_was_moved_is_the_same() -> None:
    """A new address for what the state knows by the old one is no second resource."""
    state = {change("role.old", Action.NO_OP).address: role()}
    moved = replace(seen("role.r", Action.MOVE, role(), role()), moved_from=next(iter(state)))
    found = access(moved, new("p", GET), state=state, renamed={"role.old": "role.r"})

    assert [one.address for one in found.roles] == ["role.r"]


def test_without_asking_aws_the_state_is_believed() -> None:
    """With --no-refresh nothing was read of what the state knows."""
    before, after = policy("p", GET), policy("p", GET, PUT)
    unread = change("permission_policy.p", Action.UPDATE, before=before, after=after)
    state = {ROLE.address: role(), unread.address: before}
    found = access(replace(ROLE, reads=()), unread, state=state, refreshed=False)

    assert said(only(found).gained) == [("s3:PutObject", BUCKET)]


@pytest.mark.parametrize(
    "changes",
    [
        (kept("role.r", role()), kept("permission_policy.p", policy("p", GET))),
        (
            seen("role.r", Action.UPDATE, role(), role(description="Other")),
            kept("permission_policy.p", {"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]}),
        ),
        (change("service_binding.b", Action.CREATE, after={}),),
    ],
)
def test_nothing_is_asked_where_no_policy_changes(changes: tuple[Change, ...]) -> None:
    """Neither AWS nor the catalogue."""
    reader = Reader({})

    assert access_changes(plan(*changes), {}, reader, no_catalogue) == AccessChanges()
    assert reader.asked == []


def test_documents_of_the_roles_that_change_are_read_together() -> None:
    """And those of no other role."""
    managed = {"type": "aws", "arn": ADMIN, "roles": ["photo-reader"]}
    other = {"type": "aws", "arn": f"{ADMIN}2", "roles": ["other"]}
    reader = Reader({})
    made = plan(
        kept("role.r", role(permissions_boundary=BOUNDARY)),
        kept("role.other", role("other")),
        kept("permission_policy.other", other),
        seen("permission_policy.p", Action.CREATE, None, managed),
    )
    access_changes(made, {}, reader, lambda: CATALOGUE)

    assert reader.asked == [[BOUNDARY, ADMIN]]


def test_roles_with_the_same_policies_are_compared_once() -> None:
    """A policy on a hundred roles takes no longer than on one."""
    names = [f"r{number}" for number in range(100)]
    roles = [kept(f"role.{name}", role(name)) for name in names]
    found = access(*roles, new("p", GET, roles=names))

    assert len(found.roles) == len(names)
    assert len({id(one.gained[0]) for one in found.roles}) == 1


def test_a_saved_plan_keeps_it() -> None:
    """What was shown is what apply refuses by; a plan of an earlier version has none."""
    made = plan(ROLE, new("p", GET))
    with_access: Plan = replace(made, access=access(ROLE, new("p", GET)))
    nothing = replace(made, access=AccessChanges())

    assert decode_plan(encode_plan(with_access)) == with_access
    assert decode_plan(encode_plan(nothing)) == nothing
    assert decode_plan({k: v for k, v in encode_plan(made).items() if k != "access"}).access is None
