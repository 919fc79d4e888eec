"""`rolewright graph`: the graph of the stack as Mermaid, DOT or a picture."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..views.document_head import head
from .options import Common, Var, VarFile


class Drawing(StrEnum):
    """The languages that a graph can be written in."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


SUFFIXES = {
    ".mmd": Drawing.MERMAID,
    ".md": Drawing.MERMAID,
    ".dot": Drawing.DOT,
    ".gv": Drawing.DOT,
    ".svg": Drawing.SVG,
}
As = Annotated[
    Drawing | None,
    typer.Option("--as", help="mermaid (the default), dot or svg; else by -o's suffix."),
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write it to a file.")
]


def graph(
    options: Common, as_: As = None, out: Out = None, var: Var = None, var_file: VarFile = None
) -> int:
    """Draw which resource needs which."""
    from ..config.resolve import placeholder_identity, resolve
    from ..graph import Graph
    from .composition import Inputs, declarations
    from .report import emit

    declared = declarations(options, Inputs(var or (), var_file or ()))
    found = resolve(declared, placeholder_identity(declared.settings, os.environ))
    drawn = Graph(found.dependencies)
    nodes = [(str(address), address.local) for address in drawn.nodes]
    edges = [(str(source), str(target)) for source, target in drawn.edges]
    stack = found.settings.stack
    if options.json:
        emit(
            {
                **head("graph", stack),
                "nodes": [address for address, _ in nodes],
                "edges": [{"from": source, "to": target} for source, target in edges],
            }
        )
        return 0
    text = _draw(as_ or _by_suffix(out), nodes, edges, stack)
    if out is None:
        typer.echo(text.rstrip("\n"))
        return 0
    _write(out, text)
    typer.echo(f"{out}: {len(nodes)} resources, {len(edges)} dependencies")
    return 0


def _by_suffix(out: Path | None) -> Drawing:
    return Drawing.MERMAID if out is None else SUFFIXES.get(out.suffix, Drawing.MERMAID)


def _draw(
    kind: Drawing, nodes: list[tuple[str, str]], edges: list[tuple[str, str]], title: str
) -> str:
    from ..drawing import to_dot, to_mermaid, to_svg

    writers = {Drawing.MERMAID: to_mermaid, Drawing.DOT: to_dot, Drawing.SVG: to_svg}
    return writers[kind](nodes, edges, title=title)


def _write(out: Path, text: str) -> None:
    from ...resources.diagnostics import Problem

    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem.of(
            "graph-not-written",
            f"the graph could not be written to {out}: {error.strerror}",
            hint="name another file after -o",
        ) from error
