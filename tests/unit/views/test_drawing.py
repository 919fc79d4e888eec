"""Pictures of a graph."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.engine.drawing import to_dot, to_mermaid, to_svg
from rolewright.engine.drawing.layers import crossings, layers, neighbours, ordered
from rolewright.engine.drawing.layout import Box, Layout, Measures, lay_out
from rolewright.engine.drawing.model import tidy

Pairs = Sequence[tuple[str, str]]

NODES = [
    ("trust_policy.ec2", "ec2"),
    ("role.reader", "reader"),
    ("permission_policy.read", 'read["<a> & b"]'),
    ("service_binding.web", "web"),
]
EDGES = [
    ("role.reader", "trust_policy.ec2"),
    ("permission_policy.read", "role.reader"),
    ("service_binding.web", "role.reader"),
]
SVG = "{http://www.w3.org/2000/svg}"


def bundles(count: int) -> tuple[Pairs, Pairs]:
    """A stack of services that share a trust policy."""
    nodes = [("trust_policy.all", "all")]
    edges: list[tuple[str, str]] = []
    for index in range(count):
        role, policy, binding = (
            f"{kind}.s{index}" for kind in ("role", "permission_policy", "service_binding")
        )
        nodes += [(role, role), (policy, policy), (binding, binding)]
        edges += [(role, "trust_policy.all"), (policy, role), (binding, role)]
    return nodes, edges


def laid_out(nodes: Pairs, edges: Pairs) -> Layout:
    return lay_out(tidy(nodes, edges), Measures({address: 120.0 for address, _ in nodes}))


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height - 0.01
        and other.y < one.y + one.height - 0.01
    )


def test_mermaid() -> None:
    """Mermaid runs from what is needed to what needs it, coloured by kind, texts escaped."""
    assert to_mermaid(NODES[:3], EDGES[:2], title="it's") == (
        "---\n"
        "title: 'it''s'\n"
        "---\n"
        "flowchart LR\n"
        '  n0["ec2"]:::trust_policy\n'
        '  n1["reader"]:::role\n'
        '  n2["read[#quot;#lt;a#gt; & b#quot;]"]:::permission_policy\n'
        "  n0 --> n1\n"
        "  n1 --> n2\n"
        "  classDef trust_policy fill:#fff4d6,stroke:#c58b00,color:#4d3600\n"
        "  classDef role fill:#ddeeff,stroke:#2f7bd0,color:#0b2f57\n"
        "  classDef permission_policy fill:#dcf5e7,stroke:#1f9d63,color:#06381f\n"
    )


def test_dot() -> None:
    """DOT names nodes by address and escapes what would end a text."""
    assert to_dot([("role.a", 'a["x\\y"]'), ("odd.b", "b")], [("odd.b", "role.a")], title="s") == (
        'digraph "s" {\n'
        "  rankdir=LR\n"
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"]\n'
        '  label="s"; labelloc=t; labeljust=l\n'
        '  "role.a" [label="a[\\"x\\\\y\\"]", fillcolor="#ddeeff", color="#2f7bd0",'
        ' fontcolor="#0b2f57"]\n'
        '  "odd.b" [label="b", fillcolor="#eff1f3", color="#818b98", fontcolor="#1f2328"]\n'
        '  "role.a" -> "odd.b"\n'
        "}\n"
    )


def test_svg_is_xml_with_every_node_and_edge() -> None:
    """The picture is well-formed and holds title, legend, boxes and curves."""
    root = ET.fromstring(to_svg(NODES, EDGES, title="<photo & archive>"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    titles = [element.text for element in root.iter(f"{SVG}title")]

    assert texts[0] == "<photo & archive>"
    assert {"trust policy", "role", "permission policy", "service binding"} <= set(texts)
    assert 'read["<a> & b"]' in texts
    assert "role.reader → service_binding.web" in titles
    assert len(list(root.iter(f"{SVG}path"))) == 1 + len(EDGES)
    assert "prefers-color-scheme: dark" in to_svg(NODES, EDGES)


def test_empty_svg() -> None:
    """A stack without resources has a picture that says so."""
    root = ET.fromstring(to_svg([], [], title="empty"))

    assert "No resources" in [element.text for element in root.iter(f"{SVG}text")]


def test_control_characters_and_long_labels() -> None:
    """What XML can't hold is left out, and a long name is shortened in its middle."""
    root = ET.fromstring(to_svg([("role.a", "a\x00{b}" + "x" * 90 + "end")], []))
    (label,) = (e.text or "" for e in root.iter(f"{SVG}text") if "{b}" in (e.text or ""))

    assert label.startswith("a {b}x")
    assert label.endswith("xend")
    assert len(label) < 50


def test_what_is_needed_stands_left() -> None:
    """Edges run to the right, and nodes of one kind share a column."""
    layout = laid_out(*bundles(6))
    columns = {
        kind: {box.x for box in layout.boxes if box.address.startswith(kind)}
        for kind in ("trust_policy", "role", "permission_policy", "service_binding")
    }

    assert all(len(column) == 1 for column in columns.values())
    assert columns["trust_policy"] < columns["role"] or min(columns["trust_policy"]) < min(
        columns["role"]
    )
    assert all(curve.points[0][0] < curve.points[-1][0] for curve in layout.curves)


def test_tree_is_drawn_without_crossings() -> None:
    """Bundles that share a trust policy are a tree, and a tree needs no crossing."""
    nodes, edges = bundles(30)
    drawing = tidy(nodes, edges)
    place = layers(drawing.nodes, drawing.edges)
    columns = [[n for n, _ in drawing.nodes if place[n] == column] for column in range(3)]
    found = ordered(tuple(map(tuple, columns)), drawing.edges)

    assert crossings(found, neighbours(drawing.edges)[1]) == 0


def test_long_edge_passes_boxes() -> None:
    """An edge over several columns has a way of its own between the boxes."""
    nodes = [(f"role.{name}", name) for name in "abc"]
    layout = laid_out(nodes, [("role.b", "role.a"), ("role.c", "role.b"), ("role.c", "role.a")])
    (curve,) = (c for c in layout.curves if (c.source, c.target) == ("role.a", "role.c"))
    (between,) = (box for box in layout.boxes if box.address == "role.b")

    assert len(curve.points) == 4
    assert not between.y < curve.points[1][1] < between.y + between.height


def test_many_parts_stand_side_by_side() -> None:
    """Many small parts make a page, not a tower."""
    nodes = [(f"{kind}.s{n}", "x") for n in range(60) for kind in ("role", "permission_policy")]
    edges = [(f"permission_policy.s{n}", f"role.s{n}") for n in range(60)]
    layout = laid_out(nodes, edges)

    assert 0.3 < layout.height / layout.width < 3


@pytest.mark.parametrize("count", [1, 20, 100])
def test_boxes_never_overlap(count: int) -> None:
    """At any size each box has its own place."""
    layout = laid_out(*bundles(count))

    assert not [pair for pair in combinations(layout.boxes, 2) if overlap(*pair)]


def test_cycle_is_drawn_too() -> None:
    """A faulty graph is shown as it is, so that its fault can be seen."""
    nodes = [("role.a", "a"), ("role.b", "b"), ("role.c", "c")]
    edges = [("role.a", "role.b"), ("role.b", "role.a"), ("role.c", "role.c"), ("role.c", "role.x")]
    layout = laid_out(nodes, edges)

    assert len(layout.curves) == 2


def test_same_graph_same_bytes() -> None:
    """The order in which nodes and edges are told makes no difference."""
    nodes, edges = bundles(10)

    assert to_svg(nodes, edges) == to_svg(nodes[::-1], edges[::-1])


names = st.sampled_from(
    [f"{kind}.n{n}" for kind in ("role", "permission_policy", "odd") for n in range(6)]
)


@given(
    nodes=st.lists(st.tuples(names, st.text(max_size=60)), max_size=14),
    edges=st.lists(st.tuples(names, names), max_size=30),
    title=st.text(max_size=20),
)
def test_any_graph_can_be_drawn(nodes: Pairs, edges: Pairs, title: str) -> None:
    """Whatever the graph and its texts, the picture is well-formed and no boxes overlap."""
    root = ET.fromstring(to_svg(nodes, edges, title=title))
    layout = laid_out(nodes, edges)

    assert root.tag == f"{SVG}svg"
    assert len(layout.boxes) == len(dict(nodes))
    assert not [pair for pair in combinations(layout.boxes, 2) if overlap(*pair)]
    assert to_mermaid(nodes, edges, title=title)
    assert to_dot(nodes, edges, title=title)
