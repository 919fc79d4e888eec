"""Pictures of a graph as Mermaid, DOT and SVG text. Pure: no file, other program, AWS or terminal.

Nodes are pairs of an address and the label to print; edges are pairs of addresses, a resource and
what it needs, as the graph of a stack lists them. All pictures run from what is needed, left, to
what needs it, right.
"""

from __future__ import annotations

from .svg import to_svg
from .text_formats import to_dot, to_mermaid

__all__ = ["to_dot", "to_mermaid", "to_svg"]
