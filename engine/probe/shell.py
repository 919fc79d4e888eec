"""Trials as shell scripts for the AWS CLI, and what the scripts print or end with as answers. Pure.

Inside an instance or a container there is no Python to rely on. A script forgets whatever other
credentials lie about there, so that only those of the instance or the task are left; what the calls
answer goes to /dev/null.
Sources: AWS CLI user guide, "Configuring environment variables for the AWS CLI"; POSIX, "Shell
Command Language".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Final

from ..rollback import cli_words
from .carriers import CannotCarryError, ProbedRole
from .trials import DENIED, EXPLICIT, Answer, Trial

NO_ANSWER: Final = 251
"""The exit code of a script whose call came to nothing that it knows."""
OTHER_ROLE: Final = 252
"""The exit code of a script that ran under another role."""

_NO_CLI: Final = "no-aws-cli"
_OWN, _ANOTHER, _EXPLICIT, _KINDS = 1, 2, 3, 6

_PREPARE: Final = """\
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE
unset AWS_ENDPOINT_URL AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_PAGER= AWS_MAX_ATTEMPTS=3 AWS_DEFAULT_REGION={region} AWS_REGION={region}
caller() {{ aws sts get-caller-identity --query Arn --output text 2>/dev/null; }}
try() {{
  said=$("$@" --no-paginate --cli-connect-timeout 5 --cli-read-timeout 10 2>&1 >/dev/null)
  status=$?
  code=$(printf '%s\\n' "$said" |
    sed -n 's/.*An error occurred (\\([A-Za-z0-9._]*\\)).*/\\1/p' | head -n 1)
  named=$(printf '%s\\n' "$said" |
    sed -n 's/.*perform:\\{{0,1\\}} *\\([a-z0-9-]*:[A-Za-z0-9*]*\\).*/\\1/p' | head -n 1)
  case "$said" in *"{explicit}"*) deny=explicit ;; *) deny=plain ;; esac
}}
tell() {{
  if [ "$status" -eq 0 ]; then echo "$1 ok"; else echo "$1 ${{code:-NoAnswer}} $deny ${{named:--}}"; fi
}}
"""


def report_script(trials: Sequence[Trial], region: str) -> str:
    """A script that makes all calls, and prints who makes them and a line for each answer."""
    lines = [
        _prepare(region),
        f"command -v aws >/dev/null || {{ echo {_NO_CLI}; exit 0; }}",
        'echo "caller $(caller)"',
    ]
    for number, trial in enumerate(trials):
        lines += [f"try {_command(trial)}", f"tell {number}"]
    return "\n".join(lines) + "\n"


def read_report(text: str, role: ProbedRole, count: int) -> tuple[Answer, ...]:
    """The answers in what `report_script` printed.

    Raises:
        CannotCarryError: it ran under another role, without the AWS CLI, or not to its end.
    """
    first, _, rest = text.strip().partition("\n")
    if first == _NO_CLI:
        raise CannotCarryError("the AWS CLI is not installed there")
    if not role.wears(first.removeprefix("caller ")):
        raise CannotCarryError(f"what runs there does not act under {role.name}")
    found: dict[int, Answer] = {}
    for line in rest.splitlines():
        match line.split():
            case [number, "ok"]:
                found[int(number)] = Answer()
            case [number, code, deny, named]:
                message = f"{EXPLICIT if deny == 'explicit' else ''} perform: {named}"
                found[int(number)] = Answer.of(code, message)
            case _:
                pass
    if len(found) < count:
        raise CannotCarryError(f"only {len(found)} of {count} calls were answered")
    return tuple(found[number] for number in range(count))


def exit_script(trial: Trial, role: ProbedRole, region: str) -> str:
    """A script that makes one call, and ends with an exit code that tells the answer."""
    cases = " ".join(
        f"{shlex.quote(code)}) exit_code={1 + index * _KINDS} ;;"
        for index, code in enumerate(_codes(trial))
    )
    own = shlex.quote(trial.action)
    return f"""\
{_prepare(region)}
{_only_under(role)}
try {_command(trial)}
[ "$status" -eq 0 ] && exit 0
case "$code" in {cases} *) exit {NO_ANSWER} ;; esac
[ "$deny" = explicit ] && exit_code=$((exit_code + {_EXPLICIT}))
case "$named" in
  "") ;;
  {own}) exit_code=$((exit_code + {_OWN})) ;;
  *) exit_code=$((exit_code + {_ANOTHER})) ;;
esac
exit $exit_code
"""


def identity_script(role: ProbedRole, region: str) -> str:
    """A script that makes no call, and ends with an exit code that tells whether it has the role."""
    return f"""\
{_prepare(region)}
{_only_under(role)}
exit 0
"""


def check_exit(code: int, role: ProbedRole) -> None:
    """Take note of the exit code of `identity_script`.

    Raises:
        CannotCarryError: it ran under another role, or not at all.
    """
    if code == OTHER_ROLE:
        raise CannotCarryError(f"what runs there does not act under {role.name}")
    if code != 0:
        raise CannotCarryError(f"the AWS CLI could not be run there (exit code {code})")


def read_exit(code: int, trial: Trial, role: ProbedRole) -> Answer:
    """The answer in the exit code of `exit_script`.

    Raises:
        CannotCarryError: it ran under another role, or the code is none of the script's.
    """
    if code == 0:
        return Answer()
    if code == OTHER_ROLE:
        raise CannotCarryError(f"what runs there does not act under {role.name}")
    if code == NO_ANSWER:
        return Answer("NoAnswer")
    index, kind = divmod(code - 1, _KINDS)
    codes = _codes(trial)
    if not 0 <= index < len(codes):
        raise CannotCarryError(f"the AWS CLI could not be run there (exit code {code})")
    named = {_OWN: trial.action, _ANOTHER: "another action"}.get(kind % _EXPLICIT, "")
    return Answer(codes[index], kind >= _EXPLICIT, named)


def _only_under(role: ProbedRole) -> str:
    name = shlex.quote(role.name)
    return f'case "$(caller)" in *:assumed-role/{name}/*) ;; *) exit {OTHER_ROLE} ;; esac'


def _prepare(region: str) -> str:
    return _PREPARE.format(region=shlex.quote(region), explicit=EXPLICIT).rstrip()


def _codes(trial: Trial) -> tuple[str, ...]:
    return tuple(sorted(trial.allowed | DENIED))


def _command(trial: Trial) -> str:
    parameters = json.dumps(dict(trial.parameters), ensure_ascii=False)
    words = cli_words(trial.service, trial.operation)
    return f"aws {words} --cli-input-json {shlex.quote(parameters)}"
