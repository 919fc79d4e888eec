"""One call: filled in, checked, made, waited for, and journalled before and after."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from rolewright.engine.calling import ROUNDS, UNCHANGED, CallRefused, judge, perform
from rolewright.engine.events import CallRetried
from rolewright.resources.calls import (
    Attrs,
    Call,
    Expect,
    Proof,
    Retry,
    Template,
    Verdict,
    Wait,
    output,
)
from rolewright.resources.customer_policy import set_document
from rolewright.resources.diagnostics import Problem
from rolewright.resources.role_calls import add_to_profile, attach, remove_from_profile
from rolewright.state.entries import CallDone, CallFailed, CallIntended, Entry
from unit.engine.fakes import PLACE, Bench, FakeAws, lost, refused

CREATE = Call(
    "iam",
    "CreateRole",
    {"RoleName": "reader"},
    label="made",
    undo=(Call("iam", "DeleteRole", {"RoleId": output("made", "Role.RoleId")}),),
)
PROOF = Proof(
    "iam",
    "GetRole",
    {"RoleName": "reader"},
    "Run",
    done=("mine",),
    absent=("NoSuchEntity",),
    outputs={"Role.RoleId": "Found.Id"},
)
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
ALLOW_IN_A_LIST = {
    "Statement": {"Resource": ["*"], "Action": ["s3:GetObject"], "Effect": "Allow"},
    "Version": "2012-10-17",
}


def refusal(bench: Bench, call: Call) -> CallRefused:
    with pytest.raises(CallRefused) as raised:
        perform(bench.run(), call, PLACE, {}, ())
    return raised.value


def test_placeholders_are_filled_in_depth_and_unknown_ones_stay() -> None:
    """Values of earlier answers stand in the call and its undo; what nobody told is left as it is."""
    unknown = output("never", "Id")
    call = Call(
        "ec2",
        "Associate",
        {"Id": output("one", "A.B"), "List": [{"Deep": output("one", "C")}, unknown], "N": 1},
        undo=(Call("ec2", "Disassociate", {"Id": output("one", "A.B")}),),
    )
    bench = Bench()

    made, _ = perform(bench.run(), call, PLACE, {"one": {"A.B": "x", "C": ["y"]}}, ())

    assert bench.aws.called == [
        ("Associate", {"Id": "x", "List": [{"Deep": ["y"]}, unknown], "N": 1})
    ]
    assert made.undo[0].parameters == {"Id": "x"}


def test_the_answer_fills_the_undo() -> None:
    """An undo that refers to its own call's answer is ready when the call was made."""
    bench = Bench(FakeAws(calls=[{"Role": {"RoleId": "AROA1"}}]))

    made, found = perform(bench.run(), CREATE, PLACE, {}, ["Role.RoleId"])

    assert found == {"Role.RoleId": "AROA1"}
    assert made.undo[0].parameters == {"RoleId": "AROA1"}
    assert bench.done[0].answer == {"Role.RoleId": "AROA1"}


def test_a_template_copies_and_omits() -> None:
    """The read's values lie under the call's own; what is omitted is not sent, what is beside is."""
    call = Call(
        "ecs",
        "RegisterTaskDefinition",
        {"taskRoleArn": "new"},
        template=Template(
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": "app:1"},
            "taskDefinition",
            omit=("revision",),
            also={"tags": "tags"},
        ),
    )
    live = {"family": "app", "revision": 1, "taskRoleArn": "old"}
    bench = Bench(FakeAws(reads=[{"taskDefinition": live, "tags": [{"key": "a"}]}]))

    perform(bench.run(), call, PLACE, {}, ())

    assert bench.aws.called == [
        ("RegisterTaskDefinition", {"family": "app", "taskRoleArn": "new", "tags": [{"key": "a"}]})
    ]


def test_copied_parameters_stay_out_of_the_journal() -> None:
    """A container's environment is sent to AWS and written nowhere."""
    call = Call(
        "ecs",
        "RegisterTaskDefinition",
        {"family": "app"},
        label="register",
        template=Template("ecs", "DescribeTaskDefinition", {}, "taskDefinition"),
    )
    secret = {"containerDefinitions": [{"environment": [{"name": "KEY", "value": "hunter2"}]}]}
    answer = {"taskDefinition": {**secret, "taskDefinitionArn": "app:2"}}
    bench = Bench(FakeAws(calls=[answer], reads=[{"taskDefinition": secret}]))

    perform(bench.run(), call, PLACE, {}, ["taskDefinition.taskDefinitionArn"])

    assert bench.aws.called[0][1]["containerDefinitions"] == secret["containerDefinitions"]
    assert len(bench.entries) == 2
    assert "hunter2" not in repr(bench.entries)
    assert "hunter2" not in repr(bench.events)


@pytest.mark.parametrize(
    ("live", "value", "options", "code"),
    [
        ({"V": "v1"}, "v1", {}, ""),
        ({"V": "v2"}, "v1", {}, "ChangedMeanwhile"),
        ({"V": None}, None, {}, ""),
        ({"V": ALLOW_IN_A_LIST}, ALLOW, {"document": True}, ""),
        ({"V": ALLOW_IN_A_LIST}, ALLOW, {}, "ChangedMeanwhile"),
        ({"V": {**ALLOW, "Statement": []}}, ALLOW, {"document": True}, "ChangedMeanwhile"),
        ({}, ALLOW, {"document": True}, "ChangedMeanwhile"),
        ({"V": ALLOW}, None, {"document": True}, "ChangedMeanwhile"),
        (refused("NoSuchEntity"), None, {"absent": ("NoSuchEntity",)}, ""),
        (refused("NoSuchEntity"), "v1", {"absent": ("NoSuchEntity",)}, "ChangedMeanwhile"),
        (refused("NoSuchEntity"), None, {}, "NoSuchEntity"),
        (refused("AccessDenied"), None, {"absent": ("NoSuchEntity",)}, "AccessDenied"),
    ],
)
def test_a_changed_world_stops_the_call(
    live: Any, value: Any, options: dict[str, Any], code: str
) -> None:
    """Only where the world is as the plan saw it is the call made; else nothing is, nor journalled."""
    call = replace(CREATE, expect=Expect("iam", "Get", {"Name": "x"}, "V", value, **options))
    bench = Bench(FakeAws(reads=[live]))

    if code:
        failure = refusal(bench, call)
        assert (failure.code, failure.uncertain, failure.made) == (code, False, None)
        assert bench.aws.called == []
        assert bench.entries == []
    else:
        perform(bench.run(), call, PLACE, {}, ())
        assert len(bench.aws.called) == 1


def test_a_passing_error_is_waited_out() -> None:
    """The listed error is retried, told to the sink each time, and journalled as one call."""
    passing = refused("NoSuchEntity", "The role with name reader cannot be found.")
    call = replace(CREATE, retry=(Retry("NoSuchEntity", "role with name"),))
    bench = Bench(FakeAws(calls=[passing, passing, {}]))

    perform(bench.run(), call, PLACE, {}, ())

    told = [event for event in bench.events if isinstance(event, CallRetried)]
    assert len(bench.aws.called) == 3
    assert [type(entry) for entry in bench.entries] == [CallIntended, CallDone]
    assert [event.code for event in told] == ["NoSuchEntity"] * 2
    assert sum(event.delay for event in told) == pytest.approx(bench.clock.slept)


@pytest.mark.parametrize(
    ("code", "message"),
    [("NoSuchEntity", "policy is gone"), ("AccessDenied", "role with name x"), ("NoSuch", "")],
)
def test_any_other_error_is_not_waited_out(code: str, message: str) -> None:
    """Another code, or the code with another message, fails at once."""
    call = replace(CREATE, retry=(Retry("NoSuchEntity", "role with name"),))
    bench = Bench(FakeAws(calls=[refused(code, message)]))

    failure = refusal(bench, call)

    assert (failure.code, failure.message) == (code, message)
    assert len(bench.aws.called) == 1
    assert bench.clock.slept == 0.0


@pytest.mark.parametrize("seconds", [30.0, 120.0, 12 * 3600.0])
def test_retries_end_at_the_deadline_without_real_time(seconds: float) -> None:
    """An error that never passes is given up after its seconds, of the clock that was handed in."""
    call = replace(CREATE, retry=(Retry("Busy", seconds=seconds),))
    bench = Bench(FakeAws(calls=[refused("Busy")]))
    begun = time.monotonic()

    failure = refusal(bench, call)

    # The longest single wait is ten seconds.
    assert seconds <= bench.clock.slept <= seconds + 10
    assert time.monotonic() - begun < 60
    assert failure.code == "Busy"
    assert [type(entry) for entry in bench.entries] == [CallIntended, CallFailed]


def test_each_error_has_its_own_deadline() -> None:
    """An error with a short deadline ends what one with a long deadline began."""
    call = replace(CREATE, retry=(Retry("Slow", seconds=500), Retry("Quick", seconds=1)))
    bench = Bench(FakeAws(calls=[*[refused("Slow")] * 20, refused("Quick")]))

    assert refusal(bench, call).code == "Quick"
    assert len(bench.aws.called) == 21


def test_what_is_there_already_counts_as_done_and_is_not_undone() -> None:
    """A code that says the effect is there is success; since the run did nothing it undoes nothing."""
    call = replace(CREATE, done_if=("EntityAlreadyExists",))
    bench = Bench(FakeAws(calls=[refused("EntityAlreadyExists")]))

    made, _ = perform(bench.run(), call, PLACE, {}, ())

    assert made.undo == ()
    assert bench.done[0].answer == {UNCHANGED: True}
    assert bench.failed == []


def test_what_is_there_after_a_lost_answer_is_undone() -> None:
    """When the second try says that the effect is there, the first one made it."""
    call = replace(CREATE, done_if=("EntityAlreadyExists",))
    bench = Bench(FakeAws(calls=[lost(), refused("EntityAlreadyExists")]))

    made, _ = perform(bench.run(), call, PLACE, {}, ())

    assert len(made.undo) == 1
    assert bench.done[0].answer == {}


def test_a_lost_answer_that_is_proved_done_is_not_made_again() -> None:
    """The proof's read takes the place of the answer, for the undo too."""
    bench = Bench(FakeAws(calls=[lost()], reads=[{"Run": "mine", "Found": {"Id": "AROA1"}}]))

    made, found = perform(bench.run(), replace(CREATE, proof=PROOF), PLACE, {}, ["Role.RoleId"])

    assert len(bench.aws.called) == 1
    assert found == {"Role.RoleId": "AROA1"}
    assert made.undo[0].parameters == {"RoleId": "AROA1"}


def test_a_lost_answer_that_is_proved_not_done_is_made_again() -> None:
    """What the proof does not find is made once more, under the same number."""
    bench = Bench(
        FakeAws(calls=[lost(), {"Role": {"RoleId": "A"}}], reads=[refused("NoSuchEntity")])
    )

    _, found = perform(bench.run(), replace(CREATE, proof=PROOF), PLACE, {}, ["Role.RoleId"])

    assert len(bench.aws.called) == 2
    assert found == {"Role.RoleId": "A"}
    assert [type(entry) for entry in bench.entries] == [CallIntended, CallDone]
    assert bench.clock.slept > 0


def test_what_somebody_else_made_is_refused() -> None:
    """What is there and not of this run is never taken for done."""
    bench = Bench(
        FakeAws(calls=[lost(), refused("EntityAlreadyExists")], reads=[{"Run": "theirs"}])
    )

    failure = refusal(bench, replace(CREATE, proof=PROOF))

    assert failure.code == "MadeBySomebodyElse"
    assert bench.done == []
    assert len(bench.failed) == 1


def test_without_a_proof_it_is_made_a_few_times_and_stays_uncertain() -> None:
    """A call whose answer keeps getting lost is given up as uncertain, with the undo it may need."""
    bench = Bench(FakeAws(calls=[lost()]))

    failure = refusal(bench, CREATE)

    assert len(bench.aws.called) == ROUNDS
    assert failure.uncertain
    assert failure.made is not None
    assert len(failure.made.undo) == 1
    assert [entry.uncertain for entry in bench.failed] == [True]


def test_a_certain_failure_may_need_no_undo() -> None:
    """What AWS refused for certain has nothing to take back."""
    bench = Bench(FakeAws(calls=[refused("AccessDenied")]))

    failure = refusal(bench, CREATE)

    assert failure.made is None
    assert [entry.uncertain for entry in bench.failed] == [False]


def test_a_certain_refusal_asks_nobody() -> None:
    """What AWS refused has not happened, whatever looks like it was made by somebody else."""
    bench = Bench(FakeAws(calls=[refused("LimitExceeded")], reads=[{"Run": "mine"}]))

    failure = refusal(bench, replace(CREATE, proof=PROOF))

    assert failure.code == "LimitExceeded"
    assert failure.made is None
    assert [sort for sort, _, _ in bench.aws.log] == ["call"]


def test_a_proof_that_may_not_be_read_leaves_the_call_in_doubt() -> None:
    """A refused read proves nothing: the call is not made again, and its undo may be needed."""
    bench = Bench(FakeAws(calls=[lost()], reads=[refused("AccessDenied")]))

    failure = refusal(bench, replace(CREATE, proof=PROOF))

    assert failure.uncertain
    assert failure.made is not None
    assert len(bench.aws.called) == 1


def test_a_read_that_fails_while_waiting_leaves_a_call_that_was_made() -> None:
    """The call took effect before the wait began, so that a rollback has to undo it."""
    wait = Wait("lambda", "Get", {}, "Status", ("Successful",))
    bench = Bench(FakeAws(calls=[{"Role": {"RoleId": "A"}}], reads=[refused("ExpiredToken")]))

    failure = refusal(bench, replace(CREATE, wait=wait))

    assert failure.code == "ExpiredToken"
    assert failure.made is not None
    assert len(failure.made.undo) == 1


@pytest.mark.parametrize(
    ("proof", "read", "verdict"),
    [
        (None, {}, Verdict.NOT_DONE),
        (PROOF, {"Run": "mine"}, Verdict.DONE),
        (PROOF, {"Run": None}, Verdict.FOREIGN),
        (PROOF, refused("NoSuchEntity"), Verdict.NOT_DONE),
        (PROOF, refused("AccessDenied"), Verdict.UNKNOWN),
        (replace(PROOF, not_done=(None,)), {}, Verdict.NOT_DONE),
        (replace(PROOF, otherwise=Verdict.DONE), {"Run": "x"}, Verdict.DONE),
        (replace(PROOF, otherwise=Verdict.NOT_DONE), {"Run": "x"}, Verdict.NOT_DONE),
    ],
)
def test_verdicts(proof: Proof | None, read: Any, verdict: Verdict) -> None:
    """Each answer of a proof's read means one thing."""
    found, _ = judge(FakeAws(reads=[read]), replace(CREATE, proof=proof))

    assert found is verdict


VERSIONS = {
    "versions": [{"id": "v1", "default": True, "created": "2026-01-01", "document": {}}],
}


@pytest.mark.parametrize(
    "call",
    [
        attach("r", "arn:aws:iam::123456789012:policy/p"),
        add_to_profile("r", "p"),
        remove_from_profile("r", "p"),
        *set_document({"arn": "arn:aws:iam::123456789012:policy/p", "document": {}}, VERSIONS),
    ],
    ids=str,
)
def test_a_call_on_what_is_gone_has_nothing_left_to_undo(call: Call) -> None:
    """It went with its object, as when a rollback could not write on a full disk that it deleted that."""
    found, _ = judge(FakeAws(reads=[refused("NoSuchEntity")]), call)

    assert found is Verdict.NOT_DONE


def waiting(seconds: float = 300.0) -> Call:
    wait = Wait("lambda", "Get", {}, "Status", ("Successful", None), ("Failed",), seconds)
    return replace(CREATE, wait=wait)


@pytest.mark.parametrize("end", ["Successful", None])
def test_a_wait_ends_when_it_settled(end: str | None) -> None:
    """The read is repeated until it shows a wanted value, also the absence of one."""
    bench = Bench(FakeAws(reads=[{"Status": "InProgress"}] * 3 + [{"Status": end}]))

    perform(bench.run(), waiting(), PLACE, {}, ())

    assert sum(sort == "read" for sort, _, _ in bench.aws.log) == 4
    assert bench.clock.slept == 6.0


@pytest.mark.parametrize(
    ("reads", "slept", "text"),
    [
        ([{"Status": "InProgress"}, {"Status": "Failed"}], 2.0, "became Failed"),
        ([{"Status": "InProgress"}], 300.0, "still InProgress after 300 seconds"),
    ],
)
def test_what_does_not_settle_was_made_all_the_same(
    reads: list[Attrs], slept: float, text: str
) -> None:
    """A call whose effect goes wrong, or on for too long, fails and can be undone."""
    bench = Bench(FakeAws(reads=reads))

    failure = refusal(bench, waiting())

    assert failure.code == "DidNotSettle"
    assert text in failure.message
    assert bench.clock.slept == slept
    assert failure.made is not None
    assert len(failure.made.undo) == 1
    assert len(bench.done) == 1


def test_the_journal_is_first_and_last() -> None:
    """The intention is written before the call, the answer after it, with one number."""
    bench = Bench()

    perform(bench.run(), CREATE, PLACE, {}, ())

    assert bench.calls_at == [0, 1]
    assert [entry.seq for entry in (*bench.intended, *bench.done)] == [1, 1]
    assert bench.intended[0].step == "role.reader:make"
    json.dumps(bench.intended[0].call)


def test_what_the_journal_refuses_is_not_made() -> None:
    """A call whose intention can't be written down is never made."""

    def full(entry: Entry) -> None:
        raise Problem.of("journal-not-written", "the disk is full")

    bench = Bench()

    with pytest.raises(Problem):
        perform(bench.run(full), CREATE, PLACE, {}, ())

    assert bench.aws.called == []


def test_a_forgiving_run_goes_on_without_its_journal() -> None:
    """While undoing, a full disk does not keep a call from being made."""

    def full(entry: Entry) -> None:
        raise Problem.of("journal-not-written", "the disk is full")

    bench = Bench()
    run = bench.run(full)
    run.forgiving = True

    perform(run, CREATE, PLACE, {}, ())

    assert len(bench.aws.called) == 1
