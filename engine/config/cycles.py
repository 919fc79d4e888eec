"""The order in which resources need each other, and the circles in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from ...resources.address import Address

Needs = Mapping[Address, Collection[Address]]


def in_order(needs: Needs) -> tuple[list[Address], list[list[Address]]]:
    """The addresses, each after what it needs, and the cycles that stand outside of any order.

    In a cycle each address needs the next one, and the last the first.
    """
    cycles: list[list[Address]] = []
    graph = needs
    while True:
        try:
            return list(TopologicalSorter(graph).static_order()), cycles
        except CycleError:
            cycle = _first_cycle(graph)
        cycles.append(cycle)
        gone = set(cycle)
        graph = {
            address: [needed for needed in graph[address] if needed not in gone]
            for address in graph
            if address not in gone
        }


def _first_cycle(graph: Needs) -> list[Address]:
    """One cycle, the same whatever the order of the graph, beginning with its first address."""
    ordered = {address: sorted(graph[address]) for address in sorted(graph)}
    try:
        TopologicalSorter(ordered).prepare()
    except CycleError as error:
        # The sorter tells it from what is needed to what needs it, with the first one twice.
        found: list[Address] = error.args[1][:0:-1]
        start = found.index(min(found))
        return [*found[start:], *found[:start]]
    raise AssertionError("a graph with a cycle has lost it by being sorted")
