"""How a set of regions is said in patterns: `p`, `p except q`, or `p and q except r`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Regions: TypeAlias = int
"""A set of regions: bit i for region i."""


@dataclass(frozen=True, slots=True)
class Area:
    """A pattern and the regions in it."""

    label: str
    regions: Regions


@dataclass(frozen=True, slots=True)
class Description:
    """The texts of some regions; `base` is the pattern in which they lie."""

    base: str
    parts: tuple[str, ...]
    exceptions: tuple[str, ...]
    regions: Regions

    @property
    def text(self) -> str:
        whole = " and ".join((self.base, *self.parts))
        return f"{whole} except {', '.join(self.exceptions)}" if self.exceptions else whole


def describe(
    wanted: Regions, bases: Sequence[Area], exceptions: Sequence[Area]
) -> Iterator[Description]:
    """Say exactly these regions, in as few and short texts as a greedy choice finds.

    Every region must lie in one of the bases.
    """
    left = wanted
    while left:
        found = _best(wanted, left, bases, exceptions) or _single(left, bases, exceptions)
        left &= ~found.regions
        yield found


def _best(
    wanted: Regions, left: Regions, bases: Sequence[Area], exceptions: Sequence[Area]
) -> Description | None:
    candidates: list[tuple[tuple[bool, int, int, str], Description]] = []
    outside = [area for area in exceptions if area.regions and not area.regions & wanted]
    for base in bases:
        if not base.regions & left:
            continue
        without = _covering(base.regions & ~wanted, outside)
        if without is not None:
            covered = base.regions & wanted
            found = Description(base.label, (), without, covered)
            gain = (covered & left).bit_count()
            candidates.append(((bool(without), -gain, len(without), base.label), found))
    return min(candidates, key=lambda pair: pair[0])[1] if candidates else None


def _covering(unwanted: Regions, areas: Sequence[Area]) -> tuple[str, ...] | None:
    """The patterns that together take all of these regions away, or None."""
    labels: list[str] = []
    while unwanted:
        best = max(areas, key=lambda area: (area.regions & unwanted).bit_count(), default=None)
        if best is None or not best.regions & unwanted:
            return None
        labels.append(best.label)
        unwanted &= ~best.regions
    return tuple(sorted(labels))


def _single(left: Regions, bases: Sequence[Area], exceptions: Sequence[Area]) -> Description:
    """One region: all the smallest patterns that it lies in, except all that it does not."""
    region = left & -left
    base = min(
        (area for area in bases if area.regions & region), key=lambda area: area.regions.bit_count()
    )
    parts: list[str] = []
    inside = base.regions
    for area in sorted(exceptions, key=lambda area: area.regions.bit_count()):
        if area.regions & region and inside & ~area.regions:
            inside &= area.regions
            parts.append(area.label)
    others = [area for area in exceptions if not area.regions & region]
    without = _covering(inside & ~region, others)
    return Description(base.label, tuple(parts), without or (), region)
