"""What the picture makers share: tidied nodes and edges. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

NodePair: TypeAlias = tuple[str, str]
"""An address and the label to print for it."""

EdgePair: TypeAlias = tuple[str, str]
"""The address of a resource, and of one that it needs."""

KINDS = ("trust_policy", "role", "permission_policy", "service_binding")
"""The kinds that have a colour of their own, in the order in which they depend on each other."""

OTHER = "other"


def kind_of(address: str) -> str:
    """The kind that colours a node: the address's first part, or OTHER for one without colour."""
    kind = address.partition(".")[0]
    return kind if kind in KINDS else OTHER


def kind_label(kind: str) -> str:
    """A kind as people write it."""
    return kind.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and edges fit for drawing; an edge runs from what is needed to what needs it."""

    nodes: tuple[NodePair, ...]
    edges: tuple[EdgePair, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that occur, in their order."""
        present = {kind_of(address) for address, _ in self.nodes}
        return tuple(kind for kind in (*KINDS, OTHER) if kind in present)


def tidy(nodes: Iterable[NodePair], edges: Iterable[EdgePair]) -> Drawing:
    """Sort, and drop what occurs twice, and edges to the same node or to one that isn't drawn."""
    labels = dict(nodes)
    flows = {(needed, resource) for resource, needed in edges}
    kept = (
        (source, target)
        for source, target in flows
        if source != target and source in labels and target in labels
    )
    place = {address: index for index, address in enumerate(sorted(labels, key=_natural))}
    return Drawing(
        tuple((address, labels[address]) for address in place),
        tuple(sorted(kept, key=lambda edge: (place[edge[0]], place[edge[1]]))),
    )


def _natural(address: str) -> tuple[int, list[tuple[int, str]], str]:
    """Kinds as they depend on each other, and numbers in names as people count."""
    parts = re.split(r"([0-9]+)", address)
    counted = [(int(part) if index % 2 else 0, part) for index, part in enumerate(parts)]
    return (*KINDS, OTHER).index(kind_of(address)), counted, address
