"""Time and number of requests of importing a whole account, beside Terraform's import where that is on the machine.

python benchmarks/import_account.py           # 1,000 roles
python benchmarks/import_account.py 200       # as many as you like

Terraform takes its providers from the folder in TERRAFORM_PROVIDERS, as for the tests. It imports the roles alone, of
which it must be told each; rolewright finds them, with their policies and what carries them.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rolewright.engine.aws.reader import Aws
from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.engine.cli import composition
from rolewright.engine.cli.import_ import import_
from rolewright.engine.cli.options import Common
from rolewright.engine.cli.plan import plan
from rolewright.engine.cli.validate import validate
from rolewright.engine.sandbox import Sandbox, ephemeral_sandbox

PROVIDERS = os.environ.get("TERRAFORM_PROVIDERS", "")
SERVICES = ("ec2", "lambda", "ecs-tasks", "states")


def make_account(aws: Aws, count: int) -> None:
    """Roles as scripts make them: each with an inline policy and two managed ones, five of them the account's own."""

    def allow(bucket: int) -> str:
        statement = {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::bucket-{bucket}/*",
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def iam(operation: str, **parameters: object) -> dict[str, dict[str, str]]:
        return dict(aws.call("iam", operation, parameters))

    shared = [
        iam("CreatePolicy", PolicyName=f"shared-{number}", PolicyDocument=allow(number))["Policy"][
            "Arn"
        ]
        for number in range(5)
    ]
    for number in range(count):
        name = role_name(number)
        principal = {"Service": f"{SERVICES[number % 4]}.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
        iam("PutRolePolicy", RoleName=name, PolicyName="own", PolicyDocument=allow(number))
        for arn in (shared[number % 5], "arn:aws:iam::aws:policy/ReadOnlyAccess"):
            iam("AttachRolePolicy", RoleName=name, PolicyArn=arn)


def role_name(number: int) -> str:
    return f"app-{number:04}"


@contextlib.contextmanager
def timed(what: str, made: list[Aws]) -> Iterator[None]:
    """Print how long something took, and how many requests the connections sent that were made meanwhile."""
    made.clear()
    begun = time.perf_counter()
    yield
    took = time.perf_counter() - begun
    requests = sum(aws.requests.total() for aws in made)
    print(f"{what:<34}{took:8.2f} s" + (f"{requests:8} requests" if made else ""), flush=True)


def rolewright(sandbox: Sandbox, folder: Path) -> None:
    """Import everything into an empty folder, and look at it again."""
    options = Common(config=folder, sandbox=True, endpoint_url=sandbox.url, region="us-east-1")
    made: list[Aws] = []
    aws_for = composition.aws_for

    def counted(*given: object) -> Aws:
        made.append(aws_for(*given))  # type: ignore[arg-type]
        return made[-1]

    composition.aws_for = counted  # type: ignore[assignment]

    def quiet(work: Callable[[], int]) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            if work() != 0:
                raise SystemExit("this was to end with 0")

    with timed("rolewright import --all", made):
        quiet(lambda: import_(options, all_=True))
    with timed("rolewright validate", made):
        quiet(lambda: validate(options))
    with timed("rolewright plan (nothing to do)", made):
        quiet(lambda: plan(options, detailed_exitcode=True))


def terraform(sandbox: Sandbox, folder: Path, count: int) -> None:
    """Import the roles by name, and let Terraform write their configuration."""
    endpoints = "".join(f'    {service} = "{sandbox.url}"\n' for service in ("iam", "sts"))
    (folder / "rc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PROVIDERS}"\n  }}\n}}\n'
    )
    (folder / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
        'provider "aws" {\n  region = "us-east-1"\n  access_key = "x"\n  secret_key = "x"\n'
        f"  endpoints {{\n{endpoints}  }}\n}}\n"
        + "".join(
            f'import {{\n  to = aws_iam_role.r{number}\n  id = "{role_name(number)}"\n}}\n'
            for number in range(count)
        )
    )

    def run(*words: str) -> None:
        subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=folder,
            env={**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "rc")},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("init")
    with timed("terraform plan -generate-config-out", []):
        run("plan", "-generate-config-out=roles.tf", "-out=plan")
    with timed("terraform apply", []):
        run("apply", "plan")
    with timed("terraform plan (nothing to do)", []):
        run("plan", "-detailed-exitcode")


def main(count: int) -> None:
    """Measure an account of so many roles."""
    with tempfile.TemporaryDirectory() as name, ephemeral_sandbox() as sandbox:
        make_account(connect(AwsOptions(sandbox_endpoint=sandbox.url)), count)
        ours, theirs = Path(name, "rolewright"), Path(name, "terraform")
        ours.mkdir()
        theirs.mkdir()
        print(f"an account of {count} roles")
        rolewright(sandbox, ours)
        if PROVIDERS and shutil.which("terraform") is not None:
            terraform(sandbox, theirs, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
