"""The tamper matrix as the table of docs/drift.md: `PYTHONPATH=tests python -m support.drift_table` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.harmless import HARMLESS
from support.tampers import MATRIX

PAGE = Path(__file__).parents[2] / "docs" / "drift.md"
BEGIN, END = (
    "<!-- the matrix: made by tests/support/drift_table.py -->",
    "<!-- end of the matrix -->",
)


def matrix() -> str:
    """Both halves of the matrix in Markdown."""
    return "\n".join([*_real(), "", *_harmless()])


def page_with_matrix(page: str) -> str:
    """The page with the matrix of now in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{matrix()}\n\n{END}{after}"


def _real() -> Iterator[str]:
    yield f"### {len(MATRIX)} that are found"
    yield ""
    yield "| what | done behind our back | found at | as | severity |"
    yield "|---|---|---|---|---|"
    for each in MATRIX:
        addresses, types, severities = zip(*each.expected, strict=True)
        cells = (", ".join(dict.fromkeys(one)) for one in (addresses, types, severities))
        yield f"| {each.area} | {each.name} | {' | '.join(cells)} |"


def _harmless() -> Iterator[str]:
    yield f"### {len(HARMLESS)} that are no drift"
    yield ""
    yield "| what | changed |"
    yield "|---|---|"
    for area, name, _ in HARMLESS:
        yield f"| {area} | {name} |"


if __name__ == "__main__":
    PAGE.write_text(page_with_matrix(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
