"""Diagnostics as people read them."""

from __future__ import annotations

from pathlib import Path

from rolewright.engine.views.errors_text import render_diagnostics
from rolewright.resources.diagnostics import Diagnostic, Severity, Source
from unit.views.samples import console, printed

MISSPELT = Diagnostic(
    "unknown-key",
    'unknown key "trsut"',
    detail="A role has trust, name and path.",
    hint='did you mean "trust"?',
    source=Source("rolewright.yaml", 4, 5),
    address="role.photo-reader",
)


def rendered(*diagnostics: Diagnostic, text: str | None = None, width: int = 100) -> str:
    on = console(width)
    render_diagnostics(diagnostics, on, read=lambda _: text)
    return printed(on)


def test_error_in_a_file() -> None:
    """An error shows the place with the line that is wrong, why, and what to do next."""
    assert rendered(MISSPELT, text="    trsut: ec2") == (
        'error: unknown key "trsut"\n'
        " --> rolewright.yaml:4:5\n"
        "  │\n"
        "4 │     trsut: ec2\n"
        "  │     ^\n"
        "  on role.photo-reader\n"
        "  A role has trust, name and path.\n"
        '  hint: did you mean "trust"?\n'
        "\n"
    )


def test_error_in_a_file_that_cannot_be_read() -> None:
    """Without the line the place is still named."""
    assert rendered(MISSPELT).startswith(
        'error: unknown key "trsut"\n --> rolewright.yaml:4:5\n  on role.photo-reader\n'
    )


def test_several_are_counted_and_each_told_once() -> None:
    """All findings are shown at once, with their number at the end."""
    missing = Diagnostic("missing", "no bucket", severity=Severity.WARNING)
    text = rendered(MISSPELT, missing, MISSPELT, Diagnostic("x", "other"))

    assert text.count("trsut") == 1
    assert "warning: no bucket\n" in text
    assert text.endswith("\n2 errors, 1 warning\n")


def test_address_in_the_summary_is_not_repeated() -> None:
    """What the summary names needs no line of its own."""
    told = Diagnostic("x", "role.a would be deleted", address="role.a")

    assert rendered(told) == "error: role.a would be deleted\n\n"


def test_long_source_line_is_cut_around_the_place() -> None:
    """The mark stays under what it marks however long the line is."""
    text = "x" * 150 + "HERE" + "y" * 150
    wrong = Diagnostic("x", "wrong", source=Source("f.yaml", 1, 151))
    shown = rendered(wrong, text=text, width=80).splitlines()

    assert all(len(line) <= 80 for line in shown)
    assert shown[3][shown[4].index("^")] == "H"


def test_source_line_is_read_from_the_file(tmp_path: Path) -> None:
    """The excerpt comes from the file; a line that isn't there, or no text, is left out."""
    file = tmp_path / "rolewright.yaml"
    file.write_bytes(b"stack: \xff\n\troles:\n")
    on = console(200)
    render_diagnostics(
        [
            Diagnostic("a", "first", source=Source(str(file), 1, 8)),
            Diagnostic("b", "second", source=Source(str(file), 2, 2)),
            Diagnostic("c", "third", source=Source(str(file), 9, 1)),
            Diagnostic("d", "fourth", source=Source(str(tmp_path), 1, 1)),
        ],
        on,
    )
    text = printed(on)

    assert "1 │ stack: \ufffd\n" in text
    assert "2 │  roles:\n  │  ^\n" in text
    assert text.count("│") == 6
