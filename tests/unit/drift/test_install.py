"""The files that `drift install` makes are valid where they are for, and mean the schedule that was asked for."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rolewright.engine.drift.install import Installation, files
from rolewright.engine.drift.timetable import cron
from rolewright.resources.diagnostics import Problem

PLATFORMS = ("systemd", "cron", "github-actions", "kubernetes", "eventbridge")
ABOUT = Installation(
    stack="Shop_1",
    region="eu-west-1",
    folder=Path("/srv/shop"),
    stack_file=Path("rolewright.yaml"),
    state_folder=Path("/srv/shop/.rolewright"),
    program=Path("/opt/rolewright/bin/rolewright"),
    user="drift",
)
ODD = replace(
    ABOUT,
    folder=Path('/srv/my "100%" $HOME'),
    stack_file=Path("it's a stack.yaml"),
    state_folder=Path("/srv/state dir"),
)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: {suffix: node.value})


def documents(about: Installation, platform: str) -> list[Any]:
    (text,) = files(platform, about).values()
    return list(yaml.load_all(text, _Loader))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_left_blank(platform: str) -> None:
    """Every field of a template is filled in, also for odd paths."""
    for about in (ABOUT, ODD):
        for name, text in files(platform, about).items():
            assert "@{" not in text
            assert not name.startswith("/")
            if name.endswith((".yaml", ".yml")):
                assert list(yaml.load_all(text, _Loader))


def unit(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_systemd_units() -> None:
    """A service that takes exit 2 for success, may write its state only, and is started by its timer."""
    made = files("systemd", ABOUT)
    assert list(made) == ["rolewright-drift-Shop_1.service", "rolewright-drift-Shop_1.timer"]
    service, timer = map(unit, made.values())

    assert service["ExecStart"] == [
        "/opt/rolewright/bin/rolewright drift -c rolewright.yaml --notify"
    ]
    assert service["SuccessExitStatus"] == ["2"]
    assert service["ReadWritePaths"] == ["/srv/shop/.rolewright"]
    assert timer["OnCalendar"] == ["*-*-* *:0/15:00 UTC"]


def test_systemd_takes_odd_paths() -> None:
    """Spaces, quotes, dollars and percent signs stay what they are."""
    service = unit(files("systemd", ODD)["rolewright-drift-Shop_1.service"])

    assert service["WorkingDirectory"] == ['/srv/my "100%%" $HOME']
    assert '-c "it\'s a stack.yaml"' in service["ExecStart"][0]
    assert service["ReadWritePaths"] == ['"/srv/state dir"']


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("5 4 * * *", ["*-*-* 4:5:00 UTC"]),
        ("0 9-17/2 * jan,7 1-5", ["mon,tue,wed,thu,fri *-1,7-* 9..17/2:0:00 UTC"]),
        ("0 0 1,15 * 0", ["*-*-1,15 0:0:00 UTC", "sun *-*-* 0:0:00 UTC"]),
    ],
)
def test_schedules_of_systemd(line: str, expected: list[str]) -> None:
    """As systemd.time(7) writes them; either sort of day is enough, so there are two lines."""
    made = files("systemd", replace(ABOUT, schedule=line))

    assert unit(made["rolewright-drift-Shop_1.timer"])["OnCalendar"] == expected


def test_a_crontab_line() -> None:
    """The line runs as the user, in the folder; percent signs are escaped, words stay whole."""
    (text,) = files("cron", ODD).values()
    line = text.splitlines()[-1]
    fields = line.split(maxsplit=6)
    command = fields[6].replace(r"\%", "%")

    assert cron(" ".join(fields[:5]), "UTC")
    assert fields[5] == "drift"
    assert not re.search(r"(?<!\\)%", line)
    words = shlex.split(command + line.partition(fields[6])[2])
    assert '/srv/my "100%" $HOME' in shlex.split("cd " + command)
    assert "it's a stack.yaml" in words


def test_a_github_workflow() -> None:
    """OIDC instead of keys, one run at a time, the history kept."""
    (workflow,) = documents(ABOUT, "github-actions")
    on = workflow[True]  # YAML takes the word `on` for a truth value

    assert on["schedule"] == [{"cron": "*/15 * * * *"}]
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    steps = workflow["jobs"]["drift"]["steps"]
    assert "rolewright drift -c rolewright.yaml --notify\n" in [one.get("run") for one in steps]
    assert steps[-1]["if"] == "always()"
    with pytest.raises(Problem, match="UTC"):
        files("github-actions", replace(ABOUT, timezone="Europe/Berlin"))


def test_kubernetes_objects() -> None:
    """An account, a volume and a CronJob that never runs twice at once, under names that Kubernetes takes."""
    account, claim, job = documents(replace(ABOUT, timezone="Europe/Berlin"), "kubernetes")

    assert [one["kind"] for one in (account, claim, job)] == [
        "ServiceAccount",
        "PersistentVolumeClaim",
        "CronJob",
    ]
    assert {one["metadata"]["name"] for one in (account, claim, job)} == {"rolewright-drift-shop-1"}
    assert job["spec"]["timeZone"] == "Europe/Berlin"
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    (args,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--state /state/state.json" in args


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*/15 * * * *", "cron(0/15 * * * ? *)"),
        ("0 9 * * 1-5", "cron(0 9 ? * MON,TUE,WED,THU,FRI *)"),
        ("0 0 1 */2 *", "cron(0 0 1 1/2 ? *)"),
    ],
)
def test_eventbridge(line: str, expected: str) -> None:
    """A schedule of EventBridge, which says days in its own way."""
    (template,) = documents(replace(ABOUT, schedule=line), "eventbridge")

    assert template["Resources"]["Schedule"]["Properties"]["ScheduleExpression"] == expected
    assert template["Resources"]["Schedule"]["Properties"]["Target"]["RoleArn"]


def test_what_can_t_be_said_is_an_error() -> None:
    """Rather than another schedule."""
    with pytest.raises(Problem, match="days of the week"):
        files("eventbridge", replace(ABOUT, schedule="0 0 1 * 5"))
    for platform in PLATFORMS:
        with pytest.raises(Problem, match="fields"):
            files(platform, replace(ABOUT, schedule="often"))
