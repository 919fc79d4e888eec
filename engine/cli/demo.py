"""`rolewright demo`: the whole job on a local AWS, each step explained and really done."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from .options import Common

if TYPE_CHECKING:
    from ..aws.reader import Aws

Step = tuple[str, str, Callable[[], int], int]
"""What is said, the command line shown, what is done, and the exit code that it should end with."""

EXAMPLE = "photo-archive"
PLAN = Path("photos.plan")
TAMPERED = """\
Now somebody attaches AdministratorAccess to the web server's role by hand. Terraform and \
CloudFormation would not notice. Exit code 2 says that something was found:"""
FAILING = """\
Next, an apply that fails half-way: of two new policies, AWS refuses one for its ARN. The other one \
is undone, and exit code 3 says that all is as it was:"""
REFUSED = """permission_policies:
  list-buckets:
    roles: [indexer]
    statements: [{actions: [s3:ListAllMyBuckets], resources: ["*"]}]
  own-role:
    roles: [indexer]
    statements: [{actions: [iam:GetRole], resources: ["arn:aws:iam::${account_id}:roles/indexer"]}]
    depends_on: [permission_policy.list-buckets]
"""


def demo(options: Common) -> int:
    """Do the whole job on a local AWS: it needs no account, and leaves nothing behind."""
    from ...resources.diagnostics import Problem
    from ..aws.session import AwsOptions, connect
    from ..sandbox import ephemeral_sandbox
    from ..sandbox.furnishing import furnish

    if options.json:
        raise Problem.of(
            "no-json",
            "the demo is for people, and has no JSON document",
            hint="leave --format json off",
        )
    with (
        tempfile.TemporaryDirectory(prefix="rolewright-demo-") as folder,
        ephemeral_sandbox() as sandbox,
        as_file(files("rolewright.examples") / EXAMPLE) as example,
    ):
        shutil.copytree(example, folder, dirs_exist_ok=True)
        aws = connect(AwsOptions(sandbox_endpoint=sandbox.url))
        instance = furnish(aws, sandbox.url)
        with chdir(folder):
            script = _Script(
                Common(sandbox=True, endpoint_url=sandbox.url, no_color=options.no_color), aws
            )
            return script.run(instance)


class _Script:
    """The steps of the demo."""

    def __init__(self, options: Common, aws: Aws) -> None:
        self._options = options
        self._aws = aws
        self._number = 0

    def run(self, instance: str) -> int:
        """All steps; the exit code of the first that does not end as it should."""
        self._say(
            f"A local AWS is running. Somebody has put an EC2 instance ({instance}), a Lambda function, an ECS task "
            "definition and a bucket there. None of them has a role of its own yet."
        )
        for text, line, step, expected in (*self._first_steps(), *self._later_steps()):
            self._step(text, line)
            code = step()
            if code != expected:
                self._say(
                    f"This ended with exit code {code} instead of {expected}; the demo stops here."
                )
                return 1
        self._say(
            "That was all. The local AWS is stopped and its data is gone. Next: `rolewright init` in a folder of "
            "yours, and `rolewright sandbox start` to try it on."
        )
        return 0

    def _first_steps(self) -> tuple[Step, ...]:
        """From a stack file to what it says in AWS."""
        from .apply import apply
        from .output import output
        from .plan import plan
        from .validate import validate
        from .verify import verify

        return (
            (
                "The stack file says which roles there should be. Checking it asks nobody:",
                "validate",
                lambda: validate(self._options),
                0,
            ),
            (
                "The plan compares it with the state (there is none) and with live AWS, and is saved:",
                "plan -o photos.plan",
                lambda: plan(self._options, out=PLAN),
                0,
            ),
            (
                "Apply does just what the saved plan says; without one it plans, and asks first:",
                "apply photos.plan",
                lambda: apply(self._options, planfile=PLAN),
                0,
            ),
            ("These are the ARNs, for other programs:", "output", lambda: output(self._options), 0),
            (
                "Verify proves what the stack file expects of the roles, and names the lines that make it so:",
                "verify",
                lambda: verify(self._options),
                0,
            ),
            (
                "Applied again, it has nothing to do, and makes no changing call:",
                "apply --yes",
                lambda: apply(self._options, yes=True),
                0,
            ),
        )

    def _later_steps(self) -> tuple[Step, ...]:
        """Somebody meddles, an apply fails, and everything goes."""
        from .apply import apply
        from .destroy import destroy
        from .drift import drift
        from .verify import verify

        return (
            (
                TAMPERED,
                "drift --trail off",
                self._tamper(lambda: drift(self._options, trail="off")),
                2,
            ),
            (
                "The role can now do what it must never do, and verify says so:",
                "verify",
                lambda: verify(self._options),
                2,
            ),
            (
                "What has drifted goes back to what the last apply left:",
                "drift --fix --yes --trail off",
                lambda: drift(self._options, fix=True, yes=True, trail="off"),
                0,
            ),
            (
                FAILING,
                "apply --yes",
                self._edited(
                    "permission_policies:\n", REFUSED, lambda: apply(self._options, yes=True)
                ),
                3,
            ),
            (
                "At the end everything goes, and the Lambda function gets back the role it had before:",
                "destroy --yes",
                lambda: destroy(self._options, yes=True),
                0,
            ),
        )

    def _tamper(self, then: Callable[[], int]) -> Callable[[], int]:
        def run() -> int:
            self._aws.call(
                "iam",
                "AttachRolePolicy",
                {
                    "RoleName": "photo-reader",
                    "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
                },
            )
            return then()

        return run

    def _edited(self, old: str, new: str, then: Callable[[], int]) -> Callable[[], int]:
        def run() -> int:
            path = Path("rolewright.yaml")
            before = path.read_text(encoding="utf-8")
            path.write_text(before.replace(old, new), encoding="utf-8")
            try:
                return then()
            finally:
                path.write_text(before, encoding="utf-8")

        return run

    def _step(self, text: str, line: str) -> None:
        self._number += 1
        self._say(f"{self._number}. {text}")
        self._print(f"$ rolewright {line}", "bold cyan")

    def _say(self, text: str) -> None:
        self._print("", "")
        self._print(text, "bold")

    def _print(self, text: str, style: str) -> None:
        from .report import console

        console(self._options).print(text, style=style, markup=False)
        sys.stdout.flush()
