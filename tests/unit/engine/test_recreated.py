"""What came back under new ids, and who is known to refer to the old ones."""

from __future__ import annotations

from typing import Any

from rolewright.engine.outcome import Recreated
from rolewright.engine.plan import Action, Change, Reading
from rolewright.engine.recreated import known_of, recreated
from rolewright.engine.rollback import Undone
from rolewright.resources.address import Address
from rolewright.resources.calls import Again, Attrs, Call
from rolewright.resources.registry import kind_class
from rolewright.state.document import State, StateRecord
from unit.views.samples import plan

OLD, NEW = "AROAOLDOLDOLDOLDOLDOL", "AROANEWNEWNEWNEWNEWNE"
ARN = "arn:aws:iam::123456789012:role/caller"
AGAIN = Again("role", "caller", OLD, "Role.RoleId", ARN)
CALLER, DOOR = Address("role", "caller"), Address("role", "door")
MADE = Undone(CALLER, Call("iam", "CreateRole", {"RoleName": "caller"}, again=AGAIN), {})
TOLD = Undone(CALLER, MADE.call, {"Role.RoleId": NEW})


def trusting(*principals: str, unique_id: str = "AROADOOR", **more: Any) -> dict[str, Any]:
    """The live attributes of a role that trusts these principals."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"name": "door", "unique_id": unique_id, "trust_policy": document, **more}


def reading(**known: Attrs) -> dict[Address, list[Attrs]]:
    return {Address("role", name): [attrs] for name, attrs in known.items()}


def test_a_trust_that_named_the_role_refers_to_the_old_id() -> None:
    """AWS has put the old id in the place of the role's ARN; a trust in another one is not touched."""
    known = reading(door=trusting(ARN), other=trusting(f"{ARN}-2"))

    assert recreated([TOLD], known, kind_class) == (
        Recreated("role.caller", "role", "caller", OLD, NEW, ("role.door",)),
    )


def test_a_trust_saved_again_after_it_names_the_new_one() -> None:
    """What the rollback writes after the role is there again is right; what it wrote before is not."""
    written, another = (
        Undone(DOOR, Call("iam", "UpdateAssumeRolePolicy", {"PolicyDocument": f'"{arn}"'}), {})
        for arn in (ARN, f"{ARN}-2")
    )
    known = reading(door=trusting(ARN))

    (after,) = recreated([TOLD, written], known, kind_class)
    (before,) = recreated([written, TOLD, another], known, kind_class)

    assert (after.referred_to_by, before.referred_to_by) == ((), ("role.door",))


def test_the_id_itself_is_found_wherever_it_stands() -> None:
    """A condition on aws:userid names the old id in so many words, and saving it again changes nothing."""
    condition = {"StringLike": {"aws:userid": f"{OLD}:*"}}
    policy = {"type": "inline", "name": "p", "document": {"Statement": {"Condition": condition}}}
    own = {"name": "caller", "unique_id": OLD, "inline_policies": {}}
    known: dict[Address, list[Attrs]] = {CALLER: [own], Address("permission_policy", "p"): [policy]}

    (found,) = recreated([TOLD], known, kind_class)

    assert found.referred_to_by == ("permission_policy.p",)


def test_an_answer_that_was_lost_leaves_the_new_id_open() -> None:
    """A call whose answer told nothing is listed none the less; other undo calls are not."""
    other = Undone(DOOR, Call("iam", "DeleteRole", {"RoleName": "door"}), {})

    (found,) = recreated([other, MADE], {}, kind_class)

    assert (found.old_id, found.new_id) == (OLD, "")


def test_what_was_read_counts_before_what_was_recorded() -> None:
    """The state tells only of what the plan did not read, and of what is an object of AWS."""
    trust = StateRecord("trust_policy", "t", "", {"name": "t"}, {"name": "t"})
    door, other = (StateRecord("role", name, "", {"name": name}, {"name": name}) for name in "do")
    state = State.empty("s", "123456789012", "us-east-1", "lineage")
    for address, record in (
        (DOOR, door),
        (Address("role", "other"), other),
        (Address("trust_policy", "t"), trust),
    ):
        state = state.with_record(address, record)
    live = trusting(ARN)
    read = Change(DOOR, "role", Action.NO_OP, "", reads=(Reading({}, live), Reading({}, None)))

    known = known_of(plan(read), state, kind_class)

    assert known == {DOOR: [live], Address("role", "other"): [{"name": "o"}]}
