"""The order of a stack and its closures."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.engine.graph import Graph
from rolewright.resources.address import Address


def role(name: str) -> Address:
    return Address("role", name)


A, B, C, D = (role(name) for name in "abcd")
DIAMOND = {A: {B, C}, B: {D}, C: {D}, D: set[Address]()}


def test_what_is_needed_comes_first() -> None:
    """Each address stands after all that it needs, and ties are in the order of their names."""
    assert Graph(DIAMOND).order() == [D, B, C, A]


def test_nodes_and_edges_are_sorted() -> None:
    """All addresses and pairs come in one order, also those that are only needed."""
    graph = Graph({B: [A], A: [C]})

    assert graph.nodes == [A, B, C]
    assert graph.edges == [(A, C), (B, A)]


def test_a_cycle_has_no_order() -> None:
    """Resources that need each other can't be ordered."""
    with pytest.raises(nx.NetworkXUnfeasible):
        list(Graph({A: [B], B: [A]}).order())


def test_closures() -> None:
    """A target's needs are all below it, its dependents all above it, itself included in both."""
    graph = Graph(DIAMOND)

    assert graph.with_needs([B]) == {B, D}
    assert graph.with_needs([A]) == {A, B, C, D}
    assert graph.with_dependents([B]) == {A, B}
    assert graph.with_dependents([D]) == {A, B, C, D}
    assert graph.with_needs([]) == frozenset()


@st.composite
def acyclic(draw: st.DrawFn) -> dict[Address, set[Address]]:
    """Dependencies that lead only to smaller numbers."""
    size = draw(st.integers(1, 8))
    nodes = [role(f"n{index}") for index in range(size)]
    return {
        node: draw(st.sets(st.sampled_from(nodes[:index]))) if index else set[Address]()
        for index, node in enumerate(nodes)
    }


@given(acyclic())
def test_order_holds_for_every_graph(needs: dict[Address, set[Address]]) -> None:
    """Every order respects every need, names each once, and is the same however the input is shuffled."""
    order = Graph(needs).order()

    assert sorted(order) == sorted(needs)
    for node, needed in needs.items():
        assert all(order.index(other) < order.index(node) for other in needed)
    assert Graph(dict(reversed(needs.items()))).order() == order


@given(acyclic())
def test_closures_mirror_each_other(needs: dict[Address, set[Address]]) -> None:
    """One address is among another's needs exactly when the other is among its dependents."""
    graph = Graph(needs)
    for one in needs:
        for other in needs:
            assert (other in graph.with_needs([one])) == (one in graph.with_dependents([other]))


def test_a_long_chain_is_no_trouble() -> None:
    """Closures and order take thousands of resources in a row."""
    chain = [role(f"r{index:05}") for index in range(3000)]
    graph = Graph({chain[0]: [], **{one: [before] for before, one in pairwise(chain)}})

    assert graph.order() == chain
    assert len(graph.with_needs([chain[-1]])) == 3000
