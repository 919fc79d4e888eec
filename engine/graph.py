"""The graph of a stack: which resource needs which. networkx stays inside this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from ..resources.address import Address

Dependencies = Mapping[Address, Iterable[Address]]


class Graph:
    """A directed graph of addresses; an edge leads from a resource to what it needs."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._graph: nx.DiGraph[Address] = nx.DiGraph()
        for address in sorted(dependencies):
            self._graph.add_node(address)
            self._graph.add_edges_from(
                (address, needed) for needed in sorted(dependencies[address])
            )

    @property
    def nodes(self) -> Sequence[Address]:
        """All addresses, sorted."""
        return sorted(self._graph)

    @property
    def edges(self) -> Sequence[tuple[Address, Address]]:
        """All pairs of a resource and what it needs, sorted."""
        return sorted(self._graph.edges)

    def order(self) -> Sequence[Address]:
        """The addresses with each one after what it needs; ties by address.

        Raises:
            networkx.NetworkXUnfeasible: there is a cycle.
        """
        return list(nx.lexicographical_topological_sort(self._graph.reverse(copy=False), key=str))

    def with_needs(self, targets: Iterable[Address]) -> frozenset[Address]:
        """The targets and all that they need, directly or not."""
        return self._reach(self._graph, targets)

    def with_dependents(self, targets: Iterable[Address]) -> frozenset[Address]:
        """The targets and all that need them, directly or not."""
        return self._reach(self._graph.reverse(copy=False), targets)

    @staticmethod
    def _reach(graph: nx.DiGraph[Address], targets: Iterable[Address]) -> frozenset[Address]:
        found = set(targets)
        for target in list(found):
            found |= {end for _, end in nx.bfs_edges(graph, target)}
        return frozenset(found)
