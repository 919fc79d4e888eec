"""What a plan looks like to a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rolewright.engine.plan import Action, Change, FieldDelta
from rolewright.engine.views.plan_text import render_plan
from rolewright.resources.address import Address
from rolewright.resources.calls import Call, Expect, Template, Wait
from unit.views import samples
from unit.views.samples import change, console, plan, policy, printed, role

GOLDEN = Path(__file__).with_name("golden")


def shown(*changes: Change, width: int = 100, calls: bool = False, **more: object) -> str:
    on = console(width)
    render_plan(plan(*changes, **more), on, calls=calls)
    return printed(on)


def shown_with_access(*changes: Change, width: int = 100, **more: object) -> str:
    on = console(width)
    render_plan(samples.with_access(plan(*changes, **more)), on)
    return printed(on)


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_action() -> None:
    """Each action has its symbol and its words, and shows only what differs."""
    text = shown_with_access(*samples.EVERY_ACTION, findings=samples.FINDINGS)

    assert text == golden("every_action")


def test_every_action_on_a_narrow_console() -> None:
    """At 80 columns nothing is lost, and what does not fit continues further in."""
    text = shown_with_access(*samples.EVERY_ACTION, findings=samples.FINDINGS, width=80)

    assert text == golden("every_action_80")


def test_drift() -> None:
    """Drift stands first, with the live value and what the plan does about it."""
    text = shown_with_access(samples.DRIFTED_ROLE, samples.GONE_POLICY)

    assert text == golden("drift")


def test_calls() -> None:
    """On request every call is listed with its parameters, documents laid out, and its undo."""
    text = shown(samples.CREATE_ROLE, samples.CREATE_TRUST, calls=True)

    assert text == golden("calls")


def test_call_with_reads_around_it() -> None:
    """What a call checks, copies and waits for is said with it."""
    read = {"FunctionName": "f"}
    call = Call(
        "lambda",
        "UpdateFunctionConfiguration",
        {"Role": {"$output": "new", "path": "Role.Arn"}},
        expect=Expect("lambda", "GetFunction", read, "Role", "arn:old"),
        template=Template("ecs", "DescribeTaskDefinition", {"taskDefinition": "f:1"}, "x"),
        wait=Wait("lambda", "GetFunction", read, "LastUpdateStatus", ("Successful", None)),
    )
    text = shown(change("service_binding.f", Action.CREATE, after={}, make=(call,)), calls=True)

    assert "only if lambda:GetFunction still answers as when this was planned" in text
    assert "all else copied from ecs:DescribeTaskDefinition taskDefinition = f:1" in text
    assert "then waits until LastUpdateStatus of lambda:GetFunction is Successful or none" in text
    assert "Role: <Role.Arn of new>" in text
    assert "undo: none" in text


def test_trust_change_is_told_once() -> None:
    """Roles that follow a changed trust policy say so in a line."""
    text = shown(samples.UPDATE_TRUST, samples.UPDATE_ROLE)

    assert "trust policy: follows trust_policy.ec2\n" in text
    assert text.count("lambda.amazonaws.com") == 1


def test_trust_change_of_its_own() -> None:
    """A role whose trust differs otherwise than its trust policy shows its own difference."""
    path = "trust_policy.Statement[0].Principal.Service"
    delta = FieldDelta(path, ["ecs.amazonaws.com"], ["lambda.amazonaws.com"])
    text = shown(samples.UPDATE_TRUST, replace(samples.UPDATE_ROLE, diff=(delta,)))

    assert "follows" not in text
    assert "~ statement 1: principals + lambda.amazonaws.com" in text


def test_new_role_names_its_new_trust_policy() -> None:
    """The document of a trust policy that is made too isn't repeated in each role."""
    text = shown(samples.CREATE_TRUST, samples.CREATE_ROLE)

    assert "trust policy: trust_policy.ec2\n" in text
    assert text.count("ec2.amazonaws.com") == 1


def test_no_changes_is_one_line() -> None:
    """An unchanged stack needs no more than a sentence."""
    text = shown(change("role.same", Action.NO_OP, before=role("same"), after=role("same")))

    assert text == "No changes: account 123456789012 is as photo-archive wants it.\n"


def test_no_changes_without_asking() -> None:
    """A plan that did not look at AWS says so."""
    text = shown(refreshed=False, targets=("role.a",), width=200)

    assert "(AWS was not asked: --no-refresh) (looked at role.a only)." in text


def test_nothing_to_destroy() -> None:
    """An empty state has nothing to destroy."""
    assert shown(operation="destroy") == (
        "Nothing to destroy: the state of photo-archive holds no resources.\n"
    )


def test_circumstances() -> None:
    """A plan for some resources, or without asking AWS, says so at its head."""
    text = shown(samples.CREATE_ROLE, targets=("role.photo-reader",), refreshed=False)

    assert "Only role.photo-reader and what they need\n" in text
    assert "AWS was not asked what is there now (--no-refresh)\n" in text


def test_foreign_policies_without_drift() -> None:
    """A role that becomes exclusive says what of others' is taken off it."""
    delta = FieldDelta("foreign_attached_policies", [samples.ADMIN], [])
    text = shown(change("role.a", Action.UPDATE, after=role("a"), diff=(delta,)))

    assert "attached outside rolewright: AdministratorAccess — will be detached\n" in text


def test_drift_that_is_left_alone() -> None:
    """What nobody asked to mend is reported and left."""
    delta = FieldDelta("foreign_instance_profiles", [], ["web"])
    text = shown(change("role.a", Action.NO_OP, after=role("a"), drift=(delta,)))

    assert "put into an instance profile outside rolewright: web — left as it is\n" in text
    assert text.endswith("No changes: account 123456789012 is as photo-archive wants it.\n")


def test_drift_to_what_is_wanted() -> None:
    """What somebody changed to what the stack file says now needs no call."""
    delta = FieldDelta("max_session_duration", 3600, 7200)
    wanted = role("a", max_session_duration=7200)
    text = shown(
        change("role.a", Action.UPDATE, before=wanted, after=wanted, drift=(delta,), diff=(delta,))
    )

    assert "max session duration is now 7200 — as the stack file wants it\n" in text
    assert "~ update role.a (no AWS call)\n" in text


@pytest.mark.parametrize(
    ("delta", "line"),
    [
        (
            FieldDelta("roles", ["a", "b"], ["b", "c"]),
            "roles: c is new, a is missing — will be set to what the stack file says",
        ),
        (FieldDelta("tags.a.b", "1", None), "tag a.b was removed — "),
        (FieldDelta("tags.new", None, "x"), "tag new is now x — will be removed"),
    ],
)
def test_drift_of_lists_and_tags(delta: FieldDelta, line: str) -> None:
    """Members and tags are told one by one."""
    back = FieldDelta(delta.path, delta.after, delta.before)
    after = policy("p", roles=["a", "b"], tags={"a.b": "1"})
    drifted = change(
        "permission_policy.p",
        Action.UPDATE,
        after=after,
        diff=(back,),
        drift=(delta,),
        make=(samples.call("X"),),
    )

    assert line in shown(drifted)


def test_deleted_elsewhere() -> None:
    """A resource that is gone and no longer wanted is only forgotten."""
    gone = (FieldDelta("exists", True, False),)
    text = shown(change("role.a", Action.DELETE, reason="gone", drift=gone))

    assert "is gone from AWS — nothing is left to delete\n" in text


def services(action: Action, keys: str) -> list[Change]:
    return [
        change(
            f'role.svc["{key}"]',
            action,
            after=role(f"svc-{key}", description=f"Serves {key}!"),
            before=role(f"svc-{key}"),
        )
        for key in keys.split()
    ]


def test_instances_of_for_each_are_told_together() -> None:
    """Instances that say the same but for their key are one block."""
    text = shown(*services(Action.CREATE, "api cart search"))

    assert golden("for_each") == text


def test_instances_that_differ_stay_apart() -> None:
    """An instance that differs in more than its key has a block of its own."""
    first, second, third = services(Action.CREATE, "api cart search")
    other = replace(second, after=role("svc-cart", max_session_duration=7200))
    text = shown(first, other, third)

    assert text.count("+ create") == 3


def test_deletes_stand_close() -> None:
    """A destroy lists what goes without empty lines between, and gives no reasons."""
    gone = change("role.x", Action.DELETE, reason="no longer", before=role("x"))
    text = shown(*services(Action.DELETE, "api cart"), gone, operation="destroy")

    assert '  - delete role.svc["api"], role.svc["cart"]\n  - delete role.x\n' in text
    assert "no longer" not in text


def test_moved_and_updated() -> None:
    """A resource that changes under a new address names the old one."""
    moved = replace(samples.UPDATE_ROLE, moved_from=Address("role", "thumbs"))

    assert "~ update role.thumbnailer (was role.thumbs)\n" in shown(moved)


def test_forced_binding_replacement() -> None:
    """The reason that forces a replacement comes from the binding of the service."""
    delta = FieldDelta("function", "a", "b")
    replaced = change(
        "service_binding.f",
        Action.REPLACE,
        after={"service": "lambda", "function": "b"},
        diff=(delta,),
        forced_by=("function",),
    )

    assert "function: a → b  # forces replacement: another function\n" in shown(replaced)


def test_role_before_a_binding_is_named() -> None:
    """What a binding takes the place of, and puts back when it goes, is said."""
    attributes = {"service": "lambda", "function": "f", "role_arn": "arn:new", "name": "f"}
    remembered = samples.record("service_binding", attributes, prior={"role_arn": "arn:old"})
    text = shown(change("service_binding.f", Action.CREATE, after=attributes, record=remembered))

    assert "put back when this is deleted: role_arn = arn:old\n" in text


def test_ascii_console() -> None:
    """A console that can't show the symbols gets plain ones, and never an error."""
    on = console(encoding="ascii")
    described = replace(samples.CREATE_ROLE, after=role(description="Lit les photos d'été"))
    render_plan(plan(described, samples.MOVE_ROLE, samples.DRIFTED_ROLE), on)
    text = printed(on)

    assert "-> move role.courier" in text
    assert "hacked - will be set back" in text
    assert "d'\\xe9t\\xe9" in text


def test_terminal_escapes_are_shown_not_obeyed() -> None:
    """What somebody wrote into AWS can't steer the terminal of who looks at it."""
    sly = replace(samples.CREATE_ROLE, after=role(description="a\x1b[2Jb\u202ec", name="x\x1b]0;y"))
    text = shown(sly)

    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("width", [80, 200])
def test_lines_fit_unless_a_word_does_not(width: int) -> None:
    """No line is wider than the console, but for an ARN that would not fit on any."""
    arn = "arn:aws:s3:::" + "x" * 210
    text = shown(
        *samples.EVERY_ACTION,
        change(
            "permission_policy.long",
            Action.CREATE,
            after=policy("long", samples.allow([f"s3:Get{n}" for n in range(60)], [arn])),
        ),
        findings=samples.FINDINGS,
        width=width,
    )

    assert arn in text
    assert all(len(line) <= width for line in text.splitlines() if arn not in line)
