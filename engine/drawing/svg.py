"""A graph as SVG, laid out and drawn here: no other program is needed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from .layout import Box, Curve, Measures, lay_out
from .model import Drawing, EdgePair, NodePair, kind_label, kind_of, tidy
from .palette import DARK, LIGHT, Palette

DENSE = 60
"""From this many nodes on, boxes hold one line: their colour alone says the kind."""

FONT = "ui-sans-serif, system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"
LONGEST_LABEL = 46
LABEL_SIZE = 13.0
CAPTION_SIZE = 9.5
LEGEND_SIZE = 12.0
TITLE_SIZE = 18.0
MARGIN = 28.0
PADDING = 14.0
SWATCH = 14.0
LEGEND_GAP = 22.0


def to_svg(nodes: Iterable[NodePair], edges: Iterable[EdgePair], *, title: str = "") -> str:
    """Draw a graph as an SVG picture that follows the viewer's light or dark preference."""
    drawing = tidy(nodes, edges)
    dense = len(drawing.nodes) > DENSE
    layout = lay_out(drawing, _measures(drawing, dense=dense))
    head, head_width, top = _head(drawing, title)
    labels = dict(drawing.nodes)
    curves = "\n".join(_curve(curve) for curve in layout.curves)
    picture = _element(
        "g",
        _element("g", f"\n{curves}\n", class_="edges"),
        *(_box(box, labels[box.address], dense=dense) for box in layout.boxes),
        transform=f"translate({_number(MARGIN)} {_number(top)})",
    )
    size = (max(layout.width, head_width) + 2 * MARGIN, top + layout.height + MARGIN)
    counts = f"{len(drawing.nodes)} resources, {len(drawing.edges)} dependencies"
    lines = [
        _element("title", _text(f"{title or 'Graph'}: {counts}")),
        _element("style", _styles()),
        _element("defs", _tip()),
        _element("rect", class_="background", width=size[0], height=size[1]),
        *head,
        picture,
    ]
    return _picture(lines, *size)


def _picture(lines: Sequence[str], width: float, height: float) -> str:
    return (
        _element(
            "svg",
            *("\n" + line for line in lines),
            "\n",
            xmlns="http://www.w3.org/2000/svg",
            width=width,
            height=height,
            viewBox=f"0 0 {_number(width)} {_number(height)}",
            role="img",
        )
        + "\n"
    )


def _measures(drawing: Drawing, *, dense: bool) -> Measures:
    widths: dict[str, float] = {}
    for address, label in drawing.nodes:
        caption = 0.0 if dense else text_width(kind_label(kind_of(address)), CAPTION_SIZE)
        widths[address] = 2 * PADDING + max(text_width(shortened(label), LABEL_SIZE), caption)
    if dense:
        return Measures(widths, height=26.0, row_gap=8.0, column_gap=110.0, part_gap=16.0)
    return Measures(widths)


def _styles() -> str:
    dark = _rules(DARK)
    return f"{_rules(LIGHT)}\n@media (prefers-color-scheme: dark) {{{dark}\n}}\n"


def _rules(palette: Palette) -> str:
    rules = [
        f".background {{ fill: {palette.background} }}",
        f"text {{ font-family: {FONT}; fill: {palette.text} }}",
        f".faint {{ fill: {palette.faint} }}",
        f".edges path {{ fill: none; stroke: {palette.edge}; stroke-width: 1.3 }}",
        f".tip {{ fill: {palette.edge} }}",
    ]
    for kind, ink in palette.kinds.items():
        box = f"fill: {ink.fill}; stroke: {ink.stroke}; stroke-width: 1.3"
        rules += [f".{kind} rect {{ {box} }}", f".{kind} text {{ fill: {ink.text} }}"]
    return "".join(f"\n{rule}" for rule in rules)


def _tip() -> str:
    path = _element("path", class_="tip", d="M0 0.8 L8 4 L0 7.2 z")
    return _element(
        "marker",
        path,
        id="tip",
        viewBox="0 0 8 8",
        refX=7,
        refY=4,
        markerWidth=7,
        markerHeight=7,
        orient="auto",
    )


def _head(drawing: Drawing, title: str) -> tuple[list[str], float, float]:
    """The title and the legend, the width that they take, and where the picture below begins."""
    lines: list[str] = []
    y, width = MARGIN, 0.0
    if title:
        y += TITLE_SIZE
        width = text_width(title, TITLE_SIZE) * 1.08
        lines.append(_label(title, MARGIN, y - 4, TITLE_SIZE, font_weight=600))
        y += 14
    if not drawing.nodes:
        lines.append(_label("No resources", MARGIN, y + 12, LABEL_SIZE, class_="faint"))
        return lines, max(width, 120.0), y + 24
    x = MARGIN
    for kind in drawing.kinds:
        swatch = _element("rect", x=x, y=y, width=SWATCH, height=SWATCH, rx=4)
        lines.append(_element("g", swatch, class_=kind))
        x += SWATCH + 6
        lines.append(_label(kind_label(kind), x, y + 11, LEGEND_SIZE, class_="faint"))
        x += text_width(kind_label(kind), LEGEND_SIZE) + LEGEND_GAP
    return lines, max(width, x - LEGEND_GAP - MARGIN), y + SWATCH + MARGIN


def _box(box: Box, label: str, *, dense: bool) -> str:
    kind = kind_of(box.address)
    rect = _element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=8)
    x, middle = box.x + PADDING, box.y + box.height / 2
    parts = [_element("title", _text(box.address)), rect]
    if dense:
        parts.append(_label(shortened(label), x, middle + 4.5, LABEL_SIZE))
    else:
        parts.append(_label(kind_label(kind), x, middle - 6, CAPTION_SIZE, opacity=0.75))
        parts.append(_label(shortened(label), x, middle + 10.5, LABEL_SIZE))
    return "\n" + _element("g", *parts, class_=kind)


def _curve(curve: Curve) -> str:
    (x, y), *rest = curve.points
    way = [f"M{_number(x)} {_number(y)}"]
    for next_x, next_y in rest:
        end = f"{_number(next_x)} {_number(next_y)}"
        middle = _number((x + next_x) / 2)
        level = f"{middle} {_number(y)} {middle} {_number(next_y)}"
        way.append(f"L{end}" if next_y == y else f"C{level} {end}")
        x, y = next_x, next_y
    names = _element("title", _text(f"{curve.source} → {curve.target}"))
    return _element("path", names, d=" ".join(way), marker_end="url(#tip)")


def shortened(label: str) -> str:
    """A label that fits its box: the middle of a long one is left out."""
    if len(label) <= LONGEST_LABEL:
        return label
    half = (LONGEST_LABEL - 1) // 2
    return f"{label[:half]}…{label[-half:]}"


def text_width(text: str, size: float) -> float:
    """How wide a text is about, on the generous side: which font a viewer has isn't known."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if character in "iljI.,:;'|!":
        return 0.34
    if character in 'ftr()[]/\\-" ':
        return 0.43
    if character in "mwMW@%":
        return 0.96
    if ord(character) > 0x2E80:
        return 1.05
    return 0.71 if character.isupper() or character == "_" else 0.61


def _label(text: str, x: float, y: float, size: float, **attributes: str | float) -> str:
    return _element("text", _text(text), x=x, y=y, font_size=size, **attributes)


def _element(tag: str, *content: str, **attributes: str | float) -> str:
    """An XML element; an underscore stands for the hyphen in a name, a final one for nothing."""
    given = "".join(
        f" {_attribute(name)}={quoteattr(value if isinstance(value, str) else _number(value))}"
        for name, value in attributes.items()
    )
    inner = "".join(content)
    return f"<{tag}{given}>{inner}</{tag}>" if inner else f"<{tag}{given}/>"


def _attribute(name: str) -> str:
    return name.removesuffix("_").replace("_", "-")


def _text(text: str) -> str:
    """Text for XML, without the characters that XML can't hold at all."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
