"""Probes on the local AWS, whose access control lets a role do what its policies say and no more."""

from __future__ import annotations

import importlib.util
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.operations import parameters_of
from rolewright.engine.aws.probe_function import ProbeFunction
from rolewright.engine.aws.reader import Aws
from rolewright.engine.outcome import Status
from rolewright.engine.probe.by_lambda import ByLambda
from rolewright.engine.probe.by_sts import BySts
from rolewright.engine.probe.carriers import Bound, Carrier, ProbedRole
from rolewright.engine.probe.harmless import Harmless, Signature
from rolewright.engine.probe.prober import Prober
from rolewright.engine.recovery import Direction
from rolewright.engine.sandbox import Sandbox
from rolewright.engine.verify import Answers, Expected, Question
from rolewright.resources.address import Address
from rolewright.resources.ports import AwsError
from support.moto_server import account_snapshot
from support.runs import Bench

READER = Address("role", "reader")
STACK: Mapping[str, Any] = {
    "stack": "probe",
    "roles": {"reader": {"trust": {"services": ["lambda.amazonaws.com"]}}},
    "permission_policies": {
        "read": {
            "roles": ["reader"],
            "statements": [
                {
                    "actions": ["s3:ListBucket", "s3:GetObject"],
                    "resources": ["arn:aws:s3:::bucket-a", "arn:aws:s3:::bucket-a/*"],
                }
            ],
        }
    },
}
QUESTIONS = (
    Question(READER, "s3:ListBucket", "arn:aws:s3:::bucket-a", Expected.ALLOW),
    Question(READER, "s3:GetObject", "arn:aws:s3:::bucket-a/*", Expected.ALLOW),
    Question(READER, "s3:ListBucket", "arn:aws:s3:::bucket-b", Expected.DENY),
    Question(READER, "s3:GetBucketLocation", "arn:aws:s3:::bucket-a", Expected.DENY),
    Question(READER, "sts:AssumeRole", "", Expected.ALLOW, "lambda.amazonaws.com"),
)


@pytest.fixture
def role(bench: Bench, aws: Aws) -> ProbedRole:
    """The role of the stack, applied, and two buckets."""
    assert bench.apply(dict(STACK)).status is Status.APPLIED
    for name in ("bucket-a", "bucket-b"):
        aws.call("s3", "CreateBucket", {"Bucket": name})
    view = aws.role("reader")
    assert view is not None
    binding = Bound(Address("service_binding", "work"), {"service": "lambda", "function": "work"})
    return ProbedRole(READER, view.name, view.arn, (binding,))


def ask(aws: Aws, role: ProbedRole, carrier: Carrier) -> Answers:
    def signature_of(service: str, operation: str) -> Signature | None:
        found = parameters_of(service, operation)
        return None if found is None else Signature(*found)

    return Prober({READER: role}, Harmless(aws.identity, signature_of), [carrier])(QUESTIONS)


def by_sts(aws: Aws) -> BySts:
    return BySts(lambda arn: aws.assumed(arn, "probe"))


@contextmanager
def under(aws: Aws, role: ProbedRole, url: str) -> Iterator[None]:
    """The environment as Lambda makes it for a function with the role."""
    given = aws.read("sts", "AssumeRole", {"RoleArn": role.arn, "RoleSessionName": "work"})
    keys = given["Credentials"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        patch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        patch.setenv("AWS_ENDPOINT_URL", url)
        yield


class FunctionHere(ProbeFunction):
    """The probe function, made in moto, whose code runs here: moto would want containers for it."""

    def __init__(self, aws: Aws, role: ProbedRole, url: str, folder: Path) -> None:
        super().__init__(aws)
        self.aws, self.role, self.url, self.folder = aws, role, url, folder
        self.told: Mapping[str, Any] = {}

    def invoke(self, name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        self.aws.read("lambda", "GetFunctionConfiguration", {"FunctionName": name})
        zipfile.ZipFile(io.BytesIO(self.archive)).extractall(self.folder)
        spec = importlib.util.spec_from_file_location("index", self.folder / "index.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with under(self.aws, self.role, self.url):
            self.told = module.handler(event, None)
        return self.told


def passed(answers: Answers) -> list[bool]:
    return [result.passed for result in answers.results]


def test_a_probe_finds_what_the_policies_say(aws: Aws, role: ProbedRole) -> None:
    """What the role may is answered, what it may not is refused: both as the stack expects."""
    found = ask(aws, role, by_sts(aws))

    assert passed(found) == [True, True, True, True]
    assert [skipped.question.assumed_by for skipped in found.skipped] == ["lambda.amazonaws.com"]


def test_a_probe_finds_what_was_tampered_with(aws: Aws, role: ProbedRole) -> None:
    """A policy that somebody else put on the role lets it read what it must not."""
    aws.call(
        "iam",
        "AttachRolePolicy",
        {"RoleName": "reader", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
    )

    assert passed(ask(aws, role, by_sts(aws))) == [True, True, False, False]


def test_a_probe_finds_what_was_taken_away(aws: Aws, role: ProbedRole) -> None:
    """Without its policy the role can't do its work; of objects alone nothing can be said any more."""
    (attached,) = aws.pages("iam", "ListAttachedRolePolicies", {"RoleName": "reader"})
    arn = attached["AttachedPolicies"][0]["PolicyArn"]
    aws.call("iam", "DetachRolePolicy", {"RoleName": "reader", "PolicyArn": arn})

    found = ask(aws, role, by_sts(aws))

    assert passed(found) == [False, True, True]
    assert [s.question.action for s in found.skipped] == ["s3:GetObject", "sts:AssumeRole"]


def test_a_probe_function_is_made_and_removed(
    bench: Bench, aws: Aws, sandbox: Sandbox, role: ProbedRole, tmp_path: Path
) -> None:
    """Its code finds the same, tells nothing but codes, and leaves the account as it was."""
    before = account_snapshot(aws)
    session = bench.session("probe", aws)
    function = FunctionHere(aws, role, sandbox.url, tmp_path)

    found = ask(aws, role, ByLambda(session, function))

    assert passed(found) == [True, True, True, True, True]
    assert {key for answer in function.told["answers"] for key in answer} == {
        "code",
        "explicit",
        "named",
    }
    assert account_snapshot(aws) == before
    assert session.journal.open_run() is None


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from rolewright.engine.aws.probe_function import ProbeFunction
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.probe.by_lambda import ByLambda
from rolewright.engine.probe.carriers import Bound, ProbedRole
from rolewright.resources.address import Address
from support.runs import Bench

class Deadly(ProbeFunction):
    def invoke(self, name, event):
        os.kill(os.getpid(), signal.SIGKILL)

aws = connect(AwsOptions(sandbox_endpoint=sys.argv[1]))
bound = Bound(Address("service_binding", "work"), {"service": "lambda", "function": "work"})
role = ProbedRole(Address("role", "reader"), "reader", sys.argv[4], (bound,))
session = Bench(Path(sys.argv[2]), aws.again).session("probe", aws)
ByLambda(session, Deadly(aws))(role, ())
"""


def test_a_killed_probe_is_recovered(
    bench: Bench, aws: Aws, sandbox: Sandbox, role: ProbedRole
) -> None:
    """SIGKILL while the function runs leaves it there; `recover --back` removes it."""
    before, state = account_snapshot(aws), bench.state()
    support = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, sandbox.url, str(bench.folder), support, role.arn],
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert account_snapshot(aws)["functions"] != before["functions"]
    session = bench.session("probe", aws)

    outcome = session.recover(Direction.BACK)

    assert (outcome.status, outcome.left) == (Status.ROLLED_BACK, ())
    assert account_snapshot(aws) == before
    assert bench.state().resources == state.resources
    assert session.journal.open_run() is None


def test_only_roles_are_controlled_in_the_sandbox(aws: Aws, role: ProbedRole) -> None:
    """Its own credentials do everything, a role only what it may, and made-up tokens are nobody's."""
    under_role = aws.assumed(role.arn, "probe")

    aws.call("sns", "CreateTopic", {"Name": "news"})
    with pytest.raises(AwsError, match="AccessDenied"):
        under_role.call("sns", "CreateTopic", {"Name": "more"})
    assert len(aws.read("sns", "ListTopics", {})["Topics"]) == 1
