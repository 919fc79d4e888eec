"""The sandbox's process: started once, found again, emptied, and always ended."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.sandbox import (
    Sandbox,
    ephemeral_sandbox,
    reset,
    running,
    sandbox_home,
    start,
    status,
    stop,
)
from rolewright.engine.sandbox.process import end_process, process_start
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from support.moto_server import TRUST, aws, connect_aws, sandbox

__all__ = ["aws", "connect_aws", "sandbox"]

ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps(TRUST)}
PATIENCE = 10.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for a sandbox that is ended with the test."""
    folder = tmp_path / "sandbox"
    yield folder
    stop(folder)


def roles(sandbox: Sandbox) -> list[str]:
    aws = connect(AwsOptions(sandbox_endpoint=sandbox.url))
    names = [role["RoleName"] for role in aws.read("iam", "ListRoles", {})["Roles"]]
    aws.close()
    return names


def make_role(sandbox: Sandbox) -> None:
    aws = connect(AwsOptions(sandbox_endpoint=sandbox.url))
    aws.call("iam", "CreateRole", ROLE)
    aws.close()


def gone(pid: int, started: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process_start(pid) == started:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_it_is_started_once(home: Path) -> None:
    """A second start finds the first one's sandbox, with its data."""
    first = start(home)
    make_role(first.sandbox)
    second = start(home)

    assert (first.already_running, second.already_running) == (False, True)
    assert second.sandbox == first.sandbox == status(home) == running(home)
    assert roles(second.sandbox) == ["r"]


def test_two_starts_at_once_make_one(home: Path) -> None:
    """Starts that meet come to the same sandbox."""
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(start, [home] * 4))

    assert len({begin.sandbox for begin in begun}) == 1
    assert sorted(begin.already_running for begin in begun) == [False, True, True, True]


def test_it_ends_with_its_data(home: Path) -> None:
    """After a stop nothing runs, and the next sandbox is empty."""
    first = start(home).sandbox
    make_role(first)

    assert stop(home) == first
    assert process_start(first.pid) is None
    assert status(home) is None
    assert stop(home) is None
    assert roles(start(home).sandbox) == []


def test_reset_leaves_the_policies_of_aws(sandbox: Sandbox, aws: Aws) -> None:
    """An emptied account has no role, and AWS's managed policies unattached."""
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    make_role(sandbox)
    aws.call("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": policy})

    reset(sandbox)
    found = aws.policy(policy)

    assert roles(sandbox) == []
    assert found is not None
    assert found.attachments == 0


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        (
            "iam",
            "SimulatePrincipalPolicy",
            {"PolicySourceArn": "arn:aws:iam::123456789012:role/r", "ActionNames": ["iam:GetRole"]},
        ),
        ("ec2", "DescribeVerifiedAccessGroups", {}),
        ("cloudtrail", "LookupEvents", {}),
    ],
)
def test_what_it_cannot_do_is_said_in_the_protocol_of_the_request(
    aws: Aws, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    """A refusal that names itself, and not an answer that nobody can read."""
    with pytest.raises(AwsError) as caught:
        aws.read(service, operation, parameters)

    assert caught.value.code == "NotImplemented", caught.value
    assert "Traceback" not in caught.value.message


def test_managed_policies_belong_to_the_partition(connect_aws: Callable[..., Aws]) -> None:
    """In another partition AWS's managed policies have that partition's ARNs."""
    aws = connect_aws(region="us-gov-west-1")
    found = aws.policy("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess")
    partition = aws.identity.partition

    assert found is not None
    assert partition == "aws-us-gov"


@pytest.mark.parametrize("left", ["", "{", "[]", '{"format": 1}', '{"format": 9, "url": "x"}'])
def test_a_broken_record_is_no_sandbox(home: Path, left: str) -> None:
    """Whatever a crash left in the record, the next start makes a new one."""
    home.mkdir()
    (home / "sandbox.json").write_text(left)

    assert status(home) is None
    assert not start(home).already_running


def test_a_killed_sandbox_is_not_running(home: Path) -> None:
    """A sandbox that was killed is seen to be gone, and replaced."""
    first = start(home).sandbox
    os.kill(first.pid, signal.SIGKILL)

    assert gone(first.pid, first.process_start)
    assert status(home) is None
    assert not start(home).already_running


def test_another_process_with_its_pid_is_left_alone(home: Path) -> None:
    """A record whose pid is meanwhile another's names no sandbox, and that process isn't ended."""
    sandbox = start(home).sandbox
    stop(home)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        record = {"format": 1, "url": sandbox.url, "port": sandbox.port, "pid": other.pid}
        record |= {"process_start": "1", "started": sandbox.started, "log": sandbox.log}
        (home / "sandbox.json").write_text(json.dumps(record))

        assert status(home) is None
        assert stop(home) is None
        assert other.poll() is None
    finally:
        other.communicate(b"\n", timeout=PATIENCE)


def test_a_process_that_ignores_sigterm_is_killed() -> None:
    """Ending a process takes SIGKILL where SIGTERM does nothing."""
    code = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True); input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        started = process_start(child.pid)
        assert started is not None
        end_process(child.pid, started, patience=0.1)

        assert child.wait(PATIENCE) == -signal.SIGKILL


def test_without_a_sandbox_it_says_how_to_start_one(home: Path) -> None:
    """Whoever needs a running sandbox is told the command."""
    with pytest.raises(Problem) as caught:
        running(home)

    assert caught.value.diagnostics[0].code == "sandbox-not-running"
    assert "rolewright sandbox start" in caught.value.diagnostics[0].hint


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A folder that can't be written is a finding that names it and the variable."""
    (tmp_path / "file").touch()

    with pytest.raises(Problem) as caught:
        start(tmp_path / "file" / "sandbox")

    assert str(tmp_path) in caught.value.diagnostics[0].summary
    assert "RW_SANDBOX_DIR" in caught.value.diagnostics[0].hint


def test_a_server_that_does_not_start_shows_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server ends at once, the end of its log is the reason given."""
    path = [str(home / "modules"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    (home / "modules").mkdir(parents=True)
    (home / "modules" / "flask.py").write_text("raise RuntimeError('broken flask')\n")

    with pytest.raises(Problem) as caught:
        start(home)

    assert caught.value.diagnostics[0].code == "sandbox-failed"
    assert "broken flask" in caught.value.diagnostics[0].detail
    assert status(home) is None


def test_without_the_extra_it_says_how_to_install_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without moto's server nothing is started, and the command to install it is given."""
    monkeypatch.setitem(sys.modules, "flask_cors", None)

    with pytest.raises(Problem) as caught:
        start(home)

    assert caught.value.diagnostics[0].code == "sandbox-not-installed"
    assert "pip install 'rolewright[sandbox]'" in caught.value.diagnostics[0].hint


def test_the_folder_is_the_users_own() -> None:
    """The record's folder follows the variable, then the XDG standard, then the home folder."""
    assert sandbox_home({"RW_SANDBOX_DIR": "/a", "XDG_STATE_HOME": "/b"}) == Path("/a")
    assert sandbox_home({"XDG_STATE_HOME": "/b"}) == Path("/b/rolewright/sandbox")
    assert sandbox_home({}) == Path.home() / ".local/state/rolewright/sandbox"


def test_the_record_is_private(home: Path) -> None:
    """Nobody else may read the record or write into its folder."""
    start(home)

    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "sandbox.json").stat().st_mode & 0o777 == 0o600


def test_an_ephemeral_sandbox_ends_with_its_block(home: Path) -> None:
    """A sandbox for a block is apart from the user's, and gone after it, even by an error."""
    used: list[Sandbox] = []

    def use() -> None:
        with ephemeral_sandbox() as sandbox:
            used.append(sandbox)
            make_role(sandbox)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()

    assert status(home) is None
    assert process_start(used[0].pid) is None
    assert not Path(used[0].log).parent.exists()


def test_an_ephemeral_sandbox_ends_with_a_killed_parent() -> None:
    """A sandbox for a block doesn't outlive a process that gets no chance to end it."""
    code = (
        "from rolewright.engine.sandbox import ephemeral_sandbox\n"
        "with ephemeral_sandbox() as s: print(s.pid, s.process_start, flush=True); input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, started = parent.stdout.readline().split()
        parent.kill()
        parent.wait(PATIENCE)

    assert gone(int(pid), started)


def test_requests_share_a_connection(sandbox: Sandbox) -> None:
    """The server keeps connections open, whatever was asked and answered before."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=PATIENCE)
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, Signature=x"
    headers = {"Authorization": signed}

    def ask(method: str, path: str, body: Iterator[bytes] | None = None) -> tuple[int, str | None]:
        connection.request(method, path, body, headers, encode_chunked=True)
        answer = connection.getresponse()
        answer.read()
        sockets.add(connection.sock.getsockname())
        return answer.status, answer.headers["Content-Length"]

    sockets: set[object] = set()
    answers = [
        ask("PUT", "/bucket-one"),
        ask("PUT", "/bucket-one/key", iter([b"a" * 100, b"b" * 100])),
        ask("HEAD", "/bucket-one/key"),
        ask("GET", "/bucket-one/nothing"),
    ]
    connection.close()

    assert [status for status, _ in answers] == [200, 200, 200, 404]
    assert answers[2] == (200, "200")
    assert len(sockets) == 1


def test_many_requests_at_once_are_answered(aws: Aws) -> None:
    """Parallel changes and reads don't trip over each other."""

    def make_and_list(number: int) -> int:
        aws.call("iam", "CreateRole", {**ROLE, "RoleName": f"r{number}"})
        details = aws.read("iam", "GetAccountAuthorizationDetails", {"Filter": ["Role"]})
        return len(details["RoleDetailList"])

    counts = aws.map(make_and_list, range(100))
    found = len(aws.read("iam", "ListRoles", {"MaxItems": 1000})["Roles"])

    assert found == 100
    assert all(count > 0 for count in counts)
