"""`verify`, `can` and `who-can` on the local AWS, in the process of the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.cli.can import can
from rolewright.engine.cli.options import Common, Format
from rolewright.engine.cli.verify import verify
from rolewright.engine.cli.who_can import who_can
from rolewright.engine.sandbox import Sandbox
from rolewright.resources.diagnostics import Problem
from support.runs import Bench

ACCOUNT = "123456789012"
PHOTOS = "arn:aws:s3:::photos/*"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def document(action: str, effect: str = "Allow", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def stack(*expectations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "stack": "s",
        "region": "us-east-1",
        "roles": {"reader": {"trust": {"services": ["ec2.amazonaws.com"]}}},
        "permission_policies": {
            "read": {
                "roles": ["reader"],
                "statements": [
                    {"sid": "Read", "actions": ["s3:GetObject"], "resources": [PHOTOS]},
                    {"actions": ["sqs:SendMessage"], "resources": ["*"]},
                ],
            },
            "logs": {"roles": ["reader"], "managed_policy": "CloudWatchLogsReadOnlyAccess"},
        },
        "expectations": list(expectations),
        **more,
    }


EXPECTATIONS = (
    {
        "role": "reader",
        "assumed_by": "ec2.amazonaws.com",
        "can": ["s3:GetObject"],
        "cannot": ["s3:Delete*"],
        "on": [PHOTOS],
    },
    {"role": "reader", "can": ["logs:DescribeLogGroups"]},
)


class Desk:
    """Commands on a bench, and the documents that they print."""

    def __init__(self, bench: Bench, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
        self.bench = bench
        self.capsys = capsys
        self.options = Common(
            config=bench.folder / "rolewright.yaml",
            sandbox=True,
            endpoint_url=sandbox.url,
            format=Format.JSON,
        )

    def run(self, command: Callable[..., int], *words: Any, **options: Any) -> tuple[int, Any]:
        self.capsys.readouterr()
        code = command(self.options, *words, **options)
        return code, json.loads(self.capsys.readouterr().out)


@pytest.fixture
def desk(bench: Bench, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(bench, sandbox, capsys)


def told(results: list[Any]) -> dict[str, tuple[bool, str]]:
    return {one["action"]: (one["passed"], one["decision"]) for one in results}


def test_live_roles(desk: Desk) -> None:
    """What was applied is proven, by the statements of the file, AWS's policies included."""
    desk.bench.apply(stack(*EXPECTATIONS))

    code, found = desk.run(verify)

    assert code == 0
    assert told(found["results"]) == {
        "sts:AssumeRole": (True, "allowed"),
        "s3:GetObject": (True, "allowed"),
        "s3:Delete*": (True, "implicitly_denied"),
        "logs:DescribeLogGroups": (True, "allowed"),
    }
    assert found["summary"] == {"passed": 4, "failed": 0, "skipped": 0}
    text = (desk.bench.folder / "rolewright.yaml").read_text().splitlines()
    read = next(one for one in found["results"] if one["action"] == "s3:GetObject")
    (because,) = [one for one in read["because"] if one["policy"]]
    assert (because["policy"], because["statement"], because["sid"]) == (
        "permission_policy.read",
        0,
        "Read",
    )
    assert "sid: Read" in text[because["line"] - 1]
    assert read["source"]["line"] == text.index("  - s3:GetObject", text.index("expectations:")) + 1


def test_what_somebody_did_by_hand_counts(desk: Desk, aws: Aws) -> None:
    """A policy that nobody declared is found, though the file says otherwise."""
    desk.bench.apply(stack(*EXPECTATIONS))
    aws.call(
        "iam",
        "PutRolePolicy",
        {"RoleName": "reader", "PolicyName": "tmp", "PolicyDocument": document("s3:*")},
    )

    code, found = desk.run(verify)

    failed = [one for one in found["results"] if not one["passed"]]
    assert code == 2
    assert [(one["action"], one["decision"]) for one in failed] == [("s3:Delete*", "allowed")]
    (because,) = [one for one in failed[0]["because"] if one["policy"]]
    assert (because["policy"], because["file"]) == ("inline tmp", None)
    assert desk.run(verify, planned=True)[0] == 0


def test_planned_roles_need_not_be_there(desk: Desk) -> None:
    """Before the first apply nothing is proven of live roles, and all of planned ones."""
    path = desk.bench.folder / "rolewright.yaml"
    desk.bench.plan(stack(*EXPECTATIONS))
    assert path.exists()

    live, missing = desk.run(verify)
    planned, found = desk.run(verify, planned=True)

    assert (live, planned) == (2, 0)
    assert missing["summary"]["passed"] == 0
    assert "rolewright apply" in missing["results"][0]["because"][0]["text"]
    assert found["roles"] == "planned"


def test_a_bucket_policy_is_read(desk: Desk, aws: Aws) -> None:
    """A Deny of the bucket outweighs what the role is allowed."""
    desk.bench.apply(stack(*EXPECTATIONS))
    aws.call("s3", "CreateBucket", {"Bucket": "photos"})
    policy = document("s3:GetObject", "Deny", Principal="*", Resource=PHOTOS)
    aws.call("s3", "PutBucketPolicy", {"Bucket": "photos", "Policy": policy})

    code, found = desk.run(verify)

    assert code == 2
    assert told(found["results"])["s3:GetObject"] == (False, "explicitly_denied")


def test_context_of_an_expectation(desk: Desk) -> None:
    """The keys that an expectation gives decide where otherwise nobody knows."""
    conditions = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    policies = {
        "read": {
            "roles": ["reader"],
            "statements": [
                {"actions": ["s3:GetObject"], "resources": [PHOTOS], "conditions": conditions}
            ],
        }
    }
    asks: dict[str, Any] = {"role": "reader", "can": ["s3:GetObject"], "on": [PHOTOS]}
    given = {**asks, "context": {"aws:SourceIp": "10.1.1.1", "aws:ViaAWSService": False}}
    desk.bench.plan(stack(asks, given, permission_policies=policies))

    _, found = desk.run(verify, planned=True)

    assert [one["passed"] for one in found["results"]] == [False, True]
    assert [one["depends_on"] for one in found["results"]] == [["aws:SourceIp"], []]


def test_mistakes_in_expectations(desk: Desk) -> None:
    """Questions that can't be asked are errors, all at once and each at its place."""
    expectations: list[dict[str, Any]] = [
        {"role": "reader", "can": ["s3:GetObjekt"]},
        {"role": "reader", "can": ["s4:GetObject"]},
        {"role": "reader", "cannot": ["GetObject"]},
        {"role": "reader", "cannot": ["s3:Gett*"]},
        {"role": "reader", "can": ["s3:GetObject"], "on": ["photos"]},
    ]
    desk.bench.plan(stack(*expectations))

    with pytest.raises(Problem) as caught:
        verify(desk.options)

    findings = caught.value.diagnostics
    hints = ("did you mean s3:GetObject", "did you mean s3:GetObject", "s3:GetObject", "", "an ARN")
    assert len(findings) == len(hints)
    assert all(says in finding.hint for says, finding in zip(hints, findings, strict=True))
    lines = [finding.source.line for finding in findings if finding.source]
    assert lines == sorted(set(lines))
    assert len(lines) == len(findings)


def test_the_sandbox_has_no_simulator(desk: Desk) -> None:
    desk.bench.plan(stack(*EXPECTATIONS))

    with pytest.raises(Problem, match="no policy simulator"):
        verify(desk.options, live=True)


def test_can(desk: Desk, aws: Aws) -> None:
    """A role by its address, name or ARN: of the stack, or any other of the account."""
    desk.bench.apply(stack())
    aws.call("iam", "CreateRole", {"RoleName": "x", "AssumeRolePolicyDocument": json.dumps(TRUST)})

    asked = ("s3:GetObject", "arn:aws:s3:::photos/cat")
    found = [
        desk.run(can, name, *asked)
        for name in ("reader", "role.reader", f"arn:aws:iam::{ACCOUNT}:role/reader", "x")
    ]

    assert [code for code, _ in found] == [0, 0, 0, 2]
    assert [one["decision"] for _, one in found] == ["allowed"] * 3 + ["implicitly_denied"]
    assert [one["address"] for _, one in found] == ["role.reader"] * 3 + [None]
    assert found[0][1].keys() >= {"format_version", "command", "stack", "because", "depends_on"}


def test_can_of_a_plan_and_of_the_state(desk: Desk) -> None:
    """The three sources differ when the file has been edited since the last apply."""
    desk.bench.apply(stack())
    desk.bench.plan(stack(permission_policies={}))

    asked = ("reader", "s3:GetObject", "arn:aws:s3:::photos/cat")

    assert desk.run(can, *asked)[0] == 0
    assert desk.run(can, *asked, planned=True)[0] == 2
    code, recorded = desk.run(can, *asked, recorded=True)
    # The state does not hold what AWS's managed policy says, which might deny.
    assert (code, recorded["decision"]) == (2, "depends")


def test_can_without_a_stack_file(desk: Desk, tmp_path: Path) -> None:
    desk.bench.apply(stack())
    desk.options = Common(
        config=tmp_path / "none.yaml",
        sandbox=True,
        endpoint_url=desk.options.endpoint_url,
        region="us-east-1",
        format=Format.JSON,
    )

    code, found = desk.run(can, "reader", "s3:GetObject", "arn:aws:s3:::photos/cat")

    assert (code, found["stack"], found["address"]) == (0, None, None)


def test_mistakes_of_can(desk: Desk) -> None:
    """Each ends in an error that says what to write."""
    desk.bench.apply(stack())
    mistakes: list[tuple[tuple[str, str, str], dict[str, Any], str]] = [
        (("redaer", "s3:GetObject", "*"), {}, 'did you mean "reader"'),
        (("reader", "s3:GetObjekt", "*"), {}, "did you mean s3:GetObject"),
        (("reader", "s3:GetObject", "photos"), {}, "write an ARN"),
        (("reader", "s3:GetObject", "*"), {"context": ["x"]}, "aws:SourceIp=10.0.0.1"),
        (("reader", "s3:GetObject", "*"), {"planned": True, "live": True}, "leave one"),
    ]
    for words, options, says in mistakes:
        with pytest.raises(Problem) as caught:
            can(desk.options, *words, **options)
        assert says in caught.value.diagnostics[0].hint

    _, found = desk.run(can, "reader", "s3:GetObject", "arn:aws:s3:::photos")
    assert [one["rule"] for one in found["findings"]] == ["action-resource-mismatch"]


def test_who_can(desk: Desk, aws: Aws) -> None:
    """All roles of the account, those that may under a condition among them."""
    desk.bench.apply(stack())
    within = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    for name, policy in (("x", document("s3:*", Condition=within)), ("y", document("sqs:*"))):
        aws.call(
            "iam", "CreateRole", {"RoleName": name, "AssumeRolePolicyDocument": json.dumps(TRUST)}
        )
        aws.call(
            "iam", "PutRolePolicy", {"RoleName": name, "PolicyName": "p", "PolicyDocument": policy}
        )

    code, found = desk.run(who_can, "s3:GetObject", PHOTOS)
    _, given = desk.run(who_can, "s3:GetObject", PHOTOS, context=["aws:SourceVpc=vpc-1"])
    _, planned = desk.run(who_can, "s3:GetObject", PHOTOS, planned=True)

    assert code == 0
    assert {one["role"]: one["decision"] for one in found["roles"]} == {
        "reader": "allowed",
        "x": "depends",
    }
    assert [one["depends_on"] for one in found["roles"]] == [[], ["aws:SourceVpc"]]
    assert found["checked"] == 3
    assert {one["decision"] for one in given["roles"]} == {"allowed"}
    assert [one["role"] for one in planned["roles"]] == ["reader"]

    _, wrong = desk.run(who_can, "s3:GetObject", "arn:aws:s3:::photos")
    assert [one["rule"] for one in wrong["findings"]] == ["action-resource-mismatch"]


@pytest.mark.parametrize(
    ("says", "code", "disagrees"), [("allowed", 0, False), ("implicitDeny", 2, True)]
)
def test_the_simulator_is_asked_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, says: str, code: int, *, disagrees: bool
) -> None:
    """What AWS's simulator answers stands beside our answer; a disagreement fails, and is named."""
    desk.bench.apply(stack({"role": "reader", "can": ["s3:GetObject"], "on": [PHOTOS]}))
    asked: list[Any] = []
    pages = Aws.pages

    def answered(aws: Aws, service: str, operation: str, parameters: Any) -> Any:
        if operation != "SimulatePrincipalPolicy":
            return pages(aws, service, operation, parameters)
        asked.append(parameters)
        result = {"EvalActionName": "s3:GetObject", "EvalDecision": says}
        return [{"EvaluationResults": [result]}]

    monkeypatch.setattr(Aws, "pages", answered)
    desk.options = replace(desk.options, sandbox=False)

    ended, found = desk.run(verify, live=True)

    assert ended == code
    assert [one["method"] for one in found["results"]] == ["offline", "live"]
    assert [one["passed"] for one in found["results"]] == [True, not disagrees]
    assert ("simulator-disagrees" in {one["rule"] for one in found["findings"]}) == disagrees
    assert asked[0]["PolicySourceArn"] == f"arn:aws:iam::{ACCOUNT}:role/reader"
    assert asked[0]["ActionNames"] == ["s3:GetObject"]
