"""Which IAM permissions a plan needs."""

from __future__ import annotations

from rolewright.engine.permissions import iam_action, required_permissions
from rolewright.engine.plan import Action
from rolewright.resources.calls import Call, Expect, Template, Wait
from unit.views.samples import change, plan


def test_calls_undo_and_reads() -> None:
    """Everything that an apply or its rollback may call is listed once, sorted."""
    undo = Call("iam", "DeleteRole", {}, wait=Wait("iam", "GetRole", {}, "Role", (None,)))
    call = Call(
        "iam",
        "CreateRole",
        {},
        undo=(undo,),
        permissions=("iam:TagRole",),
        expect=Expect("iam", "GetRole", {}, "Role", None),
        template=Template("ecs", "DescribeTaskDefinition", {}, "taskDefinition"),
    )
    late = Call("lambda", "UpdateFunctionConfiguration", {}, permissions=("iam:PassRole",))

    assert required_permissions(
        plan(change("role.a", Action.CREATE, make=(call,), remove=(late, call)))
    ) == (
        "ecs:DescribeTaskDefinition",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:GetRole",
        "iam:PassRole",
        "iam:TagRole",
        "lambda:UpdateFunctionConfiguration",
    )


def test_prefix() -> None:
    """The few services whose prefix is not their client's name have their own."""
    assert iam_action("stepfunctions", "UpdateStateMachine") == "states:UpdateStateMachine"


def test_nothing_to_do_needs_nothing() -> None:
    """A plan without calls needs no permission."""
    assert required_permissions(plan()) == ()
