"""Ready files that run drift looks on a schedule: systemd, cron, GitHub Actions, Kubernetes, EventBridge. Pure.

The files are the templates beside this module, filled in. Each place has its own way to write a
schedule; where one can't say what a crontab line says, that is an error, never another schedule.

Sources: systemd.time(7), "Calendar events"; GitHub Actions, "Events that trigger workflows: schedule";
Kubernetes, "CronJob"; EventBridge Scheduler user guide, "Schedule types".
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path

from ...resources.diagnostics import Problem
from .timetable import cron_fields

# Dollars belong to the files that are made.
_FIELD = re.compile(r"@\{(\w+)\}")
_STEP = re.compile(r"(?P<range>\*|\d+(?:-\d+)?)/(?P<step>\d+)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Installation:
    """What the files are about. `schedule` is a crontab line, `timezone` a name such as Europe/Berlin."""

    stack: str
    region: str
    folder: Path
    stack_file: Path
    state_folder: Path
    program: Path
    user: str
    schedule: str = "*/15 * * * *"
    timezone: str = "UTC"


def files(platform: str, about: Installation) -> dict[str, str]:
    """The files for a platform, by name.

    Raises:
        Problem: `bad-schedule`, where it is no crontab line or the platform can't say it.
    """
    name, slug = f"rolewright-drift-{about.stack}", _slug(about.stack)
    values = {**_values(about), "slug": slug}
    match platform:
        case "systemd":
            values["on_calendar"] = _on_calendar(about.schedule, about.timezone)
            return {
                f"{name}.service": _filled("service", values),
                f"{name}.timer": _filled("timer", values),
            }
        case "cron":
            return {slug: _filled("cron", values)}
        case "github-actions":
            if about.timezone.upper() != "UTC":
                raise _unsayable("GitHub's schedules are in UTC", "leave --timezone out")
            return {f".github/workflows/{slug}.yml": _filled("github-actions", values)}
        case "kubernetes":
            return {f"{slug}.yaml": _filled("kubernetes", values)}
        case _:
            values["aws_schedule"] = _aws_schedule(about.schedule)
            return {f"{slug}.cloudformation.yaml": _filled("eventbridge", values)}


def _values(about: Installation) -> dict[str, str]:
    minute, hour, day, month, weekday = cron_fields(about.schedule)
    relative = about.state_folder
    if relative.is_relative_to(about.folder):
        relative = relative.relative_to(about.folder)
    return {
        "stack": about.stack,
        "region": about.region,
        "user": about.user,
        "timezone": about.timezone,
        "schedule": f"{minute} {hour} {day} {month} {weekday}",
        "folder_plain": str(about.folder).replace("%", "%%"),
        **_quoted("folder", about.folder),
        **_quoted("program", about.program),
        **_quoted("stack_file", about.stack_file),
        **_quoted("state", about.state_folder),
        **_quoted("relative", relative),
    }


def _quoted(name: str, path: Path) -> Mapping[str, str]:
    """A path as a word of a unit file and of a crontab, both of which give a percent sign a meaning."""
    text = str(path)
    plain = re.fullmatch(r"[\w./@:+=,-]+", text) is not None
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return {
        f"{name}_systemd": text if plain else f'"{escaped}"',
        f"{name}_shell": shlex.quote(text),
        f"{name}_cron": shlex.quote(text).replace("%", r"\%"),
    }


def _filled(template: str, values: Mapping[str, str]) -> str:
    path = package_files(__spec__.parent) / "templates" / f"{template}.tmpl"
    return _FIELD.sub(lambda match: values[match[1]], path.read_text(encoding="utf-8"))


def _slug(stack: str) -> str:
    """A name that all platforms take: a DNS label with room for what Kubernetes appends."""
    return re.sub(r"[^a-z0-9]+", "-", f"rolewright-drift-{stack.lower()}")[:50].strip("-")


def _on_calendar(line: str, zone: str) -> str:
    """The lines of a timer. Two where either sort of day is enough, as systemd wants both."""
    minute, hour, day, month, weekday = cron_fields(line)
    months = _numbered(month)
    clock = f"{_ranges(hour, 0)}:{_ranges(minute, 0)}:00 {zone}"
    dates = f"*-{_ranges(months, 1)}-{_ranges(day, 1)}"
    days = "" if weekday == "*" else f"{weekday} "
    if days and not day.startswith("*"):
        anyday = f"*-{_ranges(months, 1)}-*"
        return f"OnCalendar={dates} {clock}\nOnCalendar={days}{anyday} {clock}"
    return f"OnCalendar={days}{dates} {clock}"


def _numbered(months: str) -> str:
    return re.sub(r"[a-z]+", lambda match: str(_MONTHS.index(match[0][:3]) + 1), months)


def _ranges(field: str, first: int) -> str:
    """A field as systemd has it: `1..5`, and steps that name their beginning."""
    return ",".join(_range(part, first) for part in field.split(","))


def _range(part: str, first: int) -> str:
    step = _STEP.fullmatch(part)
    if step is None:
        return part.replace("-", "..")
    begin = str(first) if step["range"] == "*" else step["range"].replace("-", "..")
    return f"{begin}/{step['step']}"


def _aws_schedule(line: str) -> str:
    """The expression of EventBridge Scheduler, which takes one sort of day and a question mark for the other."""
    minute, hour, day, month, weekday = cron_fields(line)
    if weekday != "*" and not day.startswith("*"):
        raise _unsayable(
            "EventBridge can't look on days of the month and days of the week", "use one of them"
        )
    days = ("?", weekday.upper()) if weekday != "*" else (_begun(day, 1), "?")
    fields = (_begun(minute, 0), _begun(hour, 0), days[0], _begun(month.upper(), 1), days[1], "*")
    return f"cron({' '.join(fields)})"


def _begun(field: str, first: int) -> str:
    return re.sub(r"\*/", f"{first}/", field)


def _unsayable(summary: str, hint: str) -> Problem:
    return Problem.of("bad-schedule", summary, hint=hint)
