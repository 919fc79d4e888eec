"""Which access a plan gives and takes."""

from __future__ import annotations

from typing import Any

from rolewright.engine.access_summary import AccessItem, access_of, unweighed
from rolewright.engine.plan import Action, Change
from unit.views import samples
from unit.views.samples import allow, change, plan, policy, role

DENY = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}


def update(name: str, before: Any, after: Any, **more: Any) -> Change:
    return change(f"permission_policy.{name}", Action.UPDATE, before=before, after=after, **more)


def create(name: str, after: Any) -> Change:
    return change(f"permission_policy.{name}", Action.CREATE, after=after)


def grants(items: tuple[AccessItem, ...]) -> list[tuple[str, str, str]]:
    return [(item.role, item.action, item.resource) for item in items]


def test_new_policy() -> None:
    """Each allowed action on each resource is an item, with its conditions and its policy."""
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    statement = allow(["s3:GetObject", "s3:ListBucket"], ["arn:a"], Condition=condition)
    found = access_of(plan(create("p", policy("p", statement, DENY))))

    assert found.gained == (
        AccessItem("photo-reader", "s3:GetObject", "arn:a", condition, "permission_policy.p"),
        AccessItem("photo-reader", "s3:ListBucket", "arn:a", condition, "permission_policy.p"),
    )
    assert found.lost == ()


def test_changed_policy() -> None:
    """What stays allowed is neither gained nor lost, however it is written."""
    before = policy("p", allow(["s3:GetObject", "s3:PutObject"], ["arn:a"]))
    after = policy("p", {"Effect": "Allow", "Action": "S3:getobject", "Resource": "arn:a"})
    found = access_of(plan(update("p", before, after)))

    assert found.gained == ()
    assert grants(found.lost) == [("photo-reader", "s3:PutObject", "arn:a")]


def test_still_allowed_by_another_policy() -> None:
    """What moves from one policy to another, or stays in an unchanged one, isn't lost."""
    read, write = allow(["s3:GetObject"], ["arn:a"]), allow(["s3:PutObject"], ["arn:a"])
    kept = policy("kept", read)
    found = access_of(
        plan(
            update("from", policy("from", read, write), policy("from", allow(["x:Y"], ["arn:a"]))),
            create("to", policy("to", write)),
            change("permission_policy.kept", Action.NO_OP, before=kept, after=kept),
        )
    )

    assert grants(found.gained) == [("photo-reader", "x:Y", "arn:a")]
    assert found.lost == ()


def test_attached_to_another_role() -> None:
    """A policy that goes to another role gives there and takes here."""
    statement = allow(["s3:GetObject"], ["arn:a"])
    moved = update("p", policy("p", statement, roles=["a"]), policy("p", statement, roles=["b"]))
    found = access_of(plan(moved))

    assert grants(found.gained) == [("b", "s3:GetObject", "arn:a")]
    assert grants(found.lost) == [("a", "s3:GetObject", "arn:a")]


def test_exceptions_are_said() -> None:
    """All actions but some are not passed off as those some."""
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "NotResource": "arn:a"}
    found = access_of(plan(create("p", policy("p", statement))))

    assert grants(found.gained) == [
        ("photo-reader", "* except iam:*, sts:*", "* except arn:a"),
    ]


def test_aws_managed_policy() -> None:
    """What an AWS managed policy allows stands under its ARN: a plan doesn't hold its document."""
    found = access_of(plan(samples.GONE_POLICY))
    arn = "policy:arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"

    assert found.gained == (AccessItem("photo-reader", arn, arn, {}, "permission_policy.logs"),)


def test_foreign_policies_are_lost() -> None:
    """What a policy allowed that nobody declared is lost with it, by the role's address."""
    found = access_of(plan(samples.DRIFTED_ROLE))
    arn = f"policy:{samples.ADMIN}"

    assert found.lost == (
        AccessItem("photo-reader", "*", "*", {}, "role.photo-reader"),
        AccessItem("photo-reader", arn, arn, {}, "role.photo-reader"),
    )


def test_forgotten_policy_goes_on_allowing() -> None:
    """What leaves the state and stays in AWS takes nothing from anybody."""
    forgotten = change("permission_policy.p", Action.FORGET, before=policy("p", samples.READ))

    assert access_of(plan(forgotten)).lost == ()


def test_trust_gives_no_access() -> None:
    """Who may assume a role is no access of the role."""
    assert access_of(plan(samples.CREATE_TRUST, samples.CREATE_ROLE)).gained == ()


def test_unweighed() -> None:
    """A changed Deny or boundary is noticed, since the summary leaves it out."""
    read = policy("p", samples.READ)
    denied = policy("p", samples.READ, DENY)
    bounded = role(permissions_boundary="arn:b")

    assert not unweighed(plan(create("p", read)))
    assert not unweighed(plan(update("p", denied, denied)))
    assert unweighed(plan(update("p", denied, read)))
    assert unweighed(plan(change("role.a", Action.UPDATE, before=role(), after=bounded)))
