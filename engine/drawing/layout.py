"""Where each box and each curve of a picture stands. Pure arithmetic: no colours, no SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from .layers import acyclic, components, layers, neighbours, ordered
from .model import Drawing, EdgePair

DUMMY_HEIGHT = 6.0
PASSES = 16
SLOPE = 0.07
WIDEST_GAP = 320.0
ASPECT = 0.9
"""The wished height of a picture by its width, as far as its parts can be set side by side."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Distances in pixels. `widths` are those of the boxes by address."""

    widths: Mapping[str, float]
    height: float = 42.0
    row_gap: float = 14.0
    column_gap: float = 84.0
    part_gap: float = 26.0


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place; `x` and `y` are its upper left corner."""

    address: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge's way: points that it passes level, from what is needed to what needs it."""

    source: str
    target: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture, its upper left corner at the origin."""

    boxes: tuple[Box, ...] = ()
    curves: tuple[Curve, ...] = ()
    width: float = 0.0
    height: float = 0.0


@dataclass(slots=True)
class _Frame:
    """What is worked out on the way: where an edge passes a column there is a dummy node."""

    columns: dict[str, int]
    heights: dict[str, float] = field(default_factory=dict[str, float])
    links: list[EdgePair] = field(default_factory=list[EdgePair])
    routes: dict[EdgePair, list[str]] = field(default_factory=dict[EdgePair, list[str]])


@dataclass(frozen=True, slots=True)
class _Part:
    """Nodes that hang together: the middle of each, how deep they stand, and the gap below them."""

    middles: Mapping[str, float]
    depth: float
    gap: float


@dataclass(frozen=True, slots=True)
class _Places:
    """Where columns begin and end, and each node's middle and its shift to the right."""

    spans: Sequence[tuple[float, float]]
    middles: Mapping[str, float]
    shifts: Mapping[str, float]

    def start(self, node: str, frame: _Frame) -> float:
        return self.spans[frame.columns[node]][0] + self.shifts[node]


def lay_out(drawing: Drawing, measures: Measures) -> Layout:
    """Find a place for every node and every edge."""
    backwards = acyclic(drawing.nodes, drawing.edges)
    flows = [(b, a) if (a, b) in backwards else (a, b) for a, b in drawing.edges]
    frame = _framed(drawing, flows, measures)
    parts = _parts(frame, measures)
    spans = _columns(drawing, frame, parts, measures)
    middles, shifts = _stack(parts, spans[-1][1] if spans else 0.0, measures)
    return _finished(drawing, backwards, frame, _Places(spans, middles, shifts), measures)


def _framed(drawing: Drawing, flows: Sequence[EdgePair], measures: Measures) -> _Frame:
    frame = _Frame(layers(drawing.nodes, flows))
    frame.heights = dict.fromkeys(frame.columns, measures.height)
    for source, target in flows:
        route = [source]
        for column in range(frame.columns[source] + 1, frame.columns[target]):
            # A zero byte can't stand in an address, so no node is ever called like this.
            dummy = f"{source}\0{target}\0{column}"
            frame.columns[dummy], frame.heights[dummy] = column, DUMMY_HEIGHT
            route.append(dummy)
        route.append(target)
        frame.routes[source, target] = route
        frame.links += pairwise(route)
    return frame


def _parts(frame: _Frame, measures: Measures) -> list[_Part]:
    """What hangs together, each part laid out by itself."""
    groups = components([(node, "") for node in frame.columns], frame.links)
    part_of = {node: index for index, group in enumerate(groups) for node in group}
    links: list[list[EdgePair]] = [[] for _ in groups]
    for link in frame.links:
        links[part_of[link[0]]].append(link)
    return [_place(group, own, frame, measures) for group, own in zip(groups, links, strict=True)]


def _stack(
    parts: Sequence[_Part], width: float, measures: Measures
) -> tuple[dict[str, float], dict[str, float]]:
    """The middle of each node, and how far right it is moved: many parts stand in several bands."""
    total = sum(part.depth + part.gap for part in parts)
    count = max(1, round(sqrt(total / ASPECT / max(1.0, width + measures.column_gap))))
    middles: dict[str, float] = {}
    shifts: dict[str, float] = {}
    top, band = 0.0, 0
    for part in parts:
        if top and top + part.depth / 2 > total / count and band + 1 < count:
            top, band = 0.0, band + 1
        middles |= {node: top + middle for node, middle in part.middles.items()}
        shifts |= dict.fromkeys(part.middles, band * (width + measures.column_gap))
        top += part.depth + part.gap
    return middles, shifts


def _columns(
    drawing: Drawing, frame: _Frame, parts: Sequence[_Part], measures: Measures
) -> list[tuple[float, float]]:
    """Where each column begins and ends; the steeper the edges between two, the wider their gap."""
    count = max(frame.columns.values(), default=-1) + 1
    widths = [0.0] * count
    for node, _ in drawing.nodes:
        column = frame.columns[node]
        widths[column] = max(widths[column], measures.widths[node])
    gaps = [measures.column_gap] * count
    middles = {node: middle for part in parts for node, middle in part.middles.items()}
    for source, target in frame.links:
        column = frame.columns[source]
        steep = abs(middles[source] - middles[target]) * SLOPE
        gaps[column] = max(gaps[column], min(steep, WIDEST_GAP))
    spans: list[tuple[float, float]] = []
    start = 0.0
    for width, gap in zip(widths, gaps, strict=True):
        spans.append((start, start + width))
        start += width + gap
    return spans


def _place(
    part: Sequence[str], links: Sequence[EdgePair], frame: _Frame, measures: Measures
) -> _Part:
    width = max(frame.columns[node] for node in part) + 1
    found: list[list[str]] = [[] for _ in range(width)]
    for node in part:
        found[frame.columns[node]].append(node)
    columns = ordered(tuple(tuple(column) for column in found), links)
    left, right = neighbours(links)
    middles = {
        node: index * (measures.height + measures.row_gap)
        for column in columns
        for index, node in enumerate(column)
    }
    for index in range(PASSES):
        beside = (left, right)[index % 2]
        for column in columns if index % 2 == 0 else reversed(columns):
            wishes = [_mean(beside.get(node, ()), middles, middles[node]) for node in column]
            middles |= zip(column, _spread(column, wishes, frame, measures), strict=True)
    first = min(middles[node] - frame.heights[node] / 2 for node in part)
    last = max(middles[node] + frame.heights[node] / 2 for node in part)
    gap = measures.part_gap if links else measures.row_gap
    return _Part({node: middle - first for node, middle in middles.items()}, last - first, gap)


def _mean(others: Sequence[str], middles: Mapping[str, float], otherwise: float) -> float:
    return sum(middles[other] for other in others) / len(others) if others else otherwise


def _spread(
    column: Sequence[str], wishes: Sequence[float], frame: _Frame, measures: Measures
) -> list[float]:
    """The places nearest to the wishes at which no two nodes of a column touch.

    With the needed distances taken off, places that never decrease are wanted: isotonic regression,
    which pooling adjacent violators solves exactly.
    """
    offsets = [0.0]
    for above, below in pairwise(column):
        distance = (frame.heights[above] + frame.heights[below]) / 2 + measures.row_gap
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    return [place + offset for place, offset in zip(flat, offsets, strict=False)]


def _finished(
    drawing: Drawing,
    backwards: frozenset[EdgePair],
    frame: _Frame,
    places: _Places,
    measures: Measures,
) -> Layout:
    boxes = tuple(
        Box(
            node,
            places.start(node, frame),
            places.middles[node] - measures.height / 2,
            measures.widths[node],
            measures.height,
        )
        for node, _ in drawing.nodes
    )
    curves: list[Curve] = []
    for source, target in drawing.edges:
        turned = (source, target) in backwards
        route = frame.routes[(target, source) if turned else (source, target)]
        points = _points(route, frame, places, measures)
        curves.append(Curve(source, target, tuple(reversed(points) if turned else points)))
    width = max((box.x + box.width for box in boxes), default=0.0)
    height = max((box.y + box.height for box in boxes), default=0.0)
    return Layout(boxes, tuple(curves), width, height)


def _points(
    route: Sequence[str], frame: _Frame, places: _Places, measures: Measures
) -> list[tuple[float, float]]:
    """From the right side of the first node, level across the columns between, to the last one."""
    first, *between, last = route
    points = [(places.start(first, frame) + measures.widths[first], places.middles[first])]
    for dummy in between:
        start, end = places.spans[frame.columns[dummy]]
        shift, middle = places.shifts[dummy], places.middles[dummy]
        points += [(start + shift, middle), (end + shift, middle)]
    return [*points, (places.start(last, frame), places.middles[last])]
