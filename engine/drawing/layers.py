"""Which column each node of a picture stands in, and in which order within it. Pure.

Layered drawing: longest-path layering, then sweeps that order each column by the barycentre of
its neighbours. Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
hierarchical system structures", 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from .model import EdgePair, NodePair

SWEEPS = 12
Neighbours = Mapping[str, Sequence[str]]
Columns = tuple[tuple[str, ...], ...]


def neighbours(edges: Iterable[EdgePair]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The nodes on the left and on the right of each node."""
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for source, target in edges:
        right.setdefault(source, []).append(target)
        left.setdefault(target, []).append(source)
    return left, right


def acyclic(nodes: Iterable[NodePair], edges: Sequence[EdgePair]) -> frozenset[EdgePair]:
    """The edges that close a cycle: they are laid out the other way round."""
    _, right = neighbours(edges)
    closing: set[EdgePair] = set()
    done: set[str] = set()
    for root, _ in nodes:
        # By hand rather than by recursion: a chain may be longer than Python's stack.
        stack = [] if root in done else [(root, iter(right.get(root, ())))]
        open_ones = {root}
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                open_ones.discard(node)
                done.add(node)
            elif target in open_ones:
                closing.add((node, target))
            elif target not in done:
                open_ones.add(target)
                stack.append((target, iter(right.get(target, ()))))
    return frozenset(closing)


def layers(nodes: Sequence[NodePair], edges: Sequence[EdgePair]) -> dict[str, int]:
    """The column of each node, such that every edge runs to the right.

    Columns are counted from the end of the longest path, so that nodes of one kind mostly share one
    however much stands before them; a node that nothing needs then moves next to what it needs.
    """
    left, right = neighbours(edges)
    order = _ordered(nodes, left, right)
    from_end: dict[str, int] = {}
    for node in reversed(order):
        from_end[node] = max((from_end[target] + 1 for target in right.get(node, ())), default=0)
    width = max(from_end.values(), default=0)
    found = {node: width - distance for node, distance in from_end.items()}
    for node in order:
        if not right.get(node):
            found[node] = max((found[source] + 1 for source in left.get(node, ())), default=0)
    first = min(found.values(), default=0)
    return {node: found[node] - first for node, _ in nodes}


def _ordered(nodes: Sequence[NodePair], left: Neighbours, right: Neighbours) -> list[str]:
    """The nodes, each after all on its left."""
    missing = {node: len(left.get(node, ())) for node, _ in nodes}
    ready = [node for node, _ in nodes if not missing[node]]
    for node in ready:
        for target in right.get(node, ()):
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return ready


def components(nodes: Sequence[NodePair], edges: Sequence[EdgePair]) -> list[list[str]]:
    """The parts of a graph that hang together, each and all in the order of their nodes."""
    left, right = neighbours(edges)
    seen: set[str] = set()
    found: list[list[str]] = []
    for root, _ in nodes:
        if root in seen:
            continue
        seen.add(root)
        part = [root]
        for node in part:
            for other in (*right.get(node, ()), *left.get(node, ())):
                if other not in seen:
                    seen.add(other)
                    part.append(other)
        found.append(part)
    return found


def ordered(columns: Columns, edges: Sequence[EdgePair]) -> Columns:
    """The columns with each one ordered so that few edges between neighbouring columns cross."""
    left, right = neighbours(edges)
    best, fewest = columns, crossings(columns, right)
    current = [list(column) for column in columns]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        rightwards = sweep % 2 == 0
        indices = range(1, len(current)) if rightwards else range(len(current) - 2, -1, -1)
        for index in indices:
            fixed = current[index - 1 if rightwards else index + 1]
            current[index] = _by_barycentre(current[index], fixed, left if rightwards else right)
        found = tuple(tuple(column) for column in current)
        count = crossings(found, right)
        if count < fewest:
            best, fewest = found, count
    return best


def _by_barycentre(column: Sequence[str], fixed: Sequence[str], beside: Neighbours) -> list[str]:
    place = {node: float(index) for index, node in enumerate(fixed)}
    scale = len(fixed) / max(1, len(column))

    def key(index: int) -> float:
        others = [place[other] for other in beside.get(column[index], ()) if other in place]
        return sum(others) / len(others) if others else index * scale

    return [column[index] for index in sorted(range(len(column)), key=key)]


def crossings(columns: Columns, right: Neighbours) -> int:
    """How many pairs of edges between neighbouring columns cross."""
    total = 0
    for column, following in pairwise(columns):
        place = {node: index for index, node in enumerate(following)}
        seen: list[int] = []
        for node in column:
            ends = sorted(place[target] for target in right.get(node, ()) if target in place)
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
