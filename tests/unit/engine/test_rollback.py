"""Undoing: last first, as far as it goes, with commands for what is left."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

import pytest
from botocore import xform_name
from rolewright.engine.calling import Made
from rolewright.engine.events import CallUndone, RollbackStarted, UndoFailed
from rolewright.engine.rollback import ATTEMPTS, RolledBack, cli_command, roll_back
from rolewright.resources.address import Address
from rolewright.resources.calls import Attrs, Call, Phase
from rolewright.resources.ports import AwsError
from unit.engine.fakes import Bench, FakeAws, lost, refused


class Stubborn(FakeAws):
    """Refuses the operations that it is told to, as often as it is told to."""

    def __init__(self, refusing: Mapping[str, int], error: AwsError | None = None) -> None:
        super().__init__()
        self.left = dict(refusing)
        self.error = error or refused("DeleteConflict", "still in use")

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        super().call(service, operation, parameters)
        if self.left.get(operation, 0) > 0:
            self.left[operation] -= 1
            raise self.error
        return {}


def made(
    seq: int, *undo: str, undone: frozenset[int] = frozenset(), parameters: Attrs | None = None
) -> Made:
    back = tuple(Call("iam", name, parameters or {"Name": f"n{seq}"}) for name in undo)
    call = Call("iam", f"Make{seq}", {}, undo=back)
    return Made(seq, Address("role", f"r{seq}"), Phase.MAKE, call, back, undone)


def operations(bench: Bench) -> list[str]:
    return [operation for operation, _ in bench.aws.called]


def test_the_last_call_is_undone_first() -> None:
    """Calls go back in the opposite order, the undo of each in its own, and are journalled as undo."""
    bench = Bench()

    back = roll_back(bench.run(), [made(1, "A"), made(2, "B", "C"), made(3, "D")])

    assert operations(bench) == ["D", "B", "C", "A"]
    assert [(entry.undo_of, entry.index) for entry in bench.intended] == [
        (3, 0),
        (2, 0),
        (2, 1),
        (1, 0),
    ]
    assert back.addresses == ("role.r3", "role.r2", "role.r1")
    assert back.left == ()
    assert bench.events[0] == RollbackStarted(4)
    assert sum(isinstance(event, CallUndone) for event in bench.events) == 4


def test_what_was_undone_before_is_not_undone_again() -> None:
    """An undo call that an earlier rollback made is left out, its neighbours are not."""
    bench = Bench()

    back = roll_back(
        bench.run(),
        [made(1, "A", undone=frozenset({0})), made(2, "B", "C", "D", undone=frozenset({1}))],
    )

    assert operations(bench) == ["B", "D"]
    assert back.addresses == ("role.r2",)


def test_calls_without_an_undo_are_passed_over() -> None:
    """What has no undo takes nothing back and is no failure."""
    bench = Bench()

    assert roll_back(bench.run(), [made(1), made(2)]) == RolledBack()
    assert bench.entries == []


def test_one_failing_undo_does_not_stop_the_others() -> None:
    """A call that stays refused ends its own call's undo; those of the other calls still run."""
    bench = Bench(Stubborn({"B": 99}))

    back = roll_back(
        bench.run(),
        [made(1, "A"), made(2, "X", "B", "C", "E", undone=frozenset({3})), made(3, "D")],
    )

    assert operations(bench) == ["D", "X", *["B"] * ATTEMPTS, "A"]
    assert back.addresses == ("role.r3", "role.r2", "role.r1")
    assert [command.split()[2] for command in back.left] == ["b", "c"]
    assert [event.code for event in bench.events if isinstance(event, UndoFailed)] == [
        "DeleteConflict"
    ]


def test_an_undo_that_fails_for_a_while_is_made_again() -> None:
    """A refusal that passes within a few attempts leaves nothing behind, and takes no real time."""
    bench = Bench(Stubborn({"A": ATTEMPTS - 1}))

    back = roll_back(bench.run(), [made(1, "A")])

    assert (back.addresses, back.left) == (("role.r1",), ())
    assert operations(bench) == ["A"] * ATTEMPTS
    assert bench.clock.slept > 0


def test_lost_answers_do_not_stop_it_either() -> None:
    """An undo that nobody answers is given up as left over, and the next call's undo is made."""
    bench = Bench(Stubborn({"B": 999}, lost()))

    back = roll_back(bench.run(), [made(1, "A"), made(2, "B")])

    assert operations(bench)[-1] == "A"
    assert back.addresses == ("role.r1",)
    assert len(back.left) == 1


def test_left_commands_can_be_run() -> None:
    """Each command, read by a shell, hands the AWS CLI the very parameters as JSON."""
    document = json.dumps({"Statement": [{"Sid": 'it\'s "quoted" $HOME `id` \\ é'}]})
    parameters = {"RoleName": "a b", "PolicyDocument": document, "Flag": True, "N": [1, None]}
    bench = Bench(Stubborn({"PutRolePolicy": 999}))

    (command,) = roll_back(bench.run(), [made(1, "PutRolePolicy", parameters=parameters)]).left

    *words, text = shlex.split(command)
    assert words == ["aws", "iam", "put-role-policy", "--cli-input-json"]
    assert json.loads(text) == parameters
    assert "\n" not in command


@pytest.mark.parametrize(
    ("service", "operation", "name"),
    [
        ("iam", "UpdateAssumeRolePolicy", "update-assume-role-policy"),
        ("iam", "DeleteRolePermissionsBoundary", "delete-role-permissions-boundary"),
        ("iam", "AddRoleToInstanceProfile", "add-role-to-instance-profile"),
        ("iam", "SetDefaultPolicyVersion", "set-default-policy-version"),
        ("ec2", "AssociateIamInstanceProfile", "associate-iam-instance-profile"),
        (
            "ec2",
            "ReplaceIamInstanceProfileAssociation",
            "replace-iam-instance-profile-association",
        ),
        ("ecs", "RegisterTaskDefinition", "register-task-definition"),
        ("lambda", "UpdateFunctionConfiguration", "update-function-configuration"),
        ("iam", "CreateOpenIDConnectProvider", "create-open-id-connect-provider"),
        ("iam", "UpdateSAMLProvider", "update-saml-provider"),
    ],
)
def test_operations_are_named_as_the_cli_does(service: str, operation: str, name: str) -> None:
    """The command's name is the one that the AWS CLI derives from the operation."""
    assert cli_command(Call(service, operation, {})).split()[:3] == ["aws", service, name]
    assert xform_name(operation, "-") == name
