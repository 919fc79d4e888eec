"""A graph as Mermaid and as DOT, the two languages that other tools draw. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .model import EdgePair, NodePair, kind_of, tidy
from .palette import LIGHT

_MERMAID_ESCAPES = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " ", "\r": " "}
)
_DOT_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": ""})


def to_mermaid(nodes: Iterable[NodePair], edges: Iterable[EdgePair], *, title: str = "") -> str:
    """Draw a graph as a Mermaid flowchart."""
    drawing = tidy(nodes, edges)
    names = {address: f"n{index}" for index, (address, _) in enumerate(drawing.nodes)}
    lines = ["---", f"title: {_yaml(title)}", "---"] if title else []
    lines.append("flowchart LR")
    lines += [
        f'  {names[address]}["{label.translate(_MERMAID_ESCAPES)}"]:::{kind_of(address)}'
        for address, label in drawing.nodes
    ]
    lines += [f"  {names[source]} --> {names[target]}" for source, target in drawing.edges]
    for kind in drawing.kinds:
        colour = LIGHT.kinds[kind]
        style = f"fill:{colour.fill},stroke:{colour.stroke},color:{colour.text}"
        lines.append(f"  classDef {kind} {style}")
    return "\n".join(lines) + "\n"


def to_dot(nodes: Iterable[NodePair], edges: Iterable[EdgePair], *, title: str = "") -> str:
    """Draw a graph in the DOT language of Graphviz."""
    drawing = tidy(nodes, edges)
    lines = [
        f"digraph {_quoted(title or 'stack')} {{",
        "  rankdir=LR",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"]',
    ]
    if title:
        lines.append(f"  label={_quoted(title)}; labelloc=t; labeljust=l")
    for address, label in drawing.nodes:
        colour = LIGHT.kinds[kind_of(address)]
        lines.append(
            f"  {_quoted(address)} [label={_quoted(label)}, fillcolor={_quoted(colour.fill)},"
            f" color={_quoted(colour.stroke)}, fontcolor={_quoted(colour.text)}]"
        )
    lines += [f"  {_quoted(source)} -> {_quoted(target)}" for source, target in drawing.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return f'"{text.translate(_DOT_ESCAPES)}"'


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"
