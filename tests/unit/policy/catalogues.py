"""Catalogues for tests."""

from __future__ import annotations

from dataclasses import asdict

from rolewright.resources.policy.catalogue import Catalogue


def part_of(catalogue: Catalogue, *services: str) -> Catalogue:
    """A catalogue of some services only, as AWS has them; quicker where `*` is worked out in full."""
    found: dict[str, object] = {}
    for service in services:
        actions = [catalogue.action(name) for name in catalogue.actions_of(service)]
        types = {
            type_.name: type_
            for action in actions
            if action is not None
            for type_ in catalogue.resource_types(action.name)
        }
        found[service] = {
            "actions": {
                action.name.partition(":")[2]: without_name(action)
                for action in actions
                if action is not None
            },
            "resources": {name: without_name(type_) for name, type_ in types.items()},
        }
    head = {"version": catalogue.version, "date": catalogue.date}
    return Catalogue.from_file({**head, "services": found})


def without_name(entry: object) -> dict[str, object]:
    return {key: value for key, value in asdict(entry).items() if key != "name"}  # type: ignore[call-overload]
