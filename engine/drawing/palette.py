"""The colours of pictures, for a light and a dark background. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of one kind of box."""

    fill: str
    stroke: str
    text: str


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours of a picture on one background."""

    background: str
    text: str
    faint: str
    edge: str
    kinds: Mapping[str, Ink]


# Text has a contrast of 7:1 or more on its fill, and no two kinds differ by red and green alone.
LIGHT = Palette(
    background="#ffffff",
    text="#1f2328",
    faint="#59636e",
    edge="#8c959f",
    kinds={
        "trust_policy": Ink("#fff4d6", "#c58b00", "#4d3600"),
        "role": Ink("#ddeeff", "#2f7bd0", "#0b2f57"),
        "permission_policy": Ink("#dcf5e7", "#1f9d63", "#06381f"),
        "service_binding": Ink("#f3e4fb", "#9a4fc4", "#3f1457"),
        "other": Ink("#eff1f3", "#818b98", "#1f2328"),
    },
)
DARK = Palette(
    background="#0d1117",
    text="#e6edf3",
    faint="#9198a1",
    edge="#6e7781",
    kinds={
        "trust_policy": Ink("#33270a", "#d9a520", "#ffe7ad"),
        "role": Ink("#0c2744", "#4a97e8", "#d3e7ff"),
        "permission_policy": Ink("#0b2e1e", "#35b57a", "#cdf3de"),
        "service_binding": Ink("#2d1540", "#b06fdb", "#f0dcfb"),
        "other": Ink("#21262d", "#818b98", "#e6edf3"),
    },
)
